//! Progress on standard error, and only where a person looks at it.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(200);

/// A line that says what is being done; invisible where standard error is no terminal.
pub(crate) struct Steps(ProgressBar);

impl Steps {
    pub(crate) fn start() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>4} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// Clears the line while somebody is being asked.
    pub(crate) fn pause(&self) {
        self.0.disable_steady_tick();
        self.0.finish_and_clear();
    }

    pub(crate) fn say(&self, what: &str) {
        if self.0.is_finished() {
            self.0.reset();
            self.0.enable_steady_tick(TICK);
        }
        self.0.set_message(what.to_owned());
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
