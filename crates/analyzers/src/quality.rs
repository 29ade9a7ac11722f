//! How far the data can be trusted, with the rows that say so.
