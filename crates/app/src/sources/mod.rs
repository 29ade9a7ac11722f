//! Uploads that come by themselves: from a watched folder, from a bucket, from an SFTP server, or pushed by a program. An export
//! that is known goes from there to its analysis with nobody present; one that differs waits for a person and says how it differs
//! ([`settle`]).

pub(crate) mod pull;
pub(crate) mod settle;

use bytes::Bytes;
use clients::places::{Keys, Login, Place};
use domain::{
    Role,
    id::{DatasetId, FacilityId},
};
use futures::Stream;
use jiff::SignedDuration;
use serde_json::json;
use store::{
    facilities,
    sources::{self, NewSource, Source, SourceFile, SourceFileState, SourceKind},
};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error,
    accounts::Desk,
    datasets::{self, NewImport},
    deed::{self, Began},
    error::Flaw,
    files,
};

/// Sources of one organisation at most.
const MOST: usize = 50;

/// What a person says of a source.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pub name: String,
    /// folder, s3, sftp or push.
    pub kind: String,
    /// A folder below the organisation's own, `s3://bucket/prefix` or `sftp://host/folder`.
    pub place: String,
    /// Of a bucket.
    pub keys: Keys,
    /// Of a server.
    pub login: Login,
    pub facility: Option<FacilityId>,
    pub every_minutes: i64,
}

/// All sources.
pub async fn list(backing: &Backing, caller: &Caller) -> Result<Vec<Source>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(sources::list(&mut tx).await?)
}

/// The newest files of a source, with what came of each.
pub async fn history(backing: &Backing, caller: &Caller, id: Uuid) -> Result<Vec<SourceFile>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    sources::get(&mut tx, id).await?.ok_or(Error::NotFound("source"))?;
    Ok(sources::files(&mut tx, id, 100).await?)
}

/// A new source. A bucket or server is looked into at once, so that a wrong key shows now and not at night; a server must show
/// the same key from then on.
pub async fn create(desk: &Desk, caller: &Caller, form: &Form) -> Result<Source, Error> {
    caller.require(Role::Admin)?;
    let mut flaws = Vec::new();
    let mut flaw = |field: &str, message: &str| {
        flaws.push(Flaw { field: field.to_owned(), message: message.to_owned() });
    };
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        flaw("name", "give a name of 1 to 200 characters");
    }
    let kind = SourceKind::parse(&form.kind);
    if kind.is_none() {
        flaw("kind", "give one of folder, s3, sftp, push");
    }
    if !(1..=60 * 24 * 31).contains(&form.every_minutes) {
        flaw("every_minutes", "give 1 minute to 31 days");
    }
    let place = form.place.trim();
    if kind == Some(SourceKind::Folder) {
        let plain =
            place.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains('\\'));
        if !place.is_empty() && !plain {
            flaw("place", "give a folder below your own, such as exports/monthly");
        }
        if desk.settings.watched_folder.is_none() {
            flaw("kind", "this installation watches no folder; whoever runs it can set watched_folder");
        }
    }
    let (Some(kind), true) = (kind, flaws.is_empty()) else { return Err(Error::Invalid(flaws)) };
    let id = Uuid::now_v7();
    let (mut opening, mut host_key) = (None, String::new());
    if kind == SourceKind::S3 {
        if !form.keys.endpoint.is_empty() {
            let checked = desk.hooks.check(&form.keys.endpoint);
            checked.map_err(|error| Error::invalid("endpoint", error.to_string()))?;
        }
        let looked = async { Place::bucket(place, &form.keys)?.list().await }.await;
        looked.map_err(|error| {
            Error::invalid("place", format!("the bucket could not be looked into: {error}"))
        })?;
        let keys = json!({
            "access": form.keys.access, "secret": form.keys.secret, "region": form.keys.region,
            "endpoint": form.keys.endpoint,
        });
        opening = Some(keys);
    }
    if kind == SourceKind::Sftp {
        let looked = async {
            let place = Place::sftp(place, &form.login, desk.hooks.private).await?;
            place.list().await?;
            Ok(place.host_key().to_owned())
        };
        host_key = looked.await.map_err(|error: clients::places::Error| {
            Error::invalid("place", format!("the server could not be looked into: {error}"))
        })?;
        opening = Some(json!({
            "user": form.login.user, "password": form.login.password, "private_key": form.login.private_key,
        }));
    }
    let secret = match opening {
        Some(opening) => {
            let sealed = desk.keys.seal(opening.to_string().as_bytes(), &pull::sealed_to(id));
            Some(sealed.ok_or_else(|| Error::Work("keys could not be sealed".to_owned()))?)
        }
        None => None,
    };
    let mut tx = match deed::begin_new(&desk.backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => {
            let mut tx = deed::begin(&desk.backing, caller).await?;
            return sources::get(&mut tx, id).await?.ok_or(Error::NotFound("source"));
        }
    };
    if sources::list(&mut tx).await?.len() >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} sources; remove one first")));
    }
    if let Some(facility) = form.facility
        && facilities::get(&mut tx, facility).await?.is_none()
    {
        return Err(Error::invalid("facility_id", "there is no such facility"));
    }
    let new = NewSource {
        id,
        name,
        kind,
        place,
        secret: secret.as_deref(),
        host_key: &host_key,
        facility: form.facility,
        every_minutes: form.every_minutes,
        next_at: desk.backing.clock.now(),
    };
    let source = sources::insert(&mut tx, &new).await?;
    let event = deed::done(caller, "source.create", "source", id).detail("kind", kind.name());
    deed::commit_new(tx, caller, event, id).await?;
    Ok(source)
}

