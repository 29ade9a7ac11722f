//! Rules that the values themselves ask for. Nothing is suggested that the data does not hold.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Cell, ColumnProfile, TableProfile, ValueKind};

use crate::{
    fold, moment, number,
    recipe::{Branch, Condition, Operator, Otherwise, PreparedColumn, Rule, Step, Test},
};

/// A proposal that a person takes or dismisses.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Stable while the data says the same, so that a dismissed one stays away.
    pub id: String,
    /// What was seen, in a sentence with its numbers.
    pub reason: String,
    /// Share of what was looked at that speaks for it.
    pub confidence: f64,
    pub prepared: PreparedColumn,
}

/// Sampled moments that a pattern of shifts needs.
const MOMENTS_MIN: usize = 200;

/// Share of the hourly differences that shifts must explain.
const SHIFTS_EXPLAIN: f64 = 0.8;

/// Everything that the values of a table ask for, in the order of its columns.
pub fn suggest(profile: &TableProfile) -> Vec<Suggestion> {
    let shift_is_there = profile.columns.iter().any(|column| {
        let header = fold::key(&column.header);
        ["shift", "schicht", "turno", "équipe", "班"].iter().any(|word| header.contains(word))
    });
    let mut suggestions = Vec::new();
    for column in &profile.columns {
        suggestions.extend(day_and_month(column));
        suggestions.extend(spellings(column));
        suggestions.extend(blanks(column));
        suggestions.extend(threshold(column));
    }
    if !shift_is_there {
        let best =
            profile.columns.iter().filter_map(shifts).max_by(|a, b| a.confidence.total_cmp(&b.confidence));
        suggestions.extend(best);
    }
    suggestions
}

/// Dates whose every value allows two orders of day and month: the other one, where the file alone did not settle it.
fn day_and_month(column: &ColumnProfile) -> Option<Suggestion> {
    let read = column.format.as_ref().filter(|_| column.kind.is_moment())?;
    let letters = |format: &str| {
        let mut letters: Vec<char> = format.chars().collect();
        letters.sort_unstable();
        letters
    };
    let other = column.ambiguous.iter().find(|other| {
        *other != read && letters(other) == letters(read) && moment::pattern(other).is_some()
    })?;
    moment::pattern(read)?;
    Some(Suggestion {
        id: format!("order:{}", fold::key(&column.header)),
        reason: format!(
            "{} dates of \"{}\" were read as {read} and allow {other} just as well",
            column.filled, column.header
        ),
        confidence: 0.5,
        prepared: PreparedColumn {
            column: column.header.clone(),
            steps: vec![
                Step::FormatDate { format: read.clone() },
                Step::ParseDate { formats: vec![other.clone()], strict: true },
            ],
            ..PreparedColumn::default()
        },
    })
}

/// Letters and digits only, without case: what two spellings of one word share.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Words of one column that differ in case, blanks and punctuation only.
fn spellings(column: &ColumnProfile) -> Option<Suggestion> {
    if column.kind != ValueKind::Text || column.distinct > column.top.len() as u64 {
        return None;
    }
    let mut groups: BTreeMap<String, Vec<&(String, u64)>> = BTreeMap::new();
    for entry in &column.top {
        let bare = bare(&entry.0);
        // Codes such as 1-1 and 11 are two things.
        if bare.chars().any(char::is_alphabetic) && !bare.chars().any(|c| c.is_ascii_digit()) {
            groups.entry(bare).or_default().push(entry);
        }
    }
    let mut table = BTreeMap::new();
    let (mut rows, mut odd) = (0, 0);
    for group in groups.values() {
        // The list is in order of frequency, so the first spelling is the usual one.
        let Some((usual, rest)) = group.split_first().filter(|(_, rest)| !rest.is_empty()) else { continue };
        let keys: BTreeSet<String> = group.iter().map(|entry| fold::key(&entry.0)).collect();
        for key in keys {
            table.insert(key, usual.0.clone());
        }
        rows += group.iter().map(|entry| entry.1).sum::<u64>();
        odd += rest.iter().map(|entry| entry.1).sum::<u64>();
    }
    if table.is_empty() {
        return None;
    }
    Some(Suggestion {
        id: format!("spellings:{}", fold::key(&column.header)),
        reason: format!(
            "{odd} rows of \"{}\" write a word otherwise than most rows do, such as {}",
            column.header,
            groups
                .values()
                .find(|group| group.len() > 1)
                .map(|group| format!("\"{}\" and \"{}\"", group[0].0, group[1].0))
                .unwrap_or_default()
        ),
        confidence: (rows - odd) as f64 / rows.max(1) as f64,
        prepared: PreparedColumn {
            column: column.header.clone(),
            rule: Some(Rule::Lookup { source: column.header.clone(), table, otherwise: Otherwise::Keep }),
            ..PreparedColumn::default()
        },
    })
}

