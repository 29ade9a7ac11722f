//! What the data of an analysis can be asked for.

use std::collections::BTreeSet;

use analyzers::{Canonical, figures};
use assistant::{Catalog, catalog::Ability, intent::Period};
use domain::Analysis;
use ontology::FieldId;

use crate::Error;

/// Values of a field that are known by name; of more, names are taken as they are said.
const VALUES_MAX: usize = 3_000;

pub(super) fn of(canonical: &Canonical, analysis: &Analysis) -> Result<Catalog, Error> {
    let fields: Vec<FieldId> =
        assistant::dimensions().iter().flat_map(|dimension| dimension.fields.iter().copied()).collect();
    let mut catalog = Catalog {
        period: analysis.period.as_ref().and_then(|period| {
            Some(Period { first: period.start.parse().ok()?, last: period.end.parse().ok()? })
        }),
        findings: analysis.findings.len(),
        ..Catalog::default()
    };
    for found in figures::values(canonical, &fields, VALUES_MAX)? {
        if found.total as usize > VALUES_MAX {
            catalog.long.push(found.field);
        }
        catalog.values.insert(found.field, found.values.into_iter().map(|(value, _)| value).collect());
    }
    for metric in assistant::metrics() {
        if let Some(ability) = figures::ability(canonical, metric.id) {
            let ability = Ability { fields: ability.fields, dated: ability.dated };
            catalog.metrics.insert(metric.id.to_owned(), ability);
        } else if let Some(ability) = stored(analysis, metric.id) {
            catalog.metrics.insert(metric.id.to_owned(), ability);
        }
    }
    Ok(catalog)
}

/// Key figures that only the analysis has: for the whole plant and for the scopes that were computed.
fn stored(analysis: &Analysis, metric: &str) -> Option<Ability> {
    let values: Vec<_> = analysis.kpis.iter().filter(|kpi| kpi.id == metric).collect();
    if values.is_empty() {
        return None;
    }
    let mut scopes: BTreeSet<FieldId> = BTreeSet::new();
    for kpi in values {
        if let [entity] = &kpi.scope[..] {
            scopes.insert(entity.field);
        }
    }
    Some(Ability { fields: scopes.into_iter().collect(), dated: false })
}
