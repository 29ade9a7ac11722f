//! The drawer of a column: how its cells are cleaned up, and what rule they follow, with what that comes to.

use askama::Template;

use crate::{
    component::{Link, stepper::Stepper},
    filters,
    layout::{Crumb, Section, Shell},
    route,
};

/// One clean-up step as the form holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StepLine {
    pub kind: String,
    /// What it needs: formats, units, a text to find, a value, a factor.
    pub first: String,
    /// The text that takes the place of the found one.
    pub second: String,
}

/// The form, as somebody filled it in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// `itself`, `fixed`, `column`, `joined`.
    pub origin: String,
    pub origin_value: String,
    pub steps: Vec<StepLine>,
    /// `none`, `lookup`, `conditional`, `formula`, `keep`.
    pub rule: String,
    pub source: String,
    /// A line for each entry: `M1 = 50`.
    pub entries: String,
    /// A line for each branch: `Start >= 18:00 => 1.5`.
    pub branches: String,
    pub expression: String,
    /// `number`, `text`, `flag`.
    pub gives: String,
    /// `empty`, `keep`, `value`.
    pub otherwise: String,
    pub otherwise_value: String,
}

/// What a recipe comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// `over the sampled rows`, `over the whole file`.
    pub over: String,
    /// `412 of 500 cells changed`, and the like.
    pub counts: Vec<(String, String)>,
    /// Label and rows of each entry or branch.
    pub matched: Vec<(String, String)>,
    pub unmatched_values: Vec<(String, String)>,
    /// Row, before, after.
    pub changes: Vec<(String, String, String)>,
    /// Row, text, reason.
    pub failures: Vec<(String, String, String)>,
    pub warnings: Vec<String>,
}

/// Something that the values ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub id: String,
    /// What was seen, in a sentence.
    pub reason: String,
    /// `97%` of what was looked at speaks for it.
    pub confidence: String,
    /// Where taking it leads.
    pub href: String,
}

/// A rule to be filled in over a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub id: String,
    pub name: String,
    /// What it is about.
    pub category: &'static str,
    /// What the rule reads.
    pub reads: String,
    /// It is the organisation's own.
    pub own: bool,
}

/// Templates that are about one thing.
type Shelf<'a> = (&'static str, Vec<&'a Offered>);

/// What rules are about: value and words.
const CATEGORIES: [(&str, &str); 5] = [
    ("labor", "Labor"),
    ("material", "Material"),
    ("machine", "Machine"),
    ("time", "Time"),
    ("other", "Other"),
];

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "page/import/preparation.html")]
pub struct PreparePage {
    pub shell: Shell,
    pub stepper: Stepper,
    pub dataset: String,
    pub table: usize,
    pub column: String,
    /// The place of the column among those of the table; none for one that is made.
    pub index: Option<usize>,
    pub recipe: Recipe,
    /// Headers of the table.
    pub columns: Vec<String>,
    pub errors: Vec<String>,
    pub outcome: Option<Outcome>,
    pub templates: Vec<Offered>,
    pub suggestions: Vec<Asked>,
    /// Columns of the import that have a recipe of their own: where it stands, and what to call it.
    pub copies: Vec<(String, String)>,
    pub needs: Vec<Link>,
    pub impact: Vec<Link>,
    /// Whether anything is saved for this column.
    pub saved: bool,
    pub version: String,
    pub may_decide: bool,
}

/// Value and words of each kind of step.
pub(crate) const STEPS: [(&str, &str); 13] = [
    ("", "No step"),
    ("trim", "Trim blanks"),
    ("uppercase", "Uppercase"),
    ("lowercase", "Lowercase"),
    ("parse_date", "Read as a date, format"),
    ("format_date", "Write the date as"),
    ("parse_number", "Read as a number, decimal mark"),
    ("remove_units", "Remove units"),
    ("replace_text", "Replace text as written, with"),
    ("replace_any_case", "Replace text in any case, with"),
    ("replace_pattern", "Replace what fits a pattern, with"),
    ("default_value", "Where empty, take"),
    ("convert", "Times"),
];

/// A step with what it needs: `Read as a date, format: dd/mm/yyyy`.
pub fn step_in_words(kind: &str, first: &str, second: &str) -> String {
    let words = STEPS.iter().find(|(value, _)| *value == kind).map_or(kind, |(_, words)| *words);
    let needs: Vec<&str> = [first, second].into_iter().filter(|part| !part.is_empty()).collect();
    if needs.is_empty() { words.to_owned() } else { format!("{words}: {}", needs.join(" → ")) }
}

/// Steps that can be filled in beyond those that are there.
const FREE: usize = 2;

/// Whether an option is the one that is set.
pub(crate) fn same(value: impl AsRef<str>, current: impl AsRef<str>) -> bool {
    value.as_ref() == current.as_ref()
}

