//! The running product: database, worker and server put together from the configuration, and taken apart in order.

mod faults;
mod foundation;
mod keep;
pub(crate) mod logs;
pub(crate) mod secrets;
mod system;
mod traces;

pub(crate) use foundation::{
    CHECKPOINTS, Foundation, OTHER_SECRET, Reached, blobs, database, desk, private_folder, running,
};

use std::{
    io::ErrorKind,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use app::{
    Backing,
    accounts::{Desk, links},
    trail::Trail,
    worker,
};
use clients::{
    alerts::Alerts,
    blobs::{Blobs, Probe},
    key_set,
    oidc::Provider,
    otlp::Exporter,
    sentry::Sentry,
};
use server::{
    ServerSettings, ServerState,
    limit::{Allowances, Limiter},
    state::Network,
    who::{Expectations, Issuer, Issuers, issuer::SignIn, jws::Algorithm},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{config::Config, failure::Failure, output};

/// How long the worker may take to hand its jobs back.
const WORKER_GRACE: Duration = Duration::from_secs(20);

/// How long a program that was killed may take to let go of its address.
const GOING: Duration = Duration::from_secs(1);

/// Which halves run in this process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Halves {
    /// Pages and API.
    pub(crate) server: bool,
    /// Jobs.
    pub(crate) worker: bool,
}

/// Runs the product until it is told to stop.
pub(crate) fn run(config: &Config, halves: Halves) -> Result<(), Failure> {
    let collector = collector(config)?;
    let (outgoing, heard) = match collector {
        Some(exporter) => {
            let (traces, outgoing) = traces::traces();
            (Some((outgoing, exporter)), Some(traces))
        }
        None => (None, None),
    };
    let listeners = faults::Told { sentry: sentry(config)?, alerts: alerts(config)? };
    let is_told = listeners.sentry.is_some() || listeners.alerts.is_some();
    let (faults, failing) = is_told.then(faults::faults).unzip();
    logs::begin(&config.log, heard, faults);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let sending = CancellationToken::new();
    let sent = outgoing.map(|(outgoing, exporter)| runtime.spawn(outgoing.send(exporter, sending.clone())));
    let told = failing.map(|failing| runtime.spawn(failing.send(listeners, sending.clone())));
    let outcome = runtime.block_on(live(config, halves));
    sending.cancel();
    for sent in sent.into_iter().chain(told) {
        // What is left goes out, if it is taken quickly.
        let _ = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(2), sent).await });
    }
    // Blocking work that is under way must not hold the end up.
    runtime.shutdown_timeout(Duration::from_secs(2));
    outcome
}

/// Listens, once whoever had the address before has gone: a program that was killed holds it until the system has cleared it away.
async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let begun = Instant::now();
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse && begun.elapsed() < GOING => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => {
                return Err(Failure::Usage(format!(
                    "cannot listen on {address}: {error}; set PLANTINTEL_ADDRESS to another one"
                )));
            }
        }
    }
}

/// Where traces go, if anywhere.
fn collector(config: &Config) -> Result<Option<Exporter>, Failure> {
    let Some(endpoint) = config.otlp_endpoint.as_deref() else { return Ok(None) };
    let exporter = Exporter::new(endpoint, config.otlp_headers.reveal().unwrap_or_default());
    exporter.map(Some).map_err(|error| Failure::Usage(format!("otlp_endpoint: {error}")))
}

/// Where faults go, if anywhere.
fn sentry(config: &Config) -> Result<Option<Sentry>, Failure> {
    let Some(dsn) = config.sentry_dsn.reveal() else { return Ok(None) };
    let sentry = Sentry::new(dsn, &config.sentry_environment);
    sentry.map(Some).map_err(|error| Failure::Usage(format!("sentry_dsn: {error}")))
}

/// Who is called when something fails, if anybody.
fn alerts(config: &Config) -> Result<Option<Alerts>, Failure> {
    let Some(address) = &config.alert_url else { return Ok(None) };
    let secret = config.alert_secret.reveal().unwrap_or_default();
    let alerts = Alerts::new(address, secret, &config.sentry_environment);
    alerts.map(Some).map_err(|error| Failure::Usage(format!("alert_url: {error}")))
}

