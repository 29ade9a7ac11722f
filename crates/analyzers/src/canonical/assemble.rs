//! All steps in order: keys, staging, then one table after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use datafusion::prelude::{ParquetReadOptions, SessionContext};
use domain::{Currency, Granularity, Issue, issue::Severity, mapping::Detail};
use ontology::{Entity, FieldId};

use super::{
    Canonical, CanonicalTable, bookings, events, exchange, expression, file_name, keys,
    level::{self, View, aligned},
    operations, orders, parents,
    sink::Sink,
    stage, wide_defects,
};
use crate::{
    error::AnalyzeError,
    mapped_table::MappedTable,
    query::{self, Limits},
};

pub(crate) async fn run(
    tables: &[MappedTable],
    out: &Path,
    limits: &Limits,
) -> Result<Canonical, AnalyzeError> {
    if tables.iter().all(|table| table.fields().is_empty()) {
        return Err(AnalyzeError::Unusable {
            reason: "No column of these files could be matched to a field of manufacturing; match at least the order \
                     number and one figure by hand."
                .to_owned(),
        });
    }
    // One partition keeps rows in the order of their file; two share the work of gathering.
    let ordered = query::session(limits, 1)?;
    let shared = query::session(limits, limits.threads.max(1))?;
    let files = names(tables);
    let mut issues: Vec<Issue> = Vec::new();
    let tables = &exchange::with_rates(tables, limits, &mut issues)[..];
    stage::register(&ordered, tables).await?;
    stage::register(&shared, tables).await?;
    let keys = keys::decide(&shared, tables, &mut issues).await?;
    let (excluded, currency) = stage::excluded(&shared, tables, &keys).await?;
    let staging = out.join("staging");
    std::fs::create_dir_all(&staging).map_err(|source| AnalyzeError::Io { path: staging.clone(), source })?;
    let (mut staged, rows) = stage::run(&ordered, tables, &files, &keys, &excluded, &staging, limits).await?;
    for file in &staged {
        let path = file.path.to_string_lossy();
        shared.register_parquet(file.all_rows(), path.as_ref(), ParquetReadOptions::default()).await?;
    }
    for file in &mut staged {
        let name = &files[file.table];
        parents::look(&shared, file, name, &mut issues).await?;
        parents::part(&shared, file).await?;
        parents::part(&ordered, file).await?;
    }
    let staged = staged;
    if rows.used == 0 {
        let why = rows
            .set_aside
            .iter()
            .map(|aside| format!("{} rows: {}", aside.rows, aside.reason))
            .collect::<Vec<_>>();
        return Err(AnalyzeError::Unusable {
            reason: format!("None of the {} rows can be used ({}).", rows.read, why.join("; ")),
        });
    }
    note_conversions(tables, &files, &mut issues);

    let views = level::views(&shared, &staged).await?;
    mirror(&ordered, &staged, &views).await?;
    let of = |granularity: Granularity| {
        views.iter().filter(move |view| view.granularity == granularity).collect::<Vec<&View>>()
    };
    let mut booked: Vec<View> = Vec::new();
    for (view, file) in views.iter().zip(&staged).filter(|(view, _)| view.granularity == Granularity::Labor) {
        let mut found = Vec::new();
        booked.push(bookings::view(&shared, view, &files[file.table], &mut found).await?);
        // The same view in the session that keeps the order; what was found is told once.
        bookings::view(&ordered, view, &files[file.table], &mut Vec::new()).await?;
        issues.extend(found);
    }
    let gathered = gathered(tables);
    let detail = &Detailed { without: gathered.as_str() };
    let mut written: BTreeMap<Entity, CanonicalTable> = BTreeMap::new();
    let booked: Vec<&View> = booked.iter().collect();
    write_in_order(
        &ordered,
        &booked,
        &out.join(file_name(Entity::Booking)),
        Entity::Booking,
        detail,
        &mut written,
    )
    .await?;
    let all_booked =
        if booked.is_empty() { None } else { Some(level::union(&shared, "all_bookings", &booked).await?) };

    let from_files = of(Granularity::Operation);
    let mut of_orders = None;
    if let Some(plan) = operations::plan(&shared, &from_files, all_booked.as_ref()).await? {
        let path = out.join(file_name(Entity::Operation));
        let (session, order) =
            if plan.in_file_order { (&ordered, String::new()) } else { (&shared, operations::order(&plan)) };
        let kept = detail.of(&plan.query);
        let table = write(session, &[kept], &plan.fields, true, &order, &path).await?;
        if gathered.is_empty() {
            shared
                .register_parquet(
                    "operations",
                    path.to_string_lossy().as_ref(),
                    ParquetReadOptions::default(),
                )
                .await?;
        } else {
            level::define(&shared, "operations", &plan.query).await?;
        }
        of_orders = Some(operations::of_orders(&shared, &plan.fields).await?);
        keep(&mut written, Entity::Operation, table);
    }

    write_in_order(
        &ordered,
        &of(Granularity::Material),
        &out.join(file_name(Entity::Material)),
        Entity::Material,
        detail,
        &mut written,
    )
    .await?;
    if of(Granularity::Material).is_empty() {
        let wide: Vec<&View> = views.iter().filter(|view| holds_material(view)).collect();
        write_in_order(
            &ordered,
            &wide,
            &out.join(file_name(Entity::Material)),
            Entity::Material,
            detail,
            &mut written,
        )
        .await?;
    }

    let with_bookings: Vec<&View> = views
        .iter()
        .filter(|view| view.granularity != Granularity::Labor)
        .chain(booked.iter().copied())
        .collect();
    let recorded = views.iter().any(|view| {
        view.granularity == Granularity::Event && (view.has("downtime_hours") || view.has("downtime_start"))
    });
    let kinds: [(Entity, Vec<events::EventRows>); 2] = [
        (
            Entity::Quality,
            with_bookings
                .iter()
                .filter_map(|view| events::quality(view))
                .chain(staged.iter().zip(&views).filter_map(|(file, view)| wide_defects::rows(file, view)))
                .collect(),
        ),
        (
            Entity::Equipment,
            with_bookings.iter().filter_map(|view| events::equipment(view, recorded)).collect(),
        ),
    ];
    for (entity, found) in kinds {
        let mut of_table = Vec::new();
        for (idx, rows) in found.into_iter().enumerate() {
            let name = format!("{}_{idx}", entity.as_str());
            level::define(&ordered, &name, &rows.query).await?;
            of_table.push(View {
                name,
                granularity: Granularity::Event,
                fields: rows.fields,
                parts: BTreeSet::new(),
            });
        }
        let of_table: Vec<&View> = of_table.iter().collect();
        write_in_order(&ordered, &of_table, &out.join(file_name(entity)), entity, detail, &mut written)
            .await?;
    }

    let mut finer: Vec<View> = Vec::new();
    for granularity in [Granularity::Operation, Granularity::Labor, Granularity::Material, Granularity::Event]
    {
        let of = if granularity == Granularity::Labor { booked.clone() } else { of(granularity) };
        if !of.is_empty() {
            let mut all = level::union(&shared, &format!("orders_of_{}", granularity.as_str()), &of).await?;
            if granularity == Granularity::Event {
                // Events are a record of their own: they only say when and how much was shipped.
                all.fields.retain(|field| matches!(field.as_str(), "ship_date" | "quantity_shipped"));
            }
            if granularity != Granularity::Event || !all.fields.is_empty() {
                finer.push(all);
            }
        }
    }
    let finer: Vec<&View> = finer.iter().collect();
    let mut above = Vec::new();
    for file in &staged {
        above.extend(parents::view(&shared, file).await?);
    }
    let above: Vec<&View> = above.iter().collect();
    if let Some(plan) = orders::plan(&shared, &of(Granularity::Header), &above, of_orders, &finer).await? {
        let path = out.join(file_name(Entity::WorkOrder));
        let table = write(&shared, &[plan.query], &plan.fields, false, " ORDER BY order_key", &path).await?;
        keep(&mut written, Entity::WorkOrder, table);
    }
    std::fs::remove_dir_all(&staging).map_err(|source| AnalyzeError::Io { path: staging.clone(), source })?;
    Ok(Canonical {
        dir: out.to_owned(),
        files,
        tables: written,
        rows,
        issues,
        currency: currency.as_deref().and_then(Currency::parse),
        limits: limits.clone(),
    })
}

