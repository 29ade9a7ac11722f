//! What changed settings would do: the tables of the newest analysis, analyzed again with other settings. Nothing is kept.

use domain::{Analysis, Currency, Finding, Role, Settings, analysis::EvidenceGrade, id::FacilityId};
use store::analyses::AnalysisState;

use super::{Changes, holding, settings};
use crate::{
    Backing, Caller, Error,
    analyses::{self, tables},
    deed,
};

/// Rows of an analysis that is worked out again while somebody waits.
const ROWS_MAX: i64 = 1_000_000;

/// A finding that comes or goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Its id, the same in every analysis.
    pub id: String,
    pub title: String,
    /// Money a year, where it is known.
    pub yearly: Option<f64>,
}

/// What would be different.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The analysis that was worked out again.
    pub analysis: domain::id::AnalysisId,
    pub analysis_name: String,
    pub currency: Currency,
    /// Findings that would not be made any more, the largest money first.
    pub dropped: Vec<Moved>,
    /// Findings that would be made.
    pub appeared: Vec<Moved>,
    /// Findings of both.
    pub kept: usize,
    /// What could be recovered in a year, before and after.
    pub recoverable: (f64, f64),
    /// Settings that differ and had no say in these data, each with the reason.
    pub inactive: Vec<(&'static str, String)>,
}

/// Works the newest analysis of a plant, or of the organisation, out again with a preset and changes.
pub async fn preview(
    backing: &Backing,
    caller: &Caller,
    facility: Option<FacilityId>,
    preset: Option<&str>,
    changes: Option<&Changes>,
) -> Result<Preview, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (kept, _) = holding(&mut tx, facility).await?;
    let filter = store::analyses::Filter {
        state: Some(AnalysisState::Completed),
        facility,
        ..store::analyses::Filter::default()
    };
    let newest =
        store::analyses::list(&mut tx, filter, store::Page::first(1)).await?.items.into_iter().next();
    tx.rollback().await?;
    let Some(run) = newest else {
        return Err(Error::Conflict("there is no analysis yet that could be worked out again".to_owned()));
    };
    if run.rows_used > ROWS_MAX {
        return Err(Error::Conflict(format!(
            "{} has {} rows, too many to work out while you wait; save the settings and run the analysis again",
            run.name, run.rows_used
        )));
    }
    let wanted = match (preset, changes) {
        (None, None) => kept,
        (preset, changes) => {
            let preset = preset.unwrap_or(kept.preset.as_str());
            settings::settings(preset, changes.unwrap_or(&Changes::new()))?
        }
    };
    let before = analyses::result(backing, caller, run.id).await?;
    let tables = tables::tables(backing, caller, run.id).await?;
    let used = wanted.clone();
    let after = tables.analyze(used).await?;
    Ok(compare(&run, &before, &after, &wanted))
}

fn compare(
    run: &store::analyses::Analysis,
    before: &Analysis,
    after: &Analysis,
    wanted: &Settings,
) -> Preview {
    let without = |one: &Analysis, other: &Analysis| -> Vec<Moved> {
        let told = one.findings_by_money();
        told.into_iter()
            .filter(|finding| other.findings.iter().all(|known| known.id != finding.id))
            .map(moved)
            .collect()
    };
    let earlier = before.settings.iter().map(|setting| (setting.name, setting.value));
    let changed: Vec<&str> =
        earlier.filter(|(name, value)| wanted.get(name) != *value).map(|(name, _)| name).collect();
    Preview {
        analysis: run.id,
        analysis_name: run.name.clone(),
        currency: after.currency.clone(),
        dropped: without(before, after),
        appeared: without(after, before),
        kept: after.findings.iter().filter(|one| before.findings.iter().any(|old| old.id == one.id)).count(),
        recoverable: (recoverable(before), recoverable(after)),
        inactive: after
            .settings
            .iter()
            .filter(|setting| changed.contains(&setting.name))
            .filter_map(|setting| Some((setting.name, setting.reason.clone()?)))
            .collect(),
    }
}

fn moved(finding: &Finding) -> Moved {
    let yearly = finding.impact.as_ref().map(|impact| impact.annualized.to_f64());
    Moved { id: finding.id.clone(), title: finding.title.clone(), yearly }
}

/// What the findings that count call addressable, at the pace of a year.
fn recoverable(analysis: &Analysis) -> f64 {
    let counts = |finding: &&Finding| {
        finding.evidence_grade != EvidenceGrade::Hint && finding.type_ != "order_overrun"
    };
    analysis
        .findings
        .iter()
        .filter(counts)
        .filter_map(|finding| finding.impact.as_ref())
        .map(|impact| {
            let (value, year) = (impact.value.to_f64(), impact.annualized.to_f64());
            let scale = if value.abs() > 0.0 { year / value } else { 1.0 };
            (impact.addressable.to_f64() * scale).max(0.0)
        })
        .sum()
}
