//! Looking at canonical tables: rows, groups with totals, and one order with everything that hangs on it.

use std::collections::BTreeMap;

use ontology::{Entity, FieldId, FieldType, RollUp};

use crate::{
    canonical::{
        Canonical,
        read::{self, Value},
    },
    error::AnalyzeError,
    query,
};

/// What is asked of one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    pub entity: Entity,
    /// Fields that must have these values, as they stand in the table.
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

/// Fields of a table that hold anything, in the order of the ontology, with the number of the order on every table that
/// hangs on one.
pub fn fields(canonical: &Canonical, entity: Entity) -> Vec<FieldId> {
    ontology::field::all()
        .iter()
        .map(|field| field.id)
        .filter(|field| canonical.fill(entity, *field) > 0.0 || lends_number(canonical, entity, *field))
        .collect()
}

const NUMBER: &str = "work_order_id";

/// Whether a table gets the number of its orders from the table of orders.
fn lends_number(canonical: &Canonical, entity: Entity, field: FieldId) -> bool {
    field.as_str() == NUMBER
        && matches!(entity, Entity::Operation | Entity::Booking | Entity::Material | Entity::Quality)
        && canonical.tables.contains_key(&entity)
        && canonical.fill(entity, field) == 0.0
        && canonical.fill(Entity::WorkOrder, field) > 0.0
}

/// One order: its number, and the keys under which its rows are kept.
struct OneOrder<'a> {
    number: &'a str,
    keys: Vec<String>,
}

/// What follows FROM for a table; of one order, only its rows are read from tables that keep them by key.
fn source(canonical: &Canonical, entity: Entity, only: Option<&OneOrder<'_>>) -> String {
    let table = query::table_name(entity);
    let lends = FieldId::named(NUMBER).is_some_and(|field| lends_number(canonical, entity, field));
    if !lends {
        return table.to_owned();
    }
    if let Some(order) = only {
        let own = own(canonical, entity);
        let keys: Vec<String> = order.keys.iter().map(|key| quoted(key)).collect();
        let held =
            if keys.is_empty() { "false".to_owned() } else { format!("order_key IN ({})", keys.join(", ")) };
        let number = quoted(order.number);
        return format!(
            "(SELECT rows.source_file, rows.source_row{own}, {number} AS \"{NUMBER}\" FROM {table} rows WHERE {held}) numbered"
        );
    }
    with_numbers(canonical, entity, table)
}

/// The fields of a table as columns of `rows`, each after a comma. A mapped column of numbers without a value gives way to those of the
/// orders.
fn own(canonical: &Canonical, entity: Entity) -> String {
    let own = ontology::field::all()
        .iter()
        .map(|field| field.id)
        .filter(|field| field.as_str() != NUMBER && canonical.tables[&entity].fields.contains_key(field));
    own.map(|field| format!(", rows.\"{field}\"")).collect::<Vec<_>>().concat()
}

/// Rows of a table with the numbers of their orders.
fn with_numbers(canonical: &Canonical, entity: Entity, table: &str) -> String {
    let orders = query::table_name(Entity::WorkOrder);
    let own = own(canonical, entity);
    format!(
        "(SELECT rows.source_file, rows.source_row{own}, numbers.\"{NUMBER}\" FROM {table} rows LEFT JOIN (SELECT order_key, min(\"{NUMBER}\") AS \"{NUMBER}\" FROM {orders} WHERE order_key IS NOT NULL GROUP BY order_key) numbers ON rows.order_key = numbers.order_key) numbered"
    )
}

/// A text as a statement takes it: between quotes, which are doubled within it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
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

/// The rows that match. It blocks; call it from a thread that may.
pub fn rows(canonical: &Canonical, ask: &Ask) -> Result<Rows, AnalyzeError> {
    rows_of(canonical, ask, None, None)
}

/// What became of one row of a file, by table; tables without it are left out. It blocks.
pub fn of_row(canonical: &Canonical, file: &str, row: u64) -> Result<BTreeMap<Entity, Rows>, AnalyzeError> {
    let Some(file) = canonical.files.iter().position(|name| name == file) else { return Ok(BTreeMap::new()) };
    let mut found = BTreeMap::new();
    for entity in canonical.tables.keys().copied() {
        let ask = Ask { entity, equals: Vec::new(), sort: None, offset: 0, limit: 20 };
        let rows = rows_of(canonical, &ask, None, Some((file, row)))?;
        if rows.total > 0 {
            found.insert(entity, rows);
        }
    }
    Ok(found)
}

