//! The first step: each file once through, its cells converted and its rows used or set aside.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, BooleanArray, Int32Array, RecordBatch},
        compute::filter_record_batch,
        datatypes::{DataType, Field, Int64Type, Schema},
    },
    common::hash_utils::{RandomState, create_hashes},
    prelude::{ParquetReadOptions, SessionContext},
};
use domain::{
    Granularity, ValueKind,
    analysis::{RowRef, Rows, SetAside},
};
use futures::StreamExt;
use ontology::FieldId;

use super::{exchange, expression, keys::Keys, read, sink::Sink, wide_defects, words};
use crate::{error::AnalyzeError, mapped_table::MappedTable, query::Limits};

/// A file after staging: `source_file`, `source_row`, `order_key`, `operation_key` and its fields.
#[derive(Debug, Clone)]
pub(crate) struct Staged {
    pub(crate) table: usize,
    pub(crate) granularity: Granularity,
    pub(crate) path: PathBuf,
    pub(crate) fields: Vec<FieldId>,
    /// Kinds of defects that have a column each, as [`wide_defects::column`] names them.
    pub(crate) defects: Vec<String>,
    /// Each order has a row of its own above the rows of its steps.
    pub(crate) parents: bool,
}

impl Staged {
    /// The rows that say what the file says: without those of orders above their steps.
    pub(crate) fn view(&self) -> String {
        if self.parents { format!("steps_{}", self.table) } else { self.all_rows() }
    }

    pub(crate) fn all_rows(&self) -> String {
        format!("stage_{}", self.table)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.as_str() == name)
    }
}

/// Said of rows whose file has no column of order numbers while others have one.
pub(crate) const LIST: &str = "in a file without a column of order numbers, a list of machines or items perhaps; \
     match its order number if it reports work";

/// Why a row is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// A person said so.
    Reviewed,
    Total,
    NoOrder,
    List,
    Cancelled,
    OtherCurrency,
    NoRate,
    Duplicate,
    Replaced,
}

impl Reason {
    fn sentence(self) -> &'static str {
        match self {
            Self::Reviewed => "set aside by you while the rows were reviewed",
            Self::Total => "a total of other rows, not a row of its own",
            Self::NoOrder => "no order number, so it belongs to no order",
            Self::List => LIST,
            Self::Cancelled => "its order was cancelled before anything was booked on it",
            Self::OtherCurrency => {
                "in another currency; amounts of several currencies are never added, analyze them apart"
            }
            Self::NoRate => {
                "in a currency for which your table of exchange rates says nothing on the day of the order"
            }
            Self::Duplicate => "the same in every column as an earlier row; counted once",
            Self::Replaced => "a later file says the same thing anew; the later file counts",
        }
    }
}

/// Rows of a reason that are named, so that people can take them along; what is looked at shows some of them.
const EXAMPLES: usize = 1000;

/// Registers `raw_0`, `raw_1`, … for the typed tables.
pub(crate) async fn register(session: &SessionContext, tables: &[MappedTable]) -> Result<(), AnalyzeError> {
    for (idx, table) in tables.iter().enumerate() {
        let path = table.parquet.to_string_lossy();
        let extension =
            table.parquet.extension().map_or(String::new(), |ext| format!(".{}", ext.to_string_lossy()));
        let options = ParquetReadOptions::default();
        let options = ParquetReadOptions { file_extension: &extension, ..options };
        session.register_parquet(format!("raw_{idx}"), path.as_ref(), options).await?;
    }
    Ok(())
}

/// Fields that are kept: people only where they may be.
pub(crate) fn kept_fields(table: &MappedTable, limits: &Limits) -> Vec<FieldId> {
    let mut fields = table.fields();
    fields.retain(|field| limits.people || !matches!(field.as_str(), "employee_id" | "employee_name"));
    fields
}

