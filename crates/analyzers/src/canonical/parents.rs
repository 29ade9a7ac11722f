//! Parent rows: lists of operations where a row of the order stands above the rows of its steps. It names no step; its
//! figures are the order's own, and would be counted a second time as an operation.

use std::collections::BTreeSet;

use datafusion::prelude::SessionContext;
use domain::{Granularity, Issue, issue::Severity};
use ontology::FieldId;

use super::{level::View, level::define, read, stage::Staged};
use crate::error::AnalyzeError;

/// Share of orders that have just one such row above their steps; fewer are slips.
const MOST_ORDERS: f64 = 0.8;
/// Share of orders with several rows that name no step, from which on such a row is no parent.
const SEVERAL: f64 = 0.02;

/// What names a step: without one of these in the file no row lacks it.
const STEPS: [&str; 3] = ["operation_sequence", "operation_code", "operation_name"];

/// A row that names its order and no step, as the staging writes its key.
const NAMES_NO_STEP: &str = "(order_key IS NOT NULL AND operation_key = concat(order_key, '/'))";

/// Whether orders of a staged file have a row of their own above their steps; says so among the issues.
pub(crate) async fn look(
    session: &SessionContext,
    file: &mut Staged,
    name: &str,
    issues: &mut Vec<Issue>,
) -> Result<(), AnalyzeError> {
    if file.granularity != Granularity::Operation || !STEPS.iter().any(|step| file.has(step)) {
        return Ok(());
    }
    let query = format!(
        "SELECT CAST(count(*) AS DOUBLE), \
         coalesce(sum(CASE WHEN above = 1 AND steps > 0 THEN 1.0 ELSE 0.0 END), 0.0), \
         coalesce(sum(CASE WHEN above > 1 THEN 1.0 ELSE 0.0 END), 0.0), coalesce(CAST(sum(above) AS DOUBLE), 0.0) \
         FROM (SELECT sum(CASE WHEN {NAMES_NO_STEP} THEN 1 ELSE 0 END) AS above, \
         sum(CASE WHEN {NAMES_NO_STEP} THEN 0 ELSE 1 END) AS steps \
         FROM {} WHERE order_key IS NOT NULL GROUP BY order_key)",
        file.view()
    );
    let counts = read::numbers(session, &query).await?;
    let (orders, parents, several, rows) = (counts[0], counts[1], counts[2], counts[3]);
    if parents == 0.0 || parents < MOST_ORDERS * orders || several > SEVERAL * orders {
        return Ok(());
    }
    let examples =
        format!("SELECT source_row FROM {} WHERE {NAMES_NO_STEP} ORDER BY source_row LIMIT 20", file.view());
    issues.push(Issue {
        file: name.to_owned(),
        row: None,
        column: None,
        severity: Severity::Note,
        kind: "parent_rows",
        message: "One row of each order names no step and stands for the order above its steps; its figures count for \
                  the order, and never as an operation."
            .to_owned(),
        rows: rows as u64,
        examples: read::rows(session, &examples)
            .await?
            .iter()
            .filter_map(|row| row[0].number())
            .map(|row| row as u64)
            .collect(),
    });
    file.parents = true;
    Ok(())
}

/// Parts a file that has parent rows: what it says of steps goes on under its own name.
pub(crate) async fn part(session: &SessionContext, file: &Staged) -> Result<(), AnalyzeError> {
    if file.parents {
        let query = format!("SELECT * FROM {} WHERE NOT coalesce({NAMES_NO_STEP}, false)", file.all_rows());
        define(session, &file.view(), &query).await?;
    }
    Ok(())
}

/// The parent rows as a list of orders, with the fields that they fill.
pub(crate) async fn view(session: &SessionContext, file: &Staged) -> Result<Option<View>, AnalyzeError> {
    if !file.parents {
        return Ok(None);
    }
    let counted: Vec<String> =
        file.fields.iter().map(|field| format!("CAST(count(\"{field}\") AS DOUBLE)")).collect();
    let query = format!("SELECT {} FROM {} WHERE {NAMES_NO_STEP}", counted.join(", "), file.all_rows());
    let filled = read::numbers(session, &query).await?;
    let fields: BTreeSet<FieldId> = file
        .fields
        .iter()
        .zip(filled)
        .filter(|(field, filled)| *filled > 0.0 && !STEPS.contains(&field.as_str()))
        .map(|(field, _)| *field)
        .collect();
    let name = format!("parents_{}", file.table);
    let mut select: Vec<String> =
        ["source_file", "source_row", "order_key", "operation_key"].map(str::to_owned).to_vec();
    select.extend(fields.iter().map(|field| format!("\"{field}\"")));
    let query = format!("SELECT {} FROM {} WHERE {NAMES_NO_STEP}", select.join(", "), file.all_rows());
    define(session, &name, &query).await?;
    Ok(Some(View { name, granularity: Granularity::Header, fields, parts: BTreeSet::new() }))
}
