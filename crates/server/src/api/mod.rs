//! The JSON API under `/api/v1`: one file per resource, each with its routes and its shapes.
//!
//! A file offers `routes() -> OpenApiRouter<ServerState>`; adding a resource is adding a line to [`guarded`].

/// Shapes that carry what must not be printed.
macro_rules! unprintable {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

pub mod analyses;
mod answers;
pub mod api_keys;
pub mod audit;
pub mod billing;
pub mod configurations;
pub mod conversations;
pub mod datasets;
pub mod docs;
pub mod facilities;
pub mod files;
pub mod findings;
pub mod invitations;
pub mod library;
mod looks;
pub mod mappings;
pub(crate) mod mcp;
pub mod me;
pub mod members;
pub mod model;
pub mod onboarding;
pub mod operator;
pub mod organization;
pub mod password_resets;
pub mod reports;
pub mod savings;
pub mod session;
pub mod shares;
pub mod sign_ups;
pub mod sources;
pub mod usage;
mod watching;
pub mod webhooks;
pub mod words;
pub mod your_data;

use axum::{
    Extension,
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{IntoResponses, Modify, OpenApi, ToSchema, openapi::security};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Problem, ServerState,
    problem::{Kind, ProblemBody},
    who::{self, browser},
};

/// The description of the API as a document, filled by the routes.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "PlantIntel",
        description = "Findings in dollars from exports of an ERP system. Conventions: docs/api.md.",
        license(name = "Proprietary", identifier = "LicenseRef-PlantIntel")
    ),
    components(schemas(ProblemBody)),
    modifiers(&Proofs),
    security(("bearer" = []), ("session" = [])),
)]
pub struct Description;

struct Proofs;

impl Modify for Proofs {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = security::HttpBuilder::new()
            .scheme(security::HttpAuthScheme::Bearer)
            .description(Some("A token of a configured issuer, or an API key"))
            .build();
        components.add_security_scheme("bearer", security::SecurityScheme::Http(bearer));
        let cookie = security::ApiKey::Cookie(security::ApiKeyValue::new("plantintel"));
        components.add_security_scheme("session", security::SecurityScheme::ApiKey(cookie));
    }
}

/// Routes for signed-in callers only.
pub fn guarded() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .merge(analyses::routes())
        .merge(api_keys::routes())
        .merge(audit::routes())
        .merge(billing::routes())
        .merge(configurations::routes())
        .merge(conversations::routes())
        .merge(datasets::routes())
        .merge(facilities::routes())
        .merge(files::routes())
        .merge(findings::routes())
        .merge(invitations::routes())
        .merge(library::routes())
        .merge(mappings::routes())
        .merge(me::routes())
        .merge(members::routes())
        .merge(model::routes())
        .merge(onboarding::routes())
        .merge(operator::routes())
        .merge(organization::routes())
        .merge(savings::routes())
        .merge(session::guarded_routes())
        .merge(reports::routes())
        .merge(shares::routes())
        .merge(sources::routes())
        .merge(usage::routes())
        .merge(webhooks::routes())
        .merge(your_data::routes())
        .layer(Extension(looks::Looks::default()))
}

/// The short list of routes that anybody may ask for.
pub fn open() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .merge(invitations::open_routes())
        .merge(password_resets::open_routes())
        .merge(session::open_routes())
        .merge(sign_ups::open_routes())
}

/// Routes that programs of others call, each with a signature of its own for a door: they come as often as they must.
pub fn called() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().merge(billing::called_routes())
}

/// Middleware of the open routes: counts by address, and takes no form of another site.
pub async fn greet(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    // A link in a letter, and an issuer that sends people back, lead here from other sites: looking changes nothing.
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    if !looks && browser::from_elsewhere(request.headers(), &state.settings) {
        return Problem::new(Kind::Forbidden, "this must be asked for from a page of this installation")
            .into_response();
    }
    let address = who::address::of(&request, &state.settings);
    match who::anonymous(&state, address).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// What any route may answer besides its success.
#[derive(Debug, IntoResponses)]
pub enum Refusals {
    /// The request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemBody),
    /// Nobody is signed in, or the proof does not hold.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemBody),
    /// The role or the key's scope does not reach.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    /// No such thing, or another organization's.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemBody),
    /// The body took too long to arrive.
    #[response(status = 408, content_type = "application/problem+json")]
    TooSlow(ProblemBody),
    /// Not possible in this state.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemBody),
    /// Changed in the meantime.
    #[response(status = 412, content_type = "application/problem+json")]
    Stale(ProblemBody),
    /// Too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemBody),
    /// A type of content that is not taken here.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(ProblemBody),
    /// Some fields cannot be taken.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// A limit is reached; see `retry-after`.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemBody),
    /// The server failed.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemBody),
    /// Not available right now; see `retry-after`.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The things.
    pub items: Vec<T>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<String>,
}

/// A role as it came in.
pub(crate) fn role(name: &str) -> Result<domain::Role, Problem> {
    domain::Role::parse(name).ok_or_else(|| {
        app::Error::invalid("role", "give one of viewer, analyst, reviewer, admin, owner").into()
    })
}
