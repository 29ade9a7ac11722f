//! One order with everything that hangs on it.

use std::collections::BTreeMap;

use ontology::{Entity, FieldId};

use crate::{Ask, ExploreError, Explorer, NUMBER, Rows};

impl Explorer {
    /// Rows of one order, by table; tables without a row of it are left out.
    pub fn order(&self, number: &str, limit: u64) -> Result<BTreeMap<Entity, Rows>, ExploreError> {
        let mut found = BTreeMap::new();
        let Some(key) = FieldId::named(NUMBER) else { return Ok(found) };
        for entity in self.tables.keys().copied() {
            if !self.fields(entity).contains(&key) {
                continue;
            }
            let positions = self.of_order(entity, number)?;
            if positions.is_empty() {
                continue;
            }
            let sort = ["operation_sequence", "operation_actual_start", "booking_date"]
                .into_iter()
                .filter_map(FieldId::named)
                .find(|field| self.fill(entity, *field) > 0.0);
            let ask =
                Ask { entity, equals: Vec::new(), sort: sort.map(|field| (field, false)), offset: 0, limit };
            found.insert(entity, self.page(&ask, Some(&positions))?);
        }
        Ok(found)
    }
}
