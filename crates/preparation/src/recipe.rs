//! The nouns of a preparation, in the shape in which they are saved and sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is done to the cells of a table, column by column. The order of the list does not matter: what a column needs is
/// done before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preparation {
    pub columns: Vec<PreparedColumn>,
}

impl Preparation {
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// What also holds for another file: rows that were corrected are those of one file and mean nothing in the next.
    #[must_use]
    pub fn without_corrections(&self) -> Self {
        let columns = self.columns.iter().map(PreparedColumn::without_corrections);
        Self { columns: columns.filter(|column| !column.is_bare()).collect() }
    }

    /// Nothing but the cells that were corrected.
    #[must_use]
    pub fn corrections(&self) -> Self {
        let columns = self.columns.iter().filter(|column| !column.corrected.is_empty());
        let bare = columns.map(|column| PreparedColumn {
            column: column.column.clone(),
            corrected: column.corrected.clone(),
            ..PreparedColumn::default()
        });
        Self { columns: bare.collect() }
    }
}

/// One column: where its cells come from, how they are cleaned up, and what rule they follow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreparedColumn {
    /// The header of the column that changes, or the name of a new one.
    pub column: String,
    #[serde(default, skip_serializing_if = "Origin::is_itself")]
    pub from: Origin,
    /// In the order in which they are done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Done after the steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// Cells of the file that a person corrected: the row of the file, and what its cell is in truth, as it was written. They stand
    /// in for the file's own before anything else is done, and belong to this file alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub corrected: BTreeMap<u64, String>,
}

/// Where the cells of a column come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Origin {
    /// The column of that name in the file; a new column without one is given by its rule alone.
    #[default]
    Itself,
    /// A copy of another column.
    Column { column: String },
    /// The same value in every row.
    Fixed { value: String },
    /// Several columns one after the other; a day and a time of day make a moment.
    Joined {
        columns: Vec<String>,
        #[serde(default)]
        separator: String,
    },
    /// The value of a column in those rows where another column holds a code (long formats).
    Where { column: String, code_column: String, code: String },
}

impl Origin {
    fn is_itself(&self) -> bool {
        *self == Self::Itself
    }
}

/// One clean-up step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// White space around the text goes, and runs of it inside become one blank.
    Trim,
    Uppercase,
    Lowercase,
    /// Text becomes a moment. Formats are written with yyyy, yy, mm, mmm, dd, hh, mm, ss: `dd.mm.yyyy hh:mm`.
    ParseDate {
        formats: Vec<String>,
        /// Nothing may follow what the format describes.
        #[serde(default = "yes")]
        strict: bool,
    },
    /// A moment becomes text in this format.
    FormatDate {
        format: String,
    },
    /// Text becomes a number.
    ParseNumber {
        /// `.` or `,`; every other mark between digits is a thousands mark.
        #[serde(default = "point")]
        decimal: char,
    },
    /// Units of this list go, before and after the value, whatever their case.
    RemoveUnits {
        units: Vec<String>,
    },
    ReplaceText {
        find: String,
        with: String,
        #[serde(default)]
        regex: bool,
        #[serde(default)]
        ignore_case: bool,
    },
    /// What an empty cell becomes; 0 and false are values like others.
    DefaultValue {
        value: String,
    },
    /// A number times a factor.
    Convert {
        factor: f64,
    },
}

fn yes() -> bool {
    true
}

fn point() -> char {
    '.'
}

/// What a cell becomes by the values of its row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// The value that stands beside the source's value in a table; case and blanks around do not matter.
    Lookup {
        source: String,
        table: BTreeMap<String, String>,
        #[serde(default)]
        otherwise: Otherwise,
    },
    /// The value of the first branch whose condition holds.
    Conditional {
        branches: Vec<Branch>,
        #[serde(default)]
        otherwise: Otherwise,
    },
    /// An expression over columns, see `docs/preparation.md`: `{Qty} * {Unit Cost}`.
    Formula {
        expression: String,
        #[serde(default)]
        gives: Gives,
    },
}

/// What a row becomes that no entry and no branch fits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    #[default]
    Empty,
    /// The cell stays as it is.
    Keep,
    Value(String),
}

/// What a formula yields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    #[default]
    Number,
    Text,
    Flag,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// What the branch is called where rows are counted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    pub when: Condition,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    All { all: Vec<Condition> },
    Any { any: Vec<Condition> },
    Test(Test),
}

/// One comparison. A time of day (`18:00`) is compared with the time of a moment, a day of the week (`saturday`) with
/// its day, a date (`2026-03-31`) with the moment itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    pub column: String,
    pub is: Operator,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    Equals,
    NotEquals,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Contains,
    StartsWith,
    EndsWith,
}

impl PreparedColumn {
    /// Every column that this one reads, itself included where the file's own cells are read.
    pub fn reads(&self) -> Vec<String> {
        let mut names: Vec<String> = match &self.from {
            Origin::Itself | Origin::Fixed { .. } => Vec::new(),
            Origin::Column { column } => vec![column.clone()],
            Origin::Joined { columns, .. } => columns.clone(),
            Origin::Where { column, code_column, .. } => vec![column.clone(), code_column.clone()],
        };
        match &self.rule {
            None => {}
            Some(Rule::Lookup { source, .. }) => names.push(source.clone()),
            Some(Rule::Conditional { branches, .. }) => {
                for branch in branches {
                    branch.when.reads(&mut names);
                }
            }
            Some(Rule::Formula { expression, .. }) => names.extend(crate::formula::columns(expression)),
        }
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| seen.insert(crate::fold::key(name)));
        names
    }
}

