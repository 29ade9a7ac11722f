//! Saved mappings: what `map --save` writes, people edit, and `analyze --mapping` replays.
//!
//! A saved mapping belongs to a set of headers. It is replayed column by column, so that a file which gained, lost or
//! moved columns keeps what it still has; what differs is reported.

use std::collections::BTreeMap;

use domain::{
    Granularity, Issue, Mapping,
    issue::Severity,
    mapping::{Detail, SourceSystem},
};
use ontology::{FieldId, Unit};
use preparation::Preparation;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The version of the file's form.
const FORM: u32 = 1;

/// Share of saved headers that a table must have for the mapping to be of its kind.
const LIKENESS_MIN: f64 = 0.5;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedMapping {
    plantintel_mapping: u32,
    tables: Vec<SavedTable>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedTable {
    file: String,
    source_system: Option<String>,
    granularity: String,
    grain_columns: Vec<String>,
    /// `aggregate` where only the orders of its rows stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    columns: Vec<SavedColumn>,
    /// What is done to the cells before the columns are taken for what they mean.
    #[serde(default, skip_serializing_if = "Preparation::is_empty")]
    preparation: Preparation,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedColumn {
    source: String,
    /// `null` leaves the column out.
    field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

impl SavedMapping {
    /// What was proposed or confirmed, ready to be written.
    pub fn of(mappings: &[Mapping]) -> Self {
        let tables = mappings
            .iter()
            .map(|mapping| SavedTable {
                file: mapping.file.clone(),
                source_system: mapping.source_system.as_ref().map(|system| system.name.clone()),
                granularity: mapping.granularity.as_str().to_owned(),
                grain_columns: mapping
                    .grain_columns
                    .iter()
                    .filter_map(|index| mapping.columns.get(*index))
                    .map(|column| column.source.clone())
                    .collect(),
                detail: (mapping.detail != Detail::Keep).then(|| mapping.detail.as_str().to_owned()),
                columns: mapping
                    .columns
                    .iter()
                    .map(|column| SavedColumn {
                        source: column.source.clone(),
                        field: column.field.map(|field| field.to_string()),
                        unit: column.unit.map(|unit| unit.to_string()),
                    })
                    .collect(),
                preparation: Preparation::default(),
            })
            .collect();
        Self { plantintel_mapping: FORM, tables }
    }

    /// With what is done to the cells of each table before, in their order.
    #[must_use]
    pub fn prepared_by(mut self, preparation: &[Preparation]) -> Self {
        for (table, preparation) in self.tables.iter_mut().zip(preparation) {
            table.preparation = preparation.clone();
        }
        self
    }

    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| Error::Work(format!("the mapping cannot be written: {error}")))
    }

    /// Reads and checks a saved mapping; `name` is the file that a message points at.
    pub fn parse(text: &str, name: &str) -> Result<Self, Error> {
        let saved: Self = serde_json::from_str(text).map_err(|error| {
            Error::Usage(format!(
                "{name} is not a mapping ({error}); write one with `plantintel map FILE --save {name}`"
            ))
        })?;
        if saved.plantintel_mapping != FORM {
            return Err(Error::Usage(format!(
                "{name} has form {}, this program reads form {FORM}; save the mapping again",
                saved.plantintel_mapping
            )));
        }
        for table in &saved.tables {
            if Granularity::named(&table.granularity).is_none() {
                return Err(Error::Usage(format!(
                    "{name}: there is no granularity \"{}\"; use header, operation, labor, material or event",
                    table.granularity
                )));
            }
            for column in &table.columns {
                if let Some(field) = column.field.as_deref().filter(|field| FieldId::named(field).is_none()) {
                    return Err(Error::Usage(format!(
                        "{name}: column \"{}\" has the unknown field \"{field}\"",
                        column.source
                    )));
                }
                if let Some(unit) = column.unit.as_deref().filter(|unit| Unit::named(unit).is_none()) {
                    return Err(Error::Usage(format!(
                        "{name}: column \"{}\" has the unknown unit \"{unit}\"",
                        column.source
                    )));
                }
            }
        }
        Ok(saved)
    }

    /// The saved table that is of one kind with a table of these headers, and the share of its headers that they have.
    fn table_like<'a>(&self, headers: impl Iterator<Item = &'a str>) -> Option<(f64, &SavedTable)> {
        let headers = keys(headers);
        let likeness = |table: &SavedTable| {
            let saved = keys(table.columns.iter().map(|column| column.source.as_str()));
            let shared = saved.keys().filter(|key| headers.contains_key(*key)).count();
            shared as f64 / saved.len().max(1) as f64
        };
        self.tables
            .iter()
            .map(|table| (likeness(table), table))
            .fold(None, |best: Option<(f64, &SavedTable)>, next| match best {
                Some(best) if best.0 >= next.0 => Some(best),
                _ => Some(next),
            })
            .filter(|(share, _)| *share >= LIKENESS_MIN)
    }

    /// What is done to the cells of a table of these headers before it is mapped; `None` where nothing is.
    pub fn preparation<'a>(&self, headers: impl Iterator<Item = &'a str>) -> Option<&Preparation> {
        self.table_like(headers)
            .map(|(_, table)| &table.preparation)
            .filter(|preparation| !preparation.is_empty())
    }

    /// Lays the saved decisions over a proposal for a table. Returns `false` and changes nothing where no saved table
    /// is of its kind.
    pub fn replay(&self, name: &str, proposal: &mut Mapping) -> bool {
        let headers = keys(proposal.columns.iter().map(|column| column.source.as_str()));
        let sources = proposal.columns.iter().map(|column| column.source.as_str());
        let Some((share, table)) = self.table_like(sources) else {
            return false;
        };
        let saved = keys(table.columns.iter().map(|column| column.source.as_str()));
        let mut new = Vec::new();
        for (key, index) in &headers {
            let column = &mut proposal.columns[*index];
            let Some(decision) = saved.get(key).map(|at| &table.columns[*at]) else {
                new.push(column.source.clone());
                continue;
            };
            let unit = decision.unit.as_deref().and_then(Unit::named);
            let why = format!("confirmed in the saved mapping {name}");
            column.decide(decision.field.as_deref().and_then(FieldId::named), unit, &why);
            // What was saved without a unit has none, whatever is proposed today.
            column.unit = unit;
        }
        let missing: Vec<String> = saved
            .iter()
            .filter(|(key, _)| !headers.contains_key(*key))
            .map(|(_, at)| table.columns[*at].source.clone())
            .collect();
        if let Some(granularity) = Granularity::named(&table.granularity) {
            proposal.granularity = granularity;
            proposal.granularity_evidence = vec![format!("confirmed in the saved mapping {name}")];
        }
        proposal.detail = table.detail.as_deref().and_then(Detail::named).unwrap_or_default();
        let grain: Vec<usize> = keys(table.grain_columns.iter().map(String::as_str))
            .keys()
            .filter_map(|key| headers.get(key).copied())
            .collect();
        if grain.len() == table.grain_columns.len() {
            proposal.grain_columns = grain;
        }
        if let Some(system) = &table.source_system {
            proposal.source_system = Some(SourceSystem { name: system.clone(), confidence: 1.0 });
        }
        for (kind, what, columns) in [
            ("new_columns", "new since the mapping was saved", new),
            ("missing_columns", "saved but not in the file", missing),
        ] {
            if !columns.is_empty() {
                proposal.issues.push(Issue {
                    file: proposal.file.clone(),
                    row: None,
                    column: None,
                    severity: Severity::Note,
                    kind,
                    message: format!("{} {what}: {}", columns.len(), columns.join(", ")),
                    rows: 0,
                    examples: Vec::new(),
                });
            }
        }
        share > 0.0
    }
}

