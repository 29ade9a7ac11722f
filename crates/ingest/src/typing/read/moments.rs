//! Days and moments.

use super::super::calendar::{self, MICROS_PER_DAY};
use super::super::digits::{DigitForm, SERIAL_EPOCH, is_far};
use super::super::moment::{Family, MomentLayout, NoMoment, Order, Special, Year, moment};
use super::super::number::DecimalMark;
use super::super::sentinel::is_sentinel;
use super::super::token::{Shape, Template, Tokens};
use super::numbers::NumberReader;
use super::{Reading, Unreadable, Value};

/// How a column writes its days and moments.
#[derive(Debug, Clone, Default)]
pub(in crate::typing) struct MomentReader {
    /// The order of each family of notations that occurs.
    pub(in crate::typing) orders: Vec<(Family, Order)>,
    /// What digits alone are.
    pub(in crate::typing) digits: Option<DigitForm>,
    /// `45356.5` is a moment.
    pub(in crate::typing) serial: Option<DecimalMark>,
    /// Frequent shapes whose layout need not be found again. It does not change what is read.
    pub(in crate::typing) known: Vec<(Shape, MomentLayout, Order)>,
    /// The most frequent of them, where its cells have one width.
    pub(in crate::typing) template: Option<Template>,
}

impl PartialEq for MomentReader {
    fn eq(&self, other: &Self) -> bool {
        (&self.orders, self.digits, self.serial) == (&other.orders, other.digits, other.serial)
    }
}

impl MomentReader {
    pub(in crate::typing) fn order_of(&self, family: Family) -> Order {
        if let Some((_, order)) = self.orders.iter().find(|(known, _)| *known == family) {
            return *order;
        }
        // A family that no row showed when the column was decided: only cells with one reading are read.
        match family.year {
            Year::First | Year::Said => Order::YearMonthDay,
            Year::Last | Year::Unknown => {
                let mut same = self
                    .orders
                    .iter()
                    .filter(|(known, _)| known.year == family.year)
                    .map(|(_, order)| *order);
                match (same.next(), same.next()) {
                    (Some(order), None) => order,
                    _ => Order::Each,
                }
            }
        }
    }

    pub(super) fn read(&self, text: &str) -> Reading<Value<'static>> {
        let mut tokens = Tokens::default();
        let followed = self.template.as_ref().is_some_and(|template| tokens.follow(text, template));
        if !followed && !tokens.scan(text) {
            return Reading::Unreadable(Unreadable::NoDate);
        }
        for (shape, layout, order) in &self.known {
            if *shape == tokens.codes {
                return finish(&tokens, layout, *order);
            }
        }
        if tokens.len == 1 {
            return self.read_digits(tokens.values[0], usize::from(tokens.codes[0]));
        }
        if let Some(layout) = moment(tokens.shape()) {
            return finish(&tokens, &layout, self.order_of(layout.family));
        }
        match self.serial {
            Some(decimal) => Self::read_serial(text, decimal),
            None => Reading::Unreadable(Unreadable::NoDate),
        }
    }

    fn read_digits(&self, value: u64, length: usize) -> Reading<Value<'static>> {
        if length > 18 {
            return Reading::Unreadable(Unreadable::NoDate);
        }
        if value == 0 || is_far(value) {
            return Reading::NoValue;
        }
        match self.digits {
            None => Reading::Unreadable(Unreadable::NoDate),
            Some(form) => match form.read(value, length) {
                Some(micros) if is_sentinel(micros) => Reading::NoValue,
                Some(micros) => Reading::Value(Value::Moment(micros)),
                None => Reading::Unreadable(Unreadable::NoSuchDay),
            },
        }
    }

    fn read_serial(text: &str, decimal: DecimalMark) -> Reading<Value<'static>> {
        match (NumberReader { decimal, ..NumberReader::default() }).digits(text) {
            Ok(digits) => {
                let days = digits.to_f64();
                if !(0.0..2_958_466.0).contains(&days) {
                    return Reading::Unreadable(Unreadable::NoSuchDay);
                }
                // A serial holds the time as a fraction of the day; a second is about 0.0000116 of it.
                let seconds = (days.fract() * 86_400.0 * 1000.0).round() / 1000.0;
                let micros =
                    (days.trunc() as i64 - SERIAL_EPOCH) * MICROS_PER_DAY + (seconds * 1e6).round() as i64;
                if days == 0.0 { Reading::NoValue } else { Reading::Value(Value::Moment(micros)) }
            }
            Err(_) => Reading::Unreadable(Unreadable::NoDate),
        }
    }
}

fn finish(tokens: &Tokens, layout: &MomentLayout, order: Order) -> Reading<Value<'static>> {
    match layout.read(tokens.shape(), &tokens.values, order) {
        Ok(micros) if layout.special == Special::Net => Reading::Value(Value::Moment(micros)),
        Ok(micros) if is_sentinel(micros) => Reading::NoValue,
        Ok(micros) => Reading::Value(Value::Moment(micros)),
        Err(reason) => {
            if let Ok((year, month, day)) = layout.year_month_day(tokens.shape(), &tokens.values, order)
                && means_nothing(tokens, layout, year, month, day)
            {
                return Reading::NoValue;
            }
            Reading::Unreadable(match reason {
                NoMoment::NoSuchDay => Unreadable::NoSuchDay,
                NoMoment::NoSuchTime => Unreadable::NoSuchTime,
                NoMoment::EitherWay => Unreadable::EitherWay,
            })
        }
    }
}

/// `00/00/0000`, `00.00.00`, `99/99/9999`, and far ends whose time the clock does not have.
fn means_nothing(tokens: &Tokens, layout: &MomentLayout, year: i64, month: u64, day: u64) -> bool {
    let parts = layout.parts.map(|part| tokens.values[part as usize]);
    let zero = month == 0 && day == 0;
    let nines = parts.iter().all(|part| matches!(part, 99 | 9999));
    let far =
        calendar::exists(year, month, day) && is_sentinel(calendar::days(year, month, day) * MICROS_PER_DAY);
    zero || nines || far
}
