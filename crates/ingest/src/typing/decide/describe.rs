//! Notations in words that a person can check against the file.

use std::collections::BTreeMap;

use super::Case;
use super::orders::OrderFound;
use crate::typing::clock::NONE;
use crate::typing::column_type::ColumnType;
use crate::typing::digits::DigitForm;
use crate::typing::moment::{Family, MomentLayout, Order, Special, Year};
use crate::typing::shapes::ShapeEvidence;
use crate::typing::token::is_run;
use crate::typing::words::code;

/// States format, alternatives and mixtures of a column of days and moments.
pub(super) fn moments(
    case: &Case<'_>,
    decided: &mut ColumnType,
    families: &BTreeMap<Family, Vec<&ShapeEvidence>>,
    found: &[(Family, OrderFound, u64)],
    digits: Option<(DigitForm, u64)>,
) {
    let mut by_count: Vec<_> = found.iter().filter(|(_, _, count)| *count > 0).collect();
    by_count.sort_by_key(|(family, _, count)| (std::cmp::Reverse(*count), *family));
    let mut written: Vec<(String, u64)> = Vec::new();
    for (family, order, count) in by_count {
        let shapes = &families[family];
        if shapes.iter().all(|shape| shape.no_date == shape.count) && !written.is_empty() {
            continue;
        }
        match order.mixed {
            None => written.push((pattern(shapes, order.order), *count)),
            Some((day_first, month_first)) => {
                written.push((pattern(shapes, Order::DayMonthYear), day_first));
                written.push((pattern(shapes, Order::MonthDayYear), month_first));
                decided.ambiguous.push(format!(
                    "day and month are mixed: {day_first} cells are surely day first, {month_first} surely month first; cells that allow both are not read"
                ));
            }
        }
        for other in &order.open {
            decided.ambiguous.push(pattern(shapes, *other));
        }
    }
    if let Some((form, count)) = digits {
        written.push((form.words().to_owned(), count));
    }
    let bulk: Vec<_> = written.iter().filter(|(_, count)| *count > 2 && *count * 50 >= case.filled).collect();
    if bulk.len() > 1 {
        let counted: Vec<String> =
            bulk.iter().map(|(pattern, count)| format!("{pattern} in {count} cells")).collect();
        decided.notes.push(format!("mixed notations: {}", counted.join(", ")));
        let patterns: Vec<&str> = bulk.iter().map(|(pattern, _)| pattern.as_str()).collect();
        decided.format = Some(patterns.join(" and "));
    } else {
        decided.format = written.first().map(|(pattern, _)| pattern.clone());
    }
}

/// The notation of a family by its most frequent shape; single letters where some cells drop a leading zero.
fn pattern(shapes: &[&ShapeEvidence], order: Order) -> String {
    let Some(main) =
        shapes.iter().max_by_key(|shape| (shape.count - shape.no_date, std::cmp::Reverse(shape.shape)))
    else {
        return String::new();
    };
    let Some(layout) = main.roles.moment else { return String::new() };
    let short: [bool; 3] = [0, 1, 2].map(|nth| {
        shapes
            .iter()
            .any(|shape| shape.roles.moment.is_some_and(|other| shape.shape[other.parts[nth] as usize] == 1))
    });
    written(main.codes(), &layout, order, short)
}

