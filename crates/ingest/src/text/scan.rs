//! Splits a piece of text into rows of the table's width. Well-formed rows cost a look at each byte; every other row is
//! read again leniently, and what was done with it is told.

use super::dialect::Escape;
use super::line::{Cells, parse};
use crate::source::SkipReason;
use crate::structure::head::{Layout, shorten};
use crate::structure::odd::{self, Mend, Verdict};

/// Odd rows of a piece whose text is kept for showing.
const TEXTS: usize = 1000;
/// Lines that a quoted cell may span.
const QUOTED_LINES: usize = 500;

/// A cell in the text or, behind its end, in the cells that were written anew.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    len: u32,
}

/// A row that needed a second look.
#[derive(Debug, Clone, PartialEq)]
pub struct Odd {
    /// 0-based line within the piece.
    pub line: u64,
    /// Index among the rows of the piece, for rows that stayed.
    pub row: Option<usize>,
    pub what: What,
    /// Cells that the row has by the dialect alone.
    pub found: usize,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Skipped(SkipReason),
    Mended(Mend),
}

/// The cells of one column, one behind the other: columns are worked on one by one, and so memory is read in order.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    #[inline]
    fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len() as u32);
    }

    fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        self.text.get(start as usize..self.ends[row] as usize).unwrap_or("")
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cell = self.text.get(start..*end as usize).unwrap_or("");
            start = *end as usize;
            cell
        })
    }
}

/// Rows of equal width.
#[derive(Debug, Default)]
pub struct Piece {
    pub width: usize,
    columns: Vec<Texts>,
    /// 0-based line within the piece of each row.
    pub lines: Vec<u64>,
    pub odd: Vec<Odd>,
    /// Lines of the piece.
    pub line_count: u64,
}

impl Piece {
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.columns[column].get(row)
    }

    /// The cells of a column, from the first row to the last.
    pub fn column(&self, column: usize) -> impl Iterator<Item = &str> {
        self.columns[column].iter()
    }

    /// Takes rows out (sorted indices), for rows that turned out to be no data.
    pub fn remove_rows(&mut self, rows: &[usize]) {
        let stays = |row: &usize| rows.binary_search(row).is_err();
        for column in &mut self.columns {
            let mut kept = Texts::default();
            for (_, cell) in column.iter().enumerate().filter(|(row, _)| stays(row)) {
                kept.push(cell);
            }
            *column = kept;
        }
        let lines = self.lines.iter().enumerate().filter(|(row, _)| stays(row)).map(|(_, line)| *line);
        self.lines = lines.collect();
    }

    fn push_row<'a>(&mut self, line: u64, cells: impl Iterator<Item = &'a str>) {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        self.lines.push(line);
    }
}

/// Splits a piece that starts and ends at row borders.
pub fn scan(text: &str, layout: &Layout) -> Piece {
    let mut piece =
        Piece { width: layout.width, columns: vec![Texts::default(); layout.width], ..Piece::default() };
    let fast = layout.dialect.mark_byte().filter(|_| {
        layout.dialect.escape == Escape::Doubled && !layout.dialect.framed && !layout.dialect.padded
    });
    match fast {
        Some(mark) => Scanner::new(text, mark, layout, &mut piece).run(),
        None => by_line(text, layout, &mut piece),
    }
    piece
}

