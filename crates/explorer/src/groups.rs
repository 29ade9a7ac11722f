//! The rows that match, by the values of a field.

use std::{cmp::Ordering, collections::HashMap};

use arrow::{
    array::{Array, AsArray},
    datatypes::Float64Type,
};
use ontology::FieldId;

use crate::{Ask, ExploreError, Explorer, Group, Groups, KEY, filter::Numbers, rows::lend, values};

impl Explorer {
    /// The largest sum of `by` first, or the most rows. One pass over the columns that it needs.
    pub fn groups(&self, ask: &Ask, group: FieldId, by: Option<FieldId>) -> Result<Groups, ExploreError> {
        let fields = self.fields(ask.entity);
        let additive: Vec<FieldId> = fields.iter().copied().filter(|field| field.is_additive()).collect();
        let Some(table) = self.tables.get(&ask.entity).filter(|_| fields.contains(&group)) else {
            return Ok(Groups { additive, groups: Vec::new(), total: 0 });
        };
        let matching = self.matching(ask.entity, &ask.equals)?;
        let lent = self.lends_number(ask.entity, group);
        let numbers = if lent { self.all_numbers()? } else { Numbers::new() };
        let name = if lent { KEY } else { group.as_str() };
        let mut columns: Vec<&str> = additive.iter().map(|field| field.as_str()).collect();
        columns.push(name);
        let mut known: HashMap<Option<String>, usize> = HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        table.over(&columns, matching.as_deref(), |batch, rows| {
            let Some(names) = batch.column_by_name(name) else { return Ok(()) };
            let names = if lent { lend(names, &numbers) } else { values::written(names)? };
            let mut member = Vec::with_capacity(rows.len());
            for (row, _) in rows {
                let name = values::text(&names, *row).map(str::to_owned);
                let at = *known.entry(name).or_insert_with_key(|name| {
                    let name = name.clone().unwrap_or_default();
                    groups.push(Group { name, rows: 0, sums: vec![None; additive.len()] });
                    groups.len() - 1
                });
                groups[at].rows += 1;
                member.push(at);
            }
            for (place, field) in additive.iter().enumerate() {
                let numbers = batch
                    .column_by_name(field.as_str())
                    .and_then(|array| array.as_primitive_opt::<Float64Type>());
                let Some(numbers) = numbers else { continue };
                for ((row, _), at) in rows.iter().zip(&member) {
                    if !numbers.is_null(*row) {
                        *groups[*at].sums[place].get_or_insert(0.0) += numbers.value(*row);
                    }
                }
            }
            Ok(())
        })?;
        // Values are what is counted; rows without one are a group, and no value.
        let total = known.keys().flatten().count() as u64;
        let at = by.and_then(|by| additive.iter().position(|field| *field == by));
        groups.sort_by(|a, b| {
            let first = match at {
                Some(at) => larger(a.sums[at], b.sums[at]),
                None => b.rows.cmp(&a.rows),
            };
            first.then_with(|| a.name.is_empty().cmp(&b.name.is_empty())).then_with(|| a.name.cmp(&b.name))
        });
        let groups = groups.into_iter().skip(ask.offset as usize).take(ask.limit as usize).collect();
        Ok(Groups { additive, groups, total })
    }
}

/// The larger one first, none last.
fn larger(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}
