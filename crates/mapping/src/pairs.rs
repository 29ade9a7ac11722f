//! How two columns of one table get along: what may share a field, what excludes each other, what belongs together.

use std::sync::LazyLock;

use domain::ValueKind;
use ontology::FieldType;

use crate::{candidate::Candidate, knowledge::Meaning, system::entries, view::View};

/// Fields that several columns state legitimately, all of them right: keys in parts, several plans or texts, a status
/// spread over flags, units and currencies repeated.
const SHARED: &[&str] = &[
    "booking_id",
    "work_order_status",
    "operation_status",
    "warehouse_id",
    "product_name",
    "actual_overhead_cost",
    "planned_overhead_cost",
    "standard_basis",
    "labor_rate",
    "machine_rate",
    "defect_code",
    "downtime_reason",
    "work_center_id",
    "due_date",
    "order_date",
    "material_lot_id",
    "currency",
    "unit_of_measure",
    "sales_order_id",
    "customer_id",
    "project_id",
    "queue_hours",
    "planner_id",
    "operation_code",
];

/// Start and end of one span.
const SPANS: &[(&str, &str)] = &[
    ("planned_start", "planned_end"),
    ("actual_start", "actual_end"),
    ("operation_planned_start", "operation_planned_end"),
    ("operation_actual_start", "operation_actual_end"),
    ("downtime_start", "downtime_end"),
    ("order_date", "due_date"),
    ("order_date", "planned_end"),
    ("order_date", "actual_end"),
    ("release_date", "actual_end"),
    ("release_date", "close_date"),
    ("planned_start", "due_date"),
    ("actual_start", "close_date"),
    ("order_date", "actual_start"),
    ("release_date", "actual_start"),
];

/// Start and end of different spans: where a table has one start and one end, both are planned or both are actual.
const MIXED: &[(&str, &str)] = &[
    ("planned_start", "actual_end"),
    ("actual_start", "planned_end"),
    ("operation_planned_start", "operation_actual_end"),
    ("operation_actual_start", "operation_planned_end"),
];

/// A part that is never above its whole in most rows.
const PARTS: &[(&str, &str)] = &[
    ("quantity_scrapped", "quantity_ordered"),
    ("operation_quantity_scrapped", "operation_quantity_in"),
    ("quantity_scrapped", "quantity_completed"),
    ("operation_quantity_scrapped", "operation_quantity_completed"),
    ("quantity_completed", "quantity_ordered"),
    ("operation_quantity_completed", "operation_quantity_in"),
    ("quantity_reworked", "quantity_ordered"),
    ("planned_setup_hours", "planned_labor_hours"),
    ("actual_setup_hours", "actual_labor_hours"),
    ("planned_labor_cost", "planned_total_cost"),
    ("planned_material_cost", "planned_total_cost"),
    ("planned_overhead_cost", "planned_total_cost"),
    ("actual_labor_cost", "actual_total_cost"),
    ("actual_material_cost", "actual_total_cost"),
    ("actual_overhead_cost", "actual_total_cost"),
];

/// What is said of a stoppage, and what is said of pieces: a list of the one seldom holds the other.
const APART: &[(&str, &str)] = &[
    ("defect_code", "downtime_start"),
    ("defect_code", "downtime_end"),
    ("defect_code", "downtime_hours"),
    ("defect_description", "downtime_start"),
    ("defect_description", "downtime_end"),
    ("defect_description", "downtime_hours"),
    ("downtime_reason", "defect_count"),
    ("downtime_reason", "inspection_result"),
];

/// An id and the name of one thing.
const NAMED: &[(&str, &str)] = &[
    ("product_id", "product_name"),
    ("customer_id", "customer_name"),
    ("work_center_id", "work_center_name"),
    ("machine_id", "machine_name"),
    ("employee_id", "employee_name"),
    ("material_id", "material_name"),
    ("supplier_id", "supplier_name"),
    ("operation_code", "operation_name"),
    ("defect_code", "defect_description"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    Span,
    Mixed,
    Part,
    Named,
    Apart,
    /// Plan and actual of one thing.
    Counterpart,
}

/// Ties by the pair of candidates, first one first.
static TIES: LazyLock<Vec<Vec<Option<Tie>>>> = LazyLock::new(|| {
    let mut ties = vec![vec![None; Candidate::count()]; Candidate::count()];
    let mut tie = |pairs: &[(&str, &str)], tie: Tie| {
        for (one, other) in pairs {
            ties[Candidate::named(one).idx()][Candidate::named(other).idx()] = Some(tie);
        }
    };
    tie(SPANS, Tie::Span);
    tie(MIXED, Tie::Mixed);
    tie(PARTS, Tie::Part);
    tie(NAMED, Tie::Named);
    tie(APART, Tie::Apart);
    for field in ontology::field::all() {
        let name = field.id.as_str();
        if let Some(rest) = name.strip_prefix("planned_").map(|rest| format!("actual_{rest}")).or_else(|| {
            name.strip_prefix("operation_planned_").map(|rest| format!("operation_actual_{rest}"))
        }) {
            let other = Candidate::named(&rest);
            if other != Candidate::LEFT_OUT {
                ties[Candidate::of(field.id).idx()][other.idx()] = Some(Tie::Counterpart);
            }
        }
    }
    ties
});

static MAY_SHARE: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut share = vec![false; Candidate::count()];
    for name in SHARED {
        share[Candidate::named(name).idx()] = true;
    }
    share[0] = true;
    share
});

