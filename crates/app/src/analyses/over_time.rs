//! An analysis in the light of the earlier ones of its plant: how figures stand against their baselines, what has changed
//! for good, and what became of the findings. Worked out once, when the analysis completes, and kept with it.

use std::collections::BTreeSet;

pub use analyzers::over_time::{
    Against, Change as Lasting, Changes, Comparison as Fates, Fate, Fated, History, KpiDifference, Series,
    Week,
};
use analyzers::{
    over_time::{against_baseline, compare, sustained},
    what_if::Sums,
};
use clients::blobs::{BlobError, Key, Kind};
use domain::{
    Analysis, Finding, Role, Settings,
    analysis::{EntityRef, Period},
    id::{AnalysisId, OrgId},
};
use jiff::{
    Timestamp,
    civil::{Date, date},
};
use store::{Tx, analyses};

use super::{load, present};
use crate::{Backing, Caller, Error, archive, deed};

/// Earlier analyses whose weeks are joined: three years of monthly uploads.
const EARLIER_MAX: u32 = 36;

/// Findings whose figure is kept week by week.
const FIGURES_MAX: usize = 60;

/// Sums of one analysis that later analyses and questions stand on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Basis {
    /// Of the tables of this analysis alone.
    pub history: History,
    /// What questions are asked of: the plant first (an empty scope), then the parts that findings name.
    pub sums: SumsOf,
}

/// Sums, each with the part of the plant that they are of.
pub type SumsOf = Vec<(Vec<EntityRef>, Sums)>;

/// An earlier analysis of the same plant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub id: AnalysisId,
    pub name: String,
    pub finished_at: Timestamp,
}

/// The figure of a finding, week by week over all uploads.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The finding's own id.
    pub finding: String,
    pub series: Series,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct OverTime {
    /// Newest first; their weeks are joined with this analysis' own.
    pub earlier: Vec<Earlier>,
    /// First and last week of all of them.
    pub span: Option<Period>,
    /// What is held against its baseline: the weeks that no earlier analysis knows, or else the newest.
    pub tested: Option<Period>,
    /// Why that period.
    pub tested_reason: String,
    pub against: Vec<Against>,
    pub changes: Changes,
    /// Against the newest of the earlier ones.
    pub fates: Option<Fates>,
    pub figures: Vec<Figure>,
}

impl OverTime {
    pub fn fate(&self, finding: &str) -> Option<&Fated> {
        self.fates.as_ref()?.findings.iter().find(|fated| fated.finding == finding)
    }

    pub fn figure(&self, finding: &str) -> Option<&Series> {
        self.figures.iter().find(|figure| figure.finding == finding).map(|figure| &figure.series)
    }
}

/// The key figure that the claim of a finding is about.
fn followed(type_: &str) -> &'static [&'static str] {
    match type_ {
        "energy_per_hour" => &["energy_per_hour"],
        "labor_efficiency" | "labor_efficiency_variance" | "run_time_degradation" | "standard_error" => {
            &["labor_efficiency"]
        }
        "labor_rate_variance" => &["labor_rate_ratio"],
        "material_price_variance" => &["material_price_ratio", "material_unit_price"],
        "material_usage_variance" | "material_utilization" => &["material_usage_ratio"],
        "rework_rate" => &["rework_ratio"],
        "scrap_rate" | "quality_shift" | "first_pass_yield" => &["scrap_ratio"],
        "setup_overrun" => &["setup_efficiency"],
        "late_orders_driver" | "late_release" => &["on_time_delivery", "lead_time"],
        "queue_time" => &["lead_time"],
        "order_overrun" => &["cost_ratio"],
        _ => &[],
    }
}

/// The series that a finding is about: of its own entity, or of the plant where it names none that is followed.
fn figure_of(history: &History, finding: &Finding) -> Option<Series> {
    let scopes = finding.entities.iter().map(std::slice::from_ref).chain([&[][..]]);
    for scope in scopes {
        for kpi in followed(finding.type_) {
            if let Some(series) = history.find(kpi, scope).filter(|series| series.weeks.len() > 1) {
                return Some(series.clone());
            }
        }
    }
    None
}

