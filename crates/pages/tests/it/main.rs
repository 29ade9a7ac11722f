//! What holds for every page: rendered from its samples, as it would be sent.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

mod axe;
mod contrast;
mod markup;
mod tongues;
mod weight;
