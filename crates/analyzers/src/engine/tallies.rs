//! Defects counted by kind and week: records of quality are as many as bookings, and no analysis needs each of them.

use std::path::Path;

use datafusion::{
    arrow::{
        array::AsArray,
        datatypes::{Float64Type, Int32Type, Int64Type},
    },
    prelude::{ParquetReadOptions, SessionContext},
};

use crate::{canonical::lists, error::AnalyzeError};

/// Records of one file, kind and week.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    pub file: u16,
    /// Code or words of the defect; `None` where a record names none.
    pub kind: Option<String>,
    /// First day of the week; NaN where records have no date.
    pub day: f64,
    pub records: f64,
    pub pieces: f64,
    /// One of the rows.
    pub row: u32,
}

const DAYS: [&str; 4] = ["booking_date", "operation_actual_start", "operation_actual_end", "actual_end"];

/// Counts the table of quality records. Records that were merely passed are left out, and rejects that several lists write down
/// count by the fullest of them.
pub async fn defects(session: &SessionContext, path: &Path) -> Result<Vec<Tally>, AnalyzeError> {
    let name = "q";
    session.register_parquet(name, path.to_string_lossy().as_ref(), ParquetReadOptions::default()).await?;
    let schema = session.table(name).await?.schema().as_arrow().clone();
    let has = |field: &str| schema.column_with_name(field).is_some();
    let words: Vec<String> = ["defect_code", "defect_description"]
        .into_iter()
        .filter(|field| has(field))
        .map(|field| format!("nullif(trim(CAST({field} AS VARCHAR)), '')"))
        .collect();
    let pieces: Vec<&str> =
        ["operation_quantity_scrapped", "defect_count"].into_iter().filter(|field| has(field)).collect();
    if words.is_empty() {
        session.deregister_table(name)?;
        return Ok(Vec::new());
    }
    let kind = format!("coalesce({})", words.join(", "));
    let pieces = if pieces.is_empty() {
        "CAST(NULL AS DOUBLE)".to_owned()
    } else {
        format!("coalesce({})", pieces.join(", "))
    };
    let days: Vec<String> =
        DAYS.into_iter().filter(|field| has(field)).map(|field| format!("CAST({field} AS BIGINT)")).collect();
    let day = if days.is_empty() {
        "CAST(NULL AS BIGINT)".to_owned()
    } else {
        format!("coalesce({})", days.join(", "))
    };
    let recorded = format!("{kind} IS NOT NULL OR {pieces} > 0");
    let files = lists::of_files(&lists::fullest(session, name, &recorded).await?);
    let query = format!(
        "SELECT source_file, kind, floor(day / 604800000000.0) AS week, CAST(count(*) AS DOUBLE), \
         CAST(sum(coalesce(pieces, 1.0)) AS DOUBLE), min(source_row) FROM (\
         SELECT source_file, source_row, {kind} AS kind, {pieces} AS pieces, {day} AS day FROM {name} WHERE {files}) \
         WHERE kind IS NOT NULL OR pieces > 0 GROUP BY source_file, kind, floor(day / 604800000000.0) \
         ORDER BY source_file, kind, week"
    );
    let batches = session.sql(&query).await?.collect().await?;
    session.deregister_table(name)?;
    let mut tallies = Vec::new();
    for batch in &batches {
        let files = batch.column(0).as_primitive::<Int32Type>();
        let kinds =
            datafusion::arrow::compute::cast(batch.column(1), &datafusion::arrow::datatypes::DataType::Utf8)?;
        let kinds: Vec<Option<String>> =
            kinds.as_string::<i32>().iter().map(|kind| kind.map(str::to_owned)).collect();
        let weeks = batch.column(2).as_primitive::<Float64Type>();
        let records = batch.column(3).as_primitive::<Float64Type>();
        let pieces = batch.column(4).as_primitive::<Float64Type>();
        let rows = batch.column(5).as_primitive::<Int64Type>();
        let numbers = files.iter().zip(weeks.iter()).zip(records.iter()).zip(pieces.iter()).zip(rows.iter());
        for (((((file, week), records), pieces), row), kind) in numbers.zip(kinds) {
            tallies.push(Tally {
                file: file.unwrap_or(0) as u16,
                kind,
                day: week.map_or(f64::NAN, |week| week * 7.0),
                records: records.unwrap_or(0.0),
                pieces: pieces.unwrap_or(0.0),
                row: row.unwrap_or(0) as u32,
            });
        }
    }
    Ok(tallies)
}
