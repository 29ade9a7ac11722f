//! A finding in four parts: what happened, compared with what, what it costs, what to do. Only its own numbers.

use super::{Yearly, thing};
use crate::{Finding, analysis::EvidenceGrade, number};

/// The four parts, each in sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrative {
    pub what: Vec<String>,
    pub why: Vec<String>,
    pub cost: Vec<String>,
    pub next: Vec<String>,
}

impl Narrative {
    /// Heading and sentences of each part.
    pub fn parts(&self) -> [(&'static str, &[String]); 4] {
        [
            ("What happened", &self.what),
            ("How we know", &self.why),
            ("What it costs", &self.cost),
            ("What to do", &self.next),
        ]
    }
}

/// Tells a finding.
pub fn narrative(finding: &Finding) -> Narrative {
    Narrative { what: what(finding), why: why(finding), cost: cost(finding), next: next(finding) }
}

fn what(finding: &Finding) -> Vec<String> {
    let mut said = vec![finding.title.clone()];
    if let (Some(start), Some(low), Some(high)) = (&finding.start, &finding.start_low, &finding.start_high)
        && low != high
    {
        said.push(format!(
            "It began on {}, likely between {} and {}.",
            number::date(start),
            number::date(low),
            number::date(high)
        ));
    }
    said
}

fn why(finding: &Finding) -> Vec<String> {
    let mut said = Vec::new();
    if !finding.comparison.is_empty() {
        said.push(format!("Compared with {}.", finding.comparison));
    }
    said.push(
        match finding.evidence_grade {
            EvidenceGrade::Strong => "It would arise by chance in fewer than 1 of 100 comparable searches.",
            EvidenceGrade::Likely => "It would arise by chance in fewer than 1 of 10 comparable searches.",
            EvidenceGrade::Hint => "It is a hint: nothing was tested, or it could be chance.",
        }
        .to_owned(),
    );
    let explained: Vec<String> = finding.shadows.iter().take(3).map(thing).collect();
    if !explained.is_empty() {
        said.push(format!("It also explains what looked odd at {}.", explained.join(", ")));
    }
    said
}

fn cost(finding: &Finding) -> Vec<String> {
    if let (Some(impact), Some(yearly)) = (&finding.impact, Yearly::of(finding)) {
        let money = |amount: f64| number::money(amount, &impact.value.currency);
        return vec![
            format!(
                "{} in the period, likely between {} and {}.",
                money(impact.value.to_f64()),
                money(impact.low.to_f64()),
                money(impact.high.to_f64())
            ),
            format!(
                "{} a year at this pace, of which {} can be won back.",
                money(yearly.value),
                money(yearly.recoverable)
            ),
        ];
    }
    vec![match &finding.quantity {
        Some(quantity) if quantity.low < quantity.high => format!(
            "{} {unit} in the period, likely between {} and {} {unit}; it is not stated in money.",
            number::short(quantity.value, ""),
            number::short(quantity.low, ""),
            number::short(quantity.high, ""),
            unit = quantity.unit,
        ),
        Some(quantity) => format!(
            "{} {} in the period; it is not stated in money.",
            number::short(quantity.value, ""),
            quantity.unit
        ),
        None => "It is not stated in money.".to_owned(),
    }]
}

fn next(finding: &Finding) -> Vec<String> {
    let mut actions = finding.actions.iter();
    let Some(first) = actions.next() else {
        return vec!["No step follows from this alone; look at the rows behind it first.".to_owned()];
    };
    let mut said = vec![format!("{} (takes {})", first.title, first.effort)];
    said.extend(actions.next().map(|other| {
        format!("Another way to the same money, not to more of it: {} (takes {})", other.title, other.effort)
    }));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::sample::finding;

    fn figures(text: &str) -> Vec<String> {
        text.split(|letter: char| !(letter.is_ascii_digit() || letter == ',' || letter == '.'))
            .map(|figure| figure.trim_matches(|letter| letter == ',' || letter == '.').to_owned())
            .filter(|figure| !figure.is_empty())
            .collect()
    }

    #[test]
    fn every_number_of_the_four_parts_is_the_findings_own() {
        let mut finding = finding("material_price_variance", &[("supplier_id", "S03")], 86_400.0);
        finding.start = Some("2025-06-03".to_owned());
        finding.start_low = Some("2025-05-28".to_owned());
        finding.start_high = Some("2025-06-09".to_owned());
        finding.shadows = finding.entities.clone();
        let own = [
            finding.title.clone(),
            finding.comparison.clone(),
            "3 Jun 2025 28 May 2025 9 Jun 2025".to_owned(),
            "86,400 71,000 102,000 115,200 80,640".to_owned(),
            // Evidence grades are defined by these.
            "1 100 10 S03".to_owned(),
            finding.actions.iter().map(|action| action.title.clone()).collect::<Vec<_>>().join(" "),
        ];
        let own: Vec<String> = own.iter().flat_map(|text| figures(text)).collect();
        let told = narrative(&finding);
        for (head, sentences) in told.parts() {
            let text = sentences.join(" ");
            assert!(!text.is_empty(), "{head}");
            for figure in figures(&text) {
                assert!(own.contains(&figure), "{head}: {figure} of {text}");
            }
        }
        assert!(told.what[1].contains("between 28 May 2025 and 9 Jun 2025"), "{told:?}");
        assert!(told.next[1].contains("not to more of it"), "{told:?}");
    }

    #[test]
    fn what_has_no_money_says_so_and_what_has_no_step_too() {
        let mut finding = finding("queue_time", &[], 0.0);
        finding.impact = None;
        finding.actions.clear();
        let told = narrative(&finding);
        assert!(told.cost[0].ends_with("not stated in money."), "{told:?}");
        assert!(told.next[0].starts_with("No step follows"), "{told:?}");
    }
}
