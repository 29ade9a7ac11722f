//! All data of an organisation: which of its analyses a question ranges over, and their tables as one. What a newer analysis of the plant
//! holds is not counted again; money in different currencies is not added up. Every answer says which analyses it covers.

use std::collections::{BTreeMap, BTreeSet};

use analyzers::{
    Limits,
    canonical::union::{Given, Part, union},
};
use assistant::{
    Language, number,
    word::{Answer, Citation},
};
use domain::{
    Analysis,
    analysis::{Period, Rows, Totals},
    id::{AnalysisId, FacilityId},
};
use store::{Tx, analyses, facilities};
use uuid::Uuid;

use super::Data;
use crate::{
    Backing, Caller, Error, Scratch, analyses as runs,
    analyses::tables::{self, Tables},
    behind,
    configurations::settings,
    deed,
};

/// Analyses that a question ranges over.
const MOST: usize = 12;
/// Analyses that are looked at for it.
const LISTED: u32 = 200;
/// Names that an answer states.
const NAMED: usize = 6;

/// An analysis that may be covered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) id: AnalysisId,
    name: String,
    facility: Option<FacilityId>,
    facility_name: String,
    datasets: Vec<Uuid>,
    currency: String,
}

impl Candidate {
    /// What it is and what it is of.
    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        std::iter::once(self.id.0).chain(self.datasets.iter().copied())
    }
}

/// Why an analysis is not covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Its amounts are in another currency.
    Currency(String),
    /// There are too many.
    Many,
    /// The upload behind it was deleted.
    Gone,
}

/// An analysis that is covered.
#[derive(Debug, Clone, PartialEq)]
pub struct Covered {
    pub id: AnalysisId,
    pub name: String,
    pub facility: String,
    /// Orders that a newer one holds, too, and that count there.
    pub orders_repeated: u64,
    /// Whether its findings are told: it is the newest of its plant.
    pub tells: bool,
}

/// What an answer over all data rests on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cover {
    /// The newest first.
    pub analyses: Vec<Covered>,
    pub left: Vec<(String, Why)>,
    /// Files as they are named here, with their analysis and their own name.
    files: BTreeMap<String, (AnalysisId, String)>,
    /// Findings with the analysis that tells them.
    findings: BTreeMap<String, AnalysisId>,
}

/// The complete analyses, the newest first.
pub(super) async fn candidates(tx: &mut Tx) -> Result<Vec<Candidate>, Error> {
    let facilities = facilities::list(tx, true).await?;
    let named = |run: analyses::Completed| {
        let facility = facilities.iter().find(|one| Some(one.id) == run.facility_id);
        Candidate {
            id: run.id,
            name: run.name,
            facility: run.facility_id,
            facility_name: facility.map(|one| one.name.clone()).unwrap_or_default(),
            datasets: run.datasets,
            currency: run.currency.unwrap_or_default(),
        }
    };
    Ok(analyses::completed(tx, LISTED).await?.into_iter().map(named).collect())
}

/// Those that hold something that no newer one holds, and those that are left out though they may.
pub(super) fn choose(candidates: &[Candidate]) -> (Vec<&Candidate>, Vec<(String, Why)>) {
    let (mut chosen, mut left): (Vec<&Candidate>, Vec<(String, Why)>) = Default::default();
    let mut held: BTreeSet<Uuid> = BTreeSet::new();
    let currency = candidates.iter().find(|one| !one.datasets.is_empty()).map(|one| one.currency.clone());
    for one in candidates {
        let why = if one.datasets.is_empty() {
            Some(Why::Gone)
        } else if one.datasets.iter().all(|dataset| held.contains(dataset)) {
            // The same uploads, analyzed again since.
            continue;
        } else if Some(&one.currency) != currency.as_ref() {
            Some(Why::Currency(one.currency.clone()))
        } else {
            (chosen.len() >= MOST).then_some(Why::Many)
        };
        if let Some(why) = why {
            left.push((one.name.clone(), why));
            continue;
        }
        held.extend(&one.datasets);
        chosen.push(one);
    }
    (chosen, left)
}

