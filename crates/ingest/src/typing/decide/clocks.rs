//! Columns of times of day and of durations.

use domain::table::ValueKind;

use super::{Case, digit_forms};
use crate::typing::clock::{NONE, is_single_unit};
use crate::typing::column_type::ColumnType;
use crate::typing::number::{DecimalMark, Marks};
use crate::typing::read::{ClockReader, Meaning, Packed, Reader};
use crate::typing::shapes::ShapeEvidence;
use crate::typing::words::code;

pub(super) fn decide(case: &Case<'_>) -> Option<ColumnType> {
    named_spans(case).or_else(|| clocks(case)).or_else(|| digit_forms::times(case)).or_else(|| numbers(case))
}

/// `2h 30m`, `PT2H30M`, and columns that mix `90 min` with `2 h`.
fn named_spans(case: &Case<'_>) -> Option<ColumnType> {
    let shapes: Vec<&ShapeEvidence> = case.evidence.shapes.iter().filter(|shape| shape.roles.span).collect();
    let count: u64 = shapes.iter().map(|shape| shape.count).sum();
    let clocked: u64 = case
        .evidence
        .shapes
        .iter()
        .filter(|shape| !shape.roles.span && shape.roles.clock.is_some())
        .map(|shape| shape.count)
        .sum();
    let single = shapes.iter().all(|shape| is_single_unit(shape.codes()));
    let mut units: Vec<u8> = shapes
        .iter()
        .filter_map(|shape| shape.codes().iter().rev().find(|piece| **piece >= code::FIRST_WORD).copied())
        .collect();
    units.sort_unstable();
    units.dedup();
    // One unit throughout is a number with that unit; `7h30` is a clock reading.
    if count == 0
        || (single && (units.len() == 1 || clocked > 0))
        || only_hours_and_minutes(&shapes) && clocked + count == case.filled && case.hints.time_of_day
    {
        return None;
    }
    let explained = count + clocked + case.evidence.digits.zero;
    if !case.nearly_all(explained) {
        return None;
    }
    let mut decided = ColumnType::new(
        ValueKind::Duration,
        Reader::Clock(ClockReader { meaning: Meaning::Duration, packed: Packed::None }),
    );
    let iso = shapes.iter().any(|shape| matches!(shape.shape[0], code::P | code::PT));
    decided.format = Some(if iso {
        "ISO 8601 duration".to_owned()
    } else {
        "spans with their units, such as 2h 30m".to_owned()
    });
    case.note_odd(&mut decided, explained);
    Some(decided)
}

/// All are `7h30`, which is a time of day as easily as a span.
fn only_hours_and_minutes(shapes: &[&ShapeEvidence]) -> bool {
    shapes.iter().all(|shape| shape.roles.clock.is_some())
}

/// `07:30`, `006:19`, `7.30 AM`, `7h30`.
fn clocks(case: &Case<'_>) -> Option<ColumnType> {
    let shapes: Vec<&ShapeEvidence> =
        case.evidence.shapes.iter().filter(|shape| shape.roles.clock.is_some()).collect();
    let count: u64 = shapes.iter().map(|shape| shape.count).sum();
    let bare = shapes.iter().all(|shape| shape.roles.clock.is_some_and(|clock| clock.bare));
    if count == 0 || (bare && !case.hints.time_of_day) {
        return None;
    }
    let zero = case.evidence.digits.zero;
    let explained = count + zero;
    if !case.nearly_all(explained) {
        return None;
    }
    let seen = Seen::of(&shapes);
    let (meaning, mut ambiguous, settled_by) = meaning(case, &seen);
    if meaning == Meaning::Duration
        && seen.colon_pairs
        && (case.hints.minutes_seconds || minutes_likely(&seen))
    {
        ambiguous.push("mm:ss".to_owned());
    }
    let kind = if meaning == Meaning::TimeOfDay { ValueKind::TimeOfDay } else { ValueKind::Duration };
    let packed = if zero > 0 && meaning == Meaning::TimeOfDay {
        Packed::Digits(crate::typing::digits::DigitForm::Hm)
    } else {
        Packed::None
    };
    let mut decided = ColumnType::new(kind, Reader::Clock(ClockReader { meaning, packed }));
    decided.format = Some(seen.format(meaning));
    decided.ambiguous = ambiguous;
    decided.settled_by = settled_by;
    case.note_odd(&mut decided, explained);
    Some(decided)
}

