//! Columns of digits that may be dates or times.
//!
//! Digits say little by themselves: a reading is taken when nearly all rows allow it and chance would not, or when the
//! header asks for it. Otherwise the digits stay what they are, and the other reading is told.

use domain::table::ValueKind;

use super::{Case, enough};
use crate::typing::column_type::ColumnType;
use crate::typing::digits::DigitForm as F;
use crate::typing::read::{ClockReader, Meaning, MomentReader, Packed, Reader};

const DATES: [F; 11] = [
    F::Ymdhms,
    F::Ymdhm,
    F::Ymd8,
    F::Dmy8,
    F::Mdy8,
    F::YearOrdinal,
    F::CenturyYmd,
    F::Ymd6,
    F::Dmy6,
    F::Mdy6,
    F::CenturyOrdinal,
];

/// Cells that are neither zero nor a far end.
fn meant(case: &Case<'_>) -> u64 {
    let digits = &case.evidence.digits;
    digits.count - digits.zero - digits.far
}

fn mostly_digits(case: &Case<'_>) -> bool {
    case.nearly_all(case.evidence.digits.count) && meant(case) > 0
}

/// Dates without marks.
pub(super) fn dates(case: &Case<'_>) -> Option<ColumnType> {
    if !mostly_digits(case) {
        return None;
    }
    let digits = &case.evidence.digits;
    let meant = meant(case);
    let best = DATES.iter().map(|form| digits.fits(*form)).max().unwrap_or(0);
    let mut viable: Vec<F> =
        DATES.iter().copied().filter(|form| digits.fits(*form) == best && enough(best, meant)).collect();
    // `200403` is March 2004 as well as the 3rd of April 2020.
    let year_month = digits.fits(F::YearMonth) == meant;
    if viable.is_empty() {
        return by_header(case, meant);
    }
    let distinct = digits.distinct();
    let hinted = case.hints.date && !case.hints.duration;
    let named = case.hints.identifier || case.hints.amount || case.hints.duration;
    let years = (digits.most / 1000).saturating_sub(digits.least / 1000);
    let by_chance = |form: F| match form {
        F::Ymdhms | F::Ymdhm | F::Ymd8 => false,
        F::Dmy8 | F::Mdy8 => distinct < 3,
        F::YearOrdinal | F::CenturyYmd => distinct < 5,
        F::CenturyOrdinal => distinct < 20 || years < 2,
        _ => distinct < 8,
    };
    if !hinted && (named || viable.iter().all(|form| by_chance(*form))) {
        return None;
    }
    if !hinted {
        viable.retain(|form| !by_chance(*form));
    }
    let form = settle_by_column(case, &mut viable);
    let mut decided = moment_type(
        form,
        if form.has_time() && digits_have_time(form, case) { ValueKind::DateTime } else { ValueKind::Date },
    );
    decided.ambiguous =
        viable.iter().filter(|other| **other != form).map(|other| other.words().to_owned()).collect();
    let weak = !matches!(form, F::Ymdhms | F::Ymdhm | F::Ymd8 | F::Dmy8 | F::Mdy8);
    if !hinted && weak {
        decided.ambiguous.push("a number".to_owned());
        if year_month {
            decided.ambiguous.push("yyyymm".to_owned());
        }
        decided.notes.push(
            "all values are days in this notation, though the header does not speak of a date".to_owned(),
        );
    }
    let nothing = digits.zero + digits.far;
    if nothing > 0 {
        decided.notes.push(format!("{nothing} cells hold a day that means no date and are empty"));
    }
    case.note_odd(&mut decided, best + nothing);
    Some(decided)
}

/// The most likely of several notations that all cells allow: the year changes least, the day most.
fn settle_by_column(case: &Case<'_>, viable: &mut Vec<F>) -> F {
    if viable.len() > 1
        && let Some((day_first, _)) = case.settled.any_order()
    {
        let wanted: &[F] = if day_first { &[F::Dmy8, F::Dmy6] } else { &[F::Mdy8, F::Mdy6] };
        if let Some(form) = viable.iter().copied().find(|form| wanted.contains(form)) {
            return form;
        }
    }
    // Years of two digits: exports cover a few years and all days of the month.
    let pairs = case.evidence.digits.pairs.map(u128::count_ones);
    let year_and_day = |form: F| match form {
        F::Ymd6 => Some((pairs[0], pairs[2])),
        F::Dmy6 => Some((pairs[2], pairs[0])),
        F::Mdy6 => Some((pairs[2], pairs[1])),
        _ => None,
    };
    let best = viable
        .iter()
        .copied()
        .filter_map(|form| year_and_day(form).map(|(year, day)| (i64::from(year) - i64::from(day), form)))
        .min();
    let Some((_, form)) = best else { return viable[0] };
    if year_and_day(viable[0]).is_none() {
        return viable[0];
    }
    if let Some((year, day)) = year_and_day(form)
        && year <= 3
        && day >= 8
        && day >= 3 * year
    {
        let year_first = form == F::Ymd6;
        viable.retain(|other| year_and_day(*other).is_some() && (*other == F::Ymd6) == year_first);
    }
    form
}

