//! The assistant: a question in English, German or Spanish becomes a typed intent, an intent becomes calls of tools, and what the
//! tools give becomes an answer in the language of the question. [`model`] holds what a language model is told and may say.
//!
//! It holds no connection and knows no database, HTTP, clock or tenant: it says which tool it wants, and `app` calls it. It
//! states no number that no tool gave it, and [`numbers`] checks that, for what a model wrote as for what this crate words.
//!
//! What it knows of words lies in `data/`, as rows that people can review. Start at [`understand`], then [`plan`] and
//! [`word`].

pub mod language;
pub mod text;

mod grammar;
mod lexicon;
mod spelling;
mod when;

pub mod catalog;
pub mod intent;
pub mod understand;
pub mod values;

pub mod plan;
pub mod tool;

pub mod claims;
pub mod model;
pub mod number;
pub mod numbers;
pub mod suggest;
pub mod word;

pub use catalog::Catalog;
pub use intent::Intent;
pub use language::Language;
pub use lexicon::{Dimension, Metric, dimensions, metrics};
pub use understand::{Understood, understand};