/// Stages all tables, the last file first, so that an earlier file knows what a later one says anew.
pub(crate) async fn run(
    session: &SessionContext,
    tables: &[MappedTable],
    files: &[String],
    keys: &Keys,
    excluded: &HashMap<String, Reason>,
    folder: &Path,
    limits: &Limits,
) -> Result<(Vec<Staged>, Rows), AnalyzeError> {
    let mut staged = Vec::new();
    let mut rows = Rows::default();
    let mut aside: BTreeMap<Reason, (u64, Vec<RowRef>)> = BTreeMap::new();
    let mut seen: HashMap<(Granularity, Vec<&str>), HashSet<u64>> = HashMap::new();
    let mut later: Vec<(Granularity, Vec<FieldId>, HashSet<u64>)> = Vec::new();
    let some_name_orders = tables.iter().any(|table| keys.order(table).is_some());
    for (idx, table) in tables.iter().enumerate().rev() {
        let granularity = table.mapping.granularity;
        let fields = kept_fields(table, limits);
        let order = keys.order(table);
        let operation = keys.operation(table).filter(|_| order.is_some());
        let row_key = match granularity {
            Granularity::Header => order.clone(),
            Granularity::Operation => order
                .as_ref()
                .zip(operation.as_ref())
                .map(|(order, part)| format!("concat_ws('/', {order}, {part})")),
            Granularity::Labor => FieldId::named("booking_id").and_then(|field| expression::of(table, field)),
            Granularity::Material | Granularity::Event => None,
        };
        let siblings = tables.iter().filter(|other| other.mapping.granularity == granularity).count();
        let row_key = row_key.filter(|_| siblings > 1);
        let mut schema = vec![
            Field::new("source_file", DataType::Int32, false),
            Field::new("source_row", DataType::Int64, false),
            Field::new("order_key", DataType::Utf8, true),
            Field::new("operation_key", DataType::Utf8, true),
        ];
        let mut select = vec![
            "source_row".to_owned(),
            format!("{} AS order_key", order.as_deref().unwrap_or("CAST(NULL AS VARCHAR)")),
            format!(
                "{} AS operation_key",
                match (&order, &operation) {
                    (Some(order), Some(part)) => format!("concat_ws('/', {order}, coalesce({part}, ''))"),
                    (Some(order), None) => order.clone(),
                    _ => "CAST(NULL AS VARCHAR)".to_owned(),
                }
            ),
        ];
        for field in &fields {
            let Some(value) = expression::of(table, *field) else { continue };
            select.push(format!("{value} AS \"{field}\""));
            schema.push(Field::new(field.as_str(), arrow_type(*field), true));
        }
        let defects = wide_defects::of(table);
        for (idx, (pieces, _)) in defects.iter().enumerate() {
            select.push(format!("{pieces} AS {}", wide_defects::column(idx)));
            schema.push(Field::new(wide_defects::column(idx), DataType::Float64, true));
        }
        let reviewed = table.set_aside();
        let n_columns = table.kinds.len();
        select.push(format!("{} AS row_key", row_key.as_deref().unwrap_or("CAST(NULL AS VARCHAR)")));
        select.extend((0..n_columns).map(|column| format!("\"c{column}\" AS raw_c{column}")));
        let query = format!("SELECT {} FROM raw_{idx}", select.join(", "));
        let mut stream = session.sql(&query).await?.execute_stream().await?;

        let layout: Vec<&str> = table.mapping.columns.iter().map(|column| column.source.as_str()).collect();
        let duplicates = seen.entry((granularity, layout)).or_default();
        let telling = tells_rows_apart(table);
        let replacing: Vec<&HashSet<u64>> = later
            .iter()
            .filter(|(grain, of, _)| *grain == granularity && fields.iter().all(|field| of.contains(field)))
            .map(|(_, _, keys)| keys)
            .collect();
        let mut own_keys: HashSet<u64> = HashSet::new();
        let path = folder.join(format!("stage_{idx}.parquet"));
        let mut sink = Sink::create(&path, &Schema::new(schema))?;
        let n_out = 3 + fields.len() + defects.len();
        // Rows that no later file repeats are looked at in the order of the file; the first of equals is kept.
        let from_later: HashSet<u64> = if siblings > 1 { duplicates.clone() } else { HashSet::new() };
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            let n = batch.num_rows();
            let row = batch.column(0).as_primitive::<Int64Type>();
            let order_keys = batch.column(1).as_string::<i32>();
            let key_column = batch.column(n_out).as_string::<i32>();
            let raw: Vec<ArrayRef> = batch.columns()[n_out + 1..].to_vec();
            let mut row_hashes = vec![0_u64; n];
            if !raw.is_empty() {
                create_hashes(&raw, &RandomState::with_seed(7), &mut row_hashes)?;
            }
            let mut key_hashes = vec![0_u64; n];
            if row_key.is_some() {
                create_hashes([batch.column(n_out)], &RandomState::with_seed(7), &mut key_hashes)?;
            }
            let mut keep = Vec::with_capacity(n);
            for at in 0..n {
                let key = (!order_keys.is_null(at)).then(|| order_keys.value(at));
                let needs_order = granularity != Granularity::Event;
                let reason = if reviewed.is_some_and(|column| !raw[column].is_null(at)) {
                    Some(Reason::Reviewed)
                } else if key.is_some_and(|key| {
                    !key.bytes().any(|byte| byte.is_ascii_digit()) && words::is("total", key)
                }) {
                    Some(Reason::Total)
                } else if needs_order && order.is_none() && some_name_orders {
                    Some(Reason::List)
                } else if needs_order && key.is_none() {
                    Some(Reason::NoOrder)
                } else if let Some(reason) = key.and_then(|key| excluded.get(key)) {
                    Some(*reason)
                } else if telling && !duplicates.insert(row_hashes[at]) {
                    Some(if from_later.contains(&row_hashes[at]) {
                        Reason::Replaced
                    } else {
                        Reason::Duplicate
                    })
                } else if !key_column.is_null(at)
                    && replacing.iter().any(|keys| keys.contains(&key_hashes[at]))
                {
                    Some(Reason::Replaced)
                } else {
                    None
                };
                if row_key.is_some() && !key_column.is_null(at) {
                    own_keys.insert(key_hashes[at]);
                }
                keep.push(reason.is_none());
                if let Some(reason) = reason {
                    let (count, examples) = aside.entry(reason).or_default();
                    *count += 1;
                    if examples.len() < EXAMPLES {
                        examples.push(RowRef { file: files[idx].clone(), row: row.value(at).max(0) as u64 });
                    }
                }
            }
            rows.read += n as u64;
            let mut columns: Vec<ArrayRef> = vec![Arc::new(Int32Array::from_value(idx as i32, n))];
            columns.extend(batch.columns()[..n_out].iter().cloned());
            let out = RecordBatch::try_new(sink.schema(), columns)?;
            let used = filter_record_batch(&out, &BooleanArray::from(keep))?;
            rows.used += used.num_rows() as u64;
            sink.write(&used)?;
        }
        sink.finish()?;
        session
            .register_parquet(
                format!("stage_{idx}"),
                path.to_string_lossy().as_ref(),
                ParquetReadOptions::default(),
            )
            .await?;
        if row_key.is_some() {
            later.push((granularity, fields.clone(), own_keys));
        }
        let defects = defects.into_iter().map(|(_, name)| name).collect();
        staged.push(Staged { table: idx, granularity, path, fields, defects, parents: false });
    }
    staged.reverse();
    rows.set_aside = aside
        .into_iter()
        .map(|(reason, (count, mut examples))| {
            examples.sort();
            SetAside { reason: reason.sentence().to_owned(), rows: count, examples }
        })
        .collect();
    Ok((staged, rows))
}

