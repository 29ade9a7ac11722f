//! What a language model says of columns that are left to a person: which of the meanings that were found it would look at first.
//!
//! Off until an administrator switches it on. It is told names, types and a few masked samples, and can do nothing but choose among the
//! meanings at hand; its choice is kept with the proposal, never makes a column sure, and a model that fails changes nothing.

mod answer;
mod question;

use std::time::Duration;

use clients::models::{Model, Request, Said};
use domain::{Mapping, TableProfile, TraceId};

use crate::{
    Backing, Caller, Error,
    models::{self, Chosen, Used},
    notices::Post,
    worker::Hold,
};

/// A table with what was proposed for it.
pub(super) struct Proposed<'a> {
    pub(super) profile: &'a TableProfile,
    pub(super) mapping: &'a mut Mapping,
}

/// Tables of an import that it is asked about, those with most columns undecided first.
const TABLES_MAX: usize = 4;
/// For all tables together: an import waits no longer for it.
const TIME_MAX: Duration = Duration::from_mins(1);

/// Puts the meaning that a model chose in front, where that is switched on and something is undecided.
pub(super) async fn ask(
    backing: &Backing,
    post: Option<&Post>,
    hold: &Hold,
    proposed: &mut [Proposed<'_>],
) -> Result<(), Error> {
    let Some(post) = post else { return Ok(()) };
    let mut open: Vec<(usize, usize)> = proposed
        .iter()
        .enumerate()
        .map(|(at, proposed)| (at, question::undecided(proposed.mapping).len()))
        .filter(|(_, count)| *count > 0)
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let claim = &hold.claim;
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let chosen = models::to_map(&post.models, &post.keys, &mut tx).await;
    tx.rollback().await?;
    let chosen = match chosen {
        Ok(Some(chosen)) => chosen,
        Ok(None) => return Ok(()),
        Err(error) => {
            tracing::warn!(%error, "the model that helps with columns cannot be used");
            return Ok(());
        }
    };
    hold.say("asking the model about columns that are undecided", 0.85);
    open.sort_by_key(|(at, count)| (std::cmp::Reverse(*count), *at));
    let trace = TraceId::parse(&claim.job.trace_id).unwrap_or_else(|| TraceId::new([1; 16]));
    let caller = Caller::new(claim.actor(), trace, None);
    let all = async {
        for (at, _) in open.into_iter().take(TABLES_MAX) {
            let Some(Proposed { profile, mapping }) = proposed.get_mut(at) else { continue };
            if !one(backing, &caller, &chosen, profile, mapping).await? {
                break;
            }
        }
        Ok(())
    };
    tokio::time::timeout(TIME_MAX, all).await.unwrap_or(Ok(()))
}

/// Asks about one table; false where asking about more is in vain.
async fn one(
    backing: &Backing,
    caller: &Caller,
    chosen: &Chosen,
    profile: &TableProfile,
    mapping: &mut Mapping,
) -> Result<bool, Error> {
    let request = question::about(profile, mapping);
    let Some(said) = said(backing, caller, chosen, &request).await? else { return Ok(false) };
    let choices = answer::choices(&said);
    let Model { name, .. } = &chosen.model;
    answer::take(mapping, &choices, name);
    Ok(true)
}

/// What the model says within the budget, and what it cost; none where it says nothing that could be used.
async fn said(
    backing: &Backing,
    caller: &Caller,
    chosen: &Chosen,
    request: &Request,
) -> Result<Option<Said>, Error> {
    let Some(reserved) = chosen.budget.reserve(backing, caller, request).await? else { return Ok(None) };
    let mut heard = 0;
    let ended = chosen.model.say(request, &mut |text| heard += text.len()).await;
    let used = match &ended {
        Ok(said) => Used::Said(said),
        Err(error) => Used::after(error, heard),
    };
    chosen.budget.settle(backing, caller, &reserved, used).await?;
    Ok(ended.inspect_err(|error| tracing::warn!(%error, "the model said nothing about columns")).ok())
}
