//! Blobs in a folder of this machine.
//!
//! A draft lies in a folder of its own beside the tenants', locked by its writer. Finishing it syncs the file, moves it
//! to its place and syncs every folder that the way there changed: after that, a power cut takes nothing back.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::OrgId;
use futures::StreamExt;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::{BlobError, Body, Key, PIECE_BYTES};

/// Where drafts lie. No tenant has this name: theirs are UUIDs.
const DRAFTS: &str = "drafts";

/// How much of a draft may wait for the disk. Whoever commits a small thing meanwhile waits for no more than that: a disk that is
/// handed a hundred megabytes at the end of an upload answers nobody else for as long as it writes them.
const UNSYNCED_BYTES: usize = 1 << 20;

#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
    ways: Ways,
}

/// The folders to which this process has synced the way. One that is there may have been made by somebody who has not synced it
/// yet, or who died before: what is put into it is on disk only when its way is.
#[derive(Debug, Clone, Default)]
struct Ways(Arc<Mutex<HashSet<PathBuf>>>);

/// So many folders are remembered; beyond that they are synced again.
const WAYS_MAX: usize = 10_000;

impl Ways {
    /// Syncs every folder from the root down to the one that `folder` stands in, once.
    fn sync(&self, root: &Path, folder: &Path) -> io::Result<()> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(folder) {
            return Ok(());
        }
        for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(root)) {
            sync_folder(above)?;
        }
        let mut known = known();
        if known.len() >= WAYS_MAX {
            known.clear();
        }
        known.insert(folder.to_owned());
        Ok(())
    }
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, BlobError> {
        let drafts = path.join(DRAFTS);
        make_folder(&drafts).map_err(|error| BlobError::io("make the folder", &drafts, error))?;
        let root = path.canonicalize().map_err(|error| BlobError::io("open", path, error))?;
        if let Some(above) = root.parent() {
            // As with any other folder; where it may not be looked into, whoever made it has synced it.
            let _ = sync_folder(above);
        }
        Ok(Self { root, ways: Ways::default() })
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.to_string())
    }

    pub(super) async fn draft(&self, key: &Key) -> Result<Draft, BlobError> {
        let path = self.root.join(DRAFTS).join(Uuid::new_v4().to_string());
        let target = self.path(key);
        let (root, ways) = (self.root.clone(), self.ways.clone());
        blocking(move || {
            let file = new_file(&path).map_err(|error| BlobError::io("create", &path, error))?;
            // Held as long as the draft is open: a sweep takes only what nobody holds.
            file.lock().map_err(|error| BlobError::io("lock", &path, error))?;
            Ok(Draft {
                file: tokio::fs::File::from_std(file),
                unsynced: 0,
                remains: Remains(Some(path)),
                target,
                root,
                ways,
            })
        })
        .await
    }

    pub(super) async fn read(&self, key: &Key) -> Result<Body, BlobError> {
        let path = self.path(key);
        let file = tokio::fs::File::open(&path).await.map_err(|error| missing(key, "open", &path, error))?;
        Ok(tokio_util::io::ReaderStream::with_capacity(file, PIECE_BYTES).boxed())
    }

    pub(super) async fn link(&self, key: &Key, link: &Path) -> Result<(), BlobError> {
        let (path, link, key) = (self.path(key), link.to_owned(), key.clone());
        blocking(move || {
            fs::metadata(&path).map_err(|error| missing(&key, "open", &path, error))?;
            symlink(&path, &link).map_err(|error| BlobError::io("link", &link, error))
        })
        .await
    }

    pub(super) async fn delete(&self, key: &Key) -> Result<(), BlobError> {
        let path = self.path(key);
        match tokio::fs::remove_file(&path).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(BlobError::io("delete", &path, error))
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn list(&self, org: OrgId) -> Result<Vec<(Key, u64)>, BlobError> {
        let root = self.root.join(org.to_string());
        blocking(move || {
            let mut blobs = Vec::new();
            for kind in entries(&root)? {
                for entry in entries(&kind.path())? {
                    let name =
                        format!("{org}/{}/{}", kind.file_name().display(), entry.file_name().display());
                    let size =
                        entry.metadata().map_err(|error| BlobError::io("open", &entry.path(), error))?;
                    if let Ok(key) = name.parse() {
                        blobs.push((key, size.len()));
                    }
                }
            }
            Ok(blobs)
        })
        .await
    }

    pub(super) async fn sweep(&self) -> Result<usize, BlobError> {
        let drafts = self.root.join(DRAFTS);
        blocking(move || {
            let mut swept = 0;
            for entry in entries(&drafts)? {
                let path = entry.path();
                let young = entry
                    .metadata()
                    .and_then(|metadata| metadata.modified())
                    .is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() < 60));
                // A draft is locked a moment after it is made.
                if young {
                    continue;
                }
                if let Ok(file) = File::open(&path)
                    && file.try_lock().is_ok()
                    && fs::remove_file(&path).is_ok()
                {
                    swept += 1;
                }
            }
            Ok(swept)
        })
        .await
    }
}