/// Dialects that need more than a look at each byte.
fn by_line(text: &str, layout: &Layout, piece: &mut Piece) {
    let mut cells = Cells::default();
    let mut lines = text.split('\n').peekable();
    let mut at = 0;
    let mut joined = String::new();
    while let Some(line) = lines.next() {
        if lines.peek().is_none() && line.is_empty() {
            break;
        }
        let mut line = line.strip_suffix('\r').unwrap_or(line);
        let row_line = at;
        at += 1;
        let mut good = parse(line, &layout.dialect, &mut cells) && cells.len() == layout.width;
        if !good && cells.unclosed() {
            joined.clear();
            joined.push_str(line);
            let mut ahead = lines.clone();
            for more in 1..=QUOTED_LINES {
                let Some(next) = ahead.next() else { break };
                joined.push('\n');
                joined.push_str(next.strip_suffix('\r').unwrap_or(next));
                if joined.len() > 1 << 20 {
                    break;
                }
                if parse(&joined, &layout.dialect, &mut cells) && cells.len() == layout.width {
                    good = true;
                    at += more as u64;
                    lines = ahead;
                    line = &joined;
                    break;
                }
            }
        }
        let reason = if good { layout.judge.reason(&Iter(&cells, 0), &layout.model) } else { None };
        if let Some(reason) = reason {
            note(piece, row_line, None, What::Skipped(reason), cells.len(), line);
        } else if good {
            piece.push_row(row_line, cells.iter());
        } else {
            odd_line(piece, row_line, line, layout);
        }
    }
    piece.line_count = at;
}

#[derive(Clone)]
struct Iter<'a>(&'a Cells, usize);

impl<'a> Iterator for Iter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        (self.1 < self.0.len()).then(|| {
            self.1 += 1;
            self.0.get(self.1 - 1)
        })
    }
}

fn note(piece: &mut Piece, line: u64, row: Option<usize>, what: What, found: usize, text: &str) {
    let text = if piece.odd.len() < TEXTS { shorten(text) } else { String::new() };
    piece.odd.push(Odd { line, row, what, found, text });
}

