//! The store on a real Postgres.

mod begin;