fn rows_of(
    canonical: &Canonical,
    ask: &Ask,
    only: Option<&OneOrder<'_>>,
    at: Option<(usize, u64)>,
) -> Result<Rows, AnalyzeError> {
    let fields = fields(canonical, ask.entity);
    if fields.is_empty() {
        return Ok(Rows { fields, lines: Vec::new(), total: 0, sums: Vec::new() });
    }
    query::block_on(&canonical.limits, async {
        let session = query::open(canonical).await?;
        let table = source(canonical, ask.entity, only);
        let condition = match at {
            Some((file, row)) => format!("WHERE source_file = {file} AND source_row = {row}"),
            None => condition(&ask.equals, &fields),
        };
        let sums: Vec<String> = fields
            .iter()
            .map(|field| {
                let sum = if is_additive(*field) { format!("sum(\"{field}\")") } else { "NULL".to_owned() };
                format!("{sum} AS \"sum_{field}\"")
            })
            .collect();
        // The number of an order is looked up for the rows that are shown, and for all only where it is asked about.
        let bare = query::table_name(ask.entity);
        let numbered = |field: FieldId| field.as_str() == NUMBER;
        let is_lent = only.is_none()
            && fields.iter().any(|field| lends_number(canonical, ask.entity, *field))
            && !ask.equals.iter().any(|(field, _)| numbered(*field))
            && !ask.sort.is_some_and(|(field, _)| numbered(field));
        let counted = if is_lent { bare } else { &*table };
        let totals =
            read::rows(&session, &format!("SELECT count(*), {} FROM {counted} {condition}", sums.join(", ")))
                .await?;
        let totals = totals.into_iter().next().unwrap_or_default();
        let order = match ask.sort {
            Some((field, descending)) if fields.contains(&field) => {
                let way = if descending { "DESC NULLS LAST" } else { "ASC NULLS LAST" };
                format!("ORDER BY \"{field}\" {way}, source_file, source_row")
            }
            _ => "ORDER BY source_file, source_row".to_owned(),
        };
        let names: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
        let part = format!("{order} LIMIT {} OFFSET {}", ask.limit, ask.offset);
        let statement = if is_lent {
            let shown = format!("(SELECT * FROM {bare} {condition} {part})");
            let numbered = with_numbers(canonical, ask.entity, &shown);
            format!("SELECT source_file, source_row, {} FROM {numbered} {order}", names.join(", "))
        } else {
            format!("SELECT source_file, source_row, {} FROM {table} {condition} {part}", names.join(", "))
        };
        let found = read::rows(&session, &statement).await?;
        Ok(Rows {
            lines: found.iter().map(|row| line(canonical, &fields, row)).collect(),
            total: totals.first().and_then(Value::number).unwrap_or_default() as u64,
            sums: (0..fields.len()).map(|at| totals.get(at + 1).and_then(Value::number)).collect(),
            fields,
        })
    })
}

/// The rows that match, by the values of a field: the largest sum of `by` first, or the most rows.
pub fn groups(
    canonical: &Canonical,
    ask: &Ask,
    group: FieldId,
    by: Option<FieldId>,
) -> Result<Groups, AnalyzeError> {
    let fields = fields(canonical, ask.entity);
    let additive: Vec<FieldId> = fields.iter().copied().filter(|field| is_additive(*field)).collect();
    if !fields.contains(&group) {
        return Ok(Groups { additive, groups: Vec::new(), total: 0 });
    }
    query::block_on(&canonical.limits, async {
        let session = query::open(canonical).await?;
        let table = source(canonical, ask.entity, None);
        let condition = condition(&ask.equals, &fields);
        let sums = additive.iter().map(|field| format!(", sum(\"{field}\")")).collect::<Vec<_>>().concat();
        let count =
            read::numbers(&session, &format!("SELECT count(DISTINCT \"{group}\") FROM {table} {condition}"))
                .await?;
        let order = match by.filter(|by| additive.contains(by)) {
            Some(by) => format!("sum(\"{by}\") DESC NULLS LAST"),
            None => "count(*) DESC".to_owned(),
        };
        let found = read::rows(
            &session,
            &format!(
                "SELECT \"{group}\", count(*){sums} FROM {table} {condition} GROUP BY \"{group}\" ORDER BY {order}, \"{group}\" LIMIT {} OFFSET {}",
                ask.limit, ask.offset
            ),
        )
        .await?;
        let groups = found
            .iter()
            .map(|row| Group {
                name: row.first().and_then(Value::text).unwrap_or_default().to_owned(),
                rows: row.get(1).and_then(Value::number).unwrap_or_default() as u64,
                sums: (0..additive.len()).map(|at| row.get(at + 2).and_then(Value::number)).collect(),
            })
            .collect();
        Ok(Groups { additive, groups, total: count.first().copied().unwrap_or_default() as u64 })
    })
}

