//! An analysis that the tests of this crate show.

use domain::{
    Analysis, Currency, Finding, Money,
    analysis::{
        Action, DataQuality, DataQualityItem, Effect, EntityRef, EvidenceCell, EvidenceGrade, EvidenceTable,
        Guidance, Impact, KpiValue, Period, RowRef, Rows, SetAside, SkippedAnalyzer, Totals,
    },
};
use ontology::FieldId;

use crate::chart::table::tests::one_of_each;

pub(crate) fn sample() -> Analysis {
    let usd = Currency::parse("USD").unwrap();
    let money = |amount: f64| Money::rounded(amount, &usd);
    let field = |name: &str| FieldId::named(name).unwrap();
    let row = |row: u64| RowRef { file: "JOBCOST.csv".to_owned(), row };
    let charts = one_of_each();
    Analysis {
        data_tier: 3,
        analyzers_run: vec!["material_price"],
        settings: Vec::new(),
        breakdown: None,
        analyzers_skipped: vec![SkippedAnalyzer {
            analyzer: "oee",
            missing: vec![field("planned_production_hours")],
            reason: None,
        }],
        period: Some(Period { start: "2025-01-02".to_owned(), end: "2025-09-30".to_owned() }),
        currency: usd.clone(),
        rows: Rows {
            read: 12_480,
            used: 12_266,
            set_aside: vec![SetAside {
                reason: "no order number".to_owned(),
                rows: 214,
                examples: vec![row(8), row(9)],
            }],
        },
        totals: Totals {
            planned_cost: money(6_120_000.0),
            actual_cost: money(6_690_000.0),
            variance: money(570_000.0),
            explained: money(86_400.0),
            remainder: money(483_600.0),
            parts: vec![("material_price".to_owned(), money(96_000.0))],
        },
        kpis: vec![KpiValue {
            id: "scrap_ratio",
            value: 0.034,
            unit: "1",
            numerator: 34.0,
            denominator: 1_000.0,
            scope: Vec::new(),
            note: None,
        }],
        findings: vec![Finding {
            id: "0f3a".to_owned(),
            type_: "material_price_variance",
            analyzer: "material_price",
            entities: vec![EntityRef { field: field("supplier_id"), value: "S03".to_owned() }],
            title: "Supplier S03 charges 12% more than planned since June".to_owned(),
            start: Some("2025-06-03".to_owned()),
            start_low: Some("2025-05-28".to_owned()),
            start_high: Some("2025-06-09".to_owned()),
            effect: Effect { measure: "price_ratio", value: 1.12, low: 1.10, high: 1.14, raw: 1.13 },
            impact: Some(Impact {
                value: money(20_400.0),
                low: money(17_000.0),
                high: money(24_000.0),
                annualized: money(86_400.0),
                addressable: money(14_280.0),
            }),
            quantity: None,
            p: 1e-9,
            q: 1e-7,
            tests_in_family: 412,
            unit_of_analysis: "work_order",
            n: 148,
            method: "t-test on ln price per order",
            evidence_grade: EvidenceGrade::Strong,
            priority: 87,
            comparison: "the same materials from other suppliers".to_owned(),
            observations: vec!["After 3 June, 131 of 148 orders were above the upper limit.".to_owned()],
            counter_evidence: vec!["A price list that names the increase.".to_owned()],
            shadows: Vec::new(),
            assumptions: vec!["Standard prices are those of the file.".to_owned()],
            missing_fields: vec![field("contract_expiration")],
            evidence_rows: vec![row(8_214), row(8_102)],
            actions: vec![Action { title: "Ask S03 for the price agreement".to_owned(), effort: "hours" }],
            chart: Some(charts[2].clone()),
            evidence_table: Some(EvidenceTable {
                heads: vec!["Work order".to_owned(), "Paid".to_owned(), "Over".to_owned(), "Row".to_owned()],
                rows: vec![vec![
                    EvidenceCell::Text("J-20611-1".to_owned()),
                    EvidenceCell::Money(236.0),
                    EvidenceCell::Percent(0.137),
                    EvidenceCell::Row(row(8_214)),
                ]],
                total: 148,
            }),
        }],
        guidance: vec![Guidance {
            field: field("machine_id"),
            unlocks: vec!["degradation"],
            unexplained: 41_000.0,
            sentence: "With machine numbers, $41,000 of unexplained labor variance could be split."
                .to_owned(),
        }],
        data_quality: DataQuality {
            score: 86,
            grade: 'B',
            items: vec![DataQualityItem {
                kind: "keying_error",
                sentence: "12 hours look like slips of the keyboard, ten times too large.".to_owned(),
                rows: 12,
                examples: vec![row(77)],
                field: None,
            }],
        },
        charts: vec![charts[0].clone(), charts[1].clone(), charts[4].clone()],
    }
}
