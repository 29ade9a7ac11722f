//! The plant as analyses see it: frames of orders, operations, bookings, material lines and machine events, joined by order.

use std::{path::PathBuf, sync::Arc};

use domain::{Currency, analysis::RowRef};

use crate::{error::AnalyzeError, query::OwnRates};

use super::{
    fields,
    frame::{Codes, Frame},
    issues, load,
    observations::NONE,
    tallies::{self, Tally},
};

/// Where the canonical tables lie.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Names of the customer's files; `source_file` counts into them.
    pub files: Vec<String>,
    pub work_orders: Option<PathBuf>,
    pub operations: Option<PathBuf>,
    pub bookings: Option<PathBuf>,
    pub materials: Option<PathBuf>,
    pub equipment_events: Option<PathBuf>,
    pub quality: Option<PathBuf>,
    pub currency: Option<Currency>,
    pub own_rates: OwnRates,
}

/// Names of levels, shared between attributes.
pub type Names = Arc<Vec<Vec<String>>>;

#[derive(Debug, Clone, Default)]
pub struct Plant {
    pub files: Vec<String>,
    pub currency: Option<Currency>,
    /// What counts where the data hold no rate.
    pub own_rates: OwnRates,
    pub orders: Frame,
    pub operations: Frame,
    pub bookings: Frame,
    pub materials: Frame,
    pub events: Frame,
    /// Defects by file, kind and week.
    pub defects: Vec<Tally>,
    /// Whether a record of quality speaks against each order; empty where there are no such records.
    pub with_issue: Vec<bool>,
    /// The operation of each booking, by order and sequence; [`NONE`] where it has none.
    pub operation_of_booking: Vec<u32>,
    /// Rows of operations of each order.
    pub operations_of: Vec<std::ops::Range<usize>>,
    /// Plant-local days since 1970-01-01, of the work itself.
    pub first_day: f64,
    pub last_day: f64,
}

impl Plant {
    pub async fn load(sources: &Sources) -> Result<Self, AnalyzeError> {
        let session = load::session();
        let mut plant = Self {
            files: sources.files.clone(),
            currency: sources.currency.clone(),
            own_rates: sources.own_rates,
            ..Self::default()
        };
        // Keys of the orders in alphabetical order, each with the place of its order.
        let mut keys_of_orders: Vec<(String, u32)> = Vec::new();
        if let Some(path) = &sources.work_orders {
            let (mut frame, keys) = load::table(&session, path, fields::WORK_ORDERS, false).await?;
            let mut by_key: Vec<u32> = (0..frame.len as u32).collect();
            by_key.sort_by_key(|row| keys.code(*row as usize));
            frame.permute(&by_key);
            let mut first = vec![NONE; keys.names.len()];
            for (position, row) in by_key.iter().enumerate() {
                frame.order[position] = position as u32;
                let code = keys.code(*row as usize) as usize;
                if code < first.len() && first[code] == NONE {
                    first[code] = position as u32;
                }
            }
            keys_of_orders = keys.names.into_iter().zip(first).collect();
            plant.orders = frame;
        }
        let tables = [
            (&sources.operations, fields::OPERATIONS),
            (&sources.bookings, fields::BOOKINGS),
            (&sources.materials, fields::MATERIALS),
            (&sources.equipment_events, fields::EVENTS),
        ];
        for (which, (path, wanted)) in tables.into_iter().enumerate() {
            let Some(path) = path else { continue };
            let (mut frame, keys) = load::table(&session, path, wanted, true).await?;
            let order_of_key: Vec<u32> = keys.names.iter().map(|key| place(&keys_of_orders, key)).collect();
            frame.order =
                keys.iter().map(|code| order_of_key.get(code as usize).copied().unwrap_or(NONE)).collect();
            // Sorting holds a column twice; the words of a million orders are not needed beside that.
            drop((keys, order_of_key));
            sort_rows(&mut frame);
            match which {
                0 => plant.operations = frame,
                1 => plant.bookings = frame,
                2 => plant.materials = frame,
                _ => plant.events = frame,
            }
        }
        if let Some(path) = &sources.quality {
            plant.defects = tallies::defects(&session, path).await?;
            plant.with_issue = vec![false; plant.orders.len];
            for key in issues::keys(&session, path).await? {
                if let Some(order) = plant.with_issue.get_mut(place(&keys_of_orders, &key) as usize) {
                    *order = true;
                }
            }
        }
        plant.operations_of = plant.operations.ranges(plant.orders.len);
        plant.link_bookings();
        plant.find_period();
        Ok(plant)
    }

