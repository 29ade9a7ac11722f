//! The caller's organisation.

use domain::Role;
use serde_json::Value;
use store::{
    audit::{self, Outcome},
    orgs::{self, Org},
};

use crate::{
    Caller, Error,
    accounts::Desk,
    deed,
    error::Flaw,
    network::{Allowed, Network},
};

/// What the organisation of a new installation is called until somebody names it.
pub const UNNAMED: &str = "My company";

/// What people change of it; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The name.
    pub name: Option<String>,
    /// The company form.
    pub profile: Option<Value>,
    /// From where its people and programs may come: addresses and ranges, none for everywhere.
    pub allowed_networks: Option<Vec<String>>,
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
    let networks = match &change.allowed_networks {
        Some(written) => networks(written, caller).unwrap_or_else(|message| {
            flaws.push(Flaw { field: "allowed_networks".to_owned(), message });
            Vec::new()
        }),
        None => before.allowed_networks.clone(),
    };
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    let since = change.onboarded.then(|| desk.backing.clock.now());
    let after = orgs::update(&mut tx, version.unwrap_or(before.version), name, profile, &networks, since)
        .await?
        .ok_or(Error::Stale("organisation"))?;
    let mut event = deed::done(caller, "org.update", "org", after.org_id);
    if before.allowed_networks != after.allowed_networks {
        event = event.detail("allowed_networks", after.allowed_networks.join(" "));
    }
    deed::commit(tx, caller, event).await?;
    // It holds at once for whoever was let in a moment ago.
    desk.forget_recent();
    Ok(after)
}

/// Lets it in from everywhere again: for whoever runs the installation, where nobody in it can.
pub async fn allow_everywhere(desk: &Desk, caller: &Caller) -> Result<(), Error> {
    let mut gate = desk.backing.store.gate().await?;
    gate.enter(caller.actor.org).await?;
    store::gate::orgs::allow_everywhere(&mut gate).await?;
    let event = audit::Event::new("org.update", Outcome::Done)
        .by_kind(audit::ActorKind::System, "")
        .on("org", caller.actor.org)
        .detail("allowed_networks", "");
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    desk.forget_recent();
    Ok(())
}

/// The list as it is kept, or what is wrong with it. Nobody locks themselves out.
fn networks(written: &[String], caller: &Caller) -> Result<Vec<String>, String> {
    let mut kept: Vec<String> = Vec::new();
    for text in written.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let Some(network) = Network::parse(text) else {
            return Err(format!(
                "{} is no address and no range; write them like 203.0.113.7 or 203.0.113.0/24",
                text.chars().take(60).collect::<String>()
            ));
        };
        let network = network.to_string();
        if !kept.contains(&network) {
            kept.push(network);
        }
    }
    if kept.len() > 100 {
        return Err("give at most 100 addresses and ranges".to_owned());
    }
    if !Allowed::of(&kept).holds(caller.address) {
        let own = caller.address.map(|address| address.to_canonical().to_string()).unwrap_or_default();
        return Err(format!(
            "your own address {own} is not in the list, and you would lock yourself out; add it"
        ));
    }
    Ok(kept)
}
