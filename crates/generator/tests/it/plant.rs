//! A generated plant, read back from its bytes by plain means.

use std::collections::BTreeMap;

use generator::{MemorySink, PlantSpec, generate, truth::Truth};

#[derive(Debug)]
pub(crate) struct Plant {
    pub(crate) truth: Truth,
    tables: BTreeMap<String, Table>,
}

#[derive(Debug)]
struct Table {
    columns: BTreeMap<String, usize>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    columns: &'a BTreeMap<String, usize>,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    pub(crate) fn get(&self, column: &str) -> Option<&'a str> {
        self.columns.get(column).map(|position| self.cells[*position].as_str())
    }

    pub(crate) fn text(&self, column: &str) -> &'a str {
        self.get(column).unwrap_or_else(|| panic!("no column {column}"))
    }

    pub(crate) fn number(&self, column: &str) -> f64 {
        self.text(column).parse().unwrap_or_else(|_| panic!("{column} is no number"))
    }
}

impl Plant {
    /// The plant in the default style.
    pub(crate) fn of(spec: &PlantSpec) -> Self {
        let mut sink = MemorySink::default();
        let truth = generate(spec, &mut sink).unwrap();
        let mut tables = BTreeMap::new();
        for (name, bytes) in sink.files.iter().filter(|(name, _)| *name != "truth.json") {
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            let columns = reader
                .headers()
                .unwrap()
                .iter()
                .enumerate()
                .map(|(position, name)| (name.to_owned(), position))
                .collect();
            let rows =
                reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            tables.insert(name.clone(), Table { columns, rows });
        }
        Self { truth, tables }
    }

    pub(crate) fn table(&self, file: &str) -> impl Iterator<Item = Row<'_>> {
        let table = &self.tables[file];
        table.rows.iter().map(|cells| Row { columns: &table.columns, cells })
    }
}

/// A written number in units of 10 to the power of `-decimals`, exactly.
pub(crate) fn scaled(text: &str, decimals: u32) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    assert_eq!(fraction.len(), decimals as usize, "{text}");
    format!("{whole}{fraction}").parse().unwrap()
}

pub(crate) fn cents(text: &str) -> i64 {
    scaled(text, 2)
}

/// Minutes of `month/day/year` with or without a time of day.
pub(crate) fn minutes(text: &str) -> i64 {
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    let part = |text: &str| text.parse::<i16>().unwrap();
    let parts: Vec<i16> = date.split('/').map(part).collect();
    let date = jiff::civil::date(parts[2], parts[0] as i8, parts[1] as i8);
    let days = i64::from(date.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days());
    let (hour, minute) = time.split_once(':').unwrap();
    days * 1_440 + i64::from(part(hour)) * 60 + i64::from(part(minute))
}

/// Day number of an ISO date, in minutes.
pub(crate) fn iso_minutes(text: &str) -> i64 {
    let date: jiff::civil::Date = text.parse().unwrap();
    i64::from(date.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days()) * 1_440
}