impl PreparePage {
    pub fn new(shell: &Shell, dataset: &str, table: usize, column: &str) -> Self {
        Self {
            shell: shell.with(
                Section::Data,
                format!("Clean-up and rule of {column}"),
                vec![
                    Crumb::link("Data", route::DATA),
                    Crumb::link(
                        "Match columns",
                        format!("{}?table={table}", route::import(dataset, "match")),
                    ),
                    Crumb::here(column),
                ],
            ),
            stepper: Stepper::import(dataset, 1),
            dataset: dataset.to_owned(),
            table,
            column: column.to_owned(),
            index: None,
            recipe: Recipe { rule: "none".to_owned(), ..Recipe::default() },
            columns: Vec::new(),
            errors: Vec::new(),
            outcome: None,
            templates: Vec::new(),
            suggestions: Vec::new(),
            copies: Vec::new(),
            needs: Vec::new(),
            impact: Vec::new(),
            saved: false,
            version: String::new(),
            may_decide: false,
        }
    }

    /// The steps of the form, with some to fill in.
    fn lines(&self) -> Vec<StepLine> {
        let mut lines = self.recipe.steps.clone();
        lines.resize(lines.len() + FREE, StepLine::default());
        lines
    }

    /// Templates by what they are about.
    fn shelves(&self) -> Vec<Shelf<'_>> {
        CATEGORIES
            .into_iter()
            .map(|(category, words)| {
                (words, self.templates.iter().filter(|one| one.category == category).collect::<Vec<_>>())
            })
            .filter(|(_, all)| !all.is_empty())
            .collect()
    }

    /// The organisation's own templates.
    fn own_templates(&self) -> Vec<&Offered> {
        self.templates.iter().filter(|one| one.own).collect()
    }

    fn back(&self) -> String {
        let column = self.index.map_or_else(String::new, |index| format!("&column={index}#c{}", index + 1));
        format!("{}?table={}{column}", route::import(&self.dataset, "match"), self.table)
    }

    pub fn samples() -> Vec<Self> {
        let mut page = Self::new(&Shell::sample(), "d1", 0, "Rate");
        page.index = Some(3);
        page.may_decide = true;
        page.saved = true;
        page.columns = vec!["Machine".to_owned(), "Start".to_owned(), "Rate".to_owned()];
        page.recipe = Recipe {
            origin: "itself".to_owned(),
            steps: vec![StepLine {
                kind: "remove_units".to_owned(),
                first: "$, USD".to_owned(),
                second: String::new(),
            }],
            rule: "lookup".to_owned(),
            source: "Machine".to_owned(),
            entries: "M1 = 50\nM2 = 70".to_owned(),
            gives: "number".to_owned(),
            otherwise: "keep".to_owned(),
            ..Recipe::default()
        };
        page.outcome = Some(Outcome {
            over: "over the sampled rows".to_owned(),
            counts: vec![
                ("Changed".to_owned(), "412 of 500 cells".to_owned()),
                ("Matched".to_owned(), "412 rows".to_owned()),
                ("No entry".to_owned(), "88 rows".to_owned()),
            ],
            matched: vec![("M1".to_owned(), "300".to_owned()), ("M2".to_owned(), "112".to_owned())],
            unmatched_values: vec![("M3".to_owned(), "88".to_owned())],
            changes: vec![("2".to_owned(), "48 $".to_owned(), "50".to_owned())],
            ..Outcome::default()
        });
        page.suggestions = vec![Asked {
            id: "spellings:machine".to_owned(),
            reason: "12 rows of \u{201c}Machine\u{201d} write a word otherwise than most rows do".to_owned(),
            confidence: "97%".to_owned(),
            href: "?take=spellings:machine".to_owned(),
        }];
        page.copies = vec![("0:Overtime".to_owned(), "Overtime".to_owned())];
        page.needs = vec![Link::new("Machine", "?table=0&column=0")];
        let mut refused = page.clone();
        refused.errors = vec!["column “Rate”: it goes in a circle: Rate, Machine, Rate".to_owned()];
        refused.outcome = None;
        let offered = |id: &str, name: &str, category, reads: &str, own| Offered {
            id: id.to_owned(),
            name: name.to_owned(),
            category,
            reads: reads.to_owned(),
            own,
        };
        page.templates = vec![
            offered("shift_premium", "Shift premium", "time", "the time at which work begins", false),
            offered("weekend_premium", "Weekend premium", "time", "the day of work", false),
            offered("machine_rates", "Machine rates", "machine", "the machine or work center", false),
            offered("material_grade", "Material grade", "material", "the material", false),
            offered(
                "premium_material",
                "Premium material by prefix",
                "material",
                "the material number",
                false,
            ),
            offered("overtime_threshold", "Overtime threshold", "labor", "hours per week", false),
            offered("department_overhead", "Department overhead", "other", "the department", false),
            offered("0190", "Toledo night rate", "labor", "Start", true),
        ];
        vec![page, refused]
    }
}
