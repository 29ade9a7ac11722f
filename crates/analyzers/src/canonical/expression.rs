//! Columns of a file as SQL expressions of canonical fields: text trimmed, numbers in the field's unit, moments joined
//! from date and time of day.

use domain::ValueKind;
use ontology::{FieldId, FieldType, Unit, field::FieldUnit, unit::Dimension};

use super::{exchange, words};
use crate::mapped_table::{MappedTable, Source};

const MICROS_PER_SECOND: f64 = 1e6;

/// The SQL type of a field in canonical tables.
pub(crate) fn sql_type(field: FieldId) -> &'static str {
    match field.definition().type_ {
        FieldType::Identifier | FieldType::Category | FieldType::Text => "VARCHAR",
        FieldType::Number => "DOUBLE",
        FieldType::Timestamp => "TIMESTAMP",
        FieldType::Flag => "BOOLEAN",
    }
}

/// A null of the field's type.
pub(crate) fn null(field: FieldId) -> String {
    match field.definition().type_ {
        FieldType::Timestamp => null_moment(),
        _ => format!("CAST(NULL AS {})", sql_type(field)),
    }
}

/// A moment that is not there.
pub(crate) fn null_moment() -> String {
    "arrow_cast(NULL, 'Timestamp(Microsecond, None)')".to_owned()
}

/// The field's value in a row of the table; `None` where no column carries it.
pub(crate) fn of(table: &MappedTable, field: FieldId) -> Option<String> {
    let sources = table.sources(field);
    if sources.is_empty() {
        return None;
    }
    Some(match field.definition().type_ {
        FieldType::Identifier => texts(&sources, "-"),
        FieldType::Text => texts(&sources, " "),
        FieldType::Category => {
            if field.as_str() == "work_order_status" {
                texts(&sources, " ")
            } else {
                coalesce(sources.iter().map(text).collect())
            }
        }
        FieldType::Timestamp => moment(&sources),
        FieldType::Flag => coalesce(sources.iter().map(flag).collect()),
        FieldType::Number => exchange::converted(table, field, number(table, field, &sources)),
    })
}

fn column(source: &Source) -> String {
    format!("\"c{}\"", source.column)
}

fn coalesce(mut parts: Vec<String>) -> String {
    if parts.len() == 1 { parts.remove(0) } else { format!("coalesce({})", parts.join(", ")) }
}

/// A cell as trimmed text; whole numbers without a decimal point.
pub(crate) fn text(source: &Source) -> String {
    let c = column(source);
    match source.kind {
        ValueKind::Text | ValueKind::Empty => format!("nullif(btrim({c}), '')"),
        ValueKind::Integer | ValueKind::Boolean | ValueKind::DateTime => format!("CAST({c} AS VARCHAR)"),
        ValueKind::Decimal | ValueKind::Duration | ValueKind::TimeOfDay => format!(
            "CASE WHEN {c} = floor({c}) AND abs({c}) < 9e15 THEN CAST(CAST({c} AS BIGINT) AS VARCHAR) ELSE CAST({c} AS VARCHAR) END"
        ),
        ValueKind::Date => format!("CAST(CAST({c} AS DATE) AS VARCHAR)"),
    }
}

/// Several columns of one key or name, joined; a column that repeats another adds nothing.
fn texts(sources: &[Source], separator: &str) -> String {
    let mut parts: Vec<String> = sources.iter().map(text).collect();
    if parts.len() == 1 {
        return parts.remove(0);
    }
    for idx in (1..parts.len()).rev() {
        parts[idx] = format!("CASE WHEN {} = {} THEN NULL ELSE {} END", parts[idx], parts[0], parts[idx]);
        // `x = NULL` is null, so a missing first part keeps the later one.
    }
    format!("nullif(concat_ws('{separator}', {}), '')", parts.join(", "))
}

