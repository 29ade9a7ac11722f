//! Findings, the rows they rest on, and what people decide about them.

pub mod calibration;
pub mod views;

use std::cmp::Reverse;

use domain::{
    Role,
    analysis::EntityRef,
    id::{AnalysisId, FindingId, UserId},
    review::FindingOrder,
};
use jiff::civil::Date;
use ontology::FieldId;
use rust_decimal::Decimal;
use store::{
    Page, Tx,
    findings::{
        self, Evidence, Filter, Finding, Sighting,
        status::{self, FindingStatus, Status, StatusChange, StatusForm},
    },
    members,
    opportunities::{self, NewOpportunity, Opportunity},
};

use crate::{
    Backing, Caller, Error,
    analyses::{self, over_time::OverTime},
    deed,
};

/// A finding and where it stands with the people.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub finding: Finding,
    pub status: FindingStatus,
}

/// What a list is narrowed to, and how it is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrow {
    /// `None`: the newest complete analysis.
    pub analysis: Option<AnalysisId>,
    pub type_: Option<String>,
    /// A field and its value.
    pub entity: Option<(String, String)>,
    pub grade: Option<String>,
    pub status: Option<Status>,
    pub priority_min: Option<i16>,
    pub order: FindingOrder,
}

impl Default for Narrow {
    fn default() -> Self {
        Self {
            analysis: None,
            type_: None,
            entity: None,
            grade: None,
            status: None,
            priority_min: None,
            // As an analysis lists them.
            order: FindingOrder::Priority,
        }
    }
}

/// A page of findings, and after which place the next one begins.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingPage {
    pub analysis: Option<AnalysisId>,
    pub items: Vec<Standing>,
    pub next: Option<i64>,
}

/// The findings of an analysis in their order.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    narrow: &Narrow,
    after: Option<i64>,
    limit: u32,
) -> Result<FindingPage, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = match narrow.analysis {
        Some(id) => {
            let analysis = store::analyses::get(&mut tx, id).await?.ok_or(Error::NotFound("analysis"))?;
            crate::analyses::may_see(caller, &analysis)?;
            Some(analysis.id)
        }
        None => newest(&mut tx).await?,
    };
    let Some(analysis) = analysis else {
        return Ok(FindingPage { analysis: None, items: Vec::new(), next: None });
    };
    let limit = limit.clamp(1, store::LIMIT_MAX) as usize;
    let listed = narrow.order == FindingOrder::Priority;
    let mut filter = Filter {
        type_: narrow.type_.clone(),
        entity: narrow.entity.clone(),
        after_position: after.filter(|_| listed),
    };
    let mut items = Vec::new();
    loop {
        let found = findings::list(&mut tx, analysis, &filter, store::LIMIT_MAX).await?;
        let whole = found.len() == store::LIMIT_MAX as usize;
        filter.after_position = found.last().map(|finding| finding.position);
        let found = reviewed(&mut tx, analysis, found).await?;
        items.extend(standings(&mut tx, found).await?);
        if listed {
            items.retain(|standing| narrow.takes(standing));
        }
        if (listed && items.len() > limit) || !whole {
            break;
        }
    }
    if !listed {
        items = ordered(items, narrow.order);
        // The last of the page before keeps its place, whatever has been decided about it since.
        let begin = items.iter().position(|standing| Some(standing.finding.position) == after);
        items.drain(..begin.map_or(0, |at| at + 1));
        items.retain(|standing| narrow.takes(standing));
    }
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(|standing| standing.finding.position) } else { None };
    Ok(FindingPage { analysis: Some(analysis), items, next })
}

/// Those that come in the order of priority, in another one.
fn ordered(mut items: Vec<Standing>, order: FindingOrder) -> Vec<Standing> {
    if order == FindingOrder::Money {
        items.sort_by_key(|standing| Reverse(standing.finding.annualized));
    } else {
        items.sort_by_cached_key(|Standing { finding, .. }| {
            let start = finding.start_on.map(|day| day.to_string());
            Reverse(order.weight(start.as_deref(), &finding.grade, i64::from(finding.priority)))
        });
    }
    items
}

impl Narrow {
    fn takes(&self, standing: &Standing) -> bool {
        self.grade.as_ref().is_none_or(|grade| *grade == standing.finding.grade)
            && self.status.is_none_or(|status| status == standing.status.status)
            && self.priority_min.is_none_or(|least| standing.finding.priority >= least)
    }
}