/// What a start says when the store of files does not answer.
const STORE_IS_AWAY: &str = "the store of files does not answer: until it does, uploads are refused with 503 and jobs wait; see \
    blobs, AWS_ENDPOINT_URL, AWS_REGION and the network, and look with `plantintel doctor`";

/// Refuses a store that refuses us: whoever starts the program sees it now, and not with the first upload. One that does not answer
/// may come back, and is waited for by whoever uploads.
async fn files_can_be_kept(blobs: &Blobs) -> Result<(), Failure> {
    if !blobs.is_remote() {
        return Ok(());
    }
    match tokio::time::timeout(Duration::from_secs(5), blobs.probe()).await {
        Ok(Ok(())) => {}
        Ok(Err(Probe::Refused(words))) => {
            return Err(Failure::Usage(format!(
                "blobs: {words}; make the bucket, or see that the keys may write there"
            )));
        }
        Ok(Err(Probe::Silent(cause))) => tracing::warn!(cause, "{STORE_IS_AWAY}"),
        Err(_) => tracing::warn!("{STORE_IS_AWAY}"),
    }
    Ok(())
}

async fn live(config: &Config, halves: Halves) -> Result<(), Failure> {
    // First of all, so that a second instance hears of it before anything else happens.
    let listener = if halves.server {
        let address = config.listens()?;
        Some(listen(address).await?)
    } else {
        None
    };
    let mut config = config.clone();
    if let Some(listener) = &listener {
        // Where a free port was asked for, links must name the one that was found.
        config.address = listener.local_addr()?.to_string();
    }
    let config = &config;
    let foundation = Foundation::lay(config).await?;
    if let Err(failure) = files_can_be_kept(&foundation.backing.blobs).await {
        foundation.leave().await;
        return Err(failure);
    }
    let desk = desk(config, &foundation)?;
    let stop = CancellationToken::new();
    let signals = tokio::spawn(until_told(stop.clone()));

    let mut tasks = Vec::new();
    tasks.push(tokio::spawn(keep::in_order(foundation.backing.clone(), stop.clone())));
    tasks.push(tokio::spawn(keep::checkpoints(
        foundation.backing.clone(),
        foundation.data.clone(),
        stop.clone(),
    )));
    if halves.worker {
        let mut options = worker::Options::named(worker_name(config, foundation.is_sole()));
        options.sole = foundation.is_sole();
        options.slots = config.worker_slots;
        options.rounds = Duration::from_secs(config.rounds_seconds);
        options.post = Some(desk.post());
        tasks.push(tokio::spawn(worker::run(foundation.backing.clone(), options, stop.clone())));
    }
    if let Some(address) = &config.metrics_address {
        let handle = server::measure::collect().context("collecting metrics")?;
        let listener = TcpListener::bind(address).await.context("listening for Prometheus")?;
        tasks.push(tokio::spawn(keep::numbers(foundation.backing.clone(), handle.clone(), stop.clone())));
        tasks.push(tokio::spawn(async_ok(server::serve::serve(
            listener,
            server::measure::router(handle),
            stop.clone(),
        ))));
    }
    if let Some(listener) = listener {
        let state = state(config, desk.clone(), &foundation.backing, stop.clone())?;
        welcome(config, &desk).await?;
        server::serve::serve(listener, server::router::router(&state), stop.clone()).await?;
    } else {
        tracing::info!("the worker waits for jobs");
        stop.cancelled().await;
    }
    stop.cancel();
    for task in tasks {
        if tokio::time::timeout(WORKER_GRACE, task).await.is_err() {
            tracing::warn!("something did not end in time");
        }
    }
    signals.abort();
    foundation.leave().await;
    tracing::info!("stopped in good order");
    Ok(())
}

async fn async_ok(work: impl Future<Output = std::io::Result<()>>) {
    if let Err(error) = work.await {
        tracing::warn!(%error, "a listener ended");
    }
}

