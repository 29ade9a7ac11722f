//! Figures as people ask for them: of the rows that they name, of a span of days, by the values of a field or by steps of the
//! calendar. The same definitions as the key figures of an analysis, so that both say the same.

mod definitions;

use jiff::civil::Date;
use ontology::{Entity, FieldId};

use self::definitions::{Definition, How};
use crate::{
    canonical::{
        Canonical, lists,
        read::{self, Value},
    },
    error::AnalyzeError,
    query,
};

/// What lines stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Field(FieldId),
    /// `day`, `week`, `month`, `quarter` or `year`.
    Step(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Ask<'a> {
    pub metric: &'a str,
    pub filters: &'a [(FieldId, String)],
    /// Rows with these values are left out.
    pub without: &'a [(FieldId, String)],
    /// Only lines beyond it are given.
    pub beyond: Option<Bound>,
    /// First and last day, both included.
    pub period: Option<(Date, Date)>,
    pub by: Option<By>,
    pub limit: usize,
    pub descending: bool,
}

/// A value that lines must lie above, or below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    pub above: bool,
    pub value: f64,
    /// Whether the value itself is beyond it.
    pub included: bool,
}

/// One figure with what it is made of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// A value of the field, or the first day of a step; empty where the rows have none.
    pub name: String,
    pub value: Option<f64>,
    pub numerator: Option<f64>,
    pub denominator: Option<f64>,
    /// Rows that went into it.
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    pub table: &'static str,
    pub formula: String,
    pub note: Option<String>,
    pub needs: Vec<&'static str>,
    pub lines: Vec<Line>,
    pub whole: Line,
    pub groups: u64,
    /// Rows that state no value of the field, or no date; they are in no line.
    pub unstated: u64,
    pub dated_by: Option<&'static str>,
    /// Rows with the largest part in the figure.
    pub sources: Vec<(String, u64)>,
}

/// What a figure can be narrowed to and broken down by, and whether its rows have dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ability {
    pub fields: Vec<FieldId>,
    pub dated: bool,
}

/// `None` where the data do not hold what the figure takes.
pub fn ability(canonical: &Canonical, metric: &str) -> Option<Ability> {
    let definitions = definitions::of(canonical, metric);
    if definitions.iter().all(|definition| definition.of_a_part) {
        return None;
    }
    let mut fields: Vec<FieldId> = ontology::field::all()
        .iter()
        .map(|field| field.id)
        .filter(|field| field.is_grouping())
        .filter(|field| {
            definitions.iter().any(|definition| home(canonical, definition.table, *field).is_some())
        })
        .collect();
    fields.sort_unstable();
    Some(Ability {
        fields,
        dated: definitions.iter().any(|definition| date(canonical, definition).is_some()),
    })
}

/// Values of a field with their rows, the most frequent first, and how many values there are in all.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub field: FieldId,
    pub values: Vec<(String, u64)>,
    pub total: u64,
}

/// The values of those of the fields that hold any. It blocks.
pub fn values(canonical: &Canonical, fields: &[FieldId], limit: usize) -> Result<Vec<Values>, AnalyzeError> {
    let homes: Vec<(FieldId, Entity)> = fields
        .iter()
        .filter_map(|field| {
            let own = field.definition().entity;
            let tables = std::iter::once(own).chain(Entity::ALL);
            tables.into_iter().find(|table| canonical.fill(*table, *field) > 0.0).map(|table| (*field, table))
        })
        .collect();
    let tables: Vec<Entity> = homes.iter().map(|(_, table)| *table).collect();
    query::block_on(&canonical.limits, async {
        let session = query::open_some(canonical, &tables).await?;
        let mut all = Vec::new();
        for (field, table) in homes {
            let grouped = format!(
                "SELECT trim(CAST(\"{field}\" AS VARCHAR)) AS v, count(*) AS n FROM {} WHERE \"{field}\" IS NOT NULL GROUP BY trim(CAST(\"{field}\" AS VARCHAR))",
                query::table_name(table)
            );
            let total = read::numbers(&session, &format!("SELECT count(*) FROM ({grouped})")).await?;
            let found = read::rows(&session, &format!("{grouped} ORDER BY n DESC, v LIMIT {limit}")).await?;
            let values = found
                .iter()
                .filter_map(|row| Some((row.first()?.text()?.to_owned(), row.get(1)?.number()? as u64)))
                .collect();
            all.push(Values { field, values, total: total.first().copied().unwrap_or_default() as u64 });
        }
        Ok(all)
    })
}

