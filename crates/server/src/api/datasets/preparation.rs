//! What is done to the cells of a dataset before they are taken for what they mean.

use app::datasets::{
    preparation::{self, Recipe, Score, TablePreparation, Tried},
    rule_templates::{self, Form, Offered},
    suggestions::{self, Offer},
};
use axum::{extract::State, http::StatusCode};
use domain::id::DatasetId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::mapping::MappedView;
use crate::{
    Problem, ServerState,
    api::{
        List, Refusals,
        answers::{Paging, Versioned},
    },
    boxed::routes,
    etag::IfMatch,
    extract::{Json, Path, Query, at_most},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(show, put))
        .routes(routes!(preview))
        .routes(routes!(suggestions))
        .routes(routes!(from_template))
        .routes(routes!(score))
        .routes(routes!(dismiss))
        .routes(routes!(templates, keep_template))
        .routes(routes!(forget_template))
}

/// The preparation of a table, and what it came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preparation)]
pub(crate) struct PreparationView {
    /// As `docs/preparation.md` describes it.
    #[schema(value_type = Vec<Object>)]
    preparation: Value,
    /// Counts and examples over the whole file, column by column.
    #[schema(value_type = Vec<Object>)]
    reports: Value,
}

impl From<&TablePreparation> for PreparationView {
    fn from(table: &TablePreparation) -> Self {
        Self {
            preparation: json!(table.preparation),
            reports: if table.reports.is_null() { json!([]) } else { table.reports.clone() },
        }
    }
}

/// What is done to the cells of a table; the order does not matter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreparationForm {
    /// As `docs/preparation.md` describes it; empty takes the table as read.
    #[schema(value_type = Vec<Object>)]
    preparation: Value,
}

impl PreparationForm {
    fn recipe(self) -> Result<Recipe, Problem> {
        serde_json::from_value(self.preparation).map_err(|error| {
            app::Error::invalid("preparation", format!("{error}; docs/preparation.md has the form")).into()
        })
    }
}

/// Something that speaks against a preparation or a mapping.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreparationProblem)]
pub(crate) struct ProblemView {
    /// `error` or `warning`.
    severity: &'static str,
    /// The column that it concerns.
    column: String,
    message: String,
}

/// What a preparation would do to the sampled rows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreparationPreview)]
pub(crate) struct TriedView {
    /// Empty where it can be done.
    errors: Vec<ProblemView>,
    warnings: Vec<ProblemView>,
    /// Matched, default and unmatched, coverage, changes and failures, column by column.
    #[schema(value_type = Vec<Object>)]
    reports: Value,
    /// For each of the first sampled rows, how its prepared cells come about.
    #[schema(value_type = Vec<Vec<Object>>)]
    trails: Value,
}

fn problem(problem: &preparation::Flawed) -> ProblemView {
    ProblemView {
        severity: preparation::severity(problem),
        column: problem.column.clone(),
        message: problem.message.clone(),
    }
}

impl From<Tried> for TriedView {
    fn from(tried: Tried) -> Self {
        let preview = tried.preview.as_ref();
        Self {
            errors: tried.errors.iter().map(problem).collect(),
            warnings: preview.map_or_else(Vec::new, |preview| preview.warnings.iter().map(problem).collect()),
            reports: preview.map_or_else(|| json!([]), |preview| preparation::reports(&preview.reports)),
            trails: preview.map_or_else(|| json!([]), |preview| preparation::trails(&preview.trails)),
        }
    }
}

/// Something that the values ask for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreparationSuggestion)]
pub(crate) struct SuggestionView {
    /// Stable while the data say the same.
    id: String,
    reason: String,
    /// Share of what was looked at that speaks for it.
    confidence: f64,
    /// Whether somebody has dismissed it for exports with these headers.
    dismissed: bool,
    #[schema(value_type = Object)]
    prepared: Value,
}

impl From<Offer> for SuggestionView {
    fn from(Offer { suggestion, dismissed }: Offer) -> Self {
        Self {
            id: suggestion.id,
            reason: suggestion.reason,
            confidence: suggestion.confidence,
            dismissed,
            prepared: json!(suggestion.prepared),
        }
    }
}

/// What is not to be suggested again for exports with the headers of the table; everything else is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dismissed {
    /// Ids of suggestions.
    #[schema(max_items = 1000)]
    suggestions: Vec<String>,
}