fn digits_have_time(form: F, case: &Case<'_>) -> bool {
    let digits = &case.evidence.digits;
    let part = match form {
        F::Ymdhms => 1_000_000,
        F::Ymdhm => 10_000,
        _ => return true,
    };
    !digits.least.is_multiple_of(part) || !digits.most.is_multiple_of(part)
}

fn moment_type(form: F, kind: ValueKind) -> ColumnType {
    let reader = MomentReader { digits: Some(form), ..MomentReader::default() };
    let mut decided = ColumnType::new(kind, Reader::Moment(reader));
    decided.format = Some(form.words().to_owned());
    decided
}

/// Counts of days, seconds or milliseconds, which look like any number.
fn by_header(case: &Case<'_>, meant: u64) -> Option<ColumnType> {
    let digits = &case.evidence.digits;
    // `Start` and `End` may hold days as well as hours.
    let spoken = case.hints.date || case.hints.time_of_day;
    if !spoken || case.hints.duration || case.hints.amount {
        return None;
    }
    // Without the word date, a serial has to be a day of these decades, and no count of seconds.
    let these_decades = (36_526..=54_788).contains(&digits.least) && digits.most <= 54_788;
    let fits = |form: F| {
        let serial = case.hints.date || (these_decades && !case.hints.time);
        enough(digits.fits(form), meant) && (serial || form != F::Serial)
    };
    let form = [F::Serial, F::UnixMillis, F::UnixSeconds].into_iter().find(|form| fits(*form))?;
    let mut decided = moment_type(form, if form.has_time() { ValueKind::DateTime } else { ValueKind::Date });
    decided.settled_by =
        Some("the header speaks of a date, and all values are days of this century".to_owned());
    if case.hints.identifier || !case.hints.date {
        decided.ambiguous.push("a number".to_owned());
    }
    case.note_odd(&mut decided, digits.fits(form) + digits.zero + digits.far);
    Some(decided)
}

/// Times of day without marks.
pub(super) fn times(case: &Case<'_>) -> Option<ColumnType> {
    if !mostly_digits(case) {
        return None;
    }
    let digits = &case.evidence.digits;
    let all = digits.count - digits.far;
    let fits = |form: F| digits.fits(form) + digits.zero;
    let distinct = digits.distinct();
    let padded = digits.leading_zero > 0 && digits.width().is_some();
    let short = digits.most <= 2359;
    let mut decided = ColumnType::new(ValueKind::TimeOfDay, Reader::Text);
    // `From` and `End` alone say little: `from` may be a place.
    let hinted = case.hints.time_of_day
        && !case.hints.amount
        && (case.hints.time || padded || (distinct >= 8 && digits.most >= 100));
    let form = if hinted {
        let candidates: Vec<F> = if digits.most < 100 && !padded {
            return None;
        } else if short {
            vec![F::Hm, F::DaySeconds]
        } else {
            vec![F::Hms, F::DaySeconds]
        };
        let mut viable =
            candidates.into_iter().filter(|form| enough(fits(*form), all) && digits.most < 250_000);
        let form = viable.next()?;
        let proven = padded || distinct >= 8 || digits.most > 86_399;
        if !proven {
            decided.ambiguous.extend(viable.map(|other| other.words().to_owned()));
        }
        if case.hints.identifier && !padded {
            decided.ambiguous.push("a number".to_owned());
        }
        form
    } else {
        // Codes of two or three pairs of digits are rarely all below 60, but they may be.
        let spread = distinct >= 10 && !case.hints.identifier && !case.hints.amount && !case.hints.duration;
        let timed = case.hints.time && padded && !case.hints.identifier && !case.hints.duration;
        if timed && digits.width() == Some(4) && fits(F::Hm) == all && digits.most >= 100 {
            if distinct < 10 {
                decided.ambiguous.push("a code with leading zeros".to_owned());
            }
            F::Hm
        } else if padded && digits.width() == Some(6) && (spread || timed) && fits(F::Hms) == all {
            decided.ambiguous.push("a code with leading zeros".to_owned());
            F::Hms
        } else if case.hints.time && spread && digits.most > 9_999 && fits(F::Hms) == all {
            decided.ambiguous.push("a number".to_owned());
            F::Hms
        } else {
            return None;
        }
    };
    decided.format = Some(form.words().to_owned());
    decided.reader = Reader::Clock(ClockReader { meaning: Meaning::TimeOfDay, packed: Packed::Digits(form) });
    case.note_odd(&mut decided, fits(form));
    Some(decided)
}

