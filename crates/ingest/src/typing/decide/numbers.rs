//! Columns of numbers.

use domain::table::ValueKind;

use super::{Case, digit_forms};
use crate::typing::clock::NONE;
use crate::typing::column_type::ColumnType;
use crate::typing::number::{DecimalMark, Marks, NumberLayout, Sign};
use crate::typing::read::{NumberReader, Reader};
use crate::typing::shapes::ShapeEvidence;
use crate::typing::words::{code, currencies, units};

/// Layouts that a reader keeps at hand.
const KNOWN: usize = 8;

/// What the marks of all cells prove.
#[derive(Debug, Default)]
struct Proofs {
    /// Cells whose point can only part decimals, or only part thousands; the same for commas.
    point: [u64; 2],
    comma: [u64; 2],
    /// Cells like `1.234` and `1,234`.
    either_point: u64,
    either_comma: u64,
    /// Cells of at most three and of at least four digits without any mark.
    short: u64,
    long: u64,
    other_groups: Option<u8>,
    indian: bool,
}

pub(super) fn decide(case: &Case<'_>) -> Option<ColumnType> {
    let evidence = case.evidence;
    let shapes: Vec<(&ShapeEvidence, NumberLayout)> =
        evidence.shapes.iter().filter_map(|shape| shape.roles.number.map(|layout| (shape, layout))).collect();
    let shaped: u64 = shapes.iter().map(|(shape, _)| shape.count).sum();
    let digits = &evidence.digits;
    let count = shaped + digits.count;
    if count == 0 || digits.too_long() > 0 || !case.nearly_all(count) {
        return None;
    }
    let decimal_cells: u64 =
        shapes.iter().filter(|(_, layout)| layout.marks != Marks::Plain).map(|(shape, _)| shape.count).sum();
    // Leading zeros are part of a code, unless nearly all cells are numbers with decimals.
    if digits.leading_zero > 0 && decimal_cells < digits.count {
        return None;
    }
    let zero_led: u64 = shapes
        .iter()
        .filter(|(_, layout)| layout.marks == Marks::Plain && layout.sign == Sign::None)
        .map(|(shape, layout)| shape.at(layout.body.0).zero_led)
        .sum();
    if zero_led > 0 {
        return None;
    }
    // Names of things are kept whole: one code among numbers makes all of them codes.
    let odd = case.filled - count;
    if odd > 0
        && decimal_cells == 0
        && (case.hints.identifier
            || evidence.text.coded > 1
            || (evidence.text.coded == 1 && case.filled < 50))
        && !case.hints.amount
    {
        return None;
    }
    // A number that names things may be one of many words: only a rare slip is taken for one.
    let measured = case.hints.amount || case.hints.duration;
    let rare = odd * 50 <= case.filled || (odd == 1 && count >= 10);
    if odd > 0 && decimal_cells == 0 && !measured && !rare {
        return None;
    }
    if letters_of_codes(case, &shapes) {
        return None;
    }
    let proofs = proofs(&shapes, digits.lengths);
    let mut decided = ColumnType::new(ValueKind::Integer, Reader::Text);
    let decimal = decimal_mark(case, &proofs, &mut decided);
    let decimals = decimal != DecimalMark::None && has_decimals(&shapes, decimal);
    let exponent = shapes.iter().any(|(_, layout)| layout.exponent != NONE);
    decided.kind = if decimals || exponent { ValueKind::Decimal } else { ValueKind::Integer };
    let mut frequent = shapes.clone();
    frequent.sort_by_key(|(shape, _)| (std::cmp::Reverse(shape.count), shape.shape));
    let known = frequent.iter().take(KNOWN).map(|(shape, layout)| (shape.shape, *layout)).collect();
    decided.reader =
        Reader::Number(NumberReader { decimal, whole: decided.kind == ValueKind::Integer, known });
    decided.format = format(&shapes, &proofs, decimal, decimals, exponent);
    currency(&shapes, &mut decided);
    unit(&shapes, count, &mut decided);
    signs(&shapes, &mut decided);
    spreadsheet_exponents(case, &shapes, &mut decided);
    if decided.kind == ValueKind::Integer && shaped == 0 {
        digit_forms::describe_numbers(case, &mut decided);
    }
    describe_fractions(case, &shapes, &mut decided);
    case.note_odd(&mut decided, count);
    Some(decided)
}

