//! Preparations executed over whole files: every cell that should change does, nothing else does, and all is counted.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its table should stop")]

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::{Float64Type, Int64Type, TimestampMicrosecondType},
};
use domain::{Cell, ColumnProfile, TableProfile, ValueKind};
use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};
use preparation::{Preparation, PrepareError, preview, run};

const ROWS: usize = 20_000;
const HOUR: i64 = 3_600_000_000;

fn column(index: usize, header: &str, kind: ValueKind, sample: Vec<Cell>) -> ColumnProfile {
    ColumnProfile {
        index,
        header: header.to_owned(),
        kind,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled: ROWS as u64,
        empty: 0,
        unreadable: 0,
        distinct: 100,
        min: None,
        max: None,
        mean: None,
        negative: 0,
        zero: 0,
        length_min: 1,
        length_max: 10,
        top: Vec::new(),
        sample_raw: vec![String::new(); sample.len()],
        sample,
    }
}

fn quantity(row: usize) -> String {
    match row % 4 {
        0 => format!(" {row} kg"),
        1 => format!("{row},5 KG"),
        2 => String::new(),
        _ => "n/a".to_owned(),
    }
}

/// A table of four columns, written as reading writes it.
fn table(folder: &Path) -> TableProfile {
    let quantities: StringArray =
        (0..ROWS).map(|row| Some(quantity(row)).filter(|text| !text.is_empty())).collect();
    let machines = StringArray::from_iter_values((0..ROWS).map(|row| ["M1", "m1 ", "M2", "M9"][row % 4]));
    let starts = TimestampMicrosecondArray::from_iter_values((0..ROWS).map(|row| row as i64 * HOUR));
    let pieces = (0..ROWS).map(|row| (row % 3 != 0).then_some(row as i64)).collect::<Int64Array>();
    let rows = Int64Array::from_iter_values((0..ROWS).map(|row| row as i64 + 2));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("source_row", Arc::new(rows)),
        ("c0", Arc::new(quantities)),
        ("c1", Arc::new(machines)),
        ("c2", Arc::new(starts)),
        ("c3", Arc::new(pieces)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(folder.join("in.parquet")).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let sample = |cell: fn(usize) -> Cell| (0..100).map(cell).collect();
    TableProfile {
        file: "a.csv".to_owned(),
        part: None,
        rows: ROWS as u64,
        sample_rows: (2..102).collect(),
        columns: vec![
            column(
                0,
                "Qty",
                ValueKind::Text,
                sample(|row| match quantity(row) {
                    text if text.is_empty() => Cell::Empty,
                    text => Cell::Text(text),
                }),
            ),
            column(
                1,
                "Machine",
                ValueKind::Text,
                sample(|row| Cell::Text(["M1", "m1 ", "M2", "M9"][row % 4].into())),
            ),
            column(2, "Start", ValueKind::DateTime, sample(|row| Cell::Moment(row as i64 * HOUR))),
            column(
                3,
                "Pieces",
                ValueKind::Integer,
                sample(|row| match row % 3 {
                    0 => Cell::Empty,
                    _ => Cell::Number(row as f64),
                }),
            ),
        ],
        issues: Vec::new(),
    }
}

fn recipe(json: &str) -> Preparation {
    serde_json::from_str(json).unwrap()
}

const EVERYTHING: &str = r#"[
    {"column": "Cost", "rule": {"rule": "formula", "expression": "{Qty} * {Rate}"}},
    {"column": "qty", "steps": [{"step": "remove_units", "units": ["kg"]}, {"step": "parse_number", "decimal": ","}]},
    {"column": "Rate", "rule": {"rule": "lookup", "source": "Machine", "table": {"M1": "50", "M2": "70"}}},
    {"column": "Premium", "rule": {"rule": "conditional", "otherwise": {"value": "1.0"}, "branches": [
        {"label": "night", "value": "1.5", "when": {"any": [
            {"column": "Start", "is": "greater_or_equal", "value": "18:00"},
            {"column": "Start", "is": "less", "value": "06:00"}]}}]}},
    {"column": "Pieces", "steps": [{"step": "default_value", "value": "0"}]},
    {"column": "Key", "from": {"kind": "joined", "columns": ["Machine", "Pieces"], "separator": "/"}},
    {"column": "M2 pieces", "from": {"kind": "where", "column": "Pieces", "code_column": "Machine", "code": "m2"}}
]"#;

