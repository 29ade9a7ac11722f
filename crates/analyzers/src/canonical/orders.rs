//! Orders: from order files, completed by what operations, bookings, materials and events say of them.

use std::collections::BTreeSet;

use datafusion::prelude::SessionContext;
use ontology::{Entity, FieldId};

use super::{
    level::View,
    merge::{self, Contribution},
    read,
};
use crate::error::AnalyzeError;

/// Fields of orders that a finer view can say something about.
fn of_orders(view: &View) -> BTreeSet<FieldId> {
    view.fields.iter().copied().filter(|field| field.definition().entity == Entity::WorkOrder).collect()
}

/// The query that gives one row per order, with its fields. `above` are rows of orders above their steps, `finer` are views
/// below the order, most trusted first.
pub(crate) async fn plan(
    session: &SessionContext,
    headers: &[&View],
    above: &[&View],
    operations: Option<Contribution>,
    finer: &[&View],
) -> Result<Option<Contribution>, AnalyzeError> {
    // The last order file counts first.
    let mut contributions: Vec<Contribution> =
        headers.iter().rev().map(|view| merge::gather(view, "order_key", &view.fields)).collect();
    contributions.extend(above.iter().rev().map(|view| merge::gather(view, "order_key", &view.fields)));
    let known: BTreeSet<FieldId> = headers.iter().flat_map(|view| view.fields.iter().copied()).collect();
    let mut later = Vec::new();
    for view in finer {
        let mut wanted = of_orders(view);
        let complete = !headers.is_empty() && all_known(session, headers, view).await?;
        if complete {
            wanted.retain(|field| !known.contains(field));
            if wanted.is_empty() {
                continue;
            }
        }
        later.push(merge::gather(view, "order_key", &wanted));
    }
    let operations = operations.map(|mut contribution| {
        // What the order file says of the order as a whole is not replaced by a sum of its parts.
        contribution.fields.retain(|field| !known.contains(field));
        contribution
    });
    contributions.extend(operations);
    contributions.extend(later);
    Ok((!contributions.is_empty()).then(|| merge::merge(&contributions, "order_key")))
}

async fn all_known(session: &SessionContext, headers: &[&View], view: &View) -> Result<bool, AnalyzeError> {
    let keys: Vec<String> =
        headers.iter().map(|header| format!("SELECT order_key FROM {}", header.name)).collect();
    let query = format!(
        "SELECT CAST(count(*) AS DOUBLE) FROM (SELECT DISTINCT order_key FROM {} WHERE order_key IS NOT NULL) finer \
         LEFT ANTI JOIN ({}) orders ON finer.order_key = orders.order_key",
        view.name,
        keys.join(" UNION ALL ")
    );
    Ok(read::numbers(session, &query).await?[0] == 0.0)
}
