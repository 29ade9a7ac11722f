//! The plants of an organisation side by side: of each the key figures of its newest analysis.

use std::collections::BTreeMap;

use domain::{Role, analysis::KpiValue};
use serde_json::{Map, Value, json};
use store::{
    Page,
    analyses::{self, Analysis as Row, AnalysisState, Filter},
    facilities::{self, Facility},
};

use crate::{Backing, Caller, Error, deed};

/// A plant with its newest complete analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Plant {
    pub facility: Facility,
    /// None before the first.
    pub newest: Option<Row>,
    /// Figures of the whole plant, by what they are called; empty for an analysis of an earlier release.
    pub kpis: BTreeMap<String, f64>,
}

/// Plants that are laid side by side.
const MOST: usize = 100;

/// The plants that are not archived, by name.
pub async fn side_by_side(backing: &Backing, caller: &Caller) -> Result<Vec<Plant>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let mut plants = Vec::new();
    for facility in facilities::list(&mut tx, false).await?.into_iter().take(MOST) {
        let filter = Filter {
            state: Some(AnalysisState::Completed),
            facility: Some(facility.id),
            ..Filter::default()
        };
        let newest = analyses::list(&mut tx, filter, Page::first(1)).await?.items.into_iter().next();
        let kpis = newest.as_ref().map(|row| figures(&row.document)).unwrap_or_default();
        plants.push(Plant { facility, newest, kpis });
    }
    Ok(plants)
}

/// Figures of the whole plant, as they stand beside an analysis.
pub(super) fn kept(kpis: &[KpiValue]) -> Value {
    let whole = kpis.iter().filter(|kpi| kpi.scope.is_empty());
    Value::Object(whole.map(|kpi| (kpi.id.to_owned(), json!(kpi.value))).collect::<Map<_, _>>())
}

fn figures(document: &Value) -> BTreeMap<String, f64> {
    let all = document["kpis"].as_object().into_iter().flatten();
    all.filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect()
}
