//! A payment provider that speaks Stripe's HTTP API, and the signed events that it sends.
//!
//! What is asked for is asked for by form, as Stripe wants it, with a bounded time and a bounded answer; the address can be
//! another one than Stripe's, so that tests and mirrors answer. [`event`] verifies and reads what comes in: a pure function
//! of the raw bytes, the header, the secrets and the time.

pub mod event;
mod shape;
mod stripe;
#[cfg(test)]
mod tests;

pub use shape::{Invoice, Line, Preview, Price, Subscription};
pub use stripe::{Checkout, Stripe};

/// Why the provider did not do what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings cannot be used.
    #[error("payments cannot be set up: {0}")]
    Unusable(String),
    /// It refused: what was asked for does not stand there, or the key may not ask for it.
    #[error("the payment provider refused with {status}: {code}")]
    Refused {
        /// The status of its answer.
        status: u16,
        /// Its code for the reason; never its words, which may hold what customers wrote.
        code: String,
    },
    /// It does not answer, or with nothing that can be read; trying again later may help.
    #[error("the payment provider does not answer: {0}")]
    Silent(String),
}
