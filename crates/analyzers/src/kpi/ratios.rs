//! Figures that are one sum over another of the same rows.

use datafusion::prelude::SessionContext;
use domain::analysis::KpiValue;
use ontology::Entity;

use super::{has, scope, value};
use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
    query::table_name,
};

/// One ratio: SQL of its parts on one row, and the fields it takes.
pub(crate) struct Ratio {
    pub(crate) id: &'static str,
    pub(crate) table: Entity,
    pub(crate) numerator: &'static str,
    pub(crate) denominator: &'static str,
    pub(crate) needs: &'static [&'static str],
    pub(crate) note: Option<&'static str>,
}

const MADE: &str = "(operation_quantity_completed + coalesce(operation_quantity_scrapped, 0.0))";
const ORDER_MADE: &str = "(quantity_completed + coalesce(quantity_scrapped, 0.0))";
const PLANNED_RUN: &str = "(planned_run_hours * CASE WHEN operation_quantity_in > 0 THEN (operation_quantity_completed + coalesce(operation_quantity_scrapped, 0.0)) / operation_quantity_in ELSE 1.0 END)";
const SPENT: &str = "(actual_run_hours + coalesce(actual_setup_hours, 0.0))";
const BUSY: &str = "(actual_run_hours + coalesce(actual_setup_hours, 0.0) + coalesce(downtime_hours, 0.0))";
const BOOKED: Option<&str> = Some("of the time any work was booked");
const COUNTED: Option<&str> = Some("produced = good + scrapped; reworked pieces count once");

pub(crate) const RATIOS: &[Ratio] = &[
    Ratio {
        id: "scrap_ratio",
        table: Entity::Operation,
        numerator: "operation_quantity_scrapped",
        denominator: MADE,
        needs: &["operation_quantity_completed", "operation_quantity_scrapped"],
        note: COUNTED,
    },
    Ratio {
        id: "quality_ratio",
        table: Entity::Operation,
        numerator: "operation_quantity_completed",
        denominator: MADE,
        needs: &["operation_quantity_completed", "operation_quantity_scrapped"],
        note: COUNTED,
    },
    Ratio {
        id: "rework_ratio",
        table: Entity::Operation,
        numerator: "operation_quantity_reworked",
        denominator: MADE,
        needs: &[
            "operation_quantity_completed",
            "operation_quantity_scrapped",
            "operation_quantity_reworked",
        ],
        note: COUNTED,
    },
    Ratio {
        id: "first_pass_yield",
        table: Entity::Operation,
        numerator: "(operation_quantity_completed - operation_quantity_reworked)",
        denominator: MADE,
        needs: &[
            "operation_quantity_completed",
            "operation_quantity_scrapped",
            "operation_quantity_reworked",
        ],
        note: COUNTED,
    },
    Ratio {
        id: "scrap_ratio",
        table: Entity::WorkOrder,
        numerator: "quantity_scrapped",
        denominator: ORDER_MADE,
        needs: &["quantity_completed", "quantity_scrapped"],
        note: COUNTED,
    },
    Ratio {
        id: "quality_ratio",
        table: Entity::WorkOrder,
        numerator: "quantity_completed",
        denominator: ORDER_MADE,
        needs: &["quantity_completed", "quantity_scrapped"],
        note: COUNTED,
    },
    Ratio {
        id: "rework_ratio",
        table: Entity::WorkOrder,
        numerator: "quantity_reworked",
        denominator: ORDER_MADE,
        needs: &["quantity_completed", "quantity_scrapped", "quantity_reworked"],
        note: COUNTED,
    },
    Ratio {
        id: "actual_to_planned_scrap_ratio",
        table: Entity::WorkOrder,
        numerator: "quantity_scrapped",
        denominator: "planned_scrap_quantity",
        needs: &["quantity_scrapped", "planned_scrap_quantity"],
        note: None,
    },
    Ratio {
        id: "setup_ratio",
        table: Entity::Operation,
        numerator: "coalesce(actual_setup_hours, 0.0)",
        denominator: SPENT,
        needs: &["actual_setup_hours", "actual_run_hours"],
        note: None,
    },
    Ratio {
        id: "utilization_efficiency",
        table: Entity::Operation,
        numerator: "actual_run_hours",
        denominator: BUSY,
        needs: &["actual_setup_hours", "actual_run_hours"],
        note: BOOKED,
    },
    Ratio {
        id: "technical_efficiency",
        table: Entity::Operation,
        numerator: "actual_run_hours",
        denominator: "(actual_run_hours + coalesce(downtime_hours, 0.0))",
        needs: &["actual_run_hours", "downtime_hours"],
        note: BOOKED,
    },
    Ratio {
        id: "effectiveness",
        table: Entity::Operation,
        numerator: PLANNED_RUN,
        denominator: "CASE WHEN planned_run_hours IS NOT NULL THEN actual_run_hours END",
        needs: &["planned_run_hours", "actual_run_hours"],
        note: None,
    },
    Ratio {
        id: "labor_efficiency",
        table: Entity::Operation,
        numerator: "(planned_run_hours * CASE WHEN operation_quantity_in > 0 THEN (operation_quantity_completed + coalesce(operation_quantity_scrapped, 0.0)) / operation_quantity_in ELSE 1.0 END + coalesce(planned_setup_hours, 0.0))",
        denominator: SPENT,
        needs: &["planned_run_hours", "planned_setup_hours", "actual_run_hours", "actual_setup_hours"],
        note: None,
    },
    Ratio {
        id: "setup_efficiency",
        table: Entity::Operation,
        numerator: "planned_setup_hours",
        denominator: "actual_setup_hours",
        needs: &["planned_setup_hours", "actual_setup_hours"],
        note: None,
    },
    Ratio {
        id: "energy_per_hour",
        table: Entity::Operation,
        numerator: "energy_kwh",
        denominator: "actual_run_hours",
        needs: &["energy_kwh", "actual_run_hours"],
        note: None,
    },
    Ratio {
        id: "energy_consumption",
        table: Entity::Operation,
        numerator: "energy_kwh",
        denominator: MADE,
        needs: &["energy_kwh", "operation_quantity_completed"],
        note: None,
    },
    Ratio {
        id: "worker_efficiency",
        table: Entity::Booking,
        numerator: "actual_labor_hours",
        denominator: "attendance_hours",
        needs: &["actual_labor_hours", "attendance_hours"],
        note: None,
    },
    Ratio {
        id: "material_utilization",
        table: Entity::Material,
        numerator: "planned_material_quantity * material_standard_cost",
        denominator: "actual_material_quantity * material_standard_cost",
        needs: &["planned_material_quantity", "actual_material_quantity", "material_standard_cost"],
        note: Some("weighted by standard cost; the plan is that of the order"),
    },
];

