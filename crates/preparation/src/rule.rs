//! Rules, ready to be asked row by row.

use std::{cmp::Ordering, collections::HashMap};

use domain::{Cell, ValueKind};
use jiff::civil::Weekday;

use crate::{
    fold,
    formula::Formula,
    moment, number,
    recipe::{self, Operator, Otherwise},
    step,
};

/// What a rule said of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    /// An entry or a branch fits; its place in the list of labels.
    Matched(usize, Cell),
    Default(Cell),
    /// Nothing fits and there is no default.
    Unmatched(Cell),
    /// A formula could not be worked out, with the reason.
    Failed(String),
}

#[derive(Debug)]
pub(crate) enum Rule {
    Lookup { source: usize, table: HashMap<String, (usize, Cell)>, otherwise: Fallback, labels: Vec<String> },
    Conditional { branches: Vec<(Condition, Cell)>, otherwise: Fallback, labels: Vec<String> },
    Formula(Box<Formula>),
}

#[derive(Debug, Clone)]
pub(crate) enum Fallback {
    Empty,
    Keep,
    Value(Cell),
}

impl Rule {
    /// `own` is the kind of the cells before the rule; the kind after it comes back.
    pub(crate) fn new(
        rule: &recipe::Rule,
        own: ValueKind,
        place: &dyn Fn(&str) -> Option<usize>,
    ) -> Result<(Self, ValueKind), String> {
        let place_of =
            |name: &str| place(name).ok_or_else(|| format!("there is no column \"{}\"", name.trim()));
        Ok(match rule {
            recipe::Rule::Lookup { source, table, otherwise } => {
                if table.is_empty() {
                    return Err("the lookup table is empty".to_owned());
                }
                let kind = kind_of(table.values(), otherwise, own);
                let mut entries = HashMap::new();
                for (idx, (key, value)) in table.iter().enumerate() {
                    let cell = step::cell_of(value, kind).unwrap_or(Cell::Empty);
                    if entries.insert(fold::key(key), (idx, cell)).is_some() {
                        return Err(format!("\"{}\" stands in the lookup table twice", key.trim()));
                    }
                }
                let otherwise = fallback(otherwise, kind)?;
                let labels = table.keys().cloned().collect();
                (Self::Lookup { source: place_of(source)?, table: entries, otherwise, labels }, kind)
            }
            recipe::Rule::Conditional { branches, otherwise } => {
                if branches.is_empty() {
                    return Err("there is no condition".to_owned());
                }
                let kind = kind_of(branches.iter().map(|branch| &branch.value), otherwise, own);
                let mut compiled = Vec::new();
                let mut labels = Vec::new();
                for (idx, branch) in branches.iter().enumerate() {
                    let cell = step::cell_of(&branch.value, kind).unwrap_or(Cell::Empty);
                    compiled.push((Condition::new(&branch.when, place)?, cell));
                    labels.push(if branch.label.is_empty() {
                        format!("branch {}", idx + 1)
                    } else {
                        branch.label.clone()
                    });
                }
                let otherwise = fallback(otherwise, kind)?;
                (Self::Conditional { branches: compiled, otherwise, labels }, kind)
            }
            recipe::Rule::Formula { expression, gives } => {
                let formula = Formula::new(expression, *gives, place)?;
                let kind = formula.kind();
                (Self::Formula(Box::new(formula)), kind)
            }
        })
    }

    /// What the entries or branches are called.
    pub(crate) fn labels(&self) -> &[String] {
        match self {
            Self::Lookup { labels, .. } | Self::Conditional { labels, .. } => labels,
            Self::Formula(_) => &[],
        }
    }

