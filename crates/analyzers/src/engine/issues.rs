//! Which orders a record of quality speaks against: a defect, a failed inspection, or a flag.

use std::path::Path;

use datafusion::{
    arrow::{array::AsArray, compute::cast, datatypes::DataType},
    error::DataFusionError,
    prelude::{ParquetReadOptions, SessionContext},
};

/// Stems of results of inspections that were not passed, in the languages of exports.
const FAILED: [&str; 12] = [
    "fail",
    "rej",
    "nok",
    "not ok",
    "n.i.o",
    "nio",
    "ng",
    "ausschuss",
    "abgelehnt",
    "rechaz",
    "refus",
    "scart",
];

/// Keys of the orders, in alphabetical order. Records that were merely passed are left out.
pub async fn keys(session: &SessionContext, path: &Path) -> Result<Vec<String>, DataFusionError> {
    let name = "q";
    session.register_parquet(name, path.to_string_lossy().as_ref(), ParquetReadOptions::default()).await?;
    let schema = session.table(name).await?.schema().as_arrow().clone();
    let has = |field: &str| schema.column_with_name(field).is_some();
    let mut conditions: Vec<String> = ["defect_code", "defect_description"]
        .into_iter()
        .filter(|field| has(field))
        .map(|field| format!("nullif(trim(CAST({field} AS VARCHAR)), '') IS NOT NULL"))
        .collect();
    let counts = ["defect_count", "operation_quantity_scrapped"];
    conditions.extend(counts.into_iter().filter(|field| has(field)).map(|field| format!("{field} > 0")));
    if has("quality_issue") {
        conditions.push("lower(CAST(quality_issue AS VARCHAR)) IN ('true', '1', 'y', 'yes')".to_owned());
    }
    if has("inspection_result") {
        let like = |stem: &&str| format!("lower(trim(CAST(inspection_result AS VARCHAR))) LIKE '{stem}%'");
        conditions.extend(FAILED.iter().map(like));
    }
    let mut keys = Vec::new();
    if has("order_key") && !conditions.is_empty() {
        let query = format!(
            "SELECT DISTINCT CAST(order_key AS VARCHAR) AS key FROM {name} WHERE order_key IS NOT NULL AND ({}) ORDER BY key",
            conditions.join(" OR ")
        );
        for batch in session.sql(&query).await?.collect().await? {
            let column = cast(batch.column(0), &DataType::Utf8)?;
            keys.extend(column.as_string::<i32>().iter().flatten().map(str::to_owned));
        }
    }
    session.deregister_table(name)?;
    Ok(keys)
}
