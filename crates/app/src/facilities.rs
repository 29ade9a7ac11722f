//! Plants of an organisation.

use domain::{Currency, Role, id::FacilityId};
use store::{
    Listing, Page, Tx,
    facilities::{self, Facility, FacilityForm},
};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error,
    deed::{self, Began},
    error::Flaw,
};

/// What people say about a plant; what is `None` stays as it is, or as it usually is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub name: Option<String>,
    /// What the customer's files call it; `Some(None)` takes it away.
    pub code: Option<Option<String>>,
    pub time_zone: Option<String>,
    pub currency: Option<String>,
    pub archived: Option<bool>,
}

/// The plants of the organisation, by name.
pub async fn list(backing: &Backing, caller: &Caller, archived_too: bool) -> Result<Vec<Facility>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(facilities::list(&mut tx, archived_too).await?)
}

/// A part of the plants, newest first.
pub async fn page(
    backing: &Backing,
    caller: &Caller,
    archived_too: bool,
    page: Page,
) -> Result<Listing<Facility>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(facilities::page(&mut tx, archived_too, page).await?)
}

/// One plant.
pub async fn get(backing: &Backing, caller: &Caller, id: FacilityId) -> Result<Facility, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await
}

/// A new plant.
pub async fn create(backing: &Backing, caller: &Caller, form: &Form) -> Result<Facility, Error> {
    caller.require(Role::Admin)?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return get(backing, caller, FacilityId(id)).await,
    };
    let id = FacilityId(Uuid::now_v7());
    let name = form.name.as_deref().unwrap_or_default().trim();
    let code = form.code.as_ref().and_then(Option::as_deref).map(str::trim).filter(|code| !code.is_empty());
    let time_zone = form.time_zone.as_deref().unwrap_or("UTC");
    let currency = form.currency.as_deref().unwrap_or("USD");
    let row = FacilityForm { name, code, time_zone, currency };
    check(&row)?;
    let made = facilities::insert(&mut tx, id, &row).await.map_err(|error| taken(error, name))?;
    deed::commit_new(tx, caller, deed::done(caller, "facility.create", "facility", id), id.0).await?;
    Ok(made)
}

/// Changes a plant; with a `version`, only if nobody did since.
pub async fn update(
    backing: &Backing,
    caller: &Caller,
    id: FacilityId,
    version: Option<i64>,
    form: &Form,
) -> Result<Facility, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(backing, caller).await?;
    let before = present(&mut tx, id).await?;
    let name = form.name.as_deref().map_or(before.name.as_str(), str::trim);
    let code = form.code.as_ref().map_or(before.code.as_deref(), Option::as_deref);
    let row = FacilityForm {
        name,
        code: code.map(str::trim).filter(|code| !code.is_empty()),
        time_zone: form.time_zone.as_deref().unwrap_or(&before.time_zone),
        currency: form.currency.as_deref().unwrap_or(&before.currency),
    };
    check(&row)?;
    let mut changed = facilities::update(&mut tx, id, version.unwrap_or(before.version), &row)
        .await
        .map_err(|error| taken(error, name))?
        .ok_or(Error::Stale("facility"))?;
    if let Some(archived) = form.archived
        && archived != before.archived_at.is_some()
    {
        let since = archived.then(|| backing.clock.now());
        facilities::set_archived(&mut tx, id, since).await.map_err(|error| taken(error, name))?;
        changed = present(&mut tx, id).await?;
    }
    deed::commit(tx, caller, deed::done(caller, "facility.update", "facility", id)).await?;
    Ok(changed)
}

/// Removes a plant that nothing belongs to.
pub async fn delete(backing: &Backing, caller: &Caller, id: FacilityId) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(backing, caller).await?;
    let before = present(&mut tx, id).await?;
    match facilities::delete(&mut tx, id).await {
        Ok(_) => {}
        Err(store::Error::Reference { .. }) => {
            return Err(Error::Conflict(format!("data belong to {}; archive it instead", before.name)));
        }
        Err(error) => return Err(error.into()),
    }
    deed::commit(tx, caller, deed::done(caller, "facility.delete", "facility", id)).await
}

async fn present(tx: &mut Tx, id: FacilityId) -> Result<Facility, Error> {
    facilities::get(tx, id).await?.ok_or(Error::NotFound("facility"))
}

fn taken(error: store::Error, name: &str) -> Error {
    match error {
        store::Error::Conflict { .. } => Error::Conflict(format!("there is a facility named {name} already")),
        other => other.into(),
    }
}

fn check(form: &FacilityForm<'_>) -> Result<(), Error> {
    let mut flaws = Vec::new();
    let mut flaw = |field: &str, message: &str| {
        flaws.push(Flaw { field: field.to_owned(), message: message.to_owned() });
    };
    if form.name.is_empty() || form.name.chars().count() > 200 {
        flaw("name", "give a name of 1 to 200 characters");
    }
    if form.code.is_some_and(|code| code.chars().count() > 100) {
        flaw("code", "codes have up to 100 characters");
    }
    if !names_a_zone(form.time_zone) {
        flaw("time_zone", "give a name of the IANA time zone database, such as America/Chicago");
    }
    if Currency::parse(form.currency).is_none_or(|currency| currency.as_str() != form.currency) {
        flaw("currency", "give three capital letters, such as USD");
    }
    if flaws.is_empty() { Ok(()) } else { Err(Error::Invalid(flaws)) }
}

/// Whether the text has the form of a name in the time zone database. Which names there are, the machine's own database
/// says when the zone is used.
fn names_a_zone(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || "_+-".contains(letter))
    };
    text.len() <= 100 && text.split('/').count() <= 3 && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_zones_are_told_from_other_text() {
        for text in ["UTC", "America/New_York", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert!(names_a_zone(text), "{text}");
        }
        for text in ["", "/", "America/", "New York", "../etc/passwd", "+05:00", "a/b/c/d"] {
            assert!(!names_a_zone(text), "{text}");
        }
    }
}