/// What the clock readings of a column show.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations, each asked for by its name")]
struct Seen {
    count: u64,
    hour_max: u64,
    /// Cells at 25 hours or more.
    beyond: u64,
    /// Cells below one hour.
    below_one: u64,
    wide: bool,
    seconds: bool,
    twelve: bool,
    negative: bool,
    days: bool,
    marked: u8,
    /// All are two numbers with a colon.
    colon_pairs: bool,
    spread_of_hours: u128,
    o_clock: bool,
    fraction: bool,
    padded: bool,
}

impl Seen {
    fn of(shapes: &[&ShapeEvidence]) -> Self {
        let mut seen = Self { colon_pairs: true, padded: true, ..Self::default() };
        for shape in shapes {
            let Some(clock) = shape.roles.clock else { continue };
            let hours = shape.at(clock.hour);
            seen.count += shape.count;
            seen.hour_max = seen.hour_max.max(hours.max);
            let width = shape.shape[clock.hour as usize];
            let above =
                if width <= 2 { hours.bands[4] + hours.bands[5] + hours.bands[3] } else { shape.count };
            // Midnight may be written 24:00.
            let midnight = hours.max == 24 && clock.minute != NONE && shape.at(clock.minute).max == 0;
            seen.beyond += if midnight { 0 } else { above };
            seen.below_one += hours.bands[0];
            seen.wide |= width > 2;
            seen.padded &= width == 2;
            seen.seconds |= clock.second != NONE;
            seen.fraction |= clock.fraction != NONE;
            seen.twelve |= clock.half != NONE;
            seen.negative |= clock.negative;
            seen.days |= clock.days != NONE;
            seen.spread_of_hours |= hours.seen;
            seen.o_clock |= shape.codes().contains(&code::O_CLOCK);
            let mark = shape.shape[clock.hour as usize + 1];
            seen.marked = seen.marked.max(mark);
            seen.colon_pairs &= mark == b':' && clock.second == NONE && clock.minute != NONE;
        }
        seen
    }

    fn format(&self, meaning: Meaning) -> String {
        let mark = match self.marked {
            b'.' => ".",
            code::HOURS => "h",
            code::HOUR_SIGN => "时",
            _ => ":",
        };
        let hours = if self.wide {
            "HHH"
        } else if self.padded {
            "HH"
        } else {
            "H"
        };
        let mut text = match meaning {
            Meaning::MinutesSeconds => "mm:ss".to_owned(),
            _ => format!("{hours}{mark}MM"),
        };
        if self.seconds {
            text.push_str(mark);
            text.push_str("SS");
        }
        if self.fraction {
            text.push_str(".fff");
        }
        if self.twelve {
            text.push_str(" AM/PM");
        }
        if self.o_clock {
            text.push_str(" Uhr");
        }
        if self.days {
            text.insert_str(0, "d.");
        }
        if meaning == Meaning::Duration {
            text.push_str(" (hours)");
        }
        text
    }
}

fn minutes_likely(seen: &Seen) -> bool {
    !seen.wide && seen.hour_max >= 24 && seen.hour_max <= 59
}

