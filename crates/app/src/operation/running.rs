//! What runs, what is used, what is allowed, and what everybody is told.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use store::{
    audit::{self, Event, Outcome},
    jobs::JobState,
    operator::{
        plans::{self, Plan},
        running::{self, Announcement, OperatedJob, OperatedUsage},
    },
    usage::period_of,
};
use uuid::Uuid;

use super::begin;
use crate::{Caller, Error, accounts::Desk};

/// Jobs of all organisations, newest first; of one state only, if asked.
pub async fn jobs(desk: &Desk, caller: &Caller, state: Option<JobState>) -> Result<Vec<OperatedJob>, Error> {
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "list of jobs", &caller.trace.to_string()).await?;
    let found = running::jobs(&mut tx, state, 200).await?;
    tx.commit().await?;
    Ok(found)
}

/// What everybody used this month.
pub async fn usage(desk: &Desk, caller: &Caller) -> Result<Vec<OperatedUsage>, Error> {
    let month = period_of(desk.backing.clock.now());
    let from = TimeZone::UTC.to_timestamp(month.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "use of all organisations", &caller.trace.to_string()).await?;
    let found = running::usage(&mut tx, month, from).await?;
    tx.commit().await?;
    Ok(found)
}

/// All plans.
pub async fn list_plans(desk: &Desk, caller: &Caller) -> Result<Vec<Plan>, Error> {
    let mut tx = begin(desk, caller).await?;
    Ok(plans::list(&mut tx).await?)
}

/// Makes a plan or changes its limits; they hold for everybody who has it from the next request on.
pub async fn put_plan(desk: &Desk, caller: &Caller, plan: &Plan) -> Result<(), Error> {
    let named = !plan.plan.is_empty()
        && plan.plan.len() <= 40
        && plan.plan.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if !named {
        return Err(Error::invalid("plan", "name it in up to 40 small letters and underscores"));
    }
    let limits =
        [plan.uploads, plan.rows, plan.analyses, plan.chat_messages, plan.ai_tokens, plan.mapping_profiles];
    if limits.into_iter().flatten().any(|limit| limit < 0) || plan.position < 0 {
        return Err(Error::invalid("limits", "give 0 or more, or nothing for no limit"));
    }
    if plan.plan == "unlimited" && limits.iter().any(Option::is_some) {
        return Err(Error::invalid("plan", "unlimited stays without limits; make another plan"));
    }
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "limits of a plan", &caller.trace.to_string()).await?;
    plans::put(&mut tx, plan).await?;
    let event = Event::new("plan.put", Outcome::Done)
        .by_operator(tx.operator().user)
        .on("plan", &plan.plan)
        .traced(caller.trace.to_string());
    audit::record(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// What was said to everybody.
pub async fn announcements(desk: &Desk, caller: &Caller) -> Result<Vec<Announcement>, Error> {
    let mut tx = begin(desk, caller).await?;
    Ok(running::announcements(&mut tx).await?)
}

/// Says something to everybody, for so many days.
pub async fn announce(desk: &Desk, caller: &Caller, title: &str, body: &str, days: i64) -> Result<(), Error> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > 200 {
        return Err(Error::invalid("title", "write 1 to 200 characters"));
    }
    if !(1..=365).contains(&days) {
        return Err(Error::invalid("days", "give 1 to 365 days"));
    }
    let until = desk.backing.clock.now() + SignedDuration::from_hours(24 * days);
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "announcement", &caller.trace.to_string()).await?;
    let id = Uuid::now_v7();
    running::announce(&mut tx, id, title, body.trim(), until).await?;
    record(&mut tx, caller, "announcement.create", id).await?;
    Ok(tx.commit().await?)
}

/// Takes back what was said.
pub async fn withdraw(desk: &Desk, caller: &Caller, id: Uuid) -> Result<(), Error> {
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "announcement", &caller.trace.to_string()).await?;
    if !running::withdraw(&mut tx, id).await? {
        return Err(Error::NotFound("announcement"));
    }
    record(&mut tx, caller, "announcement.delete", id).await?;
    Ok(tx.commit().await?)
}

async fn record(
    tx: &mut store::operator::OperatorTx,
    caller: &Caller,
    action: &str,
    id: Uuid,
) -> Result<(), Error> {
    let event = Event::new(action, Outcome::Done)
        .by_operator(tx.operator().user)
        .on("announcement", id)
        .traced(caller.trace.to_string());
    audit::record(tx, &event).await?;
    Ok(())
}
