//! Delimiter, quote and escape: what the majority of the rows supports.

use super::candidates;

/// What separates cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delimiter {
    /// Nothing: each line is one cell.
    None,
    /// One mark (of one or more characters) each time.
    Mark(String),
    /// Runs of at least so many blanks count as one.
    Blanks(usize),
}

/// How a quote can stand inside a quoted cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    Doubled,
    Backslash,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: Delimiter,
    /// `None` where no cell is quoted.
    pub quote: Option<u8>,
    pub escape: Escape,
    /// One blank follows each delimiter and belongs to it (`a, b`).
    pub space_after: bool,
    /// Cells are padded with blanks that do not belong to them (drawn tables).
    pub padded: bool,
    /// Each row starts and ends with the delimiter (`| a | b |`).
    pub framed: bool,
}

impl Dialect {
    pub fn rfc4180() -> Self {
        Self::with(",")
    }

    pub fn with(mark: &str) -> Self {
        Self {
            delimiter: Delimiter::Mark(mark.to_owned()),
            quote: Some(b'"'),
            escape: Escape::Doubled,
            space_after: false,
            padded: false,
            framed: false,
        }
    }

    pub fn one_column() -> Self {
        Self { delimiter: Delimiter::None, ..Self::rfc4180() }
    }

    /// The single byte that a fast scan can look for.
    pub fn mark_byte(&self) -> Option<u8> {
        match &self.delimiter {
            Delimiter::Mark(mark) if mark.len() == 1 => mark.bytes().next(),
            Delimiter::None => Some(b'\n'),
            _ => None,
        }
    }

    /// For people: `,`, `tab`, `2 or more blanks`.
    pub fn describe_delimiter(&self) -> Option<String> {
        match &self.delimiter {
            Delimiter::None => None,
            Delimiter::Mark(mark) if self.space_after => Some(format!("{mark} ")),
            Delimiter::Mark(mark) => Some(mark.clone()),
            Delimiter::Blanks(1) => Some("one or more blanks".to_owned()),
            Delimiter::Blanks(n) => Some(format!("{n} or more blanks")),
        }
    }
}

/// A dialect and how many cells the majority of the rows has in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub dialect: Dialect,
    pub width: usize,
    /// Score of the choice, from 0 to 1.
    pub score: f64,
}

/// The dialect of these lines (without line ends). `sep=` directives count as strong evidence.
pub fn find(lines: &[&str]) -> Found {
    let hint = lines.first().and_then(|line| directive(line));
    let body: Vec<&str> = if hint.is_some() { lines[1..].to_vec() } else { lines.to_vec() };
    let mut best = Found { dialect: Dialect::one_column(), width: 1, score: 0.0 };
    for dialect in candidates::of(&body, hint) {
        let (width, mut score) = candidates::score(&body, &dialect);
        if let (Some(hint), Delimiter::Mark(mark)) = (hint, &dialect.delimiter)
            && mark == hint
            && width > 1
        {
            score += 0.25;
        }
        if width > 1 && score > best.score + 1e-9 {
            best = Found { dialect, width, score };
        }
    }
    best
}

/// The delimiter that a line such as `sep=;` announces to spreadsheet programs.
pub fn directive(line: &str) -> Option<&str> {
    let line = line.trim_start_matches('\u{feff}');
    let line = line.strip_prefix('"').and_then(|l| l.strip_suffix('"')).unwrap_or(line);
    let rest =
        line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..))?;
    (rest.chars().count() == 1).then_some(rest)
}
