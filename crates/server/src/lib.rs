//! HTTP: the API as JSON, the pages, who is asking, and what went wrong.
//!
//! A request passes the middleware (trace, headers, limits, who is asking, audit), reaches a handler in [`api`] or
//! [`web`] that reads it, calls one use case of `app` and shapes the answer. Start at [`router`], which lists everything
//! that can be asked for; whatever is not in its short list of open routes needs a signed-in caller.

pub mod api;
mod boxed;
pub mod etag;
pub mod extract;
mod health;
pub mod limit;
pub mod measure;
pub mod origins;
pub mod pace;
pub mod problem;
pub mod router;
pub mod serve;
pub mod shield;
pub mod state;
mod telling;
pub mod trace;
pub mod web;
pub mod who;

pub use problem::Problem;
pub use state::{ServerSettings, ServerState};
