//! Decisions that only a person can make, for `--no-input`.

use domain::{Issue, Mapping, issue::Severity, mapping::Status};

use crate::failure::Failure;

/// Stops where reading left a choice open.
pub(crate) fn refuse_open<'a>(issues: impl Iterator<Item = &'a Issue>) -> Result<(), Failure> {
    let open: Vec<String> = issues
        .filter(|issue| issue.severity == Severity::Decision)
        .map(|issue| format!("  {}: {}", issue.file, issue.message))
        .collect();
    finish(&open)
}

/// Stops where a column's meaning is not settled.
pub(crate) fn refuse_undecided(mappings: &[Mapping]) -> Result<(), Failure> {
    let open: Vec<String> = mappings
        .iter()
        .flat_map(|mapping| {
            let columns =
                mapping.columns.iter().filter(|column| column.status == Status::YourCall).map(|column| {
                    let guess = column.field.map_or("leave it out", ontology::FieldId::as_str);
                    format!("  {}: what is \"{}\"? likeliest: {guess}", mapping.file, column.source)
                });
            let issues = mapping
                .issues
                .iter()
                .filter(|issue| issue.severity == Severity::Decision)
                .map(|issue| format!("  {}: {}", issue.file, issue.message));
            columns.chain(issues).collect::<Vec<_>>()
        })
        .collect();
    finish(&open)
}

fn finish(open: &[String]) -> Result<(), Failure> {
    if open.is_empty() {
        return Ok(());
    }
    Err(Failure::Decision(format!(
        "{} decisions are needed:\n{}\nwrite a mapping with `plantintel map FILE --save FILE`, edit it, and pass it with --mapping",
        open.len(),
        open.join("\n")
    )))
}
