//! A mapping, and what reading noticed.

use domain::{
    ColumnMapping, Granularity, Issue, Mapping,
    issue::Severity,
    mapping::{Alternative, Detail, MatchKind, SourceSystem, Status},
};
use ontology::{FieldId, Unit};

use serde_json::Value;

use super::{Archived, Unreadable, fields, named};
use crate::view;

fields!(Mapping {
    file,
    rows,
    source_system,
    granularity,
    granularity_evidence,
    detail,
    grain_columns,
    columns,
    issues
});
fields!(ColumnMapping {
    index,
    source,
    field,
    confidence,
    status,
    unit,
    format,
    alternatives,
    matched_by,
    evidence
});
fields!(Alternative { field, confidence });
fields!(SourceSystem { name, confidence });
fields!(Issue { file, row, column, severity, kind, message, rows, examples });

named!(Granularity, |noun| noun.as_str().to_owned(), Granularity::named);
named!(Status, |noun| noun.as_str().to_owned(), Status::named);
named!(MatchKind, |noun| noun.as_str().to_owned(), MatchKind::named);
named!(FieldId, |noun| noun.as_str().to_owned(), FieldId::named);
named!(Unit, |noun| noun.as_str().to_owned(), Unit::named);
named!(Severity, |noun| view::mapping::severity(*noun).to_owned(), |name| {
    [Severity::Note, Severity::Warning, Severity::Decision]
        .into_iter()
        .find(|severity| view::mapping::severity(*severity) == name)
});

impl Archived for Detail {
    fn keep(&self) -> Value {
        Value::String(self.as_str().to_owned())
    }

    /// What was kept before there was a choice kept its detail.
    fn restore(value: Value) -> Result<Self, Unreadable> {
        match &value {
            Value::Null => Ok(Self::Keep),
            other => other
                .as_str()
                .and_then(Self::named)
                .ok_or_else(|| Unreadable::not("treatment of detail", &value)),
        }
    }
}
