//! Whether a figure of the order that stands on finer rows is the order's own, repeated on each, or a part of it.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::prelude::SessionContext;
use domain::{Granularity, mapping::CONTRADICTIONS};
use ontology::{Entity, FieldId, FieldType};

use super::{read, stage::Staged};
use crate::error::AnalyzeError;

/// A view of rows with the fields it has.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) granularity: Granularity,
    pub(crate) fields: BTreeSet<FieldId>,
    /// Figures of the order that differ between the rows of one order: each row has its part.
    pub(crate) parts: BTreeSet<FieldId>,
}

impl View {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.as_str() == name)
    }
}

/// What a figure of the order is called where each operation or booking has its own.
const OF_OPERATION: [(&str, &str); 8] = [
    ("quantity_completed", "operation_quantity_completed"),
    ("quantity_scrapped", "operation_quantity_scrapped"),
    ("quantity_reworked", "operation_quantity_reworked"),
    ("quantity_on_hold", "operation_quantity_on_hold"),
    ("actual_start", "operation_actual_start"),
    ("actual_end", "operation_actual_end"),
    ("planned_start", "operation_planned_start"),
    ("planned_end", "operation_planned_end"),
];

/// What a field of the order is called where it belongs to an operation.
pub(crate) fn name_at_operation(field: FieldId) -> &'static str {
    OF_OPERATION.iter().find(|(from, _)| *from == field.as_str()).map_or(field.as_str(), |(_, to)| *to)
}

/// Views `rows_0`, `rows_1`, … of the staged files, with what belongs to operations named so.
pub(crate) async fn views(session: &SessionContext, staged: &[Staged]) -> Result<Vec<View>, AnalyzeError> {
    let mut views = Vec::new();
    for file in staged {
        let parts = parts(session, file).await?;
        let fine = matches!(file.granularity, Granularity::Operation | Granularity::Labor);
        let renamed: BTreeMap<&str, &str> = OF_OPERATION
            .into_iter()
            .filter(|(from, to)| fine && !file.has(to) && parts.iter().any(|field| field.as_str() == *from))
            .collect();
        let mut fields = BTreeSet::new();
        let mut select: Vec<String> =
            ["source_file", "source_row", "order_key", "operation_key"].map(str::to_owned).to_vec();
        for field in &file.fields {
            let name = renamed.get(field.as_str()).copied().unwrap_or(field.as_str());
            fields.extend(FieldId::named(name));
            select.push(format!("\"{field}\" AS \"{name}\""));
        }
        let name = format!("rows_{}", file.table);
        let query = format!("SELECT {} FROM {}", select.join(", "), file.view());
        define(session, &name, &query).await?;
        let parts = parts.into_iter().filter(|field| fields.contains(field)).collect();
        views.push(View { name, granularity: file.granularity, fields, parts });
    }
    Ok(views)
}

/// Fields of a file whose rows are parts of what they belong to: figures of the order that differ within orders, and
/// pieces that arrived where each booking of an operation states its own.
async fn parts(session: &SessionContext, file: &Staged) -> Result<BTreeSet<FieldId>, AnalyzeError> {
    let of = |wanted: &dyn Fn(FieldId) -> bool| -> Vec<FieldId> {
        file.fields.iter().copied().filter(|field| wanted(*field)).collect()
    };
    let of_orders = of(&|field| {
        let definition = field.definition();
        definition.entity == Entity::WorkOrder
            && matches!(definition.type_, FieldType::Number | FieldType::Timestamp)
    });
    let mut parts = differing(session, file, "order_key", of_orders).await?;
    if file.granularity == Granularity::Labor {
        let of_operations = of(&|field| field.as_str() == "operation_quantity_in");
        parts.extend(differing(session, file, "operation_key", of_operations).await?);
    }
    Ok(parts)
}

/// The fields that hold several values within one key more often than slips explain.
async fn differing(
    session: &SessionContext,
    file: &Staged,
    key: &str,
    candidates: Vec<FieldId>,
) -> Result<BTreeSet<FieldId>, AnalyzeError> {
    if candidates.is_empty() {
        return Ok(BTreeSet::new());
    }
    let inner: Vec<String> = candidates
        .iter()
        .map(|f| {
            format!("count(\"{f}\") AS \"n_{f}\", min(\"{f}\") AS \"lo_{f}\", max(\"{f}\") AS \"hi_{f}\"")
        })
        .collect();
    let outer: Vec<String> = candidates
        .iter()
        .map(|f| {
            format!(
                "coalesce(sum(CASE WHEN \"n_{f}\" > 1 THEN 1.0 ELSE 0.0 END), 0.0), \
                 coalesce(sum(CASE WHEN \"lo_{f}\" < \"hi_{f}\" THEN 1.0 ELSE 0.0 END), 0.0)"
            )
        })
        .collect();
    let query = format!(
        "SELECT {} FROM (SELECT {} FROM {} WHERE {key} IS NOT NULL GROUP BY {key})",
        outer.join(", "),
        inner.join(", "),
        file.view()
    );
    let counts = read::numbers(session, &query).await?;
    Ok(candidates
        .into_iter()
        .enumerate()
        .filter(|(idx, _)| {
            let (several, differ) = (counts.get(2 * idx), counts.get(2 * idx + 1));
            matches!((several, differ), (Some(several), Some(differ)) if *differ > CONTRADICTIONS * several)
        })
        .map(|(_, field)| field)
        .collect())
}

/// Gives a query a name.
pub(crate) async fn define(session: &SessionContext, name: &str, query: &str) -> Result<(), AnalyzeError> {
    let view = session.sql(query).await?.into_view();
    session.register_table(name, view)?;
    Ok(())
}

/// One view over several with the union of their fields.
pub(crate) async fn union(
    session: &SessionContext,
    name: &str,
    views: &[&View],
) -> Result<View, AnalyzeError> {
    let fields: BTreeSet<FieldId> = views.iter().flat_map(|view| view.fields.iter().copied()).collect();
    let parts = views.iter().flat_map(|view| view.parts.iter().copied()).collect();
    let selects: Vec<String> =
        views.iter().map(|view| format!("SELECT {} FROM {}", aligned(view, &fields), view.name)).collect();
    define(session, name, &selects.join(" UNION ALL ")).await?;
    Ok(View {
        name: name.to_owned(),
        granularity: views.first().map_or(Granularity::Event, |view| view.granularity),
        fields,
        parts,
    })
}

/// The columns of a view in the shape of `fields`, null where it has none.
pub(crate) fn aligned(view: &View, fields: &BTreeSet<FieldId>) -> String {
    let mut select: Vec<String> =
        ["source_file", "source_row", "order_key", "operation_key"].map(str::to_owned).to_vec();
    select.extend(fields.iter().map(|field| {
        if view.fields.contains(field) {
            format!("\"{field}\"")
        } else {
            format!("{} AS \"{field}\"", super::expression::null(*field))
        }
    }));
    select.join(", ")
}
