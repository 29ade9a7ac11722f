//! The clock of the machine: the one place that reads it for the service.

use domain::Clock;
use jiff::Timestamp;

/// The machine's clock.
#[derive(Debug)]
pub(super) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the binary reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
