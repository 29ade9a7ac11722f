//! What a model wrote as arguments, read strictly: what is not meant to be there is refused in words that it can act on.

use ontology::{Entity, FieldId};
use serde::Deserialize;

use crate::{
    Catalog,
    intent::{Bound, Filter, Lever, Period, Step},
    plan::LINES_MAX,
    text,
    tool::{Call, FigureCall, Group, RowsCall},
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Side {
    filters: Vec<Pair>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    field: String,
    value: Value,
}

/// Models write numbers where names are meant.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(serde_json::Number),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Arguments {
    metric: Option<String>,
    filters: Vec<Pair>,
    without: Vec<Pair>,
    above: Option<f64>,
    below: Option<f64>,
    from: Option<String>,
    to: Option<String>,
    by: Option<String>,
    limit: Option<usize>,
    order: Option<String>,
    first: Option<Side>,
    second: Option<Side>,
    id: Option<String>,
    table: Option<String>,
    sort: Option<String>,
    lever: Option<String>,
    amount: Option<f64>,
    field: Option<String>,
    sql: Option<String>,
}

/// The call that a model means, or why there is none.
pub fn read(name: &str, arguments: &str, catalog: &Catalog) -> Result<Call, String> {
    let text = if arguments.trim().is_empty() { "{}" } else { arguments };
    let given: Arguments =
        serde_json::from_str(text).map_err(|error| format!("the arguments cannot be read: {error}"))?;
    let limit = given.limit.unwrap_or(20).clamp(1, LINES_MAX);
    let descending = given.order.as_deref() != Some("smallest");
    let metric = || {
        let name = given.metric.as_deref().ok_or("metric is missing")?;
        if catalog.has(name) { Ok(name.to_owned()) } else { Err(format!("these data do not give {name}")) }
    };
    let plain = |side: &Side, metric: String| -> Result<FigureCall, String> {
        Ok(FigureCall {
            metric,
            filters: filters(&side.filters, catalog)?,
            period: period(side.from.as_deref(), side.to.as_deref(), catalog)?,
            limit: 1,
            descending: true,
            ..FigureCall::default()
        })
    };
    Ok(match name {
        "figures" => {
            let group = match given.by.as_deref().filter(|by| !by.is_empty()) {
                None => None,
                Some(by) => Some(match Step::named(by) {
                    Some(step) => Group::Step(step),
                    None => Group::Field(field(by, catalog)?),
                }),
            };
            Call::Figures(FigureCall {
                metric: metric()?,
                filters: filters(&given.filters, catalog)?,
                period: period(given.from.as_deref(), given.to.as_deref(), catalog)?,
                group,
                limit,
                descending,
                without: filters(&given.without, catalog)?,
                beyond: beyond(given.above, given.below)?,
            })
        }
        "compare" => {
            let (first, second) = (given.first.as_ref(), given.second.as_ref());
            Call::Compare(Box::new([
                plain(first.ok_or("first is missing")?, metric()?)?,
                plain(second.ok_or("second is missing")?, metric()?)?,
            ]))
        }
        "findings" => Call::Findings { n: limit, filters: filters(&given.filters, catalog)? },
        "finding" => Call::Finding { id: given.id.ok_or("id is missing")?.chars().take(200).collect() },
        "rows" => {
            let table = given.table.as_deref().ok_or("table is missing")?;
            let entity = Entity::ALL.into_iter().find(|entity| entity.as_str() == table);
            let sort = match given.sort.as_deref().filter(|sort| !sort.is_empty()) {
                None => None,
                Some(sort) => Some(FieldId::named(sort).ok_or_else(|| format!("there is no field {sort}"))?),
            };
            Call::Rows(RowsCall {
                entity: entity.ok_or_else(|| format!("there is no table {table}"))?,
                filters: filters(&given.filters, catalog)?,
                sort: sort.map(|field| (field, descending)),
                limit,
            })
        }
        "what_if" => {
            let amount = given.amount.filter(|amount| amount.is_finite()).ok_or("amount is missing")?;
            let within = |low: f64, high: f64| {
                if (low..=high).contains(&amount) {
                    Ok(amount)
                } else {
                    Err(format!("amount must be between {low} and {high}"))
                }
            };
            let lever = match given.lever.as_deref().unwrap_or_default() {
                "setup_shorter" => Lever::Setup { shorter: within(0.0, 1.0)? },
                "scrap_to" => Lever::ScrapTo { rate: within(0.0, 1.0)? },
                "scrap_by" => Lever::ScrapBy { share: within(0.0, 1.0)? },
                "price_change" => Lever::Price { change: within(-1.0, 10.0)? },
                "hours" => Lever::Hours { more: within(0.0, 168.0)? },
                "machines" => Lever::Machines { more: within(0.0, 1_000.0)? },
                "batch" => Lever::Batch { times: within(0.01, 1_000.0)? },
                other => return Err(format!("there is no lever {other}")),
            };
            Call::WhatIf { lever, scope: filters(&given.filters, catalog)? }
        }
        "explain" => Call::Explain { metric: metric()?, filters: filters(&given.filters, catalog)? },
        "missing" => Call::Missing { metric: given.metric },
        "values" => {
            let name = given.field.as_deref().ok_or("field is missing")?;
            Call::Values { field: field(name, catalog)?, n: limit }
        }
        "totals" => Call::Totals,
        "query" => Call::Query { sql: given.sql.ok_or("sql is missing")? },
        other => return Err(format!("there is no tool {}", other.chars().take(60).collect::<String>())),
    })
}