fn odd_line(piece: &mut Piece, row_line: u64, line: &str, layout: &Layout) {
    match odd::read(line, &layout.dialect, &layout.model, &layout.judge) {
        Verdict::Skip(reason) => note(piece, row_line, None, What::Skipped(reason), 0, line),
        Verdict::Row { cells, mend, found } => {
            let reason = layout.judge.reason(&cells.iter().map(String::as_str), &layout.model);
            if let Some(reason) = reason {
                note(piece, row_line, None, What::Skipped(reason), found, line);
                return;
            }
            let row = piece.lines.len();
            piece.push_row(row_line, cells.iter().map(String::as_str));
            if mend != Mend::Plain {
                note(piece, row_line, Some(row), What::Mended(mend), found, line);
            }
        }
    }
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    mark: u8,
    quote: u8,
    layout: &'a Layout,
    piece: &'a mut Piece,
    /// The cells of the row that had doubled quotes.
    side: String,
    /// First byte and line of the row.
    row_start: usize,
    row_line: u64,
    /// Line ends inside the row.
    inner_lines: u64,
    /// The cells of the row so far.
    row: Vec<Span>,
    cell_start: usize,
    odd_quote: bool,
    suspicious: usize,
    probe: Option<(usize, &'a str)>,
}

/// How a quoted cell ends.
enum Close {
    /// Closing quote at this byte, the cell's end (a delimiter, a line end, or the end of the text) at that one.
    At {
        quote: usize,
        end: usize,
        doubled: bool,
    },
    Odd,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, mark: u8, layout: &'a Layout, piece: &'a mut Piece) -> Self {
        let header = layout.judge.header.iter().enumerate();
        Self {
            text,
            bytes: text.as_bytes(),
            mark,
            // 0xff is in no UTF-8 text.
            quote: layout.dialect.quote.unwrap_or(0xff),
            layout,
            piece,
            side: String::new(),
            row_start: 0,
            row_line: 0,
            inner_lines: 0,
            row: Vec::with_capacity(layout.width + 1),
            cell_start: 0,
            odd_quote: false,
            suspicious: layout.judge.suspicious_fill().max(1),
            probe: header.map(|(i, cell)| (i, cell.trim())).find(|(_, cell)| !cell.is_empty()),
        }
    }

    fn run(mut self) {
        let n = self.bytes.len();
        let mut word = 0;
        let mut mask = if n > 0 { self.mask(0) } else { 0 };
        while word < n {
            if mask == 0 {
                word += 8;
                if word < n {
                    mask = self.mask(word);
                }
                continue;
            }
            let at = word + (mask.trailing_zeros() >> 3) as usize;
            mask &= mask - 1;
            let byte = self.bytes[at];
            let resume = if byte == b'\n' {
                self.push_plain(at, true);
                self.end_row(at)
            } else if byte == self.mark {
                self.push_plain(at, false);
                None
            } else if at == self.cell_start || (at == self.cell_start + 1 && self.after_space(at)) {
                Some(self.quoted(at))
            } else {
                self.odd_quote |= self.quote == b'"';
                None
            };
            if let Some(next) = resume {
                word = next & !7;
                if word < n {
                    mask = self.mask(word) & (u64::MAX << ((next & 7) * 8));
                }
            }
        }
        if self.row_start < n {
            if self.cell_start <= n {
                self.push_plain(n, true);
            }
            let mut resume = self.end_row(n);
            // A row that was given up at the end may leave lines behind it.
            while let Some(next) = resume.filter(|next| *next < n) {
                let end = memchr::memchr(b'\n', &self.bytes[next..]).map_or(n, |at| next + at);
                resume = Some(self.odd_row(end));
            }
        }
        self.piece.line_count = self.row_line;
    }

    fn mask(&self, at: usize) -> u64 {
        let marks = |word| hits(word, self.mark) | hits(word, b'\n') | hits(word, self.quote);
        if let Some(bytes) = self.bytes[at..].first_chunk::<8>() {
            return marks(u64::from_le_bytes(*bytes));
        }
        let rest = &self.bytes[at..];
        let mut padded = [0; 8];
        padded[..rest.len()].copy_from_slice(rest);
        if rest.is_empty() {
            0
        } else {
            marks(u64::from_le_bytes(padded)) & (u64::MAX >> ((8 - rest.len()) * 8))
        }
    }

    fn after_space(&self, at: usize) -> bool {
        self.layout.dialect.space_after && self.bytes[at - 1] == b' '
    }

    fn push_plain(&mut self, end: usize, last: bool) {
        let mut start = self.cell_start;
        if self.layout.dialect.space_after && !self.row.is_empty() && start < end && self.bytes[start] == b' '
        {
            start += 1;
        }
        let mut stop = end;
        if last && stop > start && self.bytes[stop - 1] == b'\r' {
            stop -= 1;
        }
        self.row.push(Span { start: start as u32, len: (stop - start) as u32 });
        self.cell_start = end + 1;
    }

    /// Reads the quoted cell that opens at `open`; gives where to go on.
    fn quoted(&mut self, open: usize) -> usize {
        let Close::At { quote, end, doubled } = self.close(open) else {
            let line_end = memchr::memchr(b'\n', &self.bytes[self.row_start..])
                .map_or(self.bytes.len(), |at| self.row_start + at);
            return self.odd_row(line_end);
        };
        let inner = &self.text[open + 1..quote];
        if doubled {
            let base = self.bytes.len();
            let start = self.side.len();
            let (one, two) = if self.quote == b'"' { ("\"", "\"\"") } else { ("'", "''") };
            self.side.push_str(&inner.replace(two, one));
            self.row.push(Span { start: (base + start) as u32, len: (self.side.len() - start) as u32 });
        } else {
            self.row.push(Span { start: (open + 1) as u32, len: inner.len() as u32 });
        }
        self.inner_lines += memchr::memchr_iter(b'\n', inner.as_bytes()).count() as u64;
        self.cell_start = end + 1;
        if end >= self.bytes.len() || self.bytes[end] == b'\n' {
            return self.end_row(end.min(self.bytes.len())).unwrap_or(end + 1);
        }
        end + 1
    }

    fn close(&self, open: usize) -> Close {
        let bytes = self.bytes;
        let mut from = open + 1;
        let mut doubled = false;
        while let Some(hit) = memchr::memchr(self.quote, &bytes[from..]) {
            let quote = from + hit;
            let mut end = quote + 1;
            if self.mark != b' ' {
                while bytes.get(end) == Some(&b' ') {
                    end += 1;
                }
            }
            match bytes.get(end) {
                None => return Close::At { quote, end, doubled },
                Some(&byte) if byte == self.mark || byte == b'\n' => {
                    return Close::At { quote, end, doubled };
                }
                Some(b'\r') if bytes.get(end + 1).is_none_or(|byte| *byte == b'\n') => {
                    return Close::At { quote, end: (end + 1).min(bytes.len()), doubled };
                }
                _ if bytes.get(quote + 1) == Some(&self.quote) => {
                    doubled = true;
                    from = quote + 2;
                }
                _ => return Close::Odd,
            }
        }
        Close::Odd
    }

    /// Ends the row at a line end or the end of the text; gives where to go on if that is not right behind it.
    fn end_row(&mut self, end: usize) -> Option<usize> {
        let width = self.layout.width;
        let mut n = self.row.len();
        if n < width && self.layout.pads {
            let empty = Span { start: self.row_start as u32, len: 0 };
            self.row.resize(width, empty);
            n = width;
        }
        if n != width || (self.odd_quote && self.lost_quote()) {
            let line_end =
                memchr::memchr(b'\n', &self.bytes[self.row_start..end]).map_or(end, |at| self.row_start + at);
            return Some(self.odd_row(line_end));
        }
        if let Some(reason) = self.reason() {
            let text = &self.text[self.row_start..end];
            note(self.piece, self.row_line, None, What::Skipped(reason), n, text);
        } else {
            let (text, side) = (self.text, &self.side);
            self.piece.push_row(self.row_line, self.row.iter().map(|span| slice(text, side, *span)));
        }
        self.start_row(end + 1, 1 + self.inner_lines);
        None
    }

    fn start_row(&mut self, at: usize, lines: u64) {
        self.row_start = at;
        self.cell_start = at;
        self.row_line += lines;
        self.inner_lines = 0;
        self.row.clear();
        self.side.clear();
        self.odd_quote = false;
    }

    /// Gives the row up and reads its first line alone; gives where to go on.
    fn odd_row(&mut self, line_end: usize) -> usize {
        let line = &self.text[self.row_start..line_end];
        let line = line.strip_suffix('\r').unwrap_or(line);
        odd_line(self.piece, self.row_line, line, self.layout);
        self.start_row(line_end + 1, 1);
        line_end + 1
    }

    /// A cell ends with a quote that it does not start with: a delimiter before a quoted cell may be missing.
    fn lost_quote(&self) -> bool {
        self.row.iter().any(|span| {
            let (start, end) = (span.start as usize, (span.start + span.len) as usize);
            end <= self.bytes.len() && end > start && self.bytes[end - 1] == b'"' && self.bytes[start] != b'"'
        })
    }

    fn reason(&self) -> Option<SkipReason> {
        let spans = &self.row[..];
        let mut filled = 0;
        for span in spans {
            let blank =
                span.len == 0 || (self.first_byte(*span) == b' ' && self.slice(*span).trim().is_empty());
            filled += usize::from(!blank);
        }
        let repeats = self.probe.is_some_and(|(column, head)| {
            spans
                .get(column)
                .is_some_and(|span| span.len as usize >= head.len() && self.slice(*span).trim() == head)
        });
        if filled >= self.suspicious && !repeats {
            return None;
        }
        self.layout.judge.reason(&spans.iter().map(|span| self.slice(*span)), &self.layout.model)
    }

    fn first_byte(&self, span: Span) -> u8 {
        let at = span.start as usize;
        self.bytes.get(at).or_else(|| self.side.as_bytes().get(at - self.bytes.len())).copied().unwrap_or(0)
    }

    fn slice(&self, span: Span) -> &str {
        slice(self.text, &self.side, span)
    }
}

#[inline]
fn slice<'a>(text: &'a str, side: &'a str, span: Span) -> &'a str {
    let (start, end) = (span.start as usize, (span.start + span.len) as usize);
    let base = text.len();
    if start >= base && end > base {
        side.get(start - base..end - base).unwrap_or("")
    } else {
        text.get(start..end).unwrap_or("")
    }
}

/// The high bit of each byte that equals `byte`.
fn hits(word: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let x = word ^ (u64::from(byte) * 0x0101_0101_0101_0101);
    !(((x & LOW) + LOW) | x | LOW)
}
