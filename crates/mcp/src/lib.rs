//! PlantIntel's tools for other programs, over the Model Context Protocol: their names, arguments and answers, and the two ways in,
//! standard input and HTTP. What a tool does, somebody else knows: [`Tools`].
//!
//! No tool acts beyond the one who calls: over HTTP that is the bearer of a key, on standard input the person whose terminal it is.

pub mod catalog;
mod far;
mod handler;
mod http;
mod person;
pub mod resource;
mod stdio;
mod tools;

pub use far::Installation;
pub use http::answer;
pub use stdio::serve;
pub use tools::{Ask, Call, Line, Open, Person, Refusal, Said, Tools};
