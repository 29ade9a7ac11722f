//! Labelled exports as table profiles: a small strict reader that takes encoding and formats from `case.json`.
//! It stands in for `ingest`, so that mapping is measured without the mistakes of reading.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use domain::{Cell, ColumnProfile, Granularity, TableProfile, ValueKind};
use mapping::evaluation::Truth;

/// One labelled export.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) table: TableProfile,
    pub(crate) truth: Truth,
    pub(crate) family: String,
    pub(crate) language: String,
    pub(crate) technical: bool,
    /// `duration_units` of the case.
    pub(crate) units: Vec<(String, String)>,
}

/// The shared examples, where they are present.
pub(crate) fn shared_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/erp-examples"))
}

/// All cases below a folder, by name.
pub(crate) fn load_all(folder: &Path) -> Vec<Case> {
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    folders.sort();
    folders.iter().filter_map(|folder| load(folder)).collect()
}

pub(crate) fn load(folder: &Path) -> Option<Case> {
    let case: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.join("case.json")).ok()?).ok()?;
    let text_of = |key: &str| case.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let bytes = fs::read(folder.join("data.csv")).ok()?;
    let encoding = text_of("encoding");
    let label = encoding.split_whitespace().next().unwrap_or("utf-8");
    let text = match encoding_rs::Encoding::for_label(label.as_bytes()) {
        Some(encoding) => encoding.decode(&bytes).0.into_owned(),
        None => encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned(),
    };
    let header_row = case.get("header_row").and_then(serde_json::Value::as_u64).unwrap_or(1) as usize;
    let delimiter = text_of("delimiter");
    let body: String = text.split_inclusive('\n').skip(header_row - 1).collect();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.as_bytes().first().copied().unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut records: Vec<Vec<String>> = reader
        .records()
        .filter_map(Result::ok)
        .map(|record| record.iter().map(|cell| cell.trim().to_owned()).collect())
        .collect();
    if records.is_empty() {
        return None;
    }
    let headers = records.remove(0);
    records.retain(|record| record.iter().any(|cell| !cell.is_empty()));
    let rows = case.get("rows").and_then(serde_json::Value::as_u64).unwrap_or(records.len() as u64);
    records.truncate(rows as usize);
    let formats = Formats {
        date: text_of("date_format"),
        decimal: text_of("decimal").chars().next().unwrap_or('.'),
        thousands: text_of("thousands").chars().next(),
    };
    let columns = headers
        .iter()
        .enumerate()
        .map(|(index, header)| {
            let raw: Vec<String> =
                records.iter().map(|record| record.get(index).cloned().unwrap_or_default()).collect();
            profile(index, header, &raw, &formats)
        })
        .collect();
    let id = folder.file_name()?.to_string_lossy().into_owned();
    let mut truth = Truth::parse(&id, &fs::read_to_string(folder.join("truth.csv")).ok()?)?;
    truth.granularity = Granularity::named(&text_of("granularity"));
    truth.system = Some(text_of("family"));
    let units = case
        .get("duration_units")
        .and_then(|units| units.as_object())
        .map(|units| {
            units
                .iter()
                .map(|(key, unit)| (key.clone(), unit.as_str().unwrap_or_default().to_owned()))
                .collect()
        })
        .unwrap_or_default();
    Some(Case {
        table: TableProfile {
            file: "data.csv".to_owned(),
            part: None,
            rows: records.len() as u64,
            sample_rows: Vec::new(),
            columns,
            issues: Vec::new(),
        },
        truth,
        family: text_of("family"),
        language: text_of("language"),
        technical: text_of("names") == "technical",
        units,
    })
}

struct Formats {
    date: String,
    decimal: char,
    thousands: Option<char>,
}

/// The profile of one column of raw cells.
fn profile(index: usize, header: &str, raw: &[String], formats: &Formats) -> ColumnProfile {
    let values: Vec<&str> = raw.iter().map(String::as_str).filter(|cell| !is_nothing(cell)).collect();
    let kind = kind(&values, formats);
    let sample: Vec<Cell> = raw
        .iter()
        .map(|cell| if is_nothing(cell) { Cell::Empty } else { read(cell, kind, formats) })
        .collect();
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for value in &values {
        *counts.entry(value).or_default() += 1;
    }
    let mut top: Vec<(String, u64)> =
        counts.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect();
    top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let distinct = top.len() as u64;
    top.truncate(50);
    let numbers: Vec<f64> = sample
        .iter()
        .filter_map(|cell| match cell {
            Cell::Number(number) | Cell::Time(number) => Some(*number),
            Cell::Moment(micros) => Some(*micros as f64),
            _ => None,
        })
        .collect();
    let lengths = values.iter().map(|value| value.chars().count());
    ColumnProfile {
        index,
        header: header.to_owned(),
        kind,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled: values.len() as u64,
        empty: (raw.len() - values.len()) as u64,
        unreadable: sample.iter().filter(|cell| matches!(cell, Cell::Unreadable(_))).count() as u64,
        distinct,
        min: numbers.iter().copied().reduce(f64::min),
        max: numbers.iter().copied().reduce(f64::max),
        mean: (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64),
        negative: numbers.iter().filter(|number| **number < 0.0).count() as u64,
        zero: numbers.iter().filter(|number| **number == 0.0).count() as u64,
        length_min: lengths.clone().min().unwrap_or(0),
        length_max: lengths.max().unwrap_or(0),
        top,
        sample,
        sample_raw: raw.to_vec(),
    }
}

