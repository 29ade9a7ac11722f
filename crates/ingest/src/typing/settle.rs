//! Columns of one file that settle each other's open questions.
//!
//! A program writes all dates of a file in one order and all numbers with one decimal mark. A column whose own rows leave
//! the question open takes the answer of its siblings where these are of one mind, and says so; the other reading stays
//! listed, so that a person can still overrule it.

use super::column_type::ColumnType;
use super::evidence::ColumnEvidence;
use super::moment::{Family, Order, Year};
use super::number::DecimalMark;
use super::read::Reader;

/// A column with what is needed to decide it again.
#[derive(Debug)]
pub struct Column<'a> {
    pub header: &'a str,
    pub evidence: &'a ColumnEvidence,
    pub decided: ColumnType,
}

impl<'a> Column<'a> {
    /// The column as its own rows decide it.
    pub fn new(header: &'a str, evidence: &'a ColumnEvidence) -> Self {
        Self { header, evidence, decided: evidence.decide(header) }
    }
}

/// What the surely decided columns of a file are of one mind about.
#[derive(Debug, Clone, Default)]
pub(super) struct Settled {
    /// Per family of dates: the order, and a column that proves it.
    orders: Vec<(Family, Order, String)>,
    /// Day first or not, where all families agree.
    any: Option<(bool, String)>,
    decimal: Option<(DecimalMark, String)>,
}

impl Settled {
    pub(super) fn order(&self, family: Family) -> Option<(Order, &str)> {
        self.orders
            .iter()
            .find(|(known, ..)| *known == family)
            .map(|(_, order, column)| (*order, column.as_str()))
    }

    pub(super) fn any_order(&self) -> Option<(bool, &str)> {
        self.any.as_ref().map(|(day_first, column)| (*day_first, column.as_str()))
    }

    pub(super) fn decimal(&self) -> Option<(DecimalMark, &str)> {
        self.decimal.as_ref().map(|(mark, column)| (*mark, column.as_str()))
    }
}

/// Decides again the ambiguous columns of a file by what the others prove.
pub fn settle(columns: &mut [Column<'_>]) {
    let settled = agreed(columns);
    for column in columns.iter_mut().filter(|column| !column.decided.ambiguous.is_empty()) {
        column.decided = super::decide::decide(column.evidence, column.header, &settled);
    }
}

fn agreed(columns: &[Column<'_>]) -> Settled {
    let mut orders: Vec<(Family, Option<Order>, String)> = Vec::new();
    let mut any: Option<(Option<bool>, String)> = None;
    let mut decimal: Option<(Option<DecimalMark>, String)> = None;
    for column in columns.iter().filter(|column| column.decided.ambiguous.is_empty()) {
        match &column.decided.reader {
            Reader::Moment(reader) => {
                for (family, order) in &reader.orders {
                    if !matches!(family.year, Year::Last | Year::Unknown) {
                        continue;
                    }
                    match orders.iter_mut().find(|(known, ..)| known == family) {
                        Some((_, known, _)) if *known != Some(*order) => *known = None,
                        Some(_) => {}
                        None => orders.push((*family, Some(*order), column.header.to_owned())),
                    }
                    if let Some(day_first) = order.is_day_first() {
                        match &mut any {
                            Some((known, _)) if *known != Some(day_first) => *known = None,
                            Some(_) => {}
                            None => any = Some((Some(day_first), column.header.to_owned())),
                        }
                    }
                }
            }
            Reader::Number(reader) if matches!(reader.decimal, DecimalMark::Point | DecimalMark::Comma) => {
                match &mut decimal {
                    Some((known, _)) if *known != Some(reader.decimal) => *known = None,
                    Some(_) => {}
                    None => decimal = Some((Some(reader.decimal), column.header.to_owned())),
                }
            }
            _ => {}
        }
    }
    Settled {
        orders: orders
            .into_iter()
            .filter_map(|(family, order, column)| Some((family, order?, column)))
            .collect(),
        any: any.and_then(|(day_first, column)| Some((day_first?, column))),
        decimal: decimal.and_then(|(mark, column)| Some((mark?, column))),
    }
}
