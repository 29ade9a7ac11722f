//! Step 2: what the columns of an upload mean. What the data settle is decided; what they do not is asked, with
//! reasons.

use askama::Template;
use domain::{
    Cell, ColumnMapping, ColumnProfile, Granularity, Mapping, TableProfile,
    mapping::{CHOSEN, Status},
    number,
};
use ontology::{Entity, FieldId};

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

/// How rows become orders: what is the order's own, what belongs to its rows, and an order of the file as an example.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sides {
    /// Headers that together name the order.
    pub key: String,
    /// Headers of what repeats on each row of an order.
    pub header: Vec<String>,
    /// Headers of what belongs to the row, and what becomes of it for the order.
    pub detail: Vec<(String, &'static str)>,
    pub example: Option<ExampleOrder>,
    /// Only the orders stay.
    pub aggregated: bool,
    /// Whether there is a choice: the rows are below the order.
    pub below: bool,
}

/// What can become of rows below the order: value, words, and what follows.
pub(crate) const DETAIL: [(&str, &str, &str); 2] = [
    ("keep", "Keep every row", "Steps, machines and shifts can be looked at."),
    (
        "aggregate",
        "Keep orders only",
        "Each column is gathered as above; questions about steps are not asked.",
    ),
];

/// One order as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExampleOrder {
    pub order: String,
    pub rows: usize,
    /// Header and value of the order's own columns.
    pub header: Vec<(String, String)>,
    /// Row by row the cells of the other columns.
    pub detail: Vec<Vec<String>>,
    /// What those come to; empty where they stay with the rows.
    pub totals: Vec<String>,
}

impl ExampleOrder {
    fn more(&self) -> usize {
        self.rows.saturating_sub(self.detail.len())
    }

    /// `8 rows`.
    fn counted(&self) -> String {
        words::counted(self.rows as u64, "row")
    }

    /// `6 more rows`.
    fn others(&self) -> String {
        words::counted(self.more() as u64, "more row")
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
}

/// A file that follows a saved mapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownFile {
    pub file: String,
    pub profile: String,
    pub new: Vec<String>,
    pub missing: Vec<String>,
    /// What else has changed, in a sentence each.
    pub drift: Vec<String>,
    /// Whether a decision that was confirmed may not hold any more.
    pub endangered: bool,
    /// `Other mapping, 62% alike`: what else it could follow.
    pub others: Vec<String>,
}

impl KnownFile {
    fn is_same(&self) -> bool {
        self.new.is_empty() && self.missing.is_empty() && self.drift.is_empty()
    }

    /// `2 new columns (Rev, Lot), 1 missing (Plant)`.
    fn difference(&self) -> String {
        let side = |columns: &[String], what: String| {
            let names: Vec<&str> = columns.iter().take(6).map(String::as_str).collect();
            let more = if columns.len() > 6 { ", …" } else { "" };
            (!columns.is_empty()).then(|| format!("{what} ({}{more})", names.join(", ")))
        };
        let new = format!("{} new", words::counted(self.new.len() as u64, "column"));
        let new = new.replacen(" columns new", " new columns", 1).replacen(" column new", " new column", 1);
        let sides = [side(&self.new, new), side(&self.missing, format!("{} missing", self.missing.len()))];
        let mut said = sides.into_iter().flatten().collect::<Vec<_>>().join(", ");
        for drift in &self.drift {
            if !said.is_empty() {
                said.push_str("; ");
            }
            said.push_str(drift);
        }
        said
    }
}

impl MatchPage {
    /// Whether something speaks against taking over what was confirmed.
    fn endangered(&self) -> bool {
        self.known.iter().any(|file| file.endangered)
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

fn header(column: &ColumnMapping) -> String {
    if column.source.trim().is_empty() {
        format!("Column {}", column.index + 1)
    } else {
        column.source.clone()
    }
}

impl ColumnRow {
    fn new(column: &ColumnMapping, profile: Option<&ColumnProfile>, open: bool) -> Self {
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

    fn number(&self) -> usize {
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
