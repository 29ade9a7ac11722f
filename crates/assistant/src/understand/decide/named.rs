//! What a question names: figures, groups, values, numbers.

use super::Weighing;
use crate::{
    Dimension,
    intent::{Filter, Unclear},
    text::Token,
    understand::read::{Item, What},
};

impl Weighing<'_> {
    /// Figures in the order in which they are named.
    pub(super) fn metrics(&self) -> Vec<&'static str> {
        let mut metrics: Vec<&'static str> = Vec::new();
        for metric in self.items.iter().filter_map(Item::metric) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        let order =
            self.items.iter().any(|item| item.dimension().is_some_and(|dimension| dimension.key == "order"));
        if self.has("late") && (metrics == ["orders"] || (metrics.is_empty() && order)) {
            return vec!["late_orders"];
        }
        let about = |keys: &[&str]| {
            self.items.iter().any(|item| match &item.what {
                What::Value { fields, .. } => fields
                    .iter()
                    .any(|filter| Dimension::of(filter.field).is_some_and(|known| keys.contains(&known.key))),
                _ => item.dimension().is_some_and(|dimension| keys.contains(&dimension.key)),
            })
        };
        if metrics.is_empty() && !self.has("whatif") && !self.has("findings") {
            // "What did we pay S08?" and "How long was M14 down?" name a figure by what is done.
            if self.has("pay") && about(&["supplier", "material"]) {
                return vec!["material_spend"];
            }
            if self.has("dear") && about(&["product", "order", "product_family"]) {
                return vec!["actual_total_cost"];
            }
            if self.has("stand") && about(&["machine", "work_center"]) {
                return vec!["downtime_hours"];
            }
        }
        if metrics.is_empty() {
            // Reasons are reasons of something.
            let of = |key: &str| match key {
                "downtime_reason" => Some("downtime_hours"),
                "defect" => Some("defects"),
                "maintenance_type" => Some("maintenance_cost"),
                _ => None,
            };
            metrics.extend(
                self.items.iter().filter_map(Item::dimension).find_map(|dimension| of(dimension.key)),
            );
        }
        metrics
    }

    /// Two figures without a word between them are one that we do not know.
    pub(super) fn side_by_side(&self) -> Option<Vec<&'static str>> {
        self.items.windows(2).find_map(|pair| {
            let (a, b) = (pair[0].metric()?, pair[1].metric()?);
            let gap = self.tokens.get(pair[0].to..pair[1].from)?;
            let of = |token: &Token| {
                matches!(
                    token.folded.as_str(),
                    "of" | "von" | "der" | "des" | "de" | "del" | "la" | "for" | "fur"
                )
            };
            let comma = self.question[self.tokens[pair[0].to - 1].end..self.tokens[pair[1].from].start]
                .contains([',', '&', '+', ';']);
            (a != b && !comma && gap.iter().all(of)).then(|| vec![a, b])
        })
    }

    /// Things that figures are asked by: those that do not just introduce a value.
    pub(super) fn groups(&self) -> Vec<&'static Dimension> {
        let mut found: Vec<(bool, &'static Dimension)> = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let Some(dimension) = item.dimension() else { continue };
            if item.metric().is_some() {
                continue;
            }
            let introduces = |other: Option<&Item>| {
                other.is_some_and(|other| match &other.what {
                    What::Value { fields, .. } => {
                        fields.iter().any(|filter| dimension.fields.contains(&filter.field))
                    }
                    What::Unknown { field, .. } => {
                        field.is_some_and(|field| dimension.fields.contains(&field))
                    }
                    _ => false,
                })
            };
            let before = at.checked_sub(1).and_then(|at| self.items.get(at));
            // "machines M-01 and M-02": the noun introduces all that follow.
            if introduces(self.items.get(at + 1))
                || introduces(before.filter(|before| before.to == item.from))
            {
                continue;
            }
            let by = before.is_some_and(|before| {
                before.concept("by") || before.concept("list") || before.concept("most")
            });
            found.push((by, dimension));
        }
        // "cost of orders by machine": what stands behind "by" is what it is grouped by.
        found.sort_by_key(|(by, _)| !by);
        let plant_or_order = |key: &str| matches!(key, "facility" | "order" | "operation");
        let several = found.len() > 1;
        found
            .into_iter()
            .filter(|(by, dimension)| *by || !(several && plant_or_order(dimension.key)))
            .filter(|(by, dimension)| *by || dimension.key != "facility")
            .map(|(_, dimension)| dimension)
            .collect()
    }

    /// Values that rows must have, or those that they must not.
    pub(super) fn filters(&self, left_out: bool) -> Result<Vec<Filter>, Unclear> {
        let mut filters: Vec<Filter> = Vec::new();
        let metric = self.items.iter().find_map(Item::metric);
        for (at, item) in self.items.iter().enumerate() {
            match &item.what {
                What::Value { .. } if self.left_out(at) != left_out => {}
                What::Value { said, fields } => {
                    // Of several fields, those that the figure can be told apart by.
                    let able: Vec<&Filter> = fields
                        .iter()
                        .filter(|filter| metric.is_none_or(|metric| self.catalog.can(metric, filter.field)))
                        .collect();
                    let chosen = match able[..] {
                        [one] => one.clone(),
                        [] => fields[0].clone(),
                        _ => {
                            return Err(Unclear::WhichField {
                                value: said.clone(),
                                fields: able.iter().map(|filter| filter.field).collect(),
                            });
                        }
                    };
                    if !filters.contains(&chosen) {
                        filters.push(chosen);
                    }
                }
                What::Unknown { said, field: Some(field) } if !left_out && self.catalog.long.contains(field) => {
                    filters.push(Filter { field: *field, value: said.clone() });
                }
                _ => {}
            }
        }
        Ok(filters)
    }

    /// "The last 7", "top 10", "fünf": a number that is no share.
    pub(super) fn count(&self) -> Option<usize> {
        self.items.iter().find_map(|item| match item.what {
            What::Number { value, percent: false }
                if (1.0..=50.0).contains(&value) && value.fract() == 0.0 =>
            {
                Some(value as usize)
            }
            _ => None,
        })
    }
}
