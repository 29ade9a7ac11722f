//! The top of a table: banner lines, header rows, and where the data starts.

use super::kind::{RowJudge, is_frame, is_total};
use super::model::{Look, TableModel, look};
use super::odd::{self, Verdict};
use crate::source::{SkipReason, SkippedRow};
use crate::text::dialect::{Delimiter, Dialect, directive};
use crate::text::line::{Cells, parse};

/// Lines that a quoted cell at the top may span.
const JOINED_LINES: usize = 40;
/// Header rows at most.
const HEADER_ROWS: usize = 4;

/// How a table is laid out, as its first rows show.
#[derive(Debug, Clone)]
pub struct Layout {
    pub dialect: Dialect,
    pub width: usize,
    /// 1-based lines of the header rows; empty where the table has none.
    pub header_rows: Vec<u64>,
    /// One per column; empty texts where there is no header.
    pub headers: Vec<String>,
    /// Rows above the data that are no header.
    pub skipped: Vec<SkippedRow>,
    /// Lines above the first that can be data.
    pub lines_before: u64,
    pub model: TableModel,
    pub judge: RowJudge,
    /// Short rows are as good as others: the source leaves empty cells at the end away.
    pub pads: bool,
    /// The header had another number of cells than the rows.
    pub header_mended: bool,
}

#[derive(Debug)]
struct Record {
    number: u64,
    lines: u64,
    raw: String,
    cells: Vec<String>,
    clean: bool,
}

impl Record {
    fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.trim().is_empty()).count()
    }

    fn skip(&self, reason: SkipReason) -> SkippedRow {
        SkippedRow { row: self.number, reason, text: shorten(&self.raw) }
    }
}

/// At most 200 characters of a row, for showing.
pub fn shorten(text: &str) -> String {
    text.trim_end().chars().take(200).collect()
}

/// Reads the layout from the first lines of the text (numbered from 1) in a dialect whose rows are `width` wide.
pub fn read(lines: &[&str], dialect: &Dialect, width: usize) -> Layout {
    of_records(&records(lines, dialect), dialect, width)
}

/// The same for a source that leaves empty cells at the end of rows away.
pub fn read_padded(lines: &[&str], dialect: &Dialect, width: usize) -> Layout {
    let mut records = records(lines, dialect);
    for record in records.iter_mut().filter(|record| record.cells.len() < width) {
        record.cells.resize(width, String::new());
    }
    Layout { pads: true, ..of_records(&records, dialect, width) }
}

fn of_records(records: &[Record], dialect: &Dialect, width: usize) -> Layout {
    let mut model = TableModel::new(width);
    let wide: Vec<&Record> = records.iter().filter(|r| r.cells.len() == width && r.clean).collect();
    let usual = usual_fill(&wide);
    let full = |record: &Record| record.filled() as f64 >= (usual * 0.5).max(1.0);
    let top = records.iter().position(|record| may_be_first(record, width) && full(record));
    // The topmost full row may be the header, which pages repeat; it must not teach what data looks like.
    let (after, names) = top.map_or((0, &[][..]), |top| (records[top].number, &records[top].cells[..]));
    for record in wide.iter().filter(|r| r.number > after && full(r) && r.cells != names && !sums(r, usual)) {
        model.learn(record.cells.iter().map(String::as_str));
    }
    let mut layout = Layout {
        dialect: dialect.clone(),
        width,
        header_rows: Vec::new(),
        headers: vec![String::new(); width],
        skipped: Vec::new(),
        lines_before: 0,
        model: TableModel::new(width),
        judge: RowJudge::default(),
        pads: false,
        header_mended: false,
    };
    let Some(top) = top else {
        return layout;
    };
    let data = records[top..].iter().position(|r| {
        r.cells.len() == width
            && r.clean
            && full(r)
            && model.fit(r.cells.iter().map(String::as_str)) >= 0.6
            && !header_like(&r.cells, &model, false)
    });
    let data = data.map_or(records.len().min(top + 1), |at| top + at);
    let mut header: Vec<(u64, Vec<String>)> = Vec::new();
    let found = (0..data).rev().find_map(|at| {
        let record = &records[at];
        if !may_be_first(record, width) || (record.filled() as f64) < usual * 0.4 || is_label(record) {
            return None;
        }
        let (row, mended) = as_header(record, dialect, width, &model);
        header_like(&row, &model, false).then_some((at, row, mended))
    });
    if let Some((at, row, mended)) = found {
        layout.header_mended = mended;
        layout.lines_before = records[at].number + records[at].lines - 1;
        header.push((records[at].number, row));
        extend(&records[..at], &model, width, &mut header, &mut layout);
    } else {
        layout.lines_before = records[top].number - 1;
        if records[top].cells.len() == width {
            model.learn(records[top].cells.iter().map(String::as_str));
        }
    }
    for record in records.iter().take_while(|r| r.number <= layout.lines_before) {
        if !header.iter().any(|(number, _)| *number == record.number)
            && !layout.skipped.iter().any(|skipped| skipped.row == record.number)
        {
            layout.skipped.push(record.skip(reason_above(record)));
        }
    }
    layout.skipped.sort_by_key(|skipped| skipped.row);
    layout.header_rows = header.iter().map(|(number, _)| *number).collect();
    layout.headers = compose(&header, width);
    let last = header.last().map(|(_, cells)| cells.clone()).unwrap_or_default();
    layout.judge = RowJudge::new(last, &model);
    layout.model = model;
    layout
}

