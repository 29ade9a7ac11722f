//! The results that pages show, and what people decided about their findings.

use std::{collections::BTreeMap, sync::Arc};

use app::{
    Error, analyses,
    findings::{self, Narrow, Standing},
    members,
};
use domain::{
    Analysis,
    id::{AnalysisId, UserId},
};
use pages::{component::findings::Decision, page::finding::state::State};
use store::findings::status::Status;

use super::{kept::Kept, reader::Reader};
use crate::ServerState;

/// The result of a run, decoded once. The run is looked up every time: whether the reader may see it can change.
pub(super) async fn result(
    state: &ServerState,
    kept: &Kept,
    reader: &Reader,
    id: AnalysisId,
) -> Result<Arc<Analysis>, Error> {
    if let Some(known) = kept.result(id) {
        analyses::get(state.backing(), &reader.caller, id).await?;
        return Ok(known);
    }
    let analysis = Arc::new(analyses::result(state.backing(), &reader.caller, id).await?);
    kept.put(id, Arc::clone(&analysis));
    Ok(analysis)
}

/// The findings of a run with what people decided, all of them.
pub(super) async fn standings(
    state: &ServerState,
    reader: &Reader,
    id: AnalysisId,
) -> Result<Vec<Standing>, Error> {
    let narrow = Narrow { analysis: Some(id), ..Narrow::default() };
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = findings::list(state.backing(), &reader.caller, &narrow, after, store::LIMIT_MAX).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// Names of the members, by id.
pub(super) async fn names(state: &ServerState, reader: &Reader) -> Result<BTreeMap<UserId, String>, Error> {
    let members = members::list(&state.desk, &reader.caller).await?;
    Ok(members
        .into_iter()
        .map(|member| (member.user_id, if member.name.is_empty() { member.email } else { member.name }))
        .collect())
}

/// By the finding's own id, as pages want it.
pub(super) fn decisions(
    standings: &[Standing],
    names: &BTreeMap<UserId, String>,
) -> BTreeMap<String, Decision> {
    standings
        .iter()
        .map(|standing| {
            let owner =
                standing.status.owner_id.and_then(|owner| names.get(&owner)).cloned().unwrap_or_default();
            let id = findings::own_id(&standing.finding.key).to_owned();
            (id, Decision { state: state_of(standing.status.status), owner })
        })
        .collect()
}

pub(super) fn state_of(status: Status) -> State {
    State::named(status.name()).unwrap_or_default()
}

/// How many of the decisions are work under way, for the rail.
pub(super) fn open_work(decisions: &BTreeMap<String, Decision>) -> Option<u64> {
    let open = decisions
        .values()
        .filter(|decision| matches!(decision.state, State::Accepted | State::InProgress))
        .count();
    (open > 0).then_some(open as u64)
}
