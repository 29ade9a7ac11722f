//! Days that stand for "no date": the first and last day that a program knows.

use super::calendar::{self, MICROS_PER_DAY};
use super::moment::{MomentLayout, Order, Year};
use super::token::Tokens;

/// Days without meaning in a plant, as year, month, day.
const NO_DATES: [(i64, u64, u64); 14] = [
    (1, 1, 1),
    (1601, 1, 1),
    (1752, 9, 14),
    (1753, 1, 1),
    (1800, 1, 1),
    (1800, 12, 28),
    (1858, 11, 17),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (1901, 1, 1),
    (2999, 12, 31),
    (9999, 12, 31),
    (9999, 1, 1),
];

/// The same for days that plants do live through, but programs use when they mean "never" or "zero".
const LATE_NO_DATES: [(i64, u64, u64); 2] = [(2099, 12, 31), (1970, 1, 1)];

/// Whether a moment is one of them, its time of day left aside.
pub(super) fn is_sentinel(micros: i64) -> bool {
    let day = micros.div_euclid(MICROS_PER_DAY);
    // The quick way out for the days of this and the last century.
    if (366..47_000).contains(&day) {
        return false;
    }
    NO_DATES
        .iter()
        .chain(&LATE_NO_DATES)
        .any(|(year, month, date)| calendar::days(*year, *month, *date) == day)
}

/// The same for a cell whose order is not decided yet; all sentinels are the same in both orders or have day 28 to 31.
pub(super) fn is_no_date(layout: &MomentLayout, tokens: &Tokens) -> bool {
    let order = match layout.family.year {
        Year::Last if tokens.values[layout.parts[1] as usize] > 12 => Order::MonthDayYear,
        Year::Last => Order::DayMonthYear,
        Year::First | Year::Said | Year::Unknown => Order::YearMonthDay,
    };
    let year_part = if layout.family.year == Year::Last { 2 } else { 0 };
    let year = tokens.values[layout.parts[year_part] as usize];
    // The quick way out for the years of this and the last century; two digits are no far end.
    if ((1902..=2098).contains(&year) && year != 1970) || (1..100).contains(&year) {
        return false;
    }
    if layout.parts.iter().all(|part| tokens.values[*part as usize] == 0) {
        return true;
    }
    match layout.read(tokens.shape(), &tokens.values, order) {
        Ok(micros) => is_sentinel(micros),
        // `31.12.9999 24:00` and the like have no reading.
        Err(_) => false,
    }
}