/// Whether what looks like a unit is the end of codes: `10236M`, `30D`. A unit of measure stands apart, or behind decimals,
/// or under a header that measures.
fn letters_of_codes(case: &Case<'_>, shapes: &[(&ShapeEvidence, NumberLayout)]) -> bool {
    let hints = case.hints;
    let measured = (hints.duration || hints.amount || hints.time) && !hints.identifier;
    let mut attached = shapes.iter().filter(|(shape, layout)| {
        let behind =
            |part: u8| part != NONE && part > layout.body.0 && shape.shape[part as usize - 1] != b' ';
        let piece = |part: u8| part != NONE && shape.shape[part as usize] >= code::FIRST_WORD;
        piece(layout.unit) && behind(layout.unit)
    });
    let plain = shapes.iter().all(|(_, layout)| layout.marks == Marks::Plain);
    !measured
        && plain
        && attached.any(|(shape, layout)| {
            let piece = shape.shape[layout.unit as usize];
            let index = shape.at(layout.unit).min;
            hints.identifier || unit_name(piece, index).len() == 1
        })
}

fn proofs(shapes: &[(&ShapeEvidence, NumberLayout)], lengths: [u64; 20]) -> Proofs {
    let mut proofs =
        Proofs { short: lengths[..4].iter().sum(), long: lengths[4..].iter().sum(), ..Proofs::default() };
    for (shape, layout) in shapes {
        let count = shape.count;
        let body = &shape.codes()[layout.body.0 as usize..layout.body.1 as usize];
        match layout.marks {
            Marks::Plain => {
                let length = body[0];
                proofs.short += if length <= 3 { count } else { 0 };
                proofs.long += if length > 3 { count } else { 0 };
            }
            Marks::Decimal(mark) | Marks::Leading(mark) => proofs.of(mark)[0] += count,
            Marks::Grouped(mark) => {
                if matches!(mark, b'.' | b',') {
                    proofs.of(mark)[1] += count;
                } else {
                    proofs.other_groups = proofs.other_groups.max(Some(mark));
                }
            }
            Marks::GroupedDecimal(group, mark) => {
                proofs.of(mark)[0] += count;
                if matches!(group, b'.' | b',') {
                    proofs.of(group)[1] += count;
                } else {
                    proofs.other_groups = proofs.other_groups.max(Some(group));
                }
            }
            Marks::Either(mark) => {
                // A thousand never begins with zero.
                let first = shape.at(layout.body.0);
                let zero_led = if body[0] == 1 { first.bands[0] } else { first.zero_led };
                proofs.of(mark)[0] += zero_led;
                *(if mark == b'.' { &mut proofs.either_point } else { &mut proofs.either_comma }) +=
                    count - zero_led;
            }
        }
        proofs.indian |= body.len() >= 5 && body[2] == 2 && body[1] == b',';
    }
    proofs
}

impl Proofs {
    fn of(&mut self, mark: u8) -> &mut [u64; 2] {
        if mark == b'.' { &mut self.point } else { &mut self.comma }
    }
}

/// Which mark parts decimals. What stays open is told in the column's ambiguities.
fn decimal_mark(case: &Case<'_>, proofs: &Proofs, decided: &mut ColumnType) -> DecimalMark {
    // A comma that parts thousands speaks for the point, and the other way round.
    let point = proofs.point[0].max(proofs.comma[1]);
    let comma = proofs.comma[0].max(proofs.point[1]);
    let (fewer, more) = (point.min(comma), point.max(comma));
    if fewer > 2 && fewer * 20 > more {
        decided.notes.push(format!("mixed decimal marks: {point} cells show a point, {comma} a comma"));
        let open = proofs.either_point + proofs.either_comma;
        if open > 0 {
            decided
                .ambiguous
                .push(format!("{open} cells like 1.234 could be a thousand or a fraction and are not read"));
        }
        return DecimalMark::Each;
    }
    if point > comma {
        return DecimalMark::Point;
    }
    if comma > point {
        return DecimalMark::Comma;
    }
    if fewer > 0 {
        return DecimalMark::Each;
    }
    match (proofs.either_point, proofs.either_comma) {
        (0, 0) => DecimalMark::None,
        // `1.234` and `1,234` in one column: neither can be told.
        (1.., 1..) => {
            decided.ambiguous.push(
                "both marks occur with three digits behind: each could part thousands or decimals".to_owned(),
            );
            DecimalMark::Each
        }
        (_, 0) => either(case, proofs, decided, DecimalMark::Point, DecimalMark::Comma),
        (0, _) => either(case, proofs, decided, DecimalMark::Comma, DecimalMark::Point),
    }
}

