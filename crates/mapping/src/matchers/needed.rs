//! What a table of its grain hardly ever lacks: if no other column is it, this one more likely is.

use domain::Granularity;

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, view::View};

/// Groups of fields of which nearly every table of the grain has one.
const NEEDED: &[(&[Granularity], &[&str])] = &[
    (
        &[Granularity::Header, Granularity::Operation, Granularity::Labor, Granularity::Material],
        &["work_order_id"],
    ),
    (&[Granularity::Header], &["product_id", "product_name"]),
    (&[Granularity::Header], &["quantity_ordered"]),
    (&[Granularity::Operation], &["operation_sequence", "operation_code", "operation_name"]),
    (&[Granularity::Operation], &["work_center_id", "work_center_name", "machine_id", "machine_name"]),
    (&[Granularity::Labor], &["employee_id", "employee_name"]),
    (
        &[Granularity::Labor],
        &["booking_hours", "actual_labor_hours", "actual_run_hours", "actual_setup_hours"],
    ),
    (&[Granularity::Labor], &["booking_date", "operation_actual_start", "operation_actual_end"]),
    (&[Granularity::Material], &["material_id", "material_name"]),
    (&[Granularity::Material], &["planned_material_quantity", "actual_material_quantity"]),
];

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    if beliefs.columns.is_empty() {
        return;
    }
    for (grains, names) in NEEDED {
        let expected: f64 = grains.iter().map(|granularity| beliefs.grain.of(*granularity)).sum();
        let group: Vec<Candidate> = names.iter().map(|name| Candidate::named(name)).collect();
        let lacks: Vec<f64> =
            (0..view.len()).map(|column| 1.0 - beliefs.of(column, &group).min(0.99)).collect();
        let all: f64 = lacks.iter().product();
        for (column, own) in lacks.iter().enumerate() {
            for candidate in &group {
                signals.set(column, *candidate, Signal::Needed, expected * all / own);
            }
        }
    }
}
