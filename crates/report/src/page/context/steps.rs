//! Findings that belong together, and what to do first.

use domain::{Analysis, Currency, review};

use crate::number;

pub(super) fn cases(analysis: &Analysis) -> Vec<(String, Vec<String>, String)> {
    let together = review::cases(analysis).into_iter().filter(|case| case.findings.len() > 1);
    together
        .map(|case| {
            let titles = case.findings.iter().map(|finding| finding.title.clone()).collect();
            (case.title(), titles, yearly(case.yearly.map(|yearly| yearly.value), &analysis.currency))
        })
        .collect()
}

pub(super) fn steps(analysis: &Analysis) -> Vec<[String; 3]> {
    review::steps(&analysis.findings)
        .iter()
        .take(12)
        .map(|step| {
            [
                step.action.title.clone(),
                format!("takes {} · {}", step.action.effort, step.within),
                yearly(step.recoverable, &analysis.currency),
            ]
        })
        .collect()
}

fn yearly(amount: Option<f64>, currency: &Currency) -> String {
    amount.map_or_else(|| "–".to_owned(), |amount| number::money(amount, currency))
}
