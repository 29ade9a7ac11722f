//! Step 3: what will be set aside, by cause, before anything is computed.

use std::collections::BTreeSet;

use askama::Template;
use domain::{Issue, issue::Severity, number};

use super::{columns::Ran, preparation::Outcome};
use crate::{
    component::{Link, Tone, pill::Pill, stepper::Stepper},
    filters,
    layout::{Crumb, Section, Shell},
    route, words,
};

/// Rows that share a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub sentence: String,
    /// Rows that it is open in; none where it is not about single rows.
    pub rows: Option<u64>,
    /// Rows that were answered since.
    pub answered: u64,
    /// Whether it is worth a look.
    pub concerns: bool,
    /// Whether a person has to decide.
    pub decides: bool,
    pub pill: Pill,
    pub file: String,
    /// Rows of the file, of those that are open.
    pub examples: Vec<u64>,
    /// The column that it is about.
    pub column: Option<usize>,
    /// Whether all its rows can be mended at once.
    pub mendable: bool,
    /// Where it is decided how the column is read.
    pub look: Option<String>,
    /// Table and header of that column.
    pub fix: Option<Place>,
}

impl Cause {
    /// These rows are answered: they are not counted as open any more.
    pub fn answer(&mut self, rows: &BTreeSet<u64>) {
        let Some(open) = self.rows else { return };
        let answered = (rows.len() as u64).min(open);
        self.answered += answered;
        self.rows = Some(open - answered);
        self.examples.retain(|row| !rows.contains(row));
        if answered > 0 && answered == open {
            self.pill = Pill::new(Tone::Gain, "Answered");
        }
    }

    /// Whether nothing of it is left to do.
    fn is_answered(&self) -> bool {
        self.answered > 0 && self.rows == Some(0)
    }

    fn counted(&self) -> String {
        self.rows.map_or_else(|| "–".to_owned(), number::count)
    }

    fn answered(&self) -> String {
        number::count(self.answered)
    }

    /// As a spreadsheet numbers them: a mark of thousands would read as the next row.
    fn listed(&self) -> String {
        let rows: Vec<String> = self.examples.iter().take(EXAMPLES).map(ToString::to_string).collect();
        rows.join(", ")
    }
}

/// Rows that are named of a cause.
const EXAMPLES: usize = 8;

/// A column of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub table: usize,
    pub file: String,
    pub column: String,
}

impl Place {
    /// As the form sends it: `0:Qty`.
    pub fn value(&self) -> String {
        format!("{}:{}", self.table, self.column)
    }

    /// With its file where there are several.
    fn label(&self, several: bool) -> String {
        if several { format!("{} ({})", self.column, self.file) } else { self.column.clone() }
    }
}

/// What can be done to all rows of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum How {
    #[default]
    Fill,
    Replace,
    SetAside,
}

impl How {
    pub fn named(name: &str) -> Option<Self> {
        [Self::Fill, Self::Replace, Self::SetAside].into_iter().find(|how| how.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Fill => "fill",
            Self::Replace => "replace",
            Self::SetAside => "set_aside",
        }
    }
}

/// A fix that somebody looks at before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trying {
    pub place: Place,
    pub how: How,
    pub value: String,
    pub with: String,
    /// Why it cannot be done.
    pub refused: Option<String>,
    pub outcome: Option<Outcome>,
}

impl Trying {
    /// Cells or rows that it would change among the sampled ones.
    fn changes(&self) -> &[(String, String, String)] {
        self.outcome.as_ref().map_or(&[], |outcome| &outcome.changes)
    }
}

/// What one click would do to all rows of a cause: a step of the column's preparation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub table: usize,
    pub id: String,
    pub reason: String,
    /// `97%` of what was looked at speaks for it.
    pub confidence: String,
    /// What the button says.
    pub label: String,
    /// Where it can be looked at and changed before it is done.
    pub href: String,
}

/// A column that was prepared, and what that came to over the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub table: usize,
    pub column: String,
    pub file: String,
    /// What was done, in words.
    pub what: String,
    /// `38 of 400 cells`: all that is done to the column.
    pub changed: String,
    /// Where the column can be looked at; empty for rows that are set aside.
    pub href: String,
    /// Names the change to undo it.
    pub change: String,
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/import/review.html")]
pub struct ReviewPage {
    pub shell: Shell,
    pub dataset: String,
    pub stepper: Stepper,
    /// Rows that were read.
    pub read: u64,
    pub causes: Vec<Cause>,
    pub fixes: Vec<Fix>,
    pub trying: Option<Trying>,
    /// The saved mappings of its files, with the rates and thresholds that are kept with them.
    pub variables: Vec<Link>,
    /// Every column, for what no cause names.
    pub places: Vec<Place>,
    pub done: Vec<Done>,
    pub version: String,
    /// What still keeps the analysis from running.
    pub open_decisions: usize,
    /// Rows were mended since the mapping was confirmed: the button confirms it anew.
    pub unconfirmed: bool,
    /// Where it was analyzed already.
    pub ran: Option<Ran>,
    /// The rows that something is wrong with, as files to take along.
    pub downloads: Vec<Link>,
    /// Why the workbook that was given back could not be taken.
    pub refused: Vec<String>,
    pub may_decide: bool,
}

