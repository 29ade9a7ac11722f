//! Values as constraints: whether type, shape and range of a column suit a field.

use domain::{Granularity, ValueKind};
use ontology::{Field, FieldType, field::FieldUnit};

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, knowledge::ConceptId, values::Facts, view::View};

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    let order = Candidate::named("work_order_id");
    let flag = view.knowledge.concepts.id("flag");
    for (column, facts) in view.facts.iter().enumerate() {
        for candidate in Candidate::all() {
            if let Some(field) = candidate.definition() {
                let key = if candidate == order { key_of_orders(view, beliefs, column) } else { 0.0 };
                let suits = suits(field, facts).min(unless_yes_or_no(field, facts, flag));
                signals.set(column, candidate, Signal::Kind, suits + key);
            }
        }
    }
}

/// Whether values of a column cannot be read as what a field holds: words where a number, a time or a flag belongs.
pub(crate) fn cannot_be(candidate: Candidate, suits: f64) -> bool {
    let strict = candidate.definition().is_some_and(|field| {
        matches!(field.type_, FieldType::Number | FieldType::Timestamp | FieldType::Flag)
    });
    strict && suits <= CANNOT
}

/// From here down a column of such values is none of the field.
const CANNOT: f64 = -2.9;

/// Two words for yes and no name nothing and nobody: `Subcontractor` with them says whether there is one.
fn unless_yes_or_no(field: &Field, facts: &Facts, flag: Option<ConceptId>) -> f64 {
    let names = matches!(field.type_, FieldType::Identifier | FieldType::Text);
    let answers = facts.kind == ValueKind::Text
        && facts.distinct == 2
        && facts.codes.iter().any(|(concept, share)| Some(*concept) == flag && *share > 0.95);
    if names && answers { -2.5 } else { f64::INFINITY }
}

/// The number of the order is never missing, and in a list of orders it hardly repeats.
fn key_of_orders(view: &View<'_>, beliefs: &Beliefs, column: usize) -> f64 {
    let facts = &view.facts[column];
    if facts.empty() {
        // Of a table without rows nothing is known; in one with rows every row belongs to an order.
        return if view.columns[column].rows() > 0 { -3.0 } else { 0.0 };
    }
    let gaps = if facts.fill < 0.9 { -0.8 } else { 0.0 };
    let header = beliefs.grain.of(Granularity::Header);
    let repeats = view.relations.repeats[column];
    let unique = if repeats < 0.02 && facts.filled > 10 {
        0.4
    } else if repeats > 0.3 {
        -0.6
    } else {
        0.0
    };
    gaps + header * unique
}

/// From about -4 (cannot be) over 0 (says nothing) to 1 (just what one expects).
pub(crate) fn suits(field: &Field, facts: &Facts) -> f64 {
    if facts.empty() {
        return 0.0;
    }
    match field.type_ {
        FieldType::Timestamp => timestamp(facts),
        FieldType::Number => number(field, facts),
        FieldType::Identifier => identifier(field, facts),
        FieldType::Category => category(field, facts),
        FieldType::Text => text(field, facts),
        FieldType::Flag => flag(facts),
    }
}

fn timestamp(facts: &Facts) -> f64 {
    match facts.kind {
        ValueKind::Date | ValueKind::DateTime => 1.0,
        ValueKind::TimeOfDay => 0.3,
        // A time of day may be written as a number: decimal hours, HHMM, seconds since midnight.
        ValueKind::Integer | ValueKind::Decimal => {
            if facts.min.is_some_and(|min| min >= 0.0) && facts.max.is_some_and(|max| max <= 240_000.0) {
                -1.0
            } else {
                -2.5
            }
        }
        ValueKind::Duration => -0.5,
        ValueKind::Text => -3.0,
        ValueKind::Boolean => -4.0,
        ValueKind::Empty => 0.0,
    }
}

fn number(field: &Field, facts: &Facts) -> f64 {
    let range = |low: f64, high: f64| {
        facts.min.is_some_and(|min| min >= low) && facts.max.is_some_and(|max| max <= high)
    };
    let base = match facts.kind {
        ValueKind::Integer | ValueKind::Decimal => 0.6,
        ValueKind::Duration => {
            return if field.unit == Some(FieldUnit::Hours) { 1.0 } else { -3.0 };
        }
        ValueKind::TimeOfDay => return if field.unit == Some(FieldUnit::Hours) { -0.5 } else { -3.5 },
        ValueKind::Text => return -3.5,
        ValueKind::Date | ValueKind::DateTime => return -4.0,
        ValueKind::Boolean => return -2.5,
        ValueKind::Empty => return 0.0,
    };
    let fractions = 1.0 - facts.whole;
    base + match field.unit {
        Some(FieldUnit::Units) => {
            if fractions > 0.3 && field.entity != ontology::Entity::Material {
                -0.6
            } else {
                0.3
            }
        }
        Some(FieldUnit::Percent) => {
            if range(-5.0, 150.0) {
                0.2
            } else {
                -1.5
            }
        }
        Some(FieldUnit::Money) => {
            if facts.kind == ValueKind::Decimal && fractions > 0.3 {
                0.3
            } else if facts.distinct > 5 {
                -0.3
            } else {
                0.0
            }
        }
        Some(FieldUnit::MoneyPerHour) => {
            if range(0.0, 2_000.0) {
                if facts.distinctness < 0.5 { 0.3 } else { 0.1 }
            } else {
                -1.5
            }
        }
        Some(FieldUnit::Persons) => {
            if range(0.0, 60.0) {
                0.2
            } else {
                -2.0
            }
        }
        Some(FieldUnit::Hours) => {
            if facts.negative > 0.3 {
                -1.0
            } else if fractions > 0.2 {
                0.3
            } else {
                0.0
            }
        }
        _ => 0.0,
    }
}