/// All marked cells are like `1.234`: `as_decimal` reads a fraction, `as_thousands` a thousand.
fn either(
    case: &Case<'_>,
    proofs: &Proofs,
    decided: &mut ColumnType,
    as_decimal: DecimalMark,
    as_thousands: DecimalMark,
) -> DecimalMark {
    let (mark, decimals, thousands) = match as_decimal {
        DecimalMark::Comma => (',', "1,234 as one and a fraction", "1,234 as one thousand"),
        _ => ('.', "1.234 as one and a fraction", "1.234 as one thousand"),
    };
    if let Some((known, column)) = case.settled.decimal() {
        decided.settled_by = Some(format!("column \"{column}\" shows the decimal mark"));
        decided.ambiguous.push(if known == as_decimal { thousands } else { decimals }.to_owned());
        return known;
    }
    let marked = proofs.either_point + proofs.either_comma;
    if marked * 20 <= proofs.long {
        decided.notes.push(format!(
            "{marked} cells like 1{mark}234 could be a thousand or a fraction and are not read"
        ));
        return DecimalMark::Each;
    }
    // A program that groups thousands groups all of them: four digits without a mark prove that it does not.
    if proofs.long > 0 {
        decided.settled_by = Some("longer numbers of the column carry no thousands mark".to_owned());
        if proofs.long * 20 < marked {
            decided.ambiguous.push(thousands.to_owned());
        }
        return as_decimal;
    }
    if proofs.short > 0 {
        decided.settled_by =
            Some(format!("numbers below a thousand carry no {mark}, those with it have three digits behind"));
        decided.ambiguous.push(decimals.to_owned());
        return as_thousands;
    }
    decided.ambiguous.push(thousands.to_owned());
    as_decimal
}

fn has_decimals(shapes: &[(&ShapeEvidence, NumberLayout)], decimal: DecimalMark) -> bool {
    shapes.iter().any(|(_, layout)| match layout.marks {
        Marks::Decimal(mark) | Marks::Leading(mark) | Marks::GroupedDecimal(_, mark) => decimal.is(mark),
        Marks::Either(mark) => decimal != DecimalMark::Each && decimal.is(mark),
        Marks::Plain | Marks::Grouped(_) => false,
    })
}

fn format(
    shapes: &[(&ShapeEvidence, NumberLayout)],
    proofs: &Proofs,
    decimal: DecimalMark,
    decimals: bool,
    exponent: bool,
) -> Option<String> {
    let mark = match decimal {
        DecimalMark::Comma => ',',
        _ => '.',
    };
    let group = match proofs.other_groups {
        Some(b' ') => Some(' '),
        Some(other) => Some(char::from(other)),
        None if decimal == DecimalMark::Comma && proofs.point[1] + proofs.either_point > 0 => Some('.'),
        None if decimal == DecimalMark::Point && proofs.comma[1] + proofs.either_comma > 0 => Some(','),
        None => None,
    };
    let has = |sign: Sign| shapes.iter().any(|(_, layout)| layout.sign == sign);
    let mut text = match group {
        Some(group) if proofs.indian => format!("12{group}34{group}567"),
        Some(group) => format!("1{group}234"),
        None => "1234".to_owned(),
    };
    if decimals {
        text.push(mark);
        text.push_str("56");
    }
    if decimal == DecimalMark::Each && decimals {
        "1,234.56 and 1.234,56".clone_into(&mut text);
    }
    if exponent {
        text.push_str("E+05");
    }
    if has(Sign::Parentheses) {
        text = format!("({text}) for negative");
    } else if has(Sign::TrailingMinus) {
        text.push_str("- for negative");
    } else if has(Sign::Credit) || has(Sign::Debit) {
        text.push_str(" CR/DR");
    }
    (text != "1234").then_some(text)
}