/// Whether two rows that are the same in every column can only be the same thing twice. Bookings without a number and
/// without a time of day may well repeat.
fn tells_rows_apart(table: &MappedTable) -> bool {
    if !matches!(table.mapping.granularity, Granularity::Labor | Granularity::Event) {
        return true;
    }
    let has = |name: &str| FieldId::named(name).is_some_and(|field| !table.sources(field).is_empty());
    has("booking_id")
        || table.kinds.iter().any(|kind| matches!(kind, ValueKind::DateTime | ValueKind::TimeOfDay))
}

pub(crate) fn arrow_type(field: FieldId) -> DataType {
    use datafusion::arrow::datatypes::TimeUnit;
    match expression::sql_type(field) {
        "DOUBLE" => DataType::Float64,
        "BOOLEAN" => DataType::Boolean,
        "TIMESTAMP" => DataType::Timestamp(TimeUnit::Microsecond, None),
        _ => DataType::Utf8,
    }
}

/// Orders that are left out altogether: cancelled ones on which nothing was booked, and those in another currency than
/// most.
pub(crate) async fn excluded(
    session: &SessionContext,
    tables: &[MappedTable],
    keys: &Keys,
) -> Result<(HashMap<String, Reason>, Option<String>), AnalyzeError> {
    let mut excluded = HashMap::new();
    let mut orders_of: BTreeMap<String, f64> = BTreeMap::new();
    let mut queries = Vec::new();
    for (idx, table) in tables.iter().enumerate() {
        let Some(order) = keys.order(table) else { continue };
        let Some(currency) = exchange::currency(table) else { continue };
        if let Some(rate) = exchange::rate(table) {
            let query = format!(
                "SELECT DISTINCT {order} AS k FROM raw_{idx} WHERE {order} IS NOT NULL AND {rate} IS NULL"
            );
            for row in read::rows(session, &query).await? {
                if let Some(key) = row[0].text() {
                    excluded.insert(key.to_owned(), Reason::NoRate);
                }
            }
            continue;
        }
        let query = format!("SELECT DISTINCT {order} AS k, {currency} AS currency FROM raw_{idx}");
        let counts = read::rows(
            session,
            &format!("SELECT currency, count(*) FROM ({query}) WHERE k IS NOT NULL AND currency IS NOT NULL GROUP BY currency"),
        )
        .await?;
        for count in counts {
            if let (Some(code), Some(n)) = (count[0].text(), count[1].number()) {
                *orders_of.entry(code.to_owned()).or_default() += n;
            }
        }
        queries.push(query);
    }
    let main = orders_of
        .iter()
        .max_by(|a, b| a.1.total_cmp(b.1).then_with(|| b.0.cmp(a.0)))
        .map(|(code, _)| code.clone());
    if orders_of.len() > 1
        && let Some(main) = &main
    {
        for query in queries {
            let query =
                format!("SELECT DISTINCT k FROM ({query}) WHERE currency <> {}", words::literal(main));
            for row in read::rows(session, &query).await? {
                if let Some(key) = row[0].text() {
                    excluded.insert(key.to_owned(), Reason::OtherCurrency);
                }
            }
        }
    }
    for (idx, table) in tables.iter().enumerate() {
        let (Some(order), Some(status)) = (
            keys.order(table),
            FieldId::named("work_order_status").and_then(|field| expression::of(table, field)),
        ) else {
            continue;
        };
        let actuals: Vec<String> = table
            .fields()
            .into_iter()
            .filter(|field| {
                let name = field.as_str();
                arrow_type(*field) == DataType::Float64
                    && (name.starts_with("actual_")
                        || name.ends_with("quantity_completed")
                        || name.ends_with("_scrapped"))
            })
            .filter_map(|field| expression::of(table, field))
            .map(|value| format!("coalesce({value}, 0.0) = 0.0"))
            .collect();
        let nothing_done = if actuals.is_empty() { "true".to_owned() } else { actuals.join(" AND ") };
        let query = format!("SELECT DISTINCT {status} FROM raw_{idx} WHERE {status} IS NOT NULL");
        let cancelled: Vec<String> = read::rows(session, &query)
            .await?
            .iter()
            .filter_map(|row| row[0].text())
            .filter(|status| words::is("cancelled", status))
            .map(words::literal)
            .collect();
        if cancelled.is_empty() {
            continue;
        }
        let query = format!(
            "SELECT {order} FROM raw_{idx} GROUP BY {order} HAVING bool_and(({status}) IN ({}) AND ({nothing_done}))",
            cancelled.join(", ")
        );
        let mut found: HashSet<String> = read::rows(session, &query)
            .await?
            .iter()
            .filter_map(|row| row[0].text())
            .map(str::to_owned)
            .collect();
        for (other, booked) in tables.iter().enumerate() {
            if found.is_empty() || booked.mapping.granularity != Granularity::Labor || other == idx {
                continue;
            }
            let Some(key) = keys.order(booked) else { continue };
            for row in read::rows(session, &format!("SELECT DISTINCT {key} FROM raw_{other}")).await? {
                if let Some(key) = row[0].text() {
                    found.remove(key);
                }
            }
        }
        for key in found {
            excluded.entry(key).or_insert(Reason::Cancelled);
        }
    }
    let reported = tables.iter().find_map(|table| table.exchange.as_ref()).map(|rates| rates.to.to_string());
    Ok((excluded, reported.or(main)))
}
