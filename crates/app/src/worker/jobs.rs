//! The kinds of jobs, each one call of a use case.

use store::{
    Tx,
    jobs::{Claim, Done},
};

use super::hold::Hold;
use crate::{
    Backing, Error,
    accounts::sign_up,
    analyses, datasets,
    notices::{Post, deliver, letters, tell},
    reports::make,
    sources::{pull, settle},
    your_data::{delete, export},
};

/// What this worker can do.
pub(super) const KINDS: &[&str] = &[
    datasets::read::KIND,
    analyses::run::KIND,
    store::notices::KIND,
    letters::KIND,
    deliver::KIND,
    pull::KIND,
    settle::KIND,
    export::KIND,
    delete::KIND,
    sign_up::KIND,
    make::KIND,
];

/// Runs a job to its effect. It commits its own end with its result; an error says why there is none.
pub(super) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    match hold.claim.job.kind.as_str() {
        datasets::read::KIND => datasets::read::perform(backing, post, hold).await,
        analyses::run::KIND => analyses::run::perform(backing, hold).await,
        store::notices::KIND => tell::perform(backing, post, hold).await,
        letters::KIND => letters::perform(backing, post, hold).await,
        deliver::KIND => deliver::perform(backing, post, hold).await,
        pull::KIND => pull::perform(backing, post, hold).await,
        settle::KIND => settle::perform(backing, hold).await,
        export::KIND => export::perform(backing, hold).await,
        delete::KIND => delete::perform(backing, post, hold).await,
        sign_up::KIND => sign_up::perform(backing, post, hold).await,
        make::KIND => make::perform(backing, post, hold).await,
        other => Err(Error::Input(format!("this program knows no job {other}"))),
    }
}

/// Removes what a job wrote that has ended without a result.
pub(super) async fn abandon(backing: &Backing, hold: &Hold) {
    let abandoned = match hold.claim.job.kind.as_str() {
        datasets::read::KIND => datasets::read::abandon(backing, hold).await,
        analyses::run::KIND => analyses::run::abandon(backing, hold).await,
        export::KIND => export::abandon(backing, hold).await,
        make::KIND => make::abandon(backing, hold).await,
        _ => Ok(()),
    };
    if let Err(error) = abandoned {
        tracing::warn!(%error, "what a job left could not be removed");
    }
}

/// Tells whoever asked for it that a job has ended without a result.
pub(super) async fn tell_failed(tx: &mut Tx, claim: &Claim, done: &Done) -> Result<(), store::Error> {
    let reason = match done {
        Done::Retry { reason } | Done::GiveUp { reason } => reason.as_str(),
        _ => "",
    };
    if claim.job.kind == analyses::run::KIND {
        analyses::run::tell_failed(tx, claim, reason).await?;
    }
    Ok(())
}
