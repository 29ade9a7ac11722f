//! Running all analyzers over a plant.

mod guidance;
mod side_by_side;

use std::collections::BTreeMap;

use domain::{
    Analysis, CoreVariables, Currency, Finding, Settings,
    analysis::{DataQualityItem, EvidenceGrade, KpiValue, Period, SkippedAnalyzer, Totals},
    breakdown::Breakdown,
    chart::{Chart, ChartBody, Step},
};
use ontology::{Entity, FieldId};

use crate::{
    breakdown,
    canonical::Canonical,
    engine::{
        context::Context,
        ledger::{self, Ledger},
        plant::{Plant, Sources},
        words,
    },
    error::AnalyzeError,
    kpi,
    over_time::History,
    quality, query, settings as used_settings,
    stats::multiplicity::selected_level,
    suite::{ANALYZERS, Analyzer, without_echoes},
    tiers,
};

/// What the suite says of a plant, before tables and key figures join it.
#[derive(Debug)]
pub struct SuiteResult {
    pub run: Vec<&'static str>,
    pub skipped: Vec<SkippedAnalyzer>,
    /// Highest priority first.
    pub findings: Vec<Finding>,
    pub totals: Totals,
    pub charts: Vec<Chart>,
    /// Rows that a measure could not believe.
    pub doubtful: Vec<DataQualityItem>,
    pub breakdown: Breakdown,
}

/// Analyzes canonical tables. Call it from a thread that may block.
pub fn analyze(canonical: &Canonical, settings: &Settings) -> Result<Analysis, AnalyzeError> {
    analyze_and(canonical, settings, |_, _| ()).map(|(analysis, ())| analysis)
}

/// Analyzes canonical tables, and gathers the weekly sums that later analyses are compared with.
pub fn analyze_with_history(
    canonical: &Canonical,
    settings: &Settings,
) -> Result<(Analysis, History), AnalyzeError> {
    analyze_and(canonical, settings, |plant, _| History::of(plant))
}

/// Loads the frames of canonical tables. Call it from a thread that may block.
pub fn load(canonical: &Canonical) -> Result<Plant, AnalyzeError> {
    let path = |entity: Entity| canonical.path(entity).map(std::path::Path::to_path_buf);
    let sources = Sources {
        files: canonical.files.clone(),
        work_orders: path(Entity::WorkOrder),
        operations: path(Entity::Operation),
        bookings: path(Entity::Booking),
        materials: path(Entity::Material),
        equipment_events: path(Entity::Equipment),
        quality: path(Entity::Quality),
        currency: canonical.currency.clone(),
        own_rates: canonical.limits.own_rates,
    };
    query::block_on(&canonical.limits, Plant::load(&sources))
}

/// Analyzes canonical tables, and lets the caller look at the frames with what was found in them before they go.
pub fn analyze_and<T>(
    canonical: &Canonical,
    settings: &Settings,
    look: impl FnOnce(&Plant, &[Finding]) -> T,
) -> Result<(Analysis, T), AnalyzeError> {
    if let Some(reason) = quality::refusal(canonical) {
        return Err(AnalyzeError::Unusable { reason });
    }
    let plant = load(canonical)?;
    let mut result = suite(&plant, settings);
    let used = used_settings::used(&plant, settings, &result.skipped);
    let period =
        words::iso(plant.first_day).zip(words::iso(plant.last_day)).map(|(start, end)| Period { start, end });
    let currency = plant.currency.clone().unwrap_or_else(Currency::unstated);
    let cost_index = ledger::cost_index(&plant, settings);
    let seen = look(&plant, &result.findings);
    // Key figures and quality are asked of the tables; the frames have done their work and are large.
    drop(plant);
    let doubtful = std::mem::take(&mut result.doubtful);
    let (data_quality, kpis) = std::thread::scope(|scope| {
        let quality = scope.spawn(|| quality::assess(canonical, doubtful));
        let kpis = kpi::compute(canonical);
        (quality.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), kpis)
    });
    let (data_quality, mut kpis) = (data_quality?, kpis?);
    result.findings.extend(quality::findings(&data_quality, &canonical.rows));
    let guidance = guidance::of(&result);
    kpis.extend(cost_variance(&result.totals));
    kpis.extend(cost_index);
    result.breakdown.tiers = tiers::tiers(canonical);
    let analysis = Analysis {
        data_tier: tiers::reached(&result.breakdown.tiers),
        analyzers_run: result.run,
        analyzers_skipped: result.skipped,
        period,
        currency,
        rows: canonical.rows.clone(),
        totals: result.totals,
        kpis,
        findings: result.findings,
        guidance,
        data_quality,
        charts: result.charts,
        settings: used,
        breakdown: Some(result.breakdown),
    };
    Ok((analysis, seen))
}

