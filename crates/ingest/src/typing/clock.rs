//! Times of day and spans of time: `07:30`, `7.30 PM`, `7h30`, `006:19`, `2h 30m`, `PT2H30M`.

use super::token::is_run;
use super::words::code;

/// No such piece.
pub(super) const NONE: u8 = u8::MAX;

/// Where the parts of a clock reading stand among the pieces of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClockLayout {
    pub(super) negative: bool,
    pub(super) days: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) fraction: u8,
    /// AM or PM.
    pub(super) half: u8,
    /// `0730` or `073000` behind a date.
    pub(super) packed: bool,
    /// `14h`: hours without minutes.
    pub(super) bare: bool,
}

const EMPTY: ClockLayout = ClockLayout {
    negative: false,
    days: NONE,
    hour: NONE,
    minute: NONE,
    second: NONE,
    fraction: NONE,
    half: NONE,
    packed: false,
    bare: false,
};

/// Where a clock reading may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Alone,
    BehindDate,
}

/// A clock reading that starts at a piece, and the piece behind it.
pub(super) fn clock_at(codes: &[u8], start: usize, place: Place) -> Option<(ClockLayout, usize)> {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let mut layout = EMPTY;
    let mut at = start;
    if get(at) == code::HALF_DAY {
        layout.half = at as u8;
        at += 1;
        if get(at) == b' ' {
            at += 1;
        }
    }
    let digits = get(at);
    if !is_run(digits) {
        return None;
    }
    layout.hour = at as u8;
    at += 1;
    if place == Place::BehindDate && matches!(digits, 4 | 6) && get(at) != b':' {
        layout.packed = true;
    } else if digits > 5 {
        return None;
    } else {
        match get(at) {
            b':' if get(at + 1) == 2 => {
                layout.minute = at as u8 + 1;
                at += 2;
                if get(at) == b':' && get(at + 1) == 2 {
                    layout.second = at as u8 + 1;
                    at += 2;
                    if matches!(get(at), b'.' | b',' | b':') && (1..=9).contains(&get(at + 1)) {
                        layout.fraction = at as u8 + 1;
                        at += 2;
                    }
                }
            }
            b'.' if digits <= 2 && get(at + 1) == 2 => {
                layout.minute = at as u8 + 1;
                at += 2;
                if get(at) == b'.' && get(at + 1) == 2 {
                    layout.second = at as u8 + 1;
                    at += 2;
                    if get(at) == b'.' && (1..=9).contains(&get(at + 1)) {
                        layout.fraction = at as u8 + 1;
                        at += 2;
                    }
                }
                let marked = matches!(behind_blank(codes, at), code::HALF_DAY | code::O_CLOCK);
                if !marked && layout.half == NONE && place == Place::Alone {
                    return None;
                }
            }
            code::HOURS => {
                at += 1;
                if get(at) == 2 {
                    layout.minute = at as u8;
                    at += 1;
                    if matches!(get(at), code::MINUTES | code::MINUTES_OR_UNIT) {
                        at += 1;
                    }
                } else {
                    layout.bare = true;
                }
            }
            code::HOUR_SIGN => {
                at += 1;
                if is_run(get(at)) && get(at + 1) == code::MINUTE_SIGN {
                    layout.minute = at as u8;
                    at += 2;
                    if is_run(get(at)) && get(at + 1) == code::SECOND_SIGN {
                        layout.second = at as u8;
                        at += 2;
                    }
                }
            }
            _ => {
                let marked = matches!(behind_blank(codes, at), code::HALF_DAY | code::O_CLOCK);
                if digits > 2 || !marked {
                    return None;
                }
            }
        }
    }
    match behind_blank(codes, at) {
        code::HALF_DAY if layout.half == NONE => {
            at += usize::from(get(at) == b' ');
            layout.half = at as u8;
            at += 1;
        }
        code::O_CLOCK => at += 1 + usize::from(get(at) == b' '),
        code::HOURS if !layout.bare && layout.minute != NONE => at += 1 + usize::from(get(at) == b' '),
        _ => {}
    }
    Some((layout, at))
}

fn behind_blank(codes: &[u8], at: usize) -> u8 {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    if get(at) == b' ' { get(at + 1) } else { get(at) }
}

/// A cell that is nothing but a clock reading: `07:30`, `-1:30`, `1.04:30:00`, `1 day, 4:30:00`.
pub(super) fn clock(codes: &[u8]) -> Option<ClockLayout> {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let negative = get(0) == b'-';
    let mut start = usize::from(negative || get(0) == b'+');
    let mut days = NONE;
    if is_run(get(start)) && get(start) <= 4 {
        let mut at = start + 1;
        if get(at) == b'.' && get(at + 2) == b':' && get(at + 4) == b':' {
            (days, start) = (start as u8, at + 1);
        } else {
            at += usize::from(get(at) == b' ');
            if get(at) == code::DAYS {
                at += 1;
                at += usize::from(get(at) == b',');
                at += usize::from(get(at) == b' ');
                if get(at + 1) == b':' {
                    (days, start) = (start as u8, at);
                }
            }
        }
    }
    let (mut layout, end) = clock_at(codes, start, Place::Alone)?;
    layout.negative = negative;
    layout.days = days;
    (end == codes.len()).then_some(layout)
}