/// A rule to be filled in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreparationTemplate)]
pub(crate) struct TemplateView {
    /// A word for those of the product, an id for your own.
    id: String,
    name: String,
    /// `labor`, `material`, `machine`, `time` or `other`.
    category: &'static str,
    /// What the column is that the rule reads.
    reads: String,
    /// What the rule's own column is called.
    column: String,
    /// Whether it is your own.
    own: bool,
}

impl From<Offered> for TemplateView {
    fn from(one: Offered) -> Self {
        Self {
            id: one.id,
            name: one.name,
            category: one.category,
            reads: one.reads,
            column: one.column,
            own: one.own,
        }
    }
}

/// A rule to be kept, to be filled in again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateForm {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// `labor`, `material`, `machine`, `time` or `other`.
    category: String,
    /// The column that another one shall take the place of; left out, the first that the rule reads.
    #[serde(default)]
    #[schema(max_length = 500)]
    reads: Option<String>,
    /// A prepared column, as `docs/preparation.md` describes it.
    #[schema(value_type = Object)]
    prepared: Value,
}

/// How good a mapping is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MappingScore)]
pub(in crate::api) struct ScoreView {
    /// 0 to 100: 40 % required fields, 30 % quality, 20 % fields with data, 10 % rules where they would help.
    score: u32,
    /// `excellent`, `good`, `fair` or `poor`.
    band: &'static str,
    /// 100 less 20 for each error and 5 for each warning.
    quality: u32,
    parts: PartsView,
    problems: Vec<ProblemView>,
    /// What would raise the score.
    hints: Vec<String>,
}

/// Shares from 0 to 1.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MappingScoreParts)]
pub(crate) struct PartsView {
    required: f64,
    quality: f64,
    with_data: f64,
    rules: f64,
}

impl From<Score> for ScoreView {
    fn from(score: Score) -> Self {
        Self {
            score: score.score,
            band: score.band(),
            quality: score.quality,
            parts: PartsView {
                required: score.parts.required,
                quality: score.parts.health,
                with_data: score.parts.with_data,
                rules: score.parts.rules,
            },
            problems: score.problems.iter().map(problem).collect(),
            hints: score.hints,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Source {
    /// One of the templates: its id.
    #[param(max_length = 60)]
    template: String,
    /// The column that the rule reads.
    #[param(max_length = 500)]
    source: String,
}

/// What is done to the cells of a table
#[utoipa::path(get, path = "/datasets/{id}/tables/{table}/preparation", operation_id = "get_preparation",
    tag = "datasets", params(("id" = Uuid, Path), ("table" = usize, Path, description = "in the order of the dataset")),
    responses((status = 200, description = "as it is now", body = PreparationView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, table)): Path<(Uuid, usize)>,
) -> Result<Versioned<PreparationView>, Problem> {
    let found = preparation::get(state.backing(), &caller, DatasetId(id), table).await?;
    Ok(Versioned(found.version, (&found).into()))
}

/// Says what is done to the cells of a table; it is done to the whole file
#[utoipa::path(put, path = "/datasets/{id}/tables/{table}/preparation", operation_id = "put_preparation",
    tag = "datasets",
    params(("id" = Uuid, Path), ("table" = usize, Path, description = "in the order of the dataset"),
        ("if-match" = Option<String>, Header, description = "the `ETag` that it is about")),
    request_body = PreparationForm,
    responses((status = 200, description = "the mapping as it is now", body = MappedView), Refusals))]
async fn put(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, table)): Path<(Uuid, usize)>,
    IfMatch(version): IfMatch,
    Json(form): Json<PreparationForm>,
) -> Result<Versioned<MappedView>, Problem> {
    let recipe = form.recipe()?;
    let mapped = preparation::put(state.backing(), &caller, DatasetId(id), table, version, &recipe).await?;
    Ok(Versioned(mapped.version, mapped.into()))
}

/// What a preparation would do, on the sampled rows; nothing is kept
#[utoipa::path(post, path = "/datasets/{id}/tables/{table}/preparation/preview", operation_id = "preview_preparation",
    tag = "datasets", params(("id" = Uuid, Path), ("table" = usize, Path, description = "in the order of the dataset")),
    request_body = PreparationForm,
    responses((status = 200, description = "or why it cannot be done", body = TriedView), Refusals))]
async fn preview(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, table)): Path<(Uuid, usize)>,
    Json(form): Json<PreparationForm>,
) -> Result<Json<TriedView>, Problem> {
    let recipe = form.recipe()?;
    Ok(Json(preparation::preview(state.backing(), &caller, DatasetId(id), table, &recipe).await?.into()))
}