fn is_nothing(cell: &str) -> bool {
    matches!(cell, "" | "NULL" | "null" | "?" | "-" | "00000000" | "01/01/1900" | "0000-00-00" | "00.00.0000")
}

fn kind(values: &[&str], formats: &Formats) -> ValueKind {
    if values.is_empty() {
        return ValueKind::Empty;
    }
    for kind in [
        ValueKind::Boolean,
        ValueKind::DateTime,
        ValueKind::Integer,
        ValueKind::Decimal,
        ValueKind::TimeOfDay,
        ValueKind::Duration,
    ] {
        let read =
            values.iter().filter(|value| !matches!(read(value, kind, formats), Cell::Unreadable(_))).count();
        if read * 50 < values.len() * 49 {
            continue;
        }
        if kind == ValueKind::DateTime {
            let timed = values.iter().any(|value| {
                matches!(read_moment(value, formats), Some(micros) if micros.rem_euclid(86_400_000_000) != 0)
            });
            return if timed { ValueKind::DateTime } else { ValueKind::Date };
        }
        return kind;
    }
    ValueKind::Text
}

fn read(cell: &str, kind: ValueKind, formats: &Formats) -> Cell {
    let read = match kind {
        ValueKind::Boolean => match cell.to_lowercase().as_str() {
            "true" | "yes" | "y" | "wahr" | "ja" | "vrai" | "oui" | "verdadero" | "sí" | "vero" => {
                Some(Cell::Flag(true))
            }
            "false" | "no" | "n" | "falsch" | "nein" | "faux" | "non" | "falso" => Some(Cell::Flag(false)),
            _ => None,
        },
        ValueKind::Date | ValueKind::DateTime => read_moment(cell, formats).map(Cell::Moment),
        ValueKind::Integer => {
            let digits = cell.strip_prefix('-').unwrap_or(cell);
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let zeros = digits.len() > 1 && digits.starts_with('0');
            (plain && !zeros).then(|| cell.parse().ok().map(Cell::Number)).flatten()
        }
        ValueKind::Decimal => read_number(cell, formats).map(Cell::Number),
        ValueKind::TimeOfDay => {
            read_clock(cell).filter(|seconds| *seconds < 86_400.0).filter(|_| cell.len() >= 5).map(Cell::Time)
        }
        ValueKind::Duration => read_clock(cell).map(|seconds| Cell::Number(seconds / 3_600.0)),
        ValueKind::Text | ValueKind::Empty => Some(Cell::Text(cell.to_owned())),
    };
    read.unwrap_or_else(|| Cell::Unreadable(cell.to_owned()))
}

fn read_number(cell: &str, formats: &Formats) -> Option<f64> {
    let mut plain: String =
        cell.chars().filter(|char| Some(*char) != formats.thousands && *char != '\u{a0}').collect();
    if let Some(rest) = plain.strip_suffix('-') {
        plain = format!("-{rest}");
    }
    let digits = plain.trim_start_matches('-');
    if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if !plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == formats.decimal as u8) {
        return None;
    }
    plain.replace(formats.decimal, ".").parse().ok()
}

fn read_clock(cell: &str) -> Option<f64> {
    let parts: Vec<f64> = cell.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [hours, minutes] => Some(hours * 3_600.0 + minutes * 60.0),
        [hours, minutes, seconds] => Some(hours * 3_600.0 + minutes * 60.0 + seconds),
        _ => None,
    }
}

fn read_moment(cell: &str, formats: &Formats) -> Option<i64> {
    let date_only = formats.date.split([' ', 'T']).next().unwrap_or_default();
    let mut tried = vec![formats.date.as_str(), date_only];
    if formats.date.starts_with("%Y-%m-%d") {
        tried.extend(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]);
    }
    for format in tried {
        if format.is_empty() || !format.starts_with('%') {
            continue;
        }
        let Ok(read) = jiff::fmt::strtime::parse(format, cell) else { continue };
        let moment = read.to_datetime().or_else(|_| read.to_date().map(|date| date.at(0, 0, 0, 0)));
        if let Ok(moment) = moment
            && moment.year() > 1950
        {
            let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
            return i64::try_from(moment.duration_since(epoch).as_micros()).ok();
        }
    }
    None
}