/// Runs every analyzer whose fields are there.
pub fn suite(plant: &Plant, settings: &Settings) -> SuiteResult {
    let currency = plant.currency.clone().unwrap_or_else(Currency::unstated);
    let ledger = Ledger::of(plant);
    let context = Context::new(plant, settings, currency.clone(), ledger.planned as f64 / 100.0);
    let (mut run, mut skipped, mut findings, mut charts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut doubtful = Vec::new();
    let mut asked = Vec::new();
    for analyzer in ANALYZERS {
        match unasked(analyzer, plant, settings) {
            Some(reason) => skipped.push(reason),
            None => asked.push(analyzer),
        }
    }
    for (analyzer, outcome) in asked.iter().zip(side_by_side::outcomes(&asked, &context)) {
        run.push(analyzer.id);
        findings.extend(outcome.findings);
        charts.extend(outcome.charts);
        doubtful.extend(outcome.doubtful);
    }
    held_over_all(&mut findings, &run, 1.0 - context.confidence());
    without_echoes(&mut findings);
    findings.retain(|finding| asked_for(finding, &settings.core));
    findings.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id)));
    // A claim that two measures make is told once, by the stronger.
    let mut told = std::collections::BTreeSet::new();
    findings.retain(|finding| told.insert(finding.id.clone()));
    let totals = ledger.totals(&findings, &currency);
    charts.extend(waterfall(&totals, &currency));
    let breakdown = breakdown::of(&context, &ledger, &totals, &findings);
    SuiteResult { run, skipped, findings, totals, charts, doubtful, breakdown }
}

/// Whether a finding is large and sure enough for what the saved mapping asks for. What goes is in the remainder.
fn asked_for(finding: &Finding, core: &CoreVariables) -> bool {
    let at_least = |name: &str, value: f64| core.get(name).is_none_or(|least| value.abs() >= least);
    let rate = matches!(finding.effect.measure, "scrap_rate" | "rework_rate" | "not_right_first_time");
    finding.impact.as_ref().is_none_or(|impact| at_least("min_variance_amount", impact.value.to_f64()))
        && at_least("confidence_threshold_pct", 100.0 * (1.0 - finding.q))
        && (!rate || at_least("quality_min_issue_rate_pct", 100.0 * finding.effect.value))
}

/// Why an analyzer is not asked: its fields are not there, or somebody switched it off.
fn unasked(analyzer: &Analyzer, plant: &Plant, settings: &Settings) -> Option<SkippedAnalyzer> {
    let missing: Vec<FieldId> = analyzer
        .needs
        .iter()
        .filter(|group| !group.iter().any(|field| plant.has(field)))
        .filter_map(|group| group.first().and_then(|field| FieldId::named(field)))
        .collect();
    if !missing.is_empty() {
        return Some(SkippedAnalyzer { analyzer: analyzer.id, missing, reason: None });
    }
    settings.leave_out.analyzers.contains(analyzer.id).then(|| SkippedAnalyzer {
        analyzer: analyzer.id,
        missing: Vec::new(),
        reason: Some("switched off in your settings".to_owned()),
    })
}

/// Drops what only looked surprising because so many questions were asked. What was not tested (totals, lists) stays.
fn held_over_all(findings: &mut Vec<Finding>, run: &[&'static str], level: f64) {
    let tested =
        |finding: &Finding| finding.tests_in_family > 0 && finding.evidence_grade != EvidenceGrade::Hint;
    let mut smallest: BTreeMap<&str, f64> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| tested(finding)) {
        let q = smallest.entry(finding.analyzer).or_insert(1.0);
        *q = q.min(finding.q);
    }
    let smallest: Vec<f64> = smallest.into_values().collect();
    let level = selected_level(&smallest, run.len(), level);
    findings.retain(|finding| !tested(finding) || finding.q <= level);
}

/// Cost against plan, of the whole plant: the ledger has both sides.
fn cost_variance(totals: &Totals) -> Option<KpiValue> {
    let planned = totals.planned_cost.to_f64();
    (planned > 0.0).then(|| KpiValue {
        id: "cost_variance_ratio",
        value: totals.variance.to_f64() / planned,
        unit: "1",
        numerator: totals.variance.to_f64(),
        denominator: planned,
        scope: Vec::new(),
        note: Some("the plan is scaled to the quantity made".to_owned()),
    })
}

fn waterfall(totals: &Totals, currency: &Currency) -> Option<Chart> {
    if totals.parts.is_empty() {
        return None;
    }
    let steps = totals
        .parts
        .iter()
        .filter(|(_, part)| part.to_f64().abs() >= 0.5)
        .map(|(name, part)| Step {
            label: words::sentence_case(&name.replace('_', " ")),
            value: part.to_f64(),
        })
        .collect();
    Some(Chart {
        title: "From planned to actual cost".to_owned(),
        caption: "the plan is scaled to what was made; the parts add up to the difference".to_owned(),
        alternative: format!(
            "Planned {}, actual {}.",
            words::money(totals.planned_cost.to_f64(), currency),
            words::money(totals.actual_cost.to_f64(), currency)
        ),
        body: ChartBody::Waterfall {
            start: Step { label: "Flexed plan".to_owned(), value: totals.planned_cost.to_f64() },
            steps,
            end: Step { label: "Actual".to_owned(), value: totals.actual_cost.to_f64() },
            unit: currency.to_string(),
        },
    })
}
