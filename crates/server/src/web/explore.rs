//! The tables behind the figures: rows, groups, totals, a picture, and the same as a file.

use std::sync::Arc;

use app::{
    Error,
    analyses::tables::{Ask, Groups, Rows, Tables},
};
use axum::{
    Extension, Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    Currency,
    chart::{Chart, ChartBody, Step},
    number,
};
use ontology::{Entity, FieldId, field::FieldUnit};
use pages::{
    component::{
        Link,
        table::{Cell, Head, Row, Table},
    },
    page::{
        explore::{Choice, Condition, Explore, Input},
        sheet::Tab,
    },
    route, words,
};
use store::usage::UsageType;

use super::{
    analyses, answer,
    kept::Kept,
    reader::Reader,
    seen::{self, plural},
};
use crate::{ServerState, boxed::get, extract::Query};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/explore", get(show)).route("/explore/rows.csv", get(download))
}

const ROWS: u64 = 50;
/// Rows of a download; a person who wants more has the file they came from.
const ROWS_OF_FILE: u64 = 100_000;
/// What stands in the address. Every condition is a pair `is.FIELD=VALUE`.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    entity: Entity,
    equals: Vec<(FieldId, String)>,
    group: Option<FieldId>,
    by: Option<FieldId>,
    sort: Option<(FieldId, bool)>,
    columns: Vec<FieldId>,
    chart: bool,
    page: u64,
}

impl Asked {
    fn read(pairs: &[(String, String)], tables: &Tables) -> Option<Self> {
        let value = |name: &str| {
            pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        let entities = tables.entities();
        let (entity, _) = *entities
            .iter()
            .find(|(entity, _)| entity.as_str() == value("table"))
            .or_else(|| entities.first())?;
        let known = tables.fields(entity);
        let field = |name: &str| FieldId::named(name).filter(|field| known.contains(field));
        let sort = value("sort");
        // What the form asks for becomes a condition like any other.
        let asked = field(value("where")).map(|field| (field, value("is").trim().to_owned()));
        Some(Self {
            entity,
            equals: pairs
                .iter()
                .filter_map(|(key, value)| Some((field(key.strip_prefix("is.")?)?, value.clone())))
                .chain(asked)
                .collect(),
            group: field(value("group")).filter(|field| field.is_grouping()),
            by: field(value("by")).filter(|field| field.is_additive()),
            sort: field(sort.trim_start_matches('-')).map(|field| (field, sort.starts_with('-'))),
            columns: pairs.iter().filter(|(key, _)| key == "col").filter_map(|(_, id)| field(id)).collect(),
            chart: value("chart") != "off",
            page: value("page").parse().unwrap_or(1).clamp(1, 1_000_000),
        })
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = vec![("table".to_owned(), self.entity.as_str().to_owned())];
        for (field, value) in &self.equals {
            pairs.push((format!("is.{field}"), value.clone()));
        }
        let mut push = |name: &str, value: String| pairs.push((name.to_owned(), value));
        if let Some(group) = self.group {
            push("group", group.to_string());
        }
        if let Some(by) = self.by {
            push("by", by.to_string());
        }
        if let Some((field, descending)) = self.sort {
            push("sort", format!("{}{field}", if descending { "-" } else { "" }));
        }
        for column in &self.columns {
            push("col", column.to_string());
        }
        if !self.chart {
            push("chart", "off".to_owned());
        }
        if self.page > 1 {
            push("page", self.page.to_string());
        }
        pairs
    }

    fn address(&self, path: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.pairs()).finish();
        format!("{path}?{query}")
    }

    fn ask(&self, limit: u64) -> Ask {
        Ask {
            entity: self.entity,
            equals: self.equals.clone(),
            sort: self.sort,
            offset: (self.page - 1) * limit,
            limit,
        }
    }
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Query(pairs): Query<Vec<(String, String)>>,
    reader: Reader,
) -> Response {
    let result = page(&state, &kept, &pairs, &reader).await;
    reader.answer(result)
}

