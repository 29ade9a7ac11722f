//! Formulas: expressions of `MiniJinja` over columns in braces, `({Good} + {Scrap}) * {Unit Cost}`.
//!
//! Columns are numbers, texts or flags as they were read; a moment counts in hours since 1970, a time of day in hours
//! since midnight, so that differences are hours. An empty cell makes the result empty unless the formula says what to
//! take instead: `({Scrap} or 0)`.

use std::collections::BTreeMap;

use domain::{Cell, ValueKind};
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value, value::ValueKind as Shape};

use crate::recipe::Gives;

/// Steps that one row may take: far more than any formula of a person needs, far less than a second.
const FUEL: u64 = 20_000;

/// Bytes of a formula. A chain of thousands of operators nests as deeply, and whoever walks it runs out of stack, which ends the
/// whole process.
const LONGEST: usize = 2_000;

const MICROS_PER_HOUR: f64 = 3.6e9;

/// The names in braces, in the order of the text; one that is named twice comes twice.
pub(crate) fn columns(expression: &str) -> Vec<String> {
    pieces(expression)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Column(name) => Some(name.trim().to_owned()),
            Piece::Code(_) => None,
        })
        .collect()
}

/// The formula with other names in its braces; what stands in quotes stays.
pub(crate) fn renamed(expression: &str, name: &impl Fn(&String) -> String) -> String {
    let mut written = String::with_capacity(expression.len());
    for piece in pieces(expression) {
        match piece {
            Piece::Code(text) => written.push_str(text),
            Piece::Column(column) => {
                written.push('{');
                written.push_str(&name(&column.trim().to_owned()));
                written.push('}');
            }
        }
    }
    written
}

enum Piece<'a> {
    Code(&'a str),
    Column(&'a str),
}

/// Splits at columns in braces; braces in quotes are text.
fn pieces(expression: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut begin, mut quote, mut open) = (0, None, None);
    for (at, c) in expression.char_indices() {
        match (quote, open, c) {
            (Some(mark), _, c) if c == mark => quote = None,
            (None, None, '"' | '\'') => quote = Some(c),
            (None, None, '{') => {
                pieces.push(Piece::Code(&expression[begin..at]));
                open = Some(at + 1);
            }
            (None, Some(from), '}') => {
                pieces.push(Piece::Column(&expression[from..at]));
                begin = at + 1;
                open = None;
            }
            _ => {}
        }
    }
    let rest = open.map_or(begin, |from| from - 1);
    pieces.push(Piece::Code(&expression[rest..]));
    pieces
}

/// A formula that can be asked row by row.
#[derive(Debug)]
pub(crate) struct Formula {
    environment: Environment<'static>,
    /// As the expression language sees it.
    code: String,
    /// For each name in the code the place of its column in a row.
    inputs: Vec<(String, usize)>,
    gives: Gives,
}

/// Why a row has no result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// A column that the formula needs is empty there.
    EmptyInput,
    Because(String),
}

impl Formula {
    /// `place` finds the place of a column by its name.
    pub(crate) fn new(
        expression: &str,
        gives: Gives,
        place: &dyn Fn(&str) -> Option<usize>,
    ) -> Result<Self, String> {
        if expression.len() > LONGEST {
            return Err(format!("a formula has at most {LONGEST} characters; make a column of a part of it"));
        }
        let mut code = String::new();
        let mut inputs: Vec<(String, usize)> = Vec::new();
        for piece in pieces(expression) {
            match piece {
                Piece::Code(text) => code.push_str(text),
                Piece::Column(name) => {
                    let Some(at) = place(name) else {
                        return Err(format!("there is no column \"{}\"", name.trim()));
                    };
                    let name = format!("column_{at}");
                    code.push_str(&name);
                    if !inputs.iter().any(|(known, _)| *known == name) {
                        inputs.push((name, at));
                    }
                }
            }
        }
        if code.trim().is_empty() {
            return Err("the formula is empty".to_owned());
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        // Lists that a number makes long are nothing that a cell needs.
        environment.remove_global("range");
        {
            let compiled = environment.compile_expression(&code).map_err(|error| said(&error))?;
            let mut unknown: Vec<String> = compiled
                .undeclared_variables(false)
                .into_iter()
                .filter(|name| !inputs.iter().any(|(known, _)| known == name))
                .collect();
            unknown.sort();
            if let Some(name) = unknown.first() {
                return Err(format!("\"{name}\" is not known here; write columns in braces: {{{name}}}"));
            }
        }
        Ok(Self { environment, code, inputs, gives })
    }

    pub(crate) fn kind(&self) -> ValueKind {
        match self.gives {
            Gives::Number => ValueKind::Decimal,
            Gives::Text => ValueKind::Text,
            Gives::Flag => ValueKind::Boolean,
        }
    }

    /// Answers every row in turn; compiled once.
    pub(crate) fn over<'a>(
        &self,
        rows: impl Iterator<Item = &'a [Cell]>,
        mut take: impl FnMut(Result<Cell, Failure>),
    ) {
        let compiled = match self.environment.compile_expression(&self.code) {
            Ok(compiled) => compiled,
            Err(error) => {
                let why = said(&error);
                rows.for_each(|_| take(Err(Failure::Because(why.clone()))));
                return;
            }
        };
        for row in rows {
            let mut empty = false;
            let context: BTreeMap<&str, Value> = self
                .inputs
                .iter()
                .map(|(name, at)| {
                    let cell = row.get(*at).unwrap_or(&Cell::Empty);
                    empty |= matches!(cell, Cell::Empty | Cell::Unreadable(_));
                    (name.as_str(), value(cell))
                })
                .collect();
            take(match compiled.eval(Value::from_pairs(context)) {
                Ok(result) => self.cell(&result, empty),
                Err(_) if empty => Err(Failure::EmptyInput),
                Err(error) => Err(Failure::Because(said(&error))),
            });
        }
    }

