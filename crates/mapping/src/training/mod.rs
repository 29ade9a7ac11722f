//! Learns the weights of the signals and the calibration from labelled tables, each judged by knowledge that lacks its
//! own system. Used by `examples/calibrate.rs`, which writes the result into `knowledge/`; never at run time.

mod choosing;
mod files;
mod judging;

use std::{collections::BTreeMap, fmt::Write as _};

use files::{calibration_file, decisions, weights_file};
use judging::{FOLDS, figures_of_unseen, fit_judge, honest, honesty, isotonic, sure_from, unread};

use domain::{ColumnProfile, Granularity, TableProfile, ValueKind};
use ontology::FieldId;

use crate::{
    candidate::Candidate,
    combine::softmax,
    evaluation::{TrueColumn, Truth},
    grain::{self, GrainWeights},
    judge::{self, Decided},
    knowledge::{JUDGED, Knowledge, Meaning, Weights},
    matchers::{Signal, kind},
    pairs,
    propose::{deliberate, first_beliefs},
    remembered::Remembered,
    view::View,
};

pub use crate::knowledge::same_family;

/// A labelled table, and which of several bodies of knowledge may be used on it.
#[derive(Debug)]
pub struct Lesson<'a> {
    pub table: &'a TableProfile,
    pub truth: &'a Truth,
    pub knowledge: usize,
    /// How much it counts: tables with values more than lists of names.
    pub weight: f64,
}

/// Columns of one table with their meanings.
type Named<'a> = Vec<(&'static str, &'a Meaning, Option<Granularity>)>;

/// The tables of the dictionary as labelled tables without rows, with the system they belong to. They show how names
/// are read where a system is not known.
pub fn known_tables() -> Vec<(String, TableProfile, Truth)> {
    let dictionary = &Knowledge::shipped().dictionary;
    let mut tables: BTreeMap<(u16, u16, &str), Named<'_>> = BTreeMap::new();
    for entry in dictionary.entries() {
        let columns = tables.entry((entry.system, entry.table, entry.language)).or_default();
        if !columns.iter().any(|(column, ..)| *column == entry.column) {
            columns.push((entry.column, &entry.meaning, entry.granularity));
        }
    }
    tables
        .into_iter()
        .filter(|(_, columns)| (4..=120).contains(&columns.len()))
        .map(|((system, table, language), columns)| {
            let system = dictionary.systems().get(usize::from(system)).cloned().unwrap_or_default();
            let name = format!("{system} {} {language}", dictionary.table(table));
            let labels = columns
                .iter()
                .map(|(column, meaning, _)| TrueColumn {
                    source: (*column).to_owned(),
                    fields: match meaning {
                        Meaning::Unmapped => Vec::new(),
                        Meaning::Fields(fields) => {
                            fields.iter().map(|field| field.as_str().to_owned()).collect()
                        }
                    },
                })
                .collect();
            let granularity = columns.first().and_then(|(.., granularity)| *granularity);
            let columns =
                columns.iter().enumerate().map(|(index, (header, ..))| name_only(index, header)).collect();
            let table = TableProfile {
                file: name.clone(),
                part: None,
                rows: 0,
                sample_rows: Vec::new(),
                columns,
                issues: Vec::new(),
            };
            (system, table, Truth { case: name, columns: labels, granularity, system: None })
        })
        .collect()
}

/// A table of which only the names of the columns are known.
pub fn names_only(file: &str, headers: &[&str]) -> TableProfile {
    let columns = headers.iter().enumerate().map(|(index, header)| name_only(index, header)).collect();
    TableProfile {
        file: file.to_owned(),
        part: None,
        rows: 0,
        sample_rows: Vec::new(),
        columns,
        issues: Vec::new(),
    }
}

fn name_only(index: usize, header: &str) -> ColumnProfile {
    ColumnProfile {
        index,
        header: header.to_owned(),
        kind: ValueKind::Empty,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled: 0,
        empty: 0,
        unreadable: 0,
        distinct: 0,
        min: None,
        max: None,
        mean: None,
        negative: 0,
        zero: 0,
        length_min: 0,
        length_max: 0,
        top: Vec::new(),
        sample: Vec::new(),
        sample_raw: Vec::new(),
    }
}

/// One column as the first model learns from it: its likeliest candidates with all signals, and which are right.
struct Example {
    rows: Vec<(Vec<f32>, bool)>,
    weight: f64,
}