/// A date column and a time-of-day column of one field make one moment; of several dates the first that is filled counts.
fn moment(sources: &[Source]) -> String {
    let dates: Vec<String> = sources
        .iter()
        .filter_map(|source| match source.kind {
            ValueKind::Date | ValueKind::DateTime => Some(column(source)),
            ValueKind::Text => Some(format!("TRY_CAST({} AS TIMESTAMP)", column(source))),
            _ => None,
        })
        .collect();
    if dates.is_empty() {
        return null_moment();
    }
    let date = coalesce(dates);
    let time = sources.iter().find(|source| source.kind == ValueKind::TimeOfDay);
    let micros = format!("CAST(arrow_cast({date}, 'Timestamp(Microsecond, None)') AS BIGINT)");
    match time {
        Some(time) => format!(
            "arrow_cast({micros} + CAST(coalesce({}, 0.0) * {MICROS_PER_SECOND:?} AS BIGINT), 'Timestamp(Microsecond, None)')",
            column(time)
        ),
        None => format!("arrow_cast({date}, 'Timestamp(Microsecond, None)')"),
    }
}

fn flag(source: &Source) -> String {
    let c = column(source);
    match source.kind {
        ValueKind::Boolean => c,
        ValueKind::Integer | ValueKind::Decimal | ValueKind::Duration | ValueKind::TimeOfDay => {
            format!("{c} <> 0")
        }
        ValueKind::Date | ValueKind::DateTime => format!("{c} IS NOT NULL"),
        ValueKind::Text | ValueKind::Empty => format!(
            "CASE WHEN lower(btrim({c})) IN ({}) THEN true WHEN lower(btrim({c})) IN ({}) THEN false END",
            words::sql_list("yes"),
            words::sql_list("no")
        ),
    }
}

/// Whether several columns of one number add up: amounts do, prices and rates do not.
fn adds(unit: Option<FieldUnit>, field: FieldId) -> bool {
    let price = matches!(
        field.as_str(),
        "unit_price" | "product_unit_cost" | "material_unit_cost" | "material_standard_cost"
    );
    !price
        && matches!(
            unit,
            Some(FieldUnit::Units | FieldUnit::Money | FieldUnit::Hours | FieldUnit::KilowattHours)
        )
}

fn number(table: &MappedTable, field: FieldId, sources: &[Source]) -> String {
    let unit = field.definition().unit;
    let parts: Vec<String> = sources.iter().map(|source| in_field_unit(table, field, source)).collect();
    if parts.len() == 1 || !adds(unit, field) {
        return coalesce(parts);
    }
    let all_null = parts.iter().map(|part| format!("({part}) IS NULL")).collect::<Vec<_>>().join(" AND ");
    let sum = parts.iter().map(|part| format!("coalesce({part}, 0.0)")).collect::<Vec<_>>().join(" + ");
    format!("CASE WHEN {all_null} THEN NULL ELSE {sum} END")
}

pub(crate) fn raw_number(source: &Source) -> String {
    let c = column(source);
    match source.kind {
        ValueKind::Integer | ValueKind::Decimal | ValueKind::Duration | ValueKind::TimeOfDay => {
            format!("CAST({c} AS DOUBLE)")
        }
        ValueKind::Boolean => format!("CASE WHEN {c} THEN 1.0 ELSE 0.0 END"),
        ValueKind::Text => format!("TRY_CAST(btrim({c}) AS DOUBLE)"),
        ValueKind::Date | ValueKind::DateTime | ValueKind::Empty => "CAST(NULL AS DOUBLE)".to_owned(),
    }
}

/// Pieces that a standard per piece is multiplied with: those to be made, else those made.
fn pieces(table: &MappedTable) -> Option<String> {
    let one = |name: &str| -> Option<String> {
        let field = FieldId::named(name)?;
        let sources = table.sources(field);
        (!sources.is_empty()).then(|| coalesce(sources.iter().map(raw_number).collect()))
    };
    one("operation_quantity_in").or_else(|| one("quantity_ordered")).or_else(|| {
        let good = one("operation_quantity_completed").or_else(|| one("quantity_completed"))?;
        Some(match one("operation_quantity_scrapped").or_else(|| one("quantity_scrapped")) {
            Some(scrap) => format!("({good} + coalesce({scrap}, 0.0))"),
            None => good,
        })
    })
}

/// Whether the column is a standard per piece that the field wants as hours in all.
pub(crate) fn is_per_piece(field: FieldId, source: &Source) -> bool {
    field.definition().unit == Some(FieldUnit::Hours)
        && source
            .unit
            .is_some_and(|unit| matches!(unit.dimension(), Dimension::TimePerUnit | Dimension::Rate))
}

