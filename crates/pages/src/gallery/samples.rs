//! The plant that samples are about. Nothing here is shown to customers; tests and the gallery render it.

use std::collections::BTreeMap;

use domain::{
    Analysis, Currency, Finding, Money,
    analysis::{
        Action, DataQuality, DataQualityItem, Effect, EntityRef, EvidenceCell, EvidenceGrade, EvidenceTable,
        Guidance, Impact, KpiValue, Period, Quantity, RowRef, Rows, SetAside, SkippedAnalyzer, Totals,
    },
};
use ontology::FieldId;

use super::charts;
use crate::{
    component::{
        Link,
        findings::{Decision, FindingRow, yearly},
        picture::{Live, Picture},
    },
    layout::Shell,
    page::{
        changes::{Fate, Moved},
        finding::{
            Event, FindingPage, Input as FindingInput, OverTime, Progress, Saving, state::State,
            what_if::Question,
        },
        findings::{Findings, Query, SavedView, Views},
        overview::{Input, Overview},
    },
};

fn usd() -> Currency {
    Currency::parse("USD").unwrap_or_else(Currency::unstated)
}

fn money(amount: f64) -> Money {
    Money::rounded(amount, &usd())
}

pub(crate) fn field(name: &str) -> FieldId {
    FieldId::named(name).unwrap_or_else(|| ontology::field::all()[0].id)
}

fn row(row: u64) -> RowRef {
    RowRef { file: "JOBCOST_SEP25.csv".to_owned(), row }
}

/// Claim, type, entity, yearly amount, independent units.
type Told = (&'static str, &'static str, (&'static str, &'static str), f64, u64);

const TOLD: [Told; 5] = [
    (
        "Part 7741-B uses 11% more bar stock than planned since July",
        "material_usage_variance",
        ("product_id", "7741-B"),
        123_400.0,
        148,
    ),
    (
        "Scrap on machine M-204 doubled after week 31, mostly burrs",
        "scrap_rate",
        ("machine_id", "M-204"),
        107_000.0,
        211,
    ),
    (
        "Night-shift setups at Turning run 38 minutes over plan",
        "setup_overrun",
        ("work_center_id", "Turning"),
        87_600.0,
        402,
    ),
    (
        "Orders wait 2.6 days before Heat treat; 61% of late orders pass through it",
        "queue_time",
        ("work_center_id", "Heat treat"),
        83_900.0,
        517,
    ),
    (
        "Anodizing by Kestrel Finishing is billed 9% above the order price",
        "subcontract_variance",
        ("supplier_id", "Kestrel Finishing"),
        63_100.0,
        96,
    ),
];

fn finding(told: &Told) -> Finding {
    let (title, type_, (entity, value), amount, n) = *told;
    let period = amount * 0.75;
    Finding {
        id: format!("{type_}-{n}"),
        type_,
        analyzer: "sample",
        entities: vec![EntityRef { field: field(entity), value: value.to_owned() }],
        title: title.to_owned(),
        start: Some("2025-07-07".to_owned()),
        start_low: Some("2025-07-03".to_owned()),
        start_high: Some("2025-07-11".to_owned()),
        effect: Effect { measure: "usage_ratio", value: 1.11, low: 1.09, high: 1.13, raw: 1.115 },
        impact: Some(Impact {
            value: money(period),
            low: money(period * 0.82),
            high: money(period * 1.18),
            annualized: money(amount),
            addressable: money(period * 0.7),
        }),
        quantity: None,
        p: 1e-9,
        q: 1e-7,
        tests_in_family: 412,
        unit_of_analysis: "work_order",
        n,
        method: "rank test on the logarithm of used over planned weight, per order",
        evidence_grade: EvidenceGrade::Strong,
        priority: 87,
        comparison: "the same part before July and other parts on the same saw".to_owned(),
        observations: vec![
            "After 7 July, 131 of 148 orders were above the upper limit of 105.6%.".to_owned(),
            "All 131 were cut from lots L-0911 and L-0917 (Bauer GmbH). 17 orders from other lots averaged 101.2%.".to_owned(),
            "Scrap did not change (2.9% before, 3.0% after), so the loss is in cutting, not in rejects.".to_owned(),
        ],
        counter_evidence: vec![
            "Bar length on the Bauer certificates. If bars are still 3,000 mm, look at the saw program first.".to_owned(),
        ],
        shadows: Vec::new(),
        assumptions: vec!["The standard price of bar stock is that of the file.".to_owned()],
        missing_fields: vec![field("lot_id"), field("operator_id")],
        evidence_rows: vec![row(8_214), row(8_102), row(7_955)],
        actions: vec![Action {
            title: "Measure bar length in lots L-0911 and L-0917 and compare with the certificate".to_owned(),
            effort: "hours",
        }],
        chart: Some(charts::control()),
        evidence_table: Some(orders()),
    }
}

