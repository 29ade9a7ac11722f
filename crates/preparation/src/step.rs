//! Clean-up steps, ready to be done cell by cell.

use domain::{Cell, ValueKind};
use regex::{NoExpand, Regex, RegexBuilder};

use crate::{fold, moment, number, recipe};

/// A step whose formats and patterns are compiled.
#[derive(Debug)]
pub(crate) enum Step {
    Trim,
    Uppercase,
    Lowercase,
    ParseDate { patterns: Vec<String>, strict: bool },
    FormatDate { pattern: String },
    ParseNumber { decimal: char },
    RemoveUnits { units: Vec<String> },
    ReplaceText { pattern: Regex, with: String, regex: bool },
    DefaultValue { value: Cell },
    Convert { factor: f64 },
}

/// The largest that a pattern of a customer may become when compiled.
const PATTERN_BYTES: usize = 1 << 20;

impl Step {
    /// Compiles a step for cells of a kind; says of what kind they are afterwards.
    pub(crate) fn new(step: &recipe::Step, kind: ValueKind) -> Result<(Self, ValueKind), String> {
        Ok(match step {
            recipe::Step::Trim => (Self::Trim, ValueKind::Text),
            recipe::Step::Uppercase => (Self::Uppercase, ValueKind::Text),
            recipe::Step::Lowercase => (Self::Lowercase, ValueKind::Text),
            recipe::Step::ParseDate { formats, strict } => {
                let patterns =
                    formats.iter().map(|format| known_pattern(format)).collect::<Result<_, _>>()?;
                if formats.is_empty() {
                    return Err("name at least one format, for example dd.mm.yyyy".to_owned());
                }
                let timed = formats.iter().any(|format| format.to_lowercase().contains('h'));
                let kind = if timed { ValueKind::DateTime } else { ValueKind::Date };
                (Self::ParseDate { patterns, strict: *strict }, kind)
            }
            recipe::Step::FormatDate { format } => {
                if !kind.is_moment() {
                    return Err(
                        "only a date can be written in a date format; read it as a date first".to_owned()
                    );
                }
                (Self::FormatDate { pattern: known_pattern(format)? }, ValueKind::Text)
            }
            recipe::Step::ParseNumber { decimal } => {
                if !matches!(decimal, '.' | ',') {
                    return Err(format!("\"{decimal}\" is no decimal mark; use a point or a comma"));
                }
                (Self::ParseNumber { decimal: *decimal }, ValueKind::Decimal)
            }
            recipe::Step::RemoveUnits { units } => {
                let mut units: Vec<String> =
                    units.iter().map(|unit| fold::key(unit)).filter(|unit| !unit.is_empty()).collect();
                if units.is_empty() {
                    return Err("name the units that are to go, for example kg or pcs".to_owned());
                }
                // The longest first: "kg" before "g".
                units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
                (Self::RemoveUnits { units }, ValueKind::Text)
            }
            recipe::Step::ReplaceText { find, with, regex, ignore_case } => {
                if find.is_empty() {
                    return Err("say what is to be replaced".to_owned());
                }
                let pattern = if *regex { find.clone() } else { regex::escape(find) };
                let pattern = RegexBuilder::new(&pattern)
                    .case_insensitive(*ignore_case)
                    .size_limit(PATTERN_BYTES)
                    .build()
                    .map_err(|error| format!("the pattern cannot be used: {error}"))?;
                (Self::ReplaceText { pattern, with: with.clone(), regex: *regex }, ValueKind::Text)
            }
            recipe::Step::DefaultValue { value } => {
                let cell = cell_of(value, kind)
                    .ok_or_else(|| format!("\"{value}\" is no {} as the other values are", kind.as_str()))?;
                let kind = if kind == ValueKind::Empty { ValueKind::Text } else { kind };
                // A whole-number column that is given 0.5 holds decimals from then on.
                let kind = match (&cell, kind) {
                    (Cell::Number(number), ValueKind::Integer) if number.fract() != 0.0 => ValueKind::Decimal,
                    _ => kind,
                };
                (Self::DefaultValue { value: cell }, kind)
            }
            recipe::Step::Convert { factor } => {
                if !factor.is_finite() || *factor == 0.0 {
                    return Err("the factor is a number other than zero".to_owned());
                }
                match kind {
                    ValueKind::Integer | ValueKind::Decimal | ValueKind::Duration => {
                        (Self::Convert { factor: *factor }, ValueKind::Decimal)
                    }
                    _ => {
                        return Err(format!(
                            "only numbers can be converted and this is {}; read it as a number first",
                            kind.as_str()
                        ));
                    }
                }
            }
        })
    }