fn in_field_unit(table: &MappedTable, field: FieldId, source: &Source) -> String {
    let raw = raw_number(source);
    let scaled = |factor: f64| {
        if (factor - 1.0).abs() < f64::EPSILON { raw.clone() } else { format!("({raw} * {factor:?})") }
    };
    // A flag in the place of a quantity marks all pieces of its row, in the place of hours all its hours.
    if source.kind == ValueKind::Boolean {
        let whole = match field.definition().unit {
            Some(FieldUnit::Units) => made(table),
            _ => None,
        };
        return match whole {
            Some(made) => format!("CASE WHEN {} THEN coalesce({made}, 0.0) ELSE 0.0 END", column(source)),
            None => raw,
        };
    }
    match (field.definition().unit, source.unit.map(|unit| (unit, unit.dimension()))) {
        (Some(FieldUnit::Hours), _) if source.kind == ValueKind::TimeOfDay => scaled(Unit::Seconds.factor()),
        (Some(FieldUnit::Hours), _) if source.kind == ValueKind::Duration => raw,
        (Some(FieldUnit::Hours), Some((unit, Dimension::TimePerUnit))) => match pieces(table) {
            Some(pieces) => format!("({raw} * {:?} * ({pieces}))", unit.factor() / 3_600.0),
            None => "CAST(NULL AS DOUBLE)".to_owned(),
        },
        (Some(FieldUnit::Hours), Some((unit, Dimension::Rate))) => match pieces(table) {
            Some(pieces) => format!("(({pieces}) / nullif({raw} * {:?}, 0.0))", unit.factor()),
            None => "CAST(NULL AS DOUBLE)".to_owned(),
        },
        (Some(FieldUnit::Hours), None) => match unit_column(table, field) {
            Some(unit) => format!("({raw} * {unit})"),
            None => raw,
        },
        (Some(FieldUnit::SecondsPerUnit), _) if source.kind == ValueKind::Duration => scaled(3_600.0),
        (Some(FieldUnit::SecondsPerUnit), Some((unit, Dimension::Time))) => scaled(unit.factor() * 3_600.0),
        (Some(FieldUnit::SecondsPerUnit), Some((unit, Dimension::Rate)))
        | (Some(FieldUnit::UnitsPerHour), Some((unit, Dimension::TimePerUnit))) => {
            format!("(3600.0 / nullif({raw} * {:?}, 0.0))", unit.factor())
        }
        (Some(FieldUnit::Hours), Some((unit, Dimension::Time)))
        | (Some(FieldUnit::SecondsPerUnit), Some((unit, Dimension::TimePerUnit)))
        | (Some(FieldUnit::UnitsPerHour), Some((unit, Dimension::Rate)))
        | (Some(FieldUnit::Percent), Some((unit, Dimension::Ratio)))
        | (Some(FieldUnit::KilowattHours), Some((unit, Dimension::Energy))) => scaled(unit.factor()),
        _ => raw,
    }
}

/// Pieces made on a row: good, with what was scrapped where nothing good is stated.
fn made(table: &MappedTable) -> Option<String> {
    ["operation_quantity_completed", "quantity_completed"].into_iter().find_map(|name| {
        let sources = table.sources(FieldId::named(name)?);
        (!sources.is_empty()).then(|| coalesce(sources.iter().map(raw_number).collect()))
    })
}

/// The factor into hours that a unit column beside a time column states row by row.
fn unit_column(table: &MappedTable, field: FieldId) -> Option<String> {
    let name = match field.as_str() {
        "planned_setup_hours" | "actual_setup_hours" => "setup_time_unit",
        "planned_run_hours" | "actual_run_hours" => "run_time_unit",
        _ => return None,
    };
    let sources = table.sources(FieldId::named(name)?);
    let unit = format!("lower({})", text(sources.first()?));
    Some(format!(
        "CASE WHEN {unit} IN ({}) THEN {:?} WHEN {unit} IN ({}) THEN {:?} WHEN {unit} IN ({}) THEN 24.0 ELSE 1.0 END",
        words::sql_list("minutes"),
        Unit::Minutes.factor(),
        words::sql_list("seconds"),
        Unit::Seconds.factor(),
        words::sql_list("days"),
    ))
}
