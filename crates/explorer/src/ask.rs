//! Questions and answers.

use ontology::{Entity, FieldId, FieldType, RollUp};

/// What is asked of one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    pub entity: Entity,
    /// Fields that must have these values, as they stand in the table. An empty one asks for rows without a value.
    pub equals: Vec<(FieldId, String)>,
    /// The field to sort by, and whether the largest come first. Rows of a tie keep the order of their files.
    pub sort: Option<(FieldId, bool)>,
    pub offset: u64,
    pub limit: u64,
}

/// A value as people see it.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Empty,
    Text(String),
    Number(f64),
    /// Microseconds since 1970-01-01 on the plant's own clock.
    Moment(i64),
    Flag(bool),
}

/// A row, with where it stands in the customer's files.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub file: String,
    pub row: u64,
    /// One per field of the answer.
    pub values: Vec<Seen>,
}

/// Rows of a table, and what all of them come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    pub fields: Vec<FieldId>,
    pub lines: Vec<Line>,
    /// How many match, beyond those that are given.
    pub total: u64,
    /// One per field; none where adding up would say nothing.
    pub sums: Vec<Option<f64>>,
}

/// Rows that share a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Empty where the rows have no value.
    pub name: String,
    pub rows: u64,
    /// One per additive field of [`Groups`].
    pub sums: Vec<Option<f64>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    pub additive: Vec<FieldId>,
    pub groups: Vec<Group>,
    /// Groups there are in all.
    pub total: u64,
}

/// Whether values of rows may be added up: amounts and hours, never rates, prices and shares.
pub fn is_additive(field: FieldId) -> bool {
    let definition = field.definition();
    let id = field.as_str();
    let per_row = definition.roll_up == RollUp::Sum
        || (definition.entity == Entity::WorkOrder
            && (id == "quantity_ordered" || id == "quantity_completed" || id == "revenue"))
        || id == "operation_quantity_completed";
    definition.type_ == FieldType::Number && per_row
}

/// Fields by whose values rows can be grouped.
pub fn is_grouping(field: FieldId) -> bool {
    matches!(field.definition().type_, FieldType::Category | FieldType::Identifier | FieldType::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_added_and_rates_are_not() {
        let additive = |id: &str| is_additive(FieldId::named(id).unwrap());
        for id in
            ["actual_total_cost", "actual_run_hours", "quantity_scrapped", "energy_kwh", "quantity_ordered"]
        {
            assert!(additive(id), "{id}");
        }
        for id in ["labor_rate", "unit_price", "percent_complete", "product_id", "due_date"] {
            assert!(!additive(id), "{id}");
        }
    }
}
