//! How full the columns of a known export were, upload by upload.

use std::collections::BTreeMap;

use domain::{
    Role,
    id::{DatasetId, ProfileId},
};
use jiff::Timestamp;
use ontology::FieldId;
use store::datasets;

use super::{
    readings,
    tables::{stored_mappings, stored_tables},
};
use crate::{Backing, Caller, Error, deed};

/// Uploads that are set side by side.
const UPLOADS: i64 = 6;

/// A known export over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Filling {
    pub profile: ProfileId,
    pub name: String,
    /// Its uploads, oldest first.
    pub uploads: Vec<Upload>,
    /// The columns that mean something, as the newest upload has them; those that only earlier ones had come last.
    pub columns: Vec<Column>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload {
    pub dataset: DatasetId,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub header: String,
    pub field: FieldId,
    /// One for each upload; `None` where it had no such column.
    pub shares: Vec<Option<Share>>,
}

/// What of a column held something, and what of that could be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    pub filled: f64,
    pub read: f64,
}

/// The known exports that the datasets are of, each with how full its columns were in its newest uploads.
pub async fn over_time(backing: &Backing, caller: &Caller, ids: &[DatasetId]) -> Result<Vec<Filling>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let mut known: Vec<(ProfileId, String)> = Vec::new();
    for (_, profile, name) in datasets::profiles_of(&mut tx, ids).await? {
        if !known.iter().any(|(id, _)| *id == profile) {
            known.push((profile, name));
        }
    }
    let mut laid = Vec::new();
    for (profile, name) in known {
        let mut files = datasets::files_of_profile(&mut tx, profile, UPLOADS).await?;
        files.reverse();
        laid.push((profile, name, files));
    }
    tx.rollback().await?;
    let mut all = Vec::new();
    for (profile, name, files) in laid {
        let mut filling = Filling { profile, name, uploads: Vec::new(), columns: Vec::new() };
        let mut seen: BTreeMap<(FieldId, String), Vec<Option<Share>>> = BTreeMap::new();
        let mut order: Vec<(FieldId, String)> = Vec::new();
        for (at, (uploaded, file)) in files.iter().enumerate() {
            filling.uploads.push(Upload { dataset: file.dataset_id, at: *uploaded });
            let mut here = Vec::new();
            for (stored, mapping) in
                stored_tables(caller.actor.org, file)?.into_iter().zip(stored_mappings(file)?)
            {
                let reading = readings::reading(backing, &stored.reading, &stored.preparation).await?;
                for column in &mapping.columns {
                    let profile = reading.profile.columns.iter().find(|one| one.index == column.index);
                    let Some((field, profile)) = column.field.zip(profile) else { continue };
                    let key = (field, column.source.clone());
                    let shares = seen.entry(key.clone()).or_insert_with(|| vec![None; files.len()]);
                    let unreadable = profile.unreadable as f64 / (profile.filled.max(1)) as f64;
                    shares[at] = Some(Share { filled: profile.fill(), read: 1.0 - unreadable });
                    here.push(key);
                }
            }
            // The newest upload says the order; columns that it does not have follow.
            let earlier: Vec<_> = order.into_iter().filter(|key| !here.contains(key)).collect();
            here.extend(earlier);
            order = here;
        }
        filling.columns = order
            .into_iter()
            .filter_map(|key| {
                let shares = seen.remove(&key)?;
                Some(Column { field: key.0, header: key.1, shares })
            })
            .collect();
        all.push(filling);
    }
    Ok(all)
}