/// Puts an analysis in the light of earlier ones, the newest first.
pub(super) fn look_back(
    analysis: &Analysis,
    own: &History,
    earlier: &[(Earlier, History)],
    newest: Option<&Analysis>,
    settings: &Settings,
) -> OverTime {
    let before =
        earlier.iter().rev().fold(History::default(), |joined, (_, history)| joined.continued(history));
    let joined = before.continued(own);
    let (tested, tested_reason) = tested(analysis.period.as_ref(), before.span(), settings);
    let against = tested.as_ref().map_or_else(Vec::new, |tested| against_baseline(&joined, tested, settings));
    let ranked = analysis.findings_by_money();
    let figures = ranked
        .iter()
        .filter_map(|finding| {
            Some(Figure { finding: finding.id.clone(), series: figure_of(&joined, finding)? })
        })
        .take(FIGURES_MAX)
        .collect();
    let span =
        joined.span().and_then(|(first, last)| Some(Period { start: iso(first)?, end: iso(last + 6)? }));
    OverTime {
        earlier: earlier.iter().map(|(earlier, _)| earlier.clone()).collect(),
        span,
        tested,
        tested_reason,
        against,
        changes: sustained(&joined, settings),
        fates: newest
            .zip(earlier.first())
            .map(|(newest, (_, history))| compare((newest, history), (analysis, own))),
        figures,
    }
}

/// The weeks that only this analysis knows. Where it brings none, or is the first, the newest weeks of the settings' trend
/// period: what lies before them is the baseline.
fn tested(
    period: Option<&Period>,
    known: Option<(i32, i32)>,
    settings: &Settings,
) -> (Option<Period>, String) {
    let Some(period) = period else {
        return (None, "The rows carry no dates, so nothing can be held against an earlier time.".to_owned());
    };
    let (Some(first), Some(last)) = (day(&period.start), day(&period.end)) else {
        return (None, "The period of the data is not known.".to_owned());
    };
    if let Some((_, known_until)) = known {
        let start = (known_until + 7).max(first);
        if start + 6 <= last {
            let words = "The weeks since the analysis before, against the weeks before them.".to_owned();
            return (iso(start).map(|start| Period { start, end: period.end.clone() }), words);
        }
    }
    let days = settings.get("trend_analysis_period").max(7.0) as i32;
    let start = (last - days + 1).max(first);
    let words = format!("The last {days} days, against the time before them.");
    (iso(start).map(|start| Period { start, end: period.end.clone() }), words)
}

const EPOCH: Date = date(1970, 1, 1);

fn day(iso: &str) -> Option<i32> {
    Some(iso.parse::<Date>().ok()?.since((jiff::Unit::Day, EPOCH)).ok()?.get_days())
}

fn iso(day: i32) -> Option<String> {
    Some(EPOCH.checked_add(jiff::Span::new().try_days(day).ok()?).ok()?.to_string())
}

/// The earlier analyses of the same plant with their weekly sums, the newest first, and the whole result of the newest.
pub(super) async fn earlier(
    backing: &Backing,
    tx: &mut Tx,
    id: AnalysisId,
) -> Result<(Vec<(Earlier, History)>, Option<Analysis>), Error> {
    let org = tx.org();
    let runs = analyses::earlier(tx, id, EARLIER_MAX).await?;
    let mut known = Vec::new();
    let mut newest = None;
    for run in runs {
        let Some(history) = history(backing, org, run.id).await? else { continue };
        if newest.is_none()
            && let Some(key) = &run.document_key
        {
            newest = Some(archive::decode(&backing.blobs.read_bytes(&Key::of(org, key)?).await?)?);
        }
        let finished_at = run.finished_at.unwrap_or(run.created_at);
        known.push((Earlier { id: run.id, name: run.name, finished_at }, history));
    }
    Ok((known, newest))
}

/// The weekly sums of an analysis; those of an earlier release have none.
pub(super) async fn history(backing: &Backing, org: OrgId, id: AnalysisId) -> Result<Option<History>, Error> {
    kept(backing, &Key::new(org, Kind::Basis, id.0)).await
}

/// The sums that questions are asked of, by what they are of.
pub(super) async fn sums(backing: &Backing, org: OrgId, id: AnalysisId) -> Result<SumsOf, Error> {
    Ok(kept(backing, &Key::new(org, Kind::Sums, id.0)).await?.unwrap_or_default())
}

