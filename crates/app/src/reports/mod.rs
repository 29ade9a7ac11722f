//! Reports that are made by themselves, each day, week or month, where and when people want them; and what was made.

pub mod answers;
pub mod build;
pub(crate) mod make;
pub mod packs;
mod when;
pub mod write;

pub use when::{Rhythm, next};

use clients::blobs::Key;
use domain::{Role, id::FacilityId};
use store::reports::{self, Format, NewSchedule, Pack, Report, Schedule};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error,
    accounts::email_key,
    deed::{self, Began},
    mails::Language,
    notices::weekly,
};

/// What somebody wants to have made.
#[derive(Debug, Clone)]
pub struct Form {
    /// What people call it.
    pub name: String,
    /// How often, on which day, at which hour.
    pub rhythm: Rhythm,
    /// Where: a name such as `Europe/Berlin`.
    pub time_zone: String,
    /// The language of it and of its letters: en, de or es.
    pub language: String,
    /// Which of the ready-made packs.
    pub pack: Pack,
    /// As what.
    pub format: Format,
    /// Of which plant; of all, if left out.
    pub facility: Option<FacilityId>,
    /// Addresses of members who get a letter; without any, it only lies there.
    pub recipients: Vec<String>,
}

/// The schedules, oldest first.
pub async fn schedules(backing: &Backing, caller: &Caller) -> Result<Vec<Schedule>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(reports::schedules(&mut tx).await?)
}

/// One schedule.
pub async fn schedule(backing: &Backing, caller: &Caller, id: Uuid) -> Result<Schedule, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    reports::schedule(&mut tx, id).await?.ok_or(Error::NotFound("schedule"))
}

/// A new schedule.
pub async fn create(backing: &Backing, caller: &Caller, form: &Form) -> Result<Schedule, Error> {
    caller.require(Role::Analyst)?;
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Error::invalid("name", "give a name of 1 to 200 characters"));
    }
    form.rhythm.check()?;
    packs::check(form.pack, form.format, None)?;
    let zone = weekly::zone(&form.time_zone);
    if zone == jiff::tz::TimeZone::UTC && form.time_zone != "UTC" {
        return Err(Error::invalid("time_zone", "give a zone such as Europe/Berlin, or UTC"));
    }
    if Language::ALL.iter().all(|(_, tag, _)| *tag != form.language) {
        return Err(Error::invalid("language", "give en, de or es"));
    }
    if form.recipients.len() > 50 {
        return Err(Error::invalid("recipients", "give at most 50 addresses"));
    }
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return schedule(backing, caller, id).await,
    };
    if let Some(facility) = form.facility {
        store::facilities::get(&mut tx, facility).await?.ok_or(Error::NotFound("facility"))?;
    }
    let members: Vec<String> =
        store::members::list(&mut tx).await?.iter().map(|member| email_key(&member.email)).collect();
    let recipients: Vec<String> = form.recipients.iter().map(|address| email_key(address)).collect();
    if recipients.iter().any(|address| !members.contains(address)) {
        return Err(Error::invalid("recipients", "letters go to members; share a link with anybody else"));
    }
    let id = Uuid::now_v7();
    let new = NewSchedule {
        id,
        name,
        every: form.rhythm.every,
        day: form.rhythm.day.into(),
        hour: form.rhythm.hour.into(),
        time_zone: &form.time_zone,
        language: &form.language,
        pack: form.pack,
        format: form.format,
        facility: form.facility,
        recipients: &recipients,
        next_at: next(backing.clock.now(), form.rhythm, &zone),
    };
    let made = reports::insert_schedule(&mut tx, &new).await?;
    let event = deed::done(caller, "report_schedule.create", "report_schedule", id)
        .detail("every", new.every.name())
        .detail("pack", new.pack.name());
    deed::commit_new(tx, caller, event, id).await?;
    Ok(made)
}

/// Ends a schedule. What it made goes with it.
pub async fn delete(backing: &Backing, caller: &Caller, id: Uuid) -> Result<(), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    reports::schedule(&mut tx, id).await?.ok_or(Error::NotFound("schedule"))?;
    let made = reports::of_schedule(&mut tx, id).await?;
    reports::delete_schedule(&mut tx, id).await?;
    deed::commit(tx, caller, deed::done(caller, "report_schedule.delete", "report_schedule", id)).await?;
    for report in made {
        backing.blobs.delete(&Key::of(caller.actor.org, &report.document_key)?).await?;
    }
    Ok(())
}

/// A part of what was made, newest first.
pub async fn page(
    backing: &Backing,
    caller: &Caller,
    page: store::Page,
) -> Result<store::Listing<Report>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(reports::page(&mut tx, page).await?)
}

/// One report with its bytes.
pub async fn content(backing: &Backing, caller: &Caller, id: Uuid) -> Result<(Report, Vec<u8>), Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let report = reports::get(&mut tx, id).await?.ok_or(Error::NotFound("report"))?;
    tx.rollback().await?;
    // It shows what its analysis shows: one that went back into review is not shown meanwhile.
    crate::analyses::get(backing, caller, report.analysis_id).await?;
    let bytes = backing.blobs.read_bytes(&Key::of(caller.actor.org, &report.document_key)?).await?;
    Ok((report, bytes))
}
