//! Days and moments: every order and separator, month names, ISO, Chinese, .NET.

use super::calendar;
use super::clock::{ClockLayout, Place, clock_at};
use super::token::is_run;
use super::words::code;

/// The order of day, month and year where the pieces alone do not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
    YearDayMonth,
    /// The column mixes orders: only cells that have one reading are read.
    Each,
}

impl Order {
    pub(super) fn is_day_first(self) -> Option<bool> {
        match self {
            Self::DayMonthYear => Some(true),
            Self::MonthDayYear => Some(false),
            _ => None,
        }
    }

    /// The values of year, month and day from the three numbers as they stand.
    fn arrange(self, [a, b, c]: [u64; 3]) -> (u64, u64, u64) {
        match self {
            Self::DayMonthYear | Self::Each => (c, b, a),
            Self::MonthDayYear => (c, a, b),
            Self::YearMonthDay => (a, b, c),
            Self::YearDayMonth => (a, c, b),
        }
    }
}

/// Where the year stands among three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Year {
    First,
    Last,
    /// Three numbers of at most two digits.
    Unknown,
    /// A month name, signs or a fixed notation say what is what.
    Said,
}

/// Dates that share the question of their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Family {
    pub(super) year: Year,
    /// The mark between the numbers; zero where the order is said.
    pub(super) mark: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    None,
    Utc,
    Offset,
}

/// Where the parts of a moment stand among the pieces of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MomentLayout {
    pub(super) family: Family,
    /// The three numbers as they stand; of [`Year::Said`]: year, month, day.
    pub(super) parts: [u8; 3],
    pub(super) clock: Option<ClockLayout>,
    pub(super) zone: Zone,
    pub(super) special: Special,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    No,
    /// `20240312 0730`
    Compact,
    /// `/Date(1710230400000)/`
    Net,
}

const SAID: Family = Family { year: Year::Said, mark: 0 };

/// The layout of a cell that is a day or moment by its pieces.
pub(super) fn moment(codes: &[u8]) -> Option<MomentLayout> {
    if codes.len() < 3 {
        return None;
    }
    if let Some(net) = net_date(codes) {
        return Some(net);
    }
    // `Mar 12 2024` before `mar. 12 mars 2024`: a month where that gives a day, a Tuesday otherwise.
    let as_month = if codes[0] == code::MONTH_OR_WEEKDAY { moment_from(codes, 0) } else { None };
    as_month.or_else(|| moment_from(codes, behind_weekday(codes)))
}

fn moment_from(codes: &[u8], start: usize) -> Option<MomentLayout> {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let (mut layout, mut at) = compact(codes, start)
        .or_else(|| chinese(codes, start))
        .or_else(|| numbers(codes, start))
        .or_else(|| named(codes, start))?;
    if get(at) == b'.' && at + 1 == codes.len() {
        at += 1;
    }
    at = behind_weekday_at(codes, at);
    if at < codes.len() {
        let mut time = at;
        let mut joined = false;
        while matches!(
            get(time),
            b'/' | b' ' | b',' | b'-' | b':' | b'_' | b'.' | code::T | code::OF | code::ORDINAL
        ) {
            joined = true;
            time += 1;
        }
        // Chinese dates need no blank before the half of the day or the hour.
        let chinese_half = layout.family == SAID && get(at) == code::HALF_DAY;
        if !joined && !chinese_half {
            return None;
        }
        let (clock, end) = clock_at(codes, time, Place::BehindDate)?;
        layout.clock = Some(clock);
        (layout.zone, at) = zone(codes, end)?;
        at = behind_weekday_at(codes, at);
    } else if layout.special == Special::Compact {
        return None;
    }
    (at == codes.len()).then_some(layout)
}

fn layout(family: Family, parts: [usize; 3]) -> MomentLayout {
    MomentLayout {
        family,
        parts: parts.map(|part| part as u8),
        clock: None,
        zone: Zone::None,
        special: Special::No,
    }
}

/// Behind `Tue,`, `Mo.`, `segunda-feira,` at the start.
fn behind_weekday(codes: &[u8]) -> usize {
    let has_month = |from: usize| {
        codes
            .iter()
            .skip(from)
            .any(|code| matches!(*code, code::MONTH | code::MONTH_OR_WEEKDAY | code::MONTH_SIGN))
            || codes.iter().skip(from).filter(|code| is_run(**code)).count() >= 3
    };
    let mut at = 0;
    while let Some(code) = codes.get(at) {
        match *code {
            code::WEEKDAY | code::WEEKDAY_OR_CURRENCY => at += 1,
            code::MONTH_OR_WEEKDAY
                if has_month(at + 1) && !matches!(codes.get(at + 1), Some(b'-' | b'/')) =>
            {
                at += 1;
            }
            b' ' | b'.' | b',' | b'-' | code::OF if at > 0 => at += 1,
            _ => break,
        }
    }
    at
}