/// Scopes by table; empty: the whole plant.
const SCOPES: [&str; 4] = ["", "facility_id", "work_center_id", "machine_id"];

/// Levels of a scope beyond which figures are no longer read by anyone.
const LEVELS: usize = 500;

pub(super) async fn compute(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Vec<KpiValue>, AnalyzeError> {
    let mut values = Vec::new();
    for table in [Entity::WorkOrder, Entity::Operation, Entity::Booking, Entity::Material] {
        let ratios: Vec<&Ratio> = RATIOS
            .iter()
            .filter(|ratio| {
                ratio.table == table && ratio.needs.iter().all(|need| has(canonical, table, need))
            })
            .collect();
        if ratios.is_empty() {
            continue;
        }
        for by in SCOPES.into_iter().filter(|by| by.is_empty() || has(canonical, table, by)) {
            let mut select =
                vec![if by.is_empty() { "'' AS scope".to_owned() } else { format!("{by} AS scope") }];
            for (idx, ratio) in ratios.iter().enumerate() {
                let (n, d) = (
                    with_known(ratio.numerator, canonical, table),
                    with_known(ratio.denominator, canonical, table),
                );
                select.push(format!("sum(CASE WHEN {d} IS NOT NULL THEN {n} END) AS n{idx}"));
                select.push(format!("sum(CASE WHEN {n} IS NOT NULL THEN {d} END) AS d{idx}"));
            }
            let group = if by.is_empty() {
                String::new()
            } else {
                format!(" WHERE {by} IS NOT NULL GROUP BY {by} ORDER BY {by} LIMIT {LEVELS}")
            };
            let query = format!("SELECT {} FROM {}{group}", select.join(", "), table_name(table));
            for row in read::rows(session, &query).await? {
                let Some(name) = row[0].text() else { continue };
                let of = if by.is_empty() { Vec::new() } else { scope(by, name) };
                for (idx, ratio) in ratios.iter().enumerate() {
                    if let (Some(n), Some(d)) = (row[1 + 2 * idx].number(), row[2 + 2 * idx].number())
                        && d > 0.0
                    {
                        values.extend(value(ratio.id, n, d, of.clone(), ratio.note.map(str::to_owned)));
                    }
                }
            }
        }
    }
    Ok(values)
}

/// The expression with fields that the table lacks as null.
pub(crate) fn with_known(expression: &str, canonical: &Canonical, table: Entity) -> String {
    let fields = canonical.tables.get(&table).map(|table| &table.fields);
    let mut out = String::new();
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        let missing = ontology::FieldId::named(word)
            .is_some_and(|field| !fields.is_some_and(|fields| fields.contains_key(&field)));
        out.push_str(if missing { "CAST(NULL AS DOUBLE)" } else { word.as_str() });
        word.clear();
    };
    for letter in expression.chars() {
        if letter.is_ascii_lowercase() || letter == '_' {
            word.push(letter);
        } else {
            flush(&mut word, &mut out);
            out.push(letter);
        }
    }
    flush(&mut word, &mut out);
    out
}
