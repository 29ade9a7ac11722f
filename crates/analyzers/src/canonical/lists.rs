//! Which files write the same rejects down: a list of defects and the tickets of the floor may both name each of them, while the
//! files of twelve months are one list.

use std::collections::BTreeSet;

use datafusion::prelude::SessionContext;

use super::read::{self, Value};
use crate::error::AnalyzeError;

/// Files whose columns are alike by so much are parts of one list.
const ALIKE: f64 = 0.7;

/// The files of the fullest list of a table of the session: that of most rows that meet `recorded`. Nothing is counted twice then.
pub(crate) async fn fullest(
    session: &SessionContext,
    table: &str,
    recorded: &str,
) -> Result<Vec<i32>, AnalyzeError> {
    let columns: Vec<String> = session
        .table(table)
        .await?
        .schema()
        .as_arrow()
        .fields()
        .iter()
        .map(|field| field.name().replace('"', "\"\""))
        .filter(|name| !matches!(name.as_str(), "source_file" | "source_row"))
        .collect();
    let filled: Vec<String> = columns.iter().map(|name| format!("count(\"{name}\")")).collect();
    let query = format!(
        "SELECT source_file, count(CASE WHEN {recorded} THEN 1 END), {} FROM {table} GROUP BY source_file ORDER BY source_file",
        filled.join(", ")
    );
    let mut lists: Vec<List> = Vec::new();
    for row in read::rows(session, &query).await? {
        let number = |at: usize| row.get(at).and_then(Value::number).unwrap_or_default();
        let columns: BTreeSet<usize> = (2..row.len()).filter(|at| number(*at) > 0.0).collect();
        let (file, records) = (number(0) as i32, number(1));
        match lists.iter_mut().find(|list| list.alike(&columns)) {
            Some(list) => {
                list.files.push(file);
                list.records += records;
            }
            None => lists.push(List { columns, files: vec![file], records }),
        }
    }
    // The first of equally full ones.
    let best = lists.into_iter().rev().max_by(|a, b| a.records.total_cmp(&b.records));
    Ok(best.map(|list| list.files).unwrap_or_default())
}

struct List {
    columns: BTreeSet<usize>,
    files: Vec<i32>,
    records: f64,
}

impl List {
    fn alike(&self, columns: &BTreeSet<usize>) -> bool {
        let both = self.columns.intersection(columns).count() as f64;
        both >= ALIKE * self.columns.union(columns).count() as f64
    }
}

/// A condition on rows of these files.
pub(crate) fn of_files(files: &[i32]) -> String {
    if files.is_empty() {
        return "true".to_owned();
    }
    let files: Vec<String> = files.iter().map(ToString::to_string).collect();
    format!("source_file IN ({})", files.join(", "))
}
