//! Mappings that the installation offers to all its organizations.

use app::library;
use axum::{extract::State, http::StatusCode};
use domain::id::ProfileId;
use serde::{Deserialize, Serialize};
use store::library::Entry;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{List, Refusals, answers::Paging};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(index)).routes(routes!(publish)).routes(routes!(withdraw))
}

/// A mapping on offer: files with its headers are read by it without a question.
#[derive(Debug, Serialize, ToSchema)]
pub struct LibraryEntry {
    /// Which one.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The system whose exports it maps.
    pub source_system: String,
    /// How many columns it says something about.
    pub columns: i64,
    /// When it was published.
    pub published_at: String,
}

impl From<Entry> for LibraryEntry {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            name: entry.name,
            description: entry.description,
            source_system: entry.source_system,
            columns: entry.columns,
            published_at: entry.created_at.to_string(),
        }
    }
}

/// What is to be published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// A saved mapping of the organization that the operator is signed in to. One published before under its name is replaced.
    pub profile_id: Uuid,
}

/// The mappings that every organization can start from
#[utoipa::path(get, path = "/mapping-library", operation_id = "list_mapping_library", tag = "mapping profiles",
    params(Paging), responses((status = 200, description = "oldest first", body = List<LibraryEntry>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<LibraryEntry>>, Problem> {
    let all = library::list(state.backing(), &caller).await?;
    paging.cut(all.into_iter().map(LibraryEntry::from), |entry| entry.id.to_string())
}

/// Publishes a saved mapping to all organizations: its headers and their meaning, nothing that was seen in a file
#[utoipa::path(post, path = "/operator/mapping-library", operation_id = "operator_publish_mapping", tag = "operator",
    request_body = Publication, responses((status = 200, description = "as it is offered now", body = LibraryEntry), Refusals))]
async fn publish(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(publication): Json<Publication>,
) -> Result<Json<LibraryEntry>, Problem> {
    let entry = library::publish(&state.desk, &caller, ProfileId(publication.profile_id)).await?;
    Ok(Json(entry.into()))
}

/// Takes a mapping off the shelf; what organizations made of it stays theirs
#[utoipa::path(delete, path = "/operator/mapping-library/{id}", operation_id = "operator_withdraw_mapping", tag = "operator",
    params(("id" = Uuid, Path)), responses((status = 204, description = "gone"), Refusals))]
async fn withdraw(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    library::withdraw(&state.desk, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
