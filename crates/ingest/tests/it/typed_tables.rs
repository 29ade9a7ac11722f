//! Types, figures, samples and the Parquet file.

use std::fmt::Write as _;

use arrow::array::{Array, Float64Array, Int64Array, StringArray};
use domain::ValueKind;
use ingest::ReadOptions;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

fn large(rows: usize) -> String {
    let mut text = String::from("Order,Qty,Hours,Start,Text\r\n");
    for i in 0..rows {
        let hours = if i + 10 < rows { format!("{}", i % 9) } else { format!("{}.25", i % 9) };
        let name = if i % 1000 == 7 { "\"a, \"\"b\"\"\"" } else { "plain" };
        writeln!(
            text,
            "WO{i:07},{},{hours},2024-{:02}-{:02} 07:30:00,{name}\r",
            i % 500,
            1 + i % 12,
            1 + i % 28
        )
        .unwrap();
    }
    text
}

/// A type that only the last rows show changes how all rows are written.
#[test]
fn a_late_decimal_makes_the_whole_column_decimal() {
    let rows = 300_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    std::fs::write(&path, large(rows)).unwrap();
    let mut last = 0.0;
    let tables = ingest::read(&path, folder.path(), &ReadOptions::default(), &mut |progress| {
        let share = progress.share.unwrap();
        assert!(share >= last - 1e-9, "progress never falls");
        last = share;
    })
    .unwrap();
    let table = &tables[0];
    let kinds: Vec<ValueKind> = table.profile.columns.iter().map(|column| column.kind).collect();
    assert_eq!(
        kinds,
        [ValueKind::Text, ValueKind::Integer, ValueKind::Decimal, ValueKind::DateTime, ValueKind::Text]
    );
    let (order, qty, hours) =
        (&table.profile.columns[0], &table.profile.columns[1], &table.profile.columns[2]);
    assert_eq!((qty.filled, qty.distinct, qty.min, qty.max), (rows as u64, 500, Some(0.0), Some(499.0)));
    assert!((order.distinct as f64 / rows as f64 - 1.0).abs() < 0.03, "{}", order.distinct);
    assert_eq!(hours.max, Some(8.25));
    assert_eq!(qty.top.len(), 50);
    assert_eq!(order.sample.len(), order.sample_raw.len());
    assert!((1000..=2000).contains(&order.sample.len()));

    let file = std::fs::File::open(&table.parquet).unwrap();
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_batch_size(8192).build().unwrap();
    let (mut seen, mut sum) = (0, 0.0);
    for batch in reader {
        let batch = batch.unwrap();
        let row = batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap();
        let order = batch.column(1).as_any().downcast_ref::<StringArray>().unwrap();
        let hours = batch.column(3).as_any().downcast_ref::<Float64Array>().unwrap();
        for i in 0..batch.num_rows() {
            assert_eq!(row.value(i), seen + 2);
            assert_eq!(order.value(i), format!("WO{seen:07}"));
            sum += hours.value(i);
            seen += 1;
        }
    }
    assert_eq!(seen as usize, rows);
    assert!((sum / seen as f64 - hours.mean.unwrap()).abs() < 1e-9);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    std::fs::write(&path, large(120_000)).unwrap();
    let read = |threads| {
        let options = ReadOptions { threads, ..ReadOptions::default() };
        let table = ingest::read(&path, folder.path(), &options, &mut |_| {}).unwrap().remove(0);
        (table.profile, std::fs::read(table.parquet).unwrap())
    };
    let (one, four) = (read(1), read(4));
    assert_eq!(one.0, four.0);
    assert_eq!(one.1, four.1);
}

#[test]
fn blank_cells_and_unreadable_ones_are_null_and_counted() {
    let mut text = String::from("Order;Hours\n");
    for i in 0..200 {
        let hours = match i {
            17 => "see note".to_owned(),
            20..40 => String::new(),
            _ => format!("{i},25"),
        };
        writeln!(text, "A{i};{hours}").unwrap();
    }
    let table = crate::read_text(&text);
    let hours = &table.profile.columns[1];
    assert_eq!((hours.kind, hours.filled, hours.empty, hours.unreadable), (ValueKind::Decimal, 180, 20, 1));
    let issue = table.profile.issues.iter().find(|issue| issue.kind == "unreadable_value").unwrap();
    assert_eq!((issue.row, issue.column), (Some(19), Some(1)));
    assert!(issue.message.contains("see note"), "{}", issue.message);
}

/// An archive of two exports and an empty list: two tables, and a note on the third.
#[test]
fn a_part_without_records_does_not_hide_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exports.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let body: String = (0..20).map(|i| format!("WO-{i:04};{i}.5\n")).collect();
    for (name, text) in
        [("a.csv", format!("Order;Hours\n{body}")), ("b.csv", "Order;Hours\n".to_owned()), ("c.csv", body)]
    {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let tables = crate::read(&path).unwrap();
    let rows: Vec<u64> = tables.iter().map(|table| table.profile.rows).collect();
    assert_eq!(rows, [20, 20]);
    assert_ne!(tables[0].parquet, tables[1].parquet);
    assert!(tables[0].profile.issues.iter().any(|issue| issue.kind == "part_not_read"));
}