fn orders() -> EvidenceTable {
    let told = [
        ("J-20611-1", 20_353, "L-0917", 412.0, 468.3, 0.137, 236.0, 8_214),
        ("J-20598-1", 20_349, "L-0917", 206.0, 231.9, 0.126, 109.0, 8_102),
        ("J-20577-2", 20_346, "L-0911", 515.0, 574.2, 0.115, 249.0, 7_955),
        ("J-20560-1", 20_341, "L-0911", 309.0, 343.6, 0.112, 145.0, 7_810),
        ("J-20541-1", 20_335, "L-0911", 103.0, 114.1, 0.108, 47.0, 7_688),
    ];
    EvidenceTable {
        heads: ["Work order", "Cut on", "Lot", "Planned kg", "Used kg", "Over", "Cost", "File row"]
            .map(str::to_owned)
            .to_vec(),
        rows: told
            .iter()
            .map(|(order, day, lot, planned, used, over, cost, file_row)| {
                vec![
                    EvidenceCell::Text((*order).to_owned()),
                    EvidenceCell::Date(day * 86_400_000_000),
                    EvidenceCell::Text((*lot).to_owned()),
                    EvidenceCell::Number(*planned),
                    EvidenceCell::Number(*used),
                    EvidenceCell::Percent(*over),
                    EvidenceCell::Money(*cost),
                    EvidenceCell::Row(row(*file_row)),
                ]
            })
            .collect(),
        total: 148,
    }
}

/// A plant with nine months of data.
pub(crate) fn analysis() -> Analysis {
    let kpi = |id: &'static str, value: f64, numerator: f64, denominator: f64| KpiValue {
        id,
        value,
        unit: "1",
        numerator,
        denominator,
        scope: Vec::new(),
        note: None,
    };
    let mut findings: Vec<Finding> = TOLD.iter().map(finding).collect();
    findings[3].evidence_grade = EvidenceGrade::Likely;
    findings.push(Finding {
        title: "Planned Deburr hours are too low on 23 parts: fix the plan, not the floor".to_owned(),
        type_: "standard_error",
        id: "standard_error-23".to_owned(),
        impact: None,
        quantity: Some(Quantity { unit: "h", value: 412.0, low: 330.0, high: 500.0 }),
        evidence_grade: EvidenceGrade::Likely,
        chart: Some(charts::dots()),
        evidence_table: None,
        ..finding(&TOLD[0])
    });
    Analysis {
        data_tier: 3,
        analyzers_run: vec!["material_price", "scrap", "setup"],
        settings: Vec::new(),
        analyzers_skipped: vec![SkippedAnalyzer {
            analyzer: "oee",
            missing: vec![field("planned_production_hours")],
            reason: None,
        }],
        period: Some(Period { start: "2025-01-02".to_owned(), end: "2025-09-30".to_owned() }),
        currency: usd(),
        rows: Rows {
            read: 12_480,
            used: 12_266,
            set_aside: vec![
                SetAside {
                    reason: "without a good quantity".to_owned(),
                    rows: 164,
                    examples: vec![row(8), row(9), row(1_204)],
                },
                SetAside { reason: "without a due date".to_owned(), rows: 38, examples: vec![row(77)] },
                SetAside {
                    reason: "exact duplicates".to_owned(),
                    rows: 12,
                    examples: vec![row(4_001), row(4_002)],
                },
            ],
        },
        totals: Totals {
            planned_cost: money(6_120_000.0),
            actual_cost: money(6_694_000.0),
            variance: money(574_000.0),
            explained: money(348_750.0),
            remainder: money(225_250.0),
            parts: vec![("material_price".to_owned(), money(96_000.0))],
        },
        kpis: vec![
            kpi("cost_variance_ratio", 0.094, 574_000.0, 6_120_000.0),
            kpi("on_time_delivery", 0.812, 2_538.0, 3_126.0),
            kpi("scrap_ratio", 0.034, 3_400.0, 100_000.0),
        ],
        findings,
        guidance: vec![Guidance {
            field: field("machine_id"),
            unlocks: vec!["degradation"],
            unexplained: 41_000.0,
            sentence: "$41,000 of labor variance could be split by machine.".to_owned(),
        }],
        data_quality: DataQuality {
            score: 86,
            grade: 'B',
            items: vec![DataQualityItem {
                kind: "keying_error",
                sentence: "12 hours look like slips of the keyboard, ten times too large.".to_owned(),
                rows: 12,
                examples: vec![row(77), row(2_081)],
                field: Some(field("actual_run_hours")),
            }],
        },
        charts: vec![charts::waterfall(), charts::pareto(), charts::heat()],
        breakdown: Some(super::breakdown::breakdown()),
    }
}

