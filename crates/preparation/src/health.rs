//! How good a mapping profile is: what speaks against it, and a score that says how much of its work it does.

use domain::{ColumnMapping, Mapping, TableProfile, ValueKind};
use ontology::{FieldId, Unit};

use crate::{
    check::{Problem, Severity},
    recipe::Preparation,
    suggest::Suggestion,
};

/// The parts of the score and the score itself, each from 0 to 100.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    pub problems: Vec<Problem>,
    /// 100 − 20 per error − 5 per warning, never below 0.
    pub quality: u32,
    /// 40 % required fields mapped, 30 % quality, 20 % mapped fields with data, 10 % rules where they would help.
    pub score: u32,
    pub parts: Parts,
    /// What would raise the score, largest first.
    pub hints: Vec<String>,
}

/// Shares from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    pub required: f64,
    pub health: f64,
    pub with_data: f64,
    pub rules: f64,
}

impl Health {
    /// Excellent, good, fair or poor.
    pub fn band(&self) -> &'static str {
        match self.score {
            90.. => "excellent",
            70.. => "good",
            50.. => "fair",
            _ => "poor",
        }
    }
}

/// Groups of fields of which one is needed before anything can be said in money or hours.
const REQUIRED: [(&str, &[&str]); 5] = [
    ("an order number", &["work_order_id"]),
    ("a quantity", &["quantity_completed", "operation_quantity_completed", "quantity_ordered"]),
    ("a product or material", &["product_id", "material_id", "product_name"]),
    (
        "planned hours or cost",
        &[
            "planned_run_hours",
            "planned_total_cost",
            "planned_labor_cost",
            "planned_labor_hours",
            "planned_material_cost",
        ],
    ),
    (
        "actual hours or cost",
        &[
            "actual_run_hours",
            "actual_total_cost",
            "actual_labor_cost",
            "actual_labor_hours",
            "actual_material_cost",
        ],
    ),
];

/// Judges the mappings of one plant's tables together, with what is prepared and what could be.
pub fn judge(tables: &[(&TableProfile, &Mapping, &Preparation)], suggestions: &[Suggestion]) -> Health {
    let mapped: Vec<(&TableProfile, &ColumnMapping)> = tables
        .iter()
        .flat_map(|(profile, mapping, _)| mapping.columns.iter().map(move |column| (*profile, column)))
        .filter(|(_, column)| column.field.is_some())
        .collect();
    let mut problems = Vec::new();
    for (profile, mapping, _) in tables {
        problems.extend(swapped(profile, mapping));
        problems.extend(hours_in_minutes(profile, mapping));
        problems.extend(mixed_dates(profile, mapping));
        problems.extend(used_twice(mapping));
    }
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count() as u32;
    let warnings = problems.len() as u32 - errors;
    let quality = 100_u32.saturating_sub(20 * errors + 5 * warnings);
    let mut hints = Vec::new();
    let has = |names: &[&str]| {
        mapped.iter().any(|(_, column)| column.field.is_some_and(|field| names.contains(&field.as_str())))
    };
    let missing: Vec<&str> =
        REQUIRED.iter().filter(|(_, names)| !has(names)).map(|(words, _)| *words).collect();
    let required = 1.0 - missing.len() as f64 / REQUIRED.len() as f64;
    if !missing.is_empty() {
        hints.push(format!("map {}", missing.join(", ")));
    }
    let filled = mapped
        .iter()
        .filter(|(profile, column)| profile.columns.get(column.index).is_some_and(|column| column.filled > 0))
        .count();
    let with_data = if mapped.is_empty() { 0.0 } else { filled as f64 / mapped.len() as f64 };
    if filled < mapped.len() {
        hints.push(format!("{} mapped columns hold no value", mapped.len() - filled));
    }
    let ruled = |suggestion: &&Suggestion| {
        tables.iter().any(|(_, _, preparation)| {
            preparation.columns.iter().any(|column| {
                !column.is_bare()
                    && crate::fold::key(&column.column) == crate::fold::key(&suggestion.prepared.column)
            })
        })
    };
    let done = suggestions.iter().filter(ruled).count();
    // Where nothing asks for a rule, none is missing; an empty profile has nothing to its credit.
    let rules = match (mapped.is_empty(), suggestions.len()) {
        (true, _) => 0.0,
        (false, 0) => 1.0,
        (false, n) => done as f64 / n as f64,
    };
    if done < suggestions.len() && !mapped.is_empty() {
        hints.push(format!("{} suggested rules are open", suggestions.len() - done));
    }
    let health = if mapped.is_empty() { 0.0 } else { f64::from(quality) / 100.0 };
    if errors + warnings > 0 {
        hints.push(format!("{errors} errors and {warnings} warnings stand against the mapping"));
    }
    let score = (40.0 * required + 30.0 * health + 20.0 * with_data + 10.0 * rules).round() as u32;
    let score = if mapped.is_empty() { 0 } else { score };
    Health { problems, quality, score, parts: Parts { required, health, with_data, rules }, hints }
}

