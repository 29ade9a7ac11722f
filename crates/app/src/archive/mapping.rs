//! A mapping, and what reading noticed.

use domain::{
    ColumnMapping, Granularity, Issue, Mapping,
    issue::Severity,
    mapping::{Alternative, SourceSystem, Status},
};
use ontology::{FieldId, Unit};

use super::{fields, named};
use crate::view;

fields!(Mapping {
    file,
    rows,
    source_system,
    granularity,
    granularity_evidence,
    grain_columns,
    columns,
    issues
});
fields!(ColumnMapping { index, source, field, confidence, status, unit, format, alternatives, evidence });
fields!(Alternative { field, confidence });
fields!(SourceSystem { name, confidence });
fields!(Issue { file, row, column, severity, kind, message, rows, examples });

named!(Granularity, |noun| noun.as_str().to_owned(), Granularity::named);
named!(Status, |noun| noun.as_str().to_owned(), Status::named);
named!(FieldId, |noun| noun.as_str().to_owned(), FieldId::named);
named!(Unit, |noun| noun.as_str().to_owned(), Unit::named);
named!(Severity, |noun| view::mapping::severity(*noun).to_owned(), |name| {
    [Severity::Note, Severity::Warning, Severity::Decision]
        .into_iter()
        .find(|severity| view::mapping::severity(*severity) == name)
});
