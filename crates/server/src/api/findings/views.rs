//! Views of the list of findings: filters, grouping and order under a name, for oneself or for everybody.

use app::findings::views::{self, View};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::{List, Refusals, answers::Paging},
    boxed::routes,
    extract::{Json, Path, Query},
    web,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(index, keep)).routes(routes!(show, update, delete))
}

/// A view of the list of findings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingListView)]
pub(crate) struct KeptView {
    id: Uuid,
    name: String,
    /// What stands behind the question mark of the list's address: `status=new&group=category&sort=newest`.
    query: String,
    /// Whether everybody in the organization sees it.
    shared: bool,
    /// Whether it is the caller's own.
    own: bool,
    /// Whether the caller may rename, share and delete it.
    may_change: bool,
    created_at: String,
}

impl From<View> for KeptView {
    fn from(View { view, own, may_change }: View) -> Self {
        Self {
            id: view.id,
            name: view.name,
            query: view.query,
            shared: view.shared,
            own,
            may_change,
            created_at: view.created_at.to_string(),
        }
    }
}

/// A view to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewForm {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// `q`, `category`, `status`, `evidence`, `place`, `owner`, `part`, `group` and `sort`, as the address of the list has them; what
    /// the list does not know is left out.
    #[schema(min_length = 1, max_length = 2000)]
    query: String,
    /// Sharing takes the role of an analyst.
    #[serde(default)]
    shared: bool,
}

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewChange {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    shared: Option<bool>,
}

/// Views of the list of findings: the caller's own and those that are shared
#[utoipa::path(get, path = "/finding-views", operation_id = "list_finding_views", tag = "findings", params(Paging),
    responses((status = 200, description = "by name", body = List<KeptView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<KeptView>>, Problem> {
    let all = views::list(state.backing(), &caller).await?;
    paging.cut(all.into_iter().map(KeptView::from), |view| view.id.to_string())
}

/// Keeps filters, grouping and order of the list under a name
#[utoipa::path(post, path = "/finding-views", operation_id = "create_finding_view", tag = "findings",
    params(("idempotency-key" = Option<String>, Header)), request_body = ViewForm,
    responses((status = 201, description = "kept", body = KeptView), Refusals))]
async fn keep(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(form): Json<ViewForm>,
) -> Result<(StatusCode, Json<KeptView>), Problem> {
    let query = web::findings_query(&form.query);
    let made = views::keep(state.backing(), &caller, &form.name, &query, form.shared).await?;
    Ok((StatusCode::CREATED, Json(View { view: made, own: true, may_change: true }.into())))
}

/// One view
#[utoipa::path(get, path = "/finding-views/{id}", operation_id = "get_finding_view", tag = "findings",
    params(("id" = Uuid, Path)), responses((status = 200, description = "as it is", body = KeptView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<KeptView>, Problem> {
    Ok(Json(views::get(state.backing(), &caller, id).await?.into()))
}

/// Gives a view another name, shares it or takes it back
#[utoipa::path(patch, path = "/finding-views/{id}", operation_id = "update_finding_view", tag = "findings",
    params(("id" = Uuid, Path)), request_body = ViewChange,
    responses((status = 200, description = "as it is now", body = KeptView), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(change): Json<ViewChange>,
) -> Result<Json<KeptView>, Problem> {
    let before = views::get(state.backing(), &caller, id).await?.view;
    let name = change.name.as_deref().unwrap_or(&before.name);
    views::update(state.backing(), &caller, id, name, change.shared.unwrap_or(before.shared)).await?;
    Ok(Json(views::get(state.backing(), &caller, id).await?.into()))
}

/// Deletes a view; findings are not touched
#[utoipa::path(delete, path = "/finding-views/{id}", operation_id = "delete_finding_view", tag = "findings",
    params(("id" = Uuid, Path)), responses((status = 204, description = "gone"), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    views::delete(state.backing(), &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