/// Computes a figure. `None` where no table holds all that it takes. It blocks.
pub fn compute(canonical: &Canonical, ask: &Ask<'_>) -> Result<Option<Figures>, AnalyzeError> {
    let mut wanted: Vec<FieldId> = ask.filters.iter().chain(ask.without).map(|(field, _)| *field).collect();
    if let Some(By::Field(field)) = ask.by {
        wanted.push(field);
    }
    let timed = ask.period.is_some() || matches!(ask.by, Some(By::Step(_)));
    let mut best: Option<Figures> = None;
    for definition in definitions::of(canonical, ask.metric) {
        let possible = (!definition.of_a_part || !wanted.is_empty())
            && (!timed || date(canonical, &definition).is_some())
            && wanted.iter().all(|field| home(canonical, definition.table, *field).is_some());
        if !possible {
            continue;
        }
        let date = date(canonical, &definition).filter(|_| timed);
        let fields: Vec<FieldId> = wanted.iter().copied().chain(date).collect();
        let found = query::block_on(&canonical.limits, async {
            run(canonical, ask, &definition, date, &fields).await
        })?;
        // Where the table must hold rows with all of it, none that fits is the answer.
        if found.whole.rows == 0 && overlaps(canonical, &definition, &fields) {
            return Ok(Some(found));
        }
        // A table may hold the figure and the field without a row that holds both: then a finer one is asked.
        if found.told() * 2 >= found.whole.rows.max(1) {
            return Ok(Some(found));
        }
        if best.as_ref().is_none_or(|best| best.told() < found.told()) {
            best = Some(found);
        }
    }
    Ok(best)
}

/// Whether so little is missing of what a figure takes and of what it is asked by that some rows have all of it.
fn overlaps(canonical: &Canonical, definition: &Definition, asked_by: &[FieldId]) -> bool {
    let table = definition.table;
    let missing =
        |field: FieldId| 1.0 - home(canonical, table, field).map_or(0.0, |home| canonical.fill(home, field));
    let needs = definition.needs.iter().filter_map(|name| FieldId::named(name));
    needs.chain(asked_by.iter().copied()).map(missing).fold(0.0, |sum, share| sum + share) < 1.0
}

impl Figures {
    /// Rows that are told apart as was asked.
    fn told(&self) -> u64 {
        self.whole.rows.saturating_sub(self.unstated)
    }
}

