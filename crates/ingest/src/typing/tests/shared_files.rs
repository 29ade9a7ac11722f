//! Exports that lie beside the repository: every date, number and duration is read as an independent parser reads it by
//! what `case.json` says. Skipped where they are absent.

use std::path::{Path, PathBuf};

use domain::Cell;
use domain::table::ValueKind;

use super::notations::evidence_of;
use crate::typing::{Column, settle};

fn shared() -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).to_path_buf();
    if path.join("erp-examples").exists() {
        return Some(path);
    }
    println!("skipped: no shared files beside the repository");
    None
}

/// Headers and columns of a delimited file.
fn table(bytes: &[u8], encoding: &str, delimiter: u8, header_row: usize) -> Vec<(String, Vec<String>)> {
    let label = encoding.split(' ').next().unwrap_or("utf-8");
    let (text, _, _) =
        encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8).decode(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = reader.records().map(Result::unwrap).skip(header_row - 1);
    let mut columns: Vec<(String, Vec<String>)> =
        rows.next().unwrap().iter().map(|header| (header.to_owned(), Vec::new())).collect();
    for row in rows {
        for ((_, cells), cell) in columns.iter_mut().zip(row.iter()) {
            cells.push(cell.to_owned());
        }
    }
    columns
}

fn moment_by(format: &str, cell: &str) -> Option<i64> {
    let parsed = jiff::fmt::strtime::parse(format, cell).ok()?;
    let moment = parsed.to_datetime().or_else(|_| parsed.to_date().map(|date| date.at(0, 0, 0, 0))).ok()?;
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    Some(epoch.until((jiff::Unit::Microsecond, moment)).ok()?.get_microseconds())
}

fn number_by(decimal: char, thousands: &str, cell: &str) -> Option<f64> {
    let plain = if thousands.is_empty() { cell.to_owned() } else { cell.replace(thousands, "") };
    let plain = plain.replace(decimal, ".");
    let digits = plain.trim_start_matches('-');
    let coded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let shaped = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if coded || !shaped { None } else { plain.parse().ok() }
}

