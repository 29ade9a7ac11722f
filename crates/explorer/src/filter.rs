//! Which rows match: by index where there is one, else by reading the columns that are asked about.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, ArrayRef, RecordBatch};
use ontology::{Entity, FieldId};

use crate::{ExploreError, Explorer, KEY, NUMBER, table::Table, values};

/// Keys that are looked up one by one; for more, all orders are read.
const ONE_BY_ONE: usize = 500;

/// Numbers of orders by their keys: the smallest of each.
pub(crate) type Numbers = HashMap<String, String>;

impl Explorer {
    /// Positions of the rows that have these values, growing; `None` where all do, because nothing is asked.
    pub(crate) fn matching(
        &self,
        entity: Entity,
        equals: &[(FieldId, String)],
    ) -> Result<Option<Vec<u32>>, ExploreError> {
        let Some(table) = self.tables.get(&entity) else { return Ok(Some(Vec::new())) };
        let fields = self.fields(entity);
        // A field that the table does not have asks nothing of it.
        let asked: Vec<(&str, &str)> = equals
            .iter()
            .filter(|(field, _)| fields.contains(field))
            .map(|(field, value)| (field.as_str(), value.as_str()))
            .collect();
        let mut matching: Option<Vec<u32>> = None;
        let mut rest = Vec::new();
        for (column, value) in asked {
            let found = if column != NUMBER {
                None
            } else if self.lends(entity) {
                Some(if value.is_empty() { self.unnumbered(table)? } else { self.of_order(entity, value)? })
            } else if value.is_empty() {
                None
            } else {
                table.holding(NUMBER, value)?
            };
            match found {
                Some(found) => matching = Some(both(matching, found)),
                None => rest.push((column, value)),
            }
        }
        if rest.is_empty() {
            return Ok(matching);
        }
        let columns: Vec<&str> = rest.iter().map(|(column, _)| *column).collect();
        let mut found = Vec::new();
        table.over(&columns, matching.as_deref(), |batch, rows| {
            let mut conditions = Vec::new();
            for (column, value) in &rest {
                let Some(array) = batch.column_by_name(column) else { return Ok(()) };
                conditions.push((values::written(array)?, *value));
            }
            found.extend(
                rows.iter()
                    .filter(|(row, _)| conditions.iter().all(|(array, value)| is(array, *row, value)))
                    .map(|(_, position)| *position),
            );
            Ok(())
        })?;
        Ok(Some(found))
    }

    /// Positions of the rows of one order, growing.
    pub(crate) fn of_order(&self, entity: Entity, number: &str) -> Result<Vec<u32>, ExploreError> {
        let Some(table) = self.tables.get(&entity) else { return Ok(Vec::new()) };
        if !self.lends(entity) {
            return self.matching(entity, &own_number(number)).map(Option::unwrap_or_default);
        }
        let mut positions = BTreeSet::new();
        for key in self.keys(number)? {
            positions.extend(table.holding(KEY, &key)?.unwrap_or_default());
        }
        Ok(positions.into_iter().collect())
    }

    /// The keys under which rows of an order are kept: those whose smallest number is this.
    fn keys(&self, number: &str) -> Result<Vec<String>, ExploreError> {
        let Some(orders) = self.tables.get(&Entity::WorkOrder) else { return Ok(Vec::new()) };
        let Some(positions) = orders.holding(NUMBER, number)? else { return Ok(Vec::new()) };
        if positions.is_empty() {
            return Ok(Vec::new());
        }
        let batch = orders.at(&[KEY], &positions)?;
        let keys: BTreeSet<&str> = column(&batch, KEY)
            .map(|keys| (0..keys.len()).filter_map(|row| values::text(keys, row)).collect())
            .unwrap_or_default();
        let numbers = self.numbers(&keys)?;
        Ok(keys
            .into_iter()
            .filter(|key| numbers.get(*key).is_some_and(|smallest| smallest == number))
            .map(str::to_owned)
            .collect())
    }

    /// The numbers of these orders.
    pub(crate) fn numbers(&self, keys: &BTreeSet<&str>) -> Result<Numbers, ExploreError> {
        let Some(orders) = self.tables.get(&Entity::WorkOrder) else { return Ok(Numbers::new()) };
        if keys.len() > ONE_BY_ONE {
            return self.all_numbers();
        }
        let aside = orders.aside()?;
        let mut positions = BTreeSet::new();
        for key in keys {
            match aside.may_hold(KEY, key)? {
                Some(found) => positions.extend(found),
                None => return self.all_numbers(),
            }
        }
        let positions: Vec<u32> = positions.into_iter().collect();
        let mut numbers = Numbers::new();
        if !positions.is_empty() {
            gather(&orders.at(&[KEY, NUMBER], &positions)?, &mut numbers);
        }
        Ok(numbers)
    }