fn column_of<'a>(mapping: &'a Mapping, name: &str) -> Option<&'a ColumnMapping> {
    let field = FieldId::named(name)?;
    mapping.columns.iter().find(|column| column.field == Some(field))
}

/// Plans are round and repeat; what happened does not. Where it is the other way round, the two are swapped.
fn swapped(profile: &TableProfile, mapping: &Mapping) -> Vec<Problem> {
    let mut problems = Vec::new();
    for planned in &mapping.columns {
        let Some(name) = planned.field.map(FieldId::as_str).and_then(|name| name.strip_prefix("planned_"))
        else {
            continue;
        };
        let Some(actual) = column_of(mapping, &format!("actual_{name}")) else { continue };
        let (Some(plan), Some(fact)) =
            (profile.columns.get(planned.index), profile.columns.get(actual.index))
        else {
            continue;
        };
        if !plan.kind.is_number() || !fact.kind.is_number() || plan.filled < 30 || fact.filled < 30 {
            continue;
        }
        // Share of sampled values that are whole quarters.
        let round = |column: &domain::ColumnProfile| {
            let values: Vec<f64> = column.sample.iter().filter_map(domain::Cell::number).collect();
            let round = values.iter().filter(|value| (*value * 4.0).fract() == 0.0).count();
            round as f64 / values.len().max(1) as f64
        };
        let fewer_facts = (fact.distinct as f64) < 0.5 * plan.distinct as f64;
        let facts_are_rounder = round(fact) > round(plan) + 0.5;
        let facts_without_plan = fact.filled as f64 > 1.05 * plan.filled as f64;
        if [fewer_facts, facts_are_rounder, facts_without_plan].into_iter().filter(|sign| *sign).count() >= 2
        {
            problems.push(Problem::warning(
                &planned.source,
                format!(
                    "\"{}\" and \"{}\" may be swapped: what is mapped as planned varies like what happened ({} distinct values against {})",
                    planned.source, actual.source, plan.distinct, fact.distinct
                ),
            ));
        }
    }
    problems
}

/// Hours of one row that only minutes can be.
fn hours_in_minutes(profile: &TableProfile, mapping: &Mapping) -> Vec<Problem> {
    const HOURS_OF_A_ROW: f64 = 400.0;
    mapping
        .columns
        .iter()
        .filter(|column| column.field.is_some_and(|field| field.as_str().ends_with("_hours")))
        .filter(|column| matches!(column.unit, None | Some(Unit::Hours)))
        .filter_map(|column| {
            let values = profile.columns.get(column.index)?;
            let mean =
                values.mean.filter(|_| values.kind.is_number() && values.kind != ValueKind::Duration)?;
            (values.filled >= 20 && mean > HOURS_OF_A_ROW).then(|| {
                Problem::warning(
                    &column.source,
                    format!(
                        "a row takes {} hours on average; these may be minutes or seconds",
                        crate::number::write((mean * 10.0).round() / 10.0)
                    ),
                )
            })
        })
        .collect()
}

fn mixed_dates(profile: &TableProfile, mapping: &Mapping) -> Vec<Problem> {
    mapping
        .columns
        .iter()
        .filter(|column| column.field.is_some())
        .filter_map(|column| {
            let values = profile.columns.get(column.index)?;
            let total = values.filled.max(1);
            if !values.kind.is_moment() {
                return None;
            }
            if let Some(other) = values.ambiguous.first() {
                return Some(Problem::warning(
                    &column.source,
                    format!("its dates can be read as {other} just as well; say which it is"),
                ));
            }
            (values.unreadable * 100 > total).then(|| {
                Problem::warning(
                    &column.source,
                    format!(
                        "{} of {total} dates are written otherwise and could not be read",
                        values.unreadable
                    ),
                )
            })
        })
        .collect()
}

/// One column of the file for two fields: the money or the hours of a row would count twice.
fn used_twice(mapping: &Mapping) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (idx, column) in mapping.columns.iter().enumerate() {
        let Some(field) = column.field else { continue };
        let twice = mapping.columns[..idx]
            .iter()
            .any(|other| other.index == column.index && other.field.is_some_and(|known| known != field));
        if twice {
            problems.push(Problem::error(&column.source, "stands for two fields; leave one of them out"));
        }
    }
    problems
}
