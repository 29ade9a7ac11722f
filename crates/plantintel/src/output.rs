//! The two streams of the program. A reader that closes the pipe early ends the program quietly.

use std::io::{self, Write};

use serde_json::Value;

use crate::failure::Failure;

/// One line on standard error.
pub(crate) fn message(text: &str) {
    // Nobody is left to tell when standard error itself is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Text on standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    finish(io::stdout().write_all(text.as_bytes()))
}

/// One line on standard output.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    print(&format!("{text}\n"))
}

/// One JSON document on standard output.
pub(crate) fn json(value: &Value) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?;
    text.push('\n');
    print(&text)
}

fn finish(outcome: io::Result<()>) -> Result<(), Failure> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
