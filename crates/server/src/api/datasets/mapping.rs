//! What the columns of a dataset mean.

use app::{
    datasets::{
        abilities::{self, Ability, Preview},
        decision::{ColumnDecision, TableDecision},
        mapping::{self, Confirmation, Grouped, Grouping, Mapped, MappedTable},
    },
    error::Flaw,
    view,
};
use axum::extract::State;
use domain::{Granularity, id::DatasetId, mapping::Detail};
use ontology::{FieldId, Unit};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::DatasetView;
use crate::{
    Problem, ServerState,
    api::{
        List, Refusals,
        answers::{Paging, Versioned},
        words,
    },
    boxed::routes,
    etag::IfMatch,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(show, decide))
        .routes(routes!(confirm))
        .routes(routes!(afresh))
        .routes(routes!(known))
        .routes(routes!(preview))
        .routes(routes!(grouping))
}

/// The mapping of a dataset.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DatasetMapping)]
pub(crate) struct MappedView {
    pub(crate) dataset: DatasetView,
    pub(crate) tables: Vec<MappedTableView>,
}

/// The mapping of one table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MappedTableView {
    /// `proposed` or `confirmed`.
    pub(crate) state: &'static str,
    /// The profile that it was saved as, or taken from.
    #[schema(required)]
    pub(crate) profile_id: Option<Uuid>,
    #[schema(required)]
    pub(crate) profile_version: Option<i64>,
    /// As `plantintel map --json` gives it.
    #[schema(value_type = Object)]
    pub(crate) mapping: Value,
}

impl From<MappedTable> for MappedTableView {
    fn from(table: MappedTable) -> Self {
        Self {
            state: table.state.name(),
            profile_id: table.profile.map(|(id, _)| id.0),
            profile_version: table.profile.map(|(_, number)| number),
            mapping: view::mapping::mapping(&table.mapping),
        }
    }
}

impl From<Mapped> for MappedView {
    fn from(mapped: Mapped) -> Self {
        let tables = mapped.tables.into_iter().map(MappedTableView::from).collect();
        Self { dataset: mapped.dataset.into(), tables }
    }
}

/// Decisions about tables; columns that are not named keep what was proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decisions {
    #[schema(max_items = 1000)]
    tables: Vec<TableForm>,
}

/// Decisions about one table.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableForm {
    /// Which table, in the order of the dataset.
    table: usize,
    /// `header`, `operation`, `labor`, `material` or `event`.
    #[schema(value_type = Option<words::GranularityName>)]
    granularity: Option<String>,
    /// What becomes of rows below the order: `keep` them, or `aggregate` them into their orders.
    #[schema(value_type = Option<words::DetailName>)]
    detail: Option<String>,
    #[serde(default)]
    #[schema(max_items = 20000)]
    columns: Vec<ColumnForm>,
}

/// The decision about one column.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnForm {
    index: usize,
    /// A field of the ontology; null leaves the column out.
    #[schema(required)]
    field: Option<String>,
    /// `hours`, `minutes`, …
    unit: Option<String>,
}

/// The last word on a mapping.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmationForm {
    /// Last decisions.
    #[serde(default)]
    #[schema(max_items = 1000)]
    tables: Vec<TableForm>,
    /// The name of the profile that it is saved as, where its headers are new.
    #[schema(max_length = 50)]
    profile_name: Option<String>,
    /// What changed.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// Saved as a new profile, even where one with these headers is known; that one stays as it is.
    #[serde(default)]
    as_new: bool,
}

fn decisions(forms: Vec<TableForm>) -> Result<Vec<TableDecision>, Problem> {
    let mut flaws = Vec::new();
    let mut tables = Vec::new();
    for (at, form) in forms.into_iter().enumerate() {
        let mut flaw = |field: String, message: String| {
            flaws.push(Flaw { field: format!("tables[{at}].{field}"), message });
        };
        let granularity = form.granularity.as_deref().and_then(|name| {
            let known = Granularity::named(name);
            if known.is_none() {
                let message = "use header, operation, labor, material or event".to_owned();
                flaw("granularity".to_owned(), message);
            }
            known
        });
        let detail = form.detail.as_deref().and_then(|name| {
            let known = Detail::named(name);
            if known.is_none() {
                flaw("detail".to_owned(), "use keep or aggregate".to_owned());
            }
            known
        });
        let mut columns = Vec::new();
        for (number, column) in form.columns.into_iter().enumerate() {
            let field = column.field.as_deref().map(FieldId::named);
            if field == Some(None) {
                flaw(format!("columns[{number}].field"), "the ontology has no such field".to_owned());
            }
            let unit = column.unit.as_deref().map(Unit::named);
            if unit == Some(None) {
                flaw(format!("columns[{number}].unit"), "there is no such unit".to_owned());
            }
            columns.push(ColumnDecision {
                index: column.index,
                field: field.flatten(),
                unit: unit.flatten(),
            });
        }
        tables.push(TableDecision { table: form.table, granularity, detail, columns });
    }
    if flaws.is_empty() { Ok(tables) } else { Err(app::Error::Invalid(flaws).into()) }
}

