//! Packs with everything in them, for tests.

use domain::{
    Currency, Money,
    analysis::{EvidenceGrade, Period, RowRef},
    pack::{
        Cause, Claim, ClaimLine, Claims, DueMonth, FindingFate, FindingWeek, KindWeek, LateOrder, Lateness,
        Rate, RatesBy, ResourceWeek, Week, Weekly,
    },
};

const DAY: i64 = 86_400_000_000;

fn money(amount: f64) -> Money {
    Money::rounded(amount, &Currency::parse("USD").unwrap())
}

fn period(start: &str, end: &str) -> Period {
    Period { start: start.to_owned(), end: end.to_owned() }
}

fn row(row: u64) -> RowRef {
    RowRef { file: "JOBCOST.csv".to_owned(), row }
}

pub(crate) fn weekly() -> Weekly {
    let kind = |kind: &str, last: f64, mean: f64| KindWeek {
        kind: kind.to_owned(),
        last: money(last),
        mean,
        low: mean * 0.6,
        high: mean.mul_add(1.4, 100.0),
    };
    let finding = |kpi: &str, last: Option<f64>, before: Option<f64>, began: bool| FindingWeek {
        finding: "0f3a".to_owned(),
        title: "Supplier S03 charges 12% more than planned since June".to_owned(),
        yearly: Some(86_400.0),
        kpi: kpi.to_owned(),
        scope: Vec::new(),
        last,
        before,
        units: 148,
        rising_is_worse: true,
        began,
    };
    let resource = |name: &str, last: f64| ResourceWeek {
        name: name.to_owned(),
        operations: 31,
        hours: Some((last, 6.5)),
        money: Some((last * 41.0, 260.4)),
        scrap: Some((12.0, 9.4)),
    };
    Weekly {
        week: Some(period("2025-09-22", "2025-09-28")),
        before: Some(period("2025-07-28", "2025-09-21")),
        weeks_before: 8,
        orders: (42, 38.5),
        kinds: vec![
            kind("Material price", 2_150.25, 1_400.0),
            kind("Labor efficiency", 930.5, 1_210.0),
            kind("Overhead", -412.75, 10.0),
        ],
        variance: Some(kind("Cost over plan", 2_668.0, 2_620.0)),
        weeks: (0..9)
            .map(|week| Week {
                at: (20_297 + 7 * week) * DAY,
                orders: 38,
                over: money(2_000.0 + 110.0 * week as f64),
            })
            .collect(),
        other_weeks: Some((612, money(31_220.75))),
        undated: Some((3, money(-120.5))),
        whole: Some((957, money(54_060.25))),
        resources: vec![resource("Press 3", 14.25), resource("=Saw", 3.5)],
        resource_field: Some("work_center_id"),
        findings: vec![
            finding("material_price_ratio", Some(1.14), Some(1.02), false),
            finding("scrap_ratio", Some(0.03), Some(0.04), false),
            finding("lead_time", Some(6.4), Some(6.4), false),
            finding("labor_efficiency", Some(0.8), Some(0.9), true),
            finding("material_unit_price", None, Some(5.25), false),
            finding("energy_per_hour", Some(8.5), None, false),
        ],
        fates: Some(vec![
            FindingFate {
                title: "Supplier S03 charges 12% more than planned since June".to_owned(),
                fate: "new",
                yearly: Some(86_400.0),
            },
            FindingFate {
                title: "Supplier S03 charges 12% more than planned since June".to_owned(),
                fate: "ended",
                yearly: None,
            },
        ]),
        missing: vec!["Scrap by resource needs the pieces scrapped at each operation.".to_owned()],
    }
}

