//! What the page's templates show, in the words of the page.

mod figures;
mod finding;
mod money;
mod picture;
mod steps;
mod wording;

use askama::Template;
use domain::{Analysis, Finding, analysis::EvidenceGrade, review};
use translation::Tongue;

use self::{
    figures::{kpi_row, ledger, tiles},
    money::{recoverable_note, split},
    picture::picture,
    steps::{cases, steps},
    wording::{row_list, words},
};
use super::font;
use crate::{Caption, Quote, ReportError, chart::Renderer, number};

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
