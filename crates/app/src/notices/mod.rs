//! Telling people and their programs what happened. A notice is raised in the transaction of the deed that it is about
//! (`store::notices::raise`); a job of its own decides who wants to know ([`tell`]) and asks for a letter ([`letters`]) or a
//! message ([`deliver`]) for each, and each of those is a job again: what one receiver does holds up no other.

pub(crate) mod deliver;
pub(crate) mod letters;
pub(crate) mod tell;
pub(crate) mod weekly;
pub mod wishes;

use std::{path::PathBuf, sync::Arc};

use clients::{hooks::Hooks, mail::Mailer};

use domain::Role;
use store::notices::{self, Notice};

use crate::{Backing, Caller, Error, accounts::secret::Keys, deed, models::Offers};

/// What the worker needs to reach people.
#[derive(Debug, Clone)]
pub struct Post {
    /// Who takes letters; without one none go out.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Who takes messages to programs.
    pub hooks: Hooks,
    /// Keys that letters and secrets are sealed with.
    pub keys: Keys,
    /// What the installation knows of language models.
    pub models: Offers,
    /// The folder below which each organisation has one that is watched.
    pub watched_folder: Option<PathBuf>,
    /// The address that letters link to, without a slash at its end.
    pub public_address: String,
}

/// The kinds of things that programs can be told.
pub const TYPES: [&str; 9] = [
    "analysis.completed",
    "analysis.failed",
    "billing.payment_failed",
    "billing.plan_changed",
    "finding.large",
    "limit.near",
    "limit.reached",
    "review.published",
    "source.waiting",
];

/// What the organisation was told lately, newest first.
pub async fn list(backing: &Backing, caller: &Caller) -> Result<Vec<Notice>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(notices::list(&mut tx, 50).await?)
}
