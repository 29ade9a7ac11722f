//! The canonical fields that a column of an export can mean.

use std::{fmt, sync::LazyLock};

/// The thing of the plant that a field describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    WorkOrder,
    Operation,
    Equipment,
    Booking,
    Material,
    Quality,
}

impl Entity {
    pub const ALL: [Self; 6] =
        [Self::WorkOrder, Self::Operation, Self::Equipment, Self::Booking, Self::Material, Self::Quality];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkOrder => "work_order",
            Self::Operation => "operation",
            Self::Equipment => "equipment",
            Self::Booking => "booking",
            Self::Material => "material",
            Self::Quality => "quality",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.as_str() == text)
    }
}

/// What kind of value a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldType {
    Identifier,
    Category,
    Text,
    Number,
    Timestamp,
    Flag,
}

impl FieldType {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "identifier" => Self::Identifier,
            "category" => Self::Category,
            "text" => Self::Text,
            "number" => Self::Number,
            "timestamp" => Self::Timestamp,
            "flag" => Self::Flag,
            _ => return None,
        })
    }
}

/// The dimension in which a number field is kept in canonical tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldUnit {
    Units,
    Percent,
    Money,
    Hours,
    SecondsPerUnit,
    UnitsPerHour,
    KilowattHours,
    MoneyPerHour,
    Persons,
}

impl FieldUnit {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "units" => Self::Units,
            "percent" => Self::Percent,
            "money" => Self::Money,
            "hours" => Self::Hours,
            "seconds/unit" => Self::SecondsPerUnit,
            "units/hour" => Self::UnitsPerHour,
            "kWh" => Self::KilowattHours,
            "money/hour" => Self::MoneyPerHour,
            "persons" => Self::Persons,
            _ => return None,
        })
    }
}

/// How values of several rows become one value of the thing above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollUp {
    /// All rows of the thing carry the same value.
    Same,
    Sum,
    Min,
    Max,
    /// The value of the latest row.
    Last,
    /// True when any row is true.
    Any,
    WeightedMean,
    /// The value of the first operation of the order.
    FirstOperation,
    /// The value of the last operation of the order.
    LastOperation,
}

impl RollUp {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "same" => Self::Same,
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "last" => Self::Last,
            "any" => Self::Any,
            "weighted mean" => Self::WeightedMean,
            "first operation" => Self::FirstOperation,
            "last operation" => Self::LastOperation,
            _ => return None,
        })
    }
}

/// The id of a field of this ontology. There is no other way to make one than to look it up, so an id in hand exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(&'static str);

impl FieldId {
    /// The id written `name`, if the ontology has it.
    pub fn named(name: &str) -> Option<Self> {
        FIELDS.iter().find(|field| field.id.0 == name).map(|field| field.id)
    }

    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The definition behind the id.
    pub fn definition(self) -> &'static Field {
        FIELDS.iter().find(|field| field.id == self).unwrap_or(&FIELDS[0])
    }

    /// Whether values of rows may be added up: amounts and hours, never rates, prices and shares.
    pub fn is_additive(self) -> bool {
        let definition = self.definition();
        let per_row = definition.roll_up == RollUp::Sum
            || (definition.entity == Entity::WorkOrder
                && matches!(self.0, "quantity_ordered" | "quantity_completed" | "revenue"))
            || self.0 == "operation_quantity_completed";
        definition.type_ == FieldType::Number && per_row
    }

    /// Whether rows can be grouped by the field's values.
    pub fn is_grouping(self) -> bool {
        matches!(self.definition().type_, FieldType::Category | FieldType::Identifier | FieldType::Text)
    }
}

/// `planned_run_hours` → `Planned run hours`.
pub fn sentence_case(id: &str) -> String {
    let words: Vec<String> = id
        .split('_')
        .map(|word| if ABBREVIATIONS.contains(&word) { word.to_uppercase() } else { word.to_owned() })
        .collect();
    let words = words.join(" ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Words of ids that are written in capitals.
pub const ABBREVIATIONS: [&str; 4] = ["oee", "mtbf", "mttr", "po"];

impl FieldId {
    /// The field as people read it: `Work order number` for ids, the words of its name otherwise.
    pub fn display_name(self) -> String {
        let id = self.as_str();
        let words = id.strip_suffix("_id").map_or_else(|| id.to_owned(), |thing| format!("{thing} number"));
        let words =
            words.strip_suffix("_hours").map_or_else(|| words.clone(), |thing| format!("{thing} time"));
        sentence_case(&words)
    }
}

impl fmt::Display for FieldId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl fmt::Debug for FieldId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// One canonical field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub id: FieldId,
    pub entity: Entity,
    pub type_: FieldType,
    pub unit: Option<FieldUnit>,
    pub roll_up: RollUp,
    pub meaning: &'static str,
}

/// All fields, in the order of the list.
pub fn all() -> &'static [Field] {
    &FIELDS
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let text: &'static str = include_str!("../data/fields.csv");
    parse(text).unwrap_or_else(|line| {
        // The list is compiled in and read by a test, so this is a broken build and not a broken input.
        panic!("data/fields.csv cannot be read at line {line}")
    })
});

fn parse(text: &'static str) -> Result<Vec<Field>, usize> {
    let mut fields = Vec::new();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for (idx, record) in reader.records().enumerate() {
        let line = idx + 2;
        let record = record.map_err(|_| line)?;
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let unit = match cell(3) {
            "" => None,
            unit => Some(FieldUnit::parse(unit).ok_or(line)?),
        };
        fields.push(Field {
            id: FieldId(cell(0).to_owned().leak()),
            entity: Entity::parse(cell(1)).ok_or(line)?,
            type_: FieldType::parse(cell(2)).ok_or(line)?,
            unit,
            roll_up: RollUp::parse(cell(4)).ok_or(line)?,
            meaning: cell(5).to_owned().leak(),
        });
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_149_distinct_fields() {
        let mut ids: Vec<_> = all().iter().map(|field| field.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((all().len(), ids.len()), (149, 149));
    }

    #[test]
    fn numbers_have_a_unit_and_nothing_else_does() {
        for field in all() {
            assert_eq!(field.unit.is_some(), field.type_ == FieldType::Number, "{}", field.id);
        }
    }

    #[test]
    fn amounts_are_added_and_rates_are_not() {
        let additive = |id: &str| FieldId::named(id).unwrap().is_additive();
        for id in
            ["actual_total_cost", "actual_run_hours", "quantity_scrapped", "energy_kwh", "quantity_ordered"]
        {
            assert!(additive(id), "{id}");
        }
        for id in ["labor_rate", "unit_price", "percent_complete", "product_id", "due_date"] {
            assert!(!additive(id), "{id}");
        }
    }

    #[test]
    fn an_unknown_name_has_no_id() {
        assert_eq!(FieldId::named("work_order"), None);
        assert_eq!(FieldId::named("work_order_id").map(FieldId::as_str), Some("work_order_id"));
    }
}