/// What the columns of a dataset mean
#[utoipa::path(get, path = "/datasets/{id}/mapping", operation_id = "get_dataset_mapping", tag = "datasets",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "table by table", body = MappedView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<MappedView>, Problem> {
    let mapped = mapping::get(state.backing(), &caller, DatasetId(id)).await?;
    Ok(Versioned(mapped.version, mapped.into()))
}

/// Decides what columns mean
#[utoipa::path(patch, path = "/datasets/{id}/mapping", operation_id = "update_dataset_mapping", tag = "datasets",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the decisions are about")),
    request_body = Decisions,
    responses((status = 200, description = "as it is now", body = MappedView), Refusals))]
async fn decide(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(form): Json<Decisions>,
) -> Result<Versioned<MappedView>, Problem> {
    let tables = decisions(form.tables)?;
    let mapped = mapping::decide(state.backing(), &caller, DatasetId(id), version, &tables).await?;
    Ok(Versioned(mapped.version, mapped.into()))
}

/// Confirms the mapping: it is saved as a profile, and the dataset is ready
#[utoipa::path(post, path = "/datasets/{id}/mapping/confirmation", operation_id = "confirm_dataset_mapping",
    tag = "datasets",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the confirmation is about")),
    request_body = ConfirmationForm,
    responses((status = 200, description = "confirmed", body = MappedView), Refusals))]
async fn confirm(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(form): Json<ConfirmationForm>,
) -> Result<Versioned<MappedView>, Problem> {
    let tables = decisions(form.tables)?;
    let confirmation = Confirmation { profile_name: form.profile_name, note: form.note, as_new: form.as_new };
    let mapped =
        mapping::confirm(state.backing(), &caller, DatasetId(id), version, &tables, &confirmation).await?;
    Ok(Versioned(mapped.version, mapped.into()))
}