    /// `None`: the step cannot read the cell.
    pub(crate) fn apply(&self, cell: Cell) -> Option<Cell> {
        if matches!(cell, Cell::Empty | Cell::Unreadable(_)) {
            return Some(match self {
                Self::DefaultValue { value } => value.clone(),
                _ => Cell::Empty,
            });
        }
        Some(match self {
            Self::Trim => filled(text(&cell).split_whitespace().collect::<Vec<_>>().join(" ")),
            Self::Uppercase => filled(text(&cell).to_uppercase()),
            Self::Lowercase => filled(text(&cell).to_lowercase()),
            Self::ParseDate { patterns, strict } => match cell {
                Cell::Moment(_) => cell,
                cell => {
                    let text = text(&cell);
                    Cell::Moment(patterns.iter().find_map(|pattern| moment::read(&text, pattern, *strict))?)
                }
            },
            Self::FormatDate { pattern } => match cell {
                Cell::Moment(moment) => Cell::Text(moment::write(moment, pattern)?),
                _ => return None,
            },
            Self::ParseNumber { decimal } => match cell {
                Cell::Number(_) => cell,
                Cell::Flag(flag) => Cell::Number(f64::from(u8::from(flag))),
                cell => {
                    let text = text(&cell);
                    if text.trim().is_empty() {
                        return Some(Cell::Empty);
                    }
                    Cell::Number(number::read(&text, *decimal)?)
                }
            },
            Self::RemoveUnits { units } => filled(without_units(&text(&cell), units)),
            Self::ReplaceText { pattern, with, regex } => {
                let text = text(&cell);
                let replaced = if *regex {
                    pattern.replace_all(&text, with.as_str())
                } else {
                    pattern.replace_all(&text, NoExpand(with))
                };
                filled(replaced.into_owned())
            }
            Self::DefaultValue { .. } => cell,
            Self::Convert { factor } => match cell {
                Cell::Number(number) => Cell::Number(number * factor),
                _ => return None,
            },
        })
    }
}

fn known_pattern(format: &str) -> Result<String, String> {
    moment::pattern(format).ok_or_else(|| {
        format!(
            "the date format \"{format}\" is not understood; write it with yyyy, yy, mm, mmm, dd, hh, mm, ss"
        )
    })
}

fn filled(text: String) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
}

/// A cell as a person reads it.
pub(crate) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Number(number) => number::write(*number),
        Cell::Moment(micros) => moment::plain(*micros),
        Cell::Time(seconds) => {
            let whole = *seconds as i64;
            format!("{:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
        }
        Cell::Text(text) | Cell::Unreadable(text) => text.clone(),
    }
}

/// A value that a person wrote, as a cell of a kind.
pub(crate) fn cell_of(value: &str, kind: ValueKind) -> Option<Cell> {
    if value.is_empty() {
        return Some(Cell::Empty);
    }
    Some(match kind {
        ValueKind::Boolean => Cell::Flag(match fold::key(value).as_str() {
            "true" | "yes" | "1" => true,
            "false" | "no" | "0" => false,
            _ => return None,
        }),
        ValueKind::Integer | ValueKind::Decimal | ValueKind::Duration => {
            Cell::Number(number::read(value, '.')?)
        }
        ValueKind::Date | ValueKind::DateTime => Cell::Moment(moment::plain_read(value)?),
        ValueKind::TimeOfDay => Cell::Time(moment::time_of_day(value)?),
        ValueKind::Text | ValueKind::Empty => Cell::Text(value.to_owned()),
    })
}

/// Takes units off both ends, as often as one stands there.
fn without_units(text: &str, units: &[String]) -> String {
    let mut rest = text.trim();
    while let Some(shorter) = units.iter().find_map(|unit| without(rest, unit)) {
        rest = shorter;
    }
    rest.to_owned()
}

