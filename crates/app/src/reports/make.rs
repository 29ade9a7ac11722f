//! Making a report at its time: the newest complete analysis, written as what was asked for, kept, and told about in a letter.

use clients::blobs::{Key, Kind};
use domain::{
    Actor, Role, TraceId,
    actor::Means,
    id::{JobId, OrgId},
};
use jiff::Timestamp;
use serde_json::json;
use store::{
    Page,
    analyses::{self, AnalysisState},
    audit::{self, Event, Outcome},
    jobs::{self, Done, NewJob},
    orgs,
    reports::{self, Report},
};
use uuid::Uuid;

use super::{Rhythm, answers, next, packs, write};
use crate::{
    Backing, Caller, Error,
    accounts::email_key,
    mails::{self, Facts, Language},
    notices::{Post, letters, weekly},
    worker::Hold,
};

pub(crate) const KIND: &str = "make_report";

/// Asks for every report of an organisation that is due. One that was missed while no worker ran is made once, not once per day.
pub(crate) async fn enqueue_due(backing: &Backing, org: OrgId) -> Result<usize, Error> {
    let now = backing.clock.now();
    let actor = Actor { org, role: Role::Owner, means: Means::Job { job: JobId(Uuid::nil()) } };
    let mut tx = backing.store.begin(&actor).await?;
    let due = reports::due(&mut tx, now).await?;
    for schedule in &due {
        let key = format!("{}/{}", schedule.id, schedule.next_at);
        let payload = json!({"schedule": schedule.id.to_string(), "due": schedule.next_at.to_string()});
        let mut job = NewJob::new(JobId(Uuid::now_v7()), KIND, payload);
        job.unique_key = Some(&key);
        jobs::enqueue(&mut tx, &job).await?;
        let rhythm = Rhythm {
            every: schedule.every,
            day: i8::try_from(schedule.day).unwrap_or(1),
            hour: i8::try_from(schedule.hour).unwrap_or(6),
        };
        reports::set_next(&mut tx, schedule.id, next(now, rhythm, &weekly::zone(&schedule.time_zone)))
            .await?;
    }
    tx.commit().await?;
    Ok(due.len())
}

/// Makes one.
pub(crate) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let text = |name: &str| claim.job.payload[name].as_str().unwrap_or_default();
    let id: Uuid = text("schedule").parse().unwrap_or_default();
    let due_at: Timestamp =
        text("due").parse().map_err(|_| Error::Input("the job names no moment".to_owned()))?;
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let Some(schedule) = reports::schedule(&mut tx, id).await? else {
        return Err(Error::Input("the schedule was ended".to_owned()));
    };
    let filter = analyses::Filter {
        state: Some(AnalysisState::Completed),
        facility: schedule.facility_id,
        ..analyses::Filter::default()
    };
    let newest = analyses::list(&mut tx, filter, Page::first(1)).await?.items.into_iter().next();
    let Some(run) = newest else {
        reports::set_trouble(&mut tx, id, "there was no complete analysis yet").await?;
        jobs::finish(&mut tx, claim, &Done::Completed).await?;
        return Ok(tx.commit().await?);
    };
    tx.rollback().await?;
    let trace = TraceId::parse(&claim.job.trace_id).unwrap_or_else(|| TraceId::new([1; 16]));
    let caller = Caller::new(claim.actor(), trace, None);
    let analysis = crate::analyses::result(backing, &caller, run.id).await?;
    let format = schedule.format;
    let tongue = report::Tongue::named(&schedule.language).unwrap_or_default();
    let bytes = match packs::Ready::parse(schedule.pack) {
        None => {
            let caption = answers::caption(backing, &caller, &run).await?;
            hold.compute(move |_| write::write(format, &analysis, &caption, tongue)).await?
        }
        Some(ready) => {
            let pack = match packs::gather(backing, &caller, &run, analysis, ready, None).await {
                // Its upload was deleted meanwhile, so that there is nothing left to count.
                Err(Error::Conflict(why)) => {
                    let mut tx = backing.store.begin(&claim.actor()).await?;
                    reports::set_trouble(&mut tx, id, &why).await?;
                    jobs::finish(&mut tx, claim, &Done::Completed).await?;
                    return Ok(tx.commit().await?);
                }
                made => made?,
            };
            hold.compute(move |_| packs::write(format, &pack, tongue)).await?
        }
    };
    let key = Key::new(claim.org, Kind::Report, claim.job.id.0);
    let written = backing.blobs.write_bytes(&key, bytes).await?;

    let mut tx = backing.store.begin(&claim.actor()).await?;
    let report = Report {
        id: claim.job.id.0,
        schedule_id: id,
        due_at,
        analysis_id: run.id,
        name: write::file_name(&format!("{}.x", schedule.name), format.name()),
        format,
        document_key: key.to_string(),
        bytes: i64::try_from(written.bytes).unwrap_or(i64::MAX),
        created_at: due_at,
    };
    if reports::insert(&mut tx, &report).await? {
        reports::set_trouble(&mut tx, id, "").await?;
        if let Some(post) = post.filter(|post| post.mailer.is_some()) {
            tell(&mut tx, post, &schedule, &run.name, &claim.job.trace_id).await?;
        }
    }
    jobs::finish(&mut tx, claim, &Done::Completed).await?;
    let event = Event::new("report.create", Outcome::Done)
        .on("report", report.id)
        .traced(claim.job.trace_id.clone())
        .detail("schedule", id.to_string());
    audit::record(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// A letter to each recipient who is still a member.
async fn tell(
    tx: &mut store::Tx,
    post: &Post,
    schedule: &reports::Schedule,
    about: &str,
    trace: &str,
) -> Result<(), Error> {
    let organisation = orgs::get(tx).await?.map(|org| org.name).unwrap_or_default();
    let facts = Facts::from([
        ("organisation", organisation),
        ("title", schedule.name.clone()),
        ("name", about.to_owned()),
        ("link", format!("{}/reports", post.public_address)),
    ]);
    let Some(words) = mails::write(Language::of(&schedule.language), "report.scheduled", &facts) else {
        return Err(Error::Work("there is no letter about reports".to_owned()));
    };
    for member in store::members::list(tx).await? {
        if schedule.recipients.contains(&email_key(&member.email)) {
            letters::enqueue(tx, &post.keys, &member.email, &words, trace).await?;
        }
    }
    Ok(())
}

/// Removes what a job wrote that has ended without a result.
pub(crate) async fn abandon(backing: &Backing, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    Ok(backing.blobs.delete(&Key::new(claim.org, Kind::Report, claim.job.id.0)).await?)
}
