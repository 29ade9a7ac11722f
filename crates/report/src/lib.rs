//! An analysis as something to hand on: a self-contained page, a workbook and a PDF.
//!
//! Pure: a `domain::Analysis` goes in, bytes come out. It knows no server, browser, network or clock. Charts are facts
//! in `domain::chart`; [`chart`] turns them into pictures and tables, [`page`] and [`workbook`] place them. [`pack`] says
//! what ready-made packs say, for paper and workbook alike.

pub mod chart;
pub mod pack;
pub mod page;
pub mod pdf;
#[cfg(test)]
mod sample;
pub mod workbook;

pub use domain::number;
pub use translation::Tongue;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("the chart \"{title}\" could not be drawn: {reason}")]
    Chart { title: String, reason: String },
    #[error("the page could not be filled: {0}")]
    Page(#[from] askama::Error),
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
}

/// What a report says about itself besides the analysis.
#[derive(Debug, Clone, Default)]
pub struct Caption {
    /// Names of the files analyzed.
    pub files: Vec<String>,
    /// Settings the analysis ran with, in words.
    pub settings: String,
    /// Level of the intervals, 0 to 1.
    pub confidence_level: f64,
    /// Answers of the assistant that somebody put into the report.
    pub answers: Vec<Quote>,
}

/// A question with its answer, as it was given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quote {
    pub question: String,
    /// Of question and answer, as in `de`.
    pub language: String,
    /// Which model answered, in words; empty for none.
    pub by: String,
    /// Sentences, each a paragraph.
    pub text: Vec<String>,
    pub heads: Vec<String>,
    pub rows: Vec<Vec<QuoteCell>>,
    /// Limits of the data, assumptions.
    pub notes: Vec<String>,
    /// Look-ups with the rows that they read.
    pub queries: Vec<String>,
    /// Rows and findings that it rests on.
    pub rests_on: Vec<String>,
}

/// A cell of a quoted table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QuoteCell {
    pub shown: String,
    /// What is shown, where it is a number: a workbook reckons on with it. Shares are 0 to 1.
    pub number: Option<f64>,
    pub percent: bool,
}

impl Quote {
    /// What it rests on, one line each: look-ups, rows.
    pub(crate) fn grounds(&self) -> Vec<String> {
        let mut grounds: Vec<String> =
            self.queries.iter().map(|query| format!("Looked up {query}")).collect();
        if !self.rests_on.is_empty() {
            grounds.push(format!("Rests on {}", self.rests_on.join(", ")));
        }
        grounds
    }
}
