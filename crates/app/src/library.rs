//! The library of an installation: mappings that its operators publish and every organisation starts from.
//!
//! An operator publishes a mapping of the organisation that they are signed in to, so that no way leads from another
//! organisation's files into it; and of that mapping only headers and meanings, never values or reasons.

use domain::{Mapping, Role, id::ProfileId};
use serde_json::json;
use store::{
    Tx,
    audit::{self, Event, Outcome},
    library::{self, Entry, NewEntry},
};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error,
    accounts::Desk,
    archive::Archived,
    deed,
    mapping_profiles::{self, mappings_of},
    operation,
};

/// What is on offer. Everybody may look.
pub async fn list(backing: &Backing, caller: &Caller) -> Result<Vec<Entry>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(library::list(&mut tx).await?)
}

/// Publishes the newest version of a saved mapping of the operator's own organisation, under its name.
pub async fn publish(desk: &Desk, caller: &Caller, profile: ProfileId) -> Result<Entry, Error> {
    let mut tx = operation::begin(desk, caller).await?;
    let (profile, version) = mapping_profiles::get(&desk.backing, caller, profile).await?;
    let bare: Vec<Mapping> = version.mappings.iter().map(bare).collect();
    let columns = bare.iter().flat_map(|mapping| &mapping.columns).filter(|column| column.field.is_some());
    let columns = columns.count() as i64;
    let entry = NewEntry {
        name: &profile.name,
        description: &profile.description,
        source_system: &profile.source_system,
        columns,
        document: &json!({"tables": bare.keep()}),
    };
    tx.enter(audit::INSTALLATION, "library of mappings", &caller.trace.to_string()).await?;
    let published = library::put(&mut tx, &entry).await?;
    let event = event(caller, "library.publish", published.id).by_operator(tx.operator().user);
    audit::record(&mut tx, &event.detail("name", profile.name.as_str())).await?;
    tx.commit().await?;
    Ok(published)
}

/// Takes a mapping off the shelf. What organisations made of it stays theirs.
pub async fn withdraw(desk: &Desk, caller: &Caller, id: Uuid) -> Result<(), Error> {
    let mut tx = operation::begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "library of mappings", &caller.trace.to_string()).await?;
    if !library::delete(&mut tx, id).await? {
        return Err(Error::NotFound("mapping"));
    }
    let event = event(caller, "library.withdraw", id).by_operator(tx.operator().user);
    audit::record(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// The mappings on offer, oldest first; what an organisation confirmed itself counts for more.
pub(crate) async fn mappings(tx: &mut Tx) -> Result<Vec<Mapping>, Error> {
    let mut all = Vec::new();
    for entry in library::list(tx).await? {
        // A form that this program cannot read is not worth failing an import for.
        match mappings_of(&entry.document) {
            Ok(mappings) => all.extend(mappings),
            Err(error) => {
                tracing::warn!(entry = %entry.id, %error, "a mapping of the library cannot be read");
            }
        }
    }
    Ok(all)
}

fn event(caller: &Caller, action: &str, id: Uuid) -> Event {
    Event::new(action, Outcome::Done).on("library_entry", id).traced(caller.trace.to_string())
}

/// What a mapping says without what was seen in the file: no values, no reasons, no doubts.
fn bare(mapping: &Mapping) -> Mapping {
    let mut bare = mapping.clone();
    bare.issues.clear();
    for column in &mut bare.columns {
        column.evidence.clear();
        column.alternatives.clear();
    }
    bare
}
