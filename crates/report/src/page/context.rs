//! What the page's templates show, in the words of the page.

use askama::Template;
use domain::{
    Analysis, Currency, Finding,
    analysis::{EvidenceCell, EvidenceGrade, KpiValue, RowRef},
    chart::Chart,
    review,
};

use translation::Tongue;

use super::font;
use crate::{
    Caption, Quote, ReportError,
    chart::{Renderer, in_tongue, table, table::TableCell},
    number,
};

#[derive(Debug, Template)]
#[template(path = "page.html")]
pub(crate) struct Page {
    sans: String,
    mono: String,
    title: String,
    subtitle: String,
    recoverable: Option<String>,
    recoverable_note: String,
    split: Vec<Share>,
    /// The analysis in sentences.
    summary: Vec<String>,
    /// Cases of several findings: title, their titles, yearly money.
    cases: Vec<(String, Vec<String>, String)>,
    /// What to do first: step, effort and time, yearly money.
    steps: Vec<[String; 3]>,
    tiles: Vec<Tile>,
    charts: Vec<Picture>,
    findings: Vec<FindingView>,
    kpis: Vec<[String; 4]>,
    ledger: Vec<[String; 2]>,
    skipped: Vec<[String; 2]>,
    guidance: Vec<String>,
    quality: String,
    quality_items: Vec<QualityItem>,
    data_line: String,
    set_aside: Vec<QualityItem>,
    settings: String,
    answers: Vec<AnswerView>,
}

#[derive(Debug)]
pub(crate) struct AnswerView {
    quote: Quote,
    grounds: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Share {
    label: String,
    amount: String,
    /// Position and width of the part, in hundredths of the bar.
    x: String,
    width: String,
    class: &'static str,
}

#[derive(Debug)]
pub(crate) struct Tile {
    label: &'static str,
    value: Option<String>,
    note: String,
}

#[derive(Debug)]
pub(crate) struct Picture {
    title: String,
    caption: String,
    svg: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug)]
pub(crate) struct FindingView {
    anchor: String,
    rank: usize,
    title: String,
    kind: String,
    amount: String,
    period: &'static str,
    range: String,
    range_bar: Option<RangeBar>,
    evidence: String,
    so_far: String,
    start: String,
    observations: Vec<String>,
    counter_evidence: Vec<String>,
    comparison: String,
    method: String,
    assumptions: Vec<String>,
    missing: Vec<String>,
    actions: Vec<[String; 2]>,
    picture: Option<Picture>,
    evidence_heads: Vec<String>,
    evidence_rows: Vec<Vec<EvidenceView>>,
    evidence_note: String,
    rows: String,
}

/// The likely range as a bar on the scale of the largest finding, in hundredths.
#[derive(Debug)]
pub(crate) struct RangeBar {
    width: String,
    low: String,
    span: String,
}

#[derive(Debug)]
pub(crate) struct EvidenceView {
    text: String,
    class: &'static str,
}

#[derive(Debug)]
pub(crate) struct QualityItem {
    sentence: String,
    rows: String,
    examples: String,
}

