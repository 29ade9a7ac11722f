//! The door: a file in, its tables out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use domain::issue::Severity;
use domain::{Issue, TableProfile};

use crate::csv_out;
use crate::error::{ReadError, display_name};
use crate::formats::{self, Content, Part};
use crate::source::SourceDescription;
use crate::spool::{Spooled, spool};
use crate::table::pass::{self, Job};
use crate::text::table::TextTable;

/// What a caller may say about a reading. The default says nothing: everything is found by evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Read only this sheet or archive member.
    pub part: Option<String>,
    /// Threads that read and type; the output does not depend on it.
    pub threads: usize,
    /// Columns above which a file is refused.
    pub columns_max: usize,
    /// Bytes of one record above which a file is refused.
    pub record_bytes_max: usize,
    /// Bytes that an archive may unpack to.
    pub unpacked_bytes_max: u64,
    /// Line end of [`write_csv`](fn@crate::read::write_csv): CRLF as RFC 4180 says, or LF.
    pub csv_crlf: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            part: None,
            threads: 2,
            columns_max: 16_384,
            record_bytes_max: 16 << 20,
            unpacked_bytes_max: 8 << 30,
            csv_crlf: true,
        }
    }
}

/// One table of a file, typed and on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadTable {
    pub profile: TableProfile,
    pub source: SourceDescription,
    /// The typed rows, laid out as [`domain::table`] says.
    pub parquet: PathBuf,
}

/// How far a reading has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    pub rows: u64,
    /// From 0 to 1, where the size is known.
    pub share: Option<f64>,
}

/// Reads a file: every table of it, typed, with its Parquet file in `out_dir`.
///
/// The folder also takes scratch files while reading; they are gone afterwards.
pub fn read(
    path: &Path,
    out_dir: &Path,
    options: &ReadOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<ReadTable>, ReadError> {
    let scratch = Scratch::in_folder(out_dir)?;
    let mut tables: Vec<ReadTable> = Vec::new();
    let mut without_rows = Vec::new();
    let mut first_error = None;
    for part in formats::open(path, options, &scratch.folder)? {
        let names = part.names.join(" / ");
        let parquet = out_dir.join(format!("table-{}.parquet", tables.len()));
        match read_part(part, path, &parquet, &scratch, options, progress) {
            Ok(table) => tables.push(table),
            // A sheet without records does not keep the others from being read.
            Err(
                error @ (ReadError::NoDataRows { .. }
                | ReadError::EmptyFile { .. }
                | ReadError::NotText { .. }),
            ) => {
                without_rows.push(unread(path, &names, &error));
                first_error = first_error.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    match (tables.first_mut(), first_error) {
        (Some(table), _) => table.profile.issues.extend(without_rows),
        (None, Some(error)) => return Err(error),
        (None, None) => {
            let what = "no table was found".to_owned();
            return Err(ReadError::NoDataRows { file: display_name(path), what });
        }
    }
    Ok(tables)
}

fn read_part(
    part: Part,
    path: &Path,
    parquet: &Path,
    scratch: &Scratch,
    options: &ReadOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<ReadTable, ReadError> {
    let opened = Opened::of(part, path, scratch, options)?;
    let job = Job { path, table: &opened.table, numbering: &|line| opened.row(line), options, parquet };
    let source = SourceDescription { parts: opened.names.clone(), ..opened.table.describe() };
    pass::run(job, source, opened.issues.clone(), progress)
}

/// That a part of a file was not read, and why.
fn unread(path: &Path, names: &str, error: &ReadError) -> Issue {
    Issue {
        file: display_name(path),
        row: None,
        column: None,
        severity: Severity::Note,
        kind: "part_not_read",
        message: format!("“{names}” was left out: {error}"),
        rows: 0,
        examples: Vec::new(),
    }
}

/// Writes the table of a file exactly as it was read: RFC 4180, UTF-8, all cells as text, header first where there is
/// one. Of a file with several tables it writes the first, or the one that the options name.
pub fn write_csv(path: &Path, options: &ReadOptions, out: &mut dyn Write) -> Result<(), ReadError> {
    let scratch = Scratch::in_folder(&std::env::temp_dir())?;
    let first = formats::open(path, options, &scratch.folder)?.into_iter().next();
    let Some(part) = first else {
        let what = "no table was found".to_owned();
        return Err(ReadError::NoDataRows { file: display_name(path), what });
    };
    let opened = Opened::of(part, path, &scratch, options)?;
    csv_out::write(path, &opened.table, options, out)
}

/// A part whose rows are ready to be split.
struct Opened {
    names: Vec<String>,
    table: TextTable,
    spooled: Option<Spooled>,
    issues: Vec<Issue>,
}

impl Opened {
    fn of(part: Part, path: &Path, scratch: &Scratch, options: &ReadOptions) -> Result<Self, ReadError> {
        let (table, spooled) = match part.content {
            Content::Text(text) => (TextTable::find(&text, &scratch.folder, options)?, None),
            Content::Rows(mut rows) => {
                let target = scratch.folder.join("rows-as-text.tmp");
                let spooled = spool(rows.as_mut(), &target, options.columns_max, &display_name(path))?;
                let table = TextTable::spooled(&spooled.text, spooled.width, part.format)?;
                (table, Some(spooled))
            }
        };
        Ok(Self { names: part.names, table, spooled, issues: part.issues })
    }

    fn row(&self, line: u64) -> u64 {
        self.spooled.as_ref().map_or(line, |spooled| spooled.row(line))
    }
}

/// A folder of scratch files that goes when reading ends, however it ends.
struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn in_folder(parent: &Path) -> Result<Self, ReadError> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("reading-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|e| ReadError::io("create", &folder, e))?;
        Ok(Self { folder })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing can be done about a folder that does not go, and the tables are complete without it.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