#[test]
fn a_whole_file_is_prepared_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let profile = table(folder.path());
    let out = folder.path().join("out.parquet");
    let prepared = run(&folder.path().join("in.parquet"), &profile, &recipe(EVERYTHING), &out).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&out).unwrap())
        .unwrap()
        .with_batch_size(ROWS)
        .build()
        .unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let all = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
    assert_eq!(all.num_rows(), ROWS);
    let at = |header: &str| prepared.column(header).unwrap().index + 1;
    let numbers = |header: &str| all.column(at(header)).as_primitive::<Float64Type>().clone();
    let (qty, rate, cost, premium) = (numbers("Qty"), numbers("Rate"), numbers("Cost"), numbers("Premium"));
    let keys = all.column(at("Key")).as_string::<i32>().clone();
    let pieces = all.column(at("Pieces")).as_primitive::<Int64Type>().clone();
    let of_m2 = all.column(at("M2 pieces")).as_primitive::<Int64Type>().clone();
    let value = |array: &Float64Array, row: usize| array.is_valid(row).then(|| array.value(row));
    for row in 0..ROWS {
        let expected_qty = match row % 4 {
            0 => Some(row as f64),
            1 => Some(row as f64 + 0.5),
            _ => None,
        };
        let expected_rate = [Some(50.0), Some(50.0), Some(70.0), None][row % 4];
        assert_eq!(value(&qty, row), expected_qty, "{row}");
        assert_eq!(value(&rate, row), expected_rate);
        assert_eq!(value(&cost, row), expected_qty.zip(expected_rate).map(|(qty, rate)| qty * rate));
        let night = row % 24 >= 18 || row % 24 < 6;
        assert_eq!(value(&premium, row), Some(if night { 1.5 } else { 1.0 }));
        let made = if row % 3 == 0 { 0 } else { row as i64 };
        assert_eq!(pieces.value(row), made);
        assert_eq!(keys.value(row), format!("{}/{made}", ["M1", "m1 ", "M2", "M9"][row % 4]));
        assert_eq!(of_m2.is_valid(row).then(|| of_m2.value(row)), (row % 4 == 2).then_some(made));
    }
    // What was not prepared is there bit for bit.
    assert_eq!(all.column(3).as_primitive::<TimestampMicrosecondType>().value(7), 7 * HOUR);
    assert_eq!(all.column(0).as_primitive::<Int64Type>().value(7), 9);

    let report = |name: &str| prepared.reports.iter().find(|report| report.column == name).unwrap();
    let quarter = (ROWS / 4) as u64;
    assert_eq!(report("qty").failed, quarter, "n/a is no number");
    assert_eq!((report("qty").failures[0].row, report("qty").failures[0].text.as_str()), (5, "n/a"));
    assert_eq!(report("qty").changed, 3 * quarter);
    assert_eq!(report("Rate").matched, [("M1".to_owned(), 2 * quarter), ("M2".to_owned(), quarter)]);
    assert_eq!(report("Rate").unmatched, quarter);
    assert_eq!(report("Rate").unmatched_values, [("M9".to_owned(), quarter)]);
    assert_eq!(report("Rate").coverage(), Some(0.75));
    assert_eq!(report("Premium").defaulted + report("Premium").matched[0].1, ROWS as u64);
    let column = prepared.column("Qty").unwrap();
    assert_eq!((column.kind, column.filled, column.unreadable), (ValueKind::Decimal, 2 * quarter, quarter));
    assert_eq!(column.max, Some((ROWS - 3) as f64 + 0.5));
    assert_eq!(prepared.profile.issues.len(), 1);
    assert_eq!(prepared.profile.issues[0].rows, quarter);

    // The sample tells the same story of the same rows of the file, and every cell can be explained.
    let seen = preview(&profile, &recipe(EVERYTHING), 1).unwrap();
    for whole in &prepared.reports {
        let own = seen.reports.iter().find(|own| own.column == whole.column).unwrap();
        assert_eq!(own.changes.first().map(|one| one.row), whole.changes.first().map(|one| one.row));
        assert_eq!(own.failures.first().map(|one| one.row), whole.failures.first().map(|one| one.row));
    }
    assert_eq!(seen.reports.iter().find(|report| report.column == "Rate").unwrap().coverage(), Some(0.75));
    let trail = seen.trails[0].iter().find(|trail| trail.column == "qty").unwrap();
    assert_eq!(trail.steps.last().unwrap().1, Cell::Number(0.0));
    assert_eq!(trail.steps[1], ("remove kg".to_owned(), Cell::Text("0".to_owned())));
}

#[test]
fn the_same_in_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let profile = table(folder.path());
    let bytes = |name: &str| {
        let out = folder.path().join(name);
        run(&folder.path().join("in.parquet"), &profile, &recipe(EVERYTHING), &out).unwrap();
        std::fs::read(out).unwrap()
    };
    assert_eq!(bytes("a"), bytes("b"));
}

#[test]
fn what_cannot_be_executed_is_refused_before_a_row_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let profile = table(folder.path());
    for (json, part) in [
        (r#"[{"column": "New"}]"#, "say where its values come from"),
        (
            r#"[{"column": "Qty", "rule": {"rule": "formula", "expression": "{Weight} * 2"}}]"#,
            "no column \"Weight\"",
        ),
        (
            r#"[{"column": "a", "rule": {"rule": "formula", "expression": "{b}"}},
                {"column": "b", "rule": {"rule": "formula", "expression": "{a}"}}]"#,
            "in a circle: a → b → a",
        ),
        (r#"[{"column": "Qty", "steps": [{"step": "convert", "factor": 2}]}]"#, "read it as a number first"),
        (r#"[{"column": "Qty"}, {"column": "QTY "}]"#, "prepared twice"),
        (r#"[{"column": "x", "from": {"kind": "joined", "columns": ["Qty"]}}]"#, "at least two"),
    ] {
        let out = folder.path().join("out.parquet");
        let error = run(&folder.path().join("in.parquet"), &profile, &recipe(json), &out).unwrap_err();
        assert!(matches!(error, PrepareError::Refused(_)));
        assert!(error.to_string().contains(part), "{error}");
        assert!(!out.exists());
    }
    assert!(serde_json::from_str::<Preparation>(r#"[{"column": "x", "stepps": []}]"#).is_err());
}