/// The month before: one finding fewer, one that is gone, one that was smaller.
pub(crate) fn earlier() -> Analysis {
    let mut earlier = analysis();
    earlier.findings.retain(|finding| finding.type_ != "scrap_rate");
    earlier.findings.push(Finding {
        id: "gone".to_owned(),
        title: "Saw blades wear out twice as fast on Saw 2".to_owned(),
        ..finding(&("", "run_time_degradation", ("machine_id", "Saw 2"), 11_300.0, 40))
    });
    for finding in &mut earlier.findings {
        if finding.type_ == "queue_time" {
            *finding = Finding {
                title: finding.title.clone(),
                id: finding.id.clone(),
                ..self::finding(&("", "queue_time", ("work_center_id", "Heat treat"), 51_000.0, 517))
            };
        }
    }
    for kpi in &mut earlier.kpis {
        kpi.value += match kpi.id {
            "cost_variance_ratio" => -0.012,
            "on_time_delivery" => 0.031,
            _ => 0.002,
        };
    }
    earlier
}

fn decisions() -> BTreeMap<String, Decision> {
    let decided =
        |id: &str, state: State, owner: &str| (id.to_owned(), Decision { state, owner: owner.to_owned() });
    BTreeMap::from([
        decided("material_usage_variance-148", State::Accepted, "R. Osei"),
        decided("setup_overrun-402", State::InProgress, "D. Marín"),
        decided("subcontract_variance-96", State::Accepted, "R. Osei"),
    ])
}

/// A chart of the analysis as a picture.
fn picture(drawn: &charts::Drawn) -> Picture {
    Picture {
        own: true,
        title: drawn.chart.title.clone(),
        caption: drawn.chart.caption.clone(),
        svg: drawn.svg.to_owned(),
        phone: drawn.phone.to_owned(),
        broad: drawn.live[0].contains("\"width\":7"),
        live: Some(Live {
            library: "/assets/echarts.min.0123456789abcdef.js".to_owned(),
            wide: drawn.live[0].to_owned(),
            phone: drawn.live[1].to_owned(),
        }),
        heads: vec!["Step".to_owned(), "Amount".to_owned()],
        rows: vec![
            vec!["Planned cost".to_owned(), "$6,120,000".to_owned()],
            vec!["Actual cost".to_owned(), "$6,694,000".to_owned()],
        ],
        link: None,
    }
}

pub(crate) fn pictures() -> Vec<Picture> {
    charts::all().iter().map(picture).collect()
}

fn exports() -> Vec<Link> {
    vec![Link::new("Excel", "/reports/a1.xlsx"), Link::new("One page (HTML)", "/reports/a1.html")]
}

pub(crate) fn finding_rows() -> Vec<FindingRow> {
    let analysis = analysis();
    let decisions = decisions();
    let nobody = Decision::default();
    let largest = analysis.findings.iter().filter_map(yearly).map(|yearly| yearly.high).fold(0.0, f64::max);
    analysis
        .findings_by_money()
        .into_iter()
        .enumerate()
        .map(|(idx, finding)| {
            let rank = finding.impact.is_some().then_some(idx + 1);
            FindingRow::new(
                rank,
                finding,
                &finding.id,
                decisions.get(&finding.id).unwrap_or(&nobody),
                largest,
            )
        })
        .collect()
}

pub(crate) fn overviews() -> Vec<Overview> {
    let (analysis, earlier, decisions) = (analysis(), earlier(), decisions());
    let moved: Vec<Moved> = analysis
        .findings
        .iter()
        .zip([Fate::New, Fate::Grown, Fate::Steady])
        .map(|(finding, fate)| Moved {
            finding: finding.id.clone(),
            fate,
            yearly: (Some(40_000.0), Some(86_400.0)),
        })
        .collect();
    let input = Input {
        moved: &moved,
        lasting: &[],
        analysis: &analysis,
        previous: Some((&earlier, "the August upload".to_owned())),
        decisions: &decisions,
        pictures: pictures().into_iter().take(3).collect(),
        last_upload: "last upload 2 Oct, JOBCOST_SEP25.csv".to_owned(),
        exports: exports(),
    };
    let mut bare = analysis.clone();
    bare.findings.clear();
    bare.charts.clear();
    bare.kpis.clear();
    bare.rows = Rows { read: 40, used: 40, set_aside: Vec::new() };
    let first = Input { analysis: &bare, previous: None, pictures: Vec::new(), ..input.clone() };
    vec![Overview::new(&Shell::sample(), input), Overview::new(&Shell::sample(), first)]
}