    /// Answers all rows; `own` is the place of the rule's own column in them.
    pub(crate) fn over(&self, rows: &[Vec<Cell>], own: usize) -> Vec<Said> {
        let mut answers = Vec::with_capacity(rows.len());
        match self {
            Self::Lookup { source, table, otherwise, .. } => {
                for row in rows {
                    let key = fold::key(&step::text(&row[*source]));
                    answers.push(match table.get(&key) {
                        Some((idx, cell)) => Said::Matched(*idx, cell.clone()),
                        None => otherwise.of(&row[own]),
                    });
                }
            }
            Self::Conditional { branches, otherwise, .. } => {
                for row in rows {
                    let fit = branches.iter().enumerate().find(|(_, (condition, _))| condition.holds(row));
                    answers.push(match fit {
                        Some((idx, (_, cell))) => Said::Matched(idx, cell.clone()),
                        None => otherwise.of(&row[own]),
                    });
                }
            }
            Self::Formula(formula) => formula.over(rows.iter().map(Vec::as_slice), |result| {
                answers.push(match result {
                    Ok(cell) => Said::Matched(0, cell),
                    Err(crate::formula::Failure::EmptyInput) => Said::Unmatched(Cell::Empty),
                    Err(crate::formula::Failure::Because(why)) => Said::Failed(why),
                });
            }),
        }
        answers
    }
}

impl Fallback {
    fn of(&self, own: &Cell) -> Said {
        match self {
            Self::Empty => Said::Unmatched(Cell::Empty),
            Self::Keep => Said::Unmatched(own.clone()),
            Self::Value(cell) => Said::Default(cell.clone()),
        }
    }
}

fn fallback(otherwise: &Otherwise, kind: ValueKind) -> Result<Fallback, String> {
    Ok(match otherwise {
        Otherwise::Empty => Fallback::Empty,
        Otherwise::Keep => Fallback::Keep,
        Otherwise::Value(value) => Fallback::Value(
            step::cell_of(value, kind)
                .ok_or_else(|| format!("\"{value}\" is no {} as the other values are", kind.as_str()))?,
        ),
    })
}

/// Numbers where every value is one, else text; where cells may stay as they are, they must be numbers too.
fn kind_of<'a>(
    values: impl Iterator<Item = &'a String>,
    otherwise: &'a Otherwise,
    own: ValueKind,
) -> ValueKind {
    let default = match otherwise {
        Otherwise::Value(value) => Some(value),
        _ => None,
    };
    let keeps_text = *otherwise == Otherwise::Keep && !own.is_number();
    let all = !keeps_text
        && values.chain(default).all(|value| value.is_empty() || number::read(value, '.').is_some());
    if all { ValueKind::Decimal } else { ValueKind::Text }
}

/// A condition whose columns are places and whose values are read.
#[derive(Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test { column: usize, is: Operator, value: Operand },
}

/// The value of a test, read in every way that a cell may ask for.
#[derive(Debug)]
pub(crate) struct Operand {
    text: String,
    number: Option<f64>,
    moment: Option<i64>,
    /// Seconds since midnight.
    time: Option<f64>,
    weekday: Option<Weekday>,
}

impl Condition {
    fn new(condition: &recipe::Condition, place: &dyn Fn(&str) -> Option<usize>) -> Result<Self, String> {
        let parts = |parts: &[recipe::Condition]| -> Result<Vec<Self>, String> {
            if parts.is_empty() {
                return Err("a group of conditions is empty".to_owned());
            }
            parts.iter().map(|part| Self::new(part, place)).collect()
        };
        Ok(match condition {
            recipe::Condition::All { all } => Self::All(parts(all)?),
            recipe::Condition::Any { any } => Self::Any(parts(any)?),
            recipe::Condition::Test(test) => Self::Test {
                column: place(&test.column)
                    .ok_or_else(|| format!("there is no column \"{}\"", test.column.trim()))?,
                is: test.is,
                value: Operand {
                    text: fold::key(&test.value),
                    number: number::read(&test.value, '.'),
                    moment: moment::plain_read(&test.value),
                    time: moment::time_of_day(&test.value),
                    weekday: moment::weekday_named(&test.value),
                },
            },
        })
    }

    fn holds(&self, row: &[Cell]) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(row)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(row)),
            Self::Test { column, is, value } => holds(&row[*column], *is, value),
        }
    }
}

