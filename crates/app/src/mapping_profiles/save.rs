//! Saving what was confirmed, and remembering it for the next file.

use std::collections::BTreeSet;

use domain::{Mapping, id::ProfileId};
use mapping::Remembered;
use serde_json::json;
use store::{
    Page, Tx,
    datasets::DatasetFile,
    profiles::{self, NewVersion, ProfileForm},
    usage::{self, Meter, UsageType},
};
use uuid::Uuid;

use super::{mappings_of, shortened};
use crate::{
    Backing, Error,
    archive::Archived,
    datasets::{mapping::Confirmation, signature},
    files::count,
    library,
};

/// Profiles that are remembered when a file is read.
const REMEMBERED_MAX: u32 = 200;

/// Saves the confirmed mapping of a file: as it is known already, as a new version of the profile of its headers, or as
/// a new profile.
pub(crate) async fn save(
    backing: &Backing,
    tx: &mut Tx,
    file: &DatasetFile,
    mappings: &[Mapping],
    confirmation: &Confirmation,
) -> Result<(ProfileId, i64), Error> {
    let now = backing.clock.now();
    let header_signature = signature(mappings);
    let headers: Vec<String> =
        mappings.iter().flat_map(|mapping| &mapping.columns).map(|column| column.source.clone()).collect();
    let document = json!({"tables": mappings.to_vec().keep()});
    let new = NewVersion {
        note: &confirmation.note,
        document: &document,
        header_signature: &header_signature,
        headers: &headers,
    };
    if let Some(known) = profiles::list_by_signature(tx, &header_signature).await?.into_iter().next() {
        let version = super::version_of(tx, known.id, known.current_version).await?;
        let number = if same_meaning(&version.mappings, mappings) {
            known.current_version
        } else {
            let expected = Some(known.current_version);
            profiles::add_version(tx, known.id, expected, None, &new)
                .await?
                .ok_or(Error::Stale("mapping profile"))?
        };
        profiles::count_use(tx, known.id, true, now).await?;
        let source = format!("{}/{}", file.dataset_id, file.file_id);
        usage::record_event(tx, UsageType::MappingProfileUsed, &source, 1).await?;
        return Ok((known.id, number));
    }
    count(backing, tx, Meter::MappingProfiles, "mapping profiles", 1).await?;
    let id = ProfileId(Uuid::now_v7());
    let system = mappings.iter().find_map(|mapping| mapping.source_system.as_ref());
    let system = system.map_or("", |system| system.name.as_str());
    let own_name = match file.file_name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => &file.file_name,
    };
    let named = confirmation.profile_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if let Some(name) = named {
        super::check_name(name)?;
    }
    let name = named.map_or_else(|| shortened(own_name), str::to_owned);
    let form = ProfileForm { name: &name, description: "", source_system: system, active: true };
    let profile = profiles::insert(tx, id, &form, &new).await?;
    profiles::count_use(tx, id, true, now).await?;
    usage::record_event(tx, UsageType::MappingProfileCreated, &id.to_string(), 1).await?;
    Ok((id, profile.current_version))
}

/// Whether two mappings of a file decide the same. The order of columns is the export's business.
fn same_meaning(before: &[Mapping], after: &[Mapping]) -> bool {
    let meaning = |mappings: &[Mapping]| {
        let tables = mappings.iter().map(|mapping| {
            let columns: BTreeSet<_> = mapping
                .columns
                .iter()
                .map(|column| (column.source.clone(), column.field, column.unit.map(ontology::Unit::as_str)))
                .collect();
            (mapping.granularity, columns)
        });
        tables.collect::<Vec<_>>()
    };
    meaning(before) == meaning(after)
}

/// What the organisation has confirmed, oldest first, as the mapping engine wants it.
pub(crate) async fn remembered(tx: &mut Tx) -> Result<Remembered, Error> {
    let mut known = Vec::new();
    let mut page = Page::first(REMEMBERED_MAX);
    while known.len() < REMEMBERED_MAX as usize {
        let listing = profiles::list(tx, None, page).await?;
        known.extend(listing.items.into_iter().filter(|profile| profile.active));
        match listing.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    known.sort_by_key(|profile| (profile.last_used_at.unwrap_or(profile.created_at), profile.id));
    let mut remembered = Remembered::nothing();
    // The library first: what the organisation confirmed itself is newer, and wins.
    library::mappings(tx).await?.iter().for_each(|mapping| remembered.confirm(mapping));
    for profile in known {
        let Some(version) = profiles::get_version(tx, profile.id, profile.current_version).await? else {
            continue;
        };
        // A form that this program cannot read is not worth failing an import for.
        match mappings_of(&version.document) {
            Ok(mappings) => mappings.iter().for_each(|mapping| remembered.confirm(mapping)),
            Err(error) => tracing::warn!(profile = %profile.id, %error, "a mapping profile cannot be read"),
        }
    }
    Ok(remembered)
}
