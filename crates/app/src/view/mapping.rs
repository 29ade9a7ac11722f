//! `map --json`.

use domain::{Issue, Mapping, issue::Severity};
use serde_json::{Value, json};

pub fn mapping(mapping: &Mapping) -> Value {
    let name = |index: usize| mapping.columns.get(index).map_or("", |column| column.source.as_str());
    json!({
        "file": mapping.file,
        "rows": mapping.rows,
        // An object in any case: programs ask for its name without looking first.
        "source_system": {
            "name": mapping.source_system.as_ref().map(|system| system.name.as_str()),
            "confidence": mapping.source_system.as_ref().map_or(0.0, |system| rounded(system.confidence)),
        },
        "granularity": mapping.granularity.as_str(),
        "granularity_evidence": mapping.granularity_evidence,
        "detail": mapping.detail.as_str(),
        "grain_columns": mapping.grain_columns.iter().map(|index| name(*index)).collect::<Vec<_>>(),
        "columns": mapping.columns.iter().map(|column| json!({
            "index": column.index,
            "source": column.source,
            "field": column.field.map(ontology::FieldId::as_str),
            "confidence": rounded(column.confidence),
            "status": column.status.as_str(),
            "manual": column.is_manual(),
            "matched_by": column.matched_by.map(domain::mapping::MatchKind::as_str),
            "unit": column.unit.map(ontology::Unit::as_str),
            "format": column.format,
            "alternatives": column.alternatives.iter().map(|alternative| json!({
                "field": alternative.field.map(ontology::FieldId::as_str),
                "confidence": rounded(alternative.confidence),
            })).collect::<Vec<_>>(),
            "evidence": column.evidence,
        })).collect::<Vec<_>>(),
        "issues": issues(&mapping.issues),
    })
}

pub fn issues(issues: &[Issue]) -> Value {
    issues
        .iter()
        .map(|issue| {
            json!({
                "file": issue.file,
                "row": issue.row,
                "column": issue.column,
                "severity": severity(issue.severity),
                "kind": issue.kind,
                "message": issue.message,
                "rows": issue.rows,
                "examples": issue.examples,
            })
        })
        .collect()
}

pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Decision => "decision",
    }
}

/// Probabilities to four digits: more would be noise.
fn rounded(probability: f64) -> f64 {
    (probability * 10_000.0).round() / 10_000.0
}
