//! The job that analyzes: tables and mappings in, findings with their evidence out.

use std::path::PathBuf;

use analyzers::{MappedTable, over_time::History, what_if::Sums};
use clients::blobs::{Key, Kind};
use domain::{
    Settings,
    id::{AnalysisId, DatasetId},
};
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;
use store::{
    Tx,
    analyses::{self, AnalysisState, Totals, reviews},
    audit::{self, Event},
    datasets,
    findings::{self, NewFinding},
    jobs::{self, Claim, Done},
    usage::{self, UsageType},
};
use uuid::Uuid;

use super::{
    canonical,
    over_time::{self, Basis, Earlier, OverTime},
    plants,
    rows::{self, Source},
};
use crate::{
    Backing, Error, Scratch,
    analyze::{self, Stage},
    archive,
    configurations::settings,
    datasets::tables::{StoredTable, stored_mappings, stored_tables},
    files::apart,
    findings::calibration,
    savings::{self, Measurement, Watched},
    worker::Hold,
};

/// The kind of the job.
pub(crate) const KIND: &str = "analyze";

/// A table with its mapping, and the name by which the analysis calls its file.
pub(super) struct Member {
    table: StoredTable,
    mapping: domain::Mapping,
    file_name: String,
}

/// Rows that all passes for what-if questions may look at together.
const ROWS_PASSED: usize = 12_000_000;

/// What an analysis ends with.
struct Outcome {
    result: domain::Analysis,
    rows: Vec<rows::Row>,
    basis: Basis,
    over_time: OverTime,
    measured: Vec<Measurement>,
    canonical: analyzers::Canonical,
    /// Where the tables lie until they are kept.
    _scratch: Scratch,
}

/// Runs the analysis of the claim and commits what it found together with the job's end.
pub(crate) async fn perform(backing: &Backing, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let id = AnalysisId(claim.job.id.0);
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let analysis = analyses::get(&mut tx, id).await?;
    let waiting = |state| matches!(state, AnalysisState::Queued | AnalysisState::Running);
    let Some(analysis) = analysis.filter(|analysis| waiting(analysis.state)) else {
        jobs::finish(&mut tx, claim, &Done::Completed).await?;
        return Ok(tx.commit().await?);
    };
    let settings = settings::restore(&analysis.settings)?;
    let datasets = analyses::datasets(&mut tx, id).await?;
    let members = members_of(&mut tx, &datasets).await?;
    let (earlier, newest) = over_time::earlier(backing, &mut tx, id).await?;
    let watched = savings::acted_on(&mut tx, analysis.facility_id).await?;
    let calibrations = calibration::of(&mut tx).await?;
    // A time before the action may lie in earlier uploads only.
    let united = if watched.is_empty() {
        None
    } else {
        let own = &datasets;
        let past: Vec<&Earlier> = earlier.iter().map(|(earlier, _)| earlier).collect();
        match savings::united(&mut tx, own, &past).await? {
            Some(datasets) => Some(members_of(&mut tx, &datasets).await?),
            None => None,
        }
    };
    tx.rollback().await?;
    if members.is_empty() {
        return Err(Error::Input("the datasets were removed; start an analysis of others".to_owned()));
    }

    let scratch = Scratch::new()?;
    let (tables, sources) = lay_out(backing, members, &scratch).await?;
    let united_scratch = Scratch::new()?;
    let united = match united {
        Some(members) => Some(lay_out(backing, members, &united_scratch).await?.0),
        None => None,
    };
    let done = hold
        .compute(move |hold| {
            // With earlier uploads, savings are measured on all of them; without, on the plant that is looked at anyway.
            let own = if united.is_some() { &[][..] } else { &watched };
            let (mut result, basis, mut measured, rows, canonical) =
                compute(&tables, &sources, &settings, own, &scratch, hold)?;
            calibration::rank(&mut result, &calibrations);
            if let Some(united) = &united {
                hold.say("measuring savings on all uploads", 0.92);
                measured = measure_united(united, &watched, &settings, &united_scratch)?;
            }
            let over_time =
                over_time::look_back(&result, &basis.history, &earlier, newest.as_ref(), &settings);
            hold.say("preparing the tables to be looked at", 0.94);
            canonical::explorer(&canonical).prepare()?;
            Ok(Outcome { result, rows, basis, over_time, measured, canonical, _scratch: scratch })
        })
        .await?;
    hold.say("storing what was found", 0.95);
    canonical::keep(backing, claim.org, id, &datasets, &done.canonical).await?;
    commit(backing, hold, id, &analysis, done).await?;
    canonical::let_go(backing, &claim.actor(), id, analysis.facility_id).await;
    Ok(())
}

