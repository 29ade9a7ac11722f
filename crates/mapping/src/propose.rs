//! The proposal: beliefs in rounds, one assignment, units, probabilities, reasons.

use domain::{
    ColumnMapping, Granularity, Mapping, TableProfile,
    mapping::{Alternative, Detail, Status},
};

use crate::{
    assign,
    candidate::Candidate,
    choice,
    combine::{Scores, softmax},
    evidence, grain,
    judge::{self, Decided},
    knowledge::Knowledge,
    matchers::{self, Beliefs, Signal, Signals, kind},
    plant,
    remembered::Remembered,
    unit, unnamed_orders,
    view::{Grain, View},
};

/// Rounds of belief: names first, then with the grain and the neighbours known.
const ROUNDS: usize = 3;
/// What a field is worth at most whose values cannot be read as what it holds. `calibrate` counts such columns: in the 233
/// labelled exports 11 were named so, all rightly, which is too few to promise anything, and none of them held words under the
/// name of a number. So no more than an even chance is claimed and a person has to look.
const UNREAD: f64 = 0.5;
/// Alternatives that are told.
const TOLD: usize = 5;

/// Proposes what every column of a table means.
pub fn propose(table: &TableProfile, knowledge: &Knowledge, remembered: &Remembered) -> Mapping {
    let view = View::of(table, knowledge, remembered);
    let deliberation = deliberate(&view, None);
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
    /// Per column how much the last choice believed in what it chose; empty where there was none.
    pub(crate) shares: Vec<f64>,
}

/// What is believed of the columns before the grain is known.
pub(crate) fn first_beliefs(view: &View<'_>) -> Beliefs {
    let mut beliefs = Beliefs { grain: Grain::unknown(), columns: Vec::new(), items_hinted: false };
    let signals = matchers::run(view, &beliefs);
    beliefs.columns = Scores::weigh(&signals, &view.knowledge.weights, view.len()).probabilities();
    beliefs
}

/// Forms beliefs in rounds; a grain that is known beforehand is not questioned.
pub(crate) fn deliberate(view: &View<'_>, known: Option<Granularity>) -> Deliberation {
    let weights = &view.knowledge.weights;
    let mut beliefs = first_beliefs(view);
    let mut decision = grain::decide(view, &beliefs);
    beliefs.items_hinted = true;
    let (mut signals, mut scores);
    let mut round = 1;
    loop {
        if let Some(known) = known {
            decision.grain = Grain::certain(known);
        }
        beliefs.grain = decision.grain;
        signals = matchers::run(view, &beliefs);
        scores = Scores::weigh(&signals, weights, view.len());
        round += 1;
        if round == ROUNDS {
            break;
        }
        beliefs.columns = scores.probabilities();
    }
    let (fields, given) = assign::assign(view, &scores);
    let mut thought = Deliberation {
        signals,
        own: scores.probabilities(),
        given,
        fields,
        grain: decision,
        shares: Vec::new(),
    };
    choice::choose(view, &mut thought);
    thought
}

fn conclude(table: &TableProfile, view: &View<'_>, deliberation: &Deliberation) -> Mapping {
    let Deliberation { signals, given, fields, grain: decision, .. } = deliberation;
    let granularity = decision.grain.best();
    let units = unit::units(view, fields);
    let repeated = view.recall.likeness > 0.999;
    let mut columns: Vec<ColumnMapping> = (0..view.len())
        .map(|column| {
            let confirmed = view.recall.columns.get(column).and_then(Option::as_ref).filter(|_| repeated);
            let chosen = confirmed.map_or(fields[column], |confirmed| Candidate::of_option(confirmed.field));
            let features = judge::features(&Decided { view, column, chosen, thought: deliberation });
            let (confidence, status) = if confirmed.is_some() {
                let left_out = chosen == Candidate::LEFT_OUT;
                (0.999, if left_out { Status::Unused } else { Status::Sure })
            } else {
                let confidence = judge::probability(&view.knowledge.weights, chosen, &features);
                let unread = kind::cannot_be(chosen, signals.get(column, chosen, Signal::Kind));
                let confidence = if unread { confidence.min(UNREAD) } else { confidence };
                (confidence, judge::status(&view.knowledge.weights, chosen, confidence))
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
                matched_by: evidence::matched_by(view, column, chosen, signals),
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
        detail: if repeated { view.recall.detail } else { Detail::Keep },
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
    let mut views: Vec<View<'_>> =
        tables.iter().map(|table| View::of(table, knowledge, remembered)).collect();
    let mut thoughts: Vec<Deliberation> = views.iter().map(|view| deliberate(view, None)).collect();
    if tables.len() > 1 {
        let hints = plant::hints(&views, &thoughts);
        for (view, hints) in views.iter_mut().zip(hints) {
            view.hints = hints;
        }
        thoughts = views.iter().map(|view| deliberate(view, None)).collect();
    }
    let mut mappings = concluded(tables, &views, &thoughts);
    unnamed_orders::name(tables, &views, &mut mappings);
    // Where the orders told what a row is, its columns are thought of again with that known.
    let mut thought_again = false;
    for ((view, thought), mapping) in views.iter().zip(&mut thoughts).zip(&mappings) {
        if thought.grain.grain.best() != mapping.granularity {
            *thought = deliberate(view, Some(mapping.granularity));
            thought_again = true;
        }
    }
    if thought_again {
        mappings = concluded(tables, &views, &thoughts);
        unnamed_orders::name(tables, &views, &mut mappings);
    }
    mappings
}

fn concluded(tables: &[TableProfile], views: &[View<'_>], thoughts: &[Deliberation]) -> Vec<Mapping> {
    tables
        .iter()
        .zip(views.iter().zip(thoughts))
        .map(|(table, (view, thought))| conclude(table, view, thought))
        .collect()
}