impl ReviewPage {
    /// `issues` are those of reading and of mapping, of all files of the import.
    pub fn new(
        shell: &Shell,
        dataset: &str,
        name: &str,
        rows: u64,
        issues: &[Issue],
        open_decisions: usize,
        may_decide: bool,
    ) -> Self {
        let mut issues: Vec<&Issue> = issues.iter().collect();
        issues.sort_by(|a, b| {
            b.severity
                .cmp(&a.severity)
                .then(b.rows.cmp(&a.rows))
                .then_with(|| a.message.cmp(&b.message))
                .then_with(|| a.file.cmp(&b.file))
        });
        // A mapping repeats what reading said of its table; people are told once.
        issues.dedup_by(|a, b| a.message == b.message && a.file == b.file && a.rows == b.rows);
        Self {
            shell: shell.with(
                Section::Data,
                format!("Review rows of {name}"),
                vec![
                    Crumb::link("Data", route::DATA),
                    Crumb::link(name, route::import(dataset, "match")),
                    Crumb::here("Review rows"),
                ],
            ),
            dataset: dataset.to_owned(),
            stepper: Stepper::import(dataset, 2),
            read: rows,
            causes: issues.into_iter().map(cause).collect(),
            fixes: Vec::new(),
            trying: None,
            variables: Vec::new(),
            places: Vec::new(),
            done: Vec::new(),
            version: String::new(),
            open_decisions,
            unconfirmed: false,
            ran: None,
            downloads: Vec::new(),
            refused: Vec::new(),
            may_decide,
        }
    }

    /// What was read, and how much of it is left to look at.
    fn lead(&self) -> String {
        let read = words::counted(self.read, "row");
        let worth = self.causes.iter().filter(|cause| cause.concerns);
        let (answered, open): (Vec<&Cause>, Vec<&Cause>) = worth.partition(|cause| cause.is_answered());
        match (open.len() as u64, answered.is_empty()) {
            (0, true) => format!("{read} read. Nothing was set aside while reading."),
            (0, false) => {
                format!(
                    "{read} read. Everything that was worth a look is answered; the file itself is never changed."
                )
            }
            (causes, _) => format!(
                "{read} read. {} worth a look; the file itself is never changed.",
                words::counted(causes, "cause")
            ),
        }
    }

    /// It was analyzed, and nothing has changed since.
    fn settled(&self) -> bool {
        self.ran.as_ref().is_some_and(|ran| !ran.changed)
    }

    /// Whether columns of several files are listed.
    fn several(&self) -> bool {
        self.places.iter().any(|place| place.table > 0)
    }

    /// Whether any cause names rows; otherwise their column says nothing.
    fn has_examples(&self) -> bool {
        self.causes.iter().any(|cause| !cause.examples.is_empty())
    }

    pub fn samples() -> Vec<Self> {
        crate::gallery::import::reviews()
    }
}

fn cause(issue: &Issue) -> Cause {
    let pill = match issue.severity {
        Severity::Decision => Pill::new(Tone::Loss, "Your call"),
        Severity::Warning => Pill::new(Tone::Warn, "Set aside"),
        Severity::Note => Pill::new(Tone::Quiet, "Noted"),
    };
    Cause {
        sentence: issue.message.clone(),
        rows: (issue.rows > 0).then_some(issue.rows),
        answered: 0,
        concerns: issue.severity != Severity::Note,
        decides: issue.severity == Severity::Decision,
        pill,
        file: issue.file.clone(),
        examples: issue.examples.clone(),
        column: issue.column,
        mendable: issue.kind == "unreadable_value",
        look: None,
        fix: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: u64) -> ReviewPage {
        let issue = Issue {
            severity: Severity::Warning,
            kind: "unreadable_value",
            row: None,
            message: "2 cells of Qty are no number".to_owned(),
            file: "jobs.csv".to_owned(),
            column: Some(2),
            rows,
            examples: vec![9, 32],
        };
        ReviewPage::new(&Shell::sample(), "d1", "jobs.csv", 60, &[issue], 0, true)
    }

    #[test]
    fn cells_that_were_corrected_are_not_open_any_more() {
        for (corrected, open, answered, examples, pill) in [
            (vec![], Some(2), 0, "9, 32", "Set aside"),
            (vec![9], Some(1), 1, "32", "Set aside"),
            (vec![9, 32], Some(0), 2, "", "Answered"),
        ] {
            let mut page = page(2);
            page.causes[0].answer(&corrected.into_iter().collect());
            let cause = &page.causes[0];
            assert_eq!((cause.rows, cause.answered, cause.listed().as_str()), (open, answered, examples));
            assert_eq!(cause.pill.label, pill);
            let says = if open == Some(0) {
                "Everything that was worth a look is answered"
            } else {
                "1 cause worth a look"
            };
            assert!(page.lead().contains(says), "{}", page.lead());
        }
    }

    #[test]
    fn a_cause_without_rows_of_its_own_has_none_to_answer() {
        let mut page = page(0);
        page.causes[0].answer(&BTreeSet::from([9]));
        assert_eq!((page.causes[0].rows, page.causes[0].answered), (None, 0));
    }
}
