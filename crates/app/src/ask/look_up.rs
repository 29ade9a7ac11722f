//! The tools: each takes a typed call and gives a typed outcome, from the tables and the stored result of one analysis.

use analyzers::{figures, kpi, what_if};
use assistant::{
    intent::{Filter, Lever},
    tool::{
        Call, Case, CaseFigure, Explained, FigureCall, Figures, FindingLine, Findings, Group, Line, Missing,
        Outcome, Skipped, Source, Totals, Values, Wanted,
    },
};
use domain::{Finding, analysis::EntityRef};
use ontology::FieldId;

use super::Data;
use crate::Error;

/// Finds out what a call asks for. It blocks. What cannot be said is an outcome, too; an error is a fault.
pub fn look_up(data: &Data, call: &Call) -> Result<Outcome, Error> {
    Ok(match call {
        Call::Figures(call) => match figure(data, call)? {
            Some(figures) => Outcome::Figures(figures),
            None => Outcome::Refused { reason: format!("{} cannot be computed that way", call.metric) },
        },
        Call::Explain { metric, filters } => explain(data, metric, filters)?,
        Call::Missing { metric } => Outcome::Missing(missing(data, metric.as_deref())?),
        Call::Findings { n, filters } => Outcome::Findings(findings(data, *n, filters)),
        Call::WhatIf { lever, scope } => Outcome::Case(what_if(data, *lever, scope)?),
        Call::Values { field, n } => values(data, *field, *n)?,
        Call::Totals => Outcome::Totals(totals(data)),
        Call::Compare(_) | Call::Finding { .. } | Call::Rows(_) | Call::Query { .. } => {
            super::more::any(data, call)?
        }
    })
}

fn currency(data: &Data) -> String {
    data.analysis.currency.as_str().to_owned()
}

pub(super) fn figure(data: &Data, call: &FigureCall) -> Result<Option<Figures>, Error> {
    let pairs = |filters: &[Filter]| -> Vec<(FieldId, String)> {
        filters.iter().map(|filter| (filter.field, filter.value.clone())).collect()
    };
    let (filters, without) = (pairs(&call.filters), pairs(&call.without));
    let ask = figures::Ask {
        metric: &call.metric,
        filters: &filters,
        without: &without,
        beyond: call.beyond.map(|bound| figures::Bound {
            above: bound.above,
            value: bound.value,
            included: bound.included,
        }),
        period: call.period.map(|period| (period.first, period.last)),
        by: call.group.map(|group| match group {
            Group::Field(field) => figures::By::Field(field),
            Group::Step(step) => figures::By::Step(step.as_str()),
        }),
        limit: call.limit,
        descending: call.descending,
    };
    let unit = assistant::Metric::named(&call.metric).map_or("", |metric| metric.unit);
    let shown = |line: figures::Line| Line {
        name: line.name,
        value: line.value,
        numerator: line.numerator,
        denominator: line.denominator,
        rows: line.rows,
    };
    if let Some(found) = figures::compute(&data.canonical, &ask)? {
        return Ok(Some(Figures {
            metric: call.metric.clone(),
            unit: unit.to_owned(),
            currency: currency(data),
            table: found.table.to_owned(),
            formula: found.formula,
            note: found.note,
            lines: found.lines.into_iter().map(shown).collect(),
            whole: shown(found.whole),
            groups: found.groups,
            unstated: found.unstated,
            dated_by: found.dated_by.map(str::to_owned),
            sources: found.sources.into_iter().map(|(file, row)| Source { file, row }).collect(),
        }));
    }
    Ok(stored(data, call, unit))
}