/// Files of which only the orders stay, as a list for SQL; empty where every row stays.
fn gathered(tables: &[MappedTable]) -> String {
    let files = tables.iter().enumerate().filter(|(_, table)| {
        table.mapping.detail == Detail::Aggregate
            && matches!(table.mapping.granularity, Granularity::Operation | Granularity::Labor)
    });
    let files: Vec<String> = files.map(|(idx, _)| idx.to_string()).collect();
    files.join(", ")
}

/// Rows below the order, without those of files of which only the orders stay.
struct Detailed<'a> {
    without: &'a str,
}

impl Detailed<'_> {
    fn of(&self, query: &str) -> String {
        if self.without.is_empty() {
            query.to_owned()
        } else {
            format!("SELECT * FROM ({query}) WHERE source_file NOT IN ({})", self.without)
        }
    }
}

/// The files' names; with the part where a file has several.
fn names(tables: &[MappedTable]) -> Vec<String> {
    tables
        .iter()
        .map(|table| {
            let several = tables.iter().filter(|other| other.file == table.file).count() > 1;
            match &table.part {
                Some(part) if several => format!("{} [{part}]", table.file),
                _ => table.file.clone(),
            }
        })
        .collect()
}

/// The views of the shared session, in the one that keeps the order of rows.
async fn mirror(
    session: &SessionContext,
    staged: &[stage::Staged],
    views: &[View],
) -> Result<(), AnalyzeError> {
    for (file, view) in staged.iter().zip(views) {
        let select: Vec<String> = file
            .fields
            .iter()
            .map(|field| {
                if view.fields.contains(field) {
                    format!("\"{field}\"")
                } else {
                    let name = level::name_at_operation(*field);
                    format!("\"{field}\" AS \"{name}\"")
                }
            })
            .collect();
        let query = format!(
            "SELECT source_file, source_row, order_key, operation_key{}{} FROM {}",
            if select.is_empty() { "" } else { ", " },
            select.join(", "),
            file.view()
        );
        level::define(session, &view.name, &query).await?;
    }
    Ok(())
}

