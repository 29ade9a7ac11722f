//! One thing done to all rows of a cause, and taken back: each change is one entry of a preparation.

use std::collections::BTreeMap;

use domain::{ValueKind, mapping::SET_ASIDE};

use crate::{
    fold,
    recipe::{Branch, Condition, Operator, Origin, Otherwise, Preparation, PreparedColumn, Rule, Step, Test},
};

/// What is done to all rows of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Cells that hold nothing, or nothing that can be read, get a value.
    Fill { with: String },
    /// One value becomes another; with nothing to take its place, its cells become empty.
    Replace { value: String, with: String },
    /// Rows with this value are not used; without a value those whose cell holds nothing that can be read.
    SetAside { value: String },
}

/// One change of a preparation, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The column whose cells change; of rows that are set aside the one that they are judged by.
    pub column: String,
    pub what: What,
    /// Names it for [`undo`].
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A clean-up step, by its place.
    Step(usize),
    Replaced {
        value: String,
        with: String,
    },
    SetAside {
        value: String,
    },
    /// Single cells that were corrected by hand.
    Corrected {
        cells: usize,
    },
    /// A rule as a whole, or where the cells come from.
    Rule,
}

/// A preparation with the fix laid over it. `kind` is what the cells of the column are.
pub fn with(
    preparation: &Preparation,
    column: &str,
    kind: ValueKind,
    fix: &Fix,
) -> Result<Preparation, String> {
    let mut all = preparation.clone();
    match fix {
        Fix::Fill { with } if with.trim().is_empty() => {
            return Err("say what takes the place of the empty cells".to_owned());
        }
        Fix::Fill { with } => {
            let own = entry(&mut all, column);
            if own.rule.is_some() {
                return Err(follows_a_rule(column));
            }
            own.steps.push(Step::DefaultValue { value: with.trim().to_owned() });
        }
        Fix::Replace { value, .. } if value.trim().is_empty() => {
            return Err("say which value is to be replaced".to_owned());
        }
        Fix::Replace { .. } if kind.is_moment() => {
            return Err(format!(
                "“{column}” holds dates; set the rows of a wrong one aside, or write a rule for the column"
            ));
        }
        Fix::Replace { value, with } => {
            let own = entry(&mut all, column);
            let rule = own.rule.get_or_insert_with(|| Rule::Lookup {
                source: column.to_owned(),
                table: BTreeMap::new(),
                otherwise: Otherwise::Keep,
            });
            match rule {
                Rule::Lookup { source, table, otherwise: Otherwise::Keep } if same(source, column) => {
                    table.insert(value.trim().to_owned(), with.trim().to_owned());
                }
                _ => return Err(follows_a_rule(column)),
            }
        }
        Fix::SetAside { value } => {
            let branch = Branch {
                label: String::new(),
                when: Condition::Test(Test {
                    column: column.to_owned(),
                    is: Operator::Equals,
                    value: value.trim().to_owned(),
                }),
                value: "set aside".to_owned(),
            };
            let own = entry(&mut all, SET_ASIDE);
            match own.rule.get_or_insert_with(|| Rule::Conditional {
                branches: Vec::new(),
                otherwise: Otherwise::Empty,
            }) {
                Rule::Conditional { branches, .. } => {
                    if !branches.contains(&branch) {
                        branches.push(branch);
                    }
                }
                _ => return Err(follows_a_rule(SET_ASIDE)),
            }
        }
    }
    Ok(all)
}

/// A preparation with cells of a column corrected, by the row of the file. What was corrected before stays, but in the same cells.
#[must_use]
pub fn corrected(preparation: &Preparation, column: &str, cells: BTreeMap<u64, String>) -> Preparation {
    let mut all = preparation.clone();
    entry(&mut all, column).corrected.extend(cells);
    all
}

fn follows_a_rule(column: &str) -> String {
    format!("“{column}” follows a rule already; change the rule of the column instead")
}

fn entry<'a>(all: &'a mut Preparation, column: &str) -> &'a mut PreparedColumn {
    let at = all.columns.iter().position(|known| same(&known.column, column)).unwrap_or_else(|| {
        all.columns.push(PreparedColumn { column: column.to_owned(), ..PreparedColumn::default() });
        all.columns.len() - 1
    });
    &mut all.columns[at]
}