/// The plant of each: its facility, or that of a newer one with which it shares an upload.
fn plants(chosen: &[&Candidate]) -> Vec<String> {
    let mut plants: Vec<String> = Vec::new();
    for (at, one) in chosen.iter().enumerate() {
        let shares = (0..at)
            .find(|newer| chosen[*newer].datasets.iter().any(|dataset| one.datasets.contains(dataset)));
        plants.push(match (shares, one.facility) {
            (Some(newer), _) => plants[newer].clone(),
            (None, Some(facility)) => facility.to_string(),
            (None, None) => String::new(),
        });
    }
    plants
}

/// Lays out the chosen ones and puts them together.
pub(super) async fn make(
    backing: &Backing,
    caller: &Caller,
    candidates: &[Candidate],
) -> Result<(Data, Tables), Error> {
    let (chosen, left) = choose(candidates);
    let Some(newest) = chosen.first() else { return Err(none_yet()) };
    let settings = {
        let mut tx = deed::begin(backing, caller).await?;
        let run = analyses::get(&mut tx, newest.id).await?.ok_or(Error::NotFound("analysis"))?;
        tx.rollback().await?;
        settings::restore(&run.settings)?
    };
    let mut parts = Vec::new();
    for one in &chosen {
        let result = runs::result(backing, caller, one.id).await?;
        parts.push((result, tables::tables(backing, caller, one.id).await?));
    }
    let plants = plants(&chosen);
    let mut cover = Cover { left, ..Cover::default() };
    for (at, one) in chosen.iter().enumerate() {
        cover.analyses.push(Covered {
            id: one.id,
            name: one.name.clone(),
            facility: one.facility_name.clone(),
            orders_repeated: 0,
            tells: !plants[..at].contains(&plants[at]),
        });
    }
    let facilities: Vec<String> = chosen.iter().map(|one| one.facility_name.clone()).collect();
    behind::run(move || {
        let (tables, given) = together(&parts, &plants, &settings)?;
        let results: Vec<&Analysis> = parts.iter().map(|(result, _)| result).collect();
        for (covered, given) in cover.analyses.iter_mut().zip(&given) {
            covered.orders_repeated = given.orders_repeated;
        }
        let analysis = merged(&results, &facilities, &mut cover);
        let mut canonical = tables.canonical().clone();
        cover.name_files(
            &mut canonical.files,
            parts.iter().map(|(_, tables)| tables.canonical().files.clone()),
        );
        let data = Data { cover: Some(cover), ..Data::new(canonical, analysis, settings)? };
        Ok((data, tables))
    })
    .await
}

pub(super) fn none_yet() -> Error {
    Error::Conflict("there is no complete analysis to ask yet; upload an export first".to_owned())
}

/// The tables of all; of a single one, as they are.
fn together(
    parts: &[(Analysis, Tables)],
    plants: &[String],
    settings: &domain::Settings,
) -> Result<(Tables, Vec<Given>), Error> {
    let scratch = Scratch::new()?;
    let limits = Limits::new(scratch.folder("spill")?).saying(settings);
    let day = |text: &str| text.parse().ok();
    let parts: Vec<Part<'_>> = parts
        .iter()
        .zip(plants)
        .map(|((result, tables), plant)| Part {
            canonical: tables.canonical(),
            plant,
            period: result.period.as_ref().and_then(|period| Some((day(&period.start)?, day(&period.end)?))),
        })
        .collect();
    let (canonical, given) = union(&parts, &scratch.folder("canonical")?, &limits)?;
    let tables = Tables::prepared(canonical, scratch)?;
    Ok((tables, given))
}

