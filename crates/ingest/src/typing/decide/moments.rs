//! Columns of days and moments.

use std::collections::BTreeMap;

use domain::table::ValueKind;

use super::orders::{self, OrderFound};
use super::{Case, describe, digit_forms};
use crate::typing::clock::NONE;
use crate::typing::column_type::ColumnType;
use crate::typing::digits::DigitForm;
use crate::typing::moment::{Family, Order, Special, Year, Zone};
use crate::typing::number::{DecimalMark, Marks};
use crate::typing::read::{MomentReader, Reader};
use crate::typing::shapes::ShapeEvidence;
use crate::typing::token::Template;

/// Layouts that a reader keeps at hand.
const KNOWN: usize = 8;

pub(super) fn decide(case: &Case<'_>) -> Option<ColumnType> {
    written(case).or_else(|| serial_moments(case)).or_else(|| digit_forms::dates(case))
}

fn written(case: &Case<'_>) -> Option<ColumnType> {
    let evidence = case.evidence;
    let mut families: BTreeMap<Family, Vec<&ShapeEvidence>> = BTreeMap::new();
    for shape in evidence.shapes.iter() {
        if let Some(layout) = shape.roles.moment {
            families.entry(layout.family).or_default().push(shape);
        }
    }
    if families.is_empty() {
        return None;
    }
    let mut found: Vec<(Family, OrderFound, u64)> = Vec::new();
    for (family, shapes) in &families {
        let count = shapes.iter().map(|shape| shape.count).sum();
        found.push((*family, orders::find(*family, shapes), count));
    }
    let mut decided = ColumnType::new(ValueKind::Date, Reader::Text);
    agree(case, &mut found, &mut decided);
    let no_dates: u64 = families.values().flatten().map(|shape| shape.no_date).sum();
    let shaped: u64 = found.iter().map(|(_, order, count)| count - order.bad.min(*count)).sum();
    let mut explained = shaped + evidence.digits.zero + evidence.digits.far;
    let mut reader = MomentReader {
        orders: found.iter().map(|(family, order, _)| (*family, order.order)).collect(),
        ..MomentReader::default()
    };
    // Digits among written dates are days that a spreadsheet turned into serials, or dates without marks.
    let rest = evidence.digits.count - evidence.digits.zero - evidence.digits.far;
    let mut mixed_digits = None;
    if rest > 0 && shaped > 0 {
        for form in [DigitForm::Ymd8, DigitForm::Serial] {
            let fits = evidence.digits.fits(form);
            if fits > 0 && super::enough(fits, rest) {
                reader.digits = Some(form);
                mixed_digits = Some((form, fits));
                explained += fits;
                break;
            }
        }
    }
    // Three of four is a clear majority: a date is never mistaken for anything else.
    let written = explained - mixed_digits.map_or(0, |(_, fits)| fits);
    if explained * 4 < case.filled * 3 || written * 2 < case.filled {
        return None;
    }
    let ambiguous_short = found.iter().any(|(family, order, _)| {
        family.year == Year::Unknown
            && order.open.len() > 1
            && matches!(family.mark, b'-' | b'.' | b' ' | b'_' | b'\'')
    });
    if ambiguous_short && !case.hints.date {
        return None;
    }
    let all_shapes: Vec<&ShapeEvidence> = families.values().flatten().copied().collect();
    if all_shapes.iter().any(|shape| has_time(shape)) {
        decided.kind = ValueKind::DateTime;
    }
    let mut by_count = all_shapes.clone();
    by_count.sort_by_key(|shape| (std::cmp::Reverse(shape.count), shape.shape));
    for shape in by_count.iter().take(KNOWN) {
        if let Some(layout) = shape.roles.moment {
            reader.known.push((shape.shape, layout, reader.order_of(layout.family)));
            if reader.known.len() == 1 {
                reader.template = Template::of(&shape.shape);
            }
        }
    }
    describe::moments(case, &mut decided, &families, &found, mixed_digits);
    note_zone(&mut decided, &all_shapes);
    let nothing = no_dates + evidence.digits.zero + evidence.digits.far;
    if nothing > 0 {
        decided.notes.push(format!("{nothing} cells hold a day that means no date and are empty"));
    }
    decided.reader = Reader::Moment(reader);
    case.note_odd(&mut decided, explained);
    Some(decided)
}