impl ClockLayout {
    /// Microseconds since midnight; `None` when the clock has no such reading.
    pub(super) fn time_of_day(&self, codes: &[u8], values: &[u64]) -> Option<i64> {
        if self.negative || self.days != NONE {
            return None;
        }
        let value = |at: u8| if at == NONE { 0 } else { values[at as usize] };
        let (mut hour, minute, second) = if self.packed {
            let packed = value(self.hour);
            if codes[self.hour as usize] == 4 {
                (packed / 100, packed % 100, 0)
            } else {
                (packed / 10_000, packed / 100 % 100, packed % 100)
            }
        } else {
            (value(self.hour), value(self.minute), value(self.second))
        };
        if self.half != NONE {
            // `13:30 PM` and `00:15 AM` are written by programs that append the half to 24 hours.
            if hour > 12 && value(self.half) == 0 {
                return None;
            }
            if value(self.half) == 1 && hour < 12 {
                hour += 12;
            } else if value(self.half) == 0 && hour == 12 {
                hour = 0;
            }
        }
        if minute > 59 || second > 59 || hour > 24 || (hour == 24 && (minute, second) != (0, 0)) {
            return None;
        }
        Some((hour * 3600 + minute * 60 + second) as i64 * 1_000_000 + self.fraction_micros(codes, values))
    }

    /// Microseconds of a span; hours have no limit.
    pub(super) fn span(&self, codes: &[u8], values: &[u64]) -> Option<i64> {
        let value = |at: u8| if at == NONE { 0 } else { values[at as usize] };
        let (minute, second) = (value(self.minute), value(self.second));
        if self.half != NONE || minute > 59 || second > 59 {
            return None;
        }
        let hours = value(self.days) * 24 + value(self.hour);
        let micros =
            (hours * 3600 + minute * 60 + second) as i64 * 1_000_000 + self.fraction_micros(codes, values);
        Some(if self.negative { -micros } else { micros })
    }

    /// Microseconds when the first part is minutes and the second seconds.
    pub(super) fn minutes_seconds(&self, codes: &[u8], values: &[u64]) -> Option<i64> {
        if self.second == NONE {
            self.span(codes, values).map(|micros| micros / 60)
        } else {
            self.span(codes, values)
        }
    }

    fn fraction_micros(&self, codes: &[u8], values: &[u64]) -> i64 {
        if self.fraction == NONE {
            return 0;
        }
        let digits = u32::from(codes[self.fraction as usize]);
        let value = values[self.fraction as usize];
        (if digits <= 6 { value * 10u64.pow(6 - digits) } else { value / 10u64.pow(digits - 6) }) as i64
    }
}

/// Microseconds of a span that names its units: `2h 30m`, `1d 4h`, `PT2H30M`, `90 min 15 s`, `1,5 h 10 min`.
///
/// Used on shapes too, with values of zero: whether it answers depends on the codes alone.
pub(super) fn named_span(codes: &[u8], values: &[u64]) -> Option<i64> {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let negative = get(0) == b'-';
    let mut at = usize::from(negative);
    let iso = matches!(get(at), code::P | code::PT);
    at += usize::from(iso);
    let mut micros = 0f64;
    let mut last = u8::MAX;
    let mut parts = 0;
    while at < codes.len() {
        if matches!(get(at), b' ' | b',' | code::T) {
            at += 1;
            continue;
        }
        if !is_run(get(at)) || get(at) > 9 {
            return None;
        }
        let mut value = values[at] as f64;
        at += 1;
        if matches!(get(at), b'.' | b',') && (1..=9).contains(&get(at + 1)) {
            value += values[at + 1] as f64 / 10f64.powi(i32::from(get(at + 1)));
            at += 2;
        }
        at += usize::from(get(at) == b' ');
        let (rank, seconds) = match get(at) {
            code::DAYS | code::DAY_SIGN | code::DAYS_THEN_T => (3, 86_400.0),
            code::HOURS | code::HOUR_SIGN => (2, 3600.0),
            code::MINUTES | code::MINUTE_SIGN => (1, 60.0),
            code::MINUTES_OR_UNIT if iso || last == 2 || last == 3 || rest_has_seconds(&codes[at..]) => {
                (1, 60.0)
            }
            code::SECONDS | code::SECOND_SIGN => (0, 1.0),
            _ => return None,
        };
        if rank >= last {
            return None;
        }
        last = rank;
        at += 1;
        at += usize::from(get(at) == b'.');
        // `分钟` is a minute sign and a word that says so again.
        at += usize::from(get(at) == code::UNIT && get(at - 1) == code::MINUTE_SIGN);
        micros += value * seconds * 1e6;
        parts += 1;
    }
    (parts > 0).then_some(if negative { -(micros.round() as i64) } else { micros.round() as i64 })
}

fn rest_has_seconds(codes: &[u8]) -> bool {
    codes.iter().any(|code| matches!(*code, code::SECONDS | code::SECOND_SIGN))
}

/// Whether a named span has one part only, which is as well a number with a unit: `90 min`.
pub(super) fn is_single_unit(codes: &[u8]) -> bool {
    !matches!(codes.first(), Some(&(code::P | code::PT)))
        && codes
            .iter()
            .filter(|code| {
                matches!(
                    **code,
                    code::DAYS
                        | code::DAY_SIGN
                        | code::HOURS
                        | code::HOUR_SIGN
                        | code::MINUTES
                        | code::MINUTE_SIGN
                        | code::MINUTES_OR_UNIT
                        | code::SECONDS
                        | code::SECOND_SIGN
                )
            })
            .count()
            == 1
}