/// A file that grows beside its place.
pub(super) struct Draft {
    file: tokio::fs::File,
    unsynced: usize,
    remains: Remains,
    target: PathBuf,
    root: PathBuf,
    ways: Ways,
}

/// What is left of a draft when its writer stops.
struct Remains(Option<PathBuf>);

impl Remains {
    /// The draft has become the blob.
    fn forget(&mut self) {
        self.0 = None;
    }
}

impl Drop for Remains {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // A file that does not go is found by the next sweep.
            let _ = fs::remove_file(path);
        }
    }
}

impl Draft {
    pub(super) async fn push(&mut self, piece: &[u8]) -> Result<(), BlobError> {
        let written = self.file.write_all(piece).await;
        written.map_err(|error| BlobError::io("write", &self.target, error))?;
        self.unsynced += piece.len();
        if self.unsynced < UNSYNCED_BYTES {
            return Ok(());
        }
        self.unsynced = 0;
        let synced = self.file.sync_data().await;
        synced.map_err(|error| BlobError::io("sync", &self.target, error))
    }

    pub(super) async fn finish(mut self) -> Result<(), BlobError> {
        let (target, root, ways) = (self.target, self.root, self.ways);
        // The write of the last piece may still be on its way, and fail.
        self.file.flush().await.map_err(|error| BlobError::io("write", &target, error))?;
        let file = self.file.into_std().await;
        let mut remains = self.remains;
        blocking(move || {
            let failed = |action, error| BlobError::io(action, &target, error);
            let draft = remains.0.as_deref().unwrap_or(&target);
            file.sync_all().map_err(|error| failed("sync", error))?;
            let parent = target.parent().unwrap_or(&target);
            make_folder(parent).map_err(|error| failed("make the folder of", error))?;
            ways.sync(&root, parent).map_err(|error| failed("sync the way to", error))?;
            fs::rename(draft, &target).map_err(|error| failed("move to", error))?;
            remains.forget();
            sync_folder(parent).map_err(|error| failed("sync the folder of", error))
        })
        .await
    }
}

/// Makes a folder with all that leads to it, and syncs the folder that each new one stands in.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_folder(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_folder(parent.unwrap_or(Path::new(".")))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    // Other systems have no way to sync a folder.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn symlink(path: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(path, link)
}

#[cfg(not(unix))]
fn symlink(path: &Path, link: &Path) -> io::Result<()> {
    fs::copy(path, link).map(|_| ())
}

fn entries(path: &Path) -> Result<Vec<fs::DirEntry>, BlobError> {
    let read = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read,
    };
    read.and_then(Iterator::collect).map_err(|error| BlobError::io("list", path, error))
}

fn missing(key: &Key, action: &'static str, path: &Path, error: io::Error) -> BlobError {
    if error.kind() == io::ErrorKind::NotFound {
        BlobError::NotFound(key.to_string())
    } else {
        BlobError::io(action, path, error)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(BlobError::io("work in", Path::new("the blob folder"), io::Error::other(error))),
    }
}