/// Brings the tables onto this machine's disk.
pub(super) async fn lay_out(
    backing: &Backing,
    members: Vec<Member>,
    scratch: &Scratch,
) -> Result<(Vec<MappedTable>, Vec<Source>), Error> {
    let folder = scratch.folder("tables")?;
    let (mut tables, mut sources) = (Vec::new(), Vec::new());
    for (at, member) in members.into_iter().enumerate() {
        let Member { table, mut mapping, file_name } = member;
        let path = backing.blobs.lay_out(&table.parquet, &folder, &format!("table-{at}.parquet")).await?;
        mapping.file.clone_from(&file_name);
        // Rows behind findings are shown as the customer's file has them, whatever was prepared.
        let source = match &table.raw {
            Some(raw) => {
                let path = backing.blobs.lay_out(&raw.parquet, &folder, &format!("raw-{at}.parquet")).await?;
                Source::of(table.file, &file_name, &path, &raw.kinds, &mapping)
            }
            None => Source::of(table.file, &file_name, &path, &table.kinds, &mapping),
        };
        sources.push(source);
        tables.push(mapped(table, mapping, file_name, path));
    }
    Ok((tables, sources))
}

/// The tables of these datasets, in order. Files of one name stay apart.
pub(super) async fn members_of(tx: &mut Tx, members: &[DatasetId]) -> Result<Vec<Member>, Error> {
    let org = tx.org();
    let mut files = Vec::new();
    for dataset in members {
        files.extend(datasets::files(tx, *dataset).await?);
    }
    let names = apart(files.iter().map(|file| file.file_name.as_str()));
    let mut members = Vec::new();
    for (file, name) in files.iter().zip(names) {
        for (table, mapping) in stored_tables(org, file)?.into_iter().zip(stored_mappings(file)?) {
            members.push(Member { table, mapping, file_name: name.clone() });
        }
    }
    Ok(members)
}

fn mapped(table: StoredTable, mapping: domain::Mapping, file: String, parquet: PathBuf) -> MappedTable {
    MappedTable {
        file,
        part: table.part,
        parquet,
        mapping,
        kinds: table.kinds,
        currency: table.currency,
        exchange: None,
    }
}

/// A result with what later questions stand on, measured savings, the rows behind findings, and the tables.
type Computed = (domain::Analysis, Basis, Vec<Measurement>, Vec<rows::Row>, analyzers::Canonical);

/// Analyzes, gathers what later questions stand on, and looks up the rows that findings rest on; off the async threads.
fn compute(
    tables: &[MappedTable],
    sources: &[Source],
    settings: &Settings,
    watched: &[Watched],
    scratch: &Scratch,
    hold: &Hold,
) -> Result<Computed, Error> {
    let mut observe = |stage: &Stage| {
        let share = match stage {
            Stage::Reading(_) | Stage::Mapping | Stage::Asking => 0.0,
            Stage::Applying => 0.05,
            Stage::Analyzing => 0.4,
        };
        hold.say(&stage.to_string(), share);
    };
    let (analysis, (basis, measured), canonical) =
        analyze::run_and(tables, settings, scratch, &mut observe, |plant, findings| {
            // Each part is a pass over the rows: of a very large plant, fewer are kept; the rest is worked out when asked.
            let parts = 1 + ROWS_PASSED / plant.operations.len.max(1);
            let sums = over_time::scopes(findings)
                .into_iter()
                .take(parts)
                .map(|scope| {
                    let sums = Sums::of(plant, &scope, settings);
                    (scope, sums)
                })
                .collect();
            let measured = savings::measure(plant, watched, settings);
            (Basis { history: History::of(plant), sums }, measured)
        })?;
    hold.wanted()?;
    hold.say("looking up the rows behind the findings", 0.9);
    let rows = rows::look_up(&analysis, sources)?;
    Ok((analysis, basis, measured, rows, canonical))
}

/// Measures savings on the tables of several uploads; off the async threads.
fn measure_united(
    tables: &[MappedTable],
    watched: &[Watched],
    settings: &Settings,
    scratch: &Scratch,
) -> Result<Vec<Measurement>, Error> {
    let limits = analyzers::Limits::new(scratch.folder("spill")?).saying(settings);
    let canonical = analyzers::canonical::build(tables, &scratch.folder("canonical")?, &limits)?;
    Ok(savings::measure(&analyzers::load(&canonical)?, watched, settings))
}

