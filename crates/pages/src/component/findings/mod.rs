//! Findings as rows: rank, claim, yearly amount, likely range, evidence, status.

use askama::Template;
use domain::{Finding, number};

use crate::{
    component::{Link, pill::Pill, range::Range},
    page::finding::state::State,
    route, words,
};

/// What people have decided about a finding; an analysis knows nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    pub state: State,
    pub owner: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FindingRow {
    /// Empty for findings that are not counted as savings.
    pub rank: String,
    pub claim: Link,
    pub amount: String,
    pub range: Option<Range>,
    /// Said where there is no range.
    pub range_words: String,
    pub grade: &'static str,
    pub units: String,
    pub status: Pill,
    pub owner: String,
    /// A line of its own above this row.
    pub group: Option<(String, String)>,
}

impl FindingRow {
    /// `address` is the id under which the finding is shown; `largest` the upper end that the bars are drawn to.
    pub fn new(
        rank: Option<usize>,
        finding: &Finding,
        address: &str,
        decision: &Decision,
        largest: f64,
    ) -> Self {
        let (amount, range_words, range) = match (yearly(finding), &finding.quantity) {
            (Some(yearly), _) => {
                let words = yearly.range_words();
                let range = Range::on_scale(words.clone(), yearly.value, yearly.low, yearly.high, largest);
                (number::money(yearly.value, &yearly.currency), words, range)
            }
            (None, Some(quantity)) => (
                "–".to_owned(),
                format!("{} {} in the period", number::short(quantity.value, ""), quantity.unit),
                None,
            ),
            (None, None) => ("–".to_owned(), "not counted as savings".to_owned(), None),
        };
        Self {
            rank: rank.map(|rank| rank.to_string()).unwrap_or_default(),
            claim: Link::new(&finding.title, route::finding(address)),
            amount,
            range,
            range_words,
            grade: words::grade(finding.evidence_grade),
            units: words::units(finding.unit_of_analysis, finding.n),
            status: decision.state.pill(),
            owner: decision.owner.clone(),
            group: None,
        }
    }
}

/// A finding's money for twelve months: what the period showed, at the pace of the period.
#[derive(Debug, Clone, PartialEq)]
pub struct Yearly {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// The part that can be won back at the plant's capture rate.
    pub recoverable: f64,
    pub currency: domain::Currency,
}

impl Yearly {
    pub fn range_words(&self) -> String {
        let unit = self.currency.as_str();
        let compact = |amount: f64| number::compact(amount, unit).replace(" XXX", "");
        format!("{} – {}", compact(self.low), compact(self.high))
    }
}

/// `None` where the finding is not in money.
pub fn yearly(finding: &Finding) -> Option<Yearly> {
    let impact = finding.impact.as_ref()?;
    let (value, annualized) = (impact.value.to_f64(), impact.annualized.to_f64());
    let pace = if value == 0.0 { 1.0 } else { annualized / value };
    Some(Yearly {
        value: annualized,
        low: impact.low.to_f64() * pace,
        high: impact.high.to_f64() * pace,
        recoverable: impact.addressable.to_f64() * pace,
        currency: impact.annualized.currency.clone(),
    })
}

/// What a table is called whose largest amounts stand first.
pub const BY_MONEY: &str = "Findings by money at stake";

#[derive(Debug, Clone, PartialEq, Template, Default)]
#[template(path = "component/findings/template.html")]
pub struct FindingTable {
    /// What stands first, in words for those who hear the page.
    pub by: &'static str,
    pub rows: Vec<FindingRow>,
}

pub fn examples() -> Vec<FindingTable> {
    vec![FindingTable { by: BY_MONEY, rows: crate::gallery::samples::finding_rows() }]
}
