//! The files of a plant as a person would read them in a spreadsheet.

use jiff::civil::Date;
use jiff::civil::DateTime;
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
    rc::Rc,
};

/// A row by the canonical names of its columns.
pub(crate) type Row = BTreeMap<String, String>;

/// The files of a plant as a person would read them in a spreadsheet.
pub(crate) struct Files {
    pub(crate) tables: BTreeMap<&'static str, Vec<Row>>,
    pub(crate) german: bool,
    /// The last day on which an order was finished.
    pub(crate) end: Date,
    /// What [`Files::distinct`] has found: every line of a set asks for it.
    known: RefCell<BTreeMap<String, Rc<[String]>>>,
}

/// What an order lends to the rows beneath it.
pub(crate) const LENT: [&str; 7] = [
    "product_id",
    "product_family",
    "customer_id",
    "planner_id",
    "facility_id",
    "actual_end",
    "work_order_id",
];

impl Files {
    pub(crate) fn read(folder: &Path, style: &str) -> Self {
        let german = style == "sap";
        let truth: generator::truth::Truth =
            serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap();
        let mut tables: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
        for (file, fields) in &truth.fields {
            let bytes = std::fs::read(folder.join(file)).unwrap();
            // Of Windows-1252 these files hold what Latin-1 has, too.
            let text: String = if german {
                bytes.iter().map(|byte| char::from(*byte)).collect()
            } else {
                String::from_utf8(bytes).unwrap()
            };
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(if german { b';' } else { b',' })
                .from_reader(text.as_bytes());
            let captions = reader.headers().unwrap().clone();
            let rows = reader.records().map(|record| {
                let record = record.unwrap();
                captions
                    .iter()
                    .zip(record.iter())
                    .filter(|(_, cell)| !cell.is_empty())
                    .filter_map(|(caption, cell)| Some((fields.get(caption)?.clone(), cell.to_owned())))
                    .collect::<Row>()
            });
            let rows: Vec<Row> = rows.collect();
            let has = |field: &str| fields.values().any(|own| own == field);
            let role = if has("planned_setup_hours") {
                "operations"
            } else if has("booking_id") {
                "tickets"
            } else if has("actual_material_quantity") {
                "materials"
            } else if has("defect_description") {
                "rejects"
            } else if has("downtime_reason") {
                "downtime"
            } else if has("maintenance_cost") {
                "maintenance"
            } else {
                "orders"
            };
            tables.insert(role, rows);
        }
        let orders: BTreeMap<String, Row> = tables
            .get("orders")
            .into_iter()
            .flatten()
            .map(|row| (row["work_order_id"].clone(), row.clone()))
            .collect();
        for (role, rows) in &mut tables {
            if *role == "orders" {
                continue;
            }
            for row in rows {
                let Some(order) = row.get("work_order_id").and_then(|number| orders.get(number)) else {
                    continue;
                };
                for field in LENT {
                    if let Some(value) = order.get(field) {
                        row.entry(field.to_owned()).or_insert_with(|| value.clone());
                    }
                }
            }
        }
        let ends = tables["orders"].iter().filter_map(|row| Self::moment(row, "actual_end"));
        let end = ends.max().unwrap().date();
        Self { tables, german, end, known: RefCell::default() }
    }

    pub(crate) fn number(&self, row: &Row, field: &str) -> Option<f64> {
        let cell = row.get(field)?;
        if self.german { cell.replace(',', ".").parse().ok() } else { cell.parse().ok() }
    }

    pub(crate) fn moment(row: &Row, field: &str) -> Option<DateTime> {
        let cell = row.get(field)?;
        let (day, time) = cell.split_once(' ').unwrap_or((cell, "00:00"));
        let part = |text: &str| text.parse::<i16>().ok();
        let day = if let Some((a, rest)) = day.split_once('/') {
            let (b, year) = rest.split_once('/')?;
            Date::new(part(year)?, part(a)? as i8, part(b)? as i8).ok()?
        } else if let Some((a, rest)) = day.split_once('.') {
            let (b, year) = rest.split_once('.')?;
            Date::new(part(year)?, part(b)? as i8, part(a)? as i8).ok()?
        } else {
            day.parse().ok()?
        };
        let (hour, minute) = time.split_once(':')?;
        Some(day.at(part(hour)? as i8, part(minute)? as i8, 0, 0))
    }

    pub(crate) fn distinct(&self, field: &str) -> Rc<[String]> {
        let find = || {
            let rows = self.tables.values().flatten();
            rows.filter_map(|row| row.get(field)).cloned().collect::<BTreeSet<_>>().into_iter().collect()
        };
        self.known.borrow_mut().entry(field.to_owned()).or_insert_with(find).clone()
    }
}
