//! One line, read leniently: quotes count only where a cell starts, and a quote that cannot close is text.

use super::dialect::{Delimiter, Dialect, Escape};

/// The cells of a line in one buffer.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    text: String,
    ends: Vec<usize>,
    quoted: Vec<bool>,
    opened: Vec<usize>,
    unclosed: bool,
    odd: bool,
}

impl Cells {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    pub fn was_quoted(&self, index: usize) -> bool {
        self.quoted[index]
    }

    /// A quote opened a cell and nothing closed it.
    pub fn unclosed(&self) -> bool {
        self.unclosed
    }

    /// A quote stands where none belongs.
    pub fn odd(&self) -> bool {
        self.odd
    }

    /// Where in the line quotes opened cells.
    pub fn opened(&self) -> &[usize] {
        &self.opened
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.quoted.clear();
        self.opened.clear();
        self.unclosed = false;
        self.odd = false;
    }

    fn end(&mut self, quoted: bool, trim: bool) {
        if trim && !quoted {
            let start = self.ends.last().copied().unwrap_or(0);
            let trimmed = self.text[start..].trim_end().len();
            self.text.truncate(start + trimmed);
        }
        self.ends.push(self.text.len());
        self.quoted.push(quoted);
    }
}

/// Ways in which a line with odd quotes may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As the dialect says.
    Plain,
    /// The quote that opens a cell at this byte is text.
    LiteralAt(usize),
    /// All quotes are text.
    NoQuotes,
    /// Two quotes in a row are two quotes.
    NoDoubling,
    /// A quote in the middle of a cell opens a quoted part: a delimiter before it was lost.
    QuoteInside,
}

/// Reads a line as the dialect says. False where a quote is out of place.
pub fn parse(line: &str, dialect: &Dialect, out: &mut Cells) -> bool {
    parse_as(line, dialect, Reading::Plain, out)
}

pub fn parse_as(line: &str, dialect: &Dialect, reading: Reading, out: &mut Cells) -> bool {
    out.clear();
    let mark = match &dialect.delimiter {
        Delimiter::Mark(mark) => mark.as_str(),
        Delimiter::Blanks(_) => " ",
        Delimiter::None => "\n",
    };
    let (line, shift) = unframed(line, dialect, mark);
    let bytes = line.as_bytes();
    let trim = dialect.padded || matches!(dialect.delimiter, Delimiter::Blanks(_));
    let mut at = 0;
    loop {
        if dialect.space_after && !out.is_empty() && bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        if trim {
            while bytes.get(at) == Some(&b' ') {
                at += 1;
            }
        }
        let opens = dialect.quote.is_some_and(|quote| bytes.get(at) == Some(&quote))
            && reading != Reading::NoQuotes
            && reading != Reading::LiteralAt(at + shift);
        if opens {
            out.opened.push(at + shift);
            let before = out.text.len();
            if let Some(end) = quoted(line, at, dialect, mark, reading, out) {
                out.end(true, false);
                match next_start(bytes, end, dialect, mark) {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            }
            out.text.truncate(before);
            out.unclosed = true;
            out.odd = true;
        }
        let end = plain(line, at, dialect, mark, reading, out);
        out.end(false, trim);
        match next_start(bytes, end, dialect, mark) {
            Some(next) => at = next,
            None => break,
        }
    }
    !out.odd
}

/// The line without the delimiters that frame it, and how many bytes were taken from its start.
fn unframed<'a>(line: &'a str, dialect: &Dialect, mark: &str) -> (&'a str, usize) {
    if !dialect.framed {
        if matches!(dialect.delimiter, Delimiter::Blanks(_)) {
            let trimmed = line.trim_start_matches(' ');
            return (trimmed.trim_end_matches(' '), line.len() - trimmed.len());
        }
        return (line, 0);
    }
    let trimmed = line.trim_start();
    let inner = trimmed.strip_prefix(mark).unwrap_or(trimmed);
    let shift = line.len() - inner.len();
    let inner = inner.trim_end();
    (inner.strip_suffix(mark).unwrap_or(inner), shift)
}

