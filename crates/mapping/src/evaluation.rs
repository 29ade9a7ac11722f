//! Measures proposals against labelled exports: found, refused, trusted.

use domain::{Granularity, Mapping, mapping::Status};

/// What a labelled export says of one column: the fields that are right, none for a column that must stay unmapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueColumn {
    pub source: String,
    pub fields: Vec<String>,
}

/// The labels of one export.
#[derive(Debug, Clone, PartialEq)]
pub struct Truth {
    pub case: String,
    pub columns: Vec<TrueColumn>,
    pub granularity: Option<Granularity>,
    /// The system or its family, where it is known.
    pub system: Option<String>,
}

impl Truth {
    /// Reads `truth.csv`: `source_column,canonical_field`, alternatives separated by `|`. `None` where a row is no row.
    pub fn parse(case: &str, text: &str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let mut columns = Vec::new();
        for record in reader.records() {
            let record = record.ok()?;
            let fields = record.get(1).unwrap_or_default();
            columns.push(TrueColumn {
                source: record.get(0)?.to_owned(),
                fields: fields
                    .split('|')
                    .map(str::trim)
                    .filter(|field| !field.is_empty())
                    .map(str::to_owned)
                    .collect(),
            });
        }
        Some(Self { case: case.to_owned(), columns, granularity: None, system: None })
    }
}

/// How one column of one case went.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub case: String,
    pub source: String,
    pub expected: Vec<String>,
    pub proposed: Option<String>,
    pub confidence: f64,
    pub status: Status,
    /// The place of the first right answer among the chosen one and its alternatives, from 1; `None` where it is not.
    pub rank: Option<usize>,
}

impl Outcome {
    pub fn is_right(&self) -> bool {
        right(&self.expected, self.proposed.as_deref())
    }
}

/// Compares a proposal with the labels, column by column in the order of the file. A column that the file has and the
/// labels lack (or the reverse) is matched by header and repetition, and otherwise left aside.
pub fn compare(truth: &Truth, mapping: &Mapping) -> Vec<Outcome> {
    let same_order = truth.columns.len() == mapping.columns.len();
    let mut outcomes = Vec::new();
    let mut taken = vec![false; mapping.columns.len()];
    for (position, expected) in truth.columns.iter().enumerate() {
        let found = if same_order {
            Some(position)
        } else {
            mapping
                .columns
                .iter()
                .enumerate()
                .position(|(idx, column)| !taken[idx] && column.source.trim() == expected.source.trim())
        };
        let Some((idx, column)) = found.and_then(|idx| Some((idx, mapping.columns.get(idx)?))) else {
            continue;
        };
        taken[idx] = true;
        let proposed = column.field.map(|field| field.as_str().to_owned());
        let mut ranked = vec![proposed.clone()];
        ranked.extend(
            column.alternatives.iter().map(|other| other.field.map(|field| field.as_str().to_owned())),
        );
        let rank = ranked
            .iter()
            .position(|answer| right(&expected.fields, answer.as_deref()))
            .map(|position| position + 1);
        outcomes.push(Outcome {
            case: truth.case.clone(),
            source: expected.source.clone(),
            expected: expected.fields.clone(),
            proposed,
            confidence: column.confidence,
            status: column.status,
            rank,
        });
    }
    outcomes
}

fn right(expected: &[String], proposed: Option<&str>) -> bool {
    match proposed {
        None => expected.is_empty(),
        Some(field) => expected.iter().any(|expected| expected == field),
    }
}

/// How decisions of one status fared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtStatus {
    pub status: Status,
    pub columns: usize,
    pub right: usize,
}

/// The measures over any number of columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    pub columns: usize,
    /// Of the columns that were mapped, the share mapped rightly.
    pub precision: f64,
    /// Of the columns that have a field, the share mapped rightly.
    pub recall: f64,
    pub f1: f64,
    /// Of the columns that have a field, the share whose first, or one of the first three answers is right.
    pub hit_at_1: f64,
    pub hit_at_3: f64,
    /// Of the columns that must stay unmapped, the share kept so.
    pub unmapped_kept: f64,
    pub at_status: Vec<AtStatus>,
    /// Mean gap between stated probability and share that is right, over ten bands, weighted by columns.
    pub calibration_error: f64,
    /// Share of the files with every column right.
    pub files_all_right: f64,
}

impl Accuracy {
    pub fn of(outcomes: &[Outcome]) -> Self {
        let share = |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let with_field = outcomes.iter().filter(|outcome| !outcome.expected.is_empty()).count();
        let mapped = outcomes.iter().filter(|outcome| outcome.proposed.is_some()).count();
        let rightly =
            outcomes.iter().filter(|outcome| outcome.proposed.is_some() && outcome.is_right()).count();
        let within = |rank: usize| {
            let hits = outcomes.iter().filter(|outcome| {
                !outcome.expected.is_empty() && outcome.rank.is_some_and(|found| found <= rank)
            });
            share(hits.count(), with_field)
        };
        let kept =
            outcomes.iter().filter(|outcome| outcome.expected.is_empty() && outcome.is_right()).count();
        let (precision, recall) = (share(rightly, mapped), share(rightly, with_field));
        let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
        let at_status = Status::ALL
            .into_iter()
            .map(|status| {
                let of_status: Vec<&Outcome> =
                    outcomes.iter().filter(|outcome| outcome.status == status).collect();
                let right = of_status.iter().filter(|outcome| outcome.is_right()).count();
                AtStatus { status, columns: of_status.len(), right }
            })
            .collect();
        Self {
            columns: outcomes.len(),
            precision,
            recall,
            f1,
            hit_at_1: within(1),
            hit_at_3: within(3),
            unmapped_kept: share(kept, outcomes.len() - with_field),
            at_status,
            calibration_error: calibration_error(outcomes),
            files_all_right: files_all_right(outcomes),
        }
    }
}

fn calibration_error(outcomes: &[Outcome]) -> f64 {
    if outcomes.is_empty() {
        return 0.0;
    }
    let mut bands = [(0_usize, 0.0_f64, 0_usize); 10];
    for outcome in outcomes {
        let band = ((outcome.confidence * 10.0) as usize).min(9);
        bands[band].0 += 1;
        bands[band].1 += outcome.confidence;
        bands[band].2 += usize::from(outcome.is_right());
    }
    bands.iter().map(|(_, stated, right)| (stated - *right as f64).abs()).sum::<f64>() / outcomes.len() as f64
}

fn files_all_right(outcomes: &[Outcome]) -> f64 {
    let mut files: Vec<(&str, bool)> = Vec::new();
    for outcome in outcomes {
        match files.iter_mut().find(|(case, _)| *case == outcome.case) {
            Some((_, right)) => *right &= outcome.is_right(),
            None => files.push((&outcome.case, outcome.is_right())),
        }
    }
    let right = files.iter().filter(|(_, right)| *right).count();
    if files.is_empty() { 0.0 } else { right as f64 / files.len() as f64 }
}
