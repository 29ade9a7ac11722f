//! Running all analyzers over a plant.

use domain::{
    Currency, Finding, Settings,
    analysis::{SkippedAnalyzer, Totals},
    chart::{Chart, ChartBody, Step},
};
use ontology::FieldId;

use crate::{
    engine::{context::Context, ledger::Ledger, plant::Plant},
    suite::ANALYZERS,
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
}

/// Runs every analyzer whose fields are there.
pub fn suite(plant: &Plant, settings: &Settings) -> SuiteResult {
    let currency = plant.currency.clone().unwrap_or_else(Currency::unstated);
    let ledger = Ledger::of(plant);
    let context = Context::new(plant, settings, currency.clone(), ledger.planned as f64 / 100.0);
    let (mut run, mut skipped, mut findings, mut charts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for analyzer in ANALYZERS {
        let missing: Vec<FieldId> = analyzer
            .needs
            .iter()
            .filter(|group| !group.iter().any(|field| plant.has(field)))
            .filter_map(|group| group.first().and_then(|field| FieldId::named(field)))
            .collect();
        if !missing.is_empty() {
            skipped.push(SkippedAnalyzer { analyzer: analyzer.id, missing, reason: None });
            continue;
        }
        let outcome = (analyzer.run)(&context);
        run.push(analyzer.id);
        findings.extend(outcome.findings);
        charts.extend(outcome.charts);
    }
    findings.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id)));
    findings.dedup_by(|a, b| a.id == b.id);
    let totals = ledger.totals(&findings, &currency);
    charts.extend(waterfall(&totals, &currency));
    SuiteResult { run, skipped, findings, totals, charts }
}

fn waterfall(totals: &Totals, currency: &Currency) -> Option<Chart> {
    if totals.parts.is_empty() {
        return None;
    }
    let steps =
        totals.parts.iter().map(|(name, part)| Step { label: name.clone(), value: part.to_f64() }).collect();
    Some(Chart {
        title: "From plan to actual".to_owned(),
        caption: "the plan is scaled to what was made; the parts add up to the difference".to_owned(),
        alternative: format!(
            "Planned {}, actual {}.",
            crate::engine::words::money(totals.planned_cost.to_f64(), currency),
            crate::engine::words::money(totals.actual_cost.to_f64(), currency)
        ),
        body: ChartBody::Waterfall {
            start: Step { label: "Flexed plan".to_owned(), value: totals.planned_cost.to_f64() },
            steps,
            end: Step { label: "Actual".to_owned(), value: totals.actual_cost.to_f64() },
            unit: currency.to_string(),
        },
    })
}