impl Page {
    pub(crate) fn new(
        analysis: &Analysis,
        caption: &Caption,
        renderer: &Renderer,
        tongue: Tongue,
    ) -> Result<Self, ReportError> {
        let currency = &analysis.currency;
        let money = |amount: f64| number::money(amount, currency);
        let counted: Vec<&Finding> = analysis
            .findings
            .iter()
            .filter(|finding| {
                finding.evidence_grade != EvidenceGrade::Hint && finding.type_ != "order_overrun"
            })
            .collect();
        let sum = |pick: fn(&domain::analysis::Impact) -> f64| -> f64 {
            counted.iter().filter_map(|finding| finding.impact.as_ref()).map(pick).sum()
        };
        let recoverable = sum(|impact| impact.addressable.to_f64());
        let priced = counted.iter().filter(|finding| finding.impact.is_some()).count();
        let largest = analysis
            .findings
            .iter()
            .filter_map(|finding| finding.impact.as_ref())
            .map(|impact| impact.high.to_f64())
            .fold(0.0, f64::max);
        let mut findings = Vec::new();
        for (rank, finding) in analysis.findings_by_money().into_iter().enumerate() {
            findings.push(FindingView::new(rank + 1, finding, currency, largest, renderer, tongue)?);
        }
        let mut charts = Vec::new();
        // A picture that stands alone has the whole width, others share a line in pairs.
        let width = if analysis.charts.len() == 1 { 1_040 } else { 520 };
        for chart in &analysis.charts {
            charts.push(picture(chart, renderer, width, tongue)?);
        }
        let files = caption.files.join(", ");
        let period = analysis.period.as_ref().map_or_else(
            || "no dates in the files".to_owned(),
            |period| format!("{} to {}", number::date(&period.start), number::date(&period.end)),
        );
        let set_aside: u64 = analysis.rows.set_aside.iter().map(|item| item.rows).sum();
        Ok(Self {
            sans: font::sans(),
            mono: font::mono(),
            title: "Where the plant is losing money".to_owned(),
            subtitle: if files.is_empty() { period } else { format!("{period} · {files}") },
            recoverable: (priced > 0).then(|| money(recoverable)),
            recoverable_note: recoverable_note(analysis, priced),
            split: split(&counted, currency),
            summary: review::summary(analysis),
            cases: cases(analysis),
            steps: steps(analysis),
            tiles: tiles(analysis),
            charts,
            findings,
            kpis: analysis.kpis.iter().map(kpi_row).collect(),
            ledger: ledger(analysis),
            skipped: analysis
                .analyzers_skipped
                .iter()
                .map(|skipped| {
                    let fields: Vec<String> =
                        skipped.missing.iter().map(|field| words(field.as_str())).collect();
                    let why =
                        skipped.reason.clone().unwrap_or_else(|| format!("needs {}", fields.join(", ")));
                    [words(skipped.analyzer), why]
                })
                .collect(),
            guidance: analysis.guidance.iter().map(|guidance| guidance.sentence.clone()).collect(),
            quality: format!("{} of 100, grade {}", analysis.data_quality.score, analysis.data_quality.grade),
            quality_items: analysis
                .data_quality
                .items
                .iter()
                .map(|item| QualityItem {
                    sentence: item.sentence.clone(),
                    rows: number::count(item.rows),
                    examples: row_list(&item.examples, 8),
                })
                .collect(),
            data_line: format!(
                "{} of {} rows used. {} set aside.",
                number::count(analysis.rows.used),
                number::count(analysis.rows.read),
                number::count(set_aside)
            ),
            set_aside: analysis
                .rows
                .set_aside
                .iter()
                .map(|item| QualityItem {
                    sentence: item.reason.clone(),
                    rows: number::count(item.rows),
                    examples: row_list(&item.examples, 8),
                })
                .collect(),
            settings: caption.settings.clone(),
            answers: caption
                .answers
                .iter()
                .map(|quote| AnswerView { grounds: quote.grounds(), quote: quote.clone() })
                .collect(),
        })
    }
}

fn cases(analysis: &Analysis) -> Vec<(String, Vec<String>, String)> {
    let together = review::cases(analysis).into_iter().filter(|case| case.findings.len() > 1);
    together
        .map(|case| {
            let titles = case.findings.iter().map(|finding| finding.title.clone()).collect();
            (case.title(), titles, yearly(case.yearly.map(|yearly| yearly.value), &analysis.currency))
        })
        .collect()
}

