//! Step 2: what the columns of an upload mean. What the data settle is decided; what they do not is asked, with
//! reasons.

mod known;
mod row;
mod sides;

use askama::Template;
use domain::{ColumnMapping, Granularity, Mapping, TableProfile, mapping::Status};
use ontology::Entity;

use self::row::header;
pub(crate) use self::sides::DETAIL;
pub use self::{
    known::{KnownFile, Ran},
    row::{Choice, ColumnRow, FieldGroup, Values},
    sides::{ExampleOrder, Sides},
};

use crate::{
    component::{Link, Tone, pill::Pill, stepper::Stepper},
    filters,
    layout::{Crumb, Section, Shell},
    route, words,
};

/// What one row is, and what that does to totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grain {
    pub sentence: String,
    pub reason: String,
    pub confirmed: bool,
    /// Value and words of what it could be instead.
    pub choices: Vec<(&'static str, &'static str, bool)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: &'static str,
    pub note: String,
    pub columns: Vec<ColumnRow>,
}

/// An analysis that the file can or cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ability {
    pub name: String,
    /// Fields that no column means, in words.
    pub missing: Vec<String>,
    /// Fields that are filled in too few rows, in words.
    pub sparse: Vec<String>,
    /// Whether the settings switch it off.
    pub switched_off: bool,
}

impl Ability {
    fn runs(&self) -> bool {
        self.missing.is_empty() && self.sparse.is_empty() && !self.switched_off
    }

    fn icon(&self) -> &'static str {
        match (self.runs(), self.missing.is_empty() && !self.switched_off) {
            (true, _) => "check",
            (false, true) => "circle-dot",
            (false, false) => "circle",
        }
    }

    fn pill(&self) -> Pill {
        if self.switched_off {
            Pill::new(Tone::Quiet, "off")
        } else if !self.missing.is_empty() {
            Pill::new(Tone::Quiet, format!("{} missing", self.missing.len()))
        } else if self.sparse.is_empty() {
            Pill::new(Tone::Gain, "ready")
        } else {
            Pill::new(Tone::Warn, "too few values")
        }
    }

    fn note(&self) -> String {
        if self.switched_off {
            "Switched off in your settings.".to_owned()
        } else if !self.missing.is_empty() {
            format!("Needs {}.", self.missing.join(", "))
        } else if self.sparse.is_empty() {
            String::new()
        } else {
            format!("Filled in too few rows: {}.", self.sparse.join(", "))
        }
    }
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/import/columns.html")]
pub struct MatchPage {
    pub shell: Shell,
    pub dataset: String,
    pub lead: String,
    pub stepper: Stepper,
    /// Several files of one import: name, address, and which is shown.
    pub tables: Vec<(Link, bool)>,
    pub table: usize,
    pub notes: Vec<String>,
    pub grain: Grain,
    pub sides: Sides,
    pub order: Order,
    pub groups: Vec<Group>,
    pub abilities: Vec<Ability>,
    /// The tier, how much is understood, and what the next tier takes.
    pub reach: Vec<String>,
    pub unused: Vec<String>,
    pub matched: usize,
    pub columns: usize,
    pub to_decide: usize,
    /// Name of the saved mapping; empty where it is not saved.
    pub profile: String,
    /// `Epicor Kinetic, 93% sure`, as a suggestion for the name.
    pub system: String,
    /// The last decision, taken back: its column, and the field it had before.
    pub undo: Option<(usize, String)>,
    /// Changes whenever somebody decides.
    pub version: String,
    pub may_decide: bool,
    /// Empty unless the whole import is known.
    pub known: Vec<KnownFile>,
    pub ran: Option<Ran>,
}

/// In which order columns stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What is open first.
    #[default]
    Status,
    /// As in the file.
    File,
    /// By the thing and field that they mean.
    Field,
}

impl Order {
    pub const ALL: [Self; 3] = [Self::Status, Self::File, Self::Field];

    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|order| order.name() == name).unwrap_or_default()
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::File => "file",
            Self::Field => "field",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Status => "What is open first",
            Self::File => "As in the file",
            Self::Field => "By meaning",
        }
    }
}

/// What the page is made of besides the mapping and its table.
#[derive(Debug, Clone, Default)]
pub struct Input {
    pub dataset: String,
    /// Names of all tables of the import; the shown one is `table`.
    pub tables: Vec<String>,
    pub table: usize,
    /// The column that is looked at; without one, the first that needs a decision.
    pub column: Option<usize>,
    pub grain_confirmed: bool,
    pub order: Order,
    pub sides: Sides,
    pub abilities: Vec<Ability>,
    pub reach: Vec<String>,
    pub profile: String,
    pub undo: Option<(usize, String)>,
    pub version: String,
    pub may_decide: bool,
    /// Every file follows a saved mapping: what each says of itself.
    pub known: Vec<KnownFile>,
    /// Where it was analyzed already.
    pub ran: Option<Ran>,
}

impl MatchPage {
    /// Whether something speaks against taking over what was confirmed.
    fn endangered(&self) -> bool {
        self.known.iter().any(|file| file.endangered)
    }

    /// It was analyzed, and nothing has changed since: doing it again would say the same.
    fn settled(&self) -> bool {
        self.ran.as_ref().is_some_and(|ran| !ran.changed)
    }

    /// Files that differ from what was saved.
    fn changed(&self) -> Vec<&KnownFile> {
        self.known.iter().filter(|file| !file.is_same()).collect()
    }

