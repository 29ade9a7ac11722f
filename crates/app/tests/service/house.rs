//! A service on a database of its own, with a worker that a test may kill.

use std::{path::Path, sync::Arc, time::Duration};

use app::{
    Backing, Bounds, Caller,
    accounts::{Desk, DeskSettings, secret::Keys},
    analyses::{self, NewRun, Run},
    datasets::{self, Import, NewImport},
    files::{self, Stored},
    generate,
    worker::{self, Options},
};
use bytes::Bytes;
use clients::blobs::Blobs;
use domain::{
    Actor, TraceId,
    id::{AnalysisId, DatasetId, FileId},
};
use futures::{Stream, stream};
use store::{analyses::AnalysisState, datasets::DatasetState};
use testkit::{Database, FakeClock, Org};
use tokio_util::sync::CancellationToken;

pub(crate) struct House {
    pub(crate) backing: Backing,
    pub(crate) org: Org,
    pub(crate) caller: Caller,
    pub(crate) database: Database,
    pub(crate) folder: tempfile::TempDir,
}

impl House {
    /// `None` where no Postgres is installed.
    pub(crate) async fn open() -> Option<Self> {
        Self::bounded(Bounds::default(), "unlimited").await
    }

    pub(crate) async fn bounded(bounds: Bounds, plan: &str) -> Option<Self> {
        let database = Database::fresh().await?;
        let folder = tempfile::tempdir().unwrap();
        let backing = Backing {
            store: database.store.clone(),
            blobs: Blobs::folder(&folder.path().join("blobs")).unwrap(),
            clock: Arc::new(FakeClock::at(jiff::Timestamp::from_second(1_790_000_000).unwrap())),
            bounds,
            readings: app::datasets::readings::Readings::default(),
        };
        let org = testkit::org(&database, "Acme", plan).await;
        let caller = caller(&org.analyst);
        Some(Self { backing, org, caller, database, folder })
    }

    /// Where people of this service show who they are.
    pub(crate) fn desk(&self) -> Desk {
        Desk::new(self.backing.clone(), Keys::derive(&[7; 32]), None, DeskSettings::default())
    }

    pub(crate) fn worker(&self, name: &str) -> Worker {
        self.worker_with(Options::named(name))
    }

    pub(crate) fn worker_with(&self, options: Options) -> Worker {
        let stop = CancellationToken::new();
        let run = worker::run(self.backing.clone(), options, stop.clone());
        Worker { task: tokio::spawn(run), stop }
    }

    pub(crate) async fn send(&self, name: &str, bytes: impl Into<Bytes>) -> Stored {
        files::receive(&self.backing, &self.caller, name, None, body(bytes.into())).await.unwrap()
    }

    pub(crate) async fn send_file(&self, path: &Path) -> FileId {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        self.send(&name, std::fs::read(path).unwrap()).await.file.id
    }

    /// The exports of a plant, uploaded and put into an import, in the order of their names.
    pub(crate) async fn import_plant(&self, orders: u64) -> (DatasetId, Vec<std::path::PathBuf>) {
        let paths = plant(self.folder.path(), orders);
        let mut files = Vec::new();
        for path in &paths {
            files.push(self.send_file(path).await);
        }
        let new = NewImport { files, ..NewImport::default() };
        let import = datasets::create(&self.backing, &self.caller, &new).await.unwrap();
        (import.dataset.id, paths)
    }

    pub(crate) async fn import(&self, files: Vec<FileId>) -> DatasetId {
        let new = NewImport { files, ..NewImport::default() };
        datasets::create(&self.backing, &self.caller, &new).await.unwrap().dataset.id
    }

    pub(crate) async fn start(&self, dataset: DatasetId) -> AnalysisId {
        let new = NewRun { datasets: vec![dataset], ..NewRun::default() };
        analyses::start(&self.backing, &self.caller, &new).await.unwrap().analysis.id
    }

    /// Waits until reading has ended one way or the other.
    pub(crate) async fn read(&self, id: DatasetId) -> Import {
        for _ in 0..1_200 {
            let import = datasets::get(&self.backing, &self.caller, id).await.unwrap();
            if !matches!(import.dataset.state, DatasetState::Queued | DatasetState::Reading) {
                return import;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let mut tx = self.backing.store.begin(&self.org.analyst).await.unwrap();
        let job = store::jobs::get(&mut tx, domain::id::JobId(id.0)).await.unwrap();
        panic!("the dataset was not read within two minutes: {job:?}");
    }

    /// Waits until a run has ended one way or the other.
    pub(crate) async fn ended(&self, id: AnalysisId) -> Run {
        for _ in 0..1_200 {
            let run = analyses::get(&self.backing, &self.caller, id).await.unwrap();
            if !matches!(run.analysis.state, AnalysisState::Queued | AnalysisState::Running) {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the analysis did not end within two minutes");
    }

    /// Kinds of the organisation's blobs with how many there are of each.
    pub(crate) async fn blobs(&self) -> Vec<(&'static str, usize)> {
        let mut counts: std::collections::BTreeMap<&'static str, usize> = std::collections::BTreeMap::new();
        for (key, _) in self.backing.blobs.list(self.org.id).await.unwrap() {
            *counts.entry(key.kind().name()).or_default() += 1;
        }
        counts.into_iter().collect()
    }
}

/// A worker in this process. Dropped, it is killed.
pub(crate) struct Worker {
    task: tokio::task::JoinHandle<()>,
    stop: CancellationToken,
}

impl Worker {
    /// Ends it as a signal would.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        (&mut self.task).await.unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn caller(actor: &Actor) -> Caller {
    Caller::new(actor.clone(), TraceId::new([7; 16]), None)
}

pub(crate) fn body(bytes: Bytes) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let pieces: Vec<std::io::Result<Bytes>> =
        bytes.chunks(64 << 10).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

/// The exports of a plant with every problem planted.
pub(crate) fn plant(folder: &Path, orders: u64) -> Vec<std::path::PathBuf> {
    let folder = folder.join(format!("plant-{orders}"));
    let request = generate::Request { orders, seed: 11, problems: "all", style: None, effect: 1.0 };
    generate::generate(&folder, &request).unwrap();
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "json"))
        .collect();
    paths.sort();
    paths
}
