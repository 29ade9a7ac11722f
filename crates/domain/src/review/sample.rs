//! Findings for the tests of this module.

use ontology::FieldId;

use crate::{
    Analysis, Currency, Finding, Money,
    analysis::{Action, DataQuality, Effect, EntityRef, EvidenceGrade, Impact, Rows, Totals},
};

pub(super) fn entity(field: &str, value: &str) -> EntityRef {
    EntityRef { field: FieldId::named(field).unwrap(), value: value.to_owned() }
}

/// A finding that cost `value` in nine months, of which seven tenths can be won back.
pub(super) fn finding(type_: &'static str, entities: &[(&str, &str)], value: f64) -> Finding {
    let usd = Currency::parse("USD").unwrap();
    let money = |amount: f64| Money::rounded(amount, &usd);
    let entities: Vec<EntityRef> = entities.iter().map(|(field, value)| entity(field, value)).collect();
    Finding {
        id: format!("{type_}-{entities:?}"),
        type_,
        analyzer: type_,
        entities,
        title: "It takes 12% more than others".to_owned(),
        start: None,
        start_low: None,
        start_high: None,
        effect: Effect { measure: "ratio", value: 1.12, low: 1.1, high: 1.14, raw: 1.12 },
        impact: Some(Impact {
            value: money(value),
            low: money(value * 71.0 / 86.4),
            high: money(value * 102.0 / 86.4),
            annualized: money(value * 4.0 / 3.0),
            addressable: money(value * 0.7),
        }),
        quantity: None,
        p: 1e-9,
        q: 1e-7,
        tests_in_family: 412,
        unit_of_analysis: "work_order",
        n: 148,
        method: "contrast",
        evidence_grade: EvidenceGrade::Strong,
        priority: 80,
        comparison: "other suppliers of the same materials".to_owned(),
        observations: Vec::new(),
        counter_evidence: Vec::new(),
        shadows: Vec::new(),
        assumptions: Vec::new(),
        missing_fields: Vec::new(),
        evidence_rows: Vec::new(),
        actions: vec![
            Action { title: "Compare the invoices with the price agreement".to_owned(), effort: "hours" },
            Action { title: "Ask others for a quotation".to_owned(), effort: "days" },
        ],
        chart: None,
        evidence_table: None,
    }
}

pub(super) fn analysis(findings: Vec<Finding>) -> Analysis {
    let usd = Currency::parse("USD").unwrap();
    let money = |amount: f64| Money::rounded(amount, &usd);
    Analysis {
        data_tier: 3,
        analyzers_run: Vec::new(),
        analyzers_skipped: Vec::new(),
        period: None,
        currency: usd.clone(),
        rows: Rows { read: 100, used: 90, set_aside: Vec::new() },
        totals: Totals {
            planned_cost: money(1_000_000.0),
            actual_cost: money(1_100_000.0),
            variance: money(100_000.0),
            explained: money(60_000.0),
            remainder: money(40_000.0),
            parts: Vec::new(),
        },
        kpis: Vec::new(),
        findings,
        guidance: Vec::new(),
        data_quality: DataQuality { score: 86, grade: 'B', items: Vec::new() },
        charts: Vec::new(),
        settings: Vec::new(),
        breakdown: None,
    }
}
