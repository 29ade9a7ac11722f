//! Suggestions come from what the values hold, templates make rules that can be executed, and the score says what it
//! counts.

use domain::{
    Cell, ColumnMapping, ColumnProfile, Granularity, Mapping, TableProfile, ValueKind, mapping::Status,
};
use ontology::{FieldId, Unit};
use preparation::{Preparation, health, preview, suggest::suggest, templates::TEMPLATES};

const HOUR: i64 = 3_600_000_000;

fn column(index: usize, header: &str, kind: ValueKind, sample: Vec<Cell>) -> ColumnProfile {
    let numbers: Vec<f64> = sample.iter().filter_map(Cell::number).collect();
    let mut top: Vec<(String, u64)> = Vec::new();
    for text in sample.iter().filter_map(Cell::text) {
        match top.iter_mut().find(|(known, _)| known == text) {
            Some((_, count)) => *count += 1,
            None => top.push((text.to_owned(), 1)),
        }
    }
    top.sort_by_key(|entry| std::cmp::Reverse(entry.1));
    let filled = sample.iter().filter(|cell| !cell.is_empty()).count() as u64;
    let mut distinct = numbers.clone();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    ColumnProfile {
        index,
        header: header.to_owned(),
        kind,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled,
        empty: sample.len() as u64 - filled,
        unreadable: 0,
        distinct: distinct.len().max(top.len()) as u64,
        min: numbers.iter().copied().reduce(f64::min),
        max: numbers.iter().copied().reduce(f64::max),
        mean: (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64),
        negative: 0,
        zero: 0,
        length_min: 1,
        length_max: 10,
        top,
        sample_raw: vec![String::new(); sample.len()],
        sample,
    }
}

fn table(columns: Vec<ColumnProfile>) -> TableProfile {
    TableProfile {
        file: "a.csv".into(),
        part: None,
        rows: 300,
        sample_rows: Vec::new(),
        columns,
        issues: Vec::new(),
    }
}

fn words(list: &[&str]) -> Vec<Cell> {
    (0..300).map(|row| Cell::Text(list[row % list.len()].to_owned())).collect()
}

#[test]
fn what_the_values_ask_for_is_suggested_and_works() {
    let starts = (0..300_i64).map(|row| {
        // Two shifts of eight hours, the first twice as busy.
        let hour = if row % 3 == 2 { 14 + row % 8 } else { 6 + row % 8 };
        Cell::Moment((row / 10) * 24 * HOUR + hour * HOUR)
    });
    let profile = table(vec![
        column(0, "Reason", ValueKind::Text, words(&["Tool wear", "Tool wear", "TOOL-WEAR", "Setup"])),
        column(1, "Code", ValueKind::Text, words(&["1-1", "11", "1 1"])),
        column(
            2,
            "Hours",
            ValueKind::Integer,
            (0..300)
                .map(|row| Cell::Number(if row % 50 == 0 { 9999.0 } else { f64::from(row % 20) }))
                .collect(),
        ),
        column(3, "Begin", ValueKind::DateTime, starts.collect()),
        column(4, "Clean", ValueKind::Text, words(&["a", "b"])),
        column(5, "Spaced", ValueKind::Text, words(&["a  b", "c"])),
    ]);
    let suggestions = suggest(&profile);
    let ids: Vec<&str> = suggestions.iter().map(|suggestion| suggestion.id.as_str()).collect();
    assert_eq!(ids, ["spellings:reason", "threshold:hours", "blanks:spaced", "shift:begin"]);
    assert!(suggestions.iter().all(|suggestion| (0.0..=1.0).contains(&suggestion.confidence)));
    for suggestion in &suggestions {
        let prepared = Preparation { columns: vec![suggestion.prepared.clone()] };
        let seen = preview(&profile, &prepared, 0).unwrap_or_else(|problems| panic!("{problems:?}"));
        let report = &seen.reports[0];
        let changed = match suggestion.id.as_str() {
            "spellings:reason" => 75,
            "threshold:hours" => 6,
            "blanks:spaced" => 150,
            _ => 300,
        };
        assert_eq!((report.changed, report.failed), (changed, 0), "{}", suggestion.id);
    }
}

#[test]
fn every_template_becomes_a_rule_that_can_be_tried() {
    for template in TEMPLATES {
        let source = match template.id {
            "shift_premium" | "weekend_premium" => column(
                0,
                "Source",
                ValueKind::DateTime,
                (0..300).map(|row| Cell::Moment(row * 5 * HOUR)).collect(),
            ),
            "overtime_threshold" => column(
                0,
                "Source",
                ValueKind::Decimal,
                (0..300).map(|row| Cell::Number(f64::from(row % 60))).collect(),
            ),
            _ => column(0, "Source", ValueKind::Text, words(&["PRM-1", "STD-2"])),
        };
        let profile = table(vec![source]);
        let prepared = Preparation { columns: vec![template.over(&profile.columns[0])] };
        let seen = preview(&profile, &prepared, 0)
            .unwrap_or_else(|problems| panic!("{}: {problems:?}", template.id));
        assert_eq!(seen.reports[0].coverage(), Some(1.0), "{}", template.id);
        assert!(seen.reports[0].matched.iter().any(|(_, rows)| *rows > 0), "{}", template.id);
    }
}

