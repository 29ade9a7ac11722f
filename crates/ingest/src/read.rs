//! The door: a file in, its tables out.

use std::path::PathBuf;

use domain::TableProfile;

use crate::source::SourceDescription;

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

/// Writes the table of a file exactly as it was read: RFC 4180, UTF-8, all cells as text, header first where there is
/// one. Of a file with several tables it writes the first, or the one that the options name.
pub fn write_csv(
    path: &std::path::Path,
    options: &ReadOptions,
    out: &mut dyn std::io::Write,
) -> Result<(), crate::ReadError> {
    let scratch = std::env::temp_dir();
    let table = crate::text::table::TextTable::find(path, &scratch, options)?;
    crate::csv_out::write(path, &table, options, out)
}