/// Headers by what they say: case, blanks and punctuation do not matter, repeated ones stay apart by their order.
fn keys<'a>(headers: impl Iterator<Item = &'a str>) -> BTreeMap<(String, usize), usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut keys = BTreeMap::new();
    for (index, header) in headers.enumerate() {
        let plain = mapping::header_key(header);
        let occurrence = seen.entry(plain.clone()).or_default();
        keys.insert((plain, *occurrence), index);
        *occurrence += 1;
    }
    keys
}

#[cfg(test)]
mod tests {
    use domain::{ColumnMapping, mapping::Status};

    use super::*;

    fn mapping(headers: &[&str]) -> Mapping {
        Mapping {
            file: "a.csv".to_owned(),
            rows: 3,
            source_system: None,
            granularity: Granularity::Operation,
            granularity_evidence: Vec::new(),
            detail: domain::mapping::Detail::Keep,
            grain_columns: vec![0],
            columns: headers
                .iter()
                .enumerate()
                .map(|(index, header)| ColumnMapping {
                    index,
                    source: (*header).to_owned(),
                    field: None,
                    confidence: 0.5,
                    status: Status::YourCall,
                    unit: None,
                    format: None,
                    matched_by: None,
                    alternatives: Vec::new(),
                    evidence: Vec::new(),
                })
                .collect(),
            issues: Vec::new(),
        }
    }

    fn saved() -> SavedMapping {
        let mut first = mapping(&["Job No", "Est Hrs", "Note", "Note"]);
        first.columns[0].field = FieldId::named("work_order_id");
        first.columns[1].field = FieldId::named("planned_run_hours");
        first.columns[1].unit = Some(Unit::Minutes);
        first.columns[3].field = FieldId::named("defect_description");
        SavedMapping::parse(&SavedMapping::of(&[first]).to_json().unwrap(), "m.json").unwrap()
    }

    #[test]
    fn a_saved_mapping_is_replayed_whatever_the_order_case_and_punctuation() {
        let mut proposal = mapping(&["NOTE", "est_hrs", "note", "JOB-NO", "New"]);
        assert!(saved().replay("m.json", &mut proposal));
        let fields: Vec<_> =
            proposal.columns.iter().map(|column| column.field.map(FieldId::as_str)).collect();
        assert_eq!(
            fields,
            [None, Some("planned_run_hours"), Some("defect_description"), Some("work_order_id"), None]
        );
        assert_eq!(proposal.columns[1].unit, Some(Unit::Minutes));
        assert_eq!(proposal.grain_columns, [3]);
        assert_eq!(proposal.issues.len(), 1);
        assert_eq!(proposal.columns[4].status, Status::YourCall);
    }

    #[test]
    fn a_table_of_another_kind_is_left_alone() {
        let mut proposal = mapping(&["Supplier", "Price"]);
        assert!(!saved().replay("m.json", &mut proposal));
        assert_eq!(proposal, mapping(&["Supplier", "Price"]));
    }

    #[test]
    fn what_cannot_be_replayed_is_refused_with_a_reason() {
        let unknown = r#"{"plantintel_mapping":1,"tables":[{"file":"a","source_system":null,"granularity":"operation","grain_columns":[],"columns":[{"source":"x","field":"colour"}]}]}"#;
        let error = SavedMapping::parse(unknown, "m.json").unwrap_err().to_string();
        assert_eq!(error, "m.json: column \"x\" has the unknown field \"colour\"");
        assert!(SavedMapping::parse("{}", "m.json").is_err());
    }
}
