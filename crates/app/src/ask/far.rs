//! What other programs are given of an analysis: its summary, single look-ups, open decisions, reports and findings as texts.

use assistant::{model, tool::Outcome};
use domain::{Analysis, Mapping, mapping::Status};
use ontology::FieldId;
use serde_json::{Map, Value, json};

use super::{Data, Reply, look_up, more};
use crate::{
    Error,
    datasets::decision::{ColumnDecision, TableDecision},
    view,
};

/// Findings of a summary.
const FINDINGS: usize = 10;

/// An analysis in short.
pub fn summary(id: &str, analysis: &Analysis) -> Value {
    let findings = analysis.findings_by_money();
    let lines: Vec<_> =
        findings.iter().take(FINDINGS).map(|finding| look_up::finding_line(finding)).collect();
    let totals = &analysis.totals;
    json!({
        "analysis": id,
        "currency": analysis.currency.as_str(),
        "data_tier": analysis.data_tier,
        "findings_total": findings.len(),
        "findings": lines,
        "totals": {
            "planned_cost": totals.planned_cost.to_f64(), "actual_cost": totals.actual_cost.to_f64(),
            "variance": totals.variance.to_f64(), "explained": totals.explained.to_f64(),
            "remainder": totals.remainder.to_f64(),
        },
    })
}

/// One look-up by the name of its tool; the error is for whoever called. It blocks.
pub fn tool(data: &Data, name: &str, arguments: &Map<String, Value>) -> Result<Value, String> {
    let call = model::read(name, &Value::Object(arguments.clone()).to_string(), data.catalog())?;
    let outcome = more::any(data, &call).map_err(|error| match error {
        Error::Work(why) => {
            tracing::error!(%why, "a look-up failed");
            "looking it up failed".to_owned()
        }
        other => other.to_string(),
    })?;
    if let Outcome::Refused { reason } = outcome {
        return Err(reason);
    }
    serde_json::to_value(&outcome).map_err(|_| "the result cannot be shown".to_owned())
}

/// An answer.
pub fn shown(reply: &Reply) -> Value {
    let mut shown = serde_json::to_value(&reply.answer).unwrap_or_default();
    shown["mode"] = json!(reply.mode.name());
    shown["model"] = json!(reply.mode.model);
    shown
}

/// A column of which only a person can say what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenColumn {
    pub table: usize,
    pub column: usize,
    pub header: String,
    pub question: String,
    /// Fields, and nothing at the end for leaving it out; each with its words.
    pub choices: Vec<(String, String)>,
}

/// The open decisions of some tables.
pub fn open<'a>(mappings: impl IntoIterator<Item = &'a Mapping>) -> Vec<OpenColumn> {
    let mut all = Vec::new();
    for (table, mapping) in mappings.into_iter().enumerate() {
        for column in mapping.columns.iter().filter(|column| column.status == Status::YourCall) {
            let mut fields: Vec<_> = column.field.into_iter().collect();
            fields.extend(column.alternatives.iter().filter_map(|alternative| alternative.field));
            fields.dedup();
            let mut choices: Vec<(String, String)> = fields
                .iter()
                .map(|field| (field.as_str().to_owned(), field.definition().meaning.to_owned()))
                .collect();
            choices.push((String::new(), "leave the column out".to_owned()));
            let source: String = column.source.chars().take(100).collect();
            let question = format!("What does the column “{source}” of {} mean?", mapping.file);
            all.push(OpenColumn {
                table,
                column: column.index,
                header: column.source.clone(),
                question,
                choices,
            });
        }
    }
    all
}

/// The same as a list for a program, without words for the choices.
pub fn listed(open: &[OpenColumn]) -> Vec<Value> {
    open.iter()
        .map(|one| {
            let choices: Vec<&str> = one.choices.iter().map(|(value, _)| value.as_str()).collect();
            json!({
                "table": one.table, "column": one.column, "header": one.header, "question": one.question,
                "choices": choices,
            })
        })
        .collect()
}

/// What a person chose of open columns, in their order; what was left out stays open.
pub fn chosen(open: &[OpenColumn], values: &[Option<String>]) -> Result<Vec<TableDecision>, String> {
    let answered = open.iter().zip(values).filter_map(|(one, value)| Some((one, value.as_deref()?)));
    answered
        .map(|(one, value)| decision(one.table, one.column, Some(value).filter(|value| !value.is_empty())))
        .collect()
}

/// Decisions as a program states them: the number of table and column, and the name of a field or null.
pub fn decisions(stated: Option<&Value>) -> Result<Vec<TableDecision>, String> {
    let stated = stated.and_then(Value::as_array).into_iter().flatten();
    stated
        .map(|one| {
            let number = |name: &str| {
                let number = one[name].as_u64().and_then(|number| usize::try_from(number).ok());
                number.ok_or_else(|| format!("a decision needs {name}"))
            };
            decision(number("table")?, number("column")?, one["field"].as_str())
        })
        .collect()
}

fn decision(table: usize, column: usize, field: Option<&str>) -> Result<TableDecision, String> {
    let named = |name: &str| FieldId::named(name).ok_or_else(|| format!("there is no field {name}"));
    let field = field.map(named).transpose()?;
    let columns = vec![ColumnDecision { index: column, field, unit: None }];
    Ok(TableDecision { table, columns, ..TableDecision::default() })
}

/// A part of an analysis as a text with its type: `report`, or `findings/` and the id of one.
pub fn part(analysis: &Analysis, what: &str) -> Result<Option<(String, String)>, String> {
    if what == "report" {
        return report::page::page(analysis, &report::Caption::default(), report::Tongue::English)
            .map(|page| Some(("text/html".to_owned(), page)))
            .map_err(|_| "the report could not be made".to_owned());
    }
    let id = what.strip_prefix("findings/");
    let found = id.and_then(|id| analysis.findings.iter().find(|finding| finding.id == id));
    Ok(found.map(|finding| ("application/json".to_owned(), view::analysis::finding(finding).to_string())))
}