/// Every change of a preparation, each of which can be undone by itself.
pub fn changes(preparation: &Preparation) -> Vec<Change> {
    let mut changes = Vec::new();
    for own in &preparation.columns {
        let mut push = |column: &str, what: What, id: String| {
            changes.push(Change { column: column.to_owned(), what, id });
        };
        if !own.corrected.is_empty() {
            let what = What::Corrected { cells: own.corrected.len() };
            push(&own.column, what, "corrected".to_owned());
        }
        // A column that is made of others stands and falls as a whole.
        if own.from != Origin::Itself {
            push(&own.column, What::Rule, "column".to_owned());
            continue;
        }
        for at in 0..own.steps.len() {
            push(&own.column, What::Step(at), format!("step:{at}"));
        }
        match &own.rule {
            None => {}
            Some(Rule::Lookup { source, table, otherwise: Otherwise::Keep }) if same(source, &own.column) => {
                for (value, with) in table {
                    let what = What::Replaced { value: value.clone(), with: with.clone() };
                    push(&own.column, what, format!("entry:{value}"));
                }
            }
            Some(Rule::Conditional { branches, .. }) if same(&own.column, SET_ASIDE) => {
                for (at, branch) in branches.iter().enumerate() {
                    if let Condition::Test(test) = &branch.when {
                        let what = What::SetAside { value: test.value.clone() };
                        push(&test.column, what, format!("branch:{at}"));
                    } else {
                        push(&own.column, What::Rule, format!("branch:{at}"));
                    }
                }
            }
            Some(_) => push(&own.column, What::Rule, "rule".to_owned()),
        }
    }
    changes
}

/// The preparation without one of its [`changes`]; `None` where there is no such change.
pub fn undo(preparation: &Preparation, column: &str, id: &str) -> Option<Preparation> {
    let mut all = preparation.clone();
    let set_aside = id.starts_with("branch:");
    let name = if set_aside { SET_ASIDE } else { column };
    let at = all.columns.iter().position(|known| same(&known.column, name))?;
    let own = &mut all.columns[at];
    let place = |id: &str| id.split_once(':').and_then(|(_, at)| at.parse::<usize>().ok());
    match (id.split(':').next().unwrap_or_default(), &mut own.rule) {
        ("corrected", _) if !own.corrected.is_empty() => own.corrected.clear(),
        ("column", _) => {
            *own = PreparedColumn {
                column: own.column.clone(),
                corrected: std::mem::take(&mut own.corrected),
                ..PreparedColumn::default()
            };
        }
        ("rule", rule @ Some(_)) => *rule = None,
        ("step", _) => {
            let step = place(id).filter(|at| *at < own.steps.len())?;
            own.steps.remove(step);
        }
        ("entry", Some(Rule::Lookup { table, .. })) => {
            table.remove(id.strip_prefix("entry:")?)?;
            if table.is_empty() {
                own.rule = None;
            }
        }
        ("branch", Some(Rule::Conditional { branches, .. })) => {
            let branch = place(id).filter(|at| *at < branches.len())?;
            branches.remove(branch);
            if branches.is_empty() {
                own.rule = None;
            }
        }
        _ => return None,
    }
    if own.is_bare() && own.corrected.is_empty() {
        all.columns.remove(at);
    }
    Some(all)
}

