//! analyzers
