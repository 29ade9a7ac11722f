//! Time as an argument: logic asks a clock, only the binary and the tests know which one.

use jiff::Timestamp;
use std::fmt::Debug;

/// Where the present instant comes from.
pub trait Clock: Debug + Send + Sync {
    /// The present instant, in UTC.
    fn now(&self) -> Timestamp;
}
