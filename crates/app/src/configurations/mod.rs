//! Analyzer settings that an organisation keeps, for itself and for each facility, with every earlier state.

pub mod preview;
pub mod settings;

use domain::{
    Role, Settings,
    id::{ConfigurationId, FacilityId},
};
use store::{
    Tx,
    configurations::{self, Configuration, ConfigurationChange, ConfigurationForm},
    facilities,
};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error,
    deed::{self, Began},
};
use settings::Changes;

/// What people set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    pub name: Option<String>,
    pub preset: Option<String>,
    /// What differs from the preset; `None` leaves it.
    pub changes: Option<Changes>,
    /// Why, in the words of who changes it.
    pub note: String,
}

/// All settings that are kept: the organisation's first.
pub async fn list(backing: &Backing, caller: &Caller) -> Result<Vec<Configuration>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(configurations::list(&mut tx).await?)
}

/// One of them.
pub async fn get(backing: &Backing, caller: &Caller, id: ConfigurationId) -> Result<Configuration, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await
}

/// Keeps settings for the organisation or a facility that has none yet.
pub async fn create(
    backing: &Backing,
    caller: &Caller,
    facility: Option<FacilityId>,
    form: &Form,
) -> Result<Configuration, Error> {
    caller.require(Role::Admin)?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return get(backing, caller, ConfigurationId(id)).await,
    };
    let mut own_name = "Organization".to_owned();
    if let Some(facility) = facility {
        let facility = facilities::get(&mut tx, facility)
            .await?
            .ok_or_else(|| Error::invalid("facility_id", "there is no such facility"))?;
        own_name = facility.name;
    }
    let preset = form.preset.as_deref().unwrap_or("balanced");
    let values = settings::settings(preset, form.changes.as_ref().unwrap_or(&Changes::new()))?;
    let name = form.name.as_deref().map_or(own_name.as_str(), str::trim);
    check(name, &form.note)?;
    let id = ConfigurationId(Uuid::now_v7());
    let stored = settings::changes(&values);
    let row = ConfigurationForm { name, preset, settings: &stored, note: &form.note };
    let made = match configurations::insert(&mut tx, id, facility, &row).await {
        Ok(made) => made,
        Err(store::Error::Conflict { .. }) => {
            return Err(Error::Conflict(format!("{own_name} has settings already; change those")));
        }
        Err(error) => return Err(error.into()),
    };
    let event = deed::done(caller, "configuration.create", "configuration", id);
    deed::commit_new(tx, caller, event, id.0).await?;
    Ok(made)
}

/// Changes settings; with a `version`, only if nobody did since. The earlier state stays in the history.
pub async fn update(
    backing: &Backing,
    caller: &Caller,
    id: ConfigurationId,
    version: Option<i64>,
    form: &Form,
) -> Result<Configuration, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(backing, caller).await?;
    let before = present(&mut tx, id).await?;
    let preset = form.preset.as_deref().unwrap_or(&before.preset);
    let kept;
    let changes = if let Some(changes) = &form.changes {
        changes
    } else {
        kept = stored_changes(&before);
        &kept
    };
    let values = settings::settings(preset, changes)?;
    let name = form.name.as_deref().map_or(before.name.as_str(), str::trim);
    check(name, &form.note)?;
    let stored = settings::changes(&values);
    let row = ConfigurationForm { name, preset, settings: &stored, note: &form.note };
    let changed = configurations::update(&mut tx, id, version.unwrap_or(before.version), &row)
        .await?
        .ok_or(Error::Stale("configuration"))?;
    let event =
        deed::done(caller, "configuration.update", "configuration", id).detail("number", changed.number);
    deed::commit(tx, caller, event).await?;
    Ok(changed)
}

/// The states of settings, newest first.
pub async fn history(
    backing: &Backing,
    caller: &Caller,
    id: ConfigurationId,
) -> Result<Vec<ConfigurationChange>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await?;
    Ok(configurations::history(&mut tx, id).await?)
}

/// Forgets settings; what they applied to goes back to the next wider ones. Those that an analysis ran with stay.
pub async fn delete(backing: &Backing, caller: &Caller, id: ConfigurationId) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(backing, caller).await?;
    let before = present(&mut tx, id).await?;
    match configurations::delete(&mut tx, id).await {
        Ok(_) => {}
        Err(store::Error::Reference { .. }) => {
            return Err(Error::Conflict(format!(
                "analyses ran with the settings of {}; change them instead",
                before.name
            )));
        }
        Err(error) => return Err(error.into()),
    }
    deed::commit(tx, caller, deed::done(caller, "configuration.delete", "configuration", id)).await
}

/// The settings that hold for a facility, and which state of them, where any are kept.
pub(crate) async fn holding(
    tx: &mut Tx,
    facility: Option<FacilityId>,
) -> Result<(Settings, Option<(ConfigurationId, i64)>), Error> {
    match configurations::get_for(tx, facility).await? {
        Some(kept) => {
            let settings = settings::settings(&kept.preset, &stored_changes(&kept))?;
            Ok((settings, Some((kept.id, kept.number))))
        }
        None => Ok((Settings::default(), None)),
    }
}

fn stored_changes(configuration: &Configuration) -> Changes {
    let changes = configuration.settings.as_object().cloned().unwrap_or_default();
    changes.into_iter().collect()
}

async fn present(tx: &mut Tx, id: ConfigurationId) -> Result<Configuration, Error> {
    configurations::get(tx, id).await?.ok_or(Error::NotFound("configuration"))
}

fn check(name: &str, note: &str) -> Result<(), Error> {
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Error::invalid("name", "give a name of 1 to 200 characters"));
    }
    if note.chars().count() > 2_000 {
        return Err(Error::invalid("note", "write up to 2000 characters"));
    }
    Ok(())
}
