//! Every query, migration, policy, queue row and audit row.
//!
//! Postgres is the only backend and row security the wall between organisations. Start at [`Store`]: `Store::begin(&actor)` gives
//! a [`Tx`] in which exactly one organisation can be seen, and everything an organisation owns is read and written by the free
//! functions of the resource modules over `&mut Tx`, with the verbs get, list, insert, update and delete. What comes before an
//! organisation is known goes through [`gate`], what the operator of the installation does through [`operator`], and the worker
//! claims jobs of all organisations through [`jobs`].
//!
//! Absence is `Ok(None)`, and another organisation's thing is absent. An update of nothing returns false, never success.
//! `docs/tenancy.md` says how the walls stand.

mod chores;
mod column;
mod connection;
mod disk;
mod error;
mod migrate;
mod page;
mod pools;
mod tx;
mod walls;

pub use connection::{Connection, LOGIN_ROLES};
pub use error::{Error, Result};
pub use migrate::{copy_database, create_database, migrate};
pub use page::{Cursor, LIMIT_MAX, Listing, NotACursor, Page};
pub use pools::{Limits, Store};
pub use tx::Tx;

// Before an organisation is known, and beside all of them.
pub mod gate;
pub mod operator;

// The organisation and its people.
pub mod api_keys;
pub mod facilities;
pub mod invitations;
pub mod members;
pub mod orgs;

// Its data and what was found in them.
pub mod analyses;
pub mod configurations;
pub mod conversations;
pub mod datasets;
pub mod files;
pub mod finding_views;
pub mod findings;
pub mod library;
pub mod opportunities;
pub mod profiles;

// The machinery.
pub mod audit;
pub mod backup;
pub mod idempotency;
pub mod inspect;
pub mod installation;
pub mod jobs;
pub mod models;
pub mod notices;
pub mod rates;
pub mod report_answers;
pub mod reports;
pub mod rule_templates;
pub mod shares;
pub mod sources;
pub mod usage;
pub mod webhooks;
pub mod your_data;
