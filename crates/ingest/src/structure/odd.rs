//! A row that does not come out right: read in every way that makes sense, and the best way taken.

use std::cmp::Ordering;

use super::align::{Aligned, align};
use super::kind::{RowJudge, is_frame, is_total};
use super::model::{Look, TableModel, look};
use crate::source::SkipReason;
use crate::text::dialect::{Delimiter, Dialect};
use crate::text::line::{Cells, Reading, parse, parse_as};

/// A row is moved under other columns only if that fits at least so well on average.
const FIT_MIN: f64 = 0.55;
/// And so much better than the row as it stands.
const FIT_GAIN: f64 = 0.03;
/// Quotes that are tried as text, one at a time.
const QUOTES: usize = 40;

/// What was done with an odd row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mend {
    /// Nothing: quotes inside cells are text.
    Plain,
    /// Missing cells at the end are empty.
    Padded,
    /// Cells beyond the last column were set aside.
    Cut,
    /// Cells were moved under the columns that they fit.
    Realigned,
    /// A quote that closes nothing is text.
    StrayQuote,
    /// The row is written with another delimiter.
    OtherDelimiter,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Row { cells: Vec<String>, mend: Mend, found: usize },
    Skip(SkipReason),
}

/// Reads one odd line.
pub fn read(line: &str, dialect: &Dialect, model: &TableModel, judge: &RowJudge) -> Verdict {
    if line.trim().is_empty() {
        return Verdict::Skip(SkipReason::Blank);
    }
    if is_frame(line) {
        return Verdict::Skip(SkipReason::Frame);
    }
    let width = model.columns.len();
    let mut plain = Cells::default();
    let clean = parse(line, dialect, &mut plain);
    let found = plain.len();
    let as_is: Vec<String> = plain.iter().map(str::to_owned).collect();
    if let Some(reason) = short_reason(&plain, model, judge, clean) {
        return Verdict::Skip(reason);
    }
    let base = model.fit(plain.iter()) - surplus(&plain, width);
    if found == width && base >= 0.8 && !plain.unclosed() {
        return Verdict::Row { cells: as_is, mend: Mend::Plain, found };
    }
    if clean && found < width && base >= 0.8 {
        return Verdict::Row { cells: resize(as_is, width), mend: Mend::Padded, found };
    }
    let mut best = Aligned { cells: as_is.clone(), score: base + FIT_GAIN };
    let mut mend = match found.cmp(&width) {
        Ordering::Less => Mend::Padded,
        Ordering::Greater => Mend::Cut,
        Ordering::Equal => Mend::Plain,
    };
    let mut offer = |cells: &Cells, glue: &str, price: f64, as_width: Mend| {
        let Some((aligned, exact)) = fitted(cells, model, glue) else { return };
        let score = aligned.score - price;
        if score > best.score && (exact || score >= FIT_MIN) {
            best = Aligned { score, ..aligned };
            mend = if exact || as_width == Mend::OtherDelimiter { as_width } else { Mend::Realigned };
        }
    };
    let glue = match &dialect.delimiter {
        Delimiter::Mark(mark) if dialect.space_after => format!("{mark} "),
        Delimiter::Mark(mark) => mark.clone(),
        _ => " ".to_owned(),
    };
    let mut cells = Cells::default();
    for (reading, price) in readings(&plain, clean) {
        parse_as(line, dialect, reading, &mut cells);
        let as_width = if reading == Reading::Plain { Mend::Plain } else { Mend::StrayQuote };
        offer(&cells, &glue, price, as_width);
    }
    if found * 2 <= width {
        for mark in [" ", ";", ",", "\t", "|"] {
            let other = Dialect {
                delimiter: Delimiter::Mark(mark.to_owned()),
                space_after: false,
                ..dialect.clone()
            };
            parse(line, &other, &mut cells);
            offer(&cells, mark, 0.02, Mend::OtherDelimiter);
        }
    }
    Verdict::Row { cells: resize(best.cells, width), mend, found }
}

fn resize(mut cells: Vec<String>, width: usize) -> Vec<String> {
    cells.resize(width, String::new());
    cells
}

