//! `analyze --json`.

use domain::{
    Analysis, Finding, Money,
    analysis::{EntityRef, RowRef},
    review,
};
use ontology::FieldId;
use serde_json::{Map, Value, json};

use super::breakdown;

pub fn analysis(analysis: &Analysis) -> Value {
    json!({
        "data_tier": analysis.data_tier,
        "analyzers_run": analysis.analyzers_run,
        "analyzers_skipped": analysis.analyzers_skipped.iter().map(|skipped| json!({
            "analyzer": skipped.analyzer,
            "missing": fields(&skipped.missing),
            "reason": skipped.reason,
        })).collect::<Vec<_>>(),
        "settings": analysis.settings.iter().map(|setting| json!({
            "name": setting.name,
            "value": setting.value,
            "active": setting.active,
            "reason": setting.reason,
        })).collect::<Vec<_>>(),
        "period": analysis.period.as_ref().map(|period| json!({"start": period.start, "end": period.end})),
        "currency": analysis.currency.as_str(),
        "rows": {
            "read": analysis.rows.read,
            "used": analysis.rows.used,
            "set_aside": analysis.rows.set_aside.iter().map(|set_aside| json!({
                "reason": set_aside.reason,
                "rows": set_aside.rows,
                "examples": rows(&set_aside.examples[..set_aside.examples.len().min(20)]),
            })).collect::<Vec<_>>(),
        },
        "totals": {
            "planned_cost": amount(&analysis.totals.planned_cost),
            "actual_cost": amount(&analysis.totals.actual_cost),
            "variance": amount(&analysis.totals.variance),
            "explained": amount(&analysis.totals.explained),
            "remainder": amount(&analysis.totals.remainder),
            "parts": analysis.totals.parts.iter().map(|(name, money)| json!({
                "name": name, "value": amount(money),
            })).collect::<Vec<_>>(),
        },
        "kpis": analysis.kpis.iter().map(|kpi| json!({
            "id": kpi.id,
            "value": kpi.value,
            "unit": kpi.unit,
            "numerator": kpi.numerator,
            "denominator": kpi.denominator,
            "scope": scope(&kpi.scope),
            "note": kpi.note,
        })).collect::<Vec<_>>(),
        "kpis_missing": analyzers::kpi::standard(&analysis.kpis).iter().filter(|kpi| kpi.value.is_none()).map(|kpi| json!({
            "id": kpi.id,
            "name": kpi.name,
            "formula": kpi.formula,
            "source": kpi.source,
            "needs": kpi.needs,
        })).collect::<Vec<_>>(),
        "findings": analysis.findings.iter().map(finding).collect::<Vec<_>>(),
        "guidance": analysis.guidance.iter().map(|guidance| json!({
            "field": guidance.field.as_str(),
            "unlocks": guidance.unlocks,
            "unexplained": guidance.unexplained,
            "sentence": guidance.sentence,
        })).collect::<Vec<_>>(),
        "data_quality": {
            "score": analysis.data_quality.score,
            "grade": analysis.data_quality.grade.to_string(),
            "items": analysis.data_quality.items.iter().map(|item| json!({
                "kind": item.kind,
                "sentence": item.sentence,
                "rows": item.rows,
                "examples": rows(&item.examples),
                "field": item.field.map(FieldId::as_str),
            })).collect::<Vec<_>>(),
        },
        "summary": review::summary(analysis),
        "cases": review::cases(analysis).iter().map(case).collect::<Vec<_>>(),
        "next_steps": next_steps(analysis),
        "breakdown": analysis.breakdown.as_ref().map(breakdown::breakdown),
    })
}

/// Findings that belong together.
fn case(case: &review::Case<'_>) -> Value {
    json!({
        "id": case.id,
        "title": case.title(),
        "category": case.category(),
        "priority": case.priority(),
        "entities": entities(&case.shared),
        "findings": case.findings.iter().map(|finding| finding.id.as_str()).collect::<Vec<_>>(),
        "yearly": case.yearly.map(yearly),
    })
}

fn yearly(yearly: review::Yearly) -> Value {
    json!({
        "value": cents(yearly.value),
        "low": cents(yearly.low),
        "high": cents(yearly.high),
        "recoverable": cents(yearly.recoverable),
    })
}

fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

/// What to do first; the money of a finding stands once, whatever the ways to it.
fn next_steps(analysis: &Analysis) -> Value {
    let steps = review::steps(&analysis.findings);
    json!({
        "recoverable": cents(review::total(&steps)),
        "steps": steps.iter().map(|step| json!({
            "finding": step.finding.id,
            "title": step.action.title,
            "effort": step.action.effort,
            "within": step.within,
            "recoverable": step.recoverable.map(cents),
            "per_day_of_effort": step.per_day.map(cents),
            "alternatives": step.alternatives.iter().map(|action| json!({
                "title": action.title, "effort": action.effort,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// One finding.
pub fn finding(finding: &Finding) -> Value {
    let told = review::narrative(finding);
    json!({
        "id": finding.id,
        "type": finding.type_,
        "analyzer": finding.analyzer,
        "entities": entities(&finding.entities),
        "title": finding.title,
        "start": finding.start,
        "start_low": finding.start_low,
        "start_high": finding.start_high,
        "effect": {
            "measure": finding.effect.measure,
            "value": finding.effect.value,
            "low": finding.effect.low,
            "high": finding.effect.high,
            "raw": finding.effect.raw,
        },
        "impact": finding.impact.as_ref().map(|impact| json!({
            "currency": impact.value.currency.as_str(),
            "value": amount(&impact.value),
            "low": amount(&impact.low),
            "high": amount(&impact.high),
            "annualized": amount(&impact.annualized),
            "addressable": amount(&impact.addressable),
        })),
        "quantity": finding.quantity.as_ref().map(|quantity| json!({
            "unit": quantity.unit, "value": quantity.value, "low": quantity.low, "high": quantity.high,
        })),
        "p": finding.p,
        "q": finding.q,
        "tests_in_family": finding.tests_in_family,
        "unit_of_analysis": finding.unit_of_analysis,
        "n": finding.n,
        "method": finding.method,
        "evidence_grade": finding.evidence_grade.as_str(),
        "priority": finding.priority,
        "comparison": finding.comparison,
        "observations": finding.observations,
        "counter_evidence": finding.counter_evidence,
        "shadows": entities(&finding.shadows),
        "assumptions": finding.assumptions,
        "missing_fields": fields(&finding.missing_fields),
        "evidence_rows": rows(&finding.evidence_rows),
        "actions": finding.actions.iter().map(|action| json!({
            "title": action.title, "effort": action.effort,
        })).collect::<Vec<_>>(),
        "narrative": {"what": told.what, "why": told.why, "cost": told.cost, "next": told.next},
    })
}

fn entities(entities: &[EntityRef]) -> Value {
    entities.iter().map(|entity| json!({"field": entity.field.as_str(), "value": entity.value})).collect()
}

fn scope(entities: &[EntityRef]) -> Value {
    let members: Map<String, Value> =
        entities.iter().map(|entity| (entity.field.to_string(), json!(entity.value))).collect();
    Value::Object(members)
}

fn rows(rows: &[RowRef]) -> Value {
    rows.iter().map(|row| json!({"file": row.file, "row": row.row})).collect()
}

fn fields(fields: &[FieldId]) -> Vec<&'static str> {
    fields.iter().map(|field| field.as_str()).collect()
}

/// JSON has no decimals; an amount kept to the cent survives the way through a double up to ninety trillion.
pub(super) fn amount(money: &Money) -> f64 {
    money.to_f64()
}
