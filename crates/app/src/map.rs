//! Working out what columns mean.

use std::path::Path;

use domain::{Mapping, TableProfile};
use ingest::ReadTable;
use mapping::{Knowledge, Remembered};

use crate::{
    Error, Scratch,
    read::{self, Say},
};

/// The tables of a file and their proposed mappings.
pub fn map(
    path: &Path,
    part: Option<&str>,
    scratch: &Scratch,
    say: Say<'_>,
) -> Result<(Vec<ReadTable>, Vec<Mapping>), Error> {
    let tables = read::read(path, part, scratch, say)?;
    let mappings = propose(&tables);
    Ok((tables, mappings))
}

/// Proposals for tables of one plant: what one file says helps to read the others. Issues of reading come along, so
/// that a decision about a date order is not lost on the way.
pub fn propose(tables: &[ReadTable]) -> Vec<Mapping> {
    propose_remembering(tables, &Remembered::nothing())
}

/// The same, with what the organisation has confirmed before.
pub fn propose_remembering(tables: &[ReadTable], remembered: &Remembered) -> Vec<Mapping> {
    let profiles: Vec<TableProfile> = tables.iter().map(|table| table.profile.clone()).collect();
    propose_of(&profiles, remembered)
}

/// The same of profiles alone.
pub(crate) fn propose_of(profiles: &[TableProfile], remembered: &Remembered) -> Vec<Mapping> {
    let mut mappings = mapping::propose_all(profiles, Knowledge::shipped(), remembered);
    for (mapping, profile) in mappings.iter_mut().zip(profiles) {
        for issue in &profile.issues {
            if !mapping.issues.contains(issue) {
                mapping.issues.push(issue.clone());
            }
        }
    }
    mappings
}
