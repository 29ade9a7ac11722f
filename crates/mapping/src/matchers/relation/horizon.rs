//! Plans reach beyond the day of the export and are known for every row; what has happened ends at that day and is
//! missing where it has not happened yet.

use std::sync::LazyLock;

use super::{Role, role};
use crate::view::View;

/// Dates of plans.
static PLANNED: LazyLock<Role> = LazyLock::new(|| {
    role(&[
        "planned_start",
        "planned_end",
        "due_date",
        "required_date",
        "promised_date",
        "original_due_date",
        "operation_planned_start",
        "operation_planned_end",
    ])
});

/// Dates of what happened.
static HAPPENED: LazyLock<Role> = LazyLock::new(|| {
    role(&[
        "actual_start",
        "actual_end",
        "close_date",
        "ship_date",
        "release_date",
        "operation_actual_start",
        "operation_actual_end",
    ])
});

/// How much it counts: as a hint, since plans of the past are as full as what became of them.
const STRENGTH: f64 = 0.3;
const DAY: f64 = 86_400e6;

pub(super) fn vote_for_plans(view: &View<'_>, votes: &mut [Vec<f64>]) {
    let dates: Vec<(usize, f64, f64)> = (0..view.len())
        .filter(|column| view.facts[*column].kind.is_moment() && view.facts[*column].filled >= 8)
        .filter_map(|column| Some((column, view.facts[column].fill, view.facts[column].max?)))
        .collect();
    for (column, fill, last) in &dates {
        // A date that is missing more often and ends earlier has happened, one of the opposite kind is planned.
        let happened =
            dates.iter().any(|(_, other, later)| *fill < 0.95 && fill + 0.08 < *other && last + DAY < *later);
        let planned = dates
            .iter()
            .any(|(_, other, earlier)| *fill > 0.95 && other + 0.08 < *fill && earlier + DAY < *last);
        if happened == planned {
            continue;
        }
        let (these, those) = if planned { (&PLANNED, &HAPPENED) } else { (&HAPPENED, &PLANNED) };
        for (role, by) in [(these, STRENGTH), (those, -STRENGTH)] {
            for candidate in role.iter() {
                if let Some(vote) = votes[*column].get_mut(candidate.idx()) {
                    *vote += by;
                }
            }
        }
    }
}