/// Runs of blanks inside words.
fn blanks(column: &ColumnProfile) -> Option<Suggestion> {
    if column.kind != ValueKind::Text {
        return None;
    }
    let filled = column.sample.iter().filter(|cell| !cell.is_empty()).count();
    let odd = column
        .sample
        .iter()
        .filter_map(Cell::text)
        .filter(|text| text.split_whitespace().collect::<Vec<_>>().join(" ") != *text)
        .count();
    (odd > 0).then(|| Suggestion {
        id: format!("blanks:{}", fold::key(&column.header)),
        reason: format!("{odd} of {filled} sampled cells of \"{}\" hold needless blanks", column.header),
        confidence: 1.0,
        prepared: PreparedColumn {
            column: column.header.clone(),
            steps: vec![Step::Trim],
            ..PreparedColumn::default()
        },
    })
}

/// A number of nines far above everything else, which stands for "not known".
fn threshold(column: &ColumnProfile) -> Option<Suggestion> {
    if !matches!(column.kind, ValueKind::Integer | ValueKind::Decimal) {
        return None;
    }
    let max = column.max?;
    let text = number::write(max);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 3 || digits.chars().any(|c| c != '9') {
        return None;
    }
    let mut others: Vec<f64> =
        column.sample.iter().filter_map(Cell::number).filter(|value| *value < max).collect();
    others.sort_by(f64::total_cmp);
    let usual = *others.get(others.len().saturating_sub(1) * 99 / 100)?;
    let times = column.sample.iter().filter_map(Cell::number).filter(|value| *value == max).count();
    if others.len() < 50 || times < 2 || max < 10.0 * usual.abs().max(1.0) {
        return None;
    }
    Some(Suggestion {
        id: format!("threshold:{}", fold::key(&column.header)),
        reason: format!(
            "{times} sampled rows of \"{}\" say {text}, more than ten times what 99 of 100 other rows say ({})",
            column.header,
            number::write(usual)
        ),
        confidence: 1.0 - others.iter().filter(|value| **value > usual).count() as f64 / others.len() as f64,
        prepared: PreparedColumn {
            column: column.header.clone(),
            rule: Some(Rule::Conditional {
                branches: vec![Branch {
                    label: format!("{text} means not known"),
                    when: Condition::Test(Test {
                        column: column.header.clone(),
                        is: Operator::GreaterOrEqual,
                        value: text,
                    }),
                    value: String::new(),
                }],
                otherwise: Otherwise::Keep,
            }),
            ..PreparedColumn::default()
        },
    })
}

/// Hours of the day that stand out in blocks.
fn shifts(column: &ColumnProfile) -> Option<Suggestion> {
    if column.kind != ValueKind::DateTime {
        return None;
    }
    let mut hours = [0.0_f64; 24];
    let mut n = 0;
    for micros in column.sample.iter().filter_map(Cell::moment) {
        hours[(moment::seconds_of_day(micros) / 3_600.0) as usize % 24] += 1.0;
        n += 1;
    }
    if n < MOMENTS_MIN {
        return None;
    }
    let total = |from: usize, length: usize| (from..from + length).map(|hour| hours[hour % 24]).sum::<f64>();
    let mean = total(0, 24) / 24.0;
    let all: f64 = hours.iter().map(|count| (count - mean).powi(2)).sum();
    if all <= 0.0 {
        return None;
    }
    let mut best: Option<(f64, usize, usize)> = None;
    for length in [8, 12] {
        for from in 0..length {
            let within: f64 = (0..24 / length)
                .map(|block| {
                    let begin = from + block * length;
                    let mean = total(begin, length) / length as f64;
                    (begin..begin + length).map(|hour| (hours[hour % 24] - mean).powi(2)).sum::<f64>()
                })
                .sum();
            let explained = 1.0 - within / all;
            if best.is_none_or(|(known, _, _)| explained > known) {
                best = Some((explained, from, length));
            }
        }
    }
    let (explained, from, length) = best.filter(|(explained, _, _)| *explained >= SHIFTS_EXPLAIN)?;
    let branches = (0..24 / length)
        .filter(|block| total(from + block * length, length) > 0.01 * n as f64)
        .map(|block| {
            let (begin, end) = ((from + block * length) % 24, (from + (block + 1) * length) % 24);
            let test = |is, hour: usize| {
                Condition::Test(Test { column: column.header.clone(), is, value: format!("{hour:02}:00") })
            };
            let (first, second) = (test(Operator::GreaterOrEqual, begin), test(Operator::Less, end));
            let name = format!("{begin:02}:00 to {end:02}:00");
            let when = match (begin, end) {
                (_, 0) => first,
                (begin, end) if begin < end => Condition::All { all: vec![first, second] },
                _ => Condition::Any { any: vec![first, second] },
            };
            Branch { label: name.clone(), when, value: name }
        })
        .collect();
    Some(Suggestion {
        id: format!("shift:{}", fold::key(&column.header)),
        reason: format!(
            "the hours of \"{}\" come in blocks of {length} from {from:02}:00: they explain {:.0} % of how {n} rows differ by the hour",
            column.header,
            explained * 100.0
        ),
        confidence: explained,
        prepared: PreparedColumn {
            column: "Shift".to_owned(),
            rule: Some(Rule::Conditional { branches, otherwise: Otherwise::Empty }),
            ..PreparedColumn::default()
        },
    })
}
