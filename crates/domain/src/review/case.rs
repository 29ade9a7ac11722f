//! Findings that belong together: about the same machine, supplier, product; or one that explains the other.

use std::collections::BTreeMap;

use super::{Yearly, category, counts, sum, thing};
use crate::{Analysis, Finding, analysis::EntityRef};

/// Findings to be looked at together. Every finding is in one case, alone where nothing else is about the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Case<'a> {
    /// Stable as long as its leading finding is.
    pub id: String,
    /// What holds it together, in as many findings as possible first; empty for a finding alone.
    pub shared: Vec<EntityRef>,
    /// Largest money first.
    pub findings: Vec<&'a Finding>,
    /// Of those that count, each once; `None` where none is in money.
    pub yearly: Option<Yearly>,
}

impl Case<'_> {
    /// The title of a finding alone; otherwise what the findings share.
    pub fn title(&self) -> String {
        match &self.findings[..] {
            [only] => only.title.clone(),
            findings => {
                let things: Vec<String> = self.shared.iter().take(2).map(thing).collect();
                format!("{} findings about {}", findings.len(), things.join(", "))
            }
        }
    }

    pub fn category(&self) -> &'static str {
        self.findings.first().map_or("Other", |finding| category(finding.type_))
    }

    pub fn priority(&self) -> u8 {
        self.findings.iter().map(|finding| finding.priority).max().unwrap_or_default()
    }
}

/// What everything in a plant shares says nothing about belonging together.
const BROAD: [&str; 3] = ["facility_id", "company_id", "currency"];

/// Lists and notes on the data are about no single thing, whatever they name first.
fn stands_alone(finding: &Finding) -> bool {
    matches!(finding.type_, "order_overrun" | "data_quality")
}

fn own(finding: &Finding) -> impl Iterator<Item = &EntityRef> {
    let alone = stands_alone(finding);
    finding.entities.iter().filter(move |entity| !alone && !BROAD.contains(&entity.field.as_str()))
}

/// The cases of an analysis, the largest money first, then by priority.
pub fn cases(analysis: &Analysis) -> Vec<Case<'_>> {
    let findings = analysis.findings_by_money();
    let mut groups = Groups((0..findings.len()).collect());
    let mut first_about: BTreeMap<&EntityRef, usize> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        for entity in own(finding) {
            let first = *first_about.entry(entity).or_insert(at);
            groups.join(first, at);
        }
    }
    for (at, finding) in findings.iter().enumerate() {
        for (other, explained) in findings.iter().enumerate() {
            // All of what the other one is about had looked odd until this one was found.
            if at != other && own(explained).next().is_some() {
                let within = own(explained).all(|entity| finding.shadows.contains(entity));
                if within {
                    groups.join(at, other);
                }
            }
        }
    }
    let mut members: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        members.entry(groups.root(at)).or_default().push(*finding);
    }
    let mut cases: Vec<Case<'_>> = members.into_values().map(case).collect();
    let value = |case: &Case<'_>| case.yearly.map_or(f64::NEG_INFINITY, |yearly| yearly.value);
    cases.sort_by(|a, b| {
        value(b)
            .total_cmp(&value(a))
            .then_with(|| b.priority().cmp(&a.priority()))
            .then_with(|| a.id.cmp(&b.id))
    });
    cases
}

fn case(findings: Vec<&Finding>) -> Case<'_> {
    let mut shared: Vec<(usize, EntityRef)> = Vec::new();
    for entity in findings.iter().flat_map(|finding| own(finding)) {
        match shared.iter_mut().find(|(_, known)| known == entity) {
            Some((times, _)) => *times += 1,
            None => shared.push((1, entity.clone())),
        }
    }
    // The order of first mention breaks ties, so that the leading finding names the case.
    shared.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
    if shared.first().is_some_and(|(times, _)| *times > 1) {
        shared.retain(|(times, _)| *times > 1);
    }
    if findings.len() == 1 {
        shared.clear();
    }
    Case {
        id: format!("case-{}", findings.first().map_or("", |finding| finding.id.as_str())),
        shared: shared.into_iter().map(|(_, entity)| entity).collect(),
        yearly: sum(findings
            .iter()
            .filter(|finding| counts(finding))
            .filter_map(|finding| Yearly::of(finding))),
        findings,
    }
}

/// Which of several are together: each points to one before it, or to itself.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&self, mut at: usize) -> usize {
        while self.0[at] != at {
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analysis::EvidenceGrade,
        review::sample::{analysis, entity, finding},
    };

    fn told(cases: &[Case<'_>]) -> Vec<String> {
        cases.iter().map(Case::title).collect()
    }

    #[test]
    fn what_is_about_the_same_thing_is_one_case_and_its_money_counts_once() {
        let mut slow = finding("run_time_degradation", &[("machine_id", "M07")], 40_000.0);
        slow.shadows = vec![entity("work_center_id", "WC-10")];
        let scrap = finding("scrap_rate", &[("machine_id", "M07"), ("product_family", "C")], 10_000.0);
        let center = finding("labor_efficiency_variance", &[("work_center_id", "WC-10")], 5_000.0);
        let price = finding("material_price_variance", &[("supplier_id", "S03")], 86_400.0);
        let mut hint = finding("energy_per_hour", &[("machine_id", "M07")], 1_000.0);
        hint.evidence_grade = EvidenceGrade::Hint;
        let analysis = analysis(vec![slow, scrap, center, price, hint]);
        let cases = cases(&analysis);
        assert_eq!(cases.len(), 2, "{:?}", told(&cases));
        assert_eq!(cases[0].findings.len(), 1);
        assert_eq!(cases[1].title(), "4 findings about Machine M07");
        let all: f64 = cases.iter().filter_map(|case| case.yearly).map(|yearly| yearly.value).sum();
        let counted: f64 = analysis
            .findings
            .iter()
            .filter(|finding| counts(finding))
            .filter_map(Yearly::of)
            .map(|yearly| yearly.value)
            .sum();
        assert!((all - counted).abs() < 1e-6, "a hint is no money, and nothing counts twice");
        let yearly = cases[1].yearly.unwrap();
        let parts: f64 = cases[1].findings.iter().filter_map(|one| Yearly::of(one)).map(|one| one.high).sum();
        assert!(yearly.low < yearly.value && yearly.value < yearly.high && yearly.high < parts);
    }

    #[test]
    fn a_plant_or_a_list_holds_nothing_together() {
        let analysis = analysis(vec![
            finding("scrap_rate", &[("shift", "3"), ("facility_id", "F01")], 4_000.0),
            finding("setup_overrun", &[("product_family", "F"), ("facility_id", "F01")], 3_000.0),
            finding("order_overrun", &[("work_order_id", "W1")], 2_000.0),
            finding("margin_leak", &[("work_order_id", "W1")], 1_000.0),
        ]);
        assert_eq!(cases(&analysis).len(), 4);
    }

    #[test]
    fn the_order_of_findings_does_not_change_the_cases() {
        let findings: Vec<Finding> = [("M1", 5.0), ("M2", 4.0), ("M1", 3.0), ("M2", 2.0), ("M3", 1.0)]
            .iter()
            .enumerate()
            .map(|(at, (machine, value))| {
                let mut one = finding("scrap_rate", &[("machine_id", machine)], *value * 1_000.0);
                one.id = format!("f{at}");
                one
            })
            .collect();
        let mut turned = findings.clone();
        turned.reverse();
        let (one, other) = (analysis(findings), analysis(turned));
        assert_eq!(cases(&one), cases(&other));
        assert_eq!(told(&cases(&one))[0], "2 findings about Machine M1");
    }
}