/// Starts afresh: what was saved of earlier exports is left aside, and the columns are proposed by the files alone
#[utoipa::path(post, path = "/datasets/{id}/mapping/proposal", operation_id = "propose_dataset_mapping",
    tag = "datasets",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` of what is left aside")),
    responses((status = 200, description = "as it is now", body = MappedView), Refusals))]
async fn afresh(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
) -> Result<Versioned<MappedView>, Problem> {
    let mapped = mapping::afresh(state.backing(), &caller, DatasetId(id), version).await?;
    Ok(Versioned(mapped.version, mapped.into()))
}

/// A file and the saved mapping that it is most like.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnownFile)]
pub(crate) struct KnownView {
    file: String,
    /// Null where it is like none.
    #[schema(required)]
    profile: Option<String>,
    /// Columns in common of all columns; 1 is the same export again.
    likeness: f64,
    new: Vec<String>,
    missing: Vec<String>,
    /// What else has changed since it was confirmed.
    drift: Vec<String>,
    /// Whether a decision that was confirmed may not hold any more.
    endangered: bool,
    /// The next ones, the likest first.
    others: Vec<LikeView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LikeProfile)]
pub(crate) struct LikeView {
    profile: String,
    likeness: f64,
}

/// Which saved mappings the files of a dataset are like, and what has changed since
#[utoipa::path(get, path = "/datasets/{id}/known", operation_id = "get_known_mappings", tag = "datasets",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, description = "file by file", body = List<KnownView>), Refusals))]
async fn known(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<KnownView>>, Problem> {
    let all = app::datasets::known::ranked(state.backing(), &caller, DatasetId(id)).await?;
    let shown = all.into_iter().map(|known| KnownView {
        file: known.file,
        profile: (!known.profile.is_empty()).then_some(known.profile),
        likeness: known.likeness,
        new: known.new,
        missing: known.missing,
        drift: known.drift,
        endangered: known.endangered,
        others: known.others.into_iter().map(|(profile, likeness)| LikeView { profile, likeness }).collect(),
    });
    paging.cut(shown, |known| known.file.clone())
}

/// What an import can answer before it is analyzed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalysisPreview)]
pub(crate) struct PreviewView {
    /// The tier of the data, by columns that mean something and are filled.
    tier: u8,
    /// All tiers, the lowest first, as `breakdown.tiers` of an analysis.
    #[schema(value_type = Vec<Object>)]
    tiers: Value,
    columns: u64,
    /// Columns that mean something.
    meant: u64,
    /// Analyses that run.
    runs: u64,
    analyses: Vec<AbilityView>,
}

/// One analysis, and what stands in its way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ability)]
pub(crate) struct AbilityView {
    analyzer: &'static str,
    runs: bool,
    /// Fields that no column means.
    missing: Vec<&'static str>,
    /// Fields that are filled in too few rows.
    sparse: Vec<&'static str>,
    /// Whether the settings switch it off.
    switched_off: bool,
}

impl From<&Ability> for AbilityView {
    fn from(ability: &Ability) -> Self {
        let names = |fields: &[FieldId]| fields.iter().map(|field| field.as_str()).collect();
        Self {
            analyzer: ability.analyzer,
            runs: ability.runs(),
            missing: names(&ability.missing),
            sparse: names(&ability.sparse),
            switched_off: ability.switched_off,
        }
    }
}

impl From<&Preview> for PreviewView {
    fn from(preview: &Preview) -> Self {
        Self {
            tier: preview.tier,
            tiers: view::breakdown::tiers(&preview.tiers),
            columns: preview.columns,
            meant: preview.meant,
            runs: preview.runs(),
            analyses: preview.abilities.iter().map(AbilityView::from).collect(),
        }
    }
}

/// What an import can answer before it is analyzed: tier, analyses, coverage
#[utoipa::path(get, path = "/datasets/{id}/preview", operation_id = "preview_dataset", tag = "datasets",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "judged by columns and how far they are filled", body = PreviewView), Refusals))]
async fn preview(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<PreviewView>, Problem> {
    let preview = abilities::preview(state.backing(), &caller, DatasetId(id)).await?;
    Ok(Json(PreviewView::from(&preview)))
}

/// A column on its side of a table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupedColumn)]
pub(crate) struct GroupedView {
    index: usize,
    source: String,
    field: &'static str,
    /// How values of several rows become one of their order: `once` (the same on each), `sum`, `mean`, `earliest`, `latest`,
    /// `first`, `last` (of the steps), `largest`, `smallest`, `any`, or `stays` (with the rows).
    gathered: &'static str,
}

/// One order of a table, as written in the file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExampleOrder)]
pub(crate) struct ExampleView {
    order: String,
    /// All its rows among the sampled ones; up to six are in `detail`.
    rows: usize,
    /// Cells of the order's own columns, in the order of `header`.
    header: Vec<String>,
    /// Row by row the cells of the others, in the order of `detail`.
    detail: Vec<Vec<String>>,
    /// What these come to for the order; empty where they stay with the rows.
    totals: Vec<String>,
}

/// What of a table belongs to the order and what to its rows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TableGrouping)]
pub(crate) struct GroupingView {
    /// Which table, in the order of the dataset.
    table: usize,
    /// Columns that together name the order.
    key: Vec<String>,
    header: Vec<GroupedView>,
    detail: Vec<GroupedView>,
    /// Null where no order of the sample has several rows.
    #[schema(required)]
    example: Option<ExampleView>,
}

impl GroupingView {
    fn of(table: usize, grouping: Grouping) -> Self {
        let side = |columns: Vec<Grouped>| -> Vec<GroupedView> {
            let told = |column: Grouped| GroupedView {
                index: column.index,
                source: column.source,
                field: column.field.as_str(),
                gathered: column.gathered.as_str(),
            };
            columns.into_iter().map(told).collect()
        };
        Self {
            table,
            key: grouping.key,
            header: side(grouping.header),
            detail: side(grouping.detail),
            example: grouping.example.map(|example| ExampleView {
                order: example.order,
                rows: example.rows,
                header: example.header,
                detail: example.detail,
                totals: example.totals,
            }),
        }
    }
}

/// What of each table belongs to the order and what to its rows, shown on one of its orders
#[utoipa::path(get, path = "/datasets/{id}/grouping", operation_id = "get_dataset_grouping", tag = "datasets",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, description = "table by table", body = List<GroupingView>), Refusals))]
async fn grouping(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<GroupingView>>, Problem> {
    let all = mapping::groupings(state.backing(), &caller, DatasetId(id)).await?;
    let shown = all.into_iter().enumerate().map(|(table, grouping)| GroupingView::of(table, grouping));
    paging.cut(shown, |grouping| grouping.table.to_string())
}