/// What it is worth, in the measure of scores, that column `a` means `one` while column `b` means `other`.
pub(crate) fn worth(view: &View<'_>, a: usize, one: Candidate, b: usize, other: Candidate) -> f64 {
    if one == Candidate::LEFT_OUT || other == Candidate::LEFT_OUT {
        return 0.0;
    }
    if one == other {
        return sharing(view, a, b, one);
    }
    let ties = &*TIES;
    if let Some(tie) = ties[one.idx()][other.idx()] {
        return tied(view, a, b, tie);
    }
    ties[other.idx()][one.idx()].map_or(0.0, |tie| tied(view, b, a, tie))
}

fn sharing(view: &View<'_>, a: usize, b: usize, field: Candidate) -> f64 {
    let equal_names = view.names[a].key == view.names[b].key;
    let moment = field.definition().is_some_and(|field| field.type_ == FieldType::Timestamp);
    if moment {
        let (one, other) = (view.facts[a].kind, view.facts[b].kind);
        // A date and its time of day state one moment.
        let is_time = |kind: ValueKind| {
            matches!(
                kind,
                ValueKind::TimeOfDay
                    | ValueKind::Integer
                    | ValueKind::Decimal
                    | ValueKind::Duration
                    | ValueKind::Empty
            )
        };
        if one.is_moment() && is_time(other) || other.is_moment() && is_time(one) {
            return 0.8;
        }
    }
    // Pieces lost per defect, time lost per reason: one amount in several columns.
    if view.relations.parts_of_one(a, b) {
        return 0.25;
    }
    let order = view.relations.order(a, b);
    if equal_names || (order.rows > 8 && order.equal > 0.995) {
        return -0.5;
    }
    if MAY_SHARE[field.idx()] {
        -0.7
    } else if moment && (has_another(view, a, field) || has_another(view, b, field)) {
        -4.4
    } else {
        -2.2
    }
}

/// Whether the system's own list gives a column this meaning or another one: SAP's basic finish date is the order's due date where
/// its scheduled finish stands beside it.
fn has_another(view: &View<'_>, column: usize, field: Candidate) -> bool {
    entries(view.knowledge, &view.names[column]).any(|(entry, literal)| {
        let several = matches!(&entry.meaning, Meaning::Fields(fields)
            if fields.len() > 1 && fields.iter().any(|own| Candidate::of(*own) == field));
        several && literal > 0.9 && Some(entry.system) == view.systems.best
    })
}

fn tied(view: &View<'_>, a: usize, b: usize, tie: Tie) -> f64 {
    let order = view.relations.order(a, b);
    match tie {
        Tie::Span => {
            if order.rows < 8 {
                0.1
            } else if order.not_above >= 0.97 {
                0.6
            } else if order.not_above >= 0.8 {
                0.0
            } else if order.not_above >= 0.5 {
                -0.6
            } else {
                -2.0
            }
        }
        Tie::Part => {
            if order.rows < 8 {
                0.0
            } else if order.not_above >= 0.9 {
                0.15
            } else if order.not_above >= 0.5 {
                -0.2
            } else {
                -1.2
            }
        }
        Tie::Named => {
            if view.relations.determines(a, b) {
                0.5
            } else if view.relations.repeats[a] > 0.2 && !view.facts[b].empty() {
                -0.3
            } else {
                0.0
            }
        }
        Tie::Counterpart => counterparts(view, a, b),
        Tie::Mixed | Tie::Apart => -0.5,
    }
}

/// Plan and actual of one thing are of one size, and not the same in every row.
fn counterparts(view: &View<'_>, plan: usize, actual: usize) -> f64 {
    let mean = |column: usize| view.facts[column].mean.filter(|mean| *mean > 0.0);
    let numbers = view.facts[plan].kind.is_number() && view.facts[actual].kind.is_number();
    match (mean(plan), mean(actual)) {
        (Some(planned), Some(happened)) if numbers && view.facts[plan].filled >= 8 => {
            let ratio = happened / planned;
            if (0.2..5.0).contains(&ratio) { 0.35 } else { -0.2 }
        }
        _ => 0.3,
    }
}