async fn kept<T: archive::Archived>(backing: &Backing, key: &Key) -> Result<Option<T>, Error> {
    match backing.blobs.read_bytes(key).await {
        Ok(bytes) => Ok(Some(archive::decode(&bytes)?)),
        Err(BlobError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Keeps them beside the result. Named by the analysis, so that a second run writes to the same place.
pub(super) async fn keep(
    backing: &Backing,
    org: OrgId,
    id: AnalysisId,
    basis: &Basis,
    over_time: &OverTime,
) -> Result<(), Error> {
    let [basis_key, sums_key, over_time_key] = keys(org, id);
    backing.blobs.write_bytes(&basis_key, archive::encode(&basis.history)).await?;
    backing.blobs.write_bytes(&sums_key, archive::encode(&basis.sums)).await?;
    backing.blobs.write_bytes(&over_time_key, archive::encode(over_time)).await?;
    Ok(())
}

/// Where they lie.
pub(super) fn keys(org: OrgId, id: AnalysisId) -> [Key; 3] {
    [Kind::Basis, Kind::Sums, Kind::OverTime].map(|kind| Key::new(org, kind, id.0))
}

/// What an analysis says in the light of earlier ones. One that was made before this was kept says nothing.
pub async fn over_time(backing: &Backing, caller: &Caller, id: AnalysisId) -> Result<OverTime, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = present(&mut tx, id).await?;
    tx.rollback().await?;
    if analysis.document_key.is_none() {
        return Err(Error::Conflict("the analysis has no result".to_owned()));
    }
    let key = Key::new(caller.actor.org, Kind::OverTime, id.0);
    Ok(kept(backing, &key).await?.unwrap_or_default())
}

/// What became of figures and findings from one analysis to another.
pub async fn fates(
    backing: &Backing,
    caller: &Caller,
    before: AnalysisId,
    after: AnalysisId,
) -> Result<Fates, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (before, after) = (present(&mut tx, before).await?, present(&mut tx, after).await?);
    tx.rollback().await?;
    let mut sides = Vec::new();
    for run in [&before, &after] {
        let analysis = load(backing, caller, run).await?;
        let history = history(backing, caller.actor.org, run.id).await?.unwrap_or_default();
        sides.push((analysis, history));
    }
    let [(before, was), (after, is)] = &sides[..] else { return Ok(Fates::default()) };
    Ok(compare((before, was), (after, is)))
}

/// The plant itself, and the parts that findings name and questions can be asked of.
pub(super) fn scopes(findings: &[Finding]) -> Vec<Vec<EntityRef>> {
    const ASKED: [&str; 8] = [
        "setup_overrun",
        "batch_size",
        "scrap_rate",
        "bottleneck",
        "queue_time",
        "late_orders_driver",
        "material_price_variance",
        "oee_loss",
    ];
    const SCOPES_MAX: usize = 12;
    let mut ranked: Vec<&Finding> = findings
        .iter()
        .filter(|finding| ASKED.contains(&finding.type_) && !finding.entities.is_empty())
        .collect();
    ranked.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id)));
    let mut scopes: BTreeSet<Vec<EntityRef>> = BTreeSet::new();
    for finding in ranked {
        if scopes.len() < SCOPES_MAX {
            scopes.insert(finding.entities.clone());
        }
    }
    std::iter::once(Vec::new()).chain(scopes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(start: &str, end: &str) -> Period {
        Period { start: start.to_owned(), end: end.to_owned() }
    }

    #[test]
    fn what_is_tested_is_no_part_of_its_own_baseline() {
        let settings = Settings::default();
        let own = period("2025-06-02", "2025-07-13");
        let known = day("2025-05-26").map(|last| (last - 350, last));
        let cases = [
            // The weeks after the last one that is known.
            (known, "2025-06-02"),
            // A week is known in part of the own data: tested from the next on.
            (day("2025-06-09").map(|last| (last - 350, last)), "2025-06-16"),
            // Nothing new, and nothing earlier: the newest 45 days, cut at the first day of the data.
            (day("2025-07-07").map(|last| (last - 350, last)), "2025-06-02"),
            (None, "2025-06-02"),
        ];
        for (known, start) in cases {
            let (tested, reason) = tested(Some(&own), known, &settings);
            assert_eq!(tested, Some(period(start, "2025-07-13")), "{reason}");
        }
        let year = period("2025-01-01", "2025-12-31");
        assert_eq!(tested(Some(&year), None, &settings).0, Some(period("2025-11-17", "2025-12-31")));
        assert_eq!(tested(None, None, &settings).0, None);
    }
}
