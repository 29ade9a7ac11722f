//! One pass over the file: pieces are split side by side, then columns are observed, read and encoded side by side.
//!
//! Types are decided after the first pieces and cells are written by them while the evidence of all other rows is still
//! gathered. Where the whole evidence says otherwise, the file is read a second time by the final types.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{ArrayRef, Int64Array};
use domain::{ColumnProfile, Issue, TableProfile};
use parquet::arrow::arrow_writer::ArrowColumnChunk;

use super::column::Column;
use super::findings::{Findings, column_issues};
use super::sample::Sample;
use super::store::{ColumnWriter, Store, failed};
use crate::error::{ReadError, display_name};
use crate::read::{Progress, ReadOptions, ReadTable};
use crate::source::SourceDescription;
use crate::structure::tables::OtherTables;
use crate::text::scan::{Piece, scan};
use crate::text::table::TextTable;
use crate::typing::{self, ColumnType};

/// Bytes of a piece, and pieces that are in work together.
const PIECE_BYTES: usize = 512 << 10;
const PIECES: usize = 8;
/// Pieces that the first decision is made by.
const FIRST_PIECES: usize = 8;
/// Rounds of pieces that make a group of rows in the Parquet file.
const ROUNDS: u64 = 24;
/// Distinct values that are counted one by one: per column, and in all columns together.
const DISTINCT_MAX: usize = 100_000;
const DISTINCT_SUM_MAX: usize = 3_000_000;
/// Cells that could not be read and are kept as they are written, of all columns together.
const UNREADABLE: usize = 20_000;

/// Numbers lines as the source does: a spooled sheet's row is not its line in the spool.
pub type Numbering<'a> = &'a (dyn Fn(u64) -> u64 + Sync);

/// What is being read.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The file as the person knows it.
    pub path: &'a Path,
    pub table: &'a TextTable,
    pub numbering: Numbering<'a>,
    pub options: &'a ReadOptions,
    pub parquet: &'a Path,
}

impl std::fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job")
            .field("path", &self.path)
            .field("parquet", &self.parquet)
            .finish_non_exhaustive()
    }
}

struct Run<'a> {
    job: Job<'a>,
    columns: Vec<Mutex<Column>>,
    types: Vec<ColumnType>,
    store: Option<Store>,
    writers: Vec<Mutex<Option<ColumnWriter>>>,
    chunks: Vec<Mutex<Option<Result<ArrowColumnChunk, ReadError>>>>,
    rows: u64,
    rows_in_group: u64,
    rounds: u64,
    /// The share that was told last; a second pass must not make it fall.
    told: f64,
}

/// Reads the table, types it and writes it.
pub fn run(
    job: Job<'_>,
    mut source: SourceDescription,
    mut issues: Vec<Issue>,
    progress: &mut dyn FnMut(Progress),
) -> Result<ReadTable, ReadError> {
    let layout = &job.table.layout;
    let distinct_max = DISTINCT_MAX.min(DISTINCT_SUM_MAX / layout.width.max(1)).max(100);
    let headers = layout.headers.iter().enumerate();
    let mut run = Run {
        job,
        columns: headers
            .map(|(i, header)| Mutex::new(Column::new(i, header.clone(), distinct_max)))
            .collect(),
        types: Vec::new(),
        store: None,
        writers: Vec::new(),
        chunks: Vec::new(),
        rows: 0,
        rows_in_group: 0,
        rounds: 0,
        told: 0.0,
    };
    let mut findings = Findings::default();
    for skipped in &layout.skipped {
        let mut skipped = skipped.clone();
        skipped.row = (job.numbering)(skipped.row);
        findings.skip(skipped);
    }
    let mut sample = Sample::new(layout.width);
    let held = run.first_pass(&mut findings, &mut sample, progress)?;
    let file = display_name(job.path);
    if run.rows == 0 {
        let what = if layout.header_rows.is_empty() { "no row looks like a record" } else { "only a header" };
        return Err(ReadError::NoDataRows { file, what: what.to_owned() });
    }
    let types = run.decide();
    if !held || types != run.types {
        run.types = types;
        run.second_pass(progress)?;
    } else {
        run.types = types;
    }
    source.header_rows = layout.header_rows.iter().map(|line| (job.numbering)(*line)).collect();
    findings.describe(&mut source);
    issues.extend(findings.issues(&file));
    let rows = run.rows;
    let sample_rows = sample.numbers();
    let mut columns = Vec::with_capacity(run.columns.len());
    for (column, type_) in run.columns.into_iter().zip(&run.types) {
        let column = column.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        issues.extend(column_issues(&file, &column, type_));
        let room = UNREADABLE.saturating_sub(source.unreadable.len());
        source.unreadable.extend(column.unreadable().take(room));
        columns.push(profile(&column, type_, &sample));
    }
    let part = (!source.parts.is_empty()).then(|| source.parts.join(" / "));
    Ok(ReadTable {
        profile: TableProfile { file, part, rows, sample_rows, columns, issues },
        source,
        parquet: job.parquet.to_owned(),
    })
}