/// One decision as the second model learns from it.
struct Verdict<'a> {
    table: &'a str,
    chosen: Candidate,
    /// The body of knowledge it was made with: one system left out.
    body: usize,
    features: [f64; JUDGED],
    right: bool,
    /// The values cannot be read as what the chosen field holds.
    unread: bool,
    weight: f64,
}

/// What was learned, as the text of the two data files, and a few figures to look at.
#[derive(Debug)]
pub struct Learned {
    pub weights: String,
    pub calibration: String,
    /// All decisions that the judge learned from, with its features, for whoever wants to look closer.
    pub decisions: String,
    pub report: String,
}

/// Learns in rounds, as what is believed of the neighbours depends on the weights. With `anew` it begins from what one
/// would guess, else from the weights that ship.
pub fn learn(bodies: &mut [Knowledge], lessons: &[Lesson<'_>], rounds: usize, anew: bool) -> Learned {
    let mut report = String::new();
    let mut weights = if anew { Weights::untrained() } else { Weights::read() };
    // Signals are weighed by what the assignment makes of them, before the last choice.
    weights.choice = Vec::new();
    for round in 0..rounds {
        for body in bodies.iter_mut() {
            body.weights = weights.clone();
        }
        let (examples, verdicts) = look(bodies, lessons, true);
        weights.signals = descend(&examples, &weights.signals);
        let (grain, figures) = fit_grain(bodies, lessons, &weights);
        weights.grain = grain;
        report.push_str(&figures);
        let right = verdicts.iter().filter(|verdict| verdict.right).count();
        let _ = writeln!(report, "round {round}: {right} of {} right", verdicts.len());
    }
    for body in bodies.iter_mut() {
        body.weights = weights.clone();
    }
    // The judge must see choices as they are made on systems that the choice was not learned from.
    let choices = choosing::look(bodies, lessons);
    for fold in 0..FOLDS {
        let of_others: Vec<&choosing::Choice> =
            choices.iter().filter(|choice| choice.body % FOLDS != fold).collect();
        let (choice, choice_fields) = choosing::fit(&of_others);
        for body in bodies.iter_mut().skip(fold).step_by(FOLDS) {
            body.weights.choice.clone_from(&choice);
            body.weights.choice_fields.clone_from(&choice_fields);
        }
    }
    let all: Vec<&choosing::Choice> = choices.iter().collect();
    (weights.choice, weights.choice_fields) = choosing::fit(&all);
    let (_, verdicts) = look(bodies, lessons, false);
    let all: Vec<&Verdict<'_>> = verdicts.iter().collect();
    (weights.judge, weights.judge_fields) = fit_judge(&all);
    // Steps are fitted on figures that the judge gave to systems it had not seen.
    let figures = figures_of_unseen(&verdicts);
    weights.steps = isotonic(&verdicts, &figures);
    let judged = honest(&verdicts, &figures);
    // What is sure is decided on the figures of the unseen by the steps that ship: those of the folds differ in scale.
    let told: Vec<(f64, &Verdict<'_>)> = verdicts
        .iter()
        .zip(&figures)
        .filter(|(verdict, _)| verdict.weight >= 1.0)
        .map(|(verdict, figure)| (weights.calibrated(*figure), verdict))
        .collect();
    weights.sure = sure_from(&told);
    report.push_str(&honesty(&judged, weights.sure));
    report.push_str(&honesty(&told, weights.sure));
    report.push_str(&unread(&verdicts));
    let right = verdicts.iter().filter(|verdict| verdict.right).count();
    let _ = writeln!(report, "in the end: {right} of {} right", verdicts.len());
    Learned {
        weights: weights_file(&weights),
        calibration: calibration_file(&weights),
        decisions: decisions(&verdicts),
        report,
    }
}

/// Threads that look at lessons at the same time; what they see does not depend on it.
const THREADS: usize = 4;

fn look<'a>(bodies: &[Knowledge], lessons: &[Lesson<'a>], taught: bool) -> (Vec<Example>, Vec<Verdict<'a>>) {
    let parts: Vec<(Vec<Example>, Vec<Verdict<'a>>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = lessons
            .chunks(lessons.len().div_ceil(THREADS).max(1))
            .map(|lessons| scope.spawn(move || look_at(bodies, lessons, taught)))
            .collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut all = (Vec::new(), Vec::new());
    for (examples, verdicts) in parts {
        all.0.extend(examples);
        all.1.extend(verdicts);
    }
    all
}

fn look_at<'a>(
    bodies: &[Knowledge],
    lessons: &[Lesson<'a>],
    taught: bool,
) -> (Vec<Example>, Vec<Verdict<'a>>) {
    let mut examples = Vec::new();
    let mut verdicts = Vec::new();
    let nothing = Remembered::nothing();
    for lesson in lessons {
        let Some(knowledge) = bodies.get(lesson.knowledge) else { continue };
        let view = View::of(lesson.table, knowledge, &nothing);
        // Weights are learned with the grain known: its mistakes must not teach the columns.
        let thought = deliberate(&view, if taught { lesson.truth.granularity } else { None });
        for column in 0..view.len() {
            let Some(label) = lesson.truth.columns.get(view.columns[column].index) else { continue };
            let right: Vec<Candidate> = if label.fields.is_empty() {
                vec![Candidate::LEFT_OUT]
            } else {
                label.fields.iter().filter_map(|field| FieldId::named(field)).map(Candidate::of).collect()
            };
            let mut order: Vec<Candidate> = Candidate::all().collect();
            let own = &thought.own[column];
            order.sort_by(|a, b| own[b.idx()].total_cmp(&own[a.idx()]).then(a.cmp(b)));
            let rows = order
                .into_iter()
                .enumerate()
                .filter(|(rank, candidate)| {
                    *rank < 30 || right.contains(candidate) || *candidate == Candidate::LEFT_OUT
                })
                .map(|(_, candidate)| {
                    let mut row = thought.signals.row(column, candidate).to_vec();
                    let others: f64 = (0..view.len())
                        .filter(|other| *other != column)
                        .map(|other| pairs::worth(&view, column, candidate, other, thought.fields[other]))
                        .sum();
                    row[Signal::Pairs as usize] = others as f32;
                    (row, right.contains(&candidate))
                })
                .collect();
            examples.push(Example { rows, weight: lesson.weight });
            let chosen = thought.fields[column];
            verdicts.push(Verdict {
                body: lesson.knowledge,
                features: judge::features(&Decided { view: &view, column, chosen, thought: &thought }),
                table: &lesson.truth.case,
                chosen,
                right: right.contains(&chosen),
                unread: kind::cannot_be(chosen, thought.signals.get(column, chosen, Signal::Kind)),
                weight: lesson.weight,
            });
        }
    }
    (examples, verdicts)
}

/// Signals that nothing in the lessons can teach keep their first weight.
fn taught(signal: Signal) -> bool {
    signal != Signal::Memory
}

/// Evidence for a candidate cannot count against it; only constants of leaving out may go either way.
fn signed(signal: Signal) -> bool {
    matches!(signal, Signal::LeftOut | Signal::Unknown)
}

/// Gradient descent on the log-likelihood of the right candidates, drawn towards where it starts.
fn descend(examples: &[Example], start: &[f64]) -> Vec<f64> {
    let untrained = Weights::untrained().signals;
    let mut weights = start.to_vec();
    let mut momentum = vec![0.0; weights.len()];
    let whole: f64 = examples.iter().map(|example| example.weight).sum::<f64>().max(1.0);
    for step in 0..500 {
        let mut gradient = vec![0.0; weights.len()];
        for example in examples {
            let scores: Vec<f64> = example
                .rows
                .iter()
                .map(|(row, _)| {
                    row.iter().zip(&weights).map(|(value, weight)| f64::from(*value) * weight).sum()
                })
                .collect();
            let all = softmax(&scores);
            let right: f64 = all.iter().zip(&example.rows).filter(|(_, row)| row.1).map(|(p, _)| p).sum();
            if right <= 0.0 {
                continue;
            }
            for (probability, (row, is_right)) in all.iter().zip(&example.rows) {
                let pull = if *is_right { probability / right } else { 0.0 } - probability;
                if pull.abs() > 1e-6 {
                    for (slot, value) in gradient.iter_mut().zip(row) {
                        *slot += example.weight * pull * f64::from(*value);
                    }
                }
            }
        }
        let rate = 0.25 / (1.0 + f64::from(step) / 300.0);
        for signal in Signal::ALL.into_iter().filter(|signal| taught(*signal)) {
            let idx = signal as usize;
            let pull = gradient[idx] / whole - 0.001 * (weights[idx] - untrained[idx]);
            momentum[idx] = 0.9 * momentum[idx] + pull;
            weights[idx] += rate * momentum[idx];
            if !signed(signal) {
                weights[idx] = weights[idx].max(0.05);
            }
        }
    }
    weights
}

/// Learns the weights of the grain on tables whose grain is labelled, drawn towards what one would guess.
fn fit_grain(bodies: &[Knowledge], lessons: &[Lesson<'_>], weights: &Weights) -> (GrainWeights, String) {
    let nothing = Remembered::nothing();
    let mut examples = Vec::new();
    for lesson in lessons {
        let (Some(knowledge), Some(truth)) = (bodies.get(lesson.knowledge), lesson.truth.granularity) else {
            continue;
        };
        let view = View::of(lesson.table, knowledge, &nothing);
        let Some(truth) = Granularity::ALL.iter().position(|granularity| *granularity == truth) else {
            continue;
        };
        // A table counts as a whole, lists of names less.
        let weight = if lesson.weight >= 1.0 { 1.0 } else { 0.4 };
        examples.push((grain::clues(&view, &first_beliefs(&view)), truth, weight));
    }
    let start = GrainWeights::untrained();
    let mut learned = weights.grain.clone();
    let whole: f64 = examples.iter().map(|(.., weight)| weight).sum::<f64>().max(1.0);
    for _ in 0..400 {
        let mut pull = GrainWeights { facts: Default::default(), suits: 0.0, known: 0.0 };
        for (clues, truth, weight) in &examples {
            let probabilities = softmax(&learned.logits(clues));
            for (grain, probability) in probabilities.iter().enumerate() {
                let gap = weight * (f64::from(u8::from(grain == *truth)) - probability) / whole;
                for (slot, fact) in pull.facts[grain].iter_mut().zip(&clues.facts) {
                    *slot += gap * fact;
                }
                pull.suits += gap * clues.suits[grain];
                pull.known += gap * clues.known[grain];
            }
        }
        let step =
            |weight: &mut f64, pull: f64, start: f64| *weight += 0.3 * (pull - 0.01 * (*weight - start));
        for (grain, facts) in learned.facts.iter_mut().enumerate() {
            for (fact, weight) in facts.iter_mut().enumerate() {
                step(weight, pull.facts[grain][fact], start.facts[grain][fact]);
            }
        }
        step(&mut learned.suits, pull.suits, start.suits);
        step(&mut learned.known, pull.known, start.known);
    }
    let right = examples
        .iter()
        .filter(|(clues, truth, _)| {
            let logits = learned.logits(clues);
            logits.iter().all(|logit| *logit <= logits[*truth])
        })
        .count();
    (learned, format!("grain right in {right} of {} tables\n", examples.len()))
}

/// The signals of the likeliest candidates of one column, weighed, for a person who wants to know why.
pub fn explain(table: &TableProfile, knowledge: &Knowledge, header: &str) -> String {
    let view = View::of(table, knowledge, &Remembered::nothing());
    let thought = deliberate(&view, None);
    let clues = grain::clues(&view, &first_beliefs(&view));
    let mut text = format!(
        "{:?} {:?}\n{:.2?}\nsuits {:.2?} known {:.2?}\nlogits {:.2?}\n",
        thought.grain.grain.best(),
        grain::FACTS,
        clues.facts,
        clues.suits,
        clues.known,
        knowledge.weights.grain.logits(&clues)
    );
    for column in (0..view.len()).filter(|column| view.columns[*column].header == header) {
        let name = &view.names[column];
        let sets: Vec<Vec<&str>> = name
            .concepts
            .iter()
            .map(|set| set.iter().map(|concept| knowledge.concepts.name(*concept)).collect())
            .collect();
        let _ = writeln!(text, "{header}: {sets:?} unknown {:?} nearness {:.2}", name.unknown, name.nearness);
        let mut order: Vec<Candidate> = Candidate::all().collect();
        order.sort_by(|a, b| thought.given[column][b.idx()].total_cmp(&thought.given[column][a.idx()]));
        for candidate in order.into_iter().take(4) {
            let _ =
                write!(text, "  {:<28} {:>6.2} ", candidate.name(), thought.given[column][candidate.idx()]);
            for (signal, value) in Signal::ALL.into_iter().zip(thought.signals.row(column, candidate)) {
                let part = f64::from(*value) * knowledge.weights.signals[signal as usize];
                if part.abs() >= 0.05 {
                    let _ = write!(text, " {} {part:.2}", signal.name());
                }
            }
            let _ = writeln!(text);
        }
    }
    text
}