    pub fn new(shell: &Shell, mapping: &Mapping, table: Option<&TableProfile>, input: Input) -> Self {
        let profile =
            |index: usize| table.and_then(|table| table.columns.iter().find(|column| column.index == index));
        let asked = mapping
            .columns
            .iter()
            .find(|column| column.status == Status::YourCall)
            .map(|column| column.index);
        let open = input.column.or(asked);
        let row = |column: &ColumnMapping| {
            ColumnRow::new(
                column,
                profile(column.index),
                open == Some(column.index) && input.column.is_some(),
            )
        };
        let of = |status: Status| -> Vec<ColumnRow> {
            mapping.columns.iter().filter(|column| column.status == status).map(row).collect()
        };
        let group = |name: &'static str, status: Status, note: &str| {
            let columns = of(status);
            let note = format!("{}{note}", words::counted(columns.len() as u64, "column"));
            Group { name, note, columns }
        };
        let count = words::counted(mapping.columns.len() as u64, "column");
        let mut groups = if input.order == Order::File {
            let columns = mapping.columns.iter().map(row).collect();
            vec![Group { name: "As in the file", note: count, columns }]
        } else if input.order == Order::Field {
            by_entity(mapping, row)
        } else {
            vec![
                group("Your call", Status::YourCall, " where the file alone does not settle it"),
                group("Please check", Status::Check, ""),
                group("Matched", Status::Sure, ""),
                group("Not used", Status::Unused, ""),
            ]
        };
        groups.retain(|group| !group.columns.is_empty());
        let to_decide = mapping.columns.iter().filter(|column| column.status == Status::YourCall).count();
        let title = mapping.file.clone();
        Self {
            shell: shell.with(
                Section::Data,
                format!("Match columns of {title}"),
                vec![Crumb::link("Data", route::DATA), Crumb::here(title)],
            ),
            lead: format!(
                "{}, {}.",
                words::counted(mapping.columns.len() as u64, "column"),
                words::counted(mapping.rows, "row")
            ),
            stepper: Stepper::import(&input.dataset, 1),
            tables: if input.tables.len() > 1 {
                input
                    .tables
                    .iter()
                    .enumerate()
                    .map(|(idx, name)| (Link::new(name, format!("?table={idx}")), idx == input.table))
                    .collect()
            } else {
                Vec::new()
            },
            table: input.table,
            notes: notes(mapping, table),
            grain: grain(mapping, input.grain_confirmed),
            sides: input.sides,
            order: input.order,
            abilities: input.abilities,
            reach: input.reach,
            unused: mapping
                .columns
                .iter()
                .filter(|column| column.status == Status::Unused)
                .map(header)
                .collect(),
            matched: mapping
                .columns
                .iter()
                .filter(|column| column.field.is_some() && column.status != Status::YourCall)
                .count(),
            columns: mapping.columns.len(),
            to_decide,
            groups,
            profile: input.profile,
            system: mapping.source_system.as_ref().map_or_else(String::new, |system| {
                format!(
                    "{}, {}",
                    system.name,
                    words::grain(mapping.granularity).trim_start_matches("One row is one ")
                )
            }),
            dataset: input.dataset,
            undo: input.undo,
            version: input.version,
            may_decide: input.may_decide,
            known: input.known,
            ran: input.ran,
        }
    }

    pub fn samples() -> Vec<Self> {
        crate::gallery::import::matches()
    }
}

/// What was noticed while the file was read, each thing once: a mapping repeats what reading said of its table.
fn notes(mapping: &Mapping, table: Option<&TableProfile>) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for issue in mapping.issues.iter().chain(table.map(|table| &table.issues).into_iter().flatten()) {
        if !notes.contains(&issue.message) {
            notes.push(issue.message.clone());
        }
    }
    notes.truncate(6);
    notes
}

/// Columns under the thing of the plant that they are about, by the field that they mean; what is left out last.
fn by_entity(mapping: &Mapping, row: impl Fn(&ColumnMapping) -> ColumnRow) -> Vec<Group> {
    let group = |name: &'static str, entity: Option<Entity>| {
        let of = |column: &&ColumnMapping| column.field.map(|field| field.definition().entity) == entity;
        let mut columns: Vec<ColumnRow> = mapping.columns.iter().filter(of).map(&row).collect();
        columns.sort_by(|a, b| a.field.cmp(&b.field).then(a.index.cmp(&b.index)));
        Group { name, note: words::counted(columns.len() as u64, "column"), columns }
    };
    let mut groups: Vec<Group> =
        Entity::ALL.into_iter().map(|entity| group(words::entity(entity), Some(entity))).collect();
    groups.push(group("Not used", None));
    groups
}

fn grain(mapping: &Mapping, confirmed: bool) -> Grain {
    Grain {
        sentence: format!("{}.", words::grain(mapping.granularity)),
        reason: mapping.granularity_evidence.join(" "),
        confirmed,
        choices: Granularity::ALL
            .into_iter()
            .map(|grain| (grain.as_str(), words::grain(grain), grain == mapping.granularity))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_analyzed_is_offered_again_only_after_a_change() {
        let pages: Vec<MatchPage> =
            MatchPage::samples().into_iter().filter(|page| page.ran.is_some()).collect();
        for page in pages {
            let changed = page.ran.as_ref().unwrap().changed;
            let html = page.render().unwrap();
            assert!(html.contains("Analyzed on 2 Sep 2025") && html.contains("See the result"), "{html}");
            assert_eq!(html.contains("/data/d1/known"), changed);
            assert_eq!(html.contains("Nothing has changed since"), !changed);
        }
    }
}
