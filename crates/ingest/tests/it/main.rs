//! Reading from the outside: files in, tables out.

#![expect(clippy::format_collect, reason = "texts of tests are short, and the format is what is to be read")]
#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod dialects;
mod erp_examples;
mod layouts;
mod mutations;
mod odd_rows;
mod random_bytes;
mod typed_tables;
mod wrong_files;

use std::path::Path;

use ingest::{ReadError, ReadOptions, ReadTable};

/// The table of these bytes as read: header (if any) and rows.
pub(crate) fn rows_of(bytes: &[u8]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    std::fs::write(&path, bytes).unwrap();
    let mut out = Vec::new();
    ingest::write_csv(&path, &ReadOptions::default(), &mut out).unwrap();
    parse(&out)
}

/// Plain RFC 4180, as anybody else would read what `write_csv` writes.
pub(crate) fn parse(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

pub(crate) fn read(path: &Path) -> Result<Vec<ReadTable>, ReadError> {
    let out = tempfile::tempdir().unwrap();
    ingest::read(path, out.path(), &ReadOptions::default(), &mut |_| {})
}

pub(crate) fn read_text(text: &str) -> ReadTable {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    std::fs::write(&path, text).unwrap();
    read(&path).unwrap().remove(0)
}

/// Records of a shop-floor list: codes, dates, numbers, and text with the marks that make trouble.
pub(crate) fn records() -> Vec<Vec<String>> {
    let mut out = vec![
        ["Order", "Date", "Time", "Qty", "Price", "Part", "Remark", "Link", "Note"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let parts = ["Bearing housing", "Valve body, 2 way", "Pipe 10\" long", "Men's boots", "Gear blank Z24"];
    let remarks = [
        "First run, checked twice and released by the lead, without scrap.",
        "The tool was changed. It's worn after 300 parts, see the log.",
        "Made in one shift: soft jaws, no deburring, and a new program.",
        "Customer said \"as soon as possible\", so it went out at night.",
    ];
    for i in 0..60u32 {
        out.push(vec![
            format!("WO-{:05}", 10_000 + i * 7),
            format!("{:02}/{:02}/2024", 1 + i % 28, 1 + i % 12),
            format!("{:02}:{:02}", i % 24, (i * 15) % 60),
            format!("{}", (i * 13) % 40),
            format!("${}.{:02}", 5 + i, (i * 37) % 100),
            parts[i as usize % parts.len()].to_owned(),
            remarks[i as usize % remarks.len()].to_owned(),
            format!("https://www.example.com/order/{i}.html"),
            String::new(),
        ]);
    }
    out
}

/// Writes records with a delimiter; cells are quoted where they hold a comma or a quote.
pub(crate) fn written(records: &[Vec<String>], delimiter: &str, end: &str) -> String {
    records.iter().map(|record| line(record, delimiter, "\"\"") + end).collect()
}

pub(crate) fn line(record: &[String], delimiter: &str, quote_inside: &str) -> String {
    let cells: Vec<String> = record
        .iter()
        .map(|cell| {
            if cell.contains([',', '"']) || cell.contains(delimiter) {
                format!("\"{}\"", cell.replace('"', quote_inside))
            } else {
                cell.clone()
            }
        })
        .collect();
    cells.join(delimiter)
}
