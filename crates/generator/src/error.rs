//! What can go wrong at the edge of the crate.

use std::io;

/// Why a plant could not be generated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("a plant needs at least {least} orders per facility, {orders} were asked for in {facilities}")]
    TooFewOrders { orders: u64, facilities: u32, least: u64 },
    #[error("{orders} orders are more than {most} per facility in {facilities}: ask for more facilities")]
    TooManyOrders { orders: u64, facilities: u32, most: u64 },
    #[error("a period of {weeks} weeks is outside {least} to {most}")]
    Period { weeks: u32, least: u32, most: u32 },
    #[error("an effect of {effect} is outside 0 (excluded) to 4")]
    Effect { effect: f64 },
    #[error("unknown problem {name:?}: known are {known}")]
    UnknownProblem { name: String, known: String },
    #[error("unknown style {name:?}: known are {known}")]
    UnknownStyle { name: String, known: String },
    #[error("the layout data of the crate names an unknown {what} {name:?}")]
    Layout { what: &'static str, name: String },
    #[error("cannot write {file}")]
    Write { file: String, source: io::Error },
    #[error("cannot write truth.json")]
    Truth(#[from] serde_json::Error),
    #[error(
        "{problem} can not be cured in week {week}: it has no day on which it ends, or the plant ends before"
    )]
    Improvement { problem: &'static str, week: u32 },
}
