//! Several files of one plant: columns that share values mean the same thing, so what one file settles helps the
//! others.

use std::collections::HashSet;

use domain::{ColumnProfile, ValueKind};
use ontology::FieldType;

use crate::{candidate::Candidate, propose::Deliberation, view::View};

/// Values of a column that are compared.
const MOST_VALUES: usize = 300;
/// Shared values that it takes: fewer may be chance.
const FEWEST_SHARED: usize = 5;
/// How sure a file must be of a column to tell another.
const SURE_ENOUGH: f64 = 0.6;

/// What other files say of the columns of one: per column candidates with the strength of the hint.
pub(crate) type Hints = Vec<Vec<(Candidate, f64)>>;

/// Hints for every file from all others.
pub(crate) fn hints(views: &[View<'_>], thoughts: &[Deliberation]) -> Vec<Hints> {
    let values: Vec<Vec<Option<HashSet<&str>>>> =
        views.iter().map(|view| view.columns.iter().map(|column| key_values(column)).collect()).collect();
    let mut hints: Vec<Hints> = views.iter().map(|view| vec![Vec::new(); view.len()]).collect();
    for (from, thought) in thoughts.iter().enumerate() {
        for (teller, told) in thought.fields.iter().enumerate() {
            let belief = thought.own[teller].get(told.idx()).copied().unwrap_or(0.0);
            let (Some(known), true) = (&values[from][teller], belief >= SURE_ENOUGH && is_key(*told)) else {
                continue;
            };
            for to in (0..views.len()).filter(|to| *to != from) {
                for (column, candidates) in values[to].iter().enumerate() {
                    let Some(share) = candidates.as_ref().and_then(|candidates| shared(known, candidates))
                    else {
                        continue;
                    };
                    let strength = 1.2 * share * belief;
                    for told in numbered_alike(*told) {
                        match hints[to][column].iter_mut().find(|(candidate, _)| *candidate == told) {
                            Some((_, best)) => *best = best.max(strength),
                            None => hints[to][column].push((told, strength)),
                        }
                    }
                }
            }
        }
    }
    hints
}

/// What one row makes another consumes: both are numbered in one list.
const ALIKE: [[&str; 2]; 2] = [["product_id", "material_id"], ["product_name", "material_name"]];

/// What shares the numbers of a field. Which of two it is, the file itself must tell.
fn numbered_alike(told: Candidate) -> Vec<Candidate> {
    ALIKE
        .into_iter()
        .map(|names| names.map(Candidate::named))
        .find(|alike| alike.contains(&told))
        .map_or_else(|| vec![told], Vec::from)
}

/// Whether it is an item: a product or a component.
pub(crate) fn is_item(candidate: Candidate) -> bool {
    ALIKE.iter().flatten().any(|name| candidate.name() == *name)
}

/// Keys that files share.
fn is_key(candidate: Candidate) -> bool {
    candidate.definition().is_some_and(|field| {
        matches!(field.type_, FieldType::Identifier | FieldType::Text)
            && field.id.as_str() != "operation_sequence"
    })
}

/// The values of a column that may be a key: codes and long numbers, several of them.
fn key_values(column: &ColumnProfile) -> Option<HashSet<&str>> {
    let keyed = match column.kind {
        ValueKind::Text => true,
        ValueKind::Integer => column.min.is_some_and(|min| min >= 100.0),
        _ => false,
    };
    if !keyed || column.distinct < FEWEST_SHARED as u64 {
        return None;
    }
    let top = column.top.iter().map(|(value, _)| value.trim());
    let sample = column.sample_raw.iter().map(|raw| raw.trim());
    let mut values = HashSet::new();
    for value in top.chain(sample).filter(|value| !value.is_empty()) {
        if values.len() >= MOST_VALUES {
            break;
        }
        values.insert(value);
    }
    Some(values)
}

/// The share of the smaller set that the larger one holds too, where it says anything.
fn shared(one: &HashSet<&str>, other: &HashSet<&str>) -> Option<f64> {
    let (small, large) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let common = small.iter().filter(|value| large.contains(*value)).count();
    let share = common as f64 / small.len() as f64;
    (common >= FEWEST_SHARED && share >= 0.3).then_some(share.max(0.5))
}