/// Says where the product is and, on the first start, how to sign in.
async fn welcome(config: &Config, desk: &Desk) -> Result<(), Failure> {
    output::line(&format!("PlantIntel is at {}", config.reached_at()))?;
    if config.issuers.is_empty()
        && let Some(link) = links::first_owner(desk, &config.owner_email, &config.organization).await?
    {
        output::line("Sign in for the first time with this link; it works once, within seven days:")?;
        output::line(&link)?;
    }
    output::line(&format!("listening on {}", config.address))?;
    Ok(())
}

/// The server's state.
fn state(
    config: &Config,
    desk: Desk,
    backing: &Backing,
    stopping: CancellationToken,
) -> Result<ServerState, Failure> {
    let allowances = Allowances::per_minute(config.rate_limit_per_minute);
    let shared = config.rate_limit_shared.unwrap_or(config.database_url.reveal().is_some());
    let limiter =
        if shared { Limiter::shared(allowances, backing.store.clone()) } else { Limiter::local(allowances) };
    let settings = ServerSettings {
        public_address: config.reached_at(),
        trusted_proxies: config.trusted_proxies.iter().filter_map(|text| Network::parse(text)).collect(),
        allowed_origins: config.allowed_origins.clone(),
        body_bytes_max: 1 << 20,
    };
    Ok(ServerState {
        trail: Trail::start(backing.store.clone()),
        desk,
        issuers: Arc::new(issuers(config)?),
        limiter,
        settings: Arc::new(settings),
        shelf: app::ask::Shelf::default(),
        stopping,
    })
}

fn issuers(config: &Config) -> Result<Issuers, Failure> {
    let mut all = Vec::new();
    for issuer in &config.issuers {
        let mut expected = Expectations::of(&issuer.issuer);
        expected.algorithms = issuer.algorithms.iter().filter_map(|name| Algorithm::parse(name)).collect();
        expected.audiences.clone_from(&issuer.audiences);
        expected.authorised_parties.clone_from(&issuer.authorised_parties);
        expected.leeway = Duration::from_secs(issuer.leeway_seconds);
        expected.longest_life = Duration::from_secs(issuer.longest_life_seconds);
        let unusable =
            |error: &dyn std::fmt::Display| Failure::Usage(format!("issuers ({}): {error}", issuer.issuer));
        let source: Arc<dyn key_set::Source> = match (&issuer.keys_url, &issuer.keys_pem_file) {
            (Some(url), _) => Arc::new(key_set::Address::new(url).map_err(|error| unusable(&error))?),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file)?;
                Arc::new(key_set::Fixed(key_set::keys_of_pem(&text).map_err(|error| unusable(&error))?))
            }
            (None, None) => return Err(unusable(&"set keys_url or keys_pem_file")),
        };
        let mut made = Issuer::new(expected, source);
        if let Some(client_id) = &issuer.client_id {
            let secret = issuer.client_secret.reveal().map(str::to_owned);
            let provider =
                Provider::new(&issuer.issuer, client_id, secret).map_err(|error| unusable(&error))?;
            let host = issuer.issuer.split("://").last().and_then(|rest| rest.split('/').next());
            let name = issuer.name.clone().or_else(|| host.map(str::to_owned)).unwrap_or_default();
            made = made.with_sign_in(SignIn { name, provider });
        }
        all.push(made);
    }
    Ok(Issuers(all))
}

/// A name that is this worker's alone: the machine and the folder that it works in; and the process, where the folder does
/// not keep a second one out.
fn worker_name(config: &Config, sole: bool) -> String {
    let machine = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let place = config.data().map(|data| data.display().to_string()).unwrap_or_default();
    let process = if sole { "alone".to_owned() } else { std::process::id().to_string() };
    let name = format!("{} {process} {place}", machine.trim());
    name.chars().take(200).collect()
}

/// Ends everything when the system or the keyboard asks for it.
async fn until_told(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("asked to stop; finishing what is under way");
    stop.cancel();
}