/// The price of filled cells beyond the last column.
fn surplus(cells: &Cells, width: usize) -> f64 {
    let beyond = cells.iter().skip(width).filter(|cell| !cell.trim().is_empty()).count();
    beyond as f64 * 0.9 / width.max(1) as f64
}

fn fitted(cells: &Cells, model: &TableModel, glue: &str) -> Option<(Aligned, bool)> {
    let width = model.columns.len();
    let tokens: Vec<&str> = cells.iter().collect();
    if tokens.len() == width {
        let score = model.fit(tokens.iter().copied());
        return Some((Aligned { cells: tokens.iter().map(|t| (*t).to_owned()).collect(), score }, true));
    }
    let quoted: Vec<bool> = (0..tokens.len()).map(|i| cells.was_quoted(i)).collect();
    align(&tokens, &quoted, model, glue).map(|aligned| (aligned, false))
}

/// The readings that the quotes of the line allow, each with its price.
fn readings(plain: &Cells, clean: bool) -> Vec<(Reading, f64)> {
    let mut out = vec![(Reading::Plain, 0.0)];
    if !clean || !plain.opened().is_empty() {
        out.push((Reading::NoDoubling, 0.01));
    }
    if !clean {
        out.push((Reading::QuoteInside, 0.01));
        out.extend(plain.opened().iter().take(QUOTES).map(|at| (Reading::LiteralAt(*at), 0.01)));
        out.push((Reading::NoQuotes, 0.02));
    }
    out
}

/// Why a row with too few cells is no data row.
fn short_reason(cells: &Cells, model: &TableModel, judge: &RowJudge, clean: bool) -> Option<SkipReason> {
    let width = model.columns.len();
    let filled: Vec<(usize, &str)> =
        cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()).collect();
    if filled.is_empty() {
        return Some(SkipReason::Blank);
    }
    if judge.repeats_header(cells.iter()) && cells.len() + 1 >= width && surplus(cells, width) == 0.0 {
        return Some(SkipReason::RepeatedHeader);
    }
    let usual = model.usual_fill();
    if !clean || usual < 2.5 || filled.len() as f64 > usual * 0.5 {
        return None;
    }
    let labelled =
        filled.iter().any(|(_, c)| matches!(look(c), Look::Word | Look::Text | Look::Code) && is_total(c));
    if labelled {
        return Some(SkipReason::Total);
    }
    if let [(at, cell)] = filled[..] {
        let fits = model.columns.get(at).is_some_and(|column| column.fit(cell) > 0.7);
        let one_token = !cell.trim().contains([' ', ';', '\t', '|', ',']);
        // A whole row in another delimiter comes as one cell too; a remark has fewer pieces.
        let pieces = [" ", ";", ",", "\t", "|"].iter().map(|mark| pieces(cell, mark)).max().unwrap_or(1);
        if !fits && (one_token || pieces < width || model.columns.is_empty()) {
            return Some(SkipReason::Footer);
        }
    }
    None
}

fn pieces(cell: &str, mark: &str) -> usize {
    let mut cells = Cells::default();
    parse(cell, &Dialect::with(mark), &mut cells);
    cells.len()
}

/// The names of a header row that has another width than its table.
pub fn mend_header(line: &str, dialect: &Dialect, width: usize) -> Option<Vec<String>> {
    let mut cells = Cells::default();
    let mut plain = Cells::default();
    let clean = parse(line, dialect, &mut plain);
    let mut best: Option<(usize, Vec<String>)> = None;
    let mut offer = |cells: &Cells| {
        if cells.len() == width {
            let names = cells.iter().filter(|c| !c.trim().is_empty()).count();
            if best.as_ref().is_none_or(|(most, _)| names > *most) {
                best = Some((names, cells.iter().map(str::to_owned).collect()));
            }
        }
    };
    for (reading, _) in readings(&plain, clean) {
        parse_as(line, dialect, reading, &mut cells);
        offer(&cells);
    }
    for mark in [" ", ";", ",", "\t", "|"] {
        parse(line, &Dialect { delimiter: Delimiter::Mark(mark.to_owned()), ..dialect.clone() }, &mut cells);
        offer(&cells);
    }
    best.map(|(_, cells)| cells)
}
