//! Findings as rows of the database: typed columns for what is asked for, and the rows of the customer's files that
//! they rest on, with what stands there.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use domain::{
    Analysis, Cell, Finding, Mapping, ValueKind,
    analysis::RowRef,
    id::{FacilityId, FileId, FindingId},
};
use serde_json::{Value, json};
use store::findings::{NewEvidence, NewFinding};
use uuid::Uuid;

use crate::{Error, view};

/// Cells of a row that are kept with a finding.
const CELLS_MAX: usize = 60;

/// Letters of a cell that are kept.
const LETTERS_MAX: usize = 200;

/// Where the rows of one table are looked up.
pub(super) struct Source {
    file: FileId,
    file_name: String,
    parquet: PathBuf,
    kinds: Vec<ValueKind>,
    headers: Vec<String>,
}

impl Source {
    pub(super) fn of(
        file: FileId,
        file_name: &str,
        parquet: &Path,
        kinds: &[ValueKind],
        mapping: &Mapping,
    ) -> Self {
        Self {
            file,
            file_name: file_name.to_owned(),
            parquet: parquet.to_owned(),
            kinds: kinds.to_vec(),
            headers: mapping.columns.iter().map(|column| column.source.clone()).collect(),
        }
    }
}

/// One row of a file, with its file and what stands there.
#[expect(clippy::struct_field_names, reason = "a reference to a row is one")]
pub(super) struct Row {
    row: RowRef,
    file: FileId,
    cells: Value,
}

/// Looks up every row that a finding names, each table once.
pub(super) fn look_up(analysis: &Analysis, sources: &[Source]) -> Result<Vec<Row>, Error> {
    let mut wanted: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for row in analysis.findings.iter().flat_map(|finding| &finding.evidence_rows) {
        wanted.entry(&row.file).or_default().insert(row.row);
    }
    let mut found = Vec::new();
    for source in sources {
        let Some(numbers) = wanted.get_mut(source.file_name.as_str()) else { continue };
        let rows = ingest::look_up::rows(&source.parquet, &source.kinds, numbers)
            .map_err(|error| Error::Work(error.to_string()))?;
        for (number, cells) in rows {
            // Of a workbook, the first sheet that has the row.
            numbers.remove(&number);
            found.push(Row {
                row: RowRef { file: source.file_name.clone(), row: number },
                file: source.file,
                cells: shown(source, &cells),
            });
        }
    }
    Ok(found)
}

/// Cells with their headers, in the order of the file; empty ones are left out.
fn shown(source: &Source, cells: &[Cell]) -> Value {
    let filled = cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    filled
        .take(CELLS_MAX)
        .map(|(column, cell)| {
            let kind = source.kinds.get(column).copied().unwrap_or(ValueKind::Text);
            let mut value = view::table::value(cell, kind);
            if let Value::String(text) = &mut value {
                let end = text.char_indices().nth(LETTERS_MAX).map_or(text.len(), |(at, _)| at);
                text.truncate(end);
            }
            json!({"column": source.headers.get(column), "value": value})
        })
        .collect()
}

/// All findings as they are stored, in the order of the analysis.
pub(super) fn findings(analysis: &Analysis, facility: Option<FacilityId>, rows: Vec<Row>) -> Vec<NewFinding> {
    let rows: BTreeMap<RowRef, (FileId, Value)> =
        rows.into_iter().map(|row| (row.row, (row.file, row.cells))).collect();
    analysis.findings.iter().map(|finding| stored(finding, facility, &rows)).collect()
}

fn stored(
    finding: &Finding,
    facility: Option<FacilityId>,
    rows: &BTreeMap<RowRef, (FileId, Value)>,
) -> NewFinding {
    let impact = finding.impact.as_ref();
    let finite = |number: f64| number.is_finite().then_some(number);
    NewFinding {
        id: FindingId(Uuid::now_v7()),
        key: key(finding, facility),
        type_: finding.type_.to_owned(),
        analyzer: finding.analyzer.to_owned(),
        title: finding.title.clone(),
        priority: i16::from(finding.priority),
        grade: finding.evidence_grade.as_str().to_owned(),
        currency: impact.map(|impact| impact.value.currency.as_str().to_owned()),
        impact: impact.map(|impact| impact.value.amount),
        impact_low: impact.map(|impact| impact.low.amount),
        impact_high: impact.map(|impact| impact.high.amount),
        annualized: impact.map(|impact| impact.annualized.amount),
        addressable: impact.map(|impact| impact.addressable.amount),
        effect: finite(finding.effect.value),
        effect_low: finite(finding.effect.low),
        effect_high: finite(finding.effect.high),
        p: finite(finding.p),
        q: finite(finding.q),
        units: i64::try_from(finding.n).unwrap_or(i64::MAX),
        start_on: finding.start.as_deref().and_then(|start| start.parse().ok()),
        entities: finding
            .entities
            .iter()
            .map(|entity| (entity.field.as_str().to_owned(), entity.value.clone()))
            .collect(),
        document: view::analysis::finding(finding),
        evidence: finding
            .evidence_rows
            .iter()
            .map(|row| {
                let known = rows.get(row);
                NewEvidence {
                    file: known.map(|(file, _)| *file),
                    file_name: row.file.clone(),
                    file_row: i64::try_from(row.row).unwrap_or(i64::MAX),
                    cells: known.map_or_else(|| json!([]), |(_, cells)| cells.clone()),
                }
            })
            .collect(),
    }
}

/// The identity under which people's decisions outlive a re-run. Plants number their machines alike, so that it holds
/// within one.
pub(super) fn key(finding: &Finding, facility: Option<FacilityId>) -> String {
    match facility {
        Some(facility) => format!("{facility}/{}", finding.id),
        None => finding.id.clone(),
    }
}