fn claim(supplier: &str, name: &str, type_: &'static str, value: f64) -> Claim {
    Claim {
        supplier: supplier.to_owned(),
        supplier_name: name.to_owned(),
        finding: format!("{supplier}-{type_}"),
        type_,
        title: format!("Supplier {supplier} charges 12% more than planned since June"),
        since: Some("2025-06-03".to_owned()),
        grade: EvidenceGrade::Strong,
        n: 148,
        unit_of_analysis: "work_order",
        comparison: "other suppliers of the same materials".to_owned(),
        observations: vec![
            "That made $20,400 in the period, likely between $17,000 and $24,000.".to_owned(),
            "Left alone it would cost about $21,500 over the next twelve months, at 3.0% of growth a year."
                .to_owned(),
        ],
        counter_evidence: vec!["A price list that names the increase.".to_owned()],
        method: "t-test on ln price per order",
        cost: Some([money(value), money(value * 0.8), money(value * 1.2)]),
        orders: 40,
        lots: 12,
        materials: vec!["MAT-07".to_owned(), "MAT-11".to_owned()],
        quantity: Some(1_250.0),
        measured: ["Standard price", "Price paid"],
        in_money: true,
        lines: (0..40)
            .map(|line| ClaimLine {
                order: format!("J-{}", 20_600 + line),
                day: Some((20_250 + line) * DAY),
                material: "MAT-07".to_owned(),
                lot: format!("L{line:03}"),
                purchase_order: "=4500012345".to_owned(),
                quantity: Some(25.0),
                expected: Some(5.0),
                found: Some(5.6),
                difference: Some(15.0),
                row: row(8_000 + line as u64),
            })
            .collect(),
        lines_total: 40,
    }
}

pub(crate) fn claims() -> Claims {
    let mut scrap = claim("S07", "", "scrap_rate", 4_000.0);
    scrap.cost = None;
    scrap.lines = Vec::new();
    scrap.lines_total = 0;
    scrap.since = None;
    Claims {
        claims: vec![
            claim("S03", "Steel East & Söhne", "material_price_variance", 20_400.0),
            claim("S03", "Steel East & Söhne", "material_usage_variance", 6_000.0),
            scrap,
            claim("S11", "", "subcontract_variance", 900.0),
        ],
        missing: vec![
            "Claims by lot need the lot, batch or heat of the material that an order used.".to_owned(),
        ],
    }
}

pub(crate) fn lateness() -> Lateness {
    let rate =
        |name: &str, kept: u64, late: u64| Rate { name: name.to_owned(), kept, late, median_days: Some(3.2) };
    let by = |field: &'static str, several: bool| RatesBy {
        field,
        rates: vec![rate("=C-100", 60, 22), rate("C-200", 110, 14)],
        unstated: if several { 0 } else { 4 },
        several,
    };
    let cause = |name: &str, orders: u64, hours: Option<f64>| Cause {
        name: name.to_owned(),
        orders,
        median_days: 2.5,
        hours,
    };
    let order = |n: i64, ended: bool| LateOrder {
        order: format!("W{n:04}"),
        customer: "C-100".to_owned(),
        product: "P-7741".to_owned(),
        due: (20_250 + n) * DAY,
        ended: ended.then_some((20_256 + n) * DAY),
        days: 6.0,
        cause: if ended { "Waiting at Press 3" } else { "Not finished" }.to_owned(),
        row: row(n as u64),
    };
    Lateness {
        due: Some("due_date"),
        end: Some("actual_end"),
        period: Some(period("2025-01-06", "2025-09-28")),
        kept: 170,
        late: 34,
        overdue: 2,
        uncounted: 9,
        median_days: Some(3.25),
        bands: vec![(0.0, 1.0, 10), (1.0, 3.0, 9), (3.0, 7.0, 8), (7.0, 14.0, 5), (14.0, 30.0, 2), (30.0, f64::INFINITY, 0)],
        causes: vec![
            cause("Waiting at Press 3", 20, Some(311.0)),
            cause("Released late", 8, Some(90.5)),
            cause("Longer work than punctual orders", 3, Some(12.0)),
            cause("No part longer than in punctual orders", 2, None),
            cause("Not measured", 1, None),
        ],
        causes_note: "Each late order counts once, where it lost most against punctual orders at the same work centers; one that was \
                      released later than it ended late counts as released late."
            .to_owned(),
        months: (1..=9)
            .map(|month| {
                let (kept, late, overdue) = if month < 9 { (19, 4, 0) } else { (18, 2, 2) };
                DueMonth { month: format!("2025-{month:02}-01"), kept, late, overdue }
            })
            .collect(),
        rates: vec![by("customer_id", false), by("product_family", false), by("product_id", false), by("facility_id", false), by("work_center_id", true)],
        orders: (0..36).map(|n| order(n, n > 1)).collect(),
        missing: vec!["Which orders were released late needs the date of their release and the planned one.".to_owned()],
    }
}
