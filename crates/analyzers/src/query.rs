//! The query engine, set up so that a run fits its memory and gives the same bytes every time.

use std::{future::Future, num::NonZeroUsize, path::PathBuf, sync::Arc};

use datafusion::{
    execution::{
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{FairSpillPool, TrackConsumersPool},
        runtime_env::RuntimeEnvBuilder,
    },
    prelude::{ParquetReadOptions, SessionConfig, SessionContext},
};

use domain::{ExchangeRates, Settings};
use ontology::Entity;

use crate::{
    canonical::{Canonical, CanonicalTable, file_name},
    error::AnalyzeError,
};

/// What a run may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Memory of the query engine's operators; what does not fit goes to `spill`. A process needs some more than this.
    pub memory_bytes: usize,
    /// Disk space that spilling may take.
    pub spill_bytes: u64,
    /// An existing folder for what does not fit in memory; without one, what does not fit fails.
    pub spill: Option<PathBuf>,
    pub threads: usize,
    /// Whether employees are kept. Off: they never reach a canonical table.
    pub people: bool,
    /// Rates into the currency that is reported; without them each currency stays apart.
    pub exchange: Option<ExchangeRates>,
    /// What the customer says an hour and a scrapped piece cost, where the data do not.
    pub own_rates: OwnRates,
}

/// Rates that a customer states beside the data. None of them is assumed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OwnRates {
    pub labor_hour: Option<f64>,
    pub scrapped_piece: Option<f64>,
}

impl Default for Limits {
    /// 400 MB for operators, 50 GB of disk, two threads, no people.
    fn default() -> Self {
        Self {
            memory_bytes: 400_000_000,
            spill_bytes: 50_000_000_000,
            spill: None,
            threads: 2,
            people: false,
            exchange: None,
            own_rates: OwnRates::default(),
        }
    }
}

impl Limits {
    /// The usual limits, with a folder for what does not fit in memory.
    pub fn new(spill: impl Into<PathBuf>) -> Self {
        Self { spill: Some(spill.into()), ..Self::default() }
    }

    /// The same, with amounts converted and rates taken as the settings say.
    #[must_use]
    pub fn saying(self, settings: &Settings) -> Self {
        let own_rates = OwnRates {
            labor_hour: settings.core.get("labor_rate_hourly"),
            scrapped_piece: settings.core.get("scrap_cost_per_unit"),
        };
        Self { exchange: settings.conversion().cloned(), own_rates, ..self }
    }
}

/// A session with memory limit and spilling. With `partitions` = 1, rows keep the order of their file.
pub fn session(limits: &Limits, partitions: usize) -> Result<SessionContext, AnalyzeError> {
    let pool = TrackConsumersPool::new(FairSpillPool::new(limits.memory_bytes), NonZeroUsize::MIN);
    let mode = match &limits.spill {
        Some(folder) => DiskManagerMode::Directories(vec![folder.clone()]),
        None => DiskManagerMode::Disabled,
    };
    let disk = DiskManagerBuilder::default().with_mode(mode).with_max_temp_directory_size(limits.spill_bytes);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(pool))
        .with_disk_manager_builder(disk)
        .build_arc()?;
    let mut config = SessionConfig::new().with_target_partitions(partitions).with_batch_size(8_192);
    let options = config.options_mut();
    options.execution.parquet.schema_force_view_types = false;
    options.execution.parquet.pushdown_filters = false;
    // Spilling merges need room that the operators have not already taken.
    options.execution.sort_spill_reservation_bytes = limits.memory_bytes / 20;
    options.sql_parser.map_string_types_to_utf8view = false;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

/// Runs a query job to its end on threads of its own. Call it from a thread that may block.
pub fn block_on<T: Send>(
    limits: &Limits,
    job: impl Future<Output = Result<T, AnalyzeError>> + Send,
) -> Result<T, AnalyzeError> {
    // A runtime of its own on a thread of its own: the caller may already be inside one.
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| run_here(limits, job));
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn run_here<T>(
    limits: &Limits,
    job: impl Future<Output = Result<T, AnalyzeError>>,
) -> Result<T, AnalyzeError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(limits.threads.max(1))
        .build()
        .map_err(AnalyzeError::Runtime)?
        .block_on(job)
}

/// A session over the tables of a run, by their names (`work_orders`, `operations`, …). It has one partition: sums of
/// floats depend on the order of rows, and one partition keeps it.
pub async fn open(canonical: &Canonical) -> Result<SessionContext, AnalyzeError> {
    let session = session(&canonical.limits, 1)?;
    for (entity, table) in &canonical.tables {
        register(&session, *entity, table).await?;
    }
    Ok(session)
}

/// The same for a question about a few of the tables: only these are opened, and a plan is worked over once, since the answer is
/// there before a better plan would be.
pub(crate) async fn open_some(
    canonical: &Canonical,
    tables: &[Entity],
) -> Result<SessionContext, AnalyzeError> {
    let session = session(&canonical.limits, 1)?;
    session.state_ref().write().config_mut().options_mut().optimizer.max_passes = 1;
    for (entity, table) in canonical.tables.iter().filter(|(entity, _)| tables.contains(entity)) {
        register(&session, *entity, table).await?;
    }
    Ok(session)
}

async fn register(
    session: &SessionContext,
    entity: Entity,
    table: &CanonicalTable,
) -> Result<(), AnalyzeError> {
    let path = table.path.to_string_lossy();
    Ok(session.register_parquet(table_name(entity), path.as_ref(), ParquetReadOptions::default()).await?)
}

/// The name of a canonical table in queries.
pub fn table_name(entity: Entity) -> &'static str {
    file_name(entity).trim_end_matches(".parquet")
}
