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
