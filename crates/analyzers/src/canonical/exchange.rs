//! Amounts of several currencies in the one that is reported, by the customer's own rates on the day of the order.

use domain::{Issue, issue::Severity};
use ontology::{FieldId, field::FieldUnit};

use super::{expression, words};
use crate::{mapped_table::MappedTable, query::Limits};

/// The days by which an amount is converted, from the best to the poorest.
const DAYS: [&str; 9] = [
    "order_date",
    "release_date",
    "actual_start",
    "planned_start",
    "operation_actual_start",
    "booking_date",
    "receipt_date",
    "actual_end",
    "due_date",
];

/// The tables with the rates of the run. Where one of them holds amounts and no currency, none is converted: the same
/// order would stand there in two currencies.
pub(crate) fn with_rates(
    tables: &[MappedTable],
    limits: &Limits,
    issues: &mut Vec<Issue>,
) -> Vec<MappedTable> {
    let mut tables = tables.to_vec();
    let Some(rates) = &limits.exchange else { return tables };
    if let Some(silent) = tables.iter().find(|table| !table.says_its_currency()) {
        issues.push(Issue {
            file: silent.file.clone(),
            row: None,
            column: None,
            severity: Severity::Warning,
            kind: "not_converted",
            message: "Amounts were not converted: this file holds amounts and does not say in which currency. Match its \
                      column of currencies, or state one."
                .to_owned(),
            rows: silent.mapping.rows,
            examples: Vec::new(),
        });
        return tables;
    }
    for table in &mut tables {
        table.exchange = Some(rates.clone());
    }
    tables
}

/// The currency of a row, as SQL: what the row says, else what the file says.
pub(crate) fn currency(table: &MappedTable) -> Option<String> {
    let stated = FieldId::named("currency").and_then(|field| expression::of(table, field));
    let of_file = table.currency.as_deref().map(words::literal);
    match (stated, of_file) {
        (Some(field), Some(file)) if table.exchange.is_some() => {
            Some(format!("upper(coalesce({field}, {file}))"))
        }
        (Some(field), _) => Some(format!("upper({field})")),
        (None, file) => file,
    }
}

/// What a unit of a row's currency is worth, as SQL; null where the table of rates does not say. `None` where nothing is
/// converted.
pub(crate) fn rate(table: &MappedTable) -> Option<String> {
    let rates = table.exchange.as_ref()?;
    let Some(currency) = currency(table) else { return Some("1.0".to_owned()) };
    let days: Vec<String> =
        DAYS.iter().filter_map(|name| expression::of(table, FieldId::named(name)?)).collect();
    let day = match &days[..] {
        [] => expression::null_moment(),
        [one] => one.clone(),
        several => format!("coalesce({})", several.join(", ")),
    };
    let mut cases = String::new();
    // The newest first: the first that has begun holds.
    for rate in rates.rates().iter().rev() {
        cases.push_str(&format!(
            " WHEN {currency} = {} AND {day} >= arrow_cast('{}', 'Timestamp(Microsecond, None)') THEN CAST({} AS DOUBLE)",
            words::literal(rate.currency.as_str()),
            rate.from,
            rate.rate
        ));
    }
    let to = words::literal(rates.to.as_str());
    Some(format!("CASE WHEN coalesce({currency}, {to}) = {to} THEN CAST(1 AS DOUBLE){cases} END"))
}

/// An amount in the currency that is reported; other figures stay as they are.
pub(crate) fn converted(table: &MappedTable, field: FieldId, value: String) -> String {
    let money = matches!(field.definition().unit, Some(FieldUnit::Money | FieldUnit::MoneyPerHour));
    match rate(table).filter(|_| money) {
        Some(rate) => format!("(({value}) * {rate})"),
        None => value,
    }
}
