//! Rows on their way through a scratch file.
//!
//! A container is read once, from front to back, when it is opened: then its sizes, its faults and its columns are
//! known before the first row is handed out, memory stays bounded, and a library that panics does so in one place.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::PathBuf;

use crate::error::ReadError;
use crate::formats::limits;
use crate::formats::opening::Opening;
use crate::rows::{RawRow, RowSource};

/// Takes rows in order of their numbers; gaps become blank rows.
pub(crate) struct Spool {
    path: PathBuf,
    out: BufWriter<File>,
    file: String,
    columns_max: usize,
    record_bytes_max: usize,
    pub(crate) rows: u64,
    /// Rows up to the last one that holds anything.
    rows_filled: u64,
    pub(crate) cells: u64,
    width: usize,
    last: Option<u64>,
}

impl Spool {
    pub(crate) fn new(opening: &Opening<'_>) -> Result<Self, ReadError> {
        let path = opening.scratch_file("rows");
        let file = File::create(&path).map_err(|error| ReadError::io("write", &path, error))?;
        Ok(Self {
            path,
            out: BufWriter::with_capacity(1 << 16, file),
            file: opening.file.clone(),
            columns_max: opening.options.columns_max.min(limits::COLUMNS_MAX),
            record_bytes_max: opening.options.record_bytes_max,
            rows: 0,
            rows_filled: 0,
            cells: 0,
            width: 0,
            last: None,
        })
    }

    pub(crate) fn columns_max(&self) -> usize {
        self.columns_max
    }

    pub(crate) fn too_many_columns(&self, found: usize) -> ReadError {
        ReadError::TooManyColumns { file: self.file.clone(), found, limit: self.columns_max }
    }

    /// Appends a row. Numbers that do not rise make the row follow the last one.
    pub(crate) fn push<S: AsRef<str>>(&mut self, number: u64, cells: &[S]) -> Result<(), ReadError> {
        let filled = cells.iter().rposition(|cell| !cell.as_ref().is_empty()).map_or(0, |last| last + 1);
        if filled > self.columns_max {
            return Err(self.too_many_columns(filled));
        }
        let bytes: usize = cells[..filled].iter().map(|cell| cell.as_ref().len()).sum();
        if bytes > self.record_bytes_max {
            return Err(ReadError::LineTooLong {
                file: self.file.clone(),
                line: number,
                limit: self.record_bytes_max,
            });
        }
        let mut next = self.last.map_or(number, |last| last + 1);
        // Blank rows between two filled ones are rows of the sheet; those above the first are not worth a row each.
        while next < number && filled > 0 {
            self.write(next, &[] as &[&str])?;
            next += 1;
        }
        if filled > 0 || self.last.is_some() {
            let number = number.max(next);
            self.write(number, &cells[..filled])?;
        }
        if filled > 0 {
            self.rows_filled = self.rows;
            self.width = self.width.max(filled);
            self.cells += cells[..filled].iter().filter(|cell| !cell.as_ref().is_empty()).count() as u64;
        }
        Ok(())
    }

    fn write<S: AsRef<str>>(&mut self, number: u64, cells: &[S]) -> Result<(), ReadError> {
        let path = &self.path;
        let failed = |error| ReadError::io("write", path, error);
        self.out.write_all(&number.to_le_bytes()).map_err(failed)?;
        self.out.write_all(&(cells.len() as u32).to_le_bytes()).map_err(failed)?;
        for cell in cells {
            let cell = cell.as_ref();
            self.out.write_all(&(cell.len() as u32).to_le_bytes()).map_err(failed)?;
            self.out.write_all(cell.as_bytes()).map_err(failed)?;
        }
        self.rows += 1;
        self.last = Some(number);
        Ok(())
    }

    /// Closes the file and opens it for reading. `header` stands before the rows where the format keeps names apart.
    pub(crate) fn finish(mut self, header: Option<&[String]>) -> Result<SpooledRows, ReadError> {
        let width = self.width.max(header.map_or(0, <[String]>::len));
        if width > self.columns_max {
            return Err(self.too_many_columns(width));
        }
        let rectangle = self.rows_filled.saturating_mul(width as u64);
        if rectangle > limits::SPARSE_CELLS_FREE
            && rectangle > self.cells.saturating_mul(limits::SPARSE_RATIO_MAX)
        {
            return Err(ReadError::Damaged {
                file: self.file.clone(),
                format: "table".into(),
                detail: format!(
                    "{} rows by {width} columns hold only {} values",
                    self.rows_filled, self.cells
                ),
            });
        }
        self.out.flush().map_err(|error| ReadError::io("write", &self.path, error))?;
        let input = File::open(&self.path).map_err(|error| ReadError::io("read", &self.path, error))?;
        Ok(SpooledRows {
            input: BufReader::with_capacity(1 << 16, input),
            path: self.path,
            header: header.map(|names| RawRow::of(0, names)),
            width,
            rows: self.rows_filled,
            read: 0,
            cell: Vec::new(),
        })
    }
}

/// The rows again, each as wide as the widest.
pub(crate) struct SpooledRows {
    input: BufReader<File>,
    path: PathBuf,
    header: Option<RawRow>,
    width: usize,
    rows: u64,
    read: u64,
    cell: Vec<u8>,
}

impl SpooledRows {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|error| ReadError::io("read", &self.path, error))?;
        Ok(bytes)
    }
}

impl RowSource for SpooledRows {
    fn next_row(&mut self, row: &mut RawRow) -> Result<bool, ReadError> {
        if let Some(header) = self.header.take() {
            *row = header;
            return Ok(true);
        }
        if self.read == self.rows {
            return Ok(false);
        }
        self.read += 1;
        row.start(u64::from_le_bytes(self.take()?));
        let cells = u32::from_le_bytes(self.take()?) as usize;
        for _ in 0..cells {
            let length = u32::from_le_bytes(self.take()?) as usize;
            self.cell.resize(length, 0);
            self.input
                .read_exact(&mut self.cell)
                .map_err(|error| ReadError::io("read", &self.path, error))?;
            row.push(&String::from_utf8_lossy(&self.cell));
        }
        for _ in cells..self.width {
            row.push("");
        }
        Ok(true)
    }

    fn progress(&self) -> Option<f64> {
        if self.rows == 0 { None } else { Some(self.read as f64 / self.rows as f64) }
    }
}

impl Drop for SpooledRows {
    fn drop(&mut self) {
        // The folder is the caller's and goes as a whole; this only frees the space early.
        let _ = std::fs::remove_file(&self.path);
    }
}