async fn newest(tx: &mut Tx) -> Result<Option<AnalysisId>, Error> {
    let complete = store::analyses::Filter {
        state: Some(store::analyses::AnalysisState::Completed),
        ..store::analyses::Filter::default()
    };
    let listing = store::analyses::list(tx, complete, Page::first(1)).await?;
    Ok(listing.items.first().map(|analysis| analysis.id))
}

async fn standings(tx: &mut Tx, found: Vec<Finding>) -> Result<Vec<Standing>, Error> {
    let keys: Vec<String> = found.iter().map(|finding| finding.key.clone()).collect();
    let statuses = status::list_by_keys(tx, &keys).await?;
    let mut standings = Vec::new();
    for finding in found {
        let status = statuses
            .iter()
            .find(|status| status.key == finding.key)
            .cloned()
            .ok_or_else(|| Error::Work(format!("finding {} has no status", finding.id)))?;
        standings.push(Standing { finding, status });
    }
    Ok(standings)
}

/// One finding.
pub async fn get(backing: &Backing, caller: &Caller, id: FindingId) -> Result<Standing, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, caller, id).await
}

/// The rows of the customer's files that a finding rests on.
pub async fn evidence(
    backing: &Backing,
    caller: &Caller,
    id: FindingId,
    from: i64,
    limit: u32,
) -> Result<Vec<Evidence>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let standing = present(&mut tx, caller, id).await?;
    Ok(findings::evidence(&mut tx, standing.finding.id, from, limit).await?)
}

/// The runs that made a finding, newest first.
pub async fn sightings(backing: &Backing, caller: &Caller, id: FindingId) -> Result<Vec<Sighting>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let standing = present(&mut tx, caller, id).await?;
    Ok(findings::sightings(&mut tx, &standing.finding.key).await?)
}

/// The runs that made a finding, newest first, and what the newest of them says of it over time.
pub async fn over_time(
    backing: &Backing,
    caller: &Caller,
    id: FindingId,
) -> Result<(Vec<Sighting>, OverTime), Error> {
    let seen = sightings(backing, caller, id).await?;
    let standing = get(backing, caller, id).await?;
    let over_time = analyses::over_time::over_time(backing, caller, standing.finding.analysis_id).await?;
    Ok((seen, over_time))
}

/// The id that a finding has in its analysis: its key without the plant.
pub fn own_id(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// What a finding is about.
pub fn entities(finding: &Finding) -> Vec<EntityRef> {
    let stored = finding.document["entities"].as_array().into_iter().flatten();
    stored
        .filter_map(|entity| {
            let field = FieldId::named(entity["field"].as_str()?)?;
            Some(EntityRef { field, value: entity["value"].as_str()?.to_owned() })
        })
        .collect()
}

/// How a finding came to where it stands, newest first.
pub async fn history(backing: &Backing, caller: &Caller, id: FindingId) -> Result<Vec<StatusChange>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let standing = present(&mut tx, caller, id).await?;
    Ok(status::history(&mut tx, &standing.finding.key).await?)
}

/// What somebody decides about a finding; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    pub status: Option<Status>,
    /// `Some(None)` takes the owner away.
    pub owner: Option<Option<UserId>>,
    pub due_on: Option<Option<Date>>,
    pub reason: Option<String>,
    /// What was had, as measured.
    pub captured: Option<Option<Decimal>>,
    /// The day on which something was done, from which on later uploads measure the saving. Without one, the day on which
    /// the finding is said to be done.
    pub acted_on: Option<Option<Date>>,
    /// Notes on the saving.
    pub notes: Option<String>,
}

/// Decides about a finding; with a `version`, only if nobody did since.
pub async fn decide(
    backing: &Backing,
    caller: &Caller,
    id: FindingId,
    version: Option<i64>,
    decision: &Decision,
) -> Result<Standing, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let Standing { finding, status: before } = present(&mut tx, caller, id).await?;
    let status = decision.status.unwrap_or(before.status);
    let reason = decision.reason.as_deref().map_or(before.reason.as_str(), str::trim);
    if reason.chars().count() > 2_000 {
        return Err(Error::invalid("reason", "write up to 2000 characters"));
    }
    let needs_reason = matches!(status, Status::Dismissed | Status::NotConfirmed);
    if needs_reason && reason.is_empty() {
        return Err(Error::invalid("reason", "say why, so that others need not look into it again"));
    }
    let owner = decision.owner.unwrap_or(before.owner_id);
    if let Some(owner) = owner
        && members::get(&mut tx, owner).await?.is_none()
    {
        return Err(Error::invalid("owner_id", "there is no such member"));
    }
    let form = StatusForm {
        status,
        owner,
        due_on: decision.due_on.unwrap_or(before.due_on),
        reason,
        captured: decision.captured.unwrap_or(before.captured),
    };
    let changed = status::update(&mut tx, &finding.key, version.unwrap_or(before.version), &form)
        .await?
        .ok_or(Error::Stale("finding"))?;
    follow(backing, &mut tx, &finding, status, decision).await?;
    let event = deed::done(caller, "finding.decide", "finding", id).detail("status", status.name());
    deed::commit(tx, caller, event).await?;
    Ok(Standing { finding, status: changed })
}