/// What the analyses say together: findings and sums of the newest of each plant, guidance of the newest of all. Key figures are worked
/// out anew from the rows.
fn merged(results: &[&Analysis], facilities: &[String], cover: &mut Cover) -> Analysis {
    let mut all = results[0].clone();
    if results.len() == 1 {
        let findings = all.findings.iter().map(|finding| (finding.id.clone(), cover.analyses[0].id));
        cover.findings = findings.collect();
        return all;
    }
    all.kpis.clear();
    all.charts.clear();
    all.findings.clear();
    all.rows = Rows::default();
    let several = facilities.iter().collect::<BTreeSet<_>>().len() > 1;
    for (at, result) in results.iter().enumerate() {
        if let Some(period) = &result.period {
            let own = all.period.get_or_insert_with(|| period.clone());
            *own = Period {
                start: own.start.clone().min(period.start.clone()),
                end: own.end.clone().max(period.end.clone()),
            };
        }
        all.rows.read += result.rows.read;
        all.rows.used += result.rows.used;
        all.rows.set_aside.extend(result.rows.set_aside.iter().cloned());
        if !cover.analyses[at].tells {
            continue;
        }
        if at > 0 {
            add(&mut all.totals, &result.totals);
        }
        for finding in &result.findings {
            // Two plants may have machines of one name: a finding keeps its place by its own id, and is named with its plant.
            let mut finding = finding.clone();
            if several && !facilities[at].is_empty() {
                finding.title = format!("{}: {}", facilities[at], finding.title);
            }
            cover.findings.entry(finding.id.clone()).or_insert(cover.analyses[at].id);
            all.findings.push(finding);
        }
    }
    all.findings.sort_by(|a, b| b.priority.cmp(&a.priority).then(a.id.cmp(&b.id)));
    all
}

fn add(sum: &mut Totals, other: &Totals) {
    sum.planned_cost.amount += other.planned_cost.amount;
    sum.actual_cost.amount += other.actual_cost.amount;
    sum.variance.amount += other.variance.amount;
    sum.explained.amount += other.explained.amount;
    sum.remainder.amount += other.remainder.amount;
    for (name, amount) in &other.parts {
        match sum.parts.iter_mut().find(|(known, _)| known == name) {
            Some((_, own)) => own.amount += amount.amount,
            None => sum.parts.push((name.clone(), amount.clone())),
        }
    }
}

impl Cover {
    /// The newest analysis of all.
    pub fn newest(&self) -> Option<AnalysisId> {
        self.analyses.first().map(|one| one.id)
    }

    /// Two analyses may have files of one name: from the second on they are named with their analysis.
    fn name_files(&mut self, files: &mut [String], parts: impl Iterator<Item = Vec<String>>) {
        let mut at = 0;
        for (part, own) in parts.enumerate() {
            for file in own {
                let mut name = file.clone();
                let mut n = 1;
                while self.files.contains_key(&name) {
                    let which = if n == 1 { String::new() } else { format!(" {n}") };
                    name = format!("{file} ({}{which})", self.analyses[part].name);
                    n += 1;
                }
                files[at].clone_from(&name);
                self.files.insert(name, (self.analyses[part].id, file));
                at += 1;
            }
        }
    }

    /// Says with each row and finding of an answer which analysis opens it.
    pub(super) fn place(&self, answer: &mut Answer) {
        for citation in &mut answer.citations {
            match citation {
                Citation::Row { file, analysis, .. } => {
                    if let Some((of, own)) = self.files.get(file) {
                        *analysis = Some(of.to_string());
                        file.clone_from(own);
                    }
                }
                Citation::Finding { id, analysis, .. } => {
                    *analysis = self.findings.get(id).map(ToString::to_string);
                }
            }
        }
    }