fn steps(analysis: &Analysis) -> Vec<[String; 3]> {
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

fn recoverable_note(analysis: &Analysis, priced: usize) -> String {
    let unpriced = analysis.findings.len() - priced.min(analysis.findings.len());
    match (priced, unpriced) {
        (0, 0) => "Nothing found that is larger than chance at these settings.".to_owned(),
        (0, unpriced) => {
            format!("{unpriced} findings, none of them in money: the files carry no cost or rate for them.")
        }
        (priced, 0) => format!("in the period analyzed · {priced} findings, overlaps counted once"),
        (priced, unpriced) => {
            format!(
                "in the period analyzed · {priced} findings in money, overlaps counted once; {unpriced} not counted as savings"
            )
        }
    }
}

/// What share of the money belongs to which part of the plant.
fn split(findings: &[&Finding], currency: &Currency) -> Vec<Share> {
    const PARTS: [(&str, &str); 5] = [
        ("Material", "fill-1"),
        ("Quality", "fill-2"),
        ("Labor", "fill-3"),
        ("Schedule", "fill-4"),
        ("Other", "fill-5"),
    ];
    let part = |type_: &str| match type_ {
        "material_price_variance" | "material_usage_variance" | "material_utilization" => 0,
        "scrap_rate" | "rework_rate" | "first_pass_yield" | "defect_pareto" | "quality_shift" => 1,
        "labor_rate_variance"
        | "labor_efficiency_variance"
        | "labor_efficiency"
        | "setup_overrun"
        | "run_time_degradation" => 2,
        "bottleneck" | "queue_time" | "late_orders_driver" | "late_release" | "schedule_adherence" => 3,
        _ => 4,
    };
    let mut sums = [0.0; 5];
    for finding in findings {
        if let Some(impact) = &finding.impact {
            sums[part(finding.type_)] += impact.addressable.to_f64().max(0.0);
        }
    }
    let total: f64 = sums.iter().sum();
    let mut x = 0.0;
    let mut shares = Vec::new();
    for ((label, class), sum) in PARTS.into_iter().zip(sums) {
        if sum > 0.0 && total > 0.0 {
            let width = sum / total * 100.0;
            shares.push(Share {
                label: label.to_owned(),
                amount: number::compact(sum, currency.as_str()).replace(" XXX", ""),
                x: format!("{x:.2}"),
                width: format!("{:.2}", (width - 0.4).max(0.2)),
                class,
            });
            x += width;
        }
    }
    shares
}

fn tiles(analysis: &Analysis) -> Vec<Tile> {
    let whole = |id: &str| analysis.kpis.iter().find(|kpi| kpi.id == id && kpi.scope.is_empty());
    let tile = |label: &'static str, id: &str, signed: bool, missing: &str| match whole(id) {
        Some(kpi) => {
            let value = number::percent(kpi.value, 1);
            let value = if signed && kpi.value > 0.0 { format!("+{value}") } else { value };
            Tile { label, value: Some(value), note: kpi.note.clone().unwrap_or_default() }
        }
        None => Tile { label, value: None, note: missing.to_owned() },
    };
    vec![
        tile("Cost against plan", "cost_variance_ratio", true, "Add planned and actual cost to see it"),
        tile("Finished on time", "on_time_delivery", false, "Add due dates and finish dates to see it"),
        tile("Scrap", "scrap_ratio", false, "Add scrapped quantities to see it"),
        tile("Machine effectiveness (OEE)", "oee_index", false, "Add planned production hours to see it"),
    ]
}

fn kpi_row(kpi: &KpiValue) -> [String; 4] {
    let name = ontology::kpi::named(kpi.id).map_or(kpi.id, |definition| definition.name);
    let scope: Vec<String> =
        kpi.scope.iter().map(|entity| format!("{} {}", words(entity.field.as_str()), entity.value)).collect();
    let value = if kpi.unit == "1" {
        number::percent(kpi.value, 1)
    } else {
        format!("{} {}", number::short(kpi.value, ""), kpi.unit)
    };
    let mut basis =
        format!("{} / {}", number::grouped(kpi.numerator, 1), number::grouped(kpi.denominator, 1));
    if let Some(note) = &kpi.note {
        basis = format!("{basis} · {note}");
    }
    let scope = if scope.is_empty() { "plant".to_owned() } else { scope.join(", ") };
    [sentence_case(name), scope, value, basis]
}

