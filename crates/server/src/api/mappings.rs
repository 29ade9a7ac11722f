//! Saved mappings and their versions.

use app::{
    Caller,
    mapping_profiles::{self, Change, ColumnChange, Meaning, Record, TableChange, Version},
    view,
};
use axum::{extract::State, http::StatusCode};
use domain::id::ProfileId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::profiles::{Profile, ProfileVersion};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Created, Paging, Versioned, paged},
    datasets::ScoreView,
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    etag::IfMatch,
    extract::{Json, Path, Query, at_most},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(show, update, delete))
        .routes(routes!(versions, restore))
        .routes(routes!(version))
        .routes(routes!(comparison))
        .routes(routes!(clone))
        .routes(routes!(score))
}

/// How good a saved mapping is, judged on the newest upload that was mapped by it
#[utoipa::path(get, path = "/mapping-profiles/{id}/score", operation_id = "get_mapping_profile_score",
    tag = "mapping profiles", params(("id" = Uuid, Path)),
    responses((status = 200, description = "null where no such upload is left", body = Option<ScoreView>), Refusals))]
async fn score(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<Option<ScoreView>>, Problem> {
    let score = mapping_profiles::score(state.backing(), &caller, ProfileId(id)).await?;
    Ok(Json(score.map(ScoreView::from)))
}

/// A saved mapping.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MappingProfile)]
pub struct ProfileView {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub source_system: String,
    /// Whether files are recognized by it.
    pub active: bool,
    /// Values of its variables, by name.
    #[schema(value_type = Object)]
    pub variables: Value,
    /// The number of the newest version.
    pub current_version: i64,
    /// How often it was used.
    pub used: i64,
    /// Imports mapped by it that were analyzed to an end.
    pub analyzed: i64,
    /// Those of them of which an analysis worked.
    pub succeeded: i64,
    /// The share of them; null before the first.
    #[schema(required)]
    pub success_rate: Option<f64>,
    /// Share of the columns of its newest version that mean something.
    #[schema(required)]
    pub coverage: Option<f64>,
    #[schema(required)]
    pub last_used_at: Option<String>,
    pub headers: Vec<String>,
    pub created_at: String,
    pub updated_at: String,
}

impl ProfileView {
    fn of(profile: Profile, record: Record) -> Self {
        Self {
            id: profile.id.0,
            name: profile.name,
            description: profile.description,
            source_system: profile.source_system,
            active: profile.active,
            variables: profile.variables,
            current_version: profile.current_version,
            used: profile.used,
            analyzed: record.analyzed,
            succeeded: record.succeeded,
            success_rate: record.success_rate(),
            coverage: record.coverage,
            last_used_at: profile.last_used_at.map(|at| at.to_string()),
            headers: profile.headers,
            created_at: profile.created_at.to_string(),
            updated_at: profile.updated_at.to_string(),
        }
    }
}

/// A saved state of a mapping.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MappingVersion)]
pub struct VersionView {
    pub number: i64,
    /// The version it was made from.
    #[schema(required)]
    pub parent: Option<i64>,
    /// What changed, in its author's words.
    pub note: String,
    #[schema(required)]
    pub created_by: Option<Uuid>,
    pub created_at: String,
}

impl From<ProfileVersion> for VersionView {
    fn from(version: ProfileVersion) -> Self {
        Self {
            number: version.number,
            parent: version.parent,
            note: version.note,
            created_by: version.created_by.map(|id| id.0),
            created_at: version.created_at.to_string(),
        }
    }
}

/// A version with what it says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MappingVersionDetail)]
pub struct VersionDetail {
    #[serde(flatten)]
    pub version: VersionView,
    /// For each table of the file, as `plantintel map --json` gives it.
    #[schema(value_type = Vec<Object>)]
    pub tables: Vec<Value>,
}

impl From<Version> for VersionDetail {
    fn from(version: Version) -> Self {
        let tables = version.mappings.iter().map(view::mapping::mapping).collect();
        Self { version: version.version.into(), tables }
    }
}

/// A saved mapping with its newest version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MappingProfileDetail)]
pub struct ProfileDetail {
    #[serde(flatten)]
    pub profile: ProfileView,
    pub newest: VersionDetail,
}

/// A profile with its record.
async fn told(state: &ServerState, caller: &Caller, profile: Profile) -> Result<ProfileView, Problem> {
    let records = mapping_profiles::records(state.backing(), caller, &[profile.id]).await?;
    let record = records.get(&profile.id).copied().unwrap_or_default();
    Ok(ProfileView::of(profile, record))
}

/// The same with its newest version.
async fn detail(
    state: &ServerState,
    caller: &Caller,
    (profile, version): (Profile, Version),
) -> Result<ProfileDetail, Problem> {
    Ok(ProfileDetail { profile: told(state, caller, profile).await?, newest: version.into() })
}

/// What one table's mapping became.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TableChange)]
pub struct TableChangeView {
    pub file: String,
    /// Before and after, where it changed.
    #[schema(value_type = Option<Vec<String>>, required)]
    pub granularity: Option<[&'static str; 2]>,
    pub columns: Vec<ColumnChangeView>,
}

/// What one column's meaning became.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ColumnChange)]
pub struct ColumnChangeView {
    pub source: String,
    /// Null: the version does not have the column.
    #[schema(required)]
    pub before: Option<MeaningView>,
    #[schema(required)]
    pub after: Option<MeaningView>,
}

/// What a column is taken for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meaning)]
pub struct MeaningView {
    /// Null: left out.
    #[schema(required)]
    pub field: Option<&'static str>,
    #[schema(required)]
    pub unit: Option<&'static str>,
}

impl From<Meaning> for MeaningView {
    fn from(meaning: Meaning) -> Self {
        Self {
            field: meaning.field.map(ontology::FieldId::as_str),
            unit: meaning.unit.map(ontology::Unit::as_str),
        }
    }
}

impl From<ColumnChange> for ColumnChangeView {
    fn from(change: ColumnChange) -> Self {
        Self {
            source: change.source,
            before: change.before.map(MeaningView::from),
            after: change.after.map(MeaningView::from),
        }
    }
}

impl From<TableChange> for TableChangeView {
    fn from(change: TableChange) -> Self {
        Self {
            file: change.file,
            granularity: change.granularity.map(|(before, after)| [before, after]),
            columns: change.columns.into_iter().map(ColumnChangeView::from).collect(),
        }
    }
}

/// What changes of a profile; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    #[schema(min_length = 1, max_length = 50)]
    name: Option<String>,
    #[schema(max_length = 2000)]
    description: Option<String>,
    #[schema(max_length = 100)]
    source_system: Option<String>,
    active: Option<bool>,
    /// Its variables, all of them: `labor_rate_hourly`, `scrap_cost_per_unit`, `variance_threshold_pct`,
    /// `min_variance_amount`, `confidence_threshold_pct`, `quality_min_issue_rate_pct`, `pattern_min_orders`,
    /// `focus_material_costs`, `focus_labor_efficiency`, `focus_quality_issues`.
    #[schema(value_type = Option<Object>)]
    variables: Option<Value>,
}

/// How the copy is called.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloneForm {
    #[schema(min_length = 1, max_length = 50)]
    name: Option<String>,
}

