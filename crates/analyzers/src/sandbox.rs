//! Free questions to the tables of one run: a session that sees them and nothing else, reads and never writes, and stops at
//! its bounds. Whoever writes the query may be hostile.

use std::time::Duration;

use datafusion::{
    execution::context::SQLOptions,
    logical_expr::LogicalPlan,
    prelude::{DataFrame, ParquetReadOptions},
};
use futures::StreamExt;
use ontology::Entity;

use crate::{
    Limits,
    canonical::{
        Canonical,
        read::{self, Value},
    },
    error::AnalyzeError,
    query,
};

/// What a free query may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub time: Duration,
    pub rows: usize,
    pub memory_bytes: usize,
    pub letters: usize,
}

impl Default for Bounds {
    /// Five seconds, 200 rows, 64 MB, 4,000 letters of query.
    fn default() -> Self {
        Self { time: Duration::from_secs(5), rows: 200, memory_bytes: 64_000_000, letters: 4_000 }
    }
}

/// A cell of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Number(f64),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// There were more rows than were asked to come.
    pub cut: bool,
}

/// Why there is no answer, in words for whoever wrote the query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the query is longer than {0} letters")]
    Long(usize),
    #[error("only one SELECT is possible here")]
    NotASelect,
    #[error("the query took longer than {0} seconds; narrow it")]
    Slow(u64),
    #[error("{0}")]
    Failed(String),
}

/// Runs one SELECT. It blocks.
pub fn select(canonical: &Canonical, sql: &str, bounds: Bounds) -> Result<Answer, Refusal> {
    if sql.chars().count() > bounds.letters {
        return Err(Refusal::Long(bounds.letters));
    }
    let mut words =
        sql.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '(').split_whitespace();
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(first.as_str(), "select" | "with") {
        return Err(Refusal::NotASelect);
    }
    let (told, answer) = std::sync::mpsc::channel();
    let (canonical, sql) = (canonical.clone(), sql.to_owned());
    let worker = std::thread::Builder::new().name("free query".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
        let outcome = match runtime {
            Err(error) => Err(Refusal::Failed(error.to_string())),
            Ok(runtime) => {
                let outcome = runtime.block_on(async {
                    match tokio::time::timeout(bounds.time, run(&canonical, &sql, bounds)).await {
                        Ok(outcome) => outcome,
                        Err(_) => Err(Refusal::Slow(bounds.time.as_secs())),
                    }
                });
                runtime.shutdown_background();
                outcome
            }
        };
        // Nobody is left to tell where the time ran out.
        let _ = told.send(outcome);
    });
    if let Err(error) = worker {
        return Err(Refusal::Failed(error.to_string()));
    }
    // An operator that does not listen to the clock is not waited for.
    answer.recv_timeout(bounds.time + GRACE).unwrap_or_else(|error| match error {
        std::sync::mpsc::RecvTimeoutError::Timeout => Err(Refusal::Slow(bounds.time.as_secs())),
        std::sync::mpsc::RecvTimeoutError::Disconnected => {
            Err(Refusal::Failed("the query broke the engine".to_owned()))
        }
    })
}

/// For the engine to end by itself.
const GRACE: Duration = Duration::from_millis(500);

/// Joins of one query.
const JOINS_MAX: usize = 4;

/// What multiplies rows without listening to the clock, and what reads no table of the run, is refused before it starts.
fn allowed(plan: &LogicalPlan) -> Result<(), Refusal> {
    let refuse = |why: &str| Err(Refusal::Failed(why.to_owned()));
    let mut joins = 0;
    let mut waiting = vec![plan.clone()];
    while let Some(plan) = waiting.pop() {
        match &plan {
            LogicalPlan::Join(join) => {
                joins += 1;
                if join.on.is_empty() {
                    return refuse("join tables where fields are equal, as in ON a.order_key = b.order_key");
                }
            }
            LogicalPlan::RecursiveQuery(_) | LogicalPlan::Unnest(_) | LogicalPlan::Extension(_) => {
                return refuse("recursive queries and series are not possible here");
            }
            LogicalPlan::TableScan(scan)
                if !Entity::ALL
                    .iter()
                    .any(|entity| query::table_name(*entity) == scan.table_name.table()) =>
            {
                return refuse("there is no such table");
            }
            LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_) => {
                return Err(Refusal::NotASelect);
            }
            _ => {}
        }
        waiting.extend(plan.inputs().into_iter().cloned());
    }
    if joins > JOINS_MAX {
        return refuse("join up to five tables");
    }
    Ok(())
}

async fn run(canonical: &Canonical, sql: &str, bounds: Bounds) -> Result<Answer, Refusal> {
    let broken = |error: AnalyzeError| Refusal::Failed(plain(&error, canonical));
    let frame = prepare(canonical, sql, bounds).await.map_err(broken)?;
    allowed(&frame.clone().into_optimized_plan().map_err(|error| broken(error.into()))?)?;
    read_out(frame, bounds).await.map_err(broken)
}

async fn prepare(canonical: &Canonical, sql: &str, bounds: Bounds) -> Result<DataFrame, AnalyzeError> {
    let limits =
        Limits { memory_bytes: bounds.memory_bytes, spill: None, threads: 1, ..canonical.limits.clone() };
    let session = query::session(&limits, 1)?;
    for (entity, table) in &canonical.tables {
        let path = table.path.to_string_lossy();
        session
            .register_parquet(query::table_name(*entity), path.as_ref(), ParquetReadOptions::default())
            .await?;
    }
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    Ok(session.sql_with_options(sql, options).await?)
}

async fn read_out(frame: DataFrame, bounds: Bounds) -> Result<Answer, AnalyzeError> {
    let mut answer = Answer {
        columns: frame.schema().fields().iter().map(|field| field.name().clone()).collect(),
        ..Answer::default()
    };
    let mut stream = frame.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let room = bounds.rows.saturating_sub(answer.rows.len());
        answer.cut |= batch.num_rows() > room;
        let cells = read::cells(&batch.slice(0, batch.num_rows().min(room)))?;
        answer.rows.extend(cells.into_iter().map(|row| {
            row.into_iter()
                .map(|value| match value {
                    Value::Null => Cell::Empty,
                    Value::Number(number) => Cell::Number(number),
                    Value::Text(text) => Cell::Text(text),
                })
                .collect()
        }));
        if answer.cut {
            break;
        }
    }
    Ok(answer)
}

/// The engine's words without the places of files.
fn plain(error: &AnalyzeError, canonical: &Canonical) -> String {
    let folder = canonical.dir.to_string_lossy();
    let text = error.to_string().replace(folder.as_ref(), "");
    text.lines().next().unwrap_or_default().chars().take(300).collect()
}