/// Behind ` (Tue)` or ` Tue`.
fn behind_weekday_at(codes: &[u8], start: usize) -> usize {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let mut at = start + usize::from(get(start) == b' ');
    let open = get(at) == b'(';
    at += usize::from(open);
    let single_sign = open && matches!(get(at), code::MONTH_SIGN | code::DAY_SIGN);
    if !single_sign && !matches!(get(at), code::WEEKDAY | code::WEEKDAY_OR_CURRENCY | code::MONTH_OR_WEEKDAY)
    {
        return start;
    }
    at += 1;
    at += usize::from(get(at) == b'.');
    at + usize::from(open && get(at) == b')')
}

fn compact(codes: &[u8], start: usize) -> Option<(MomentLayout, usize)> {
    if codes.get(start) != Some(&8) {
        return None;
    }
    let mut found = layout(SAID, [start, start, start]);
    found.special = Special::Compact;
    Some((found, start + 1))
}

fn chinese(codes: &[u8], start: usize) -> Option<(MomentLayout, usize)> {
    let pieces: Vec<usize> = (start..codes.len()).filter(|at| codes[*at] != b' ').take(6).collect();
    let code = |nth: usize| pieces.get(nth).map_or(0, |at| codes[*at]);
    let fits = matches!(code(0), 2 | 4)
        && code(1) == code::YEAR_SIGN
        && matches!(code(2), 1 | 2)
        && code(3) == code::MONTH_SIGN
        && matches!(code(4), 1 | 2)
        && code(5) == code::DAY_SIGN;
    fits.then(|| (layout(SAID, [pieces[0], pieces[2], pieces[4]]), pieces[5] + 1))
}

fn numbers(codes: &[u8], start: usize) -> Option<(MomentLayout, usize)> {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let mark = get(start + 1);
    if !matches!(mark, b'/' | b'.' | b'-' | b' ' | b'_' | b'\\' | b'\'') {
        return None;
    }
    let mut parts = [start, 0, 0];
    let mut at = start + 1;
    for part in &mut parts[1..] {
        if get(at) != mark {
            return None;
        }
        at += 1;
        // `12. 03. 2024`
        at += usize::from(mark != b' ' && get(at) == b' ');
        *part = at;
        at += 1;
    }
    let lengths = parts.map(get);
    let year = match lengths {
        [4, 1 | 2, 1 | 2] => Year::First,
        [1 | 2, 1 | 2, 4] => Year::Last,
        [1 | 2, 1 | 2, 2] | [2, 1 | 2, 1] => Year::Unknown,
        _ => return None,
    };
    Some((layout(Family { year, mark }, parts), at))
}

fn named(codes: &[u8], start: usize) -> Option<(MomentLayout, usize)> {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let is_month = |code: u8| matches!(code, code::MONTH | code::MONTH_OR_WEEKDAY);
    let skip = |mut at: usize| {
        while matches!(
            get(at),
            b' ' | b'-'
                | b'/'
                | b'.'
                | b','
                | b'\''
                | b'_'
                | code::OF
                | code::ORDINAL
                | code::ORDINAL_OR_UNIT
        ) {
            at += 1;
        }
        at
    };
    let second = skip(start + 1);
    if is_month(get(start)) {
        let third = skip(second + 1);
        let fits = matches!(get(second), 1 | 2) && matches!(get(third), 2 | 4) && third > second + 1;
        return fits.then(|| (layout(SAID, [third, start, second]), third + 1));
    }
    if !is_month(get(second)) && get(second) != code::ROMAN_MONTH {
        return None;
    }
    let third = skip(second + 1);
    // `10 x 20` is a size: a Roman month stands between points.
    if get(second) == code::ROMAN_MONTH
        && !(get(second - 1) == b'.' && get(second + 1) == b'.' && get(third) == 4)
    {
        return None;
    }
    match (get(start), get(third)) {
        (1 | 2, 2 | 4) => Some((layout(SAID, [third, second, start]), third + 1)),
        (4, 1 | 2) => Some((layout(SAID, [start, second, third]), third + 1)),
        _ => None,
    }
}

fn net_date(codes: &[u8]) -> Option<MomentLayout> {
    let inner: Vec<usize> = (0..codes.len()).filter(|at| codes[*at] != b'\\').collect();
    let code = |nth: usize| inner.get(nth).map_or(0, |at| codes[*at]);
    if code(0) != b'/' || code(1) != code::NET_DATE || code(2) != b'(' {
        return None;
    }
    let negative = code(3) == b'-';
    let number = 3 + usize::from(negative);
    if !is_run(code(number)) || code(number) > 16 {
        return None;
    }
    let mut end = number + 1;
    if matches!(code(end), b'+' | b'-') && code(end + 1) == 4 {
        end += 2;
    }
    if code(end) != b')' || code(end + 1) != b'/' || inner.len() != end + 2 {
        return None;
    }
    let mut found = layout(SAID, [inner[number], usize::from(negative), 0]);
    found.special = Special::Net;
    found.zone = Zone::Utc;
    Some(found)
}