/// Time of day or duration, other readings, and what decided.
fn meaning(case: &Case<'_>, seen: &Seen) -> (Meaning, Vec<String>, Option<String>) {
    let hints = case.hints;
    if hints.minutes_seconds && seen.colon_pairs && !seen.wide {
        return (
            Meaning::MinutesSeconds,
            vec!["HH:MM".to_owned()],
            Some("the header speaks of minutes and seconds".to_owned()),
        );
    }
    if seen.twelve || seen.o_clock {
        return (Meaning::TimeOfDay, Vec::new(), None);
    }
    let slip = seen.beyond * 50 <= seen.count && hints.time_of_day && !hints.duration;
    if seen.wide || seen.negative || seen.days || (seen.beyond > 0 && !slip) {
        return (Meaning::Duration, Vec::new(), None);
    }
    let by_header = || Some("the header".to_owned());
    if hints.time_of_day && !hints.duration {
        return (Meaning::TimeOfDay, Vec::new(), by_header());
    }
    if hints.duration && !hints.time_of_day {
        return (Meaning::Duration, Vec::new(), by_header());
    }
    // Shifts spread over the day; spans crowd near zero.
    let spread = seen.spread_of_hours.count_ones();
    if seen.hour_max < 12 && seen.below_one > 0 {
        return (
            Meaning::Duration,
            vec!["a time of day".to_owned()],
            Some("some values lie below one hour and none after noon".to_owned()),
        );
    }
    let reason = (spread >= 6 && seen.hour_max >= 13)
        .then(|| "the values spread over the day and none reaches 24 hours".to_owned());
    (Meaning::TimeOfDay, vec!["a duration".to_owned()], reason)
}

/// Decimal hours of the day (`13.50`) and fractions of the day (`0.3125`), under a header that speaks of a time of day.
fn numbers(case: &Case<'_>) -> Option<ColumnType> {
    let evidence = case.evidence;
    if !case.hints.time_of_day || case.hints.amount {
        return None;
    }
    let mut decimal = DecimalMark::None;
    let mut count = 0;
    let mut whole_max = 0;
    let mut minutes = true;
    let mut quarters = true;
    let mut fractions_seen = 0u128;
    for shape in evidence.shapes.iter() {
        let layout = shape.roles.number?;
        let mark = match layout.marks {
            Marks::Decimal(mark) | Marks::Either(mark) if shape.len == 3 => mark,
            _ => return None,
        };
        let mark = if mark == b'.' { DecimalMark::Point } else { DecimalMark::Comma };
        if decimal != DecimalMark::None && decimal != mark {
            return None;
        }
        decimal = mark;
        count += shape.count;
        whole_max = whole_max.max(shape.at(0).max);
        let fraction = shape.at(2);
        minutes &= shape.shape[2] == 2 && fraction.max < 60;
        quarters &= shape.shape[2] <= 2 && fraction.seen & !(1 | 1 << 5 | 1 << 25 | 1 << 50 | 1 << 75) == 0;
        fractions_seen |= fraction.seen;
    }
    let whole = &evidence.digits;
    if count == 0
        || !case.nearly_all(count + whole.count)
        || (whole.count > 0 && (whole.max > 24 || whole.leading_zero > 0))
    {
        return None;
    }
    whole_max = whole_max.max(if whole.count > 0 { whole.max } else { 0 });
    let mut decided = ColumnType::new(ValueKind::TimeOfDay, Reader::Text);
    decided.settled_by = Some("the header speaks of a time of day".to_owned());
    let packed = if whole_max == 0
        || (whole_max == 1
            && whole.max == 1
            && whole.count > 0
            && evidence.shapes.iter().all(|shape| shape.at(0).max == 0))
    {
        decided.format = Some("fraction of the day".to_owned());
        decided.ambiguous.push("decimal hours".to_owned());
        Packed::DayFraction(decimal)
    } else if whole_max > 24 {
        return None;
    } else if minutes && !quarters && fractions_seen.count_ones() >= 8 {
        decided.format = Some("HH.MM".to_owned());
        decided.ambiguous.push("decimal hours".to_owned());
        Packed::HoursPointMinutes
    } else {
        decided.format = Some("decimal hour of the day".to_owned());
        decided.ambiguous.push(if minutes && !quarters {
            "HH.MM".to_owned()
        } else {
            "a number of hours".to_owned()
        });
        Packed::DecimalHours(decimal)
    };
    decided.reader = Reader::Clock(ClockReader { meaning: Meaning::TimeOfDay, packed });
    case.note_odd(&mut decided, count + whole.count);
    Some(decided)
}
