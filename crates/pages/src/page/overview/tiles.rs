//! The four key figures of the overview, each with its change, or with what would fill it.

use domain::{Analysis, number};

/// A key figure. One that the data do not carry says what to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    pub label: &'static str,
    pub value: Option<String>,
    /// `+1.2 pts`, and whether that is worse or better.
    pub change: Option<(String, &'static str)>,
    pub note: String,
}

struct Kind {
    label: &'static str,
    kpi: &'static str,
    signed: bool,
    more_is_better: bool,
    missing: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        label: "Cost against plan",
        kpi: "cost_variance_ratio",
        signed: true,
        more_is_better: false,
        missing: "Add planned and actual cost to see it",
    },
    Kind {
        label: "Finished on time",
        kpi: "on_time_delivery",
        signed: false,
        more_is_better: true,
        missing: "Add due and finish dates to see it",
    },
    Kind {
        label: "Scrap",
        kpi: "scrap_ratio",
        signed: false,
        more_is_better: false,
        missing: "Add scrapped quantities to see it",
    },
    Kind {
        label: "Machine effectiveness (OEE)",
        kpi: "oee_index",
        signed: false,
        more_is_better: true,
        missing: "Add downtime hours to see it",
    },
];

pub fn tiles(analysis: &Analysis, previous: Option<&Analysis>) -> Vec<Tile> {
    KINDS.iter().map(|kind| tile(kind, analysis, previous)).collect()
}

fn tile(kind: &Kind, analysis: &Analysis, previous: Option<&Analysis>) -> Tile {
    let of = |analysis: &Analysis| {
        analysis.kpis.iter().find(|kpi| kpi.id == kind.kpi && kpi.scope.is_empty()).cloned()
    };
    let Some(kpi) = of(analysis) else {
        return Tile { label: kind.label, value: None, change: None, note: kind.missing.to_owned() };
    };
    let value = number::percent(kpi.value, 1);
    let value = if kind.signed && kpi.value > 0.0 { format!("+{value}") } else { value };
    let change = previous.and_then(of).and_then(|earlier| {
        let points = (kpi.value - earlier.value) * 100.0;
        (points.abs() >= 0.05).then(|| {
            let sign = if points > 0.0 { "+" } else { "−" };
            let tone = if (points > 0.0) == kind.more_is_better { "gain" } else { "loss" };
            (format!("{sign}{:.1} pts", points.abs()), tone)
        })
    });
    let mut note = Vec::new();
    if change.is_some() {
        note.push("since the last upload".to_owned());
    }
    if kind.kpi == "cost_variance_ratio" {
        let variance = &analysis.totals.variance;
        let side = if variance.to_f64() >= 0.0 { "over" } else { "under" };
        let amount = number::compact(variance.to_f64().abs(), variance.currency.as_str()).replace(" XXX", "");
        note.push(format!("{amount} {side}"));
    } else if let Some(said) = kpi.note {
        note.push(crate::words::plain(&said));
    } else if kpi.denominator > 0.0 {
        note.push(format!(
            "{} of {}",
            number::grouped(kpi.numerator, 0),
            number::grouped(kpi.denominator, 0)
        ));
    }
    Tile { label: kind.label, value: Some(value), change, note: note.join(" · ") }
}
