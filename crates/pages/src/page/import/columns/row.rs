//! A column of the table: what it means, why, what else it could mean, and its values where it is looked at.

use domain::{
    Cell, ColumnMapping, ColumnProfile,
    mapping::{CHOSEN, Status},
    number,
};
use ontology::{Entity, FieldId};

use crate::words;

/// A button under a column: one of the few things that it can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Id of the field; empty to leave the column out.
    pub field: &'static str,
    pub label: String,
    pub chosen: bool,
}

/// Values of a column over all rows, for the open row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    pub facts: Vec<(&'static str, String)>,
    /// The most frequent values with their counts.
    pub top: Vec<(String, String)>,
    pub fields: Vec<FieldGroup>,
    pub format: String,
}

/// Fields of one thing of the plant, for the list under "Means".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldGroup {
    pub entity: &'static str,
    /// Id, name, meaning, and whether it is the one in force.
    pub fields: Vec<(&'static str, String, &'static str, bool)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRow {
    pub index: usize,
    pub header: String,
    pub samples: String,
    /// `None`: left out.
    pub field: Option<String>,
    pub entity: &'static str,
    /// By what it was matched; empty where it is left out or chosen.
    pub kind: &'static str,
    pub why: Vec<String>,
    pub read_as: String,
    pub choices: Vec<Choice>,
    pub status: &'static str,
    pub tone: &'static str,
    pub icon: &'static str,
    /// Where this row is the one being looked at.
    pub open: Option<Values>,
}

pub(super) fn header(column: &ColumnMapping) -> String {
    if column.source.trim().is_empty() {
        format!("Column {}", column.index + 1)
    } else {
        column.source.clone()
    }
}

impl ColumnRow {
    pub(super) fn new(column: &ColumnMapping, profile: Option<&ColumnProfile>, open: bool) -> Self {
        let (tone, icon) = match column.status {
            Status::Sure => ("gain", "circle-check"),
            Status::Check => ("warn", "circle-alert"),
            Status::YourCall => ("loss", "circle-question-mark"),
            Status::Unused => ("muted", "minus"),
        };
        let mut read_as = Vec::new();
        if let Some(unit) = column.unit {
            read_as.push(format!("in {}", unit.as_str()));
        }
        if let Some(format) = &column.format {
            read_as.push(format!("written as {format}"));
        }
        let mut row = Self {
            index: column.index,
            header: header(column),
            samples: profile.map(samples).unwrap_or_default(),
            field: column.field.map(words::field),
            entity: column.field.map_or("", |field| words::entity(field.definition().entity)),
            kind: column.matched_by.filter(|_| !column.is_manual()).map_or("", words::match_kind),
            // That a person chose it stands beside it already.
            why: column.evidence.iter().filter(|line| *line != CHOSEN).take(2).cloned().collect(),
            read_as: read_as.join(", "),
            choices: Vec::new(),
            status: if column.is_manual() { "Your choice" } else { words::status(column.status) },
            tone,
            icon,
            open: None,
        };
        if let Some(profile) = profile {
            if profile.unreadable > 0 {
                row.why.push(format!(
                    "{} could not be read and count as empty.",
                    words::counted(profile.unreadable, "value")
                ));
            }
            if !profile.ambiguous.is_empty() {
                row.why.push(format!("Could also be read as {}.", profile.ambiguous.join(" or ")));
            }
        }
        if matches!(column.status, Status::YourCall) {
            row.choices = choices(column);
        }
        if open {
            row.open = Some(Values::new(column, profile));
        }
        row
    }

    pub(super) fn number(&self) -> usize {
        self.index + 1
    }
}

/// The proposal, up to two others, and leaving the column out.
fn choices(column: &ColumnMapping) -> Vec<Choice> {
    let mut fields: Vec<FieldId> = column.field.into_iter().collect();
    for alternative in &column.alternatives {
        if let Some(field) = alternative.field
            && !fields.contains(&field)
            && fields.len() < 2
        {
            fields.push(field);
        }
    }
    let mut choices: Vec<Choice> = fields
        .into_iter()
        .map(|field| Choice {
            field: field.as_str(),
            label: words::field(field),
            chosen: column.field == Some(field),
        })
        .collect();
    choices.push(Choice { field: "", label: "Leave out".to_owned(), chosen: column.field.is_none() });
    choices
}

/// Three different values as written.
fn samples(profile: &ColumnProfile) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for value in profile.sample_raw.iter().map(|value| value.trim()).filter(|value| !value.is_empty()) {
        if !seen.contains(&value) {
            seen.push(value);
        }
        if seen.len() == 3 {
            break;
        }
    }
    if seen.is_empty() { "empty".to_owned() } else { seen.join(" · ") }
}

impl Values {
    fn new(column: &ColumnMapping, profile: Option<&ColumnProfile>) -> Self {
        let mut facts = Vec::new();
        let mut top = Vec::new();
        if let Some(profile) = profile {
            facts.push(("Filled", format!("{} of rows", number::percent(profile.fill(), 1))));
            facts.push(("Different values", number::count(profile.distinct)));
            if let (Some(min), Some(max)) = (profile.min, profile.max) {
                let range = if profile.kind.is_moment() {
                    format!("{} – {}", number::day(min as i64), number::day(max as i64))
                } else {
                    format!("{} – {}", number::short(min, ""), number::short(max, ""))
                };
                facts.push(("From – to", range));
            }
            if profile.unreadable > 0 {
                facts.push(("Could not be read", number::count(profile.unreadable)));
            }
            let unreadable: Vec<&str> = profile
                .sample
                .iter()
                .filter_map(|cell| if let Cell::Unreadable(text) = cell { Some(text.as_str()) } else { None })
                .take(3)
                .collect();
            if !unreadable.is_empty() {
                facts.push(("For example", unreadable.join(" · ")));
            }
            top = profile
                .top
                .iter()
                .take(8)
                .map(|(value, count)| (value.clone(), number::count(*count)))
                .collect();
        }
        Self {
            facts,
            top,
            fields: field_groups(column.field),
            format: column.format.clone().unwrap_or_default(),
        }
    }
}

/// Every field of the ontology, under the thing it belongs to.
fn field_groups(current: Option<FieldId>) -> Vec<FieldGroup> {
    Entity::ALL
        .into_iter()
        .map(|entity| {
            let mut fields: Vec<(&'static str, String, &'static str, bool)> = ontology::field::all()
                .iter()
                .filter(|field| field.entity == entity)
                .map(|field| {
                    (field.id.as_str(), words::field(field.id), field.meaning, current == Some(field.id))
                })
                .collect();
            fields.sort_by(|a, b| a.1.cmp(&b.1));
            FieldGroup { entity: words::entity(entity), fields }
        })
        .collect()
}