fn written(codes: &[u8], layout: &MomentLayout, order: Order, short: [bool; 3]) -> String {
    match layout.special {
        Special::Net => return "/Date(milliseconds)/".to_owned(),
        Special::No | Special::Compact => {}
    }
    let letters = match (layout.family.year, order) {
        (_, Order::YearMonthDay) | (Year::Said | Year::First, Order::Each) => ['y', 'm', 'd'],
        (_, Order::YearDayMonth) => ['y', 'd', 'm'],
        (_, Order::MonthDayYear) => ['m', 'd', 'y'],
        (_, Order::DayMonthYear | Order::Each) => ['d', 'm', 'y'],
    };
    let mut text = String::new();
    for (at, piece) in codes.iter().enumerate() {
        if layout.special == Special::Compact && at == layout.parts[0] as usize {
            text.push_str("yyyymmdd");
        } else if let Some(nth) = layout.parts.iter().position(|part| *part as usize == at) {
            match *piece {
                code::MONTH | code::MONTH_OR_WEEKDAY | code::ROMAN_MONTH => text.push_str("month"),
                _ => {
                    let length = if short[nth] && *piece <= 2 { 1 } else { usize::from(*piece) };
                    text.extend(std::iter::repeat_n(letters[nth], length));
                }
            }
        } else if let Some(letters) = clock_letters(layout, at, *piece) {
            text.push_str(&letters);
        } else {
            text.push_str(&literal(*piece));
        }
    }
    text
}

fn clock_letters(layout: &MomentLayout, at: usize, piece: u8) -> Option<String> {
    let clock = layout.clock?;
    let is = |part: u8| part != NONE && part as usize == at;
    if clock.packed && is(clock.hour) {
        return Some(if piece == 4 { "hhmm".to_owned() } else { "hhmmss".to_owned() });
    }
    let letter = if is(clock.hour) {
        "h"
    } else if is(clock.minute) {
        "m"
    } else if is(clock.second) {
        "s"
    } else if is(clock.fraction) {
        "f"
    } else {
        return None;
    };
    Some(letter.repeat(usize::from(piece)))
}

fn literal(piece: u8) -> String {
    match piece {
        code::HALF_DAY => "AM".to_owned(),
        code::WEEKDAY | code::WEEKDAY_OR_CURRENCY | code::MONTH_OR_WEEKDAY => "weekday".to_owned(),
        code::T => "T".to_owned(),
        code::ZONE => "zone".to_owned(),
        code::OF => "de".to_owned(),
        code::O_CLOCK => "Uhr".to_owned(),
        code::HOURS => "h".to_owned(),
        code::YEAR_SIGN => "年".to_owned(),
        code::MONTH_SIGN => "月".to_owned(),
        code::DAY_SIGN => "日".to_owned(),
        code::HOUR_SIGN => "时".to_owned(),
        code::MINUTE_SIGN => "分".to_owned(),
        code::SECOND_SIGN => "秒".to_owned(),
        // Digits that are no part of the day: the offset of a zone.
        piece if is_run(piece) => "0".repeat(usize::from(piece)),
        piece if piece < 128 => char::from(piece).to_string(),
        _ => String::new(),
    }
}

/// States the format of a column of periods, which stays text since a period is no day.
pub(super) fn periods(case: &Case<'_>, decided: &mut ColumnType) {
    let Some(main) = case
        .evidence
        .shapes
        .iter()
        .filter(|shape| shape.roles.period)
        .max_by_key(|shape| (shape.count, shape.shape))
    else {
        return;
    };
    let has = |wanted: u8| main.codes().contains(&wanted);
    let words = if has(code::WEEK) {
        "week of a year"
    } else if has(code::QUARTER) {
        "quarter of a year"
    } else if has(code::MONTH) || has(code::MONTH_OR_WEEKDAY) {
        "month of a year"
    } else {
        // `12/2024` is a month, or a week as long as no number above 53 stands there.
        let small = main.codes().iter().position(|piece| *piece <= 2).unwrap_or(0);
        let numbers = main.at(small as u8);
        let year_first = main.codes().first() == Some(&4);
        let months = if year_first { "yyyy-mm" } else { "mm/yyyy" };
        if numbers.days() + numbers.bands[4] < main.count || numbers.max > 53 {
            "two numbers"
        } else if numbers.max > 12 {
            if year_first { "yyyy-ww (week of a year)" } else { "ww/yyyy (week of a year)" }
        } else {
            if !case.hints.period {
                decided.ambiguous.push("week of a year".to_owned());
            }
            months
        }
    };
    decided.format = Some(format!("period: {words}"));
    decided.notes.push("a period names no day, so the column is kept as written".to_owned());
}