/// Everything that hangs on one order, by table; tables without a row of it are left out.
pub fn order(
    canonical: &Canonical,
    order_id: &str,
    limit: u64,
) -> Result<BTreeMap<Entity, Rows>, AnalyzeError> {
    let Some(key) = FieldId::named(NUMBER) else { return Ok(BTreeMap::new()) };
    let one = OneOrder { number: order_id, keys: keys(canonical, order_id)? };
    let mut found = BTreeMap::new();
    for entity in canonical.tables.keys().copied() {
        if !fields(canonical, entity).contains(&key) {
            continue;
        }
        let sort = ["operation_sequence", "operation_actual_start", "booking_date"]
            .into_iter()
            .filter_map(FieldId::named)
            .find(|field| canonical.fill(entity, *field) > 0.0);
        let ask = Ask {
            entity,
            equals: vec![(key, order_id.to_owned())],
            sort: sort.map(|field| (field, false)),
            offset: 0,
            limit,
        };
        let rows = rows_of(canonical, &ask, Some(&one), None)?;
        if rows.total > 0 {
            found.insert(entity, rows);
        }
    }
    Ok(found)
}

/// The keys under which rows of an order are kept; none where the orders have no numbers of their own.
fn keys(canonical: &Canonical, order_id: &str) -> Result<Vec<String>, AnalyzeError> {
    let numbered = FieldId::named(NUMBER).is_some_and(|field| canonical.fill(Entity::WorkOrder, field) > 0.0);
    if !numbered {
        return Ok(Vec::new());
    }
    let orders = query::table_name(Entity::WorkOrder);
    let number = quoted(order_id);
    let held = format!(
        "SELECT order_key FROM {orders} WHERE order_key IS NOT NULL GROUP BY order_key HAVING min(\"{NUMBER}\") = {number} ORDER BY order_key"
    );
    let found = query::block_on(&canonical.limits, async {
        let session = query::open(canonical).await?;
        read::rows(&session, &held).await
    })?;
    Ok(found.iter().filter_map(|row| row.first()).filter_map(Value::text).map(str::to_owned).collect())
}

/// A value is never part of a statement but as a text between quotes.
fn condition(equals: &[(FieldId, String)], fields: &[FieldId]) -> String {
    let terms: Vec<String> = equals
        .iter()
        .filter(|(field, _)| fields.contains(field))
        .map(|(field, value)| {
            if value.is_empty() {
                format!("\"{field}\" IS NULL")
            } else {
                format!("CAST(\"{field}\" AS VARCHAR) = {}", quoted(value))
            }
        })
        .collect();
    if terms.is_empty() { String::new() } else { format!("WHERE {}", terms.join(" AND ")) }
}

fn line(canonical: &Canonical, fields: &[FieldId], row: &[Value]) -> Line {
    let file = row.first().and_then(Value::number).unwrap_or_default() as usize;
    Line {
        file: canonical.files.get(file).cloned().unwrap_or_default(),
        row: row.get(1).and_then(Value::number).unwrap_or_default() as u64,
        values: fields
            .iter()
            .enumerate()
            .map(|(at, field)| match (row.get(at + 2), field.definition().type_) {
                (Some(Value::Text(text)), _) => Seen::Text(text.clone()),
                (Some(Value::Number(number)), FieldType::Timestamp) => Seen::Moment(*number as i64),
                (Some(Value::Number(number)), FieldType::Flag) => Seen::Flag(*number != 0.0),
                (Some(Value::Number(number)), _) => Seen::Number(*number),
                _ => Seen::Empty,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_values() {
        let product = FieldId::named("product_id").unwrap();
        let fields = [product];
        for (value, said) in [
            ("P1", "WHERE CAST(\"product_id\" AS VARCHAR) = 'P1'"),
            ("", "WHERE \"product_id\" IS NULL"),
            ("' OR 1=1 --", "WHERE CAST(\"product_id\" AS VARCHAR) = ''' OR 1=1 --'"),
            ("\\'", "WHERE CAST(\"product_id\" AS VARCHAR) = '\\'''"),
        ] {
            assert_eq!(condition(&[(product, value.to_owned())], &fields), said);
        }
        // A field that the table does not have asks nothing of it.
        assert_eq!(condition(&[(product, "P1".to_owned())], &[]), "");
    }

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