fn mapping(columns: &[(&str, Option<&str>)]) -> Mapping {
    Mapping {
        file: "a.csv".into(),
        rows: 300,
        source_system: None,
        granularity: Granularity::Operation,
        granularity_evidence: Vec::new(),
        detail: domain::mapping::Detail::Keep,
        grain_columns: Vec::new(),
        columns: columns
            .iter()
            .enumerate()
            .map(|(index, (source, field))| ColumnMapping {
                index,
                source: (*source).to_owned(),
                field: field.map(|field| FieldId::named(field).unwrap_or_else(|| panic!("no field {field}"))),
                confidence: 1.0,
                status: Status::Sure,
                unit: field.is_some_and(|field| field.ends_with("hours")).then_some(Unit::Hours),
                format: None,
                matched_by: None,
                alternatives: Vec::new(),
                evidence: Vec::new(),
            })
            .collect(),
        issues: Vec::new(),
    }
}

#[test]
fn the_score_counts_what_it_says() {
    let numbers = |each: &dyn Fn(usize) -> f64| (0..300).map(|row| Cell::Number(each(row))).collect();
    let profile = table(vec![
        column(0, "Order", ValueKind::Text, (0..300).map(|row| Cell::Text(format!("A{row}"))).collect()),
        column(1, "Qty", ValueKind::Integer, numbers(&|row| row as f64)),
        column(2, "Plan", ValueKind::Decimal, numbers(&|row| (row % 5) as f64)),
        column(3, "Fact", ValueKind::Decimal, numbers(&|row| 1.0 + (row as f64 * 0.7310).sin())),
        column(4, "Item", ValueKind::Text, words(&["P1", "P2"])),
    ]);
    let fields = [
        ("Order", Some("work_order_id")),
        ("Qty", Some("quantity_completed")),
        ("Plan", Some("planned_run_hours")),
        ("Fact", Some("actual_run_hours")),
        ("Item", Some("product_id")),
    ];
    let none = Preparation::default();
    let judge = |mapping: &Mapping| health::judge(&[(&profile, mapping, &none)], &[]);

    let good = judge(&mapping(&fields));
    assert_eq!((good.score, good.quality, good.band()), (100, 100, "excellent"), "{good:?}");

    let empty = judge(&mapping(&fields.map(|(name, _)| (name, None))));
    assert_eq!((empty.score, empty.band()), (0, "poor"));

    let mut swapped = fields;
    (swapped[2].1, swapped[3].1) = (fields[3].1, fields[2].1);
    let judged = judge(&mapping(&swapped));
    assert_eq!(judged.problems.len(), 1, "{:?}", judged.problems);
    assert!(judged.problems[0].message.contains("swapped"));
    assert_eq!(judged.quality, 95);

    let mut without_plan = fields;
    without_plan[2].1 = None;
    let judged = judge(&mapping(&without_plan));
    assert_eq!(judged.score, 92);
    assert_eq!(judged.hints, ["map planned hours or cost"]);
}

#[test]
fn dates_that_allow_two_orders_can_be_read_the_other_way_round() {
    let day = |month: i64, day: i64| Cell::Moment(((month - 1) * 31 + day - 1) * 24 * HOUR);
    let dates = ColumnProfile {
        format: Some("mm/dd/yyyy".to_owned()),
        ambiguous: vec!["dd/mm/yyyy".to_owned()],
        ..column(0, "Due", ValueKind::Date, vec![day(1, 2), day(1, 12), Cell::Empty])
    };
    let settled =
        ColumnProfile { ambiguous: Vec::new(), index: 1, header: "Start".to_owned(), ..dates.clone() };
    let profile = table(vec![dates, settled]);
    let suggested: Vec<_> =
        suggest(&profile).into_iter().filter(|one| one.id.starts_with("order:")).collect();
    assert_eq!(suggested.len(), 1);
    assert_eq!(
        suggested[0].reason,
        "2 dates of \"Due\" were read as mm/dd/yyyy and allow dd/mm/yyyy just as well"
    );
    let fix = Preparation { columns: vec![suggested[0].prepared.clone()] };
    let done = preview(&profile, &fix, 3).unwrap();
    // 2 January becomes 1 February; 12 January the first of December.
    assert_eq!((done.reports[0].changed, done.reports[0].failed), (2, 0));
}
