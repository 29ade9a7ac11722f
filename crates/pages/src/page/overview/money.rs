//! What could be recovered: the sum of the findings that count, its range, and the parts it falls into.

use domain::{Analysis, Currency, Finding, number};

use crate::{component::findings::yearly, words};

/// A part of the bar under the amount.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub label: &'static str,
    pub amount: String,
    pub class: &'static str,
    /// Position and width in hundredths.
    pub x: String,
    pub width: String,
}

/// The headline. Hints and totals that other findings explain do not count, nor what people have dismissed.
#[derive(Debug, Clone, PartialEq)]
pub struct Recoverable {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub findings: usize,
    pub parts: Vec<Part>,
}

/// Whether a finding is part of the headline.
pub use domain::review::counts;

impl Recoverable {
    /// `None` where no finding is in money.
    pub fn of(analysis: &Analysis, dismissed: impl Fn(&Finding) -> bool) -> Option<Self> {
        let mut sums: Vec<(&'static str, f64)> = Vec::new();
        let (mut value, mut below, mut above, mut findings) = (0.0, 0.0, 0.0, 0);
        for finding in analysis.findings.iter().filter(|finding| counts(finding) && !dismissed(finding)) {
            let Some(yearly) = yearly(finding) else { continue };
            let recoverable = yearly.recoverable.max(0.0);
            let rate = if yearly.value == 0.0 { 0.0 } else { yearly.recoverable / yearly.value };
            value += recoverable;
            // The findings are told apart so that nothing is counted twice; what is uncertain about one says nothing
            // about the next, so their ranges add up as squares.
            below += ((yearly.value - yearly.low) * rate).powi(2);
            above += ((yearly.high - yearly.value) * rate).powi(2);
            findings += 1;
            let category = words::category(finding.type_);
            match sums.iter_mut().find(|(label, _)| *label == category) {
                Some((_, sum)) => *sum += recoverable,
                None => sums.push((category, recoverable)),
            }
        }
        (findings > 0).then(|| Self {
            value,
            low: (value - below.sqrt()).max(0.0),
            high: value + above.sqrt(),
            findings,
            parts: parts(sums, &analysis.currency),
        })
    }
}

/// At most five parts, largest first; the rest together.
fn parts(mut sums: Vec<(&'static str, f64)>, currency: &Currency) -> Vec<Part> {
    const CLASSES: [&str; 5] = ["fill-1", "fill-2", "fill-3", "fill-4", "fill-5"];
    sums.retain(|(_, sum)| *sum > 0.0);
    sums.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    if sums.len() > CLASSES.len() {
        let rest: f64 = sums.drain(CLASSES.len() - 1..).map(|(_, sum)| sum).sum();
        sums.push(("Other", rest));
    }
    let total: f64 = sums.iter().map(|(_, sum)| sum).sum();
    let mut x = 0.0;
    sums.into_iter()
        .zip(CLASSES)
        .map(|((label, sum), class)| {
            let width = sum / total * 100.0;
            let part = Part {
                label,
                amount: number::compact(sum, currency.as_str()).replace(" XXX", ""),
                class,
                x: format!("{x:.2}"),
                width: format!("{:.2}", (width - 0.35).max(0.2)),
            };
            x += width;
            part
        })
        .collect()
}