/// What the values of a table ask for
#[utoipa::path(get, path = "/datasets/{id}/tables/{table}/preparation/suggestions",
    operation_id = "list_preparation_suggestions", tag = "datasets",
    params(("id" = Uuid, Path), ("table" = usize, Path, description = "in the order of the dataset"), Paging),
    responses((status = 200, description = "in the order of the columns", body = List<SuggestionView>), Refusals))]
async fn suggestions(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, table)): Path<(Uuid, usize)>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<SuggestionView>>, Problem> {
    let found = suggestions::list(state.backing(), &caller, DatasetId(id), table).await?;
    paging.cut(found.into_iter().map(SuggestionView::from), |suggestion| suggestion.id.clone())
}

/// Says which suggestions are not wanted, for all exports with the headers of the table
#[utoipa::path(put, path = "/datasets/{id}/tables/{table}/preparation/dismissals",
    operation_id = "put_preparation_dismissals", tag = "datasets",
    params(("id" = Uuid, Path), ("table" = usize, Path, description = "in the order of the dataset")),
    request_body = Dismissed,
    responses((status = 200, description = "all suggestions as they are now", body = List<SuggestionView>), Refusals))]
async fn dismiss(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, table)): Path<(Uuid, usize)>,
    Json(wanted): Json<Dismissed>,
) -> Result<Json<List<SuggestionView>>, Problem> {
    let now = suggestions::set_dismissed(state.backing(), &caller, DatasetId(id), table, &wanted.suggestions)
        .await?;
    Paging::default().cut(now.into_iter().map(SuggestionView::from), |suggestion| suggestion.id.clone())
}

/// A template over a column of the table, to be filled in
#[utoipa::path(get, path = "/datasets/{id}/tables/{table}/preparation/template", operation_id = "fill_preparation_template",
    tag = "datasets",
    params(("id" = Uuid, Path), ("table" = usize, Path, description = "in the order of the dataset"), Source),
    responses((status = 200, description = "a prepared column", body = Object), Refusals))]
async fn from_template(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, table)): Path<(Uuid, usize)>,
    Query(wanted): Query<Source>,
) -> Result<Json<Value>, Problem> {
    at_most("template", Some(&wanted.template), 60)?;
    at_most("source", Some(&wanted.source), 500)?;
    let made = rule_templates::fill(
        state.backing(),
        &caller,
        DatasetId(id),
        table,
        &wanted.template,
        &wanted.source,
    )
    .await?;
    Ok(Json(json!(made)))
}

/// How good the mapping of a dataset is
#[utoipa::path(get, path = "/datasets/{id}/mapping/score", operation_id = "get_mapping_score", tag = "datasets",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "with what speaks against it", body = ScoreView), Refusals))]
async fn score(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<ScoreView>, Problem> {
    Ok(Json(preparation::score(state.backing(), &caller, DatasetId(id)).await?.into()))
}

/// The rules that there are to be filled in
#[utoipa::path(get, path = "/preparation-templates", operation_id = "list_preparation_templates", tag = "datasets",
    params(Paging), responses((status = 200, description = "the product's, then your own", body = List<TemplateView>), Refusals))]
async fn templates(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<TemplateView>>, Problem> {
    let all = rule_templates::list(state.backing(), &caller).await?;
    paging.cut(all.into_iter().map(TemplateView::from), |template| template.id.clone())
}

/// Keeps a rule, to be filled in again
#[utoipa::path(post, path = "/preparation-templates", operation_id = "create_preparation_template", tag = "datasets",
    params(("idempotency-key" = Option<String>, Header)),
    request_body = TemplateForm,
    responses((status = 201, description = "kept", body = TemplateView), Refusals))]
async fn keep_template(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(form): Json<TemplateForm>,
) -> Result<(StatusCode, Json<TemplateView>), Problem> {
    // Who may not keep one learns nothing of its form.
    caller.require(domain::Role::Analyst)?;
    let prepared = serde_json::from_value(form.prepared).map_err(|error| {
        app::Error::invalid("prepared", format!("{error}; docs/preparation.md has the form"))
    })?;
    let form = Form { name: form.name, category: form.category, reads: form.reads, prepared };
    let made = rule_templates::keep(state.backing(), &caller, &form).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Forgets a template of your own; rules that were made from it stay
#[utoipa::path(delete, path = "/preparation-templates/{id}", operation_id = "delete_preparation_template",
    tag = "datasets", params(("id" = Uuid, Path)),
    responses((status = 204, description = "gone"), Refusals))]
async fn forget_template(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    rule_templates::delete(state.backing(), &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