/// Which version becomes the newest again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Restoration {
    /// The number of the version.
    #[schema(minimum = 1)]
    restore: i64,
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Search {
    /// Words of name, description or system.
    #[param(max_length = 200)]
    search: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sides {
    /// The earlier version.
    #[param(minimum = 1)]
    before: i64,
    /// The later version.
    #[param(minimum = 1)]
    after: i64,
}

/// The saved mappings of the organisation
#[utoipa::path(get, path = "/mapping-profiles", operation_id = "list_mapping_profiles", tag = "mapping profiles",
    params(Paging, Search),
    responses((status = 200, description = "newest first", body = List<ProfileView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
    Query(search): Query<Search>,
) -> Result<Json<List<ProfileView>>, Problem> {
    at_most("search", search.search.as_ref(), 200)?;
    let words = search.search.as_deref().map(str::trim).filter(|words| !words.is_empty());
    let listing = mapping_profiles::list(state.backing(), &caller, words, paging.page()?).await?;
    let ids: Vec<ProfileId> = listing.items.iter().map(|profile| profile.id).collect();
    let records = mapping_profiles::records(state.backing(), &caller, &ids).await?;
    Ok(paged(listing, |profile| {
        let record = records.get(&profile.id).copied().unwrap_or_default();
        ProfileView::of(profile, record)
    }))
}

/// One saved mapping
#[utoipa::path(get, path = "/mapping-profiles/{id}", operation_id = "get_mapping_profile", tag = "mapping profiles",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "with its newest version", body = ProfileDetail), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<ProfileDetail>, Problem> {
    let found = mapping_profiles::get(state.backing(), &caller, ProfileId(id)).await?;
    Ok(Versioned(found.0.version, detail(&state, &caller, found).await?))
}

/// Renames a saved mapping, describes it, or sets it inactive
#[utoipa::path(patch, path = "/mapping-profiles/{id}", operation_id = "update_mapping_profile", tag = "mapping profiles",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")),
    request_body = ProfileChange,
    responses((status = 200, description = "as it is now", body = ProfileView), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(change): Json<ProfileChange>,
) -> Result<Versioned<ProfileView>, Problem> {
    let change = Change {
        name: change.name,
        description: change.description,
        source_system: change.source_system,
        active: change.active,
        variables: change.variables.as_ref().map(mapping_profiles::variables::read).transpose()?,
    };
    let profile = mapping_profiles::update(state.backing(), &caller, ProfileId(id), version, &change).await?;
    Ok(Versioned(profile.version, told(&state, &caller, profile).await?))
}

/// Removes a saved mapping that no dataset was mapped by
#[utoipa::path(delete, path = "/mapping-profiles/{id}", operation_id = "delete_mapping_profile", tag = "mapping profiles",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "gone"), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    mapping_profiles::delete(state.backing(), &caller, ProfileId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The versions of a saved mapping
#[utoipa::path(get, path = "/mapping-profiles/{id}/versions", operation_id = "list_mapping_versions",
    tag = "mapping profiles", params(("id" = Uuid, Path), Paging),
    responses((status = 200, description = "newest first", body = List<VersionView>), Refusals))]
