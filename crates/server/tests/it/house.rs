//! A server on a database of its own, asked without a network in between.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use app::{
    Backing, Bounds, Caller,
    accounts::{Desk, DeskSettings, secret::Keys},
    api_keys::{self, Form},
    trail::Trail,
    worker,
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
    response::Response,
};
use clients::{blobs::Blobs, mail::Mailer};
use domain::{Actor, Role, TraceId};
use serde_json::Value;
use server::{
    ServerSettings, ServerState,
    limit::{Allowances, Limiter},
    who::Issuers,
};
use testkit::{Database, FakeClock, Org};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub(crate) struct House {
    pub(crate) router: Router,
    pub(crate) state: ServerState,
    pub(crate) database: Database,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) org: Org,
    _folder: tempfile::TempDir,
    worker: Option<tokio::task::JoinHandle<()>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Value,
}

pub(crate) fn plenty() -> Allowances {
    Allowances::per_minute(1_000_000)
}

impl House {
    /// `None` where no Postgres is installed.
    pub(crate) async fn open() -> Option<Self> {
        Self::with(plenty(), None).await
    }

    pub(crate) async fn with(allowances: Allowances, mailer: Option<Arc<dyn Mailer>>) -> Option<Self> {
        let database = Database::fresh().await?;
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Timestamps::now()));
        let backing = Backing {
            store: database.store.clone(),
            blobs: Blobs::folder(&folder.path().join("blobs")).unwrap(),
            clock: clock.clone(),
            bounds: Bounds::default(),
            readings: app::datasets::readings::Readings::default(),
        };
        let mailed = mailer.is_some();
        let keys = Keys::derive(b"a secret of tests that is long enough to be one");
        let desk = Desk::new(backing, keys, mailer, DeskSettings::default());
        let state = ServerState {
            trail: Trail::start(database.store.clone()),
            desk,
            issuers: Arc::new(Issuers::default()),
            limiter: Limiter::local(allowances),
            settings: Arc::new(ServerSettings {
                public_address: "http://127.0.0.1:8000".to_owned(),
                trusted_proxies: Vec::new(),
                allowed_origins: vec!["https://tools.example".to_owned()],
                body_bytes_max: 1 << 20,
            }),
            shelf: app::ask::Shelf::default(),
            stopping: tokio_util::sync::CancellationToken::new(),
        };
        let org = testkit::org(&database, "Acme", "unlimited").await;
        let mut house = Self {
            router: server::router::router(&state),
            state,
            database,
            clock,
            org,
            _folder: folder,
            worker: None,
        };
        if mailed {
            // Letters go out by jobs.
            house.work();
        }
        Some(house)
    }

    /// Lets a worker run, as the desk stands now; one that ran before ends.
    pub(crate) fn work(&mut self) {
        let mut options = worker::Options::named("worker of tests");
        options.post = Some(self.state.desk.post());
        let run = worker::run(self.state.backing().clone(), options, CancellationToken::new());
        if let Some(before) = self.worker.replace(tokio::spawn(run)) {
            before.abort();
        }
    }

    /// The key of a new program with the role of this actor.
    pub(crate) async fn key(&self, actor: &Actor, role: Role, scopes: &[&str]) -> String {
        // Only admins make keys, so an owner makes them all; what a key may do is its own role.
        let caller = Caller::new(actor.clone(), TraceId::new([7; 16]), None);
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let form = Form { name: format!("key of a {}", role.name()), role, scopes, expires_at: None };
        api_keys::create(&self.state.desk, &caller, &form).await.unwrap().secret.unwrap()
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, key: &str) -> Answer {
        self.ask(Method::GET, path, Some(key), None).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        read(deliver(&self.router, request).await).await
    }

    /// Rows of the organisation's trail.
    pub(crate) async fn rows(&self) -> i64 {
        let mut tx = self.database.store.begin(&self.org.owner).await.unwrap();
        let newest = store::audit::list(&mut tx, &store::audit::Filter::default(), 1).await.unwrap();
        newest.first().map_or(0, |row| row.seq)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            worker.abort();
        }
    }
}

/// Times of tests: the machine's, since the database keeps its own.
struct Timestamps;

impl Timestamps {
    #[expect(clippy::disallowed_methods, reason = "rows of the database carry its own time")]
    fn now() -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

pub(crate) async fn deliver(router: &Router, mut request: Request<Body>) -> Response {
    if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
    }
    router.clone().oneshot(request).await.unwrap()
}

pub(crate) async fn read(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = tokio::time::timeout(Duration::from_secs(30), axum::body::to_bytes(body, 64 << 20)).await;
    let bytes = bytes.unwrap().unwrap();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Answer { status: parts.status, headers: parts.headers, body }
}
