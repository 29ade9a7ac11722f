//! One finding as the page shows it.

use domain::{
    Currency, Finding,
    analysis::{EvidenceCell, EvidenceGrade, Quantity},
};
use translation::Tongue;

use super::{
    EvidenceView, FindingView, RangeBar,
    picture::picture,
    wording::{kind, plural, row_list, words},
};
use crate::{ReportError, chart::Renderer, number};

impl FindingView {
    pub(super) fn new(
        rank: usize,
        finding: &Finding,
        currency: &Currency,
        largest: f64,
        renderer: &Renderer,
        tongue: Tongue,
    ) -> Result<Self, ReportError> {
        let money = |amount: f64| number::money(amount, currency);
        let (amount, period, range, so_far) = match (&finding.impact, &finding.quantity) {
            (Some(impact), _) => (
                money(impact.annualized.to_f64()),
                "a year",
                format!("{} – {}", money(impact.low.to_f64()), money(impact.high.to_f64())),
                money(impact.value.to_f64()),
            ),
            (None, Some(quantity)) => (
                "–".to_owned(),
                "",
                quantity_range(quantity),
                format!("{} {}", number::short(quantity.value, ""), quantity.unit),
            ),
            (None, None) => ("–".to_owned(), "", "not counted as savings".to_owned(), "–".to_owned()),
        };
        let range_bar = finding.impact.as_ref().filter(|_| largest > 0.0).map(|impact| {
            let share = |amount: f64| (amount / largest * 100.0).clamp(0.0, 100.0);
            let (low, high) = (share(impact.low.to_f64()), share(impact.high.to_f64()));
            RangeBar {
                width: format!("{:.1}", share(impact.value.to_f64())),
                low: format!("{low:.1}"),
                span: format!("{:.1}", (high - low).max(0.5)),
            }
        });
        let grade = match finding.evidence_grade {
            EvidenceGrade::Strong => "Strong",
            EvidenceGrade::Likely => "Likely",
            EvidenceGrade::Hint => "Hint",
        };
        let start = match (&finding.start, &finding.start_low, &finding.start_high) {
            (Some(start), Some(low), Some(high)) if low != high => {
                format!(
                    "Since {} (between {} and {}).",
                    number::date(start),
                    number::date(low),
                    number::date(high)
                )
            }
            (Some(start), _, _) => format!("Since {}.", number::date(start)),
            _ => String::new(),
        };
        let (evidence_heads, evidence_rows, evidence_note) = match &finding.evidence_table {
            Some(table) => (
                table.heads.clone(),
                table
                    .rows
                    .iter()
                    .take(12)
                    .map(|row| row.iter().map(|cell| evidence(cell, currency)).collect())
                    .collect(),
                format!(
                    "{} of {}",
                    number::count(table.rows.len().min(12) as u64),
                    number::count(table.total)
                ),
            ),
            None => (Vec::new(), Vec::new(), String::new()),
        };
        Ok(Self {
            anchor: format!("finding-{}", finding.id),
            rank,
            title: finding.title.clone(),
            kind: kind(finding.type_),
            amount,
            period,
            range,
            range_bar,
            evidence: format!("{grade} · {} {}", number::count(finding.n), plural(finding.unit_of_analysis)),
            so_far,
            start,
            observations: finding.observations.clone(),
            counter_evidence: finding.counter_evidence.clone(),
            comparison: finding.comparison.clone(),
            method: format!(
                "{}; p = {:.1e}, q = {:.1e} over {} tests",
                finding.method,
                finding.p,
                finding.q,
                number::count(finding.tests_in_family)
            ),
            assumptions: finding.assumptions.clone(),
            missing: finding.missing_fields.iter().map(|field| words(field.as_str())).collect(),
            actions: finding
                .actions
                .iter()
                .map(|action| [action.title.clone(), action.effort.to_owned()])
                .collect(),
            picture: finding.chart.as_ref().map(|chart| picture(chart, renderer, 860, tongue)).transpose()?,
            evidence_heads,
            evidence_rows,
            evidence_note,
            rows: row_list(&finding.evidence_rows, 40),
        })
    }
}

impl FindingView {
    /// Whether a column of the evidence table holds figures, which stand to the right.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    pub(super) fn is_number(&self, column: &usize) -> bool {
        self.evidence_rows
            .first()
            .and_then(|row| row.get(*column))
            .is_some_and(|cell| cell.class.starts_with("num"))
    }
}

fn evidence(cell: &EvidenceCell, currency: &Currency) -> EvidenceView {
    let (text, class) = match cell {
        EvidenceCell::Text(text) => (text.clone(), "id"),
        EvidenceCell::Number(value) => (number::grouped(*value, 1).replace('-', "−"), "num"),
        EvidenceCell::Percent(share) => {
            (format!("{}{}", if *share > 0.0 { "+" } else { "" }, number::percent(*share, 1)), "num over")
        }
        EvidenceCell::Money(amount) => (number::money(*amount, currency), "num strong"),
        EvidenceCell::Date(micros) => (number::day(*micros), ""),
        EvidenceCell::Row(row) => (number::count(row.row), "num"),
        EvidenceCell::Empty => ("–".to_owned(), "num"),
    };
    EvidenceView { text, class }
}

/// Both ends of a quantity's range, where they differ as people read them.
fn quantity_range(quantity: &Quantity) -> String {
    let (low, high) = (number::short(quantity.low, ""), number::short(quantity.high, ""));
    if low == high {
        "not counted as savings".to_owned()
    } else {
        format!("{low} – {high} {}", quantity.unit)
    }
}
