//! A clock that stands until a test moves it.

use domain::Clock;
use jiff::{SignedDuration, Timestamp};
use std::sync::Mutex;

/// A clock in the hands of a test.
#[derive(Debug)]
pub struct FakeClock {
    now: Mutex<Timestamp>,
}

impl FakeClock {
    /// A clock that shows this instant.
    pub fn at(now: Timestamp) -> Self {
        Self { now: Mutex::new(now) }
    }

    /// Moves it forward, or back.
    pub fn advance(&self, by: SignedDuration) {
        *self.now.lock().expect("a test panicked while it moved the clock") += by;
    }

    /// Sets it.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().expect("a test panicked while it moved the clock") = now;
    }
}

impl Default for FakeClock {
    /// Noon of an ordinary day.
    fn default() -> Self {
        Self::at("2026-03-11T12:00:00Z".parse().expect("a timestamp"))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().expect("a test panicked while it moved the clock")
    }
}
