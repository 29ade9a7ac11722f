//! Throw-away databases, a clock that tests move, and builders. Only for tests.
