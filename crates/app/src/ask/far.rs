//! What other programs are given of an analysis: its summary, single look-ups, open decisions, reports and findings as texts.

use assistant::{model, tool::Outcome};
use domain::{Analysis, Mapping, mapping::Status};
use serde_json::{Map, Value, json};

use super::{Data, Reply, look_up, more};
use crate::{Error, view};

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
            all.push(OpenColumn { table, column: column.index, question, choices });
        }
    }
    all
}

/// A finding as a text with its type.
pub fn finding(analysis: &Analysis, id: &str) -> Option<(String, String)> {
    let found = analysis.findings.iter().find(|finding| finding.id == id)?;
    Some(("application/json".to_owned(), view::analysis::finding(found).to_string()))
}
