//! A text file as one table: encoding, dialect and layout found, rows in pieces.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::dialect::{self, Dialect};
use super::encoding::{self, Utf8Text};
use super::pieces::Pieces;
use crate::error::{ReadError, display_name};
use crate::read::ReadOptions;
use crate::source::SourceDescription;
use crate::structure::head::{self, Layout};

/// Bytes from the top that dialect and layout are found by.
const HEAD_BYTES: usize = 1 << 20;
/// Bytes from further down that vote on the dialect.
const MIDDLE_BYTES: usize = 128 << 10;
/// Lines that the layout is learned from.
const HEAD_LINES: usize = 2000;

#[derive(Debug)]
pub struct TextTable {
    pub text: Utf8Text,
    pub layout: Layout,
    pub format: String,
    /// Encoding, delimiter and quote are those of the spool and nobody's business.
    spooled: bool,
}

impl TextTable {
    /// Finds out how a text file is written. `scratch` takes a copy of it where it is not UTF-8.
    pub fn find(path: &Path, scratch: &Path, options: &ReadOptions) -> Result<Self, ReadError> {
        let text = encoding::open(path, scratch, options.record_bytes_max)?;
        let (head, middle) = samples(&text)?;
        let mut lines: Vec<&str> = lines(&head);
        if lines.iter().all(|line| line.trim().is_empty()) && text.bytes <= HEAD_BYTES as u64 {
            let what = "only blank lines".to_owned();
            return Err(ReadError::NoDataRows { file: display_name(path), what });
        }
        let top = lines.len();
        lines.extend(self::lines(&middle));
        let found = dialect::find(&lines);
        Self::check(path, found.width, options)?;
        let layout = head::read(&lines[..top.min(HEAD_LINES)], &found.dialect, found.width);
        Ok(Self { text, layout, format: "delimited text".to_owned(), spooled: false })
    }

    /// Rows that were written down for reading here.
    pub fn spooled(text: &Utf8Text, width: usize, format: String) -> Result<Self, ReadError> {
        let (head, _) = samples(text)?;
        let lines = lines(&head);
        let layout = head::read_padded(&lines[..lines.len().min(HEAD_LINES)], &Dialect::rfc4180(), width);
        Ok(Self { text: text.clone(), layout, format, spooled: true })
    }

    fn check(path: &Path, width: usize, options: &ReadOptions) -> Result<(), ReadError> {
        if width > options.columns_max {
            let file = display_name(path);
            return Err(ReadError::TooManyColumns { file, found: width, limit: options.columns_max });
        }
        Ok(())
    }

    pub fn pieces(&self, piece_bytes: usize) -> Result<Pieces, ReadError> {
        let text = &self.text;
        Pieces::open(&text.path, text.skip, self.layout.lines_before, self.layout.dialect.quote, piece_bytes)
    }

    pub fn describe(&self) -> SourceDescription {
        let dialect = &self.layout.dialect;
        let source = SourceDescription {
            format: self.format.clone(),
            header_rows: self.layout.header_rows.clone(),
            headers: self.layout.headers.clone(),
            skipped: self.layout.skipped.clone(),
            skipped_rows: self.layout.skipped.len() as u64,
            ..SourceDescription::default()
        };
        if self.spooled {
            return source;
        }
        SourceDescription {
            encoding: Some(self.text.encoding.clone()),
            delimiter: dialect.describe_delimiter(),
            quote: dialect.quote.map(char::from),
            escape: dialect.quote.map(|quote| match dialect.escape {
                dialect::Escape::Doubled => char::from(quote),
                dialect::Escape::Backslash => '\\',
            }),
            line_end: self.text.line_end.map(str::to_owned),
            ..source
        }
    }
}

fn samples(text: &Utf8Text) -> Result<(String, String), ReadError> {
    let error = |e| ReadError::io("read", &text.path, e);
    let mut file = File::open(&text.path).map_err(error)?;
    let head = block(&mut file, text.skip, HEAD_BYTES, false).map_err(error)?;
    let mut middle = String::new();
    if text.bytes > (HEAD_BYTES + 2 * MIDDLE_BYTES) as u64 {
        for part in [2, 1] {
            let at = text.bytes - text.bytes / 3 * part;
            middle.push_str(&block(&mut file, at, MIDDLE_BYTES, true).map_err(error)?);
        }
    }
    Ok((head, middle))
}

/// Whole lines of a block of the file.
fn block(file: &mut File, from: u64, bytes: usize, from_next_line: bool) -> std::io::Result<String> {
    file.seek(SeekFrom::Start(from))?;
    let mut buffer = Vec::with_capacity(bytes);
    file.take(bytes as u64).read_to_end(&mut buffer)?;
    if buffer.len() == bytes
        && let Some(last) = memchr::memrchr(b'\n', &buffer)
    {
        buffer.truncate(last + 1);
    }
    let start =
        if from_next_line { memchr::memchr(b'\n', &buffer).map_or(buffer.len(), |at| at + 1) } else { 0 };
    Ok(String::from_utf8_lossy(&buffer[start..]).into_owned())
}

fn lines(text: &str) -> Vec<&str> {
    let mut out: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    if out.last() == Some(&"") {
        out.pop();
    }
    out
}
