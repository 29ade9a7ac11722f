//! What was noticed while rows were read: skipped and mended rows, unreadable cells.

use std::collections::BTreeMap;

use domain::Issue;
use domain::issue::Severity;

use super::column::Column;
use crate::source::{SkipReason, SkippedRow, SourceDescription};
use crate::structure::odd::Mend;
use crate::text::scan::{Odd, What};
use crate::typing::ColumnType;

/// Skipped rows that are listed one by one.
const LISTED: usize = 1000;
const EXAMPLES: usize = 100;

#[derive(Debug, Default)]
pub struct Findings {
    skipped: Vec<SkippedRow>,
    skips: BTreeMap<SkipReason, Group>,
    mends: BTreeMap<Mend, Group>,
    skipped_rows: u64,
}

#[derive(Debug, Default)]
struct Group {
    rows: u64,
    examples: Vec<u64>,
    text: String,
}

impl Group {
    fn add(&mut self, row: u64, text: &str) {
        if self.rows == 0 {
            text.clone_into(&mut self.text);
        }
        self.rows += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(row);
        }
    }

    fn issue(&self, file: &str, severity: Severity, kind: &'static str, message: String) -> Issue {
        Issue {
            file: file.to_owned(),
            row: self.examples.first().copied(),
            column: None,
            severity,
            kind,
            message,
            rows: self.rows,
            examples: self.examples.clone(),
        }
    }

    fn quote(&self) -> String {
        let text: String = self.text.chars().take(80).collect();
        format!("“{}”", text.trim())
    }
}

impl Findings {
    pub fn skip(&mut self, skipped: SkippedRow) {
        self.skips.entry(skipped.reason).or_default().add(skipped.row, &skipped.text);
        self.skipped_rows += 1;
        if self.skipped.len() < LISTED {
            self.skipped.push(skipped);
        }
    }

    pub fn odd(&mut self, odd: &Odd, row: u64) {
        match odd.what {
            What::Skipped(reason) => self.skip(SkippedRow { row, reason, text: odd.text.clone() }),
            What::Mended(mend) => self.mends.entry(mend).or_default().add(row, &odd.text),
        }
    }

    /// Lists the skipped rows; what follows the last data row is called footer, and a remark between rows is not.
    pub fn describe(&self, source: &mut SourceDescription) {
        source.skipped.clone_from(&self.skipped);
        source.skipped_rows = self.skipped_rows;
    }

    pub fn issues(&self, file: &str) -> Vec<Issue> {
        let mut out = Vec::new();
        for (reason, group) in &self.skips {
            let (severity, kind) = match reason {
                SkipReason::Banner => (Severity::Note, "banner_row"),
                SkipReason::Directive => continue,
                SkipReason::Blank => (Severity::Note, "blank_row"),
                SkipReason::Frame => (Severity::Note, "frame_row"),
                SkipReason::RepeatedHeader => (Severity::Note, "repeated_header"),
                SkipReason::Total => (Severity::Note, "total_row"),
                SkipReason::Footer => (Severity::Note, "remark_row"),
                SkipReason::OtherTable => (Severity::Warning, "other_table"),
            };
            let what = match reason {
                SkipReason::Banner => "stand above the header and are no data",
                SkipReason::Blank => "are blank",
                SkipReason::Frame | SkipReason::Directive => "only draw the table",
                SkipReason::RepeatedHeader => "repeat the header",
                SkipReason::Total => "sum up other rows and are left out, so that nothing counts twice",
                SkipReason::Footer => "hold a remark and no record",
                SkipReason::OtherTable => "belong to another table in the file and were not read",
            };
            let message = match reason {
                SkipReason::Blank | SkipReason::Frame => format!("{} rows {what}", group.rows),
                _ => format!("{} rows {what}; the first is {}", group.rows, group.quote()),
            };
            out.push(group.issue(file, severity, kind, message));
        }
        for (mend, group) in &self.mends {
            let (severity, kind, what) = match mend {
                Mend::Plain => continue,
                Mend::Padded => (
                    Severity::Warning,
                    "ragged_row",
                    "have too few cells; the missing ones at the end are empty",
                ),
                Mend::Cut => (
                    Severity::Warning,
                    "ragged_row",
                    "have too many cells; those beyond the last column were set aside",
                ),
                Mend::Realigned => (
                    Severity::Warning,
                    "ragged_row",
                    "have a wrong number of cells; these were put under the columns that they fit",
                ),
                Mend::StrayQuote => (
                    Severity::Warning,
                    "stray_quote",
                    "hold a quote that closes nothing; it was read as text",
                ),
                Mend::OtherDelimiter => (
                    Severity::Warning,
                    "odd_delimiter",
                    "are written with another delimiter and were read by it",
                ),
            };
            let message = format!("{} rows {what}; the first is {}", group.rows, group.quote());
            out.push(group.issue(file, severity, kind, message));
        }
        out
    }
}

/// What a column's cells gave cause to say.
pub fn column_issues(file: &str, column: &Column, type_: &ColumnType) -> Vec<Issue> {
    let mut out = Vec::new();
    let name =
        if column.header.is_empty() { format!("column {}", column.index + 1) } else { column.header.clone() };
    let figures = &column.figures;
    let whole = |severity, kind, message| Issue {
        file: file.to_owned(),
        row: None,
        column: Some(column.index),
        severity,
        kind,
        message,
        rows: figures.filled,
        examples: Vec::new(),
    };
    if figures.unreadable > 0 {
        let quoted: Vec<String> = figures.unreadable_texts.iter().map(|text| format!("“{text}”")).collect();
        let format = type_.format.as_deref().unwrap_or(type_.kind.as_str());
        out.push(Issue {
            row: figures.unreadable_rows.first().copied(),
            rows: figures.unreadable,
            examples: figures.unreadable_rows.clone(),
            ..whole(
                Severity::Warning,
                "unreadable_value",
                format!(
                    "{} cells of “{name}” are no {} as the others ({format}) and were set aside: {}",
                    figures.unreadable,
                    type_.kind.as_str(),
                    quoted.join(", ")
                ),
            )
        });
    }
    if !type_.ambiguous.is_empty() {
        let read = type_.format.as_deref().unwrap_or(type_.kind.as_str());
        let why = type_.settled_by.as_deref().map_or(String::new(), |by| format!(" ({by})"));
        out.push(whole(
            Severity::Decision,
            "ambiguous_format",
            format!(
                "“{name}” was read as {read}{why}; its values allow {} just as well",
                type_.ambiguous.join(" or ")
            ),
        ));
    }
    for notes in &type_.notes {
        out.push(whole(Severity::Note, "column_note", format!("“{name}”: {notes}")));
    }
    out
}