fn currency(shapes: &[(&ShapeEvidence, NumberLayout)], decided: &mut ColumnType) {
    let mut found: Vec<&str> = Vec::new();
    for (shape, layout) in shapes {
        if layout.currency == NONE {
            continue;
        }
        let values = shape.at(layout.currency);
        for index in 0..currencies::CURRENCIES.len() {
            if values.seen >> index & 1 == 1 {
                found.push(currencies::CURRENCIES[index]);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    match *found.as_slice() {
        [] => {}
        ["kr"] => decided.notes.push("kr may be Swedish, Norwegian or Danish crowns".to_owned()),
        ["¥"] => {
            // Yen have no hundredths.
            let code = if decided.kind == ValueKind::Decimal { "CNY" } else { "JPY" };
            decided.currency = Some(code.to_owned());
            decided.notes.push(format!("¥ may be yen or yuan; taken as {code} by the decimals"));
        }
        [one] => decided.currency = Some(one.to_owned()),
        _ => decided.ambiguous.push(format!("several currencies: {}", found.join(", "))),
    }
}

/// The name of a unit piece.
fn unit_name(piece: u8, index: u64) -> &'static str {
    match piece {
        code::HOURS => "h",
        code::MINUTES | code::MINUTE_SIGN => "min",
        code::SECONDS | code::SECOND_SIGN => "s",
        code::DAYS => "d",
        _ => units::name(index),
    }
}

fn unit(shapes: &[(&ShapeEvidence, NumberLayout)], count: u64, decided: &mut ColumnType) {
    let mut found: Vec<(&'static str, u64)> = Vec::new();
    let mut percent = 0;
    for (shape, layout) in shapes {
        percent += if layout.percent { shape.count } else { 0 };
        if layout.unit == NONE {
            continue;
        }
        let piece = shape.shape[layout.unit as usize];
        let values = shape.at(layout.unit);
        let seen: Vec<u64> = (0..128).filter(|index| values.seen >> index & 1 == 1).collect();
        for index in &seen {
            let name = unit_name(piece, *index);
            let same = |known: &str| known == name || (units::is_pieces(known) && units::is_pieces(name));
            match found.iter_mut().find(|(known, _)| same(known)) {
                Some((_, sum)) => *sum += shape.count,
                None => found.push((name, shape.count)),
            }
        }
    }
    if percent > 0 {
        decided.unit_suffix = Some("%".to_owned());
        if percent < count {
            decided
                .notes
                .push(format!("{percent} of {count} numbers carry a percent sign; all are kept as written"));
        }
    }
    found.sort_by_key(|(name, sum)| (std::cmp::Reverse(*sum), *name));
    match found.as_slice() {
        [] => {}
        [(name, sum)] => {
            decided.unit_suffix = Some((*name).to_owned());
            if *sum < count {
                decided.notes.push(format!("{sum} of {count} numbers carry the unit {name}"));
            }
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            decided
                .ambiguous
                .push(format!("several units, whose numbers do not compare: {}", names.join(", ")));
        }
    }
}

fn signs(shapes: &[(&ShapeEvidence, NumberLayout)], decided: &mut ColumnType) {
    let count = |sign: Sign| {
        shapes.iter().filter(|(_, layout)| layout.sign == sign).map(|(shape, _)| shape.count).sum::<u64>()
    };
    if count(Sign::Credit) > 0 {
        decided.notes.push(format!("{} credit entries (CR) are read as negative", count(Sign::Credit)));
    }
}

/// `1.23E+11` is what a spreadsheet leaves of a long number.
fn spreadsheet_exponents(
    case: &Case<'_>,
    shapes: &[(&ShapeEvidence, NumberLayout)],
    decided: &mut ColumnType,
) {
    let exponents: Vec<_> = shapes.iter().filter(|(_, layout)| layout.exponent != NONE).collect();
    let large: u64 = exponents
        .iter()
        .filter(|(shape, layout)| !layout.exponent_negative && shape.at(layout.exponent).max >= 9)
        .map(|(shape, _)| shape.count)
        .sum();
    if large == 0 || exponents.iter().any(|(_, layout)| layout.exponent_negative) {
        return;
    }
    decided.notes.push(format!(
        "{large} cells are in scientific notation: a spreadsheet may have cut digits of longer numbers"
    ));
    if !case.hints.amount {
        decided.ambiguous.push("an identifier whose last digits a spreadsheet has lost".to_owned());
    }
}

/// `45356.5` may be a serial moment.
fn describe_fractions(case: &Case<'_>, shapes: &[(&ShapeEvidence, NumberLayout)], decided: &mut ColumnType) {
    let hints = case.hints;
    if decided.kind != ValueKind::Decimal || hints.amount || hints.identifier || hints.duration {
        return;
    }
    let serial = !shapes.is_empty()
        && shapes.iter().all(|(shape, layout)| {
            matches!(layout.marks, Marks::Decimal(_)) && shape.len == 3 && {
                let whole = shape.at(0);
                (40_000..=50_000).contains(&whole.min) && whole.max <= 50_000
            }
        });
    if serial {
        decided.ambiguous.push("Excel serial with a fraction for the time".to_owned());
    }
    let fraction = shapes.iter().all(|(shape, layout)| {
        matches!(layout.marks, Marks::Decimal(_)) && shape.len == 3 && shape.at(0).max == 0
    });
    if fraction && hints.time && case.evidence.digits.max <= 1 {
        decided.ambiguous.push("fraction of the day".to_owned());
    }
}
