//! The proposal: beliefs in rounds, one assignment, units, probabilities, reasons.

use domain::{
    ColumnMapping, Mapping, TableProfile,
    mapping::{Alternative, Status},
};

use crate::{
    assign,
    candidate::Candidate,
    combine::{Scores, softmax},
    evidence, grain, judge,
    knowledge::Knowledge,
    matchers::{self, Beliefs, Signals},
    remembered::Remembered,
    unit,
    view::{Grain, View},
};

/// Rounds of belief: names first, then with the grain and the neighbours known.
const ROUNDS: usize = 3;
/// Alternatives that are told.
const TOLD: usize = 5;

/// Proposes what every column of a table means.
pub fn propose(table: &TableProfile, knowledge: &Knowledge, remembered: &Remembered) -> Mapping {
    let view = View::of(table, knowledge, remembered);
    let deliberation = deliberate(&view);
    conclude(table, &view, &deliberation)
}

/// What was thought before the conclusion; the calibration looks at it too.
#[derive(Debug)]
pub(crate) struct Deliberation {
    pub(crate) signals: Signals,
    pub(crate) own: Vec<Vec<f64>>,
    pub(crate) given: Vec<Vec<f64>>,
    pub(crate) fields: Vec<Candidate>,
    pub(crate) grain: grain::Decision,
}

pub(crate) fn deliberate(view: &View<'_>) -> Deliberation {
    let weights = &view.knowledge.weights;
    let mut beliefs = Beliefs { grain: Grain::unknown(), columns: Vec::new() };
    let mut signals = matchers::run(view, &beliefs);
    let mut scores = Scores::weigh(&signals, weights, view.len());
    let mut decision = None;
    for _ in 1..ROUNDS {
        beliefs.columns = scores.probabilities();
        let decided = grain::decide(view, &beliefs);
        beliefs.grain = decided.grain;
        decision = Some(decided);
        signals = matchers::run(view, &beliefs);
        scores = Scores::weigh(&signals, weights, view.len());
    }
    let grain = decision.unwrap_or_else(|| grain::decide(view, &beliefs));
    let (fields, given) = assign::assign(view, &scores);
    Deliberation { signals, own: scores.probabilities(), given, fields, grain }
}

fn conclude(table: &TableProfile, view: &View<'_>, deliberation: &Deliberation) -> Mapping {
    let Deliberation { signals, own, given, fields, grain: decision } = deliberation;
    let granularity = decision.grain.best();
    let units = unit::units(view, fields);
    let repeated = view.recall.likeness > 0.999;
    let mut columns: Vec<ColumnMapping> = (0..view.len())
        .map(|column| {
            let confirmed = view.recall.columns.get(column).and_then(Option::as_ref).filter(|_| repeated);
            let chosen = confirmed.map_or(fields[column], |confirmed| Candidate::of_option(confirmed.field));
            let features =
                judge::features(view, column, chosen, signals, &given[column], &own[column], decision.grain);
            let (confidence, status) = if confirmed.is_some() {
                let left_out = chosen == Candidate::LEFT_OUT;
                (0.999, if left_out { Status::Unused } else { Status::Sure })
            } else {
                let confidence = judge::probability(&view.knowledge.weights, &features);
                (confidence, judge::status(chosen, confidence))
            };
            let profile = view.columns[column];
            let unit = units[column].as_ref();
            ColumnMapping {
                index: profile.index,
                source: profile.header.clone(),
                field: chosen.field(),
                confidence,
                status,
                unit: unit.map(|stated| stated.unit),
                format: profile.format.clone(),
                alternatives: alternatives(&given[column], chosen, confidence),
                evidence: evidence::of_column(view, column, chosen, fields, signals, unit, granularity),
            }
        })
        .collect();
    columns.sort_by_key(|column| column.index);
    let grain_columns = grain::key_columns(view, fields, granularity)
        .into_iter()
        .filter_map(|column| view.columns.get(column).map(|profile| profile.index))
        .collect();
    Mapping {
        file: table.file.clone(),
        rows: table.rows,
        source_system: view.systems.named(view.knowledge),
        granularity,
        granularity_evidence: evidence::of_grain(view, decision),
        grain_columns,
        columns,
        issues: Vec::new(),
    }
}

/// Other meanings, likeliest first; together with the chosen one they share what probability is left.
fn alternatives(given: &[f64], chosen: Candidate, confidence: f64) -> Vec<Alternative> {
    let probabilities = softmax(given);
    let mut others: Vec<(Candidate, f64)> = Candidate::all()
        .filter(|candidate| *candidate != chosen)
        .filter_map(|candidate| Some((candidate, *probabilities.get(candidate.idx())?)))
        .collect();
    others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let rest: f64 = others.iter().map(|(_, probability)| probability).sum();
    let scale = if rest > 0.0 { (1.0 - confidence) / rest } else { 0.0 };
    others
        .into_iter()
        .take(TOLD)
        .map(|(candidate, probability)| Alternative {
            field: candidate.field(),
            confidence: probability * scale,
        })
        .filter(|alternative| alternative.confidence >= 0.001)
        .collect()
}

/// Proposes for several files of one plant: what one file settles helps the others through shared keys.
pub fn propose_all(tables: &[TableProfile], knowledge: &Knowledge, remembered: &Remembered) -> Vec<Mapping> {
    tables.iter().map(|table| propose(table, knowledge, remembered)).collect()
}