    fn link_bookings(&mut self) {
        let key = |frame: &Frame, row: usize| -> Option<String> {
            frame
                .words("operation_sequence")
                .and_then(|words| words.name(row))
                .or_else(|| frame.words("operation_code").and_then(|words| words.name(row)))
                .or_else(|| frame.words("operation_name").and_then(|words| words.name(row)))
                .map(str::to_owned)
        };
        let mut linked = vec![NONE; self.bookings.len];
        let mut row = 0;
        while row < self.bookings.len {
            let order = self.bookings.order[row];
            let mut end = row;
            while end < self.bookings.len && self.bookings.order[end] == order {
                end += 1;
            }
            if let Some(range) = self.operations_of.get(order as usize) {
                let of: Vec<(Option<String>, usize)> =
                    range.clone().map(|operation| (key(&self.operations, operation), operation)).collect();
                for (booking, link) in (row..end).zip(&mut linked[row..end]) {
                    let wanted = key(&self.bookings, booking);
                    if let Some((_, operation)) = of.iter().find(|(key, _)| key.is_some() && *key == wanted) {
                        *link = *operation as u32;
                    }
                }
            }
            row = end;
        }
        self.operation_of_booking = linked;
    }

    fn find_period(&mut self) {
        let mut days: Vec<f64> = Vec::new();
        let columns = [
            (&self.orders, "actual_start"),
            (&self.orders, "actual_end"),
            (&self.operations, "operation_actual_start"),
            (&self.bookings, "operation_actual_start"),
            (&self.bookings, "booking_date"),
            (&self.operations, "booking_date"),
            (&self.orders, "release_date"),
            (&self.orders, "order_date"),
        ];
        for (frame, field) in columns {
            if days.is_empty() {
                days.extend(frame.days(field).unwrap_or_default().iter().filter(|day| day.is_finite()));
            }
        }
        // A mistyped year must not stretch the period: the outermost thousandth on either side is left out.
        let low = crate::stats::robust::quantile(&mut days, 0.001);
        let high = crate::stats::robust::quantile(&mut days, 0.999);
        self.first_day = low.unwrap_or(f64::NAN);
        self.last_day = high.unwrap_or(f64::NAN);
    }

    /// Days observed, at least one.
    pub fn span_days(&self) -> f64 {
        let span = self.last_day - self.first_day;
        if span.is_finite() { span.max(1.0) } else { 1.0 }
    }

    pub fn row_ref(&self, frame: &Frame, row: usize) -> RowRef {
        let file = self.files.get(usize::from(frame.file[row])).cloned().unwrap_or_default();
        RowRef { file, row: u64::from(frame.row[row]) }
    }

    /// The number of the order of a row, as the customer writes it.
    pub fn order_name(&self, frame: &Frame, row: usize) -> Option<&str> {
        self.orders.words("work_order_id")?.name(frame.order[row] as usize)
    }