fn same(one: &str, other: &str) -> bool {
    fold::key(one) == fold::key(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(value: &str, with: &str) -> Fix {
        Fix::Replace { value: value.to_owned(), with: with.to_owned() }
    }

    #[test]
    fn each_fix_is_an_entry_and_each_is_undone_alone() {
        let mut all = Preparation::default();
        for (column, kind, fix) in [
            ("Resource", ValueKind::Text, replace("M7", "M-07")),
            ("Resource", ValueKind::Text, replace("n/a", "")),
            ("Qty", ValueKind::Integer, Fix::Fill { with: "0".to_owned() }),
            ("Plant", ValueKind::Text, Fix::SetAside { value: "TEST".to_owned() }),
            ("Due", ValueKind::Date, Fix::SetAside { value: String::new() }),
        ] {
            all = with(&all, column, kind, &fix).unwrap();
        }
        assert_eq!(all.columns.len(), 3, "two replacements share a rule, and so do rows that are set aside");
        let listed: Vec<(String, String)> =
            changes(&all).into_iter().map(|change| (change.column, change.id)).collect();
        let expected = [
            ("Resource", "entry:M7"),
            ("Resource", "entry:n/a"),
            ("Qty", "step:0"),
            ("Plant", "branch:0"),
            ("Due", "branch:1"),
        ];
        assert_eq!(listed.len(), expected.len());
        for ((column, id), known) in listed.iter().zip(expected) {
            assert_eq!((column.as_str(), id.as_str()), known);
        }
        let fewer = undo(&all, "Plant", "branch:0").unwrap();
        assert_eq!(changes(&fewer).len(), 4);
        let fewer = undo(&fewer, "Due", "branch:0").unwrap();
        assert_eq!(fewer.columns.len(), 2, "what holds nothing any more is gone");
        let fewer = undo(&fewer, "Resource", "entry:M7").unwrap();
        let fewer = undo(&fewer, "resource", "entry:n/a").unwrap();
        assert_eq!(undo(&fewer, "Qty", "step:0").unwrap(), Preparation::default());
        for (column, id) in [("Qty", "step:7"), ("Qty", "entry:1"), ("Nobody", "step:0"), ("Qty", "")] {
            assert_eq!(undo(&all, column, id), None, "{column} {id}");
        }
    }

    #[test]
    fn corrected_cells_are_one_change_of_their_column_and_outlive_the_others() {
        let cells = |pairs: &[(u64, &str)]| -> BTreeMap<u64, String> {
            pairs.iter().map(|(row, text)| (*row, (*text).to_owned())).collect()
        };
        let fill = Fix::Fill { with: "0".to_owned() };
        let all = corrected(&Preparation::default(), "Qty", cells(&[(9, "7"), (12, "")]));
        let all = with(&all, "qty", ValueKind::Integer, &fill).unwrap();
        let all = corrected(&all, "QTY", cells(&[(12, "8"), (40, "9")]));
        assert_eq!(all.columns.len(), 1);
        assert_eq!(all.columns[0].corrected, cells(&[(9, "7"), (12, "8"), (40, "9")]));
        let listed: Vec<(What, String)> =
            changes(&all).into_iter().map(|change| (change.what, change.id)).collect();
        let expected =
            [(What::Corrected { cells: 3 }, "corrected".to_owned()), (What::Step(0), "step:0".to_owned())];
        assert_eq!(listed, expected);
        let cleaned = undo(&all, "Qty", "corrected").unwrap();
        assert!(cleaned.columns[0].corrected.is_empty() && cleaned.columns[0].steps.len() == 1);
        assert_eq!(undo(&cleaned, "Qty", "corrected"), None);
        let bare = undo(&all, "Qty", "step:0").unwrap();
        assert!(bare.columns[0].is_bare() && bare.columns[0].corrected.len() == 3);
        assert_eq!(undo(&bare, "Qty", "corrected").unwrap(), Preparation::default());
        // What a column is made of can go without them, too.
        let mut made = all.clone();
        made.columns[0].from = Origin::Fixed { value: "1".to_owned() };
        assert_eq!(undo(&made, "Qty", "column").unwrap(), bare);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_to_do() {
        let none = Preparation::default();
        let empty = Fix::Fill { with: " ".to_owned() };
        assert!(with(&none, "Qty", ValueKind::Integer, &empty).unwrap_err().contains("takes the place"));
        assert!(with(&none, "Qty", ValueKind::Text, &replace("", "x")).unwrap_err().contains("which value"));
        assert!(with(&none, "Due", ValueKind::Date, &replace("2025", "")).unwrap_err().contains("dates"));
        let ruled = Preparation {
            columns: vec![PreparedColumn {
                column: "Qty".to_owned(),
                from: Origin::Itself,
                steps: Vec::new(),
                rule: Some(Rule::Formula {
                    expression: "{A} * 2".to_owned(),
                    gives: crate::recipe::Gives::Number,
                }),
                corrected: BTreeMap::new(),
            }],
        };
        assert!(with(&ruled, "Qty", ValueKind::Integer, &replace("1", "2")).unwrap_err().contains("rule"));
    }
}