/// An accepted finding becomes an opportunity: what was promised is kept, and what is done about it.
async fn follow(
    backing: &Backing,
    tx: &mut Tx,
    finding: &Finding,
    status: Status,
    decision: &Decision,
) -> Result<(), Error> {
    if decision.notes.as_ref().is_some_and(|notes| notes.chars().count() > 4_000) {
        return Err(Error::invalid("notes", "write up to 4000 characters"));
    }
    if matches!(status, Status::Accepted | Status::InProgress | Status::Done) {
        let analysis = store::analyses::get(tx, finding.analysis_id).await?;
        let scale = match (finding.impact, finding.annualized) {
            (Some(impact), Some(annualized)) if !impact.is_zero() => annualized / impact,
            _ => Decimal::ONE,
        };
        let new = NewOpportunity {
            key: &finding.key,
            facility: analysis.and_then(|analysis| analysis.facility_id),
            title: &finding.title,
            type_: &finding.type_,
            entities: &finding.document["entities"],
            problem_since: finding.start_on,
            currency: finding.currency.as_deref(),
            promised: finding.addressable.map(|amount| (amount * scale).round_dp(2)),
        };
        opportunities::insert(tx, &new).await?;
    }
    let Some(known) = opportunities::get(tx, &finding.key).await? else { return Ok(()) };
    let today = jiff::tz::Offset::UTC.to_datetime(backing.clock.now()).date();
    let acted_on = match decision.acted_on {
        Some(acted_on) => acted_on,
        None if status == Status::Done => known.acted_on.or(Some(today)),
        None => known.acted_on,
    };
    let notes = decision.notes.as_deref().map_or(known.notes.as_str(), str::trim);
    opportunities::update(tx, &finding.key, acted_on, notes).await?;
    Ok(())
}

/// The opportunity that a finding became, where it was accepted.
pub async fn opportunity(
    backing: &Backing,
    caller: &Caller,
    id: FindingId,
) -> Result<Option<Opportunity>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let standing = present(&mut tx, caller, id).await?;
    Ok(opportunities::get(&mut tx, &standing.finding.key).await?)
}

/// All findings of an analysis as computed, for a reviewer.
pub(crate) async fn all(tx: &mut Tx, analysis: AnalysisId) -> Result<Vec<Finding>, Error> {
    let mut all: Vec<Finding> = Vec::new();
    loop {
        let after_position = all.last().map(|finding| finding.position);
        let filter = Filter { type_: None, entity: None, after_position };
        let found = findings::list(tx, analysis, &filter, store::LIMIT_MAX).await?;
        let more = found.len() == store::LIMIT_MAX as usize;
        all.extend(found);
        if !more {
            return Ok(all);
        }
    }
}

/// The findings as a reviewer left them.
async fn reviewed(tx: &mut Tx, analysis: AnalysisId, mut found: Vec<Finding>) -> Result<Vec<Finding>, Error> {
    let edits = store::analyses::reviews::edits(tx, analysis).await?;
    if edits.is_empty() {
        return Ok(found);
    }
    found.retain(|finding| !edits.iter().any(|edit| edit.hidden && edit.key == finding.key));
    for finding in &mut found {
        if let Some(edit) = edits.iter().find(|edit| edit.key == finding.key && !edit.title.is_empty()) {
            edit.title.clone_into(&mut finding.title);
        }
    }
    Ok(found)
}

async fn present(tx: &mut Tx, caller: &Caller, id: FindingId) -> Result<Standing, Error> {
    let missing = || Error::NotFound("finding");
    let finding = findings::get(tx, id).await?.ok_or_else(missing)?;
    let analysis = store::analyses::get(tx, finding.analysis_id).await?.ok_or_else(missing)?;
    crate::analyses::may_see(caller, &analysis)?;
    let finding = reviewed(tx, analysis.id, vec![finding]).await?.pop().ok_or_else(missing)?;
    standings(tx, vec![finding]).await?.pop().ok_or(Error::NotFound("finding"))
}