fn without<'a>(text: &'a str, unit: &str) -> Option<&'a str> {
    // A unit that ends in a letter must not be the end of a longer word, nor begin one.
    let apart = |neighbour: Option<char>, edge: Option<char>| {
        !(neighbour.is_some_and(char::is_alphabetic) && edge.is_some_and(char::is_alphabetic))
    };
    let lower = text.to_lowercase();
    // Lower case can change the length of a text; then its places are not ours.
    if lower.len() != text.len() || !lower.is_char_boundary(lower.len().saturating_sub(unit.len())) {
        return None;
    }
    if let Some(before) = lower.strip_suffix(unit)
        && apart(before.chars().next_back(), unit.chars().next())
    {
        return Some(text[..before.len()].trim_end());
    }
    if let Some(behind) = lower.strip_prefix(unit)
        && apart(behind.chars().next(), unit.chars().next_back())
    {
        return Some(text[text.len() - behind.len()..].trim_start());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use recipe::Step as Wish;

    fn done(wish: &Wish, kind: ValueKind, cell: Cell) -> Result<Option<Cell>, String> {
        Step::new(wish, kind).map(|(step, _)| step.apply(cell))
    }

    fn words(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn steps_do_what_their_names_say() {
        let replace = |find: &str, with: &str, regex, ignore_case| Wish::ReplaceText {
            find: find.to_owned(),
            with: with.to_owned(),
            regex,
            ignore_case,
        };
        let date = |format: &str| Wish::ParseDate { formats: vec![format.to_owned()], strict: true };
        let units =
            |list: &[&str]| Wish::RemoveUnits { units: list.iter().map(|unit| (*unit).to_owned()).collect() };
        let default = |value: &str| Wish::DefaultValue { value: value.to_owned() };
        let text = ValueKind::Text;
        for (wish, kind, before, after) in [
            (Wish::Trim, text, words("  a   b "), Some(words("a b"))),
            (Wish::Trim, text, words("   "), Some(Cell::Empty)),
            (Wish::Uppercase, text, words("straße"), Some(words("STRASSE"))),
            (Wish::Lowercase, text, words("ÄB"), Some(words("äb"))),
            (units(&["g", "kg"]), text, words("12,5 KG"), Some(words("12,5"))),
            (units(&["pcs"]), text, words("pcs 7"), Some(words("7"))),
            (units(&["h"]), text, words("month"), Some(words("month"))),
            (units(&["€", "eur"]), text, words("€ 7 EUR"), Some(words("7"))),
            (Wish::ParseNumber { decimal: ',' }, text, words("1.234,5"), Some(Cell::Number(1234.5))),
            (Wish::ParseNumber { decimal: ',' }, text, words("abc"), None),
            (Wish::ParseNumber { decimal: ',' }, text, words(" "), Some(Cell::Empty)),
            (date("dd.mm.yyyy"), text, words("01.02.1970"), Some(Cell::Moment(31 * 86_400_000_000))),
            (date("dd.mm.yyyy"), text, words("soon"), None),
            (replace("a.b", "x", false, false), text, words("a.b acb"), Some(words("x acb"))),
            (replace("A(.)", "<$1>", true, true), text, words("ab aC"), Some(words("<b> <C>"))),
            (replace("a", "$1", false, false), text, words("a"), Some(words("$1"))),
            (default("0"), ValueKind::Integer, Cell::Empty, Some(Cell::Number(0.0))),
            (default("false"), ValueKind::Boolean, Cell::Empty, Some(Cell::Flag(false))),
            (default("x"), text, words("y"), Some(words("y"))),
            (Wish::Convert { factor: 0.5 }, ValueKind::Integer, Cell::Number(3.0), Some(Cell::Number(1.5))),
            (
                Wish::FormatDate { format: "yyyy/mm".to_owned() },
                ValueKind::Date,
                Cell::Moment(0),
                Some(words("1970/01")),
            ),
        ] {
            assert_eq!(done(&wish, kind, before.clone()), Ok(after), "{wish:?} on {before:?}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_said_before_it_begins() {
        for (wish, kind) in [
            (Wish::Convert { factor: 2.0 }, ValueKind::Text),
            (Wish::Convert { factor: f64::NAN }, ValueKind::Decimal),
            (Wish::ParseNumber { decimal: ';' }, ValueKind::Text),
            (Wish::ParseDate { formats: vec!["qq".to_owned()], strict: true }, ValueKind::Text),
            (Wish::ParseDate { formats: vec![], strict: true }, ValueKind::Text),
            (Wish::FormatDate { format: "yyyy".to_owned() }, ValueKind::Text),
            (Wish::RemoveUnits { units: vec![" ".to_owned()] }, ValueKind::Text),
            (Wish::DefaultValue { value: "x".to_owned() }, ValueKind::Integer),
            (
                Wish::ReplaceText { find: "(".into(), with: String::new(), regex: true, ignore_case: false },
                ValueKind::Text,
            ),
        ] {
            assert!(Step::new(&wish, kind).is_err(), "{wish:?}");
        }
    }
}
