//! The canonical tables of several runs as one, for questions about all of them. No order counts twice: it is taken from the newest run
//! of its plant that holds it. What belongs to no order (a stoppage, a service) is taken from the newest run of its plant that covers
//! its day.

use std::{collections::BTreeMap, path::Path};

use datafusion::{
    arrow::datatypes::{DataType, Field, Schema},
    dataframe::DataFrame,
    logical_expr::{cast, ident, lit},
    prelude::{ParquetReadOptions, SessionContext},
    scalar::ScalarValue,
};
use domain::analysis::Rows;
use jiff::civil::Date;
use ontology::Entity;

use super::{Canonical, file_name, read, sink::Sink};
use crate::{
    error::AnalyzeError,
    query::{self, Limits},
};

/// One run among those that are put together.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    pub canonical: &'a Canonical,
    /// Runs of one plant share their orders; those of two plants may have the same numbers for different ones.
    pub plant: &'a str,
    /// First and last day of the run.
    pub period: Option<(Date, Date)>,
}

/// What a run gave, and what a newer one has already given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Given {
    pub rows: u64,
    pub repeated: u64,
    /// Orders of this run that a newer one holds, too.
    pub orders_repeated: u64,
}

/// Keys that every table may have beside its fields, in their order.
const KEYS: [&str; 4] = ["source_file", "source_row", "order_key", "operation_key"];

/// Days on which a row without an order happened, best first.
const DAYS: [&str; 6] = [
    "downtime_start",
    "maintenance_date",
    "downtime_end",
    "booking_date",
    "operation_actual_end",
    "receipt_date",
];