/// A key figure of the analysis, for the plant or a part that was computed with it.
fn stored(data: &Data, call: &FigureCall, unit: &str) -> Option<Figures> {
    let narrow = call.period.is_some() || !call.without.is_empty() || call.beyond.is_some();
    if narrow || call.filters.len() > 1 {
        return None;
    }
    let of = |kpi: &domain::analysis::KpiValue, name: String| Line {
        name,
        value: Some(kpi.value),
        numerator: Some(kpi.numerator),
        denominator: Some(kpi.denominator),
        rows: data.analysis.rows.used,
    };
    let kpis = || data.analysis.kpis.iter().filter(|kpi| kpi.id == call.metric);
    let whole = match call.filters.first() {
        None => kpis().find(|kpi| kpi.scope.is_empty()),
        Some(filter) => kpis().find(|kpi| {
            matches!(&kpi.scope[..], [entity] if entity.field == filter.field && entity.value.trim() == filter.value.trim())
        }),
    };
    let mut lines: Vec<Line> = match call.group {
        Some(Group::Field(field)) if call.filters.is_empty() => kpis()
            .filter_map(|kpi| match &kpi.scope[..] {
                [entity] if entity.field == field => Some(of(kpi, entity.value.clone())),
                _ => None,
            })
            .collect(),
        None => Vec::new(),
        _ => return None,
    };
    if whole.is_none() && lines.is_empty() {
        return None;
    }
    lines.sort_by(|a, b| {
        let order = a.value.unwrap_or(f64::NAN).total_cmp(&b.value.unwrap_or(f64::NAN));
        (if call.descending { order.reverse() } else { order }).then(a.name.cmp(&b.name))
    });
    let groups = lines.len() as u64;
    lines.truncate(call.limit);
    let formula = ontology::kpi::named(&call.metric).map_or_else(String::new, |kpi| kpi.formula.to_owned());
    Some(Figures {
        metric: call.metric.clone(),
        unit: unit.to_owned(),
        currency: currency(data),
        table: "the key figures of the analysis".to_owned(),
        formula,
        note: whole.or(kpis().next()).and_then(|kpi| kpi.note.clone()),
        lines,
        whole: whole.map(|kpi| of(kpi, String::new())).unwrap_or_default(),
        groups,
        unstated: 0,
        dated_by: None,
        sources: Vec::new(),
    })
}

fn explain(data: &Data, metric: &str, filters: &[Filter]) -> Result<Outcome, Error> {
    let call = FigureCall {
        metric: metric.to_owned(),
        filters: filters.to_vec(),
        limit: 1,
        descending: true,
        ..FigureCall::default()
    };
    let Some(figures) = figure(data, &call)? else {
        return Ok(Outcome::Refused { reason: format!("{metric} cannot be computed that way") });
    };
    let kpi = ontology::kpi::named(metric);
    let mut needs: Vec<String> = kpi::needs(metric).iter().map(|need| (*need).to_owned()).collect();
    if needs.is_empty() {
        // The fields that the query names.
        needs = ontology::field::all()
            .iter()
            .map(|field| field.id.as_str())
            .filter(|id| words(&figures.formula).any(|word| word == *id))
            .map(str::to_owned)
            .collect();
    }
    Ok(Outcome::Explained(Explained {
        metric: metric.to_owned(),
        formula: kpi.map_or_else(|| figures.formula.clone(), |kpi| kpi.formula.to_owned()),
        query: format!("{} from {}", figures.formula, figures.table),
        figures,
        needs,
    }))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_').filter(|word| !word.is_empty())
}

