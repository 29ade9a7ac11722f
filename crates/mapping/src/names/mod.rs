//! From headers to concepts: spelling, pieces, prefixes, words of nine languages and their abbreviations.

mod bounds;
mod fold;
mod joined;
mod pieces;
mod prefix;
mod reading;
mod stated_unit;
mod typed;

pub use fold::compact;
pub(crate) use fold::is_ideograph;
pub(crate) use pieces::pieces;
pub(crate) use prefix::{alias_of, aliases, shared_prefix, shared_suffix};
pub(crate) use reading::{Name, read_headers};
pub(crate) use stated_unit::{cut as without_unit, stated_unit};
