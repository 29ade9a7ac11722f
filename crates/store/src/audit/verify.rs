//! Walking a chain.
