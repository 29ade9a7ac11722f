//! Plants seldom work at weekends, which tells day and month apart where both are at most twelve.

use super::calendar;
use super::moment::{MomentLayout, Year};
use super::token::Tokens;

/// Whether the day falls on a weekend read day first, and read month first; `None` where there is no such question.
pub(super) fn weekends(layout: &MomentLayout, tokens: &Tokens) -> Option<[bool; 2]> {
    if layout.family.year != Year::Last {
        return None;
    }
    let [a, b, year] = layout.parts.map(|part| tokens.values[part as usize]);
    if !(1..=12).contains(&a) || !(1..=12).contains(&b) || a == b || year == 0 || year > 9999 {
        return None;
    }
    Some([is_weekend(year as i64, b, a), is_weekend(year as i64, a, b)])
}

fn is_weekend(year: i64, month: u64, day: u64) -> bool {
    // 1970-01-01 was a Thursday.
    (calendar::days(year, month, day) + 3).rem_euclid(7) >= 5
}
