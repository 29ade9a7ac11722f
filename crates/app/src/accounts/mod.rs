//! People and programs before they are actors: passwords, sessions, second factors, one-time links, tokens, keys.
//!
//! Everything here answers alike for accounts that exist and accounts that do not: the same words, the same work, the
//! same time. [`Desk`] is what all of it stands on; [`who`] turns a proof into an actor.

mod desk;
pub mod links;
pub mod password;
pub mod second_factor;
pub mod secret;
pub mod sessions;
pub mod sign_in;
pub mod sign_up;
pub mod tokens;
pub mod who;

pub use desk::{Desk, DeskSettings, Visitor, email_key, plausible_email};
pub use who::{Known, Proof};