    pub(crate) fn all_numbers(&self) -> Result<Numbers, ExploreError> {
        let mut numbers = Numbers::new();
        if let Some(orders) = self.tables.get(&Entity::WorkOrder) {
            orders.scan(&[KEY, NUMBER], |_, batch| {
                gather(batch, &mut numbers);
                Ok(())
            })?;
        }
        Ok(numbers)
    }

    fn unnumbered(&self, table: &Table) -> Result<Vec<u32>, ExploreError> {
        let numbers = self.all_numbers()?;
        let mut found = Vec::new();
        table.over(&[KEY], None, |batch, rows| {
            let keys = column(batch, KEY);
            found.extend(
                rows.iter()
                    .filter(|(row, _)| {
                        keys.and_then(|keys| values::text(keys, *row))
                            .and_then(|key| numbers.get(key))
                            .is_none()
                    })
                    .map(|(_, position)| *position),
            );
            Ok(())
        })?;
        Ok(found)
    }
}

impl Table {
    /// Positions of the rows that hold a text in a key column, growing; `None` where the column has no index.
    fn holding(&self, key: &str, text: &str) -> Result<Option<Vec<u32>>, ExploreError> {
        let Some(mut positions) = self.aside()?.may_hold(key, text)? else { return Ok(None) };
        if positions.is_empty() {
            return Ok(Some(positions));
        }
        let batch = self.at(&[key], &positions)?;
        let held = column(&batch, key);
        let mut row = 0;
        positions.retain(|_| {
            row += 1;
            held.and_then(|held| values::text(held, row - 1)) == Some(text)
        });
        Ok(Some(positions))
    }

    /// Some columns of the rows at these positions, or of all: batches, with the rows in them and the position of each.
    pub(crate) fn over(
        &self,
        columns: &[&str],
        matching: Option<&[u32]>,
        mut see: impl FnMut(&RecordBatch, &[(usize, u32)]) -> Result<(), ExploreError>,
    ) -> Result<(), ExploreError> {
        let Some(matching) = matching else {
            return self.scan(columns, |from, batch| {
                let rows: Vec<(usize, u32)> =
                    (0..batch.num_rows()).map(|row| (row, from + row as u32)).collect();
                see(batch, &rows)
            });
        };
        if matching.is_empty() {
            return Ok(());
        }
        // Many rows stand on all pages anyway.
        if (matching.len() as u64) < self.described.rows / 64 {
            let rows: Vec<(usize, u32)> = matching.iter().copied().enumerate().collect();
            return see(&self.at(columns, matching)?, &rows);
        }
        let mut next = 0;
        self.scan(columns, |from, batch| {
            let end = from + batch.num_rows() as u32;
            let until = next + matching[next..].partition_point(|at| *at < end);
            let rows: Vec<(usize, u32)> =
                matching[next..until].iter().map(|at| ((at - from) as usize, *at)).collect();
            next = until;
            if rows.is_empty() { Ok(()) } else { see(batch, &rows) }
        })
    }
}

pub(crate) fn own_number(number: &str) -> Vec<(FieldId, String)> {
    FieldId::named(NUMBER).map(|field| (field, number.to_owned())).into_iter().collect()
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a ArrayRef> {
    batch.column_by_name(name)
}

fn is(written: &ArrayRef, row: usize, value: &str) -> bool {
    if value.is_empty() { written.is_null(row) } else { values::text(written, row) == Some(value) }
}

fn both(known: Option<Vec<u32>>, found: Vec<u32>) -> Vec<u32> {
    match known {
        None => found,
        Some(known) => known.into_iter().filter(|at| found.binary_search(at).is_ok()).collect(),
    }
}

fn gather(batch: &RecordBatch, numbers: &mut Numbers) {
    let mut all: BTreeMap<&str, &str> = BTreeMap::new();
    if let (Some(keys), Some(own)) = (column(batch, KEY), column(batch, NUMBER)) {
        for row in 0..batch.num_rows() {
            if let (Some(key), Some(number)) = (values::text(keys, row), values::text(own, row)) {
                let smallest = all.entry(key).or_insert(number);
                *smallest = number.min(*smallest);
            }
        }
    }
    for (key, number) in all {
        match numbers.get_mut(key) {
            Some(known) if known.as_str() <= number => {}
            Some(known) => number.clone_into(known),
            None => {
                numbers.insert(key.to_owned(), number.to_owned());
            }
        }
    }
}
