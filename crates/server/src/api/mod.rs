//! The JSON API under `/api/v1`: one file per resource, each with its routes and its shapes.
//!
//! A file offers `routes() -> OpenApiRouter<ServerState>`; adding a resource is adding a line to [`guarded`].

use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{ServerState, problem};

/// The description of the API as a document, filled by the routes.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "PlantIntel", description = "Findings in dollars from exports of an ERP system."),
    components(schemas(problem::ProblemBody))
)]
pub struct Description;

/// Routes for signed-in callers only.
pub fn guarded() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
}

/// The short list of routes that anybody may ask for.
pub fn open() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
}