fn records(lines: &[&str], dialect: &Dialect) -> Vec<Record> {
    let mut out = Vec::new();
    let mut cells = Cells::default();
    let mut at = 0;
    while at < lines.len() {
        let mut clean = parse(lines[at], dialect, &mut cells);
        let mut taken = 1;
        let mut raw = lines[at].to_owned();
        if cells.unclosed() {
            let width = cells.len();
            let mut joined = raw.clone();
            let mut trial = Cells::default();
            for (more, line) in lines[at + 1..].iter().take(JOINED_LINES).enumerate() {
                joined.push('\n');
                joined.push_str(line);
                if parse(&joined, dialect, &mut trial) && trial.len() >= width {
                    (clean, taken, raw) = (true, more + 2, joined);
                    std::mem::swap(&mut cells, &mut trial);
                    break;
                }
            }
        }
        out.push(Record {
            number: at as u64 + 1,
            lines: taken as u64,
            raw,
            cells: cells.iter().map(str::to_owned).collect(),
            clean,
        });
        at += taken;
    }
    out
}

/// The median number of filled cells of the rows that are wide enough.
fn usual_fill(wide: &[&Record]) -> f64 {
    let mut fills: Vec<usize> = wide.iter().map(|r| r.filled()).filter(|f| *f > 0).collect();
    fills.sort_unstable();
    fills.get(fills.len() / 2).copied().unwrap_or(1) as f64
}

/// Whether a record may be the header or the first data row: not far from the width, and no drawing.
fn may_be_first(record: &Record, width: usize) -> bool {
    if record.raw.trim().is_empty()
        || is_frame(&record.raw)
        || (record.number == 1 && directive(&record.raw).is_some())
    {
        return false;
    }
    let n = record.cells.len();
    n == width
        || (width >= 4 && n.abs_diff(width) <= 1 + width / 8)
        || (width >= 3 && in_other_delimiter(&record.raw, width))
}

fn in_other_delimiter(line: &str, width: usize) -> bool {
    [" ", ",", ";", "\t", "|"].iter().any(|mark| {
        let mut cells = Cells::default();
        parse(line, &Dialect::with(mark), &mut cells) && cells.len() == width
    })
}

/// The record's cells as a header of the right width, and whether that took mending.
fn as_header(record: &Record, dialect: &Dialect, width: usize, model: &TableModel) -> (Vec<String>, bool) {
    if record.cells.len() == width && record.clean {
        return (record.cells.clone(), false);
    }
    if record.cells.len() == width + 1 && matches!(dialect.delimiter, Delimiter::Mark(_)) {
        // An empty name too many stands where a delimiter was doubled; at the end it is a trailing delimiter.
        if let Some(at) = record.cells.iter().rposition(|cell| cell.trim().is_empty()) {
            let mut cells = record.cells.clone();
            cells.remove(at);
            return (cells, true);
        }
    }
    match odd::mend_header(&record.raw, dialect, width) {
        Some(cells) => (cells, true),
        None => match odd::read(&record.raw, dialect, model, &RowJudge::default()) {
            Verdict::Row { cells, .. } => (cells, true),
            Verdict::Skip(_) => {
                let mut cells = record.cells.clone();
                cells.resize(width, String::new());
                (cells, true)
            }
        },
    }
}