fn ledger(analysis: &Analysis) -> Vec<[String; 2]> {
    let totals = &analysis.totals;
    let mut lines = vec![
        ["Planned cost, flexed to the quantity made".to_owned(), amount(&totals.planned_cost)],
        ["Actual cost".to_owned(), amount(&totals.actual_cost)],
        ["Variance".to_owned(), amount(&totals.variance)],
    ];
    for (name, part) in &totals.parts {
        lines.push([format!("of it {}", words(name).to_lowercase()), amount(part)]);
    }
    lines.push(["Explained by findings".to_owned(), amount(&totals.explained)]);
    lines.push(["Remainder".to_owned(), amount(&totals.remainder)]);
    if totals.actual_cost.amount.is_zero() && totals.planned_cost.amount.is_zero() {
        lines.clear();
    }
    lines
}

/// To the cent, as a ledger wants it.
fn amount(money: &domain::Money) -> String {
    let text = number::grouped(money.to_f64().abs(), 2);
    if money.to_f64() < 0.0 { format!("−{text}") } else { text }
}

impl FindingView {
    fn new(
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
    fn is_number(&self, column: &usize) -> bool {
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

fn picture(chart: &Chart, renderer: &Renderer, width: u32, tongue: Tongue) -> Result<Picture, ReportError> {
    let rows = table::table(chart);
    Ok(Picture {
        title: chart.title.clone(),
        caption: chart.caption.clone(),
        svg: renderer.svg(&in_tongue(chart, tongue), width, tongue)?,
        heads: rows.heads,
        rows: rows
            .rows
            .into_iter()
            .take(60)
            .map(|row| {
                row.into_iter()
                    .map(|cell| match cell {
                        TableCell::Text(text) => text,
                        TableCell::Number(value) => number::short(value, ""),
                        TableCell::Day(micros) => number::day(micros),
                        TableCell::Empty => "–".to_owned(),
                    })
                    .collect()
            })
            .collect(),
    })
}

/// `JOBCOST.csv: 8,214, 8,102 …`, file by file.
fn row_list(rows: &[RowRef], most: usize) -> String {
    let mut text = String::new();
    let mut last = "";
    for row in rows.iter().take(most) {
        if row.file == last {
            text.push_str(", ");
        } else {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(&row.file);
            text.push_str(" row ");
            last = &row.file;
        }
        text.push_str(&row.row.to_string());
    }
    if rows.len() > most {
        text.push_str(&format!(" and {} more", number::count((rows.len() - most) as u64)));
    }
    text
}

/// `work_center_id` → `work center id`.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Both ends of a quantity's range, where they differ as people read them.
fn quantity_range(quantity: &domain::analysis::Quantity) -> String {
    let (low, high) = (number::short(quantity.low, ""), number::short(quantity.high, ""));
    if low == high {
        "not counted as savings".to_owned()
    } else {
        format!("{low} – {high} {}", quantity.unit)
    }
}

/// What people call a type of finding.
fn kind(type_: &str) -> String {
    match type_ {
        "mtbf" => "Time between stops".to_owned(),
        "mttr" => "Repair time".to_owned(),
        "oee_loss" => "OEE loss".to_owned(),
        "standard_error" => "Standard is wrong".to_owned(),
        "order_overrun" => "Orders over plan".to_owned(),
        "late_orders_driver" => "Why orders are late".to_owned(),
        other => sentence_case(&words(other)),
    }
}

fn plural(unit: &str) -> String {
    let unit = words(unit);
    let unit = unit.strip_prefix("work ").unwrap_or(&unit);
    if unit.ends_with('s') { unit.to_owned() } else { format!("{unit}s") }
}

fn sentence_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
