//! Every query, migration, policy, queue row and audit row.