    /// Which analyses an answer covers, in its language.
    pub(super) fn words(&self, language: Language, of_findings: bool) -> Vec<String> {
        let mut words = Vec::new();
        let count = |n: u64| number::fixed(n as f64, 0, language);
        let named = |all: Vec<String>| {
            let more = all.len().saturating_sub(NAMED);
            let mut named = all.into_iter().take(NAMED).collect::<Vec<_>>().join("; ");
            if more > 0 {
                named.push_str(&format!("; +{more}"));
            }
            named
        };
        let label = |one: &Covered| {
            if one.facility.is_empty() {
                one.name.clone()
            } else {
                format!("{} ({})", one.name, one.facility)
            }
        };
        let all = named(self.analyses.iter().map(label).collect());
        let n = count(self.analyses.len() as u64);
        words.push(if self.analyses.len() == 1 {
            language.pick([
                format!("This covers one analysis: {all}."),
                format!("Das umfasst eine Analyse: {all}."),
                format!("Esto abarca un análisis: {all}."),
            ])
        } else {
            language.pick([
                format!("This covers {n} analyses: {all}."),
                format!("Das umfasst {n} Analysen: {all}."),
                format!("Esto abarca {n} análisis: {all}."),
            ])
        });
        let repeated: u64 = self.analyses.iter().map(|one| one.orders_repeated).sum();
        if repeated > 0 {
            let n = count(repeated);
            words.push(language.pick([
                format!("{n} orders stand in more than one of them; each counts once, as the newest has it."),
                format!("{n} Aufträge stehen in mehr als einer davon; jeder zählt einmal, wie ihn die neueste hat."),
                format!("{n} órdenes figuran en más de uno; cada una cuenta una vez, como la tiene el más reciente."),
            ]));
        }
        if of_findings && self.analyses.iter().any(|one| !one.tells) {
            let told = named(self.analyses.iter().filter(|one| one.tells).map(label).collect());
            words.push(language.pick([
                format!("Findings and totals are those of the newest analysis of each plant: {told}."),
                format!("Befunde und Summen sind die der neuesten Analyse jedes Werks: {told}."),
                format!("Los hallazgos y totales son los del análisis más reciente de cada planta: {told}."),
            ]));
        }
        if !self.left.is_empty() {
            let left = named(
                self.left.iter().map(|(name, why)| format!("{name} ({})", why.words(language))).collect(),
            );
            words.push(language.pick([
                format!("Not covered: {left}."),
                format!("Nicht enthalten: {left}."),
                format!("No incluidos: {left}."),
            ]));
        }
        words
    }
}

impl Why {
    fn words(&self, language: Language) -> String {
        match self {
            Self::Currency(currency) => language.pick([
                format!("amounts in {currency}"),
                format!("Beträge in {currency}"),
                format!("importes en {currency}"),
            ]),
            Self::Many => {
                language.pick(["too many analyses", "zu viele Analysen", "demasiados análisis"]).to_owned()
            }
            Self::Gone => language
                .pick(["its upload was deleted", "ihr Upload wurde gelöscht", "su carga fue eliminada"])
                .to_owned(),
        }
    }
}

/// The candidates of a caller.
pub(super) async fn of(backing: &Backing, caller: &Caller) -> Result<Vec<Candidate>, Error> {
    let mut tx = deed::begin(backing, caller).await?;
    let found = candidates(&mut tx).await?;
    tx.rollback().await?;
    if choose(&found).0.is_empty() {
        return Err(none_yet());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(id: u128, facility: Option<u128>, datasets: &[u128], currency: &str) -> Candidate {
        Candidate {
            id: AnalysisId(Uuid::from_u128(id)),
            name: format!("run {id}"),
            facility: facility.map(|id| FacilityId(Uuid::from_u128(id))),
            facility_name: String::new(),
            datasets: datasets.iter().copied().map(Uuid::from_u128).collect(),
            currency: currency.to_owned(),
        }
    }

    #[test]
    fn the_same_uploads_count_once_and_another_currency_is_left_out() {
        let all = [
            candidate(9, Some(1), &[1, 2], "USD"),
            candidate(8, Some(2), &[3], "EUR"),
            candidate(7, Some(1), &[2], "USD"),
            candidate(6, Some(1), &[2, 4], "USD"),
            candidate(5, None, &[], "USD"),
            candidate(4, None, &[5], "USD"),
        ];
        let (chosen, left) = choose(&all);
        assert_eq!(chosen.iter().map(|one| one.id.0.as_u128()).collect::<Vec<_>>(), [9, 6, 4]);
        assert_eq!(
            left,
            [("run 8".to_owned(), Why::Currency("EUR".to_owned())), ("run 5".to_owned(), Why::Gone)]
        );
        let plants = plants(&chosen);
        assert!(plants[0] == plants[1] && plants[2].is_empty());
        let many: Vec<Candidate> = (0..20).map(|id| candidate(id, None, &[id], "USD")).collect();
        let (chosen, left) = choose(&many);
        assert_eq!((chosen.len(), left.len()), (MOST, 20 - MOST));
    }
}
