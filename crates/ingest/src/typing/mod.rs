//! The type of a column by the evidence of all its rows.
