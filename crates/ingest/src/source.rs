//! How a file was understood: what `plantintel read` shows of it.

/// The reading of one table, in words and marks that a person can check against the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceDescription {
    /// `delimited text`, `Excel workbook (xlsx)`, `Parquet`, `JSON lines`, …
    pub format: String,
    /// The member of an archive and the sheet, outermost first, as far as there are any.
    pub parts: Vec<String>,
    /// `utf-8`, `utf-8 with BOM`, `windows-1252`, …; `None` where the format fixes it.
    pub encoding: Option<String>,
    /// The delimiter of delimited text; `None` for formats without one and for a table of one column.
    pub delimiter: Option<String>,
    pub quote: Option<char>,
    /// The character that lets a quote stand inside quotes: the quote itself where it is doubled, or a backslash.
    pub escape: Option<char>,
    /// `LF`, `CRLF`, `CR` or `mixed`.
    pub line_end: Option<String>,
    /// 1-based rows that make the header; empty where there is none.
    pub header_rows: Vec<u64>,
    /// The header of each column as composed from these rows.
    pub headers: Vec<String>,
    /// What was read but is not data: banners, blank rows, repeated headers, totals, junk. The first thousand of them.
    pub skipped: Vec<SkippedRow>,
    /// How many rows were skipped in all.
    pub skipped_rows: u64,
    /// Cells that no value could be read from, column by column; the first thousand of each.
    pub unreadable: Vec<UnreadableCell>,
}

/// A cell that its column's format could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableCell {
    /// The file's row.
    pub row: u64,
    /// The place of its column, from 0.
    pub column: usize,
    /// As written, shortened to 100 characters.
    pub text: String,
}

/// A row that is no data row, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRow {
    pub row: u64,
    pub reason: SkipReason,
    /// The row's text, shortened to 200 characters.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// Title and parameter lines above the header.
    Banner,
    /// Every cell is empty.
    Blank,
    /// A line of a drawn table (`+-----+`).
    Frame,
    /// The header once more.
    RepeatedHeader,
    /// A subtotal or total of the rows around it.
    Total,
    /// Text below the table.
    Footer,
    /// A hint to programs (`sep=;`).
    Directive,
    /// Another table below or above the one that was read.
    OtherTable,
}

impl SkipReason {
    pub const ALL: [Self; 8] = [
        Self::Banner,
        Self::Blank,
        Self::Frame,
        Self::RepeatedHeader,
        Self::Total,
        Self::Footer,
        Self::Directive,
        Self::OtherTable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Blank => "blank",
            Self::Frame => "frame",
            Self::RepeatedHeader => "repeated header",
            Self::Total => "total",
            Self::Footer => "footer",
            Self::Directive => "directive",
            Self::OtherTable => "other table",
        }
    }
}
