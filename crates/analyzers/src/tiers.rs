//! What the data allow: the tier, and the fields that are missing for more.
