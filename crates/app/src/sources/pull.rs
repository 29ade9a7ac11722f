//! Looking into a place for new files.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use clients::places::{Keys, Login, Place};
use domain::{
    Actor, Role, TraceId,
    actor::Means,
    id::{JobId, OrgId},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{
    jobs::{self, Done, NewJob},
    sources::{self, Source, SourceFileState, SourceKind},
};
use uuid::Uuid;

use super::take_in;
use crate::{Backing, Caller, Error, accounts::secret, files, notices::Post, worker::Hold};

pub(crate) const KIND: &str = "pull_source";

/// How long a file must have stood still before it is taken: whoever writes it may not be done.
const STILL: i64 = 20;

/// What keys of a source are sealed to.
pub(crate) fn sealed_to(source: Uuid) -> Vec<u8> {
    format!("source {source}").into_bytes()
}

/// Asks for a look at every source of an organisation that is due.
pub(crate) async fn enqueue_due(backing: &Backing, org: OrgId) -> Result<usize, Error> {
    let now = backing.clock.now();
    let actor = Actor { org, role: Role::Owner, means: Means::Job { job: JobId(Uuid::nil()) } };
    let mut tx = backing.store.begin(&actor).await?;
    let due = sources::due(&mut tx, now).await?;
    for source in &due {
        let id = source.id.to_string();
        let mut job = NewJob::new(JobId(Uuid::now_v7()), KIND, json!({ "source": id }));
        job.unique_key = Some(&id);
        jobs::enqueue(&mut tx, &job).await?;
        // The next look, whatever comes of this one.
        let next_at = now + SignedDuration::from_mins(source.every_minutes);
        sources::set_looked(&mut tx, source.id, source.looked_at.unwrap_or(now), next_at, &source.trouble)
            .await?;
    }
    tx.commit().await?;
    Ok(due.len())
}

/// The folder of an organisation below the one that the installation watches.
pub(crate) fn folder_of(root: &Path, org: OrgId, place: &str) -> PathBuf {
    let mut folder = root.join(org.to_string());
    folder.extend(place.split('/').filter(|part| !part.is_empty() && *part != ".." && *part != "."));
    folder
}

/// What lets us into a bucket or a server.
fn opened(source: &Source, post: &Post) -> Result<Value, Error> {
    let sealed = source.secret.as_deref().unwrap_or_default();
    let opened = post.keys.open(sealed, &sealed_to(source.id)).ok_or_else(|| {
        Error::Input("the keys were sealed with another secret of the installation".to_owned())
    })?;
    Ok(serde_json::from_slice(&opened).unwrap_or_default())
}

async fn place(source: &Source, org: OrgId, post: &Post) -> Result<Place, Error> {
    let refused = |error: clients::places::Error| Error::Unavailable(error.to_string());
    match source.kind {
        SourceKind::Folder => {
            let root = post.watched_folder.as_ref().ok_or_else(|| {
                Error::Input("this installation watches no folder; set watched_folder".to_owned())
            })?;
            Place::folder(&folder_of(root, org, &source.place)).map_err(refused)
        }
        SourceKind::S3 => {
            let keys = opened(source, post)?;
            let text = |name: &str| keys[name].as_str().unwrap_or_default().to_owned();
            let keys = Keys {
                access: text("access"),
                secret: text("secret"),
                region: text("region"),
                endpoint: text("endpoint"),
            };
            Place::bucket(&source.place, &keys).map_err(refused)
        }
        SourceKind::Sftp => {
            let opened = opened(source, post)?;
            let text = |name: &str| opened[name].as_str().unwrap_or_default().to_owned();
            let login = Login {
                user: text("user"),
                password: text("password"),
                private_key: text("private_key"),
                host_key: source.host_key.clone(),
            };
            Place::sftp(&source.place, &login, post.hooks.private).await.map_err(refused)
        }
        SourceKind::Push => Err(Error::Input("files of this source are pushed".to_owned())),
    }
}

/// Looks into one source and takes what is new. One file that is refused holds up no other.
pub(crate) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    let post = post.ok_or_else(|| Error::Input("this worker looks into no sources".to_owned()))?;
    let claim = &hold.claim;
    let id: Uuid = claim.job.payload["source"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let Some(source) = sources::get(&mut tx, id).await?.filter(|source| source.active) else {
        jobs::finish(&mut tx, claim, &Done::Completed).await?;
        return Ok(tx.commit().await?);
    };
    tx.rollback().await?;
    let looked = look(backing, post, hold, &source).await;
    let trouble = match &looked {
        Ok(_) => String::new(),
        // A fault of ours is for the log.
        Err(Error::Work(cause)) => {
            tracing::error!(%cause, "a source could not be looked into");
            "the program failed on it; it has been noted".to_owned()
        }
        Err(error) => error.to_string(),
    };
    let now = backing.clock.now();
    let pause = if matches!(looked, Ok(Rest::More)) { 0 } else { source.every_minutes };
    let next_at = now + SignedDuration::from_mins(pause);
    let mut tx = backing.store.begin(&claim.actor()).await?;
    // Trouble stands at the source and the next look tries again: the job itself is done.
    jobs::finish(&mut tx, claim, &Done::Completed).await?;
    sources::set_looked(&mut tx, id, now, next_at, &trouble).await?;
    Ok(tx.commit().await?)
}

/// Whether a look took all that is new.
enum Rest {
    Nothing,
    More,
}

async fn look(backing: &Backing, post: &Post, hold: &Hold, source: &Source) -> Result<Rest, Error> {
    let claim = &hold.claim;
    let place = place(source, claim.org, post).await?;
    let found = place.list().await.map_err(|error| Error::Unavailable(error.to_string()))?;
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let known: HashSet<(String, String)> = sources::known(&mut tx, source.id).await?.into_iter().collect();
    tx.rollback().await?;
    let mut taken = 0;
    let caller = Caller::new(claim.actor(), TraceId::new(secret::random()), None);
    let now = backing.clock.now().as_second();
    for file in found {
        hold.wanted()?;
        // A clock that differs from the store's must not keep a file out for ever.
        let fresh = (0..STILL).contains(&(now - file.changed));
        if fresh || known.contains(&(sources::kept_name(&file.name), file.mark.clone())) {
            continue;
        }
        if taken == backing.bounds.source_files_max {
            return Ok(Rest::More);
        }
        taken += 1;
        hold.say(&format!("taking {}", file.name), 0.5);
        let body = place.read(&file.name).await.map_err(|error| Error::Unavailable(error.to_string()))?;
        let name = file.name.rsplit('/').next().unwrap_or_default();
        match files::receive(backing, &caller, name, Some(file.bytes), body).await {
            // What was stored and never became an import is taken up again.
            Ok(stored) if stored.repeats.iter().any(|repeat| !repeat.datasets.is_empty()) => {
                let reason = "the same content was uploaded before";
                refuse(backing, hold, source, &file.name, &file.mark, reason).await?;
            }
            Ok(stored) => {
                take_in(backing, &caller, source, &file.name, &file.mark, stored.file.id).await?;
            }
            // A limit ends: the file is taken when there is room again.
            Err(error @ (Error::Limit { .. } | Error::Unavailable(_) | Error::Away(_) | Error::Work(_))) => {
                return Err(error);
            }
            Err(error) => {
                refuse(backing, hold, source, &file.name, &file.mark, &error.to_string()).await?;
            }
        }
    }
    Ok(Rest::Nothing)
}

async fn refuse(
    backing: &Backing,
    hold: &Hold,
    source: &Source,
    name: &str,
    mark: &str,
    reason: &str,
) -> Result<(), Error> {
    let mut tx = backing.store.begin(&hold.claim.actor()).await?;
    sources::take(&mut tx, source.id, name, mark, None, SourceFileState::Refused, reason).await?;
    Ok(tx.commit().await?)
}