impl Run<'_> {
    /// Observes all rows, and writes them by the first decision as long as it holds. Says whether it held.
    fn first_pass(
        &mut self,
        findings: &mut Findings,
        sample: &mut Sample,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<bool, ReadError> {
        let mut holds = true;
        let mut line = self.job.table.layout.lines_before + 1;
        let mut others = OtherTables::default();
        let mut pieces = self.job.table.pieces(PIECE_BYTES)?;
        loop {
            let texts = take(&mut pieces, if self.rounds == 0 { FIRST_PIECES } else { PIECES })?;
            if texts.is_empty() {
                break;
            }
            let mut split = self.split(texts);
            let mut lines = Vec::with_capacity(split.len());
            for piece in &mut split {
                others.sift(piece, &self.job.table.layout);
                for odd in &piece.odd {
                    findings.odd(odd, (self.job.numbering)(line + odd.line));
                }
                sample.take(piece, |at| (self.job.numbering)(line + at));
                lines.push(line);
                line += piece.line_count;
                self.rows += piece.rows() as u64;
            }
            if self.rounds == 0 {
                self.side_by_side(self.columns.len(), |i| lock(&self.columns[i]).observe(&split));
                self.types = self.decide();
                self.open()?;
                self.write(&split, &lines, false)?;
            } else if holds {
                self.write(&split, &lines, true)?;
            } else {
                self.side_by_side(self.columns.len(), |i| lock(&self.columns[i]).observe(&split));
            }
            self.rounds += 1;
            if holds && self.rounds.is_power_of_two() && self.rounds > 1 && self.decide() != self.types {
                holds = false;
                self.store = None;
            }
            progress(self.progress(pieces.bytes_read, 0.0, if holds { 1.0 } else { 0.5 }));
        }
        if holds && self.rounds > 0 {
            self.close()?;
        }
        Ok(holds)
    }

    fn second_pass(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(), ReadError> {
        for column in &self.columns {
            lock(column).start_reading();
        }
        self.rounds = 0;
        self.rows_in_group = 0;
        self.open()?;
        let mut line = self.job.table.layout.lines_before + 1;
        let mut others = OtherTables::default();
        let mut pieces = self.job.table.pieces(PIECE_BYTES)?;
        loop {
            let texts = take(&mut pieces, PIECES)?;
            if texts.is_empty() {
                break;
            }
            let mut split = self.split(texts);
            let mut lines = Vec::with_capacity(split.len());
            for piece in &mut split {
                others.sift(piece, &self.job.table.layout);
                lines.push(line);
                line += piece.line_count;
            }
            self.write(&split, &lines, false)?;
            self.rounds += 1;
            progress(self.progress(pieces.bytes_read, 0.5, 0.5));
        }
        self.close()
    }

    fn progress(&mut self, bytes: u64, done: f64, part: f64) -> Progress {
        let share = bytes as f64 / self.job.table.text.bytes.max(1) as f64;
        self.told = self.told.max((done + part * share).min(1.0));
        Progress { rows: self.rows, share: Some(self.told) }
    }

    fn split(&self, texts: Vec<String>) -> Vec<Piece> {
        let layout = &self.job.table.layout;
        let slots: Vec<Mutex<(String, Piece)>> =
            texts.into_iter().map(|text| Mutex::new((text, Piece::default()))).collect();
        self.side_by_side(slots.len(), |i| {
            let mut slot = lock(&slots[i]);
            let text = std::mem::take(&mut slot.0);
            slot.1 = scan(&text, layout);
        });
        slots
            .into_iter()
            .map(|slot| slot.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).1)
            .collect()
    }

    /// Decides all columns by what was seen so far; they settle each other's open questions.
    fn decide(&self) -> Vec<ColumnType> {
        let guards: Vec<_> = self.columns.iter().map(lock).collect();
        let mut columns: Vec<typing::Column<'_>> =
            guards.iter().map(|column| typing::Column::new(&column.header, &column.evidence)).collect();
        typing::settle(&mut columns);
        columns.into_iter().map(|column| column.decided).collect()
    }

    fn open(&mut self) -> Result<(), ReadError> {
        let kinds: Vec<_> = self.types.iter().map(|type_| type_.kind).collect();
        let repeats: Vec<bool> = self
            .columns
            .iter()
            .map(|column| {
                let values = &lock(column).values;
                values.exact() && values.len() as u64 * 3 <= self.rows.max(3)
            })
            .collect();
        let store = Store::create(self.job.parquet, &kinds, &repeats)?;
        self.writers = store.writers()?.into_iter().map(|writer| Mutex::new(Some(writer))).collect();
        self.chunks = self.writers.iter().map(|_| Mutex::new(None)).collect();
        self.store = Some(store);
        Ok(())
    }

    /// Encodes the rows of these pieces, and ends the group of rows when it is large enough.
    fn write(&mut self, split: &[Piece], lines: &[u64], observe: bool) -> Result<(), ReadError> {
        let ends = (self.rounds + 1).is_multiple_of(ROUNDS);
        let numbering = self.job.numbering;
        let row_of = |piece: usize, line: u64| numbering(lines[piece] + line);
        self.side_by_side(self.writers.len(), |i| {
            let array: ArrayRef = if i == 0 {
                let rows = split
                    .iter()
                    .enumerate()
                    .flat_map(|(at, piece)| piece.lines.iter().map(move |line| row_of(at, *line) as i64));
                std::sync::Arc::new(Int64Array::from_iter_values(rows))
            } else {
                let mut column = lock(&self.columns[i - 1]);
                if observe {
                    column.observe(split);
                }
                column.convert(split, &self.types[i - 1], &row_of)
            };
            self.encode(i, &array, ends);
        });
        self.rows_in_group += split.iter().map(|piece| piece.rows() as u64).sum::<u64>();
        if ends { self.end_group(true) } else { self.check() }
    }

    fn encode(&self, at: usize, array: &ArrayRef, ends: bool) {
        let mut slot = lock(&self.writers[at]);
        let Some(mut writer) = slot.take() else { return };
        let outcome = writer.write(array);
        let path = self.job.parquet;
        match outcome {
            Err(error) => *lock(&self.chunks[at]) = Some(Err(failed(path, &error))),
            Ok(()) if ends => *lock(&self.chunks[at]) = Some(writer.close().map_err(|e| failed(path, &e))),
            Ok(()) => *slot = Some(writer),
        }
    }

    /// The first failure of a column, if there is one.
    fn check(&self) -> Result<(), ReadError> {
        for chunk in &self.chunks {
            let mut chunk = lock(chunk);
            if matches!(*chunk, Some(Err(_)))
                && let Some(Err(error)) = chunk.take()
            {
                return Err(error);
            }
        }
        Ok(())
    }

    fn end_group(&mut self, more: bool) -> Result<(), ReadError> {
        let mut chunks = Vec::with_capacity(self.chunks.len());
        for chunk in &self.chunks {
            if let Some(chunk) = lock(chunk).take() {
                chunks.push(chunk?);
            }
        }
        let Some(store) = &mut self.store else { return Ok(()) };
        if chunks.len() == self.chunks.len() && self.rows_in_group > 0 {
            store.append(chunks)?;
        }
        self.rows_in_group = 0;
        if more {
            self.writers = store.writers()?.into_iter().map(|writer| Mutex::new(Some(writer))).collect();
        }
        Ok(())
    }

    /// Ends the last group of rows and the file.
    fn close(&mut self) -> Result<(), ReadError> {
        if self.rows_in_group > 0 {
            let path = self.job.parquet;
            self.side_by_side(self.writers.len(), |i| {
                if let Some(writer) = lock(&self.writers[i]).take() {
                    *lock(&self.chunks[i]) = Some(writer.close().map_err(|e| failed(path, &e)));
                }
            });
            self.end_group(false)?;
        }
        self.writers.clear();
        self.store.take().map_or(Ok(()), Store::finish)
    }

    /// Does `work` for each of `count` things on the threads that the caller allows.
    fn side_by_side(&self, count: usize, work: impl Fn(usize) + Sync) {
        let threads = self.job.options.threads.clamp(1, count.max(1));
        if threads == 1 {
            (0..count).for_each(work);
            return;
        }
        let next = AtomicUsize::new(0);
        let worker = || {
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= count {
                    break;
                }
                work(i);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(worker);
            }
            worker();
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn take(pieces: &mut crate::text::pieces::Pieces, count: usize) -> Result<Vec<String>, ReadError> {
    let mut texts = Vec::with_capacity(count);
    while texts.len() < count {
        match pieces.next_piece()? {
            Some(text) => texts.push(text),
            None => break,
        }
    }
    Ok(texts)
}

fn profile(column: &Column, type_: &ColumnType, sample: &Sample) -> ColumnProfile {
    let figures = &column.figures;
    let raw = sample.column(column.index);
    let (length_min, length_max) = column.lengths();
    let some = figures.numbers > 0 && type_.kind != domain::ValueKind::Boolean;
    ColumnProfile {
        index: column.index,
        header: column.header.clone(),
        kind: type_.kind,
        format: type_.format.clone(),
        ambiguous: type_.ambiguous.clone(),
        currency: type_.currency.clone(),
        filled: figures.filled,
        empty: figures.empty,
        unreadable: figures.unreadable,
        distinct: column.distinct(),
        min: some.then_some(figures.min),
        max: some.then_some(figures.max),
        mean: figures.mean().filter(|_| some),
        negative: figures.negative,
        zero: figures.zero,
        length_min,
        length_max,
        top: column.top(),
        sample: raw.iter().map(|cell| type_.read(cell)).collect(),
        sample_raw: raw,
    }
}