fn missing(data: &Data, metric: Option<&str>) -> Result<Missing, Error> {
    let mut found =
        Missing { metric: metric.map(str::to_owned), currency: currency(data), ..Missing::default() };
    let Some(metric) = metric else {
        found.skipped = data
            .analysis
            .analyzers_skipped
            .iter()
            .map(|skipped| Skipped {
                analyzer: skipped.analyzer.to_owned(),
                missing: skipped.missing.iter().map(|field| field.as_str().to_owned()).collect(),
                reason: skipped.reason.clone(),
            })
            .collect();
        found.wanted = data
            .analysis
            .guidance
            .iter()
            .map(|guidance| Wanted {
                field: guidance.field.as_str().to_owned(),
                meaning: guidance.field.definition().meaning.to_owned(),
                unlocks: guidance.unlocks.iter().map(|name| (*name).to_owned()).collect(),
                unexplained: guidance.unexplained,
            })
            .collect();
        return Ok(found);
    };
    found.needs = needs(metric);
    if data.catalog().has(metric)
        && let Outcome::Explained(explained) = explain(data, metric, &[])?
    {
        found.value =
            explained.figures.whole.value.or(explained.figures.lines.first().and_then(|line| line.value));
        if found.needs.is_empty() {
            found.needs = explained.needs;
        }
    }
    let there = |name: &str| {
        FieldId::named(name).is_some_and(|field| {
            data.canonical.tables.keys().any(|table| data.canonical.fill(*table, field) > 0.0)
        })
    };
    found.lacks = found.needs.iter().filter(|need| !need.split('|').any(there)).cloned().collect();
    if found.lacks.is_empty() && found.value.is_none() {
        // All fields are there somewhere, but not on the same rows.
        found.lacks.clone_from(&found.needs);
    }
    Ok(found)
}

/// What a figure takes, by the key figures' own list or by name.
fn needs(metric: &str) -> Vec<String> {
    let own = kpi::needs(metric);
    if !own.is_empty() {
        return own.iter().map(|need| (*need).to_owned()).collect();
    }
    let fields: &[&str] = match metric {
        "labor_efficiency" => {
            &["planned_run_hours", "planned_setup_hours", "actual_run_hours", "actual_setup_hours"]
        }
        "setup_efficiency" => &["planned_setup_hours", "actual_setup_hours"],
        "energy_per_hour" => &["energy_kwh", "actual_run_hours"],
        "material_utilization" => {
            &["planned_material_quantity", "actual_material_quantity", "material_standard_cost"]
        }
        "cost_variance" | "cost_variance_ratio" => &["actual_total_cost", "planned_total_cost"],
        "unit_cost" => &["actual_total_cost", "quantity_completed"],
        "margin" | "margin_ratio" => &["revenue", "actual_total_cost"],
        "labor_rate" => &["labor_rate|actual_labor_cost", "booking_hours|actual_labor_hours"],
        "machine_rate" => &["machine_rate", "booking_hours|actual_run_hours"],
        "setup_hours_each" => &["actual_setup_hours"],
        "stoppages" | "mttr" => &["downtime_hours"],
        "mtbf" => &["downtime_hours", "actual_run_hours"],
        "batch" => &["quantity_completed"],
        "material_spend" | "material_price" => &["actual_material_quantity", "material_unit_cost"],
        "defects" => &["defect_count|defect_code"],
        "defect_records" => &["defect_code"],
        "lead_time" => &["actual_start", "actual_end"],
        "busy_hours" | "queue_time_share" => &["operation_actual_start", "operation_actual_end"],
        "schedule_adherence" => &["operation_planned_start", "operation_actual_start"],
        "on_time_delivery" | "late_orders" | "median_days_late" => {
            &["due_date|promised_date|required_date", "actual_end|close_date|ship_date"]
        }
        "orders" => &["work_order_id"],
        other => return FieldId::named(other).map(|field| field.as_str().to_owned()).into_iter().collect(),
    };
    fields.iter().map(|field| (*field).to_owned()).collect()
}

fn findings(data: &Data, n: usize, filters: &[Filter]) -> Findings {
    let about = |finding: &&Finding| {
        filters.iter().all(|filter| {
            finding
                .entities
                .iter()
                .any(|entity| entity.field == filter.field && entity.value.trim() == filter.value.trim())
        })
    };
    let found: Vec<&Finding> = data.analysis.findings_by_money().into_iter().filter(about).collect();
    Findings {
        total: found.len() as u64,
        currency: currency(data),
        lines: found.iter().take(n).map(|finding| finding_line(finding)).collect(),
    }
}

