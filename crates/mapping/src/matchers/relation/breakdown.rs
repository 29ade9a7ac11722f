//! One number spread over several columns: pieces lost per defect beside total and good pieces, time lost per reason
//! beside planned and productive time.

use std::sync::LazyLock;

use domain::Granularity;

use super::{Role, role, vote};
use crate::{candidate::Candidate, matchers::Beliefs, view::View};

struct Rule {
    whole: Role,
    rest: Role,
    part: Role,
    /// The same three where a row is an order.
    of_order: Option<[Role; 3]>,
}

static RULES: LazyLock<[Rule; 2]> = LazyLock::new(|| {
    [
        Rule {
            whole: role(&["operation_quantity_in"]),
            rest: role(&["operation_quantity_completed"]),
            part: role(&["operation_quantity_scrapped"]),
            of_order: Some([
                role(&["quantity_ordered"]),
                role(&["quantity_completed"]),
                role(&["quantity_scrapped"]),
            ]),
        },
        Rule {
            whole: role(&["planned_production_hours", "attendance_hours"]),
            rest: role(&["actual_run_hours", "actual_machine_hours", "booking_hours"]),
            part: role(&["downtime_hours"]),
            of_order: None,
        },
    ]
});

pub(super) fn vote_for_parts(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let found = &view.relations.breakdowns;
    // Where a column states the sum of the parts, they say nothing more, and counting them too would count twice.
    let stated = |part: usize, rule: &Rule| {
        found
            .iter()
            .filter(|other| other.rest.is_none() && other.parts.contains(&part))
            .any(|other| beliefs.of(other.whole, &rule.part) > 0.3)
    };
    for breakdown in found {
        let pieces = breakdown.parts.iter().all(|part| view.facts[*part].whole > 0.98);
        for (rule, counts_pieces) in RULES.iter().zip([true, false]) {
            let Some(rest) = breakdown.rest else {
                let believed = of(beliefs, breakdown.whole, rule, 2);
                for part in &breakdown.parts {
                    vote(votes, *part, &[Candidate::LEFT_OUT], believed);
                }
                continue;
            };
            let belief = [of(beliefs, breakdown.whole, rule, 0), of(beliefs, rest, rule, 1)];
            let parts = breakdown.parts.iter().map(|part| of(beliefs, *part, rule, 2)).fold(0.0, f64::max);
            // Whole numbers, most of them nought, that make up what one quantity is below another: hardly anything
            // else is recorded in this way.
            let by_itself = if counts_pieces && pieces { 0.8 } else { 0.0 };
            let strength = belief[0].max(belief[1]).max(by_itself);
            for part in breakdown.parts.iter().filter(|part| !stated(**part, rule)) {
                say(beliefs, votes, (*part, rule, 2), strength);
                // What is missing from the good pieces are pieces, not flaws found on them.
                let flaws = Candidate::named("defect_count");
                if let Some(vote) = votes[*part].get_mut(flaws.idx()).filter(|_| counts_pieces) {
                    *vote = -strength;
                }
            }
            say(beliefs, votes, (breakdown.whole, rule, 0), belief[1].max(parts).max(by_itself));
            say(beliefs, votes, (rest, rule, 1), belief[0].max(parts).max(by_itself));
        }
    }
}

/// The role of a place in the equation (whole, rest, part), and that of orders.
fn roles(rule: &Rule, place: usize) -> (&Role, Option<&Role>) {
    let role = [&rule.whole, &rule.rest, &rule.part][place];
    (role, rule.of_order.as_ref().map(|of_order| &of_order[place]))
}

/// How far a column is believed to stand in a place, at whatever grain.
fn of(beliefs: &Beliefs, column: usize, rule: &Rule, place: usize) -> f64 {
    let (role, of_order) = roles(rule, place);
    beliefs.of(column, role) + of_order.map_or(0.0, |of_order| beliefs.of(column, of_order))
}

/// Votes for a place; where a row is an order, it is the order's.
fn say(
    beliefs: &Beliefs,
    votes: &mut [Vec<f64>],
    (column, rule, place): (usize, &Rule, usize),
    strength: f64,
) {
    let (role, of_order) = roles(rule, place);
    let header = if of_order.is_some() { beliefs.grain.of(Granularity::Header) } else { 0.0 };
    vote(votes, column, role, strength * (1.0 - header));
    let counts_pieces = of_order.is_some();
    for material in ["planned_material_quantity", "actual_material_quantity"].map(Candidate::named) {
        if let Some(vote) = votes[column].get_mut(material.idx()).filter(|_| counts_pieces) {
            *vote = -strength;
        }
    }
    for candidate in of_order.into_iter().flatten() {
        // Beside good pieces and lost ones the total of a row is no total of the order, and the other way round.
        if let Some(vote) = votes.get_mut(column).and_then(|votes| votes.get_mut(candidate.idx())) {
            *vote = strength * (2.0 * header - 1.0);
        }
    }
}
