//! The caller's organisation.

use domain::Role;
use serde_json::Value;
use store::orgs::{self, Org};

use crate::{Caller, Error, accounts::Desk, deed, error::Flaw};

/// What people change of it; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The name.
    pub name: Option<String>,
    /// The company form.
    pub profile: Option<Value>,
    /// Whether the form was filled in or skipped.
    pub onboarded: bool,
}

/// The organisation.
pub async fn get(desk: &Desk, caller: &Caller) -> Result<Org, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    orgs::get(&mut tx).await?.ok_or(Error::NotFound("organisation"))
}

/// What the operator of the installation says to everybody now.
pub async fn announced(desk: &Desk, caller: &Caller) -> Result<Vec<orgs::Announced>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(orgs::announced(&mut tx, desk.backing.clock.now()).await?)
}

/// Changes it; with a version, only if nobody did since.
pub async fn update(
    desk: &Desk,
    caller: &Caller,
    version: Option<i64>,
    change: &Change,
) -> Result<Org, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let before = orgs::get(&mut tx).await?.ok_or(Error::NotFound("organisation"))?;
    let name = change.name.as_deref().map_or(before.name.as_str(), str::trim);
    let profile = change.profile.as_ref().unwrap_or(&before.profile);
    let mut flaws = Vec::new();
    if name.is_empty() || name.chars().count() > 200 {
        flaws.push(Flaw {
            field: "name".to_owned(),
            message: "give a name of 1 to 200 characters".to_owned(),
        });
    }
    if !profile.is_object() || profile.to_string().len() > 60_000 {
        flaws.push(Flaw {
            field: "profile".to_owned(),
            message: "give an object of at most 60 kB".to_owned(),
        });
    }
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    let since = change.onboarded.then(|| desk.backing.clock.now());
    let after = orgs::update(&mut tx, version.unwrap_or(before.version), name, profile, since)
        .await?
        .ok_or(Error::Stale("organisation"))?;
    deed::commit(tx, caller, deed::done(caller, "org.update", "org", after.org_id)).await?;
    Ok(after)
}
