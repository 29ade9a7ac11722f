//! What figures are made of: SQL on one row, and the fields it takes.

use std::borrow::Cow;

use ontology::{Entity, FieldId};

use crate::{
    canonical::Canonical,
    kpi::{ratios::RATIOS, reliability::PLANNED},
};

/// How values of rows become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Sum over sum.
    Ratio,
    Sum,
    Median,
}

#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub(super) table: Entity,
    pub(super) how: How,
    pub(super) numerator: Cow<'static, str>,
    pub(super) denominator: Cow<'static, str>,
    pub(super) needs: Vec<&'static str>,
    pub(super) note: Option<Cow<'static, str>>,
    /// Says something only of a part: sums over all steps would count a piece once a step.
    pub(super) of_a_part: bool,
}

type Row =
    (&'static str, Entity, How, &'static str, &'static str, &'static [&'static str], Option<&'static str>);

use Entity::{Booking, Equipment, Material, Operation, Quality, WorkOrder};
use How::{Median, Ratio, Sum};

const FLEX: &str = "actual less planned cost as booked; the plan is that of the quantity ordered, while the overview adjusts it to the quantity made";
const WEIGHTED: &str = "weighted by hours";
const PER_COST: &str = "labor cost over labor hours";

const ROWS: &[Row] = &[
    (
        "cost_variance",
        WorkOrder,
        Sum,
        "actual_total_cost - planned_total_cost",
        "",
        &["actual_total_cost", "planned_total_cost"],
        Some(FLEX),
    ),
    (
        "unit_cost",
        WorkOrder,
        Ratio,
        "actual_total_cost",
        "quantity_completed",
        &["actual_total_cost", "quantity_completed"],
        None,
    ),
    ("margin", WorkOrder, Sum, "revenue - actual_total_cost", "", &["revenue", "actual_total_cost"], None),
    (
        "margin_ratio",
        WorkOrder,
        Ratio,
        "(revenue - actual_total_cost)",
        "revenue",
        &["revenue", "actual_total_cost"],
        None,
    ),
    (
        "labor_rate",
        Booking,
        Ratio,
        "labor_rate * booking_hours",
        "booking_hours",
        &["labor_rate", "booking_hours"],
        Some(WEIGHTED),
    ),
    (
        "labor_rate",
        Booking,
        Ratio,
        "labor_rate * actual_labor_hours",
        "actual_labor_hours",
        &["labor_rate", "actual_labor_hours"],
        Some(WEIGHTED),
    ),
    (
        "labor_rate",
        Operation,
        Ratio,
        "labor_rate * actual_labor_hours",
        "actual_labor_hours",
        &["labor_rate", "actual_labor_hours"],
        Some(WEIGHTED),
    ),
    (
        "labor_rate",
        Operation,
        Ratio,
        "labor_rate * actual_run_hours",
        "actual_run_hours",
        &["labor_rate", "actual_run_hours"],
        Some(WEIGHTED),
    ),
    (
        "labor_rate",
        WorkOrder,
        Ratio,
        "actual_labor_cost",
        "actual_labor_hours",
        &["actual_labor_cost", "actual_labor_hours"],
        Some(PER_COST),
    ),
    (
        "labor_rate",
        WorkOrder,
        Ratio,
        "labor_rate * actual_labor_hours",
        "actual_labor_hours",
        &["labor_rate", "actual_labor_hours"],
        Some(WEIGHTED),
    ),
    (
        "machine_rate",
        Booking,
        Ratio,
        "machine_rate * booking_hours",
        "booking_hours",
        &["machine_rate", "booking_hours"],
        Some(WEIGHTED),
    ),
    (
        "machine_rate",
        Operation,
        Ratio,
        "machine_rate * actual_run_hours",
        "actual_run_hours",
        &["machine_rate", "actual_run_hours"],
        Some(WEIGHTED),
    ),
    (
        "setup_hours_each",
        Operation,
        Ratio,
        "actual_setup_hours",
        "CASE WHEN actual_setup_hours > 0.0 THEN 1.0 END",
        &["actual_setup_hours"],
        Some("set-ups without time are not counted"),
    ),
    (
        "orders",
        WorkOrder,
        Sum,
        "CASE WHEN work_order_id IS NOT NULL THEN 1.0 END",
        "",
        &["work_order_id"],
        Some("orders with a number"),
    ),
    ("operations", Operation, Sum, "1.0", "", &[], None),
    (
        "stoppages",
        Equipment,
        Sum,
        "CASE WHEN downtime_hours > 0.0 THEN 1.0 END",
        "",
        &["downtime_hours"],
        None,
    ),
    (
        "batch",
        WorkOrder,
        Ratio,
        "quantity_completed",
        "CASE WHEN quantity_completed > 0.0 THEN 1.0 END",
        &["quantity_completed"],
        Some("mean good quantity of an order"),
    ),
    (
        "material_spend",
        Material,
        Sum,
        "actual_material_quantity * material_unit_cost",
        "",
        &["actual_material_quantity", "material_unit_cost"],
        Some("issued quantity times price paid"),
    ),
    ("material_spend", Material, Sum, "actual_material_cost", "", &["actual_material_cost"], None),
    (
        "material_price",
        Material,
        Ratio,
        "actual_material_quantity * material_unit_cost",
        "actual_material_quantity",
        &["actual_material_quantity", "material_unit_cost"],
        Some("price paid, weighted by quantity; different materials are mixed unless one is named"),
    ),
    (
        "material_price",
        Material,
        Ratio,
        "actual_material_cost",
        "actual_material_quantity",
        &["actual_material_cost", "actual_material_quantity"],
        Some("material cost over quantity; different materials are mixed unless one is named"),
    ),
    ("defects", Quality, Sum, "defect_count", "", &["defect_count"], None),
    (
        "defects",
        Quality,
        Sum,
        "CASE WHEN defect_code IS NOT NULL THEN 1.0 END",
        "",
        &["defect_code"],
        Some("rows with a defect"),
    ),
    (
        "defect_records",
        Quality,
        Sum,
        "CASE WHEN defect_code IS NOT NULL THEN 1.0 END",
        "",
        &["defect_code"],
        Some("rows with a defect, however many pieces each is about"),
    ),
    (
        "lead_time",
        WorkOrder,
        Median,
        "CASE WHEN actual_start < actual_end THEN (CAST(actual_end AS BIGINT) - CAST(actual_start AS BIGINT)) / 3600000000.0 END",
        "",
        &["actual_start", "actual_end"],
        Some("median over orders, from first start to last end"),
    ),
    (
        "schedule_adherence",
        Operation,
        Ratio,
        "CASE WHEN abs(CAST(operation_actual_start AS BIGINT) - CAST(operation_planned_start AS BIGINT)) <= 86400000000 THEN 1.0 ELSE 0.0 END",
        "CASE WHEN operation_actual_start IS NOT NULL AND operation_planned_start IS NOT NULL THEN 1.0 END",
        &["operation_actual_start", "operation_planned_start"],
        Some("begun within one day of the plan"),
    ),
];

/// Fields whose sums are figures under another name, or by steps too.
const SUMS: &[(&str, Entity, &str, bool)] = &[
    ("quantity_completed", Operation, "operation_quantity_completed", true),
    ("quantity_scrapped", Operation, "operation_quantity_scrapped", false),
    ("quantity_reworked", Operation, "operation_quantity_reworked", false),
    ("quantity_completed", Booking, "operation_quantity_completed", true),
    ("quantity_scrapped", Booking, "operation_quantity_scrapped", true),
];

/// Shares of pieces by what only their bookings tell: the shift. A piece counts once a booking, so they are asked of a part only.
const PARTS: &[(&str, &str)] =
    &[("scrap_ratio", "operation_quantity_scrapped"), ("quality_ratio", "operation_quantity_completed")];

/// All ways to compute a figure from these data, best first.
pub(super) fn of(canonical: &Canonical, metric: &str) -> Vec<Definition> {
    let fills = |table: Entity, name: &str| {
        FieldId::named(name).is_some_and(|field| canonical.fill(table, field) > 0.0)
    };
    let mut found = Vec::new();
    // Orders before operations, as the key figures of the analysis have it.
    let mut ratios: Vec<_> = RATIOS.iter().filter(|ratio| ratio.id == metric).collect();
    ratios.sort_by_key(|ratio| {
        [WorkOrder, Operation, Booking, Material].iter().position(|table| *table == ratio.table)
    });
    for ratio in ratios {
        found.push(Definition {
            table: ratio.table,
            how: Ratio,
            numerator: ratio.numerator.into(),
            denominator: ratio.denominator.into(),
            needs: ratio.needs.to_vec(),
            note: ratio.note.map(Into::into),
            of_a_part: false,
        });
    }
    for (_, table, how, numerator, denominator, needs, note) in ROWS.iter().filter(|row| row.0 == metric) {
        found.push(Definition {
            table: *table,
            how: *how,
            numerator: (*numerator).into(),
            denominator: (*denominator).into(),
            needs: needs.to_vec(),
            note: note.map(Into::into),
            of_a_part: false,
        });
    }
    found.extend(delivery(canonical, metric));
    found.extend(repair(canonical, metric));
    if let Some(field) = FieldId::named(metric).filter(|field| field.is_additive()) {
        // Where it is at home first, then finer tables, then coarser ones.
        let home = field.definition().entity;
        for table in [home, Operation, Booking, WorkOrder, Material, Equipment, Quality] {
            found.push(sum(table, field.as_str(), false));
        }
    }
    for (_, numerator) in PARTS.iter().filter(|part| part.0 == metric) {
        found.push(Definition {
            table: Booking,
            how: Ratio,
            numerator: (*numerator).into(),
            denominator: "operation_quantity_completed + operation_quantity_scrapped".into(),
            needs: vec!["operation_quantity_completed", "operation_quantity_scrapped"],
            note: Some("of the pieces booked; one that passes several operations counts in each".into()),
            of_a_part: true,
        });
    }
    for (_, table, field, of_a_part) in SUMS.iter().filter(|row| row.0 == metric) {
        found.push(sum(*table, field, *of_a_part));
    }
    found.retain(|definition| {
        canonical.tables.get(&definition.table).is_some_and(|table| table.rows > 0)
            && definition.needs.iter().all(|need| fills(definition.table, need))
    });
    found
}

fn sum(table: Entity, field: &'static str, of_a_part: bool) -> Definition {
    Definition {
        table,
        how: Sum,
        numerator: field.into(),
        denominator: "".into(),
        needs: vec![field],
        note: of_a_part
            .then(|| "pieces that went through these operations; one that passes twice counts twice".into()),
        of_a_part,
    }
}

/// Orders against their due dates, with the fields that the data have for it.
fn delivery(canonical: &Canonical, metric: &str) -> Option<Definition> {
    if !matches!(metric, "on_time_delivery" | "late_orders" | "median_days_late") {
        return None;
    }
    let first = |names: [&'static str; 3]| {
        names
            .into_iter()
            .find(|name| FieldId::named(name).is_some_and(|field| canonical.fill(WorkOrder, field) > 0.0))
    };
    let due = first(["due_date", "promised_date", "required_date"])?;
    let end = first(["actual_end", "close_date", "ship_date"])?;
    // A due date without a time of day is kept until that day is over.
    let due_at = format!(
        "(CAST({due} AS BIGINT) + CASE WHEN CAST({due} AS BIGINT) % 86400000000 = 0 THEN 86399999999 ELSE 0 END)"
    );
    let horizon = format!("(SELECT max(CAST({end} AS BIGINT)) FROM work_orders WHERE {due} IS NOT NULL)");
    let counted =
        format!("CASE WHEN {due} IS NOT NULL AND ({end} IS NOT NULL OR {due_at} < {horizon}) THEN 1.0 END");
    let kept = format!("CASE WHEN CAST({end} AS BIGINT) <= {due_at} THEN 1.0 ELSE 0.0 END");
    let note = format!("{end} by {due}; overdue orders that are not finished count as late");
    let (how, numerator, denominator) = match metric {
        "on_time_delivery" => (Ratio, kept, counted),
        "late_orders" => (Sum, format!("CASE WHEN ({counted}) = 1.0 THEN 1.0 - {kept} END"), String::new()),
        _ => (
            Median,
            format!(
                "CASE WHEN CAST({end} AS BIGINT) > {due_at} THEN (CAST({end} AS BIGINT) - {due_at}) / 86400000000.0 END"
            ),
            String::new(),
        ),
    };
    Some(Definition {
        table: WorkOrder,
        how,
        numerator: numerator.into(),
        denominator: denominator.into(),
        needs: vec![due, end],
        note: Some(if metric == "median_days_late" {
            "median over orders that ended late".into()
        } else {
            note.into()
        }),
        of_a_part: false,
    })
}

fn repair(canonical: &Canonical, metric: &str) -> Option<Definition> {
    if metric != "mttr" {
        return None;
    }
    let typed = FieldId::named("downtime_type").is_some_and(|field| canonical.fill(Equipment, field) > 0.0);
    let failure = if typed {
        format!("downtime_hours > 0.0 AND NOT coalesce({PLANNED}, false)")
    } else {
        "downtime_hours > 0.0".to_owned()
    };
    Some(Definition {
        table: Equipment,
        how: Ratio,
        numerator: format!("CASE WHEN {failure} THEN downtime_hours END").into(),
        denominator: format!("CASE WHEN {failure} THEN 1.0 END").into(),
        needs: vec!["downtime_hours"],
        note: (!typed)
            .then(|| "every stoppage counts as a failure: the data do not tell planned ones apart".into()),
        of_a_part: false,
    })
}