fn holds(cell: &Cell, is: Operator, value: &Operand) -> bool {
    let text = || fold::key(&step::text(cell));
    match is {
        Operator::Contains => !value.text.is_empty() && text().contains(&value.text),
        Operator::StartsWith => !value.text.is_empty() && text().starts_with(&value.text),
        Operator::EndsWith => !value.text.is_empty() && text().ends_with(&value.text),
        Operator::Equals => equals(cell, value),
        Operator::NotEquals => !equals(cell, value),
        Operator::Greater => order(cell, value) == Some(Ordering::Greater),
        Operator::Less => order(cell, value) == Some(Ordering::Less),
        Operator::GreaterOrEqual => order(cell, value).is_some_and(Ordering::is_ge),
        Operator::LessOrEqual => order(cell, value).is_some_and(Ordering::is_le),
    }
}

fn equals(cell: &Cell, value: &Operand) -> bool {
    if let (Cell::Moment(micros), Some(day)) = (cell, value.weekday) {
        return moment::weekday(*micros) == Some(day);
    }
    if matches!(cell, Cell::Empty | Cell::Unreadable(_)) {
        return value.text.is_empty();
    }
    match order(cell, value) {
        Some(order) => order.is_eq(),
        None => fold::key(&step::text(cell)) == value.text,
    }
}

/// How a cell stands to a value, where the two can be compared.
fn order(cell: &Cell, value: &Operand) -> Option<Ordering> {
    match cell {
        Cell::Empty | Cell::Unreadable(_) | Cell::Flag(_) => None,
        Cell::Number(number) => number.partial_cmp(&value.number?),
        Cell::Time(seconds) => seconds.partial_cmp(&value.time?),
        Cell::Moment(micros) => match (value.time, value.moment) {
            (Some(time), _) => moment::seconds_of_day(*micros).partial_cmp(&time),
            (None, Some(moment)) => Some(micros.cmp(&moment)),
            (None, None) => None,
        },
        Cell::Text(text) => {
            match (moment::time_of_day(text).zip(value.time), number::read(text, '.').zip(value.number)) {
                (Some((own, other)), _) | (None, Some((own, other))) => own.partial_cmp(&other),
                (None, None) => Some(fold::key(text).cmp(&value.text)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(cell: Cell, is: Operator, value: &str) -> bool {
        let test = recipe::Condition::Test(recipe::Test { column: "c".into(), is, value: value.into() });
        Condition::new(&test, &|_| Some(0)).unwrap().holds(&[cell])
    }

    #[test]
    fn nine_operators_compare_as_the_cell_is() {
        use Operator::{
            Contains, EndsWith, Equals, Greater, GreaterOrEqual, Less, LessOrEqual, NotEquals, StartsWith,
        };
        let text = |text: &str| Cell::Text(text.to_owned());
        let moment = |text: &str| Cell::Moment(moment::plain_read(text).unwrap());
        for (cell, is, value, expected) in [
            (Cell::Number(10.0), Greater, "9", true),
            (Cell::Number(10.0), Equals, "10.0", true),
            (Cell::Number(10.0), Less, "abc", false),
            (text("10"), Greater, "9", true),
            (text("abc"), Equals, " ABC ", true),
            (text("abd"), Greater, "abc", true),
            (text("Steel 304"), Contains, "steel", true),
            (text("PRM-1"), StartsWith, "prm", true),
            (text("1-X"), EndsWith, "x", true),
            (text("x"), Contains, "", false),
            (Cell::Empty, Equals, "", true),
            (Cell::Empty, Equals, "a", false),
            (Cell::Empty, NotEquals, "a", true),
            (Cell::Empty, Less, "5", false),
            (Cell::Flag(true), Equals, "true", true),
            (moment("2026-11-25 19:30:00"), GreaterOrEqual, "18:00", true),
            (moment("2026-11-25 05:59:59"), Less, "06:00", true),
            (moment("2026-11-25 09:00:00"), Less, "06:00", false),
            (moment("2026-11-28"), Equals, "Saturday", true),
            (moment("2026-11-28"), NotEquals, "Sunday", true),
            (moment("2026-11-28"), LessOrEqual, "2026-11-27", false),
            (text("9:05"), Less, "10:00", true),
            (Cell::Time(64_800.0), GreaterOrEqual, "18:00", true),
        ] {
            assert_eq!(fits(cell.clone(), is, value), expected, "{cell:?} {is:?} {value}");
        }
    }
}
