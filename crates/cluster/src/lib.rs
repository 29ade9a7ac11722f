//! A private Postgres of the installation: found, made, started, re-attached.