fn holds_material(view: &View) -> bool {
    view.has("material_id")
        && (view.granularity == Granularity::Header || view.granularity == Granularity::Labor)
        && ["planned_material_quantity", "actual_material_quantity"].iter().any(|name| view.has(name))
}

/// Writes the rows of views one after the other, each in the order of its file.
async fn write_in_order(
    session: &SessionContext,
    views: &[&View],
    path: &Path,
    entity: Entity,
    detail: &Detailed<'_>,
    written: &mut BTreeMap<Entity, CanonicalTable>,
) -> Result<(), AnalyzeError> {
    if views.is_empty() {
        return Ok(());
    }
    let fields: BTreeSet<FieldId> = views.iter().flat_map(|view| view.fields.iter().copied()).collect();
    let queries: Vec<String> = views
        .iter()
        .map(|view| detail.of(&format!("SELECT {} FROM {}", aligned(view, &fields), view.name)))
        .collect();
    let table = write(session, &queries, &fields, true, "", path).await?;
    keep(written, entity, table);
    Ok(())
}

fn keep(written: &mut BTreeMap<Entity, CanonicalTable>, entity: Entity, table: CanonicalTable) {
    if table.rows > 0 {
        written.insert(entity, table);
    } else {
        // A table without rows is no table; that the file stays behind does no harm.
        let _ = std::fs::remove_file(&table.path);
    }
}

/// Writes the rows of queries one after the other; `order` is the clause that sorts each, or empty.
async fn write(
    session: &SessionContext,
    queries: &[String],
    fields: &BTreeSet<FieldId>,
    with_operation: bool,
    order: &str,
    path: &Path,
) -> Result<CanonicalTable, AnalyzeError> {
    let mut columns: Vec<String> = vec!["source_file".into(), "source_row".into(), "order_key".into()];
    if with_operation {
        columns.push("operation_key".into());
    }
    columns.extend(
        ontology::field::all()
            .iter()
            .filter(|field| fields.contains(&field.id))
            .map(|field| format!("\"{}\"", field.id)),
    );
    let mut sink: Option<Sink> = None;
    for query in queries {
        let frame = session.sql(&format!("SELECT {} FROM ({query}){order}", columns.join(", "))).await?;
        let sink = match &mut sink {
            Some(sink) => sink,
            None => sink.insert(Sink::create(path, frame.schema().as_arrow())?),
        };
        sink.write_all(frame).await?;
    }
    match sink {
        Some(sink) => sink.finish(),
        None => Err(AnalyzeError::Unusable { reason: "there is nothing to write".to_owned() }),
    }
}

/// Says how columns were understood where that is not plain: standards per piece, and dates where a number should be.
fn note_conversions(tables: &[MappedTable], files: &[String], issues: &mut Vec<Issue>) {
    for (table, file) in tables.iter().zip(files) {
        for field in table.fields() {
            for source in table.sources(field) {
                let head = table.mapping.columns.iter().find(|column| column.index == source.column);
                let head = head.map_or("", |column| column.source.as_str());
                let (kind, severity, message) = if expression::is_per_piece(field, &source) {
                    (
                        "standard_per_piece",
                        Severity::Note,
                        format!(
                            "Column \u{201c}{head}\u{201d} states time per piece; hours are that times the pieces of the row."
                        ),
                    )
                } else if field.definition().type_ == ontology::FieldType::Number && source.kind.is_moment() {
                    (
                        "date_in_number",
                        Severity::Warning,
                        format!(
                            "Column \u{201c}{head}\u{201d} holds dates where {} should stand; it is not used.",
                            field.definition().meaning
                        ),
                    )
                } else {
                    continue;
                };
                issues.push(Issue {
                    file: file.clone(),
                    row: None,
                    column: Some(source.column),
                    severity,
                    kind,
                    message,
                    rows: table.mapping.rows,
                    examples: Vec::new(),
                });
            }
        }
    }
}
