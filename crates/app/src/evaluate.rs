//! Measuring against a known truth.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::{Granularity, Mapping, Settings, TableProfile};
use generator::evaluation::{self, PlantScore};
use mapping::{
    Knowledge, Remembered,
    evaluation::{Accuracy, Outcome, Truth, compare},
};
use serde::Deserialize;

use crate::{Error, Scratch, analyze, read};

/// What came of one labelled export.
#[derive(Debug)]
pub struct MappingCase {
    pub name: String,
    pub accuracy: Accuracy,
    pub outcomes: Vec<Outcome>,
    pub granularity: Granularity,
    /// `None` where the case does not say what a row is.
    pub granularity_right: Option<bool>,
    pub system: Option<String>,
    /// `None` where no system was named, or where the case does not say which it is.
    pub system_right: Option<bool>,
    /// Time to profile and map, reading excluded.
    pub mapping_time: Duration,
}

#[derive(Debug)]
pub struct MappingReport {
    pub cases: Vec<MappingCase>,
    pub all: Accuracy,
}

/// What `case.json` may say beside the labels.
#[derive(Debug, Default, Deserialize)]
struct CaseFile {
    system: Option<String>,
    family: Option<String>,
    granularity: Option<String>,
}

/// Maps every folder that holds `data.*` and `truth.csv`. With `unseen`, what is known of a case's own system is
/// forgotten before it is mapped.
pub fn mapping(dir: &Path, unseen: bool, say: &mut dyn FnMut(&str)) -> Result<MappingReport, Error> {
    let mut cases = Vec::new();
    for folder in folders(dir)? {
        let Some(data) = file_named(&folder, "data") else { continue };
        let Ok(labels) = std::fs::read_to_string(folder.join("truth.csv")) else { continue };
        let name = ingest::error::display_name(&folder);
        say(&name);
        let about: CaseFile = std::fs::read_to_string(folder.join("case.json"))
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let mut truth = Truth::parse(&name, &labels).ok_or_else(|| {
            Error::Input(format!("{name}: truth.csv is not a list of source_column,canonical_field"))
        })?;
        truth.granularity = about.granularity.as_deref().and_then(Granularity::named);
        truth.system = about.family.clone().or_else(|| about.system.clone());
        let scratch = Scratch::new()?;
        let tables = read::read(&data, None, &scratch, &mut |_| ())?;
        let Some(table) = tables.iter().map(|table| &table.profile).max_by_key(|profile| profile.rows) else {
            continue;
        };
        let forgetful = unseen.then(|| truth.system.as_deref().map(Knowledge::without_system)).flatten();
        let knowledge = forgetful.as_ref().unwrap_or_else(|| Knowledge::shipped());
        let (proposal, mapping_time) = timed(table, knowledge);
        let outcomes = compare(&truth, &proposal);
        cases.push(MappingCase {
            name,
            accuracy: Accuracy::of(&outcomes),
            outcomes,
            granularity: proposal.granularity,
            granularity_right: truth.granularity.map(|granularity| granularity == proposal.granularity),
            system_right: proposal
                .source_system
                .as_ref()
                .zip(truth.system.as_deref())
                .map(|(found, system)| mapping::knowledge::same_family(&found.name, system)),
            system: proposal.source_system.map(|system| system.name),
            mapping_time,
        });
    }
    if cases.is_empty() {
        return Err(Error::Input(format!(
            "{} holds no case: a case is a folder with data.csv and truth.csv",
            dir.display()
        )));
    }
    let outcomes: Vec<Outcome> = cases.iter().flat_map(|case| case.outcomes.iter().cloned()).collect();
    Ok(MappingReport { all: Accuracy::of(&outcomes), cases })
}

fn timed(table: &TableProfile, knowledge: &Knowledge) -> (Mapping, Duration) {
    let begin = Instant::now();
    let proposal = mapping::propose(table, knowledge, &Remembered::nothing());
    (proposal, begin.elapsed())
}

/// Folders below `dir` in order of name, `dir` itself where it is a case.
pub(crate) fn folders(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(dir)
        .map_err(|error| Error::Input(format!("cannot read the folder {}: {error}", dir.display())))?;
    let mut folders: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.insert(0, dir.to_owned());
    Ok(folders)
}

/// The file of that name, whatever its extension.
fn file_named(folder: &Path, stem: &str) -> Option<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.file_stem().is_some_and(|name| name == stem))
        .collect();
    files.sort();
    files.into_iter().next()
}

/// What came of one plant with known problems.
#[derive(Debug)]
pub struct FindingsCase {
    pub name: String,
    pub score: PlantScore,
    /// Findings and remainder make the whole variance, to the cent.
    pub ledger_closes: bool,
    pub data_tier: u8,
    pub seconds: f64,
}

/// Analyzes every folder that holds `truth.json` and judges the findings.
pub fn findings(
    dir: &Path,
    settings: &Settings,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<FindingsCase>, Error> {
    let mut cases = Vec::new();
    for folder in folders(dir)? {
        let Ok(text) = std::fs::read_to_string(folder.join("truth.json")) else { continue };
        let name = ingest::error::display_name(&folder);
        let truth: generator::truth::Truth = serde_json::from_str(&text).map_err(|error| {
            Error::Input(format!("{name}: truth.json is not one that `plantintel generate` writes ({error})"))
        })?;
        say(&name);
        let files = exports(&folder);
        let request = analyze::Request {
            files: &files,
            part: None,
            saved: &[],
            settings,
            decisions: analyze::Decisions::Likelier,
        };
        let scratch = Scratch::new()?;
        let begin = Instant::now();
        let outcome = analyze::analyze(&request, &scratch, &mut |_| ())?;
        let Some(analysis) = outcome.analysis else { continue };
        let totals = &analysis.totals;
        cases.push(FindingsCase {
            name,
            score: evaluation::evaluate(&truth, &evaluation::reported(&analysis), analysis.data_tier),
            ledger_closes: totals.explained.amount + totals.remainder.amount == totals.variance.amount,
            data_tier: analysis.data_tier,
            seconds: begin.elapsed().as_secs_f64(),
        });
    }
    if cases.is_empty() {
        return Err(Error::Input(format!(
            "{} holds no plant: a plant is a folder with exports and truth.json, as `plantintel generate` writes it",
            dir.display()
        )));
    }
    Ok(cases)
}

/// Everything in a folder but the truth, in order of name.
fn exports(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_none_or(|extension| extension != "json"))
        .collect();
    files.sort();
    files
}