/// Whether a row names the columns below it and is not one of their rows.
fn header_like(row: &[String], model: &TableModel, strict: bool) -> bool {
    let rows = model.columns.first().map_or(0, super::model::ColumnModel::rows);
    // What columns of numbers and dates say weighs more than what columns of words can say.
    let (mut typed_header, mut typed_data) = (0.0, 0.0);
    let (mut header, mut data) = (0.0, 0.0);
    let mut seen: Vec<&str> = Vec::new();
    let mut repeats = 0;
    for (cell, column) in row.iter().zip(&model.columns) {
        let cell = cell.trim();
        let kind = look(cell);
        if kind == Look::Empty {
            continue;
        }
        repeats += usize::from(seen.contains(&cell));
        seen.push(cell);
        if matches!(kind, Look::Number | Look::Moment) {
            typed_data += if is_year(cell) { 0.3 } else { 1.0 };
        } else if rows == 0 || column.fill() == 0.0 {
            header += 0.2;
        } else if column.share(Look::Number) + column.share(Look::Moment) >= 0.8 {
            typed_header += 1.0;
        } else if column.holds_value(cell) {
            data += 1.0;
        } else if column.share(Look::Code) >= 0.8 {
            let fits = column.fit(cell) >= 0.75;
            header += if fits { 0.0 } else { 0.7 };
            data += if fits { 0.7 } else { 0.0 };
        } else {
            header += 0.25;
        }
    }
    if seen.is_empty() {
        return false;
    }
    if strict {
        return typed_header >= 1.0 && typed_data == 0.0;
    }
    let votes =
        if typed_header + typed_data >= 1.0 { typed_header > typed_data } else { header > data + typed_data };
    // Names may be doubled, but a row that is mostly repetition is no list of names.
    votes && repeats * 2 <= seen.len()
}

fn is_year(cell: &str) -> bool {
    cell.len() == 4
        && (cell.starts_with("19") || cell.starts_with("20"))
        && cell.bytes().all(|b| b.is_ascii_digit())
}

/// A row of group names directly above the header (`,Planned,,Actual,`), spread over the columns of each group.
fn group_above(above: &[Record], width: usize, header: &[String]) -> Option<(u64, Vec<String>)> {
    let record = above.iter().rev().find(|record| !is_frame(&record.raw))?;
    let filled = record.filled();
    let words = record.cells.iter().all(|c| matches!(look(c), Look::Empty | Look::Word | Look::Text));
    let apart = header.iter().all(|cell| !cell.trim().is_empty());
    let labels = record.cells.iter().any(|cell| cell.trim().ends_with(':'));
    if record.cells.len() != width || filled < 2 || filled >= width || !words || !apart || labels || width < 3
    {
        return None;
    }
    let mut spread = Vec::with_capacity(width);
    let mut group = String::new();
    for cell in &record.cells {
        if !cell.trim().is_empty() {
            group.clone_from(cell);
        }
        spread.push(group.clone());
    }
    Some((record.number, spread))
}

/// Header rows above the one that was found: a first line of names above units, group names above names. The same
/// names once more are left out.
fn extend(
    above: &[Record],
    model: &TableModel,
    width: usize,
    header: &mut Vec<(u64, Vec<String>)>,
    layout: &mut Layout,
) {
    for (at, record) in above.iter().enumerate().rev() {
        if is_frame(&record.raw) {
            continue;
        }
        if record.cells.len() != width || header.len() == HEADER_ROWS || record.filled() == 0 {
            break;
        }
        if header[0].1 == record.cells {
            layout.skipped.push(record.skip(SkipReason::RepeatedHeader));
        } else if record.filled() * 2 >= width && !is_label(record) && header_like(&record.cells, model, true)
        {
            header.insert(0, (record.number, record.cells.clone()));
        } else {
            if let Some(group) = group_above(&above[..=at], width, &header[0].1) {
                header.insert(0, group);
            }
            break;
        }
    }
}

/// A total among the rows must not teach that keys may be missing.
fn sums(record: &Record, usual: f64) -> bool {
    record.filled() as f64 <= usual * 0.75 && record.cells.iter().any(|cell| is_total(cell))
}

/// `Plant:;1000`: a name and its value, above a table.
fn is_label(record: &Record) -> bool {
    record.cells.iter().any(|cell| cell.trim().ends_with(':'))
        && record.cells.iter().filter(|cell| !cell.trim().is_empty()).count() * 2 <= record.cells.len()
}

fn reason_above(record: &Record) -> SkipReason {
    if record.number == 1 && directive(&record.raw).is_some() {
        SkipReason::Directive
    } else if is_frame(&record.raw) {
        SkipReason::Frame
    } else if record.cells.iter().all(|cell| cell.trim().is_empty()) {
        SkipReason::Blank
    } else {
        SkipReason::Banner
    }
}

fn compose(header: &[(u64, Vec<String>)], width: usize) -> Vec<String> {
    (0..width)
        .map(|column| {
            let mut parts: Vec<String> = Vec::new();
            for (_, cells) in header {
                let part =
                    cells.get(column).map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "));
                if let Some(part) = part.filter(|part| !part.is_empty() && parts.last() != Some(part)) {
                    parts.push(part);
                }
            }
            parts.join(" ")
        })
        .collect()
}