fn identifier(field: &Field, facts: &Facts) -> f64 {
    let is_number_of_step = field.id.as_str() == "operation_sequence";
    match facts.kind {
        ValueKind::Text => {
            if is_number_of_step && (facts.length > 8.0 || facts.natural > 0.5) {
                -2.0
            } else if field.id.as_str() == "employee_id" && facts.person > 0.7 {
                // First and last names number nobody.
                -1.2
            } else if facts.length > 32.0 || facts.wordy > 0.6 {
                -0.6
            } else if facts.natural > 0.7 {
                -0.2
            } else if facts.machine_made > 0.5 {
                -0.5
            } else if is_number_of_step {
                if facts.digits > 0.7 && facts.length <= 6.0 { 0.6 } else { -0.6 }
            } else {
                0.5
            }
        }
        ValueKind::Integer => {
            if facts.negative > 0.0 {
                -3.0
            } else if is_number_of_step {
                if facts.max.is_some_and(|max| max <= 10_000.0) { 0.9 } else { -1.5 }
            } else {
                0.3
            }
        }
        ValueKind::Decimal => {
            if facts.whole > 0.98 {
                -0.5
            } else {
                -3.0
            }
        }
        ValueKind::Date | ValueKind::DateTime => -4.0,
        ValueKind::TimeOfDay | ValueKind::Duration => -3.0,
        ValueKind::Boolean => -2.0,
        ValueKind::Empty => 0.0,
    }
}

fn category(field: &Field, facts: &Facts) -> f64 {
    let is_status = field.id.as_str().ends_with("_status");
    let judges = field.id.as_str() == "inspection_result";
    // A code of a defect is a code; in words it is a description.
    let in_words = field.id.as_str() == "defect_code" && facts.natural > 0.8 && facts.digits < 0.1;
    match facts.kind {
        ValueKind::Text | ValueKind::Integer => {
            if in_words {
                return -0.4;
            }
            let many = facts.distinct > 40 && facts.distinctness > 0.5;
            if many {
                -1.5
            } else if facts.length <= 24.0 {
                0.6
            } else {
                -0.4
            }
        }
        ValueKind::Boolean => {
            if judges {
                0.5
            } else if is_status {
                0.1
            } else {
                -0.6
            }
        }
        ValueKind::Decimal => {
            if facts.whole > 0.98 && facts.distinct < 30 {
                -0.3
            } else {
                -2.5
            }
        }
        ValueKind::Date | ValueKind::DateTime | ValueKind::Duration | ValueKind::TimeOfDay => -3.5,
        ValueKind::Empty => 0.0,
    }
}

fn text(field: &Field, facts: &Facts) -> f64 {
    match facts.kind {
        ValueKind::Text => {
            let person = field.id.as_str() == "employee_name";
            if person {
                if facts.person > 0.6 {
                    1.0
                } else if facts.digits > 0.9 {
                    -1.2
                } else {
                    -0.4
                }
            } else if facts.wordy > 0.3 || facts.natural > 0.6 {
                0.8
            } else if facts.length > 12.0 {
                0.4
            } else if facts.digits > 0.9 {
                -0.5
            } else {
                0.1
            }
        }
        ValueKind::Integer => -1.5,
        ValueKind::Decimal | ValueKind::Boolean => -3.0,
        ValueKind::Date | ValueKind::DateTime | ValueKind::Duration | ValueKind::TimeOfDay => -4.0,
        ValueKind::Empty => 0.0,
    }
}

fn flag(facts: &Facts) -> f64 {
    match facts.kind {
        ValueKind::Boolean => 1.0,
        ValueKind::Text | ValueKind::Integer => {
            if facts.distinct <= 2 {
                0.4
            } else if facts.distinct <= 4 {
                -0.8
            } else {
                -2.5
            }
        }
        ValueKind::Empty => 0.0,
        _ => -3.5,
    }
}