    fn cell(&self, result: &Value, empty: bool) -> Result<Cell, Failure> {
        if result.is_undefined() || result.is_none() {
            return if empty { Err(Failure::EmptyInput) } else { Ok(Cell::Empty) };
        }
        match (self.gives, result.kind()) {
            (Gives::Flag, _) => Ok(Cell::Flag(result.is_true())),
            (Gives::Number, Shape::Number) => match f64::try_from(result.clone()) {
                Ok(number) if number.is_finite() => Ok(Cell::Number(number)),
                _ => {
                    Err(Failure::Because("the result is no number: something was divided by zero".to_owned()))
                }
            },
            (Gives::Number, Shape::Bool) => Ok(Cell::Number(f64::from(u8::from(result.is_true())))),
            (Gives::Number, _) => Err(Failure::Because(format!("\"{result}\" is no number"))),
            (Gives::Text, Shape::Number) => match f64::try_from(result.clone()) {
                Ok(number) if number.is_finite() => Ok(Cell::Text(crate::number::write(number))),
                _ => {
                    Err(Failure::Because("the result is no number: something was divided by zero".to_owned()))
                }
            },
            (Gives::Text, _) => {
                let text = result.to_string();
                Ok(if text.is_empty() { Cell::Empty } else { Cell::Text(text) })
            }
        }
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Empty | Cell::Unreadable(_) => Value::from(()),
        Cell::Flag(flag) => Value::from(*flag),
        Cell::Number(number) => Value::from(*number),
        Cell::Moment(micros) => Value::from(*micros as f64 / MICROS_PER_HOUR),
        Cell::Time(seconds) => Value::from(seconds / 3_600.0),
        Cell::Text(text) => Value::from(text.as_str()),
    }
}

/// What went wrong, for the person who wrote the formula.
fn said(error: &minijinja::Error) -> String {
    match error.kind() {
        ErrorKind::SyntaxError => {
            format!("the formula does not parse: {}", error.detail().unwrap_or("something is missing"))
        }
        ErrorKind::OutOfFuel => "the formula takes too long".to_owned(),
        _ => error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(expression: &str, gives: Gives, row: &[Cell]) -> Result<Cell, Failure> {
        let names = ["Qty Made", "rate", "End", "code"];
        let place = |name: &str| names.iter().position(|known| *known == name.trim());
        let formula = Formula::new(expression, gives, &place).map_err(Failure::Because)?;
        let mut answer = None;
        formula.over(std::iter::once(row), |cell| answer = Some(cell));
        answer.unwrap()
    }

    #[test]
    fn formulas_compute_with_columns() {
        let row = [Cell::Number(10.0), Cell::Empty, Cell::Moment(7_200_000_000), Cell::Text("A-1".into())];
        for (expression, gives, expected) in [
            ("{Qty Made} * 2 + 1", Gives::Number, Ok(Cell::Number(21.0))),
            ("{ Qty Made } / 4", Gives::Number, Ok(Cell::Number(2.5))),
            ("{Qty Made} * {rate}", Gives::Number, Err(Failure::EmptyInput)),
            ("{Qty Made} * ({rate} or 3)", Gives::Number, Ok(Cell::Number(30.0))),
            ("{End} - 1", Gives::Number, Ok(Cell::Number(1.0))),
            ("{code} ~ '-{x}'", Gives::Text, Ok(Cell::Text("A-1-{x}".into()))),
            ("{Qty Made} > 9 and {code} == 'A-1'", Gives::Flag, Ok(Cell::Flag(true))),
            ("1.5 if {Qty Made} > 8 else 1", Gives::Number, Ok(Cell::Number(1.5))),
            ("({Qty Made} / 3) | round(2)", Gives::Number, Ok(Cell::Number(3.33))),
        ] {
            assert_eq!(ask(expression, gives, &row), expected, "{expression}");
        }
        let Err(Failure::Because(why)) = ask("{Qty Made} / 0", Gives::Number, &row) else { panic!() };
        assert!(why.contains("/ 0"), "{why}");
        assert!(matches!(ask("{code}", Gives::Number, &row), Err(Failure::Because(_))));
    }

    #[test]
    fn what_cannot_be_a_formula_is_refused_with_a_reason() {
        for (expression, part) in [
            ("", "empty"),
            ("{Qty Made} +", "parse"),
            ("{Nothing} * 2", "no column \"Nothing\""),
            ("rate * 2", "in braces: {rate}"),
            ("{rate", "parse"),
        ] {
            let Err(Failure::Because(why)) = ask(expression, Gives::Number, &[]) else {
                panic!("{expression}")
            };
            assert!(why.contains(part), "{expression}: {why}");
        }
        // Nothing that runs long, nothing that reaches out.
        for expression in ["range(9999999)", "'x' * 99999999999", "self.__class__"] {
            assert!(ask(expression, Gives::Number, &[]).is_err(), "{expression}");
        }
    }
}
