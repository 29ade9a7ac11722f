//! A page of rows with the totals of all that match.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt64Array, new_null_array},
    compute::{concat, take},
    datatypes::{DataType, Float64Type},
};
use ontology::{Entity, FieldId};

use crate::{
    Ask, ExploreError, Explorer, KEY, Line, NUMBER, Rows, Seen, filter::Numbers, table::Table, values,
};

/// So many rows are read at once, whatever is asked of them.
const FEW: usize = 1_000;

impl Explorer {
    /// The rows that match.
    pub fn rows(&self, ask: &Ask) -> Result<Rows, ExploreError> {
        let matching = self.matching(ask.entity, &ask.equals)?;
        self.page(ask, matching.as_deref())
    }

    /// What became of one row of a file, by table; tables without it are left out.
    pub fn of_row(&self, file: &str, row: u64) -> Result<BTreeMap<Entity, Rows>, ExploreError> {
        const MOST: u64 = 20;
        let mut found = BTreeMap::new();
        let Some(file) = self.files.iter().position(|name| name == file) else { return Ok(found) };
        let place = (file as u32, row);
        for (entity, table) in &self.tables {
            let mut matching = Vec::new();
            table.over(&["source_file", "source_row"], None, |batch, rows| {
                let places = values::places(batch);
                matching.extend(
                    rows.iter().filter(|(row, _)| places[*row] == place).map(|(_, position)| *position),
                );
                Ok(())
            })?;
            let ask = Ask { entity: *entity, equals: Vec::new(), sort: None, offset: 0, limit: MOST };
            let rows = self.page(&ask, Some(&matching))?;
            if rows.total > 0 {
                found.insert(*entity, rows);
            }
        }
        Ok(found)
    }

    /// A page of the rows at these positions, or of all.
    pub(crate) fn page(&self, ask: &Ask, matching: Option<&[u32]>) -> Result<Rows, ExploreError> {
        let fields = self.fields(ask.entity);
        let Some(table) = self.tables.get(&ask.entity).filter(|_| !fields.is_empty()) else {
            return Ok(Rows { sums: vec![None; fields.len()], fields, lines: Vec::new(), total: 0 });
        };
        let total = matching.map_or(table.described.rows, |matching| matching.len() as u64);
        let sort = ask.sort.filter(|(field, _)| fields.contains(field));
        if let Some(few) = matching.filter(|matching| matching.len() <= FEW) {
            return self.few(table, ask, fields, sort, few);
        }
        let sums = table.sums(&fields, matching)?;
        let shown = match (sort, matching) {
            (None, None) => table.aside()?.in_source_order(ask.offset, ask.limit)?,
            _ => self.sorted(table, ask, sort, matching)?,
        };
        let lines = self.lines(table, ask.entity, &fields, &shown)?;
        Ok(Rows { fields, lines, total, sums })
    }

    /// The positions of one page in its order: only the column to sort by is read, and where rows stand in their files if the
    /// table is not in that order.
    fn sorted(
        &self,
        table: &Table,
        ask: &Ask,
        sort: Option<(FieldId, bool)>,
        matching: Option<&[u32]>,
    ) -> Result<Vec<u32>, ExploreError> {
        let in_order = table.aside()?.is_in_order();
        let page = |all: &[u32]| -> Vec<u32> {
            all.iter().skip(ask.offset as usize).take(ask.limit as usize).copied().collect()
        };
        if let (None, true, Some(matching)) = (sort, in_order, matching) {
            return Ok(page(matching));
        }
        let lent = sort.is_some_and(|(field, _)| self.lends_number(ask.entity, field));
        let numbers = if lent { self.all_numbers()? } else { Numbers::new() };
        let by = sort.map(|(field, _)| if lent { KEY } else { field.as_str() });
        let mut columns: Vec<&str> = by.into_iter().collect();
        if !in_order {
            columns.extend(["source_file", "source_row"]);
        }
        let (mut positions, mut places) = (Vec::new(), Vec::new());
        let mut parts: Vec<ArrayRef> = Vec::new();
        table.over(&columns, matching, |batch, rows| {
            if !in_order {
                let known = values::places(batch);
                places.extend(rows.iter().map(|(row, _)| known[*row]));
            }
            if let Some(array) = by.and_then(|by| batch.column_by_name(by)) {
                let array = if lent { lend(array, &numbers) } else { Arc::clone(array) };
                parts.push(if rows.len() == array.len() {
                    array
                } else {
                    take(
                        &array,
                        &UInt64Array::from_iter_values(rows.iter().map(|(row, _)| *row as u64)),
                        None,
                    )?
                });
            }
            positions.extend(rows.iter().map(|(_, position)| *position));
            Ok(())
        })?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        let values = match &parts[..] {
            [] => new_null_array(&DataType::Null, positions.len()),
            parts => concat(parts)?,
        };
        let descending = sort.is_some_and(|(_, descending)| descending);
        let order = |a: &u32, b: &u32| -> Ordering {
            let (a, b) = (*a as usize, *b as usize);
            let by_value =
                if by.is_some() { values::compare(&values, a, b, descending) } else { Ordering::Equal };
            by_value
                .then_with(|| if in_order { Ordering::Equal } else { places[a].cmp(&places[b]) })
                .then(positions[a].cmp(&positions[b]))
        };
        let mut first: Vec<u32> = (0..positions.len() as u32).collect();
        let most = usize::try_from(ask.offset.saturating_add(ask.limit)).unwrap_or(usize::MAX);
        if most < first.len() {
            first.select_nth_unstable_by(most, order);
            first.truncate(most);
        }
        first.sort_unstable_by(order);
        Ok(page(&first.into_iter().map(|at| positions[at as usize]).collect::<Vec<_>>()))
    }

