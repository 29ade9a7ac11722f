//! The main job: exports of a plant in, findings out.

use std::fmt;
use std::path::PathBuf;

use analyzers::{MappedTable, engine::plant::Plant};
use domain::{Analysis, Finding, Mapping, Settings, issue::Severity};
use ingest::ReadTable;

use crate::{Error, Scratch, map, prepare, profile::SavedMapping, read};

/// What is asked for.
#[derive(Debug)]
pub struct Request<'a> {
    pub files: &'a [PathBuf],
    /// The sheet or archive member to read; all with data where none is named.
    pub part: Option<&'a str>,
    /// Saved mappings with the names of their files, first match wins.
    pub saved: &'a [(String, SavedMapping)],
    pub settings: &'a Settings,
    /// What happens where only a person can decide.
    pub decisions: Decisions<'a>,
}

/// What happens where only a person can decide.
#[derive(Debug, Clone, Copy)]
pub enum Decisions<'a> {
    /// The likelier meaning is taken.
    Likelier,
    /// The work ends without an analysis.
    Stop,
    /// Somebody is asked.
    Ask(&'a dyn Person),
}

/// Somebody who can be asked what columns mean.
pub trait Person: fmt::Debug {
    /// Settles what is open in the mappings of these tables.
    fn decide(&self, mappings: &mut [Mapping], tables: &[ReadTable]) -> Result<(), Error>;
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// `None` where decisions are open and the request wanted to stop there.
    pub analysis: Option<Analysis>,
    /// The tables behind the analysis, in the scratch folder of the run.
    pub canonical: Option<analyzers::Canonical>,
    pub mappings: Vec<Mapping>,
    pub files: Vec<String>,
    /// What a person should know beside the result.
    pub messages: Vec<String>,
}

/// Where the work is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    Reading(String),
    Mapping,
    /// Somebody is being asked: progress keeps quiet.
    Asking,
    Applying,
    Analyzing,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reading(what) => formatter.write_str(what),
            Self::Mapping => formatter.write_str("working out what the columns mean"),
            Self::Asking => formatter.write_str("asking"),
            Self::Applying => formatter.write_str("joining the files"),
            Self::Analyzing => formatter.write_str("analyzing"),
        }
    }
}

/// Reads, maps and analyzes. Temporary tables lie in `scratch`.
pub fn analyze(
    request: &Request<'_>,
    scratch: &Scratch,
    observe: &mut dyn FnMut(&Stage),
) -> Result<Outcome, Error> {
    let mut tables: Vec<ReadTable> = Vec::new();
    for path in request.files {
        let mut say = |what: &str| observe(&Stage::Reading(what.to_owned()));
        tables.extend(read::read(path, request.part, scratch, &mut say)?);
    }
    let mut messages = Vec::new();
    for table in &mut tables {
        let headers: Vec<String> = table.profile.columns.iter().map(|column| column.header.clone()).collect();
        let saved =
            request.saved.iter().find_map(|(_, saved)| saved.preparation(headers.iter().map(String::as_str)));
        if let Some(preparation) = saved {
            messages.extend(prepare::prepare(table, preparation, scratch)?);
        }
    }
    observe(&Stage::Mapping);
    let mut mappings = map::propose(&tables);
    for (name, saved) in request.saved {
        let mut used = false;
        for mapping in &mut mappings {
            used |= saved.replay(name, mapping);
        }
        if !used {
            messages.push(format!("{name} fits none of the files and was not used"));
        }
    }
    let files = names(&tables);
    if mappings.iter().any(needs_a_person) {
        match request.decisions {
            Decisions::Likelier => {}
            Decisions::Stop => {
                return Ok(Outcome { analysis: None, canonical: None, mappings, files, messages });
            }
            Decisions::Ask(person) => {
                observe(&Stage::Asking);
                person.decide(&mut mappings, &tables)?;
            }
        }
    }
    let mapped: Vec<MappedTable> = tables
        .iter()
        .zip(&mappings)
        .map(|(table, mapping)| MappedTable {
            file: table.profile.file.clone(),
            part: table.profile.part.clone(),
            parquet: table.parquet.clone(),
            mapping: mapping.clone(),
            kinds: table.profile.columns.iter().map(|column| column.kind).collect(),
            currency: table.profile.columns.iter().find_map(|column| column.currency.clone()),
            exchange: None,
        })
        .collect();
    let (analysis, canonical) = run_and_keep(&mapped, request.settings, scratch, observe)?;
    Ok(Outcome { analysis: Some(analysis), canonical: Some(canonical), mappings, files, messages })
}

/// Analyzes tables whose columns are understood.
pub fn run(
    tables: &[MappedTable],
    settings: &Settings,
    scratch: &Scratch,
    observe: &mut dyn FnMut(&Stage),
) -> Result<Analysis, Error> {
    run_and(tables, settings, scratch, observe, |_, _| ()).map(|(analysis, (), _)| analysis)
}

/// The same, with the tables that it was made of.
pub fn run_and_keep(
    tables: &[MappedTable],
    settings: &Settings,
    scratch: &Scratch,
    observe: &mut dyn FnMut(&Stage),
) -> Result<(Analysis, analyzers::Canonical), Error> {
    let canonical = join(tables, settings, scratch, observe)?;
    observe(&Stage::Analyzing);
    let analysis = analyzers::analyze(&canonical, settings)?;
    Ok((analysis, canonical))
}

fn join(
    tables: &[MappedTable],
    settings: &Settings,
    scratch: &Scratch,
    observe: &mut dyn FnMut(&Stage),
) -> Result<analyzers::Canonical, Error> {
    observe(&Stage::Applying);
    let folder = scratch.folder("canonical")?;
    let spill = scratch.folder("spill")?;
    let limits = analyzers::Limits::new(spill).saying(settings);
    Ok(analyzers::canonical::build(tables, &folder, &limits)?)
}

/// Analyzes tables whose columns are understood, and looks at the plant with what was found in it before it goes. The tables
/// come back with all of their rows, also those that the settings leave out.
pub(crate) fn run_and<T>(
    tables: &[MappedTable],
    settings: &Settings,
    scratch: &Scratch,
    observe: &mut dyn FnMut(&Stage),
    look: impl FnOnce(&Plant, &[Finding]) -> T,
) -> Result<(Analysis, T, analyzers::Canonical), Error> {
    let canonical = join(tables, settings, scratch, observe)?;
    let joined = canonical.clone();
    let left = scratch.folder("left")?;
    let canonical = analyzers::canonical::leave_out::without(canonical, &settings.leave_out, &left)?;
    observe(&Stage::Analyzing);
    let (analysis, looked) = analyzers::analyze_and(&canonical, settings, look)?;
    Ok((analysis, looked, joined))
}

/// Whether a decision about this table is open.
pub fn needs_a_person(mapping: &Mapping) -> bool {
    mapping.columns.iter().any(|column| column.status == domain::mapping::Status::YourCall)
        || mapping.issues.iter().any(|issue| issue.severity == Severity::Decision)
}

fn names(tables: &[ReadTable]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for table in tables {
        if !names.contains(&table.profile.file) {
            names.push(table.profile.file.clone());
        }
    }
    names
}