async fn run(
    canonical: &Canonical,
    ask: &Ask<'_>,
    definition: &Definition,
    date: Option<FieldId>,
    wanted: &[FieldId],
) -> Result<Figures, AnalyzeError> {
    let table = definition.table;
    let lent = wanted.iter().filter_map(|field| home(canonical, table, *field));
    let tables: Vec<Entity> = lent.chain([table]).collect();
    let session = query::open_some(canonical, &tables).await?;
    let numerator = crate::kpi::ratios::with_known(&definition.numerator, canonical, table);
    let denominator = if definition.how == How::Ratio {
        crate::kpi::ratios::with_known(&definition.denominator, canonical, table)
    } else {
        "1.0".to_owned()
    };
    let is = |(field, value): &(FieldId, String)| {
        format!("trim(CAST(\"{field}\" AS VARCHAR)) = '{}'", value.trim().replace('\'', "''"))
    };
    let mut conditions: Vec<String> = ask.filters.iter().map(is).collect();
    if table == Entity::Quality {
        let recorded: Vec<String> =
            definition.needs.iter().map(|need| format!("\"{need}\" IS NOT NULL")).collect();
        let files = lists::fullest(&session, query::table_name(table), &recorded.join(" AND ")).await?;
        conditions.push(lists::of_files(&files));
    }
    conditions.extend(ask.without.iter().map(|pair| format!("NOT coalesce({}, false)", is(pair))));
    if let (Some((first, last)), Some(date)) = (ask.period, date) {
        let micros = |day: Date| {
            let start = jiff::civil::date(1970, 1, 1);
            i64::from((day - start).get_days()) * 86_400_000_000
        };
        conditions.push(format!(
            "CAST(\"{date}\" AS BIGINT) >= {} AND CAST(\"{date}\" AS BIGINT) < {}",
            micros(first),
            micros(last) + 86_400_000_000
        ));
    }
    let condition =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let group = match (ask.by, date) {
        (Some(By::Field(field)), _) => format!("trim(CAST(\"{field}\" AS VARCHAR))"),
        (Some(By::Step(step)), Some(date)) => {
            format!("CAST(CAST(date_trunc('{step}', \"{date}\") AS DATE) AS VARCHAR)")
        }
        _ => "''".to_owned(),
    };
    let from = source(canonical, table, wanted);
    let inner = format!(
        "SELECT source_file, source_row, CAST({group} AS VARCHAR) AS g, CAST({numerator} AS DOUBLE) AS n, CAST({denominator} AS DOUBLE) AS d FROM {from} {condition}"
    );
    let value = match definition.how {
        How::Ratio => {
            "sum(CASE WHEN d IS NOT NULL THEN n END) / nullif(sum(CASE WHEN n IS NOT NULL THEN d END), 0.0)"
        }
        How::Sum => "sum(n)",
        How::Median => "median(n)",
    };
    let parts = format!(
        "{value} AS v, sum(CASE WHEN d IS NOT NULL THEN n END) AS n, sum(CASE WHEN n IS NOT NULL THEN d END) AS d, count(CASE WHEN n IS NOT NULL AND d IS NOT NULL THEN 1 END) AS rows"
    );
    let whole = read::rows(&session, &format!("SELECT '', {parts} FROM ({inner})")).await?;
    let mut figures = Figures {
        table: query::table_name(table),
        formula: formula(definition),
        note: definition.note.as_ref().map(ToString::to_string),
        needs: definition.needs.clone(),
        whole: whole.first().map(|row| line(row, definition.how)).unwrap_or_default(),
        dated_by: date.map(FieldId::as_str),
        ..Figures::default()
    };
    if let Some(by) = ask.by {
        let order = match by {
            By::Step(_) => "g ASC NULLS LAST".to_owned(),
            By::Field(_) => format!("v {} NULLS LAST, g", if ask.descending { "DESC" } else { "ASC" }),
        };
        let grouped = format!("SELECT g, {parts} FROM ({inner}) WHERE g IS NOT NULL AND g <> '' GROUP BY g");
        let unstated = format!(
            "SELECT count(*) FROM ({inner}) WHERE (g IS NULL OR g = '') AND n IS NOT NULL AND d IS NOT NULL"
        );
        figures.unstated =
            read::numbers(&session, &unstated).await?.first().copied().unwrap_or_default() as u64;
        let beyond = ask.beyond.map_or(String::new(), |bound| {
            let sign = if bound.above { ">" } else { "<" };
            let equal = if bound.included { "=" } else { "" };
            format!(" AND v {sign}{equal} CAST('{}' AS DOUBLE)", bound.value)
        });
        let filled = format!("SELECT * FROM ({grouped}) WHERE rows > 0{beyond}");
        let count = read::numbers(&session, &format!("SELECT count(*) FROM ({filled})")).await?;
        figures.groups = count.first().copied().unwrap_or_default() as u64;
        let found =
            read::rows(&session, &format!("{filled} ORDER BY {order} LIMIT {}", ask.limit.min(1_000)))
                .await?;
        figures.lines = found.iter().map(|row| line(row, definition.how)).collect();
    }
    // Of a list, the rows behind its first line; else behind the whole.
    let top = match (ask.by, figures.lines.first()) {
        (Some(By::Field(_)), Some(first)) if !first.name.is_empty() => {
            format!(" AND g = '{}'", first.name.replace('\'', "''"))
        }
        _ => String::new(),
    };
    let examples = format!(
        "SELECT source_file, source_row FROM ({inner}) WHERE n IS NOT NULL AND n <> 0.0{top} ORDER BY abs(n) DESC, source_file, source_row LIMIT 3"
    );
    for row in read::rows(&session, &examples).await? {
        let number = |at: usize| row.get(at).and_then(Value::number).unwrap_or_default();
        let file = canonical.files.get(number(0) as usize).cloned().unwrap_or_default();
        figures.sources.push((file, number(1) as u64));
    }
    Ok(figures)
}

fn line(row: &[Value], how: How) -> Line {
    let number = |at: usize| row.get(at).and_then(Value::number);
    Line {
        name: row.first().and_then(Value::text).unwrap_or_default().to_owned(),
        value: number(1),
        numerator: if how == How::Ratio { number(2) } else { None },
        denominator: if how == How::Ratio { number(3) } else { None },
        rows: number(4).unwrap_or_default() as u64,
    }
}

/// What is added up and divided, in words of the tables.
fn formula(definition: &Definition) -> String {
    match definition.how {
        How::Ratio => format!("sum({}) / sum({})", definition.numerator, definition.denominator),
        How::Sum if definition.numerator == "1.0" => "count(rows)".to_owned(),
        How::Sum => format!("sum({})", definition.numerator),
        How::Median => format!("median({})", definition.numerator),
    }
}