async fn page(
    state: &ServerState,
    kept: &Kept,
    pairs: &[(String, String)],
    reader: &Reader,
) -> Result<Response, Error> {
    let Some(run) = &reader.newest else {
        let why = "Upload an export; its orders, operations and bookings then stand here.";
        return Ok(answer::ok(&Explore::without_data(&reader.shell, why)));
    };
    let tables = match kept.tables(state, reader, run.id).await {
        Ok(tables) => tables,
        Err(Error::Conflict(why)) => {
            return Ok(answer::ok(&Explore::without_data(&reader.shell, &answer::sentence(&why))));
        }
        Err(error) => return Err(error),
    };
    let Some(asked) = Asked::read(pairs, &tables) else {
        let why = "No row of the newest analysis could be used.";
        return Ok(answer::ok(&Explore::without_data(&reader.shell, why)));
    };
    let currency = analyses::result(state, kept, reader, run.id).await?.currency.clone();
    let known = tables.fields(asked.entity);
    let mut input = Input {
        tables: tabs(&tables, &asked),
        wheres: choices(known.iter().copied().filter(|field| field.is_grouping()), None),
        conditions: conditions(&asked),
        groups: choices(known.iter().copied().filter(|field| field.is_grouping()), asked.group),
        chart: asked.chart,
        grouped: asked.group.is_some(),
        ..Input::default()
    };
    // What a form does not ask anew, it repeats.
    input.kept =
        Asked { group: None, by: None, columns: Vec::new(), chart: true, page: 1, ..asked.clone() }.pairs();
    let (shown, total, what) = if let Some(group) = asked.group {
        let by = asked.by;
        input.measures = choices(known.iter().copied().filter(|field| field.is_additive()), by);
        let groups = Arc::clone(&tables).groups(asked.ask(ROWS), group, by).await?;
        if let Some(chart) = chart(&groups, group, by, &currency).filter(|_| asked.chart && asked.page == 1) {
            input.picture = Some(kept.drawer.picture(&chart, 1040, reader.tongue).await);
        }
        let all = Asked { page: 1, sort: None, ..asked.clone() }.ask(1);
        let all = Arc::clone(&tables).rows(all).await?;
        input.table = Some(group_table(&asked, &groups, &all, group, &currency));
        (groups.groups.len() as u64, groups.total, "group")
    } else {
        let columns =
            if asked.columns.is_empty() { seen::usual(asked.entity, &known) } else { asked.columns.clone() };
        input.columns = known
            .iter()
            .map(|field| Choice {
                value: field.to_string(),
                label: words::field(*field),
                chosen: columns.contains(field),
            })
            .collect();
        let rows = Arc::clone(&tables).rows(asked.ask(ROWS)).await?;
        let heads = columns.iter().map(|field| sortable(&asked, *field)).collect();
        input.table = Some(seen::table(plural(asked.entity), &rows, &columns, heads, &currency));
        input.export =
            Some(Link::new("Rows (CSV)", Asked { page: 1, ..asked.clone() }.address("/explore/rows.csv")));
        (rows.lines.len() as u64, rows.total, "row")
    };
    let from = (asked.page - 1) * ROWS;
    input.note = match shown {
        0 => format!("0 of {}", words::counted(total, what)),
        shown => format!(
            "{} – {} of {}",
            number::count(from + 1),
            number::count(from + shown),
            words::counted(total.max(from + shown), what)
        ),
    };
    let at = |page| Asked { page, ..asked.clone() }.address(route::EXPLORE);
    input.previous = (asked.page > 1).then(|| at(asked.page - 1));
    input.next = (shown == ROWS && from + shown < total).then(|| at(asked.page + 1));
    Ok(answer::ok(&Explore::new(&reader.shell, input)))
}

fn tabs(tables: &Tables, asked: &Asked) -> Vec<Tab> {
    let supplier = FieldId::named("supplier_id");
    let by_supplier = asked.entity == Entity::Material && asked.group.is_some() && asked.group == supplier;
    let mut tabs: Vec<Tab> = tables
        .entities()
        .into_iter()
        .map(|(entity, rows)| Tab {
            link: Link::new(
                format!("{} · {}", plural(entity), number::count(rows)),
                format!("{}?table={}", route::EXPLORE, entity.as_str()),
            ),
            current: entity == asked.entity && !by_supplier,
        })
        .collect();
    // Suppliers have no table of their own: they are what materials come from.
    if supplier.is_some_and(|supplier| tables.fields(Entity::Material).contains(&supplier)) {
        let address = format!("{}?table=material&group=supplier_id", route::EXPLORE);
        tabs.push(Tab { link: Link::new("Suppliers", address), current: by_supplier });
    }
    tabs
}

fn conditions(asked: &Asked) -> Vec<Condition> {
    (0..asked.equals.len())
        .map(|at| {
            let (field, value) = &asked.equals[at];
            let mut without = Asked { page: 1, ..asked.clone() };
            without.equals.remove(at);
            Condition {
                field: words::field(*field),
                value: value.clone(),
                without: without.address(route::EXPLORE),
            }
        })
        .collect()
}

fn choices(fields: impl Iterator<Item = FieldId>, chosen: Option<FieldId>) -> Vec<Choice> {
    fields
        .map(|field| Choice {
            value: field.to_string(),
            label: words::field(field),
            chosen: Some(field) == chosen,
        })
        .collect()
}

/// A head that sorts: the largest first, then the other way round.
fn sortable(asked: &Asked, field: FieldId) -> Head {
    let current = asked.sort.filter(|(by, _)| *by == field).map(|(_, descending)| descending);
    let next = Asked { sort: Some((field, current != Some(true))), page: 1, ..asked.clone() };
    Head {
        sort: Some(next.address(route::EXPLORE)),
        sorted: current.map(|descending| if descending { "descending" } else { "ascending" }),
        ..seen::head(field)
    }
}