async fn versions(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<VersionView>>, Problem> {
    let versions = mapping_profiles::versions(state.backing(), &caller, ProfileId(id)).await?;
    paging.cut(versions.into_iter().map(VersionView::from), |version| version.number.to_string())
}

/// Makes an earlier version the newest again
#[utoipa::path(post, path = "/mapping-profiles/{id}/versions", operation_id = "restore_mapping_version",
    tag = "mapping profiles", params(("id" = Uuid, Path)), request_body = Restoration,
    responses((status = 201, description = "a new version", body = ProfileDetail), Refusals))]
async fn restore(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(form): Json<Restoration>,
) -> Result<Created<ProfileDetail>, Problem> {
    let made =
        mapping_profiles::restore(state.backing(), &caller, ProfileId(id), form.restore, &form.note).await?;
    let at = format!("/mapping-profiles/{id}/versions/{}", made.0.current_version);
    Ok(Created { at, version: made.0.version, thing: detail(&state, &caller, made).await? })
}

/// One version of a saved mapping
#[utoipa::path(get, path = "/mapping-profiles/{id}/versions/{number}", operation_id = "get_mapping_version",
    tag = "mapping profiles", params(("id" = Uuid, Path), ("number" = i64, Path)),
    responses((status = 200, description = "the version", body = VersionDetail), Refusals))]
async fn version(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, number)): Path<(Uuid, i64)>,
) -> Result<Json<VersionDetail>, Problem> {
    Ok(Json(mapping_profiles::version(state.backing(), &caller, ProfileId(id), number).await?.into()))
}

/// What differs between two versions
#[utoipa::path(get, path = "/mapping-profiles/{id}/comparison", operation_id = "compare_mapping_versions",
    tag = "mapping profiles", params(("id" = Uuid, Path), Sides, Paging),
    responses((status = 200, description = "only what differs", body = List<TableChangeView>), Refusals))]
async fn comparison(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(sides): Query<Sides>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<TableChangeView>>, Problem> {
    let changes = mapping_profiles::compare_versions(
        state.backing(),
        &caller,
        ProfileId(id),
        sides.before,
        sides.after,
    )
    .await?;
    paging.cut(changes.into_iter().map(TableChangeView::from), |change| change.file.clone())
}

/// A new profile with the newest version of another
#[utoipa::path(post, path = "/mapping-profiles/{id}/clones", operation_id = "clone_mapping_profile",
    tag = "mapping profiles", params(("id" = Uuid, Path)), request_body = CloneForm,
    responses((status = 201, description = "the copy", body = ProfileDetail), Refusals))]
async fn clone(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(form): Json<CloneForm>,
) -> Result<Created<ProfileDetail>, Problem> {
    let made = mapping_profiles::clone(state.backing(), &caller, ProfileId(id), form.name.as_deref()).await?;
    let at = format!("/mapping-profiles/{}", made.0.id);
    Ok(Created { at, version: made.0.version, thing: detail(&state, &caller, made).await? })
}