#[test]
fn examples_are_read_as_their_cases_say() {
    let Some(shared) = shared() else { return };
    let mut wrong = Vec::new();
    let (mut dates, mut numbers, mut durations) = (0, 0, 0);
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(shared.join("erp-examples")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.join("case.json").exists()) {
        let case: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("case.json")).unwrap()).unwrap();
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        let delimiter = text("delimiter").bytes().next().unwrap_or(b',');
        let header_row = case["header_row"].as_u64().unwrap_or(1) as usize;
        let columns =
            table(&std::fs::read(folder.join("data.csv")).unwrap(), &text("encoding"), delimiter, header_row);
        let evidence: Vec<_> = columns
            .iter()
            .map(|(_, cells)| evidence_of(&cells.iter().map(String::as_str).collect::<Vec<_>>()))
            .collect();
        let mut decided: Vec<Column<'_>> = columns
            .iter()
            .zip(&evidence)
            .map(|((header, _), evidence)| Column::new(header, evidence))
            .collect();
        settle(&mut decided);
        let date_format = text("date_format");
        let day_format = date_format.split(' ').next().unwrap_or_default().to_owned();
        let decimal = text("decimal").chars().next().unwrap_or('.');
        for (column, (header, cells)) in decided.iter().zip(&columns) {
            let name = format!("{} / {header}", folder.file_name().unwrap().to_string_lossy());
            let kind = column.decided.kind;
            let filled: Vec<&str> =
                cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
            let formats = [
                date_format.clone(),
                day_format.clone(),
                format!("{date_format} %H:%M:%S"),
                format!("{date_format} %H:%M"),
                format!("{day_format} %H:%M:%S"),
            ];
            let expected = |cell: &str| formats.iter().find_map(|format| moment_by(format, cell));
            if !filled.is_empty()
                && filled.iter().filter(|cell| expected(cell).is_some()).count() * 10 >= filled.len() * 9
            {
                dates += 1;
                let right = kind.is_moment()
                    && column.decided.ambiguous.is_empty()
                    && filled.iter().all(|cell| {
                        expected(cell).is_none_or(|micros| column.decided.read(cell) == Cell::Moment(micros))
                    });
                if !right {
                    wrong.push(format!(
                        "{name}: {kind:?} {:?} {:?} {:?}",
                        column.decided.format,
                        column.decided.ambiguous,
                        &filled[..1]
                    ));
                }
                continue;
            }
            if case["duration_units"][header] == "HH:MM" {
                durations += 1;
                let right = filled.iter().all(|cell| {
                    let (hours, minutes) = cell.split_once(':').unwrap();
                    let hours = hours.parse::<f64>().unwrap() + minutes.parse::<f64>().unwrap() / 60.0;
                    column.decided.read(cell).number().is_some_and(|read| (read - hours).abs() < 1e-9)
                });
                if kind != ValueKind::Duration || !right {
                    wrong.push(format!("{name}: {kind:?} {:?}", column.decided.format));
                }
                continue;
            }
            let number = |cell: &str| number_by(decimal, &text("thousands"), cell);
            if !filled.is_empty() && filled.iter().all(|cell| number(cell).is_some()) {
                numbers += 1;
                let right = filled.iter().all(|cell| match column.decided.read(cell) {
                    Cell::Number(read) => Some(read) == number(cell),
                    Cell::Flag(flag) => number(cell).is_some_and(|value| (value != 0.0) == flag),
                    Cell::Time(_) => {
                        header.to_lowercase().contains("hour")
                            || header.contains("time")
                            || header.contains("Heure")
                    }
                    _ => false,
                });
                let duration = case["duration_units"][header].is_string();
                if !right || (duration && !kind.is_number()) {
                    wrong.push(format!("{name}: {kind:?} {:?} {:?}", column.decided.format, &filled[..1]));
                }
                if !column.decided.ambiguous.is_empty() {
                    println!(
                        "{name}: {kind:?} {:?} could be {:?}",
                        column.decided.format, column.decided.ambiguous
                    );
                }
            } else {
                println!(
                    "{name}: {kind:?} {:?} {:?} {:?}",
                    column.decided.format,
                    column.decided.ambiguous,
                    filled.first()
                );
            }
        }
    }
    println!("{dates} date, {numbers} number, {durations} HH:MM columns");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(dates > 0 && numbers > 0 && durations > 0);
}

#[test]
fn the_production_log_is_read() {
    let Some(shared) = shared() else { return };
    let Ok(bytes) = std::fs::read(shared.join("real-data/4tu-production-log/Production_Data.csv")) else {
        return;
    };
    let kinds: Vec<(String, ValueKind, Option<String>)> = table(&bytes, "utf-8", b',', 1)
        .into_iter()
        .map(|(header, cells)| {
            let decided = evidence_of(&cells.iter().map(String::as_str).collect::<Vec<_>>()).decide(&header);
            assert!(decided.ambiguous.is_empty(), "{header}: {:?}", decided.ambiguous);
            (header, decided.kind, decided.format)
        })
        .collect();
    let of = |wanted: &str| {
        kinds
            .iter()
            .find(|(header, ..)| header == wanted)
            .map(|(_, kind, format)| (*kind, format.clone()))
            .unwrap()
    };
    let moment = Some("yyyy/mm/dd hh:mm:ss.fff".to_owned());
    assert_eq!(of("Start Timestamp"), (ValueKind::DateTime, moment.clone()));
    assert_eq!(of("Complete Timestamp"), (ValueKind::DateTime, moment));
    assert_eq!(of("Span"), (ValueKind::Duration, Some("HHH:MM (hours)".to_owned())));
    assert_eq!(of("Work Order  Qty").0, ValueKind::Integer);
    assert_eq!(of("Worker ID").0, ValueKind::Text);
    assert_eq!(of("Report Type").0, ValueKind::Text);
    assert_eq!(of("Rework"), (ValueKind::Boolean, Some("Y or blank".to_owned())));
}