/// Families of one column settle each other, then other columns do; what stays open is said.
fn agree(case: &Case<'_>, found: &mut [(Family, OrderFound, u64)], decided: &mut ColumnType) {
    let sure = |found: &[(Family, OrderFound, u64)]| {
        let mut orders = found
            .iter()
            .filter(|(family, order, _)| family.year == Year::Last && order.open.is_empty())
            .filter_map(|(_, order, _)| order.order.is_day_first());
        let first = orders.next();
        if orders.any(|other| Some(other) != first) { None } else { first }
    };
    let own = sure(found);
    for (family, order, count) in found.iter_mut() {
        if order.open.is_empty() || *count == 0 {
            continue;
        }
        let mut candidates = vec![order.order];
        candidates.extend(&order.open);
        let mut take = |chosen: Order, reason: String| {
            order.open = candidates.iter().copied().filter(|other| *other != chosen).collect();
            order.order = chosen;
            decided.settled_by = Some(reason);
        };
        let matching = |day_first: bool| {
            candidates.iter().copied().find(|order| order.is_day_first() == Some(day_first))
        };
        if let Some((chosen, column)) = case.settled.order(*family)
            && candidates.contains(&chosen)
        {
            take(chosen, format!("column \"{column}\" writes its days that way"));
        } else if let Some(chosen) = own.and_then(matching) {
            take(chosen, "other cells of the column prove the order".to_owned());
        } else if let Some((day_first, column)) = case.settled.any_order()
            && let Some(chosen) = matching(day_first)
        {
            take(chosen, format!("column \"{column}\" of the same file has that order"));
        } else if let Some(support) = &order.support {
            decided.settled_by = Some(support.clone());
        }
    }
}

/// Whether any cell of the shape holds a time other than midnight.
fn has_time(shape: &ShapeEvidence) -> bool {
    let Some(layout) = shape.roles.moment else { return false };
    if layout.special == Special::Net {
        return true;
    }
    let Some(clock) = layout.clock else { return false };
    let max = |part: u8| if part == NONE { 0 } else { shape.at(part).max };
    let hour_moves = if clock.half != NONE && max(clock.half) == 0 {
        max(clock.hour) != 12 || shape.at(clock.hour).min != 12
    } else {
        max(clock.hour) > 0
    };
    hour_moves || [clock.minute, clock.second, clock.fraction].into_iter().any(|part| max(part) > 0)
}

fn note_zone(decided: &mut ColumnType, shapes: &[&ShapeEvidence]) {
    let count = |zone: Zone| -> u64 {
        shapes
            .iter()
            .filter(|shape| shape.roles.moment.is_some_and(|layout| layout.zone == zone))
            .map(|shape| shape.count)
            .sum()
    };
    if count(Zone::Utc) > 0 {
        decided
            .notes
            .push(format!("{} cells name a time zone; the clock is kept as written", count(Zone::Utc)));
    }
    if count(Zone::Offset) > 0 {
        decided.notes.push(format!(
            "{} cells state an offset; the clock is kept as written, which is the local one",
            count(Zone::Offset)
        ));
    }
}

/// `45356.5`: serial days with a fraction, under a header that says so.
fn serial_moments(case: &Case<'_>) -> Option<ColumnType> {
    let evidence = case.evidence;
    let mut decimal = DecimalMark::None;
    let mut fractions = 0;
    for shape in evidence.shapes.iter() {
        let layout = shape.roles.number?;
        let mark = match layout.marks {
            Marks::Decimal(b'.') => DecimalMark::Point,
            Marks::Decimal(b',') => DecimalMark::Comma,
            _ => return None,
        };
        let whole = shape.at(0);
        if shape.len != 3
            || !(36_526..=54_788).contains(&whole.min)
            || whole.max > 54_788
            || (decimal != DecimalMark::None && decimal != mark)
        {
            return None;
        }
        decimal = mark;
        fractions += shape.count;
    }
    let whole = evidence.digits.fits(DigitForm::Serial);
    let explained = fractions + whole + evidence.digits.zero + evidence.digits.far;
    if fractions == 0
        || !case.nearly_all(explained)
        || !(case.hints.date || case.hints.time_of_day)
        || case.hints.duration
    {
        return None;
    }
    let mut decided = ColumnType::new(ValueKind::DateTime, Reader::Text);
    decided.format = Some("Excel serial with a fraction for the time".to_owned());
    decided.settled_by =
        Some("the header speaks of a date, and all values are days of this century".to_owned());
    decided.reader = Reader::Moment(MomentReader {
        digits: Some(DigitForm::Serial),
        serial: Some(decimal),
        ..MomentReader::default()
    });
    case.note_odd(&mut decided, explained);
    Some(decided)
}