/// Puts runs together, the newest first, into the existing folder `dir`. It blocks.
pub fn union(
    parts: &[Part<'_>],
    dir: &Path,
    limits: &Limits,
) -> Result<(Canonical, Vec<Given>), AnalyzeError> {
    query::block_on(limits, run(parts, dir, limits))
}

async fn run(
    parts: &[Part<'_>],
    dir: &Path,
    limits: &Limits,
) -> Result<(Canonical, Vec<Given>), AnalyzeError> {
    let session = query::session(limits, 1)?;
    for (at, part) in parts.iter().enumerate() {
        for (entity, table) in &part.canonical.tables {
            let path = table.path.to_string_lossy();
            session.register_parquet(name(at, *entity), path.as_ref(), ParquetReadOptions::default()).await?;
        }
    }
    let mut given = vec![Given::default(); parts.len()];
    for (at, counted) in given.iter_mut().enumerate() {
        if let Some(taken) = taken(parts, at) {
            let own = orders(parts, at);
            let sql = format!("SELECT count(*) FROM ({own}) own JOIN ({taken}) taken ON own.k = taken.k");
            counted.orders_repeated = first(&session, &sql).await?;
        }
    }
    let mut tables = BTreeMap::new();
    for entity in Entity::ALL {
        let Some(schema) = schema(&session, parts, entity).await? else { continue };
        let mut sink = Sink::create(&dir.join(file_name(entity)), &schema)?;
        let mut before = 0;
        for (at, part) in parts.iter().enumerate() {
            let Some(table) = part.canonical.tables.get(&entity) else { continue };
            let offset: usize = parts[..at].iter().map(|part| part.canonical.files.len()).sum();
            let repeats = given[at].orders_repeated > 0;
            let frame = left(&session, parts, at, entity, offset, repeats).await?;
            sink.write_all(as_in(&schema, frame)?).await?;
            let written = sink.rows() - before;
            before = sink.rows();
            given[at].rows += written;
            given[at].repeated += table.rows.saturating_sub(written);
        }
        let table = sink.finish()?;
        if table.rows > 0 {
            tables.insert(entity, table);
        }
    }
    let all = Canonical {
        dir: dir.to_owned(),
        files: parts.iter().flat_map(|part| part.canonical.files.iter().cloned()).collect(),
        tables,
        rows: Rows::default(),
        issues: Vec::new(),
        currency: parts.first().and_then(|part| part.canonical.currency.clone()),
        limits: limits.clone(),
    };
    Ok((all, given))
}

fn name(part: usize, entity: Entity) -> String {
    format!("part_{part}_{}", query::table_name(entity))
}

/// The orders of a run, by any of its tables.
fn orders(parts: &[Part<'_>], at: usize) -> String {
    let tables = parts[at].canonical.tables.keys().map(|entity| {
        format!("SELECT order_key AS k FROM {} WHERE order_key IS NOT NULL", name(at, *entity))
    });
    format!("SELECT DISTINCT k FROM ({})", tables.collect::<Vec<_>>().join(" UNION ALL "))
}

/// The orders that newer runs of the same plant hold.
fn taken(parts: &[Part<'_>], at: usize) -> Option<String> {
    let newer: Vec<String> = newer(parts, at).map(|newer| orders(parts, newer)).collect();
    (!newer.is_empty() && !parts[at].canonical.tables.is_empty())
        .then(|| format!("SELECT DISTINCT k FROM ({})", newer.join(" UNION ALL ")))
}

fn newer<'a>(parts: &'a [Part<'_>], at: usize) -> impl Iterator<Item = usize> + 'a {
    (0..at).filter(move |newer| {
        parts[*newer].plant == parts[at].plant && !parts[*newer].canonical.tables.is_empty()
    })
}

/// The columns that a table has in any run: keys, then fields by name.
async fn schema(
    session: &SessionContext,
    parts: &[Part<'_>],
    entity: Entity,
) -> Result<Option<Schema>, AnalyzeError> {
    let mut columns: BTreeMap<String, DataType> = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        if part.canonical.tables.contains_key(&entity) {
            let table = session.table(name(at, entity).as_str()).await?;
            for field in table.schema().as_arrow().fields() {
                columns.entry(field.name().clone()).or_insert_with(|| field.data_type().clone());
            }
        }
    }
    if columns.is_empty() {
        return Ok(None);
    }
    let keys = KEYS.iter().filter_map(|key| columns.remove_entry(*key)).collect::<Vec<_>>();
    let fields = keys.into_iter().chain(columns).map(|(name, type_)| Field::new(name, type_, true));
    Ok(Some(Schema::new(fields.collect::<Vec<_>>())))
}

/// The rows of one run that no newer one has given, in the order of its files.
async fn left(
    session: &SessionContext,
    parts: &[Part<'_>],
    at: usize,
    entity: Entity,
    offset: usize,
    repeats: bool,
) -> Result<DataFrame, AnalyzeError> {
    let table = name(at, entity);
    let own = session.table(table.as_str()).await?;
    let own = own.schema().as_arrow();
    let has = |column: &str| own.column_with_name(column).is_some();
    let plant = parts[at].plant.replace('\'', "''");
    let columns: Vec<String> = own
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            "source_file" => format!("t.source_file + {offset} AS source_file"),
            "order_key" => format!("'{plant}' || '/' || t.order_key AS order_key"),
            other => format!("t.\"{other}\" AS \"{other}\""),
        })
        .collect();
    let mut conditions = Vec::new();
    let mut joined = String::new();
    if let Some(taken) = taken(parts, at).filter(|_| repeats && has("order_key")) {
        joined = format!(" LEFT JOIN ({taken}) taken ON t.order_key = taken.k");
        conditions.push("taken.k IS NULL".to_owned());
    }
    // A row of no order: of a day that a newer run covers, or of no day, it is the newer run's.
    let loose = if has("order_key") { "t.order_key IS NULL AND " } else { "" };
    let days: Vec<String> = DAYS.iter().filter(|day| has(day)).map(|day| format!("t.\"{day}\"")).collect();
    for newer in newer(parts, at) {
        if !parts[newer].canonical.tables.contains_key(&entity) {
            continue;
        }
        // A run that states no period may hold any day: rather a stoppage too few than one twice.
        let period = parts[newer].period.filter(|_| !days.is_empty());
        let covered = if let Some((first, last)) = period {
            let micros =
                |day: Date| i64::from((day - Date::constant(1970, 1, 1)).get_days()) * 86_400_000_000;
            let day = format!("CAST(coalesce({}) AS BIGINT)", days.join(", "));
            format!(
                "({day} IS NULL OR ({day} >= {} AND {day} < {}))",
                micros(first),
                micros(last) + 86_400_000_000
            )
        } else {
            "true".to_owned()
        };
        conditions.push(format!("NOT ({loose}{covered})"));
    }
    let condition =
        if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    // By the columns as they come out: those of the table beside them would be ambiguous.
    let sql = format!(
        "SELECT {} FROM {table} t{joined}{condition} ORDER BY source_file, source_row",
        columns.join(", ")
    );
    Ok(session.sql(&sql).await?)
}

/// The same rows with all columns of the table, those that the run does not have empty.
fn as_in(schema: &Schema, frame: DataFrame) -> Result<DataFrame, AnalyzeError> {
    let held = frame.schema().as_arrow().clone();
    let mut columns = Vec::new();
    for field in schema.fields() {
        let (name, type_) = (field.name(), field.data_type());
        let value = match held.column_with_name(name) {
            Some(_) => cast(ident(name), type_.clone()),
            None => lit(ScalarValue::try_from(type_)?),
        };
        columns.push(value.alias(name));
    }
    Ok(frame.select(columns)?)
}

async fn first(session: &SessionContext, sql: &str) -> Result<u64, AnalyzeError> {
    Ok(read::numbers(session, sql).await?.first().copied().unwrap_or_default() as u64)
}
