//! The kinds of jobs, each one call of a use case.

use super::hold::Hold;
use crate::{Backing, Error, analyses, datasets};

/// What this worker can do.
pub(super) const KINDS: &[&str] = &[datasets::read::KIND, analyses::run::KIND];

/// Runs a job to its effect. It commits its own end with its result; an error says why there is none.
pub(super) async fn perform(backing: &Backing, hold: &Hold) -> Result<(), Error> {
    match hold.claim.job.kind.as_str() {
        datasets::read::KIND => datasets::read::perform(backing, hold).await,
        analyses::run::KIND => analyses::run::perform(backing, hold).await,
        other => Err(Error::Input(format!("this program knows no job {other}"))),
    }
}

/// Removes what a job wrote that has ended without a result.
pub(super) async fn abandon(backing: &Backing, hold: &Hold) {
    let abandoned = match hold.claim.job.kind.as_str() {
        datasets::read::KIND => datasets::read::abandon(backing, hold).await,
        analyses::run::KIND => analyses::run::abandon(backing, hold).await,
        _ => Ok(()),
    };
    if let Err(error) = abandoned {
        tracing::warn!(%error, "what a job left could not be removed");
    }
}
