//! What happens to a file of a source, and to an upload that asks for it, once it is read: a known export is confirmed and
//! analyzed, anything else waits for a person and says why.

use domain::{
    TraceId,
    id::{DatasetId, JobId},
};
use jiff::SignedDuration;
use serde_json::json;
use store::{
    Tx,
    datasets::{self, Dataset, DatasetState},
    jobs::{self, Done, NewJob},
    sources::{self, Source, SourceFileState},
};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error,
    accounts::secret,
    analyses::{self, NewRun},
    analyze,
    datasets::{known, mapping, read, tables::stored_mappings},
    worker::Hold,
};

pub(crate) const KIND: &str = "settle_source";

/// The job of a dataset; each has one.
pub(crate) fn job_of(dataset: DatasetId) -> JobId {
    JobId(read::place(dataset, 0, 0, "settle"))
}

/// Asks for it; without a source for an upload of a person.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    source: Option<Uuid>,
    dataset: DatasetId,
    delay: SignedDuration,
) -> Result<(), Error> {
    let payload = json!({"source": source.map(|id| id.to_string()), "dataset": dataset.to_string()});
    let key = dataset.to_string();
    let mut job = NewJob::new(job_of(dataset), KIND, payload);
    job.unique_key = Some(&key);
    job.delay = delay;
    jobs::enqueue(tx, &job).await?;
    Ok(())
}

/// Looks at an import of a source.
pub(crate) async fn perform(backing: &Backing, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let id = |name: &str| claim.job.payload[name].as_str().and_then(|id| id.parse::<Uuid>().ok());
    let dataset = DatasetId(id("dataset").unwrap_or_default());
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let found = datasets::get(&mut tx, dataset).await?;
    let source = match id("source") {
        // The source was removed meanwhile.
        Some(source) => sources::get(&mut tx, source).await?.map(Some),
        None => Some(None),
    };
    let (Some(import), Some(source)) = (found, source) else {
        jobs::finish(&mut tx, claim, &Done::Completed).await?;
        return Ok(tx.commit().await?);
    };
    let outcome = match import.state {
        DatasetState::Queued | DatasetState::Reading => {
            jobs::finish(&mut tx, claim, &Done::Later { delay: SignedDuration::from_secs(2) }).await?;
            return Ok(tx.commit().await?);
        }
        DatasetState::Failed => Err((
            SourceFileState::Refused,
            import.reason.clone().unwrap_or_else(|| "it could not be read".to_owned()),
        )),
        DatasetState::Mapping => {
            tx.rollback().await?;
            let caller = Caller::new(claim.actor(), TraceId::new(secret::random()), None);
            let outcome = go_on(backing, &caller, dataset).await?;
            tx = backing.store.begin(&claim.actor()).await?;
            outcome
        }
        // Somebody was faster.
        _ => Ok(()),
    };
    // Who uploaded it finds it where it stands; a source has nobody present.
    if let Some(source) = source {
        settle(&mut tx, &source, &import, outcome).await?;
    }
    jobs::finish(&mut tx, claim, &Done::Completed).await?;
    Ok(tx.commit().await?)
}

/// Writes down what became of a file of a source; where it waits, that is told.
async fn settle(
    tx: &mut Tx,
    source: &Source,
    import: &Dataset,
    outcome: Result<(), (SourceFileState, String)>,
) -> Result<(), Error> {
    let (state, reason) = match outcome {
        Ok(()) => (SourceFileState::Analyzed, String::new()),
        Err((state, reason)) => {
            let key = import.id.to_string();
            let facts =
                json!({"source": source.name, "file": import.name, "reason": reason, "dataset": key.clone()});
            store::notices::raise(tx, Uuid::now_v7(), "source.waiting", &key, &facts, "").await?;
            (state, reason)
        }
    };
    sources::set_state(tx, import.id, state, &reason).await?;
    Ok(())
}

/// Confirms and analyzes an import whose every file follows a saved mapping to the letter.
async fn go_on(
    backing: &Backing,
    caller: &Caller,
    dataset: DatasetId,
) -> Result<Result<(), (SourceFileState, String)>, Error> {
    let waits = |reason: String| Ok(Err((SourceFileState::Waiting, reason)));
    let known = known::known(backing, caller, dataset).await?;
    if known.is_empty() {
        return waits(
            "no saved mapping fits it; confirm what its columns mean once, and the next one goes by itself"
                .to_owned(),
        );
    }
    if let Some(drifted) = known.iter().find(|one| !one.new.is_empty() || !one.missing.is_empty()) {
        return waits(differs(drifted));
    }
    let mut tx = backing.store.begin(&caller.actor).await?;
    for file in datasets::files(&mut tx, dataset).await? {
        if stored_mappings(&file)?.iter().any(analyze::needs_a_person) {
            return waits(format!("{} has columns whose meaning the file does not settle", file.file_name));
        }
    }
    tx.rollback().await?;
    let note = "a known export, taken by itself".to_owned();
    let confirmation = mapping::Confirmation { note, ..mapping::Confirmation::default() };
    match mapping::confirm(backing, caller, dataset, None, &[], &confirmation).await {
        Ok(_) => {}
        Err(error @ (Error::Work(_) | Error::Unavailable(_) | Error::Away(_))) => return Err(error),
        Err(error) => return waits(error.to_string()),
    }
    let new = NewRun { datasets: vec![dataset], ..NewRun::default() };
    match analyses::start(backing, caller, &new).await {
        Ok(_) => Ok(Ok(())),
        Err(error @ (Error::Work(_) | Error::Unavailable(_) | Error::Away(_))) => Err(error),
        Err(error) => waits(error.to_string()),
    }
}

/// How a file differs from the export that it should be.
fn differs(one: &known::Known) -> String {
    let named = |columns: &[String]| {
        let shown: Vec<&str> = columns.iter().take(5).map(String::as_str).collect();
        let more = columns.len().saturating_sub(5);
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
    };
    let mut parts = Vec::new();
    if !one.new.is_empty() {
        parts.push(format!("new columns: {}", named(&one.new)));
    }
    if !one.missing.is_empty() {
        parts.push(format!("missing columns: {}", named(&one.missing)));
    }
    format!("it differs from {}; {}", one.profile, parts.join("; "))
}