    /// The codes of a field for rows of a frame: from the frame itself, or from the order of each row.
    pub fn codes(&self, frame: &Frame, rows: &[u32], field: &str) -> Option<(Vec<u32>, Names)> {
        let names =
            |words: &Codes| Arc::new(words.names.iter().map(|name| vec![name.clone()]).collect::<Vec<_>>());
        if let Some(words) = frame.words(field) {
            let codes = rows.iter().map(|row| words.code(*row as usize)).collect();
            return Some((codes, names(words)));
        }
        if std::ptr::eq(frame, &raw const self.operations)
            && let Some(words) = self.bookings.words(field)
        {
            // An operation that several shifts worked on counts for the one that began it.
            let mut first = vec![NONE; self.operations.len];
            for (booking, operation) in self.operation_of_booking.iter().enumerate() {
                if let Some(code) = first.get_mut(*operation as usize)
                    && *code == NONE
                {
                    *code = words.code(booking);
                }
            }
            let codes = rows.iter().map(|row| first[*row as usize]).collect();
            return Some((codes, names(words)));
        }
        let words = self.orders.words(field)?;
        let codes = rows.iter().map(|row| words.code(frame.order[*row as usize] as usize)).collect();
        Some((codes, names(words)))
    }

    /// The best known day of a row: of the work itself, else of its order.
    pub fn day(&self, frame: &Frame, row: usize) -> f64 {
        for field in [
            "operation_actual_start",
            "booking_date",
            "receipt_date",
            "operation_actual_end",
            "downtime_start",
        ] {
            if let Some(day) = frame.days(field).map(|days| days[row]).filter(|day| day.is_finite()) {
                return day;
            }
        }
        self.order_day(frame.order[row])
    }

    pub fn order_day(&self, order: u32) -> f64 {
        for field in [
            "release_date",
            "actual_start",
            "planned_start",
            "order_date",
            "actual_end",
            "close_date",
            "due_date",
        ] {
            if let Some(day) = self
                .orders
                .days(field)
                .and_then(|days| days.get(order as usize))
                .copied()
                .filter(|day| day.is_finite())
            {
                return day;
            }
        }
        f64::NAN
    }

    /// A number of a row, else of its order.
    pub fn number(&self, frame: &Frame, field: &str, row: usize) -> Option<f64> {
        frame.number(field, row).or_else(|| self.orders.number(field, frame.order[row] as usize))
    }

    pub fn has(&self, field: &str) -> bool {
        [&self.orders, &self.operations, &self.bookings, &self.materials, &self.events]
            .iter()
            .any(|frame| frame.has(field))
            || (matches!(field, "defect_code" | "defect_description") && !self.defects.is_empty())
    }
}

fn place(keys: &[(String, u32)], key: &str) -> u32 {
    keys.binary_search_by(|(known, _)| known.as_str().cmp(key)).map_or(NONE, |at| keys[at].1)
}

/// Order, then sequence, then start, then place in the file: independent of the order of rows where these differ.
fn sort_rows(frame: &mut Frame) {
    let sequence: Vec<f64> = frame.words("operation_sequence").map_or_else(Vec::new, |words| {
        // Sequence numbers are words to the ontology; as numbers they sort 10 before 9.
        let of: Vec<f64> = words.names.iter().map(|name| name.parse().unwrap_or(f64::MAX)).collect();
        words.iter().map(|code| of.get(code as usize).copied().unwrap_or(f64::MAX)).collect()
    });
    let start: &[f64] = frame.days("operation_actual_start").unwrap_or_default();
    let mut order: Vec<u32> = (0..frame.len as u32).collect();
    let value = |column: &[f64], row: u32| column.get(row as usize).copied().unwrap_or(0.0);
    // The place in the file tells any two rows apart, so nothing is left to the order they had.
    order.sort_unstable_by(|a, b| {
        frame.order[*a as usize]
            .cmp(&frame.order[*b as usize])
            .then_with(|| value(&sequence, *a).total_cmp(&value(&sequence, *b)))
            .then_with(|| value(start, *a).total_cmp(&value(start, *b)))
            .then_with(|| frame.file[*a as usize].cmp(&frame.file[*b as usize]))
            .then_with(|| frame.row[*a as usize].cmp(&frame.row[*b as usize]))
    });
    drop(sequence);
    if !order.is_sorted() {
        frame.permute(&order);
    }
}
