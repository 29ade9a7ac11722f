//! An analysis as something to hand on: a self-contained page, a workbook and a PDF.
//!
//! Pure: a `domain::Analysis` goes in, bytes come out. It knows no server, browser, network or clock. Charts are facts
//! in `domain::chart`; [`chart`] turns them into pictures and tables, [`page`] and [`workbook`] place them.

pub mod chart;
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
}