/// Where the next cell starts, given where this one ended; `None` at the end of the line.
fn next_start(bytes: &[u8], end: usize, dialect: &Dialect, mark: &str) -> Option<usize> {
    if end >= bytes.len() {
        return None;
    }
    match dialect.delimiter {
        Delimiter::Blanks(_) => {
            let mut at = end;
            while bytes.get(at) == Some(&b' ') {
                at += 1;
            }
            Some(at)
        }
        _ => Some(end + mark.len()),
    }
}

/// Whether a cell may end at this byte.
fn ends_at(bytes: &[u8], at: usize, dialect: &Dialect, mark: &str) -> bool {
    if at >= bytes.len() {
        return true;
    }
    match dialect.delimiter {
        Delimiter::Blanks(least) => bytes[at..].iter().take_while(|b| **b == b' ').count() >= least,
        _ => bytes[at..].starts_with(mark.as_bytes()),
    }
}

/// Reads a quoted cell whose quote stands at `open`. Gives the byte at which it ended, or `None` if it does not close.
fn quoted(
    line: &str,
    open: usize,
    dialect: &Dialect,
    mark: &str,
    reading: Reading,
    out: &mut Cells,
) -> Option<usize> {
    let quote = dialect.quote?;
    let bytes = line.as_bytes();
    let mut from = open + 1;
    let mut odd = false;
    loop {
        let at = from + memchr::memchr(quote, &bytes[from..])?;
        if dialect.escape == Escape::Backslash && at > from && bytes[at - 1] == b'\\' {
            out.text.push_str(&line[from..at - 1]);
            out.text.push(char::from(quote));
            from = at + 1;
            continue;
        }
        out.text.push_str(&line[from..at]);
        let mut after = at + 1;
        if mark != " " && dialect.delimiter != Delimiter::None {
            while bytes.get(after) == Some(&b' ') {
                after += 1;
            }
        }
        if ends_at(bytes, after, dialect, mark) {
            out.odd |= odd;
            return Some(after);
        }
        if bytes.get(at + 1) == Some(&quote) && reading != Reading::NoDoubling {
            out.text.push(char::from(quote));
            from = at + 2;
        } else {
            odd = true;
            out.text.push(char::from(quote));
            from = at + 1;
        }
    }
}

/// Reads a cell without quotes around it. Gives the byte at which it ended.
fn plain(
    line: &str,
    start: usize,
    dialect: &Dialect,
    mark: &str,
    reading: Reading,
    out: &mut Cells,
) -> usize {
    let bytes = line.as_bytes();
    let mut from = start.min(bytes.len());
    let mut search = from;
    loop {
        let end = find_end(bytes, search, dialect, mark);
        if dialect.escape == Escape::Backslash && end < bytes.len() && end > from && bytes[end - 1] == b'\\' {
            out.text.push_str(&line[from..end - 1]);
            from = end;
            search = end + mark.len();
            continue;
        }
        let cell = &line[from..end];
        // Apostrophes are part of words; a double quote inside a cell is worth a second look.
        let quote = dialect.quote.filter(|quote| *quote == b'"');
        if let Some(inside) = quote.and_then(|quote| memchr::memchr(quote, cell.as_bytes())) {
            out.odd = true;
            if reading == Reading::QuoteInside && inside > 0 {
                let open = from + inside;
                out.text.push_str(&line[from..=open]);
                let before = out.text.len();
                if let Some(end) = quoted(line, open, dialect, mark, Reading::Plain, out) {
                    return end;
                }
                out.text.truncate(before - 1 - inside);
            }
        }
        out.text.push_str(cell);
        return end;
    }
}

fn find_end(bytes: &[u8], from: usize, dialect: &Dialect, mark: &str) -> usize {
    match dialect.delimiter {
        Delimiter::None => bytes.len(),
        Delimiter::Blanks(least) => {
            let mut at = from;
            while at < bytes.len() {
                if bytes[at] == b' ' && bytes[at..].iter().take_while(|b| **b == b' ').count() >= least {
                    return at;
                }
                at += 1;
            }
            bytes.len()
        }
        Delimiter::Mark(_) => {
            let first = mark.as_bytes()[0];
            let mut at = from;
            while let Some(hit) = memchr::memchr(first, &bytes[at.min(bytes.len())..]) {
                if bytes[at + hit..].starts_with(mark.as_bytes()) {
                    return at + hit;
                }
                at += hit + 1;
            }
            bytes.len()
        }
    }
}
