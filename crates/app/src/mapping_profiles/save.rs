//! Saving what was confirmed, and remembering it for the next file.

use std::collections::BTreeSet;

use domain::{Mapping, id::ProfileId};
use mapping::{Remembered, learning::KnownTable};
use preparation::Preparation;
use serde_json::{Value, json};
use store::{
    Page, Tx,
    datasets::DatasetFile,
    profiles::{self, NewVersion, ProfileForm},
    usage::{self, Meter, UsageType},
};
use uuid::Uuid;

use super::{mappings_of, preparation_of, shortened};
use crate::{
    Backing, Error,
    archive::Archived,
    datasets::{
        mapping::Confirmation, of_headers, readings, signature, stored_tables, tables::columns_as_read,
    },
    library,
    usage::count,
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
    let as_read = columns_as_read(tx.org(), file)?;
    let header_signature = signature(mappings, &as_read);
    let headers: Vec<String> = mappings
        .iter()
        .zip(&as_read)
        .flat_map(|(mapping, own)| mapping.columns.iter().filter(|column| column.index < *own))
        .map(|column| column.source.clone())
        .collect();
    let tables = stored_tables(tx.org(), file)?;
    let preparation: Vec<Preparation> =
        tables.iter().map(|table| table.preparation.without_corrections()).collect();
    // How the values looked, without any of them: by it a renamed column and another unit are noticed next time.
    let mut known = Vec::new();
    for ((table, mapping), own) in tables.iter().zip(mappings).zip(&as_read) {
        let reading = readings::reading(backing, &table.raw().reading, &Preparation::default()).await?;
        let mut mapping = mapping.clone();
        mapping.columns.retain(|column| column.index < *own);
        known.push(KnownTable::of(&mapping, Some(&reading.profile)));
    }
    let document =
        json!({"tables": mappings.to_vec().keep(), "preparation": preparation, "known": known.keep()});
    let new = NewVersion {
        note: &confirmation.note,
        document: &document,
        header_signature: &header_signature,
        headers: &headers,
    };
    let alike = profiles::list_by_signature(tx, &header_signature).await?;
    if let Some(known) = alike.into_iter().next().filter(|_| !confirmation.as_new) {
        let version = super::version_of(tx, known.id, known.current_version).await?;
        let same = same_meaning(&version.mappings, mappings)
            && version
                .preparation
                .iter()
                .chain(std::iter::repeat(&Preparation::default()))
                .zip(&preparation)
                .all(|(a, b)| a == b);
        let number = if same {
            known.current_version
        } else {
            let expected = Some(known.current_version);
            profiles::add_version(tx, known.id, expected, None, &new)
                .await?
                .ok_or(Error::Stale("mapping profile"))?
        };
        profiles::count_use(tx, known.id, now).await?;
        let source = format!("{}/{}", file.dataset_id, file.file_id);
        usage::record_event(tx, UsageType::MappingProfileUsed, &source, 1).await?;
        return Ok((known.id, number));
    }
    count(backing, tx, Meter::MappingProfiles, 1).await?;
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
    let form = ProfileForm {
        name: &name,
        description: "",
        source_system: system,
        active: true,
        variables: &json!({}),
    };
    let profile = profiles::insert(tx, id, &form, &new).await?;
    profiles::count_use(tx, id, now).await?;
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

/// A saved mapping as it is known again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KnownProfile {
    pub(crate) name: String,
    pub(crate) tables: Vec<KnownTable>,
}

/// Whether the organisation has saved any mapping.
pub(crate) async fn any(tx: &mut Tx) -> Result<bool, Error> {
    Ok(!profiles::list(tx, None, Page::first(1)).await?.items.is_empty())
}

/// What the organisation has confirmed, oldest first, for files that may be the next of their kind.
pub(crate) async fn known(tx: &mut Tx) -> Result<Vec<KnownProfile>, Error> {
    let mut listing = profiles::list(tx, None, Page::first(REMEMBERED_MAX)).await?.items;
    listing.retain(|profile| profile.active);
    listing.sort_by_key(|profile| (profile.last_used_at.unwrap_or(profile.created_at), profile.id));
    let mut known = Vec::new();
    for profile in listing {
        let Some(version) = profiles::get_version(tx, profile.id, profile.current_version).await? else {
            continue;
        };
        let tables = match &version.document["known"] {
            // Versions of an earlier release kept the mapping alone.
            Value::Null => {
                let mappings = mappings_of(&version.document)?;
                mappings.iter().map(|mapping| KnownTable::of(mapping, None)).collect()
            }
            kept => Archived::restore(kept.clone())?,
        };
        known.push(KnownProfile { name: profile.name, tables });
    }
    Ok(known)
}

/// What is done to the cells of exports that are known, by their headers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prepared {
    /// Signature, headers by what they say, and the preparation of each table; the newest first.
    known: Vec<(String, BTreeSet<String>, Vec<Preparation>)>,
}

/// The share of the headers of either side that both must have, where the signature is another.
const ALIKE: f64 = 0.6;

impl Prepared {
    /// The preparation of each table of a file with these headers; empty where nothing is known.
    pub(crate) fn of(&self, tables: &[Vec<String>]) -> Vec<Preparation> {
        let signature = of_headers(tables.iter().map(|headers| headers.iter().map(String::as_str)));
        let own: BTreeSet<String> =
            tables.iter().flatten().map(|header| mapping::header_key(header)).collect();
        let alike = |theirs: &BTreeSet<String>| {
            let shared = own.intersection(theirs).count() as f64;
            shared >= ALIKE * own.len() as f64 && shared >= ALIKE * theirs.len() as f64
        };
        let same = self.known.iter().find(|(known, ..)| *known == signature);
        let found = same.or_else(|| self.known.iter().find(|(_, headers, _)| alike(headers)));
        found.map(|(.., recipes)| recipes.clone()).unwrap_or_default()
    }
}

/// What the organisation does to the cells of its exports.
pub(crate) async fn prepared(tx: &mut Tx) -> Result<Prepared, Error> {
    let mut known = Vec::new();
    let mut listing = profiles::list(tx, None, Page::first(REMEMBERED_MAX)).await?.items;
    listing.retain(|profile| profile.active);
    listing.sort_by_key(|profile| {
        std::cmp::Reverse((profile.last_used_at.unwrap_or(profile.created_at), profile.id))
    });
    for profile in listing {
        let Some(version) = profiles::get_version(tx, profile.id, profile.current_version).await? else {
            continue;
        };
        let recipes = preparation_of(&version.document)?;
        let headers = profile.headers.iter().map(|header| mapping::header_key(header)).collect();
        // One without any is known too: it is the newest word on its headers.
        known.push((profile.header_signature, headers, recipes));
    }
    Ok(Prepared { known })
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
