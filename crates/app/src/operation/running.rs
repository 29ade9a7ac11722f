//! What runs, what is used, what is allowed, and what everybody is told.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use store::{
    audit::{self, Event, Outcome},
    jobs::{JobState, Queue},
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

/// Whether a part of the installation does its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub part: &'static str,
    pub says: String,
    pub good: bool,
}

/// How the installation is.
#[derive(Debug)]
pub struct Health {
    pub checks: Vec<Check>,
    pub queues: Vec<Queue>,
}

/// How long a job may wait before somebody should look whether a worker runs.
const LONG_WAIT_SECONDS: f64 = 60.0;

/// How the installation is.
pub async fn health(desk: &Desk, caller: &Caller) -> Result<Health, Error> {
    // Asks whether the caller may see it, as every look of an operator's does.
    drop(begin(desk, caller).await?);
    let store = &desk.backing.store;
    let queues = store.queue_depth().await?;
    let waits = queues
        .iter()
        .filter(|one| one.state == JobState::Queued.name())
        .map(|one| one.oldest_seconds)
        .fold(0.0, f64::max);
    let check = |part, good: bool, yes: &str, no: &str| Check {
        part,
        says: if good { yes } else { no }.to_owned(),
        good,
    };
    let idle = format!("the oldest has waited {waits:.0} s; is a worker running?");
    let address = &desk.settings.public_address;
    let pays =
        check("Payments", desk.payments.is_some(), "a provider is set", "no provider; plans are set here");
    let checks = vec![
        check("Database", store.ping().await.is_ok(), "answers", "does not answer"),
        check("Jobs", waits <= LONG_WAIT_SECONDS, "go on", &idle),
        check(
            "Mail",
            desk.mailer.is_some(),
            "a server is set",
            "no server is set, so that no letters go out",
        ),
        // Doing without a provider is a choice.
        Check { good: true, ..pays },
        check("Address", address.starts_with("https://"), address, "people come without TLS"),
        Check { part: "Program", says: format!("version {}", env!("CARGO_PKG_VERSION")), good: true },
    ];
    Ok(Health { checks, queues })
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
