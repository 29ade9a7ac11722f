//! Whether an import is one that was seen before: which saved mapping each file follows, and what has changed since.

use std::{collections::BTreeMap, sync::Arc};

use domain::{Mapping, Role, id::DatasetId};
use mapping::learning::{Drift, KnownTable, Recognised, recognise};
use preparation::Preparation;
use store::{Tx, datasets, datasets::DatasetFile};

use super::{
    present, readings,
    tables::{stored_mappings, stored_tables},
};
use crate::{
    Backing, Caller, Error, deed,
    mapping_profiles::{self, KnownProfile},
};

/// Less in common than this is no new version of an export.
const FOLLOWS: f64 = 0.45;

/// Saved mappings that a file is told to be like.
const OTHERS: usize = 4;

/// A file with the saved mapping that it follows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    pub file: String,
    pub profile: String,
    /// Columns in common of all columns; 1 is the same export again.
    pub likeness: f64,
    /// Columns that the saved mapping does not have.
    pub new: Vec<String>,
    /// Columns of the saved mapping that the file does not have.
    pub missing: Vec<String>,
    /// What else has changed, in a sentence each: renamed columns, other kinds, formats, units, sizes.
    pub drift: Vec<String>,
    /// Whether a decision that was confirmed may not hold any more.
    pub endangered: bool,
    /// Other saved mappings that it is like, the likest first.
    pub others: Vec<(String, f64)>,
}

/// Empty unless every file of the import follows a saved mapping.
pub async fn known(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Vec<Known>, Error> {
    let all = ranked(backing, caller, id).await?;
    let follows = !all.is_empty() && all.iter().all(|known| known.likeness >= FOLLOWS);
    Ok(if follows { all } else { Vec::new() })
}

/// Each file with the saved mapping that it is most like, whatever that is; a file that is like none has an empty name.
pub async fn ranked(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Vec<Known>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    super::read_already(&present(&mut tx, id).await?)?;
    let files = datasets::files(&mut tx, id).await?;
    let profiles = mapping_profiles::known(&mut tx).await?;
    let laid = tables(&mut tx, &files)?;
    tx.rollback().await?;
    let mut all = Vec::new();
    for (file, tables) in files.iter().zip(laid) {
        let mut read = Vec::new();
        for (reading, mapping) in tables {
            let reading = readings::reading(backing, &reading, &Preparation::default()).await?;
            read.push((reading, mapping));
        }
        all.push(best(&file.file_name, &read, &profiles));
    }
    Ok(all)
}

type Laid = Vec<Vec<(clients::blobs::Key, Mapping)>>;

fn tables(tx: &mut Tx, files: &[DatasetFile]) -> Result<Laid, Error> {
    files
        .iter()
        .map(|file| {
            let stored = stored_tables(tx.org(), file)?.into_iter().map(|table| table.raw().reading);
            Ok(stored.zip(stored_mappings(file)?).collect())
        })
        .collect()
}

/// The saved mapping that the tables of a file are most like, and the next ones.
fn best(file: &str, tables: &[(Arc<readings::Known>, Mapping)], profiles: &[KnownProfile]) -> Known {
    // Known tables of all profiles in one list, oldest confirmation first; each remembers whose it is.
    let mut owners = Vec::new();
    let mut all: Vec<KnownTable> = Vec::new();
    for (at, profile) in profiles.iter().enumerate() {
        for table in &profile.tables {
            owners.push(at);
            all.push(table.clone());
        }
    }
    let mut scores: BTreeMap<usize, (f64, Vec<Recognised>)> = BTreeMap::new();
    for (reading, mapping) in tables {
        let mut seen = std::collections::BTreeSet::new();
        for found in recognise(&all, &reading.profile, Some(mapping)) {
            let owner = owners[found.table];
            // Of the tables of one profile, the likest speaks for it.
            if seen.insert(owner) {
                let score = scores.entry(owner).or_default();
                score.0 += found.likeness / tables.len() as f64;
                score.1.push(found);
            }
        }
    }
    let mut order: Vec<(usize, f64, Vec<Recognised>)> =
        scores.into_iter().map(|(owner, (score, found))| (owner, score, found)).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    let mut order = order.into_iter();
    let Some((owner, likeness, found)) = order.next() else {
        return Known { file: file.to_owned(), ..Known::default() };
    };
    let drift: Vec<&Drift> = found.iter().flat_map(|found| &found.drift).collect();
    Known {
        file: file.to_owned(),
        profile: profiles[owner].name.clone(),
        likeness,
        new: drift
            .iter()
            .filter_map(
                |drift| if let Drift::Added { source, .. } = drift { Some(source.clone()) } else { None },
            )
            .collect(),
        missing: drift
            .iter()
            .filter_map(
                |drift| if let Drift::Missing { source } = drift { Some(source.clone()) } else { None },
            )
            .collect(),
        drift: drift
            .iter()
            .filter(|drift| !matches!(drift, Drift::Added { .. } | Drift::Missing { .. }))
            .map(|drift| drift.sentence())
            .collect(),
        endangered: drift.iter().any(|drift| drift.endangers_decision()),
        others: order
            .take(OTHERS)
            .map(|(owner, likeness, _)| (profiles[owner].name.clone(), likeness))
            .collect(),
    }
}