fn zone(codes: &[u8], start: usize) -> Option<(Zone, usize)> {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let mut at = start;
    if get(at) == b' ' && matches!(get(at + 1), b'+' | b'-' | code::ZONE) {
        at += 1;
    }
    let mut zone = Zone::None;
    if get(at) == code::ZONE {
        zone = Zone::Utc;
        at += 1;
    }
    if matches!(get(at), b'+' | b'-') {
        zone = Zone::Offset;
        at += 1;
        match get(at) {
            4 => at += 1,
            1 | 2 => {
                at += 1;
                if get(at) == b':' && get(at + 1) == 2 {
                    at += 2;
                }
            }
            _ => return None,
        }
    }
    Some((zone, at))
}

/// Why a cell of a date's shape is no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoMoment {
    NoSuchDay,
    NoSuchTime,
    EitherWay,
}

impl MomentLayout {
    /// Microseconds since 1970-01-01 00:00, on the clock that the cell was written by.
    pub(super) fn read(&self, codes: &[u8], values: &[u64], order: Order) -> Result<i64, NoMoment> {
        if self.special == Special::Net {
            let millis = i64::try_from(values[self.parts[0] as usize]).map_err(|_| NoMoment::NoSuchDay)?;
            let millis = if self.parts[1] == 1 { -millis } else { millis };
            return millis.checked_mul(1000).filter(|micros| in_range(*micros)).ok_or(NoMoment::NoSuchDay);
        }
        let day = self.day(codes, values, order)?;
        let time = match &self.clock {
            None => 0,
            Some(clock) => clock.time_of_day(codes, values).ok_or(NoMoment::NoSuchTime)?,
        };
        Ok(day * calendar::MICROS_PER_DAY + time)
    }

    fn day(&self, codes: &[u8], values: &[u64], order: Order) -> Result<i64, NoMoment> {
        let (year, month, day) = self.year_month_day(codes, values, order)?;
        if calendar::exists(year, month, day) {
            Ok(calendar::days(year, month, day))
        } else {
            Err(NoMoment::NoSuchDay)
        }
    }

    /// Year, month and day as written, which the calendar may not have.
    pub(super) fn year_month_day(
        &self,
        codes: &[u8],
        values: &[u64],
        order: Order,
    ) -> Result<(i64, u64, u64), NoMoment> {
        let numbers = self.parts.map(|part| values[part as usize]);
        if self.special == Special::Compact {
            let packed = numbers[0];
            return Ok(((packed / 10_000) as i64, packed / 100 % 100, packed % 100));
        }
        let order = match self.family.year {
            Year::Said => Order::YearMonthDay,
            Year::First if order.is_day_first().is_some() => Order::YearMonthDay,
            Year::Last if order == Order::Each => Self::only_order(numbers)?,
            Year::Unknown if order == Order::Each => return Err(NoMoment::EitherWay),
            _ => order,
        };
        let (year, month, day) = order.arrange(numbers);
        let year_part = match order {
            Order::YearMonthDay | Order::YearDayMonth => self.parts[0],
            _ => self.parts[2],
        };
        let year = if codes[year_part as usize] <= 2 { calendar::full_year(year) } else { year as i64 };
        Ok((year, month, day))
    }

    fn only_order([a, b, _]: [u64; 3]) -> Result<Order, NoMoment> {
        match (a > 12, b > 12) {
            (true, false) => Ok(Order::DayMonthYear),
            (false, true) => Ok(Order::MonthDayYear),
            (true, true) => Err(NoMoment::NoSuchDay),
            (false, false) if a == b => Ok(Order::DayMonthYear),
            (false, false) => Err(NoMoment::EitherWay),
        }
    }
}

pub(super) fn in_range(micros: i64) -> bool {
    let day = micros.div_euclid(calendar::MICROS_PER_DAY);
    day >= calendar::days(1, 1, 1) && day <= calendar::days(9999, 12, 31)
}

/// The shape of a period, which names no day: `03/2024`, `2024-W12`, `Mar-24`, `Q1 2024`.
pub(super) fn is_period(codes: &[u8]) -> bool {
    let mut kinds = codes.iter().copied().filter(|code| !matches!(code, b' ' | b'.' | b'/' | b'-' | b'\''));
    let kinds = [(); 4].map(|()| kinds.next().unwrap_or(0));
    let year = |code: u8| code == 4;
    match kinds {
        [1 | 2, second, 0, 0] if year(second) => {
            matches!(codes.get(1), Some(b'/' | b'-')) && codes.len() == 3
        }
        [first, 1 | 2, 0, 0] if year(first) => matches!(codes.get(1), Some(b'/' | b'-')) && codes.len() == 3,
        [code::WEEK | code::QUARTER, 1 | 2, 2 | 4, 0]
        | [2 | 4, code::WEEK | code::QUARTER, 1 | 2, 0]
        | [1 | 2, code::WEEK | code::QUARTER, 2 | 4, 0]
        | [code::MONTH | code::MONTH_OR_WEEKDAY, 2 | 4, 0, 0]
        | [4, code::MONTH | code::MONTH_OR_WEEKDAY, 0, 0] => true,
        _ => false,
    }
}
