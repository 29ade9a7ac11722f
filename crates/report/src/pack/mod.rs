//! Ready-made packs: what they say, once for paper and workbook, so that both say the same.
//!
//! A [`Pack`] is parts in order, each with its facts, sentences, picture and table. [`crate::pdf::parts`] prints it,
//! [`crate::workbook::parts`] puts each table on a sheet of its own, with numbers to reckon on with.

mod claims;
mod lateness;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod weekly;

use domain::{Analysis, Currency, analysis::Period, chart::Chart};

pub use claims::claims;
pub use lateness::lateness;
pub use weekly::weekly;

use crate::number;

/// A report as it is read. All words are English here; whoever writes it says them in the reader's language.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pack {
    pub title: String,
    /// What it is about, in pieces: period, what it is held against.
    pub subtitle: Vec<String>,
    pub currency: Option<Currency>,
    pub parts: Vec<Part>,
}

/// A part of a pack. One with a table has a sheet of its own in the workbook.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    /// Whether it begins a page.
    pub begins_page: bool,
    pub heading: String,
    /// What the numbers of its table are: period, unit, currency, how many. In pieces.
    pub caption: Vec<String>,
    pub facts: Vec<Fact>,
    pub lines: Vec<Line>,
    pub picture: Option<Chart>,
    pub table: Option<Table>,
    /// What is to be read under the table.
    pub note: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    pub label: String,
    pub value: Cell,
    pub note: String,
}

/// A sentence with its sign: `–` for what is seen, `?` for what would prove it wrong, `+` for what is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub sign: &'static str,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// What the rows add up to.
    pub total: Option<Vec<Cell>>,
    /// Rows that paper has; the workbook has all.
    pub printed: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub head: String,
    /// Share of the width on paper; 0 for columns that only the workbook has.
    pub share: f32,
    /// Whether it holds numbers, which stand to the right.
    pub number: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words of the customer.
    Own(String),
    /// Words of ours.
    Said(String),
    Count(u64),
    /// With so many decimals.
    Number(f64, usize),
    /// To the whole unit on paper, to the cent in the workbook.
    Money(f64),
    /// To the cent on paper too: prices.
    Cents(f64),
    Share(f64),
    /// Microseconds since 1970-01-01 on the plant's own clock.
    Day(i64),
    /// An ISO date.
    Date(String),
    Empty,
}

impl Cell {
    fn count(count: usize) -> Self {
        Self::Count(count as u64)
    }

    fn own(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Own(text.to_owned()) }
    }

    fn said(text: &str) -> Self {
        Self::Said(text.to_owned())
    }

    fn cents(amount: Option<f64>) -> Self {
        amount.map_or(Self::Empty, Self::Cents)
    }

    fn money(amount: Option<f64>) -> Self {
        amount.map_or(Self::Empty, Self::Money)
    }

    fn number(value: Option<f64>, digits: usize) -> Self {
        value.map_or(Self::Empty, |value| Self::Number(value, digits))
    }

    /// As it is read on paper, in English.
    pub(crate) fn shown(&self, currency: &Currency) -> String {
        match self {
            Self::Own(text) | Self::Said(text) => text.clone(),
            Self::Count(count) => number::count(*count),
            Self::Number(value, digits) => {
                let text = number::grouped(value.abs(), *digits);
                let is_zero = text.chars().all(|letter| matches!(letter, '0' | '.' | ','));
                if *value < 0.0 && !is_zero { format!("−{text}") } else { text }
            }
            Self::Money(amount) => number::money(*amount, currency),
            Self::Cents(amount) => number::cents(*amount, currency),
            Self::Share(share) => number::percent(*share, 1),
            Self::Day(micros) => number::day(*micros),
            Self::Date(iso) => number::date(iso),
            Self::Empty => "–".to_owned(),
        }
    }
}

impl Line {
    fn new(text: impl Into<String>) -> Self {
        Self { sign: "–", text: text.into() }
    }

    fn missing(text: &str) -> Self {
        Self { sign: "+", text: text.to_owned() }
    }

    fn doubt(text: &str) -> Self {
        Self { sign: "?", text: format!("What would prove us wrong: {text}") }
    }
}

fn fact(label: &str, value: Cell, note: impl Into<String>) -> Fact {
    Fact { label: label.to_owned(), value, note: note.into() }
}

fn text(head: &str, share: f32) -> Column {
    Column { head: head.to_owned(), share, number: false }
}

fn figure(head: &str, share: f32) -> Column {
    Column { head: head.to_owned(), share, number: true }
}

/// `2 Jan 2025 to 9 Feb 2025`.
fn span(period: &Period) -> String {
    format!("{} to {}", number::date(&period.start), number::date(&period.end))
}

/// The currency of a table, as it is said.
fn in_currency(currency: &Currency) -> String {
    if currency.is_stated() { format!("amounts in {currency}") } else { "currency not stated".to_owned() }
}

/// `1 order`, `12 orders`.
fn counted(n: u64, one: &str) -> String {
    format!("{} {one}{}", number::count(n), if n == 1 { "" } else { "s" })
}

/// `1 order is`, `12 orders are`.
fn counted_are(n: u64, one: &str, is: [&str; 2]) -> String {
    format!("{} {}", counted(n, one), is[usize::from(n != 1)])
}

/// What the data lack for it.
fn missing(sentences: &[String]) -> Option<Part> {
    (!sentences.is_empty()).then(|| Part {
        heading: "What the data lack for more".to_owned(),
        lines: sentences.iter().map(|text| Line::missing(text)).collect(),
        ..Part::default()
    })
}

/// The rows that the analysis rests on, in a sentence.
pub(crate) fn rows_used(analysis: &Analysis) -> String {
    let aside: u64 = analysis.rows.set_aside.iter().map(|item| item.rows).sum();
    format!(
        "{} of {} rows used, {} set aside. Data quality {} of 100.",
        number::count(analysis.rows.used),
        number::count(analysis.rows.read),
        number::count(aside),
        analysis.data_quality.score,
    )
}

fn data(analysis: &Analysis) -> Part {
    let lines = vec![Line::new(rows_used(analysis))];
    Part { heading: "The data behind it".to_owned(), lines, ..Part::default() }
}
