//! Amounts grow with the quantity of the row; what holds per piece, per hour or per order does not.

use std::sync::LazyLock;

use domain::Granularity;

use super::{Role, role};
use crate::{candidate::Candidate, matchers::Beliefs, values::scaling, view::View};

static QUANTITIES: LazyLock<Role> = LazyLock::new(|| {
    role(&["quantity_ordered", "operation_quantity_in", "operation_quantity_completed", "quantity_completed"])
});

/// What the quantity of the row multiplies.
static AMOUNTS: LazyLock<Role> = LazyLock::new(|| {
    role(&[
        "planned_run_hours",
        "planned_labor_hours",
        "planned_machine_hours",
        "planned_labor_cost",
        "planned_material_cost",
        "planned_overhead_cost",
        "planned_conversion_cost",
        "planned_total_cost",
        "actual_run_hours",
        "actual_labor_hours",
        "actual_machine_hours",
        "actual_labor_cost",
        "actual_material_cost",
        "actual_total_cost",
        "revenue",
        "planned_material_quantity",
        "actual_material_quantity",
        "quantity_ordered",
        "quantity_completed",
        "operation_quantity_in",
        "operation_quantity_completed",
        "quantity_received",
    ])
});

/// What it does not change.
static FIXED: LazyLock<Role> = LazyLock::new(|| {
    role(&[
        "standard_cycle_time",
        "actual_cycle_time",
        "standard_rate",
        "standard_base_quantity",
        "planned_setup_hours",
        "actual_setup_hours",
        "teardown_hours",
        "queue_hours",
        "wait_hours",
        "move_hours",
        "product_unit_cost",
        "material_unit_cost",
        "material_standard_cost",
        "unit_price",
        "labor_rate",
        "standard_labor_rate",
        "machine_rate",
        "standard_machine_rate",
        "crew_size",
    ])
});

pub(super) fn vote_by_size(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let quantity = (0..view.len())
        .filter(|column| beliefs.of(*column, &QUANTITIES) > 0.5)
        .max_by(|a, b| beliefs.of(*a, &QUANTITIES).total_cmp(&beliefs.of(*b, &QUANTITIES)).then(b.cmp(a)));
    let Some(quantity) = quantity else {
        without_quantity(view, beliefs, votes);
        return;
    };
    let Some(made) = view.relations.numbers(quantity) else { return };
    for column in (0..view.len()).filter(|column| *column != quantity && view.facts[*column].distinct > 3) {
        let Some(found) = view.relations.numbers(column).and_then(|numbers| scaling::of(made, numbers))
        else {
            continue;
        };
        if !view.facts[column].kind.is_number() || found.error > 0.12 {
            continue;
        }
        let (amount, fixed) = if found.slope.abs() + found.error < 0.3 {
            (-0.6, 0.3)
        } else if found.slope - found.error > 0.55 {
            (0.1, -0.45)
        } else {
            continue;
        };
        add(&mut votes[column], &AMOUNTS, amount);
        add(&mut votes[column], &FIXED, fixed);
    }
}

/// A routing without orders and quantities says how long one piece takes.
fn without_quantity(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let order = [Candidate::named("work_order_id")];
    let most =
        |role: &[Candidate]| (0..view.len()).map(|column| beliefs.of(column, role)).fold(0.0, f64::max);
    if beliefs.grain.of(Granularity::Operation) < 0.6 || most(&order) > 0.3 || most(&QUANTITIES) > 0.3 {
        return;
    }
    for votes in votes.iter_mut() {
        add(votes, &role(&["planned_run_hours", "planned_labor_hours", "planned_machine_hours"]), -0.4);
        add(votes, &role(&["standard_cycle_time"]), 0.3);
    }
}

fn add(votes: &mut [f64], role: &[Candidate], by: f64) {
    for candidate in role {
        if let Some(vote) = votes.get_mut(candidate.idx()) {
            *vote += by;
        }
    }
}