/// The table that lends a field to the rows of another one; the table itself where it has the field.
fn home(canonical: &Canonical, table: Entity, field: FieldId) -> Option<Entity> {
    let has = |table: Entity| canonical.fill(table, field) > 0.0;
    if has(table) {
        return Some(table);
    }
    let keyed = !matches!(table, Entity::WorkOrder | Entity::Equipment);
    if table == Entity::Booking && has(Entity::Operation) {
        return Some(Entity::Operation);
    }
    (keyed && has(Entity::WorkOrder)).then_some(Entity::WorkOrder)
}

/// The field that says when a row of a table happened. Stoppages and maintenance share a table, so what is asked of the one is
/// not dated by the other.
fn date(canonical: &Canonical, definition: &Definition) -> Option<FieldId> {
    const ORDERS: &[&str] = &[
        "actual_end",
        "close_date",
        "actual_start",
        "ship_date",
        "release_date",
        "order_date",
        "planned_end",
        "due_date",
    ];
    let table = definition.table;
    let own: &[&str] = match table {
        Entity::WorkOrder => &[],
        Entity::Operation => &["operation_actual_end", "operation_actual_start", "booking_date"],
        Entity::Booking => &["booking_date", "operation_actual_end", "operation_actual_start"],
        Entity::Material => &["receipt_date"],
        Entity::Quality => &["operation_actual_end", "booking_date"],
        Entity::Equipment => &["downtime_start", "maintenance_date", "downtime_end", "booking_date"],
    };
    let fields = own.iter().chain(ORDERS).filter_map(|name| FieldId::named(name));
    let fill = |field: FieldId| home(canonical, table, field).map_or(0.0, |home| canonical.fill(home, field));
    let known: Vec<FieldId> = fields.filter(|field| fill(*field) > 0.0).collect();
    if table == Entity::Equipment {
        let kind = |name: &str| name.split('_').next().map(str::to_owned);
        let same = |field: &FieldId| definition.needs.iter().any(|need| kind(need) == kind(field.as_str()));
        if let Some(own) = known.iter().copied().find(same) {
            return Some(own);
        }
    }
    known.iter().copied().find(|field| fill(*field) >= 0.5).or(known.first().copied())
}

/// What follows FROM: the rows of a table with the fields that other tables lend them.
fn source(canonical: &Canonical, table: Entity, wanted: &[FieldId]) -> String {
    let lent = |by: Entity| -> Vec<FieldId> {
        let mut lent: Vec<FieldId> = wanted
            .iter()
            .copied()
            .filter(|field| by != table && home(canonical, table, *field) == Some(by))
            .collect();
        lent.sort_unstable();
        lent.dedup();
        lent
    };
    let (orders, operations) = (lent(Entity::WorkOrder), lent(Entity::Operation));
    // A mapped column without a value gives way to the one that is lent.
    let own: Vec<FieldId> = canonical.tables[&table]
        .fields
        .keys()
        .copied()
        .filter(|field| !orders.contains(field) && !operations.contains(field))
        .collect();
    let each = |fields: &[FieldId], one: &dyn Fn(FieldId) -> String| -> String {
        fields.iter().map(|field| one(*field)).collect()
    };
    let select = |fields: &[FieldId], alias: &str| each(fields, &|field| format!(", {alias}.\"{field}\""));
    let least = |fields: &[FieldId]| each(fields, &|field| format!(", min(\"{field}\") AS \"{field}\""));
    let own = select(&own, "t");
    let mut joins = String::new();
    if !orders.is_empty() {
        joins.push_str(&format!(
            " LEFT JOIN (SELECT order_key{} FROM work_orders WHERE order_key IS NOT NULL GROUP BY order_key) o ON t.order_key = o.order_key",
            least(&orders)
        ));
    }
    if !operations.is_empty() {
        joins.push_str(&format!(
            " LEFT JOIN (SELECT order_key, operation_key{} FROM operations WHERE operation_key IS NOT NULL GROUP BY order_key, operation_key) p ON t.order_key = p.order_key AND t.operation_key = p.operation_key",
            least(&operations)
        ));
    }
    format!(
        "(SELECT t.source_file, t.source_row{own}{}{} FROM {} t{joins}) r",
        select(&orders, "o"),
        select(&operations, "p"),
        query::table_name(table)
    )
}
