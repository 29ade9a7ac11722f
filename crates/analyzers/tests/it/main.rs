//! Canonical tables, key figures and data quality, on small hand-made files and on real exports.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail loudly and say what it skipped"
)]

mod cases;
mod defect_figures;
mod detail;
mod equipment_figures;
mod findings;
mod kit;
mod plants;
mod poor_data;
mod production_log;
mod union;
