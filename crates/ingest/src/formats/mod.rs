//! What the bytes are, and the containers that hold rows: workbooks, Parquet, JSON, XML, archives.
//!
//! Native cells are rendered as canonical text (dates `2024-03-01` and `2024-03-01T10:00:00`, numbers as the shortest
//! decimal, booleans `TRUE` and `FALSE`) and then go the same way as text.

//!
//! [`open`] is the door. [`detect`](mod@detect) looks, [`workbook`], [`parquet_rows`], [`json`], [`xml`],
//! [`spreadsheet_ml`] and [`html`] read, [`archive`] unpacks; what they read lies in a [`spool`] until it is asked for.
//! [`limits`] says what a file may cost.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use domain::Issue;

use crate::error::ReadError;
use crate::formats::opening::Opening;
use crate::read::ReadOptions;
use crate::rows::RowSource;

mod archive;
mod cell_text;
pub mod detect;
mod html;
mod json;
mod limits;
mod markup;
mod merged;
mod opening;
mod parquet_rows;
mod records;
mod spool;
mod spreadsheet_ml;
mod workbook;
mod xml;
mod xml_events;

pub use detect::{Format, Refusal};

/// One table-like part of a file: a sheet, a member of an archive, or the whole.
pub struct Part {
    /// Archive member and sheet, outermost first; empty where the file is one table.
    pub names: Vec<String>,
    /// In words: `Excel workbook (xlsx)`, `Parquet`, `JSON lines`.
    pub format: String,
    pub content: Content,
    /// What was noticed while the part was opened (a hidden sheet, a formula without value).
    pub issues: Vec<Issue>,
}

pub enum Content {
    /// Rows of cells, already decoded.
    Rows(Box<dyn RowSource>),
    /// Delimited text in a file of its own: the file itself, or a member unpacked to the scratch folder.
    Text(PathBuf),
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let content = match &self.content {
            Content::Rows(_) => "rows",
            Content::Text(_) => "text",
        };
        f.debug_struct("Part").field("names", &self.names).field("content", &content).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(_) => f.write_str("Rows"),
            Self::Text(path) => f.debug_tuple("Text").field(path).finish(),
        }
    }
}

/// Opens a file: its table-like parts, the main one first. What had to be written meanwhile lies in `scratch`, which the
/// caller makes and removes, and which must outlive the parts.
pub fn open(path: &Path, options: &ReadOptions, scratch: &Path) -> Result<Vec<Part>, ReadError> {
    let next = Cell::new(0);
    let opening = Opening::new(path, options, scratch, &next);
    let size = path.metadata().map_err(|error| ReadError::io("read", path, error))?.len();
    if size == 0 {
        return Err(ReadError::EmptyFile { file: opening.file });
    }
    let parts = isolated(&opening, || match detect::detect(path)? {
        Ok(Format::Zip) => archive::open_zip(&opening, path),
        Ok(Format::Gzip) => archive::open_gzip(&opening, path),
        Ok(format) => open_format(&opening, path, format),
        Err(refusal) => Err(refusal.into_error(opening.file.clone())),
    })?;
    choose(&opening, parts)
}

/// The one place where a panic of a library ends. Their authors do not promise to withstand hostile bytes; we do.
fn isolated<T>(opening: &Opening<'_>, work: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(opening.damaged("file", "its contents contradict each other")))
}

fn open_format(opening: &Opening<'_>, path: &Path, format: Format) -> Result<Vec<Part>, ReadError> {
    match format {
        Format::Xlsx | Format::Xlsb | Format::Xls | Format::Ods => {
            isolated(opening, || workbook::open(opening, path, format))
        }
        Format::Parquet => isolated(opening, || parquet_rows::open(opening, path)),
        Format::Json => json::open(opening, path),
        Format::JsonLines => json::open_lines(opening, path),
        Format::Xml => xml::open(opening, path),
        Format::SpreadsheetMl => spreadsheet_ml::open(opening, path),
        Format::Html => html::open(opening, path),
        Format::Text | Format::Zip | Format::Gzip => Ok(vec![Part {
            names: Vec::new(),
            format: Format::Text.words().into(),
            content: Content::Text(path.to_owned()),
            issues: Vec::new(),
        }]),
    }
}

/// Keeps the part that the options name: by one of its names, or by all of them with slashes between.
fn choose(opening: &Opening<'_>, mut parts: Vec<Part>) -> Result<Vec<Part>, ReadError> {
    let Some(wanted) = &opening.options.part else { return Ok(parts) };
    let present =
        parts.iter().map(|part| format!("{:?}", part.names.join("/"))).collect::<Vec<_>>().join(", ");
    parts.retain(|part| part.names.contains(wanted) || part.names.join("/") == *wanted);
    if parts.is_empty() {
        return Err(ReadError::NoSuchPart { file: opening.file.clone(), part: wanted.clone(), present });
    }
    Ok(parts)
}
