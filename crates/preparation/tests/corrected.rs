//! A corrected cell is what the cell of the file would have been: the same table comes of it, whatever else is done to its column.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its table should stop")]

use std::{collections::BTreeMap, fs::File, path::Path, sync::Arc};

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use domain::{Cell, ColumnProfile, TableProfile, ValueKind};
use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};
use preparation::{Preparation, Prepared, fix, preview, run};

const DAY: i64 = 86_400_000_000;

/// Cells as they are written, column by column; an empty text is an empty cell.
type Table = Vec<Vec<String>>;

const COLUMNS: [(&str, ValueKind); 5] = [
    ("Qty", ValueKind::Integer),
    ("Rate", ValueKind::Decimal),
    ("Machine", ValueKind::Text),
    ("Due", ValueKind::Date),
    ("Done", ValueKind::Boolean),
];

/// Rows of the file begin behind its head, and some are no rows of the table.
fn number(row: usize) -> u64 {
    row as u64 * 2 + 3
}

fn day(text: &str) -> i64 {
    text.strip_prefix("1970-01-").unwrap().parse::<i64>().unwrap() * DAY - DAY
}

fn write(table: &Table, path: &Path) {
    let filled = |column: usize| table[column].iter().map(|text| (!text.is_empty()).then_some(text.as_str()));
    let rows: Int64Array = (0..table[0].len()).map(|row| Some(number(row) as i64)).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("source_row", Arc::new(Int64Array::from_iter_values(rows.values().iter().copied()))),
        (
            "c0",
            Arc::new(filled(0).map(|text| text.map(|text| text.parse().unwrap())).collect::<Int64Array>()),
        ),
        (
            "c1",
            Arc::new(filled(1).map(|text| text.map(|text| text.parse().unwrap())).collect::<Float64Array>()),
        ),
        ("c2", Arc::new(filled(2).collect::<StringArray>())),
        ("c3", Arc::new(filled(3).map(|text| text.map(day)).collect::<TimestampMicrosecondArray>())),
        ("c4", Arc::new(filled(4).map(|text| text.map(|text| text == "true")).collect::<BooleanArray>())),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().enumerate().map(|(at, (name, array))| (name, array, at > 0)),
    )
    .unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn profile(table: &Table) -> TableProfile {
    let column = |(index, (header, kind)): (usize, (&str, ValueKind))| ColumnProfile {
        index,
        header: header.to_owned(),
        kind,
        format: Some("as it is".to_owned()),
        ambiguous: Vec::new(),
        currency: None,
        filled: 0,
        empty: 0,
        unreadable: 0,
        distinct: 0,
        min: None,
        max: None,
        mean: None,
        negative: 0,
        zero: 0,
        length_min: 0,
        length_max: 0,
        top: Vec::new(),
        sample_raw: Vec::new(),
        sample: table[index].iter().map(|text| sampled(text, kind)).collect(),
    };
    TableProfile {
        file: "a.csv".to_owned(),
        part: None,
        rows: table[0].len() as u64,
        sample_rows: (0..table[0].len()).map(number).collect(),
        columns: COLUMNS.into_iter().enumerate().map(column).collect(),
        issues: Vec::new(),
    }
}

fn sampled(text: &str, kind: ValueKind) -> Cell {
    match kind {
        _ if text.is_empty() => Cell::Empty,
        ValueKind::Text => Cell::Text(text.to_owned()),
        ValueKind::Date => Cell::Moment(day(text)),
        ValueKind::Boolean => Cell::Flag(text == "true"),
        _ => Cell::Number(text.parse().unwrap()),
    }
}

fn made(folder: &Path, table: &Table, preparation: &Preparation) -> (Prepared, Vec<RecordBatch>) {
    let (input, output) = (folder.join("in.parquet"), folder.join("out.parquet"));
    write(table, &input);
    let prepared = run(&input, &profile(table), preparation, &output).unwrap();
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(output).unwrap()).unwrap().build().unwrap();
    (prepared, reader.map(Result::unwrap).collect())
}

fn recipe(json: &str) -> Preparation {
    serde_json::from_str(json).unwrap()
}

const RECIPES: [&str; 5] = [
    "[]",
    r#"[{"column": "Qty", "steps": [{"step": "default_value", "value": "0"}, {"step": "convert", "factor": 0.5}]},
        {"column": "Cost", "rule": {"rule": "formula", "expression": "{Qty} * {Rate}"}}]"#,
    r#"[{"column": "Machine", "steps": [{"step": "uppercase"}],
         "rule": {"rule": "lookup", "source": "Machine", "table": {"m1": "M-01"}, "otherwise": "keep"}},
        {"column": "Late", "rule": {"rule": "conditional", "branches": [
            {"value": "late", "when": {"column": "Due", "is": "less", "value": "1970-01-10"}}]}}]"#,
    r#"[{"column": "Key", "from": {"kind": "joined", "columns": ["Machine", "Qty"], "separator": "/"}},
        {"column": "Rate", "from": {"kind": "where", "column": "Rate", "code_column": "Machine", "code": "m1"}}]"#,
    r#"[{"column": "Qty", "from": {"kind": "fixed", "value": "1"}},
        {"column": "Done", "steps": [{"step": "default_value", "value": "false"}]}]"#,
];

