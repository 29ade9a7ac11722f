//! Pairs of little words that bound a span (`bounds.csv`): `von` and `bis` say nothing alone, and start and end where a
//! table has a column of each.

use std::sync::LazyLock;

use super::{fold::compact, reading::Name};
use crate::knowledge::{Knowledge, bounds};

static BOUNDS: LazyLock<Vec<(String, String)>> =
    LazyLock::new(|| bounds().map(|(from, to)| (compact(from), compact(to))).collect());

/// Reads both columns of a pair as start and end.
pub(super) fn read_bounds(knowledge: &Knowledge, names: &mut [Name]) {
    let (Some(start), Some(end)) = (knowledge.concepts.id("start"), knowledge.concepts.id("end")) else {
        return;
    };
    for (from, to) in &*BOUNDS {
        let place = |names: &[Name], key: &str| names.iter().position(|name| name.key == *key);
        let (Some(first), Some(last)) = (place(names, from), place(names, to)) else { continue };
        for (place, concept) in [(first, start), (last, end)] {
            names[place].concepts = vec![vec![concept]];
            names[place].unknown.clear();
        }
    }
}