/// A field that the data can be told apart by; people are none.
fn field(name: &str, catalog: &Catalog) -> Result<FieldId, String> {
    FieldId::named(name).filter(|field| catalog.holds(*field)).ok_or_else(|| {
        format!("these data cannot be told apart by {}", name.chars().take(60).collect::<String>())
    })
}

fn filters(pairs: &[Pair], catalog: &Catalog) -> Result<Vec<Filter>, String> {
    if pairs.len() > 8 {
        return Err("give at most 8 filters".to_owned());
    }
    pairs
        .iter()
        .map(|pair| {
            let field = field(&pair.field, catalog)?;
            let said = match &pair.value {
                Value::Text(text) => text.trim().to_owned(),
                Value::Number(number) => number.to_string(),
            };
            let Some(known) = catalog.values.get(&field) else { return Ok(Filter { field, value: said }) };
            let wanted = text::bare(&said);
            let found = known
                .iter()
                .find(|value| value.trim() == said)
                .or_else(|| known.iter().find(|value| text::bare(value) == wanted));
            match found {
                Some(value) => Ok(Filter { field, value: value.clone() }),
                None if catalog.long.contains(&field) => Ok(Filter { field, value: said }),
                None => Err(format!("{field} has no value {}", said.chars().take(60).collect::<String>())),
            }
        })
        .collect()
}

fn beyond(above: Option<f64>, below: Option<f64>) -> Result<Option<Bound>, String> {
    let bound = match (above, below) {
        (None, None) => return Ok(None),
        (Some(value), None) => Bound { above: true, value, included: false },
        (None, Some(value)) => Bound { above: false, value, included: false },
        (Some(_), Some(_)) => return Err("give above or below, not both".to_owned()),
    };
    if bound.value.is_finite() { Ok(Some(bound)) } else { Err("a bound is a number".to_owned()) }
}

fn period(from: Option<&str>, to: Option<&str>, catalog: &Catalog) -> Result<Option<Period>, String> {
    let day = |text: &str| {
        text.get(..10)
            .unwrap_or(text)
            .parse()
            .map_err(|_| format!("{} is no day; write 2025-06-30", text.chars().take(30).collect::<String>()))
    };
    let (from, to) = (from.filter(|text| !text.is_empty()), to.filter(|text| !text.is_empty()));
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let known = catalog.period.ok_or("the data have no dates")?;
    let first = from.map(day).transpose()?.unwrap_or(known.first);
    let last = to.map(day).transpose()?.unwrap_or(known.last);
    if first > last { Err("from is after to".to_owned()) } else { Ok(Some(Period { first, last })) }
}
