//! Two analyses side by side: what became of totals, key figures and findings.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Analysis, Finding, Money,
    analysis::{EntityRef, Totals},
};

/// What differs from the first to the second.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Whether amounts can be laid side by side at all.
    pub same_currency: bool,
    pub totals: Vec<Change>,
    /// Key figures of the whole plant that both have.
    pub kpis: Vec<Change>,
    /// Findings of both, by the identity that outlives a re-run, in the order of the second.
    pub kept: Vec<FindingChange>,
    /// Only in the second.
    pub appeared: Vec<Finding>,
    /// Only in the first.
    pub disappeared: Vec<Finding>,
}

/// One figure, before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub name: String,
    pub before: f64,
    pub after: f64,
}

/// One finding, before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingChange {
    pub before: Finding,
    pub after: Finding,
}

/// Compares two analyses.
pub fn compare(before: &Analysis, after: &Analysis) -> Comparison {
    let totals = totals(&before.totals)
        .into_iter()
        .zip(totals(&after.totals))
        .map(|((name, before), (_, after))| Change {
            name: name.to_owned(),
            before: before.to_f64(),
            after: after.to_f64(),
        })
        .collect();
    let figures: BTreeMap<(&str, &[EntityRef]), f64> =
        before.kpis.iter().map(|kpi| ((kpi.id, kpi.scope.as_slice()), kpi.value)).collect();
    let kpis = after
        .kpis
        .iter()
        .filter(|kpi| kpi.scope.is_empty())
        .filter_map(|kpi| {
            let before = *figures.get(&(kpi.id, kpi.scope.as_slice()))?;
            Some(Change { name: kpi.id.to_owned(), before, after: kpi.value })
        })
        .collect();
    let earlier: BTreeMap<&str, &Finding> =
        before.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let (mut kept, mut appeared) = (Vec::new(), Vec::new());
    for finding in &after.findings {
        match earlier.get(finding.id.as_str()) {
            Some(before) => {
                kept.push(FindingChange { before: (*before).clone(), after: finding.clone() });
            }
            None => appeared.push(finding.clone()),
        }
    }
    let later: BTreeSet<&str> = after.findings.iter().map(|finding| finding.id.as_str()).collect();
    let disappeared =
        before.findings.iter().filter(|finding| !later.contains(finding.id.as_str())).cloned().collect();
    Comparison { same_currency: before.currency == after.currency, totals, kpis, kept, appeared, disappeared }
}

fn totals(totals: &Totals) -> [(&'static str, &Money); 5] {
    [
        ("planned_cost", &totals.planned_cost),
        ("actual_cost", &totals.actual_cost),
        ("variance", &totals.variance),
        ("explained", &totals.explained),
        ("remainder", &totals.remainder),
    ]
}