    /// A page of few rows: all of them are read once.
    fn few(
        &self,
        table: &Table,
        ask: &Ask,
        fields: Vec<FieldId>,
        sort: Option<(FieldId, bool)>,
        matching: &[u32],
    ) -> Result<Rows, ExploreError> {
        if matching.is_empty() {
            return Ok(Rows { sums: vec![None; fields.len()], fields, lines: Vec::new(), total: 0 });
        }
        let read = self.read(table, ask.entity, &fields, matching)?;
        let sums = fields
            .iter()
            .zip(&read.arrays)
            .map(|(field, array)| {
                let array = array.as_ref().filter(|_| field.is_additive())?;
                (0..matching.len())
                    .filter_map(|row| values::number(array, row))
                    .fold(None, |sum, more| Some(sum.unwrap_or(0.0) + more))
            })
            .collect();
        let by = sort.and_then(|(field, descending)| {
            let at = fields.iter().position(|known| *known == field)?;
            Some((read.arrays[at].as_ref()?, descending))
        });
        let mut order: Vec<usize> = (0..matching.len()).collect();
        order.sort_by(|a, b| {
            by.map_or(Ordering::Equal, |(array, descending)| values::compare(array, *a, *b, descending))
                .then(read.places[*a].cmp(&read.places[*b]))
        });
        let lines = order
            .into_iter()
            .skip(ask.offset as usize)
            .take(ask.limit as usize)
            .map(|row| self.line(&read, row))
            .collect();
        Ok(Rows { fields, lines, total: matching.len() as u64, sums })
    }

    /// The rows at these positions, in this order.
    fn lines(
        &self,
        table: &Table,
        entity: Entity,
        fields: &[FieldId],
        shown: &[u32],
    ) -> Result<Vec<Line>, ExploreError> {
        if shown.is_empty() {
            return Ok(Vec::new());
        }
        let mut growing = shown.to_vec();
        growing.sort_unstable();
        growing.dedup();
        let read = self.read(table, entity, fields, &growing)?;
        let rows = shown.iter().filter_map(|at| growing.binary_search(at).ok());
        Ok(rows.map(|row| self.line(&read, row)).collect())
    }

    /// All fields of the rows at these positions, which grow.
    fn read(
        &self,
        table: &Table,
        entity: Entity,
        fields: &[FieldId],
        positions: &[u32],
    ) -> Result<Read, ExploreError> {
        let lends = self.lends(entity);
        let mut columns: Vec<&str> = fields
            .iter()
            .map(|field| field.as_str())
            .filter(|column| !lends || *column != NUMBER)
            .chain(["source_file", "source_row"])
            .collect();
        if lends {
            columns.push(KEY);
        }
        let batch = table.at(&columns, positions)?;
        let numbers = if lends { self.numbers(&keys(&batch))? } else { Numbers::new() };
        let arrays = fields
            .iter()
            .map(|field| match field.as_str() {
                NUMBER if lends => batch.column_by_name(KEY).map(|keys| lend(keys, &numbers)),
                column => batch.column_by_name(column).cloned(),
            })
            .collect();
        Ok(Read { arrays, places: values::places(&batch) })
    }

    fn line(&self, read: &Read, row: usize) -> Line {
        let (file, number) = read.places[row];
        Line {
            file: self.files.get(file as usize).cloned().unwrap_or_default(),
            row: if number == u64::MAX { 0 } else { number },
            values: read
                .arrays
                .iter()
                .map(|array| array.as_ref().map_or(Seen::Empty, |array| values::seen(array, row)))
                .collect(),
        }
    }
}

/// Rows that were read: one array for each field, and where each row stands in the customer's files.
struct Read {
    arrays: Vec<Option<ArrayRef>>,
    places: Vec<(u32, u64)>,
}

impl Table {
    /// One for each field: what the rows at these positions come to, or all.
    fn sums(&self, fields: &[FieldId], matching: Option<&[u32]>) -> Result<Vec<Option<f64>>, ExploreError> {
        if matching.is_none() {
            let aside = self.aside()?;
            return Ok(fields
                .iter()
                .map(|field| if field.is_additive() { aside.total(field.as_str()) } else { None })
                .collect());
        }
        let additive: Vec<&str> =
            fields.iter().filter(|field| field.is_additive()).map(|field| field.as_str()).collect();
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        if !additive.is_empty() {
            self.over(&additive, matching, |batch, rows| {
                for column in &additive {
                    let numbers = batch
                        .column_by_name(column)
                        .and_then(|array| array.as_primitive_opt::<Float64Type>());
                    let Some(numbers) = numbers else { continue };
                    for (row, _) in rows {
                        if !numbers.is_null(*row) {
                            *sums.entry(column).or_default() += numbers.value(*row);
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(fields.iter().map(|field| sums.get(field.as_str()).copied()).collect())
    }
}

fn keys(batch: &RecordBatch) -> BTreeSet<&str> {
    batch
        .column_by_name(KEY)
        .map(|keys| (0..keys.len()).filter_map(|row| values::text(keys, row)).collect())
        .unwrap_or_default()
}

/// The numbers of orders in the place of their keys.
pub(crate) fn lend(keys: &ArrayRef, numbers: &Numbers) -> ArrayRef {
    let lent = (0..keys.len())
        .map(|row| values::text(keys, row).and_then(|key| numbers.get(key)).map(String::as_str));
    Arc::new(lent.collect::<StringArray>())
}