impl PreparedColumn {
    /// The same recipe for another column: where it reads its own column, the other one reads itself.
    #[must_use]
    pub fn onto(&self, column: &str) -> Self {
        let mut other = self.over(&self.column, column);
        column.clone_into(&mut other.column);
        other
    }

    /// The same recipe, reading another column wherever it reads this one; what was corrected by hand stays behind.
    #[must_use]
    pub fn over(&self, reads: &str, instead: &str) -> Self {
        let name = |name: &String| {
            if crate::fold::key(name) == crate::fold::key(reads) { instead.to_owned() } else { name.clone() }
        };
        let from = match &self.from {
            Origin::Column { column } => Origin::Column { column: name(column) },
            Origin::Joined { columns, separator } => {
                Origin::Joined { columns: columns.iter().map(name).collect(), separator: separator.clone() }
            }
            Origin::Where { column, code_column, code } => {
                Origin::Where { column: name(column), code_column: name(code_column), code: code.clone() }
            }
            same => same.clone(),
        };
        let rule = self.rule.as_ref().map(|rule| match rule {
            Rule::Lookup { source, table, otherwise } => {
                Rule::Lookup { source: name(source), table: table.clone(), otherwise: otherwise.clone() }
            }
            Rule::Conditional { branches, otherwise } => Rule::Conditional {
                branches: branches
                    .iter()
                    .map(|branch| Branch { when: branch.when.over(&name), ..branch.clone() })
                    .collect(),
                otherwise: otherwise.clone(),
            },
            Rule::Formula { expression, gives } => {
                Rule::Formula { expression: crate::formula::renamed(expression, &name), gives: *gives }
            }
        });
        Self {
            column: self.column.clone(),
            from,
            steps: self.steps.clone(),
            rule,
            corrected: BTreeMap::new(),
        }
    }

    /// Whether it says nothing of how its cells come about; single ones may be corrected all the same.
    pub fn is_bare(&self) -> bool {
        self.from == Origin::Itself && self.steps.is_empty() && self.rule.is_none()
    }

    #[must_use]
    pub fn without_corrections(&self) -> Self {
        Self { corrected: BTreeMap::new(), ..self.clone() }
    }
}

impl Condition {
    fn over(&self, name: &impl Fn(&String) -> String) -> Self {
        let each = |parts: &[Self]| parts.iter().map(|part| part.over(name)).collect();
        match self {
            Self::All { all } => Self::All { all: each(all) },
            Self::Any { any } => Self::Any { any: each(any) },
            Self::Test(test) => Self::Test(Test { column: name(&test.column), ..test.clone() }),
        }
    }

    fn reads(&self, names: &mut Vec<String>) {
        match self {
            Self::All { all: parts } | Self::Any { any: parts } => {
                for part in parts {
                    part.reads(names);
                }
            }
            Self::Test(test) => names.push(test.column.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(document: serde_json::Value) -> PreparedColumn {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_recipe_is_taken_over_to_another_column_and_reads_that_one() {
        for (recipe, pasted) in [
            (
                serde_json::json!({"column": "Qty", "steps": [{"step": "trim"}],
                    "rule": {"rule": "formula", "expression": "{ qty } * {Unit Cost} ~ '{Qty}'"}}),
                serde_json::json!({"column": "Good", "steps": [{"step": "trim"}],
                    "rule": {"rule": "formula", "expression": "{Good} * {Unit Cost} ~ '{Qty}'"}}),
            ),
            (
                serde_json::json!({"column": "Qty", "from": {"kind": "joined", "columns": ["QTY", "Day"]},
                    "rule": {"rule": "conditional", "branches": [{"value": "1",
                        "when": {"any": [{"column": "Qty", "is": "less", "value": "1"},
                            {"column": "Day", "is": "equals", "value": "sunday"}]}}]}}),
                serde_json::json!({"column": "Good", "from": {"kind": "joined", "columns": ["Good", "Day"]},
                    "rule": {"rule": "conditional", "branches": [{"value": "1",
                        "when": {"any": [{"column": "Good", "is": "less", "value": "1"},
                            {"column": "Day", "is": "equals", "value": "sunday"}]}}]}}),
            ),
            (
                serde_json::json!({"column": "Qty", "rule": {"rule": "lookup", "source": "Machine", "table": {"M1": "50"}}}),
                serde_json::json!({"column": "Good", "rule": {"rule": "lookup", "source": "Machine", "table": {"M1": "50"}}}),
            ),
        ] {
            assert_eq!(column(recipe.clone()).onto("Good"), column(pasted), "{recipe}");
        }
        let rate = column(serde_json::json!({"column": "Rate",
            "rule": {"rule": "lookup", "source": "Machine", "table": {"M1": "50"}}}));
        let over = rate.over("machine", "Arbeitsplatz");
        assert_eq!((over.column.as_str(), over.reads()), ("Rate", vec!["Arbeitsplatz".to_owned()]));
    }

    #[test]
    fn corrections_are_kept_in_words_and_left_behind_by_what_moves_on() {
        let document = serde_json::json!([
            {"column": "Qty", "steps": [{"step": "convert", "factor": 2.0}], "corrected": {"9": "7", "40": ""}},
            {"column": "Note", "corrected": {"3": "x"}},
        ]);
        let all: Preparation = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(&all).unwrap(), document);
        assert_eq!(all.columns[0].corrected[&40], "");
        let bare = all.corrections();
        assert!(bare.columns.len() == 2 && bare.columns.iter().all(PreparedColumn::is_bare));
        let rest = all.without_corrections();
        assert_eq!(rest.columns, [all.columns[0].without_corrections()]);
        assert!(all.columns[0].onto("Good").corrected.is_empty());
        assert!(rest.corrections().is_empty());
    }
}
