//! Signed ends of the chains, outside the database.
