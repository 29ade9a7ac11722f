//! Five million operations within the memory limit. Run by hand: `cargo test -p analyzers --test it volume -- --ignored`.

use std::{fs::File, sync::Arc, time::Instant};

use datafusion::{
    arrow::{
        array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray},
        datatypes::{DataType, Field, Schema, TimeUnit},
    },
    parquet::arrow::ArrowWriter,
};
use domain::{Granularity, ValueKind};

use crate::kit;

const ROWS: u64 = 5_000_000;
const PER_ORDER: u64 = 6;

#[test]
#[ignore = "takes minutes and a gigabyte of disk"]
fn five_million_operations_fit() {
    let folder = tempfile::tempdir().unwrap();
    let columns: Vec<kit::Column<'_>> = vec![
        ("Job", "work_order_id", ValueKind::Text, ""),
        ("Op", "operation_sequence", ValueKind::Integer, ""),
        ("Part", "product_id", ValueKind::Text, ""),
        ("WC", "work_center_id", ValueKind::Text, ""),
        ("Machine", "machine_id", ValueKind::Text, ""),
        ("Start", "operation_actual_start", ValueKind::DateTime, ""),
        ("End", "operation_actual_end", ValueKind::DateTime, ""),
        ("Plan", "planned_run_hours", ValueKind::Decimal, "hours"),
        ("Run", "actual_run_hours", ValueKind::Decimal, "minutes"),
        ("Setup", "actual_setup_hours", ValueKind::Decimal, "hours"),
        ("Good", "operation_quantity_completed", ValueKind::Decimal, ""),
        ("Scrap", "operation_quantity_scrapped", ValueKind::Decimal, ""),
        ("Cost", "actual_labor_cost", ValueKind::Decimal, ""),
        ("Qty", "quantity_ordered", ValueKind::Decimal, ""),
    ];
    let heads: Vec<&str> = columns.iter().map(|column| column.0).collect();
    let mut table = kit::table(
        folder.path(),
        "ops.csv",
        Granularity::Operation,
        &columns,
        &format!("{}\n", heads.join(",")),
    );
    table.mapping.rows = ROWS;
    write(&table.parquet);
    let began = Instant::now();
    let built = kit::build(&[table]);
    println!("canonical tables of {ROWS} operations: {:?}, peak {} MB", began.elapsed(), peak());
    let began = Instant::now();
    let kpis = analyzers::kpi::compute(&built.canonical).unwrap();
    println!("{} key figures: {:?}, peak {} MB", kpis.len(), began.elapsed(), peak());
    let began = Instant::now();
    let quality = analyzers::quality::assess(&built.canonical, Vec::new()).unwrap();
    println!("{} items of data quality: {:?}, peak {} MB", quality.items.len(), began.elapsed(), peak());
    assert_eq!(built.canonical.rows.used, ROWS);
    assert!(peak() < 2_000);
}

fn write(path: &std::path::Path) {
    let moment = DataType::Timestamp(TimeUnit::Microsecond, None);
    let mut fields = vec![Field::new("source_row", DataType::Int64, false)];
    let types = [
        DataType::Utf8,
        DataType::Int64,
        DataType::Utf8,
        DataType::Utf8,
        DataType::Utf8,
        moment.clone(),
        moment,
        DataType::Float64,
        DataType::Float64,
        DataType::Float64,
        DataType::Float64,
        DataType::Float64,
        DataType::Float64,
        DataType::Float64,
    ];
    fields
        .extend(types.into_iter().enumerate().map(|(idx, type_)| Field::new(format!("c{idx}"), type_, true)));
    let schema = Arc::new(Schema::new(fields));
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), schema.clone(), None).unwrap();
    let mut from = 0;
    while from < ROWS {
        let rows: Vec<u64> = (from..(from + 65_536).min(ROWS)).collect();
        from += rows.len() as u64;
        let noise =
            |row: u64, salt: u64| (row.wrapping_mul(2_654_435_761).wrapping_add(salt * 97) >> 7) % 1_000;
        let text = |of: &dyn Fn(u64) -> String| -> ArrayRef {
            Arc::new(rows.iter().map(|row| Some(of(*row))).collect::<StringArray>())
        };
        let number = |of: &dyn Fn(u64) -> f64| -> ArrayRef {
            Arc::new(rows.iter().map(|row| Some(of(*row))).collect::<Float64Array>())
        };
        let time = |later: i64| -> ArrayRef {
            Arc::new(
                rows.iter()
                    .map(|row| Some(1_600_000_000_000_000 + *row as i64 * 12_000_000 + later * 3_600_000_000))
                    .collect::<TimestampMicrosecondArray>(),
            )
        };
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|row| Some(*row as i64 + 2)).collect::<Int64Array>()),
            text(&|row| format!("J{:07}", row / PER_ORDER)),
            Arc::new(rows.iter().map(|row| Some((row % PER_ORDER) as i64 * 10)).collect::<Int64Array>()),
            text(&|row| format!("P{:04}", (row / PER_ORDER) % 2_000)),
            text(&|row| format!("WC-{}", row % 12)),
            text(&|row| format!("M{:03}", noise(row, 1) % 80)),
            time(0),
            time(2),
            number(&|row| 1.0 + (row % 9) as f64),
            number(&|row| 60.0 + noise(row, 2) as f64 / 3.0),
            number(&|row| noise(row, 3) as f64 / 1_000.0),
            number(&|row| 10.0 + (row % 50) as f64),
            number(&|row| (noise(row, 4) / 990) as f64),
            number(&|row| 20.0 + noise(row, 5) as f64 / 7.0),
            number(&|row| 10.0 + ((row / PER_ORDER) % 50) as f64),
        ];
        writer.write(&RecordBatch::try_new(schema.clone(), arrays).unwrap()).unwrap();
    }
    writer.close().unwrap();
}

/// The most memory this process has held, in megabytes; 0 where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).unwrap_or(0) / 1_024
}