#[test]
fn a_correction_equals_changing_the_cell_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = move |n: usize| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) % n as u64) as usize
    };
    for round in 0..60 {
        let mut value = |column: usize| match (roll(5), column) {
            (0, _) => String::new(),
            (_, 0) => roll(40).to_string(),
            (_, 1) => format!("{}.5", roll(90)),
            (_, 2) => ["m1", "M1 x", "m2", "ß"][roll(4)].to_owned(),
            (_, 3) => format!("1970-01-{:02}", roll(28) + 1),
            _ => ["true", "false"][roll(2)].to_owned(),
        };
        let n = 30 + round;
        let table: Table = (0..COLUMNS.len()).map(|column| (0..n).map(|_| value(column)).collect()).collect();
        let wanted = recipe(RECIPES[round % RECIPES.len()]);
        let (mut edited, mut corrected) = (table.clone(), wanted.clone());
        let mut cells: BTreeMap<usize, BTreeMap<u64, String>> = BTreeMap::new();
        for at in 0..round {
            let (column, row) = (at % COLUMNS.len(), at * 7 % n);
            let text = value(column);
            edited[column][row].clone_from(&text);
            cells.entry(column).or_default().insert(number(row), text);
        }
        for (column, own) in &cells {
            corrected = fix::corrected(&corrected, COLUMNS[*column].0, own.clone());
        }
        // A row that is no row of the table changes nothing.
        if round > 0 {
            corrected = fix::corrected(&corrected, "Qty", BTreeMap::from([(4, "1".to_owned())]));
        }
        let (by_hand, hand_rows) = made(folder.path(), &table, &corrected);
        let (by_file, file_rows) = made(folder.path(), &edited, &wanted);
        let columns =
            |rows: &[RecordBatch]| rows.iter().map(|rows| rows.columns().to_vec()).collect::<Vec<_>>();
        assert_eq!(columns(&hand_rows), columns(&file_rows), "round {round}: {corrected:?}");
        let counted: u64 = by_hand.reports.iter().map(|report| report.corrected).sum();
        assert_eq!(counted, cells.values().map(|own| own.len() as u64).sum::<u64>(), "round {round}");
        for report in &by_file.reports {
            let same = by_hand.reports.iter().find(|own| own.column == report.column).unwrap();
            assert_eq!((same.failed, &same.matched), (report.failed, &report.matched), "round {round}");
        }
        // The sampled rows tell the same.
        let seen = preview(&profile(&table), &corrected, 3).unwrap();
        for (sampled, whole) in seen.reports.iter().zip(&by_hand.reports) {
            assert_eq!((sampled.corrected, sampled.changed), (whole.corrected, whole.changed));
        }
    }
}

#[test]
fn what_was_corrected_is_told_beside_what_the_file_says() {
    let folder = tempfile::tempdir().unwrap();
    let table: Table =
        [["5", "", "7"], ["1.5", "2.5", ""], ["m1", "m2", "m3"], ["", "", ""], ["true", "", ""]]
            .map(|column| column.map(str::to_owned).to_vec())
            .to_vec();
    let cells = BTreeMap::from([(number(1), "6.5".to_owned()), (number(2), String::new())]);
    let wanted = fix::corrected(&Preparation::default(), "qty", cells);
    let (prepared, _) = made(folder.path(), &table, &wanted);
    let report = &prepared.reports[0];
    assert_eq!((report.rows, report.corrected, report.changed), (3, 2, 2));
    assert_eq!(report.changes[0].before, Cell::Empty);
    assert_eq!((report.changes[1].row, &report.changes[1].after), (number(2), &Cell::Empty));
    let column = prepared.column("Qty").unwrap();
    assert_eq!((column.kind, column.max, column.empty), (ValueKind::Decimal, Some(6.5), 1));
    assert_eq!(column.format.as_deref(), Some("as it is"), "the other cells are written as before");
    let seen = preview(&profile(&table), &wanted, 3).unwrap();
    assert!(seen.warnings.is_empty(), "{:?}", seen.warnings);
    let told = |row: usize| -> Vec<(&str, &Cell)> {
        seen.trails[row][0].steps.iter().map(|(what, cell)| (what.as_str(), cell)).collect()
    };
    assert_eq!(told(0), [("from", &Cell::Number(5.0))]);
    assert_eq!(told(1), [("from", &Cell::Empty), ("corrected", &Cell::Number(6.5))]);
}

#[test]
fn a_correction_that_fits_no_column_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let table: Table = vec![vec!["5".to_owned()]; 2]
        .into_iter()
        .chain(["m1", "1970-01-01", "true"].map(|text| vec![text.to_owned()]))
        .collect();
    let input = folder.path().join("in.parquet");
    write(&table, &input);
    for (json, part) in [
        (r#"[{"column": "Qty", "corrected": {"3": "many"}}]"#, "row 3: \"many\" is no integer"),
        (r#"[{"column": "Due", "corrected": {"3": "soon"}}]"#, "row 3: \"soon\" is no date"),
        (
            r#"[{"column": "New", "from": {"kind": "fixed", "value": "1"}, "corrected": {"3": "1"}}]"#,
            "is not in the file",
        ),
    ] {
        let out = folder.path().join("refused.parquet");
        let error = run(&input, &profile(&table), &recipe(json), &out).unwrap_err().to_string();
        assert!(error.contains(part) && !out.exists(), "{error}");
    }
    assert!(serde_json::from_str::<Preparation>(r#"[{"column": "Qty", "corrected": {"x": "1"}}]"#).is_err());
}
