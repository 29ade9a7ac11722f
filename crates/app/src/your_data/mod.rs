//! What an organisation owns: taken along as one archive, kept for as long as it says, or deleted with proof.

pub(crate) mod delete;
pub(crate) mod export;

use clients::blobs::{Body, Key, Kind};
use domain::{
    Role,
    actor::Means,
    id::{JobId, OrgId},
};
use jiff::Span;
use serde_json::json;
use store::{
    Tx,
    audit::{self, Event, Outcome},
    gate,
    jobs::{self, Job, JobState, NewJob},
    orgs::{self, OrgState},
    your_data,
};
use uuid::Uuid;

use crate::{Backing, Caller, Error, accounts::Desk, datasets, deed};

/// Asks for the archive of everything. One is made at a time; the newest is kept.
pub async fn export(backing: &Backing, caller: &Caller) -> Result<JobId, Error> {
    caller.require(Role::Owner)?;
    let mut tx = deed::begin(backing, caller).await?;
    let trace = caller.trace.to_string();
    let mut job = NewJob::new(JobId(Uuid::now_v7()), export::KIND, json!({}));
    job.unique_key = Some("export");
    job.trace_id = &trace;
    let id = jobs::enqueue(&mut tx, &job).await?;
    deed::commit(tx, caller, deed::done(caller, "org.export", "job", id)).await?;
    Ok(id)
}

/// The archives that were asked for, newest first.
pub async fn exports(backing: &Backing, caller: &Caller) -> Result<Vec<Job>, Error> {
    caller.require(Role::Owner)?;
    let mut tx = deed::begin(backing, caller).await?;
    let all = jobs::list_of_kind(&mut tx, export::KIND, 20).await?;
    Ok(all)
}

/// One archive that was asked for.
pub async fn exported(backing: &Backing, caller: &Caller, id: JobId) -> Result<Job, Error> {
    caller.require(Role::Owner)?;
    let mut tx = deed::begin(backing, caller).await?;
    export_job(&mut tx, id).await
}

async fn export_job(tx: &mut Tx, id: JobId) -> Result<Job, Error> {
    let job = jobs::get(tx, id).await?.filter(|job| job.kind == export::KIND);
    job.ok_or(Error::NotFound("archive"))
}

/// The bytes of an archive.
pub async fn archive(backing: &Backing, caller: &Caller, id: JobId) -> Result<Body, Error> {
    caller.require(Role::Owner)?;
    let mut tx = deed::begin(backing, caller).await?;
    let job = export_job(&mut tx, id).await?;
    if job.state != JobState::Completed {
        return Err(Error::Conflict(format!("the archive is {}", job.state.name())));
    }
    let body = backing.blobs.read(&Key::new(caller.actor.org, Kind::Export, id.0)).await;
    let body = body.map_err(|_| Error::Conflict("this archive was replaced by a newer one".to_owned()))?;
    deed::commit(tx, caller, deed::done(caller, "org.export_download", "job", id)).await?;
    Ok(body)
}

/// After how many months uploads go by themselves; none keeps them.
pub async fn keep(backing: &Backing, caller: &Caller, months: Option<i64>) -> Result<(), Error> {
    caller.require(Role::Owner)?;
    if months.is_some_and(|months| !(1..=600).contains(&months)) {
        return Err(Error::invalid("months", "give 1 to 600 months, or nothing to keep them"));
    }
    let mut tx = deed::begin(backing, caller).await?;
    your_data::set_keep_months(&mut tx, months).await?;
    let event = deed::done(caller, "org.retention", "org", caller.actor.org).detail("months", months);
    deed::commit(tx, caller, event).await
}

/// Lets go of uploads that are older than their organisation keeps them; how many went.
pub(crate) async fn let_go(backing: &Backing, org: OrgId) -> Result<usize, Error> {
    let actor = domain::Actor { org, role: Role::Owner, means: Means::Job { job: JobId(Uuid::nil()) } };
    let mut tx = backing.store.begin(&actor).await?;
    let Some(months) = orgs::get(&mut tx).await?.and_then(|org| org.keep_months) else { return Ok(0) };
    let utc = jiff::tz::TimeZone::UTC;
    let now = utc.to_datetime(backing.clock.now());
    let before = Span::new().try_months(months).and_then(|span| now.checked_sub(span));
    let Ok(before) = before.and_then(|moment| utc.to_timestamp(moment)) else { return Ok(0) };
    let old = your_data::datasets_before(&mut tx, before, 100).await?;
    tx.rollback().await?;
    let mut gone = 0;
    for id in old {
        let trace = domain::TraceId::new(crate::accounts::secret::random());
        let caller = Caller::new(actor.clone(), trace, None);
        match datasets::delete(backing, &caller, id).await {
            Ok(()) => gone += 1,
            // One that cannot go now goes at another time.
            Err(error) => tracing::warn!(%error, dataset = %id, "an old upload could not be let go"),
        }
    }
    Ok(gone)
}

/// Deletes the organisation: nobody comes in from now on, and a job deletes everything that it owns. What stays is the proof.
pub async fn delete(desk: &Desk, caller: &Caller, typed: &str) -> Result<(), Error> {
    caller.require(Role::Owner)?;
    let Means::Session { user, .. } = caller.actor.means else {
        return Err(Error::Conflict("only an owner at a browser deletes an organisation".to_owned()));
    };
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let org = orgs::get(&mut tx).await?.ok_or(Error::NotFound("organisation"))?;
    if typed.trim() != org.name.trim() {
        return Err(Error::invalid("confirm", format!("type the name as it is: {}", org.name)));
    }
    your_data::ask_deletion(&mut tx, desk.backing.clock.now()).await?;
    deed::commit(tx, caller, deed::done(caller, "org.delete_ask", "org", org.org_id)).await?;
    let mut gate = desk.backing.store.gate().await?;
    let owner = gate::users::get(&mut gate, user).await?.map(|user| user.email).unwrap_or_default();
    gate.enter(org.org_id).await?;
    gate::orgs::set_state(&mut gate, OrgState::Closed).await?;
    let event = Event::new("org.close", Outcome::Done)
        .by(&caller.actor)
        .on("org", org.org_id)
        .traced(caller.trace.to_string());
    audit::record(&mut gate, &event).await?;
    // A job of the installation: those of the organisation go with it.
    gate.enter(audit::INSTALLATION).await?;
    let payload = delete::payload(&desk.keys, org.org_id, &owner)?;
    jobs::put(&mut gate, Uuid::now_v7(), delete::KIND, &payload, &caller.trace.to_string()).await?;
    gate.commit().await?;
    desk.forget_recent();
    Ok(())
}