async fn commit(
    backing: &Backing,
    hold: &Hold,
    id: AnalysisId,
    asked: &analyses::Analysis,
    done: Outcome,
) -> Result<(), Error> {
    let claim = &hold.claim;
    let Outcome { result, rows, basis, over_time, measured, .. } = done;
    let result = &result;
    over_time::keep(backing, claim.org, id, &basis, &over_time).await?;
    // Named by the analysis, so that a second run writes the same bytes to the same place.
    let key = Key::new(claim.org, Kind::Analysis, id.0);
    backing.blobs.write_bytes(&key, archive::encode(result)).await?;
    let key = key.to_string();
    let stored: Vec<NewFinding> = rows::findings(result, asked.facility_id, rows);
    let analyzers: Vec<String> = result.analyzers_run.iter().map(|name| (*name).to_owned()).collect();
    let document = json!({
        "data_quality": {"score": result.data_quality.score, "grade": result.data_quality.grade.to_string()},
        "period": result.period.as_ref().map(|period| json!({"start": period.start, "end": period.end})),
        "kpis": plants::kept(&result.kpis),
    });
    let totals = Totals {
        data_tier: i16::from(result.data_tier),
        analyzers_run: &analyzers,
        currency: Some(result.currency.as_str()),
        rows_read: i64::try_from(result.rows.read).unwrap_or(i64::MAX),
        rows_used: i64::try_from(result.rows.used).unwrap_or(i64::MAX),
        planned_cost: Some(result.totals.planned_cost.amount),
        actual_cost: Some(result.totals.actual_cost.amount),
        variance: Some(result.totals.variance.amount),
        explained: Some(result.totals.explained.amount),
        remainder: Some(result.totals.remainder.amount),
        findings: stored.len() as i64,
        document: &document,
        document_key: Some(&key),
    };
    let mut tx = backing.store.begin(&claim.actor()).await?;
    // The fence first: whoever lost the claim writes nothing.
    jobs::finish(&mut tx, claim, &Done::Completed).await?;
    findings::replace_all(&mut tx, id, &stored).await?;
    analyses::complete(&mut tx, id, &totals).await?;
    savings::keep(&mut tx, id, &measured).await?;
    usage::record_event(&mut tx, UsageType::AnalyzerExecution, &id.to_string(), analyzers.len() as i64)
        .await?;
    let event = Event::new("analysis.complete", audit::Outcome::Done)
        .on("analysis", id)
        .traced(claim.job.trace_id.clone())
        .detail("findings", stored.len());
    audit::record(&mut tx, &event).await?;
    if analyses::get(&mut tx, id).await?.is_some_and(|now| now.state == AnalysisState::InReview) {
        // A reviewer looks first; the organisation is told when it is published.
        reviews::insert(&mut tx, id).await?;
    } else {
        tell(&mut tx, id, asked, stored.len(), result).await?;
    }
    Ok(tx.commit().await?)
}

/// New large findings that are told at most; a letter is no report.
const TOLD_MAX: i64 = 20;

/// Tells that the result is there, and what in it was not there before.
async fn tell(
    tx: &mut Tx,
    id: AnalysisId,
    asked: &analyses::Analysis,
    findings: usize,
    result: &domain::Analysis,
) -> Result<(), Error> {
    let by = asked.created_by.map(|user| user.to_string());
    let facts = json!({
        "analysis": id.to_string(), "name": asked.name, "by": by, "findings": findings, "rows": result.rows.used,
        "currency": result.currency.as_str(),
    });
    let key = id.to_string();
    store::notices::raise(tx, Uuid::now_v7(), "analysis.completed", &key, &facts, "").await?;
    let fresh: Vec<_> = findings::list_new(tx, id, TOLD_MAX)
        .await?
        .into_iter()
        .filter_map(|one| {
            let annualized = one.annualized?.to_f64()?;
            (annualized > 0.0).then(|| json!({"key": one.key, "title": one.title, "annualized": annualized}))
        })
        .collect();
    if !fresh.is_empty() {
        let facts = json!({
            "analysis": id.to_string(), "name": asked.name, "currency": result.currency.as_str(), "findings": fresh,
        });
        store::notices::raise(tx, Uuid::now_v7(), "finding.large", &key, &facts, "").await?;
    }
    Ok(())
}

/// Tells that there will be no result.
pub(crate) async fn tell_failed(tx: &mut Tx, claim: &Claim, reason: &str) -> Result<(), store::Error> {
    let Some(asked) = analyses::get(tx, AnalysisId(claim.job.id.0)).await? else { return Ok(()) };
    let by = asked.created_by.map(|user| user.to_string());
    let facts = json!({"analysis": asked.id.to_string(), "name": asked.name, "by": by, "reason": reason});
    let (key, trace) = (asked.id.to_string(), &claim.job.trace_id);
    store::notices::raise(tx, Uuid::now_v7(), "analysis.failed", &key, &facts, trace).await?;
    Ok(())
}

/// Removes the document of an analysis that has ended without a result.
pub(crate) async fn abandon(backing: &Backing, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let id = AnalysisId(claim.job.id.0);
    for key in over_time::keys(claim.org, id).into_iter().chain(canonical::keys(claim.org, id)) {
        backing.blobs.delete(&key).await?;
    }
    Ok(backing.blobs.delete(&Key::new(claim.org, Kind::Analysis, id.0)).await?)
}