/// Groups with what they come to, and beneath them what all rows come to.
fn group_table(asked: &Asked, groups: &Groups, all: &Rows, group: FieldId, currency: &Currency) -> Table {
    let shown: Vec<usize> = (0..groups.additive.len())
        .filter(|at| groups.groups.iter().any(|line| line.sums[*at].is_some_and(|sum| sum != 0.0)))
        .collect();
    let mut heads = vec![seen::head(group), Head::number("Rows")];
    heads.extend(shown.iter().map(|at| seen::head(groups.additive[*at])));
    let mut rows: Vec<Row> = groups
        .groups
        .iter()
        .map(|line| {
            let mut within =
                Asked { group: None, by: None, sort: None, page: 1, columns: Vec::new(), ..asked.clone() };
            within.equals.push((group, line.name.clone()));
            let name = if line.name.is_empty() { "(empty)" } else { &line.name };
            let mut cells = vec![
                Cell::Link(Link::own(name, within.address(route::EXPLORE))),
                Cell::Number(number::count(line.rows)),
            ];
            cells.extend(shown.iter().map(|at| match line.sums[*at] {
                Some(sum) => Cell::Number(seen::total(all, groups.additive[*at], sum, currency)),
                None => Cell::Empty,
            }));
            Row::new(cells)
        })
        .collect();
    if rows.len() > 1 {
        let total = |field: FieldId| {
            let at = all.fields.iter().position(|known| *known == field)?;
            all.sums.get(at).copied().flatten()
        };
        let mut cells = vec![Cell::Strong("All".to_owned()), Cell::Number(number::count(all.total))];
        cells.extend(shown.iter().map(|at| match total(groups.additive[*at]) {
            Some(sum) => Cell::Number(seen::total(all, groups.additive[*at], sum, currency)),
            None => Cell::Empty,
        }));
        rows.push(Row::new(cells));
    }
    Table::new(plural(asked.entity), heads, rows).wide()
}

/// The groups as bars; none where a sum is below zero, since a share of it would say nothing.
fn chart(groups: &Groups, group: FieldId, by: Option<FieldId>, currency: &Currency) -> Option<Chart> {
    let at = by.and_then(|by| groups.additive.iter().position(|field| *field == by));
    let bars: Vec<Step> = groups
        .groups
        .iter()
        .map(|line| Step {
            label: if line.name.is_empty() { "(empty)".to_owned() } else { line.name.clone() },
            value: at.map_or(line.rows as f64, |at| line.sums[at].unwrap_or_default()),
        })
        .filter(|bar| bar.value != 0.0)
        .collect();
    if bars.len() < 2 || bars.iter().any(|bar| bar.value < 0.0) {
        return None;
    }
    let measure = by.map_or("Rows".to_owned(), words::field);
    let unit = match by.and_then(|by| by.definition().unit) {
        Some(FieldUnit::Money) => currency.as_str().to_owned(),
        Some(FieldUnit::Hours) => "h".to_owned(),
        Some(FieldUnit::KilowattHours) => "kWh".to_owned(),
        _ => String::new(),
    };
    let first = &bars[0];
    let caption = if (groups.total as usize) > bars.len() {
        format!("the {} largest of {}; shares are of these", bars.len(), number::count(groups.total))
    } else {
        String::new()
    };
    Some(Chart {
        title: format!("{measure} by {}", words::field(group).to_lowercase()),
        alternative: format!(
            "{measure} by {}; {} has the most, {}.",
            words::field(group).to_lowercase(),
            first.label,
            number::short(first.value, &unit)
        ),
        caption,
        body: ChartBody::Pareto { bars, unit },
    })
}

async fn download(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Query(pairs): Query<Vec<(String, String)>>,
    reader: Reader,
) -> Response {
    let result = async {
        let run = reader.newest.as_ref().ok_or(Error::NotFound("table"))?;
        let tables = kept.tables(&state, &reader, run.id).await?;
        let asked = Asked::read(&pairs, &tables).ok_or(Error::NotFound("table"))?;
        let rows = Arc::clone(&tables).rows(asked.ask(ROWS_OF_FILE)).await?;
        let on = run.id.to_string();
        app::usage::exported(state.backing(), &reader.caller, UsageType::ExportCsv, ("analysis", &on))
            .await?;
        let mut response = csv(&rows).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        let name = format!("attachment; filename=\"{}.csv\"", asked.entity.as_str());
        if let Ok(value) = HeaderValue::from_str(&name) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    };
    let result = result.await;
    reader.answer(result)
}

/// All fields, numbers plain, moments in ISO 8601.
fn csv(rows: &Rows) -> String {
    use app::analyses::tables::Seen;
    let heads: Vec<&str> =
        rows.fields.iter().map(|field| field.as_str()).chain(["source_file", "source_row"]).collect();
    let mut text = heads.join(",");
    text.push_str("\r\n");
    for line in &rows.lines {
        let values = line.values.iter().map(|seen| match seen {
            Seen::Empty => String::new(),
            Seen::Text(text) => app::reports::write::cell(text),
            Seen::Number(value) => value.to_string(),
            Seen::Flag(flag) => flag.to_string(),
            Seen::Moment(micros) => {
                number::moment(*micros).map_or_else(String::new, |moment| moment.to_string())
            }
        });
        let cells: Vec<String> =
            values.chain([app::reports::write::cell(&line.file), line.row.to_string()]).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}
