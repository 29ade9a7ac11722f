//! What the data can tell of what was asked, and what may stand for it.

use ontology::FieldId;

use super::Weighing;
use crate::{Dimension, intent::Unclear, text::bare, understand::Reading};

/// What may stand for a figure that a field cannot tell apart.
const INSTEAD: &[(&str, &str)] = &[
    ("actual_total_cost", "material_spend"),
    ("actual_material_cost", "material_spend"),
    ("labor_efficiency", "effectiveness"),
    ("effectiveness", "labor_efficiency"),
    ("late_orders", "on_time_delivery"),
    ("queue_hours", "queue_time_share"),
    ("quantity_scrapped", "defects"),
];

impl Weighing<'_> {
    /// The field of a dimension that the data hold.
    pub(super) fn field(&self, dimension: &Dimension) -> Option<FieldId> {
        dimension.fields.iter().copied().find(|field| self.catalog.holds(*field))
    }

    /// The figure itself if it can be told apart by these fields, or one that stands for it.
    pub(super) fn able(&mut self, metric: &'static str, fields: &[FieldId]) -> Result<&'static str, Unclear> {
        let can = |metric: &str| fields.iter().all(|field| self.catalog.can(metric, *field));
        if self.catalog.has(metric) && can(metric) {
            return Ok(metric);
        }
        let instead = INSTEAD
            .iter()
            .find(|(asked, taken)| *asked == metric && self.catalog.has(taken) && can(taken))
            .map(|(_, taken)| *taken);
        if let Some(taken) = instead {
            let reading = Reading::Instead { asked: metric, taken };
            if !self.readings.contains(&reading) {
                self.readings.push(reading);
            }
            return Ok(taken);
        }
        let Some(ability) = self.catalog.metrics.get(metric) else {
            return Err(Unclear::NotThere { metric });
        };
        let field = fields.iter().copied().find(|field| !ability.fields.contains(field));
        match field {
            Some(field) => Err(Unclear::NotBy {
                metric,
                field,
                instead: ability
                    .fields
                    .iter()
                    .copied()
                    .filter(|field| Dimension::of(*field).is_some())
                    .take(3)
                    .collect(),
                other: None,
            }),
            None => Err(Unclear::NotThere { metric }),
        }
    }

    /// Values of a field, or of all, that look like what was said.
    pub(super) fn near(&self, said: &str, field: Option<FieldId>) -> Vec<String> {
        let said = bare(said);
        let mut near: Vec<(usize, &String)> = self
            .catalog
            .values
            .iter()
            .filter(|(own, _)| field.is_none_or(|field| Dimension::of(field) == Dimension::of(**own)))
            .flat_map(|(_, values)| values)
            .filter_map(|value| {
                let edits = crate::spelling::distance(&said, &bare(value), 2);
                edits.or(field.map(|_| 9)).map(|edits| (edits, value))
            })
            .collect();
        near.sort();
        near.dedup();
        near.into_iter().take(4).map(|(_, value)| value.clone()).collect()
    }
}