pub(crate) fn findings_pages() -> Vec<Findings> {
    let (analysis, decisions) = (analysis(), decisions());
    let page = |query: &Query| Findings::new(&Shell::sample(), &analysis, &decisions, query, exports());
    let view = |name: &str, query: &str, own: bool, current| SavedView {
        id: "v1".to_owned(),
        name: name.to_owned(),
        href: format!("/findings?{query}"),
        shared: !own,
        own,
        may_change: own,
        current,
    };
    let mut kept = page(&Query { group: "category".to_owned(), ..Query::default() });
    kept.views = Views {
        views: vec![
            view("Turning, by owner", "place=T-7&group=owner", true, false),
            view("By category", "group=category", true, true),
            view("Strong only", "evidence=strong", false, false),
        ],
        query: "group=category".to_owned(),
        may_share: true,
    };
    let mut new = page(&Query { evidence: "strong".to_owned(), ..Query::default() });
    new.views = Views { query: "evidence=strong".to_owned(), may_share: true, ..Views::default() };
    vec![
        page(&Query::default()),
        kept,
        new,
        page(&Query { place: "Nowhere".to_owned(), text: "<b>".to_owned(), ..Query::default() }),
        Findings::without_data(&Shell::sample()),
    ]
}

pub(crate) fn finding_pages() -> Vec<FindingPage> {
    let analysis = analysis();
    let input = FindingInput {
        progress: Progress {
            state: State::Accepted,
            owner: "R. Osei".to_owned(),
            due: "2025-10-10".to_owned(),
            version: "2".to_owned(),
            history: vec![Event {
                when: "3 Oct 2025".to_owned(),
                who: "Maria Keller".to_owned(),
                what: "Accepted, owner R. Osei, due 10 Oct 2025".to_owned(),
            }],
            ..Progress::default()
        },
        picture: pictures().into_iter().find(|picture| picture.title.starts_with("Material used")),
        may_decide: true,
        members: vec![("u1".to_owned(), "R. Osei".to_owned()), ("u2".to_owned(), "D. Marín".to_owned())],
        exports: vec![Link::new("Excel", "/findings/f1.xlsx")],
        next: Some(Link::new(TOLD[1].0, "/findings/scrap_rate-211")),
        confidence_level: 0.9,
        share: None,
        question: Some(Question {
            levers: vec![("setup", "Shorter set-ups", true), ("batch_size", "Other batches", false)],
            lever: "setup",
            label: "Less time for a set-up, %",
            value: "25".to_owned(),
            of: "product family F".to_owned(),
            question: "What if set-ups take 25% less time?".to_owned(),
            money: "$4,200 saved a year".to_owned(),
            figures: vec![("Set-up hours a year".to_owned(), "560 h".to_owned(), "420 h".to_owned())],
            formula: "560 set-up hours a year x 25% x 30 an hour = 4,200".to_owned(),
            assumptions: vec!["The number of set-ups stays what it is.".to_owned()],
            ..Question::default()
        }),
        saving: Some(Saving {
            promised: "$60,480 a year".to_owned(),
            acted_on: "2025-08-04".to_owned(),
            notes: "New stops on the bar feeder.".to_owned(),
            measured: vec!["Verified: $45,200 a year ($31,000 – $58,000).".to_owned()],
            calculation: vec!["saved = actual since x (1 / (1 + change) - 1)".to_owned()],
        }),
        over_time: Some(OverTime {
            fate: "Grew from $61,000 to $86,400 a year since the analysis before.".to_owned(),
            picture: Picture::examples_first(),
            seen: vec![
                ("2 Oct 2025".to_owned(), "September upload".to_owned(), "$86,400 a year".to_owned()),
                ("2 Sep 2025".to_owned(), "August upload".to_owned(), "$61,000 a year".to_owned()),
            ],
        }),
    };
    let fresh = FindingInput { confidence_level: 0.9, may_decide: true, ..FindingInput::default() };
    let reader = FindingInput { confidence_level: 0.9, ..FindingInput::default() };
    vec![
        FindingPage::new(&Shell::sample(), &analysis.findings[0], &usd(), input),
        FindingPage::new(&Shell::sample(), &analysis.findings[1], &usd(), fresh),
        FindingPage::new(&Shell::sample(), &analysis.findings[5], &usd(), reader),
    ]
}
