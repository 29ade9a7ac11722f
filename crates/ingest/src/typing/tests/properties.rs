//! What holds for every column.

use domain::Cell;
use domain::table::ValueKind;
use proptest::prelude::*;

use super::notations::evidence_of;
use crate::typing::token::{Template, Tokens};
use crate::typing::{ColumnEvidence, Reading, Value};

/// Cells of a few notations among anything at all.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9]{1,20}",
        "-?[0-9]{1,6}[.,][0-9]{1,4}",
        "[0-9]{1,3}([., '][0-9]{3}){1,3}",
        "[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?",
        "[0-9]{1,3}:[0-9]{2}",
        "[0-9 .,:/hmsdPT年月日()%$€+-]{0,14}",
        "(yes|no|x|Y|N|NULL|\\?|-|TBD| |ja)",
        "[0-9]{1,2} ?(Mar|mars|März|Okt|ene|out|paź)[. -]?[0-9]{2,4}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn reading_never_panics(cells in prop::collection::vec(cell(), 0..12), others in prop::collection::vec(cell(), 0..8), header in any::<String>()) {
        let evidence = evidence_of(&cells.iter().map(String::as_str).collect::<Vec<_>>());
        let decided = evidence.decide(&header);
        for cell in cells.iter().chain(&others) {
            let _ = decided.read(cell);
            let _ = decided.read_f64(cell);
        }
    }

    #[test]
    fn order_and_chunks_of_rows_do_not_matter(cells in prop::collection::vec(cell(), 1..24), cut in 0usize..24) {
        let straight = evidence_of(&cells.iter().map(String::as_str).collect::<Vec<_>>()).decide("x");
        let mut backwards: Vec<&str> = cells.iter().map(String::as_str).collect();
        backwards.reverse();
        let (first, second) = backwards.split_at(cut.min(backwards.len()));
        let mut merged = evidence_of(second);
        merged.merge(evidence_of(first));
        let merged = merged.decide("x");
        prop_assert_eq!(&straight, &merged);
        prop_assert_eq!(straight.format, merged.format);
        prop_assert_eq!(straight.ambiguous, merged.ambiguous);
    }

    #[test]
    fn following_a_template_is_cutting(first in cell(), second in cell()) {
        let (mut cut, mut followed) = (Tokens::default(), Tokens::default());
        for pair in [(&first, &second), (&first, &first)] {
            if !cut.scan(pair.0) {
                continue;
            }
            let Some(template) = Template::of(&cut.codes) else { continue };
            if followed.follow(pair.1, &template) {
                prop_assert!(cut.scan(pair.1));
                prop_assert_eq!(cut.shape(), followed.shape());
                for at in (0..cut.len).filter(|at| cut.codes[*at] < 32) {
                    prop_assert_eq!(cut.values[at], followed.values[at]);
                }
            }
        }
    }

    #[test]
    fn a_cell_seen_often_counts_as_often(cells in prop::collection::vec((cell(), 1u64..5), 1..12)) {
        let mut many = ColumnEvidence::new();
        let mut single = ColumnEvidence::new();
        for (cell, count) in &cells {
            many.observe_many(cell, *count);
            for _ in 0..*count {
                single.observe(cell);
            }
        }
        let (many, single) = (many.decide("x"), single.decide("x"));
        prop_assert_eq!(&many, &single);
        prop_assert_eq!(many.notes, single.notes);
    }

    #[test]
    fn the_kind_of_a_column_is_the_kind_of_its_values(cells in prop::collection::vec(cell(), 1..12)) {
        let decided = evidence_of(&cells.iter().map(String::as_str).collect::<Vec<_>>()).decide("x");
        for cell in &cells {
            let Reading::Value(value) = decided.value(cell) else { continue };
            let fits = match decided.kind {
                ValueKind::Boolean => matches!(value, Value::Flag(_)),
                ValueKind::Integer => matches!(value, Value::Integer(_)),
                ValueKind::Decimal | ValueKind::Duration => matches!(value, Value::Real(_)),
                ValueKind::Date | ValueKind::DateTime => matches!(value, Value::Moment(_)),
                ValueKind::TimeOfDay => matches!(value, Value::Time(_)),
                ValueKind::Text | ValueKind::Empty => matches!(value, Value::Text(_)),
            };
            prop_assert!(fits, "{cell:?} reads as {value:?} in a column of {:?}", decided.kind);
        }
    }

    #[test]
    fn numbers_come_back_in_every_notation(
        numbers in prop::collection::vec(-9_999_999_999i64..10_000_000_000, 2..20),
        (group, mark) in prop::sample::select(vec![("", '.'), ("", ','), (",", '.'), (".", ','), (" ", ','), ("'", '.'), ("\u{a0}", ','), ("\u{202f}", ',')]),
        trailing in any::<bool>(),
    ) {
        let write = |number: i64| {
            let plain = (number.unsigned_abs() / 100).to_string();
            let mut text = String::new();
            for (at, digit) in plain.chars().enumerate() {
                if at > 0 && (plain.len() - at).is_multiple_of(3) {
                    text.push_str(group);
                }
                text.push(digit);
            }
            let body = format!("{text}{mark}{:02}", number.unsigned_abs() % 100);
            match (number < 0, trailing) {
                (false, _) => body,
                (true, true) => format!("{body}-"),
                (true, false) => format!("-{body}"),
            }
        };
        let cells: Vec<String> = numbers.iter().map(|number| write(*number)).collect();
        let decided = evidence_of(&cells.iter().map(String::as_str).collect::<Vec<_>>()).decide("x");
        prop_assert_eq!(decided.kind, ValueKind::Decimal);
        prop_assert!(decided.ambiguous.is_empty());
        for (cell, number) in cells.iter().zip(&numbers) {
            prop_assert_eq!(decided.read(cell), Cell::Number(*number as f64 / 100.0), "{}", cell);
        }
    }

    #[test]
    fn doubles_are_read_like_by_a_parser(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
        let cells = [number.abs().to_string(), "0.5".to_owned()];
        let decided = evidence_of(&cells.iter().map(String::as_str).collect::<Vec<_>>()).decide("x");
        if let Reading::Value(Value::Real(read)) = decided.value(&cells[0]) {
            prop_assert_eq!(read.to_bits(), number.abs().to_bits());
        }
    }

    #[test]
    fn days_come_back_in_every_order(
        days in prop::collection::vec(7305i64..29_000, 1..40),
        (notation, mark) in prop::sample::select(vec![("dmy", '.'), ("dmy", '/'), ("mdy", '/'), ("ymd", '-'), ("ymd", '/'), ("dmy", '-'), ("ymd", '\0')]),
    ) {
        let write = |day: &i64| {
            let (year, month, date) = crate::typing::calendar::civil(*day);
            let mark = if mark == '\0' { String::new() } else { mark.to_string() };
            match notation {
                "dmy" => format!("{date:02}{mark}{month:02}{mark}{year}"),
                "mdy" => format!("{month:02}{mark}{date:02}{mark}{year}"),
                _ => format!("{year}{mark}{month:02}{mark}{date:02}"),
            }
        };
        let cells: Vec<String> = days.iter().map(write).collect();
        let decided = evidence_of(&cells.iter().map(String::as_str).collect::<Vec<_>>()).decide("x");
        prop_assert_eq!(decided.kind, ValueKind::Date);
        let right = cells.iter().zip(&days).all(|(cell, day)| decided.read(cell) == Cell::Moment(day * 86_400_000_000));
        prop_assert!(right || !decided.ambiguous.is_empty(), "silently wrong: {:?} as {:?}", cells, decided.format);
    }
}