pub(super) fn finding_line(finding: &Finding) -> FindingLine {
    let impact = finding.impact.as_ref();
    let amount =
        |pick: fn(&domain::analysis::Impact) -> &domain::Money| impact.map(|impact| pick(impact).to_f64());
    FindingLine {
        id: finding.id.clone(),
        title: finding.title.clone(),
        type_: finding.type_.to_owned(),
        impact: amount(|impact| &impact.value),
        low: amount(|impact| &impact.low),
        high: amount(|impact| &impact.high),
        annualized: amount(|impact| &impact.annualized),
        grade: finding.evidence_grade.as_str().to_owned(),
        priority: i64::from(finding.priority),
        sources: finding
            .evidence_rows
            .iter()
            .take(3)
            .map(|row| Source { file: row.file.clone(), row: row.row })
            .collect(),
    }
}

fn what_if(data: &Data, lever: Lever, scope: &[Filter]) -> Result<Case, Error> {
    let plant = analyzers::run::load(&data.canonical)?;
    let scope: Vec<EntityRef> =
        scope.iter().map(|filter| EntityRef { field: filter.field, value: filter.value.clone() }).collect();
    let sums = what_if::Sums::of(&plant, &scope, &data.settings);
    let machine_share = data.settings.get("setup_time_weight");
    let answer = match lever {
        Lever::Setup { shorter } => what_if::setup(&sums, shorter, machine_share),
        Lever::ScrapTo { rate } => what_if::scrap(&sums, rate),
        Lever::ScrapBy { share } => {
            let today = if sums.pieces > 0.0 { sums.scrapped / sums.pieces } else { 0.0 };
            what_if::scrap(&sums, today * (1.0 - share))
        }
        Lever::Price { change } => what_if::price(&sums, change),
        Lever::Hours { more } => what_if::shift(&sums, more, 0.0),
        Lever::Machines { more } => what_if::machines(&sums, more, None),
        Lever::Batch { times } => what_if::batch_size(&sums, times, None, machine_share),
    };
    Ok(Case {
        question: answer.question,
        saved_per_year: answer.saved_per_year.filter(|amount| amount.is_finite()),
        figures: answer
            .figures
            .into_iter()
            .map(|figure| CaseFigure {
                name: figure.name.to_owned(),
                unit: figure.unit.to_owned(),
                today: figure.today,
                then: figure.then,
            })
            .collect(),
        formula: answer.formula,
        assumptions: answer.assumptions,
        missing: answer.missing.iter().map(|missing| (*missing).to_owned()).collect(),
        currency: currency(data),
        days: sums.days,
    })
}

fn values(data: &Data, field: FieldId, n: usize) -> Result<Outcome, Error> {
    let Some(found) = figures::values(&data.canonical, &[field], n)?.into_iter().next() else {
        return Ok(Outcome::Refused { reason: format!("the data do not hold {field}") });
    };
    Ok(Outcome::Values(Values {
        field: field.as_str().to_owned(),
        total: found.total,
        lines: found.values.into_iter().map(|(name, rows)| Line { name, rows, ..Line::default() }).collect(),
    }))
}

fn totals(data: &Data) -> Totals {
    let analysis = &data.analysis;
    let totals = &analysis.totals;
    Totals {
        first: analysis.period.as_ref().map(|period| period.start.clone()),
        last: analysis.period.as_ref().map(|period| period.end.clone()),
        currency: currency(data),
        planned_cost: totals.planned_cost.to_f64(),
        actual_cost: totals.actual_cost.to_f64(),
        variance: totals.variance.to_f64(),
        explained: totals.explained.to_f64(),
        remainder: totals.remainder.to_f64(),
        parts: totals.parts.iter().map(|(name, amount)| (name.clone(), amount.to_f64())).collect(),
        findings: analysis.findings.len() as u64,
        rows_read: analysis.rows.read,
        rows_used: analysis.rows.used,
        data_tier: analysis.data_tier,
    }
}