/// Lets a source rest, or looks at it again from now on.
pub async fn set_active(backing: &Backing, caller: &Caller, id: Uuid, active: bool) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(backing, caller).await?;
    if !sources::set_active(&mut tx, id, active, backing.clock.now()).await? {
        return Err(Error::NotFound("source"));
    }
    let event = deed::done(caller, "source.update", "source", id).detail("active", active);
    deed::commit(tx, caller, event).await
}

/// Removes a source; its imports stay.
pub async fn delete(backing: &Backing, caller: &Caller, id: Uuid) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(backing, caller).await?;
    if !sources::delete(&mut tx, id).await? {
        return Err(Error::NotFound("source"));
    }
    deed::commit(tx, caller, deed::done(caller, "source.delete", "source", id)).await
}

/// Takes a file that a program pushes. It is read, and goes on by itself like every file of a source.
pub async fn push(
    backing: &Backing,
    caller: &Caller,
    id: Uuid,
    name: &str,
    declared: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
) -> Result<DatasetId, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let source = sources::get(&mut tx, id).await?.ok_or(Error::NotFound("source"))?;
    tx.rollback().await?;
    if source.kind != SourceKind::Push || !source.active {
        return Err(Error::Conflict(
            "this source takes no pushed files; look at its kind and whether it rests".to_owned(),
        ));
    }
    let stored = files::receive(backing, caller, name, declared, body).await?;
    let mark = format!("push-{}", stored.file.id);
    take_in(backing, caller, &source, &stored.file.name, &mark, stored.file.id).await
}

/// Makes an import of a stored file, and asks for what follows once it is read.
pub(crate) async fn take_in(
    backing: &Backing,
    caller: &Caller,
    source: &Source,
    name: &str,
    mark: &str,
    file: domain::id::FileId,
) -> Result<DatasetId, Error> {
    let new = NewImport { facility: source.facility_id, files: vec![file], ..NewImport::default() };
    // A retry of the request belongs to the file, not to the import.
    let bare = Caller::new(caller.actor.clone(), caller.trace, caller.address);
    let import = datasets::create(backing, &bare, &new).await?.dataset.id;
    let mut tx = deed::begin(backing, caller).await?;
    sources::take(&mut tx, source.id, name, mark, Some(import), SourceFileState::Taken, "").await?;
    settle::enqueue(&mut tx, Some(source.id), import, SignedDuration::from_secs(2)).await?;
    tx.commit().await?;
    Ok(import)
}
