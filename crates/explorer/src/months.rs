//! How many rows each month has.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, AsArray},
    compute::{DatePart, date_part},
    datatypes::Int32Type,
};
use ontology::{Entity, FieldId};

use crate::{ExploreError, Explorer};

/// What says when the rows of a table happened, the best first: from bookings to orders.
const DATES: [(Entity, &[&str]); 4] = [
    (Entity::Booking, &["booking_date", "operation_actual_start", "operation_actual_end"]),
    (Entity::Operation, &["operation_actual_start", "operation_actual_end", "operation_planned_start"]),
    (Entity::WorkOrder, &["actual_start", "actual_end", "planned_start", "due_date", "order_date"]),
    (Entity::Equipment, &["downtime_start", "maintenance_date"]),
];

/// A column that holds less than this share of its rows says little about when they happened.
const FILLED: f64 = 0.5;

/// Months that are told; a date far from all others is a slip, and would make gaps of decades.
const MOST: usize = 120;

/// A month and its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    pub year: i32,
    pub month: i32,
    /// 0 for a month between others that has none.
    pub rows: u64,
}

/// Rows by month, from the first month to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Months {
    pub entity: Entity,
    pub field: FieldId,
    pub months: Vec<Month>,
}

impl Explorer {
    /// The most detailed table that says when its rows happened, month by month; `None` where none does.
    pub fn months(&self) -> Result<Option<Months>, ExploreError> {
        let found = DATES.iter().find_map(|(entity, fields)| {
            let known = fields.iter().filter_map(|name| FieldId::named(name));
            known.into_iter().find(|field| self.fill(*entity, *field) >= FILLED).map(|field| (*entity, field))
        });
        let Some((entity, field)) = found else { return Ok(None) };
        let Some(table) = self.tables.get(&entity) else { return Ok(None) };
        let mut rows: BTreeMap<(i32, i32), u64> = BTreeMap::new();
        table.scan(&[field.as_str()], |_, batch| {
            let Some(moments) = batch.column_by_name(field.as_str()) else { return Ok(()) };
            let (years, months) = (date_part(moments, DatePart::Year)?, date_part(moments, DatePart::Month)?);
            let (years, months) = (years.as_primitive::<Int32Type>(), months.as_primitive::<Int32Type>());
            for row in (0..moments.len()).filter(|row| !moments.is_null(*row)) {
                *rows.entry((years.value(row), months.value(row))).or_default() += 1;
            }
            Ok(())
        })?;
        let (Some(first), Some(last)) = (rows.keys().next().copied(), rows.keys().next_back().copied())
        else {
            return Ok(None);
        };
        let mut months = Vec::new();
        let mut at = last;
        while at >= first && months.len() < MOST {
            months.push(Month { year: at.0, month: at.1, rows: rows.get(&at).copied().unwrap_or(0) });
            at = if at.1 == 1 { (at.0 - 1, 12) } else { (at.0, at.1 - 1) };
        }
        months.reverse();
        Ok(Some(Months { entity, field, months }))
    }
}