/// Tells what else whole numbers could be.
pub(super) fn describe_numbers(case: &Case<'_>, decided: &mut ColumnType) {
    let digits = &case.evidence.digits;
    let meant = meant(case);
    if !mostly_digits(case) {
        return;
    }
    let all = |form: F| enough(digits.fits(form), meant);
    if case.hints.period && all(F::YearMonth) {
        decided.format = Some(format!("period: {}", F::YearMonth.words()));
        return;
    }
    let distinct = digits.distinct();
    let mut tell = |form: F| decided.ambiguous.push(form.words().to_owned());
    if case.hints.identifier {
        // Numbers that name things are seldom dates, but `20240312` is told even so.
        if all(F::Ymd8) {
            tell(F::Ymd8);
        }
        return;
    }
    if case.hints.amount || case.hints.duration {
        return;
    }
    if (36_526..=54_788).contains(&digits.least) && digits.most <= 54_788 && all(F::Serial) {
        tell(F::Serial);
    }
    for form in [F::UnixMillis, F::UnixSeconds, F::YearMonth] {
        if all(form) && digits.least >= 190_000 {
            tell(form);
        }
    }
    for form in [F::CenturyOrdinal, F::CenturyYmd, F::Ymd6, F::Dmy6, F::Mdy6, F::YearOrdinal] {
        let likely = form != F::CenturyOrdinal || (100_001..=149_366).contains(&digits.least);
        if all(form) && likely && (distinct >= 3 || digits.count <= 3) {
            tell(form);
        }
    }
    // Clock times without marks: chance seldom leaves so many numbers without a minute above 59.
    if !case.hints.time && digits.most > 9_999 && digits.most < 240_000 && distinct >= 5 && all(F::Hms) {
        tell(F::Hms);
    }
    if !case.hints.time
        && (100..2_400).contains(&digits.most)
        && distinct >= 15
        && all(F::Hm)
        && (!digits.least.is_multiple_of(50) || !digits.most.is_multiple_of(50))
    {
        tell(F::Hm);
    }
    if case.hints.time && distinct >= 3 {
        for form in [F::Hm, F::Hms, F::DaySeconds] {
            if all(form) && digits.most >= 100 {
                tell(form);
            }
        }
    }
    if digits.max == 1 && digits.zero > 0 && digits.width() == Some(1) {
        decided.notes.push("only 0 and 1 occur: they may be no and yes".to_owned());
    }
}

/// States the format of codes with leading zeros, and what else they could be.
pub(super) fn describe_codes(case: &Case<'_>, decided: &mut ColumnType) {
    let digits = &case.evidence.digits;
    if digits.count == 0 || !case.nearly_all(digits.count) {
        return;
    }
    if digits.too_long() > 0 {
        decided.format = Some("digits, too many for a number".to_owned());
        return;
    }
    if digits.leading_zero == 0 {
        return;
    }
    let Some(width) = digits.width() else {
        decided.format = Some("digits with leading zeros".to_owned());
        return;
    };
    decided.format = Some(format!("{width} digits with leading zeros"));
    let meant = meant(case);
    let distinct = digits.distinct();
    // Amounts of a fixed width differ in magnitude; numbers that name things are counted up and do not.
    let magnitudes = digits.most >= digits.least.saturating_mul(100);
    if width >= 6 && !case.hints.identifier && (case.hints.amount || magnitudes) {
        decided.ambiguous.push("a number of fixed width, perhaps with implied decimals".to_owned());
    }
    if case.hints.identifier || distinct < 3 {
        return;
    }
    for (form, wanted) in [(F::Hms, 6), (F::Hm, 4), (F::Ymd6, 6), (F::Dmy6, 6), (F::Mdy6, 6)] {
        if width == wanted
            && digits.fits(form) == meant
            && (distinct >= if wanted == 6 { 4 } else { 8 } || case.hints.time || case.hints.date)
        {
            decided.ambiguous.push(form.words().to_owned());
        }
    }
}
