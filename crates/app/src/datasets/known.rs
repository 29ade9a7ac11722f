//! Whether an import is one that was seen before: which saved mapping each file follows, and how the file differs.

use std::collections::BTreeMap;

use domain::{Mapping, Role, id::DatasetId};
use store::{
    Page,
    datasets::{self, DatasetFile},
    profiles::{self, Profile},
};

use super::{present, signature::signature, tables::stored_mappings};
use crate::{Backing, Caller, Error, deed};

/// Profiles that are looked at for a file that is not known to the letter.
const PROFILES_MAX: u32 = 60;

/// The share of a profile's columns that a file must have to be called a new version of it.
const SHARED: f64 = 0.6;

/// A file with the saved mapping that it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub file: String,
    pub profile: String,
    /// Columns that the saved mapping does not have.
    pub new: Vec<String>,
    /// Columns of the saved mapping that the file does not have.
    pub missing: Vec<String>,
}

/// Empty unless every file of the import follows a saved mapping.
pub async fn known(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Vec<Known>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await?;
    let files = datasets::files(&mut tx, id).await?;
    let mut all = Vec::new();
    let mut saved: Option<Vec<Profile>> = None;
    for file in &files {
        let mappings = stored_mappings(file)?;
        if let Some(profile) =
            profiles::list_by_signature(&mut tx, &signature(&mappings)).await?.into_iter().next()
        {
            all.push(Known {
                file: file.file_name.clone(),
                profile: profile.name,
                new: Vec::new(),
                missing: Vec::new(),
            });
            continue;
        }
        if saved.is_none() {
            let found = profiles::list(&mut tx, None, Page::first(PROFILES_MAX)).await?.items;
            saved = Some(found.into_iter().filter(|profile| profile.active).collect());
        }
        match nearest(file, &headers(&mappings), saved.as_deref().unwrap_or_default()) {
            Some(near) => all.push(near),
            None => return Ok(Vec::new()),
        }
    }
    Ok(all)
}

/// Headers as the file writes them, by what they say: case, blanks and punctuation do not matter.
type Headers = BTreeMap<String, String>;

fn headers(mappings: &[Mapping]) -> Headers {
    let sources = mappings.iter().flat_map(|mapping| &mapping.columns).map(|column| &column.source);
    by_key(sources)
}

fn by_key<'a>(headers: impl Iterator<Item = &'a String>) -> Headers {
    headers.map(|header| (mapping::header_key(header), header.clone())).collect()
}

/// What one file has and the other does not, as it is written there.
fn without(headers: &Headers, others: &Headers) -> Vec<String> {
    headers.iter().filter(|(key, _)| !others.contains_key(*key)).map(|(_, header)| header.clone()).collect()
}

/// The saved mapping that shares most of its columns with the file.
fn nearest(file: &DatasetFile, own: &Headers, saved: &[Profile]) -> Option<Known> {
    let candidates = saved.iter().filter_map(|profile| {
        let theirs = by_key(profile.headers.iter());
        let shared = own.keys().filter(|key| theirs.contains_key(*key)).count();
        let enough = |all: usize| all > 0 && shared as f64 >= SHARED * all as f64;
        (enough(theirs.len()) && enough(own.len())).then_some((shared, profile, theirs))
    });
    let (_, profile, theirs) =
        candidates.max_by(|(a, x, _), (b, y, _)| a.cmp(b).then_with(|| y.name.cmp(&x.name)))?;
    Some(Known {
        file: file.file_name.clone(),
        profile: profile.name.clone(),
        new: without(own, &theirs),
        missing: without(&theirs, own),
    })
}
