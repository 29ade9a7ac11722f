//! What went wrong, as RFC 9457 problem documents: the one place where an error becomes a status and words.
//!
//! The `type` of a problem is stable and is what programs match on. Words say what failed, then which one, then what to
//! do. Inner causes go to the log and never into an answer.

use app::error::Flaw;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::trace;

/// The kinds of problems, each with its status and a title that never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read at all.
    Malformed,
    /// Nobody is signed in, or the proof does not hold.
    Unauthenticated,
    /// Signed in, but the role or the key's scope does not reach.
    Forbidden,
    /// No such thing, or another tenant's.
    NotFound,
    /// The address exists, the method does not.
    MethodNotAllowed,
    /// The body took too long to arrive.
    TooSlow,
    /// The state of the thing does not allow it now.
    Conflict,
    /// The thing changed since it was read.
    Stale,
    /// The body is larger than allowed.
    TooLarge,
    /// The body is of a type that this address does not take.
    UnsupportedMediaType,
    /// Read, understood, and not acceptable.
    Invalid,
    /// The same idempotency key came with another request.
    IdempotencyMismatch,
    /// A change needs `If-Match`.
    PreconditionRequired,
    /// Too many requests, or a limit of the plan.
    TooMany,
    /// Our fault.
    Internal,
    /// Something that we need does not answer.
    Unavailable,
}

impl Kind {
    /// All kinds, for the description of the API.
    pub const ALL: [Self; 16] = [
        Self::Malformed,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooSlow,
        Self::Conflict,
        Self::Stale,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::IdempotencyMismatch,
        Self::PreconditionRequired,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
    ];

    fn facts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, "the request cannot be read"),
            Self::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED, "sign-in needed"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "not allowed"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "not found"),
            Self::MethodNotAllowed => {
                ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "method not allowed")
            }
            Self::TooSlow => ("too-slow", StatusCode::REQUEST_TIMEOUT, "the request took too long to arrive"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "not possible in this state"),
            Self::Stale => ("stale", StatusCode::PRECONDITION_FAILED, "changed in the meantime"),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "type of content not taken here",
            ),
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "some fields cannot be taken"),
            Self::IdempotencyMismatch => (
                "idempotency-mismatch",
                StatusCode::UNPROCESSABLE_ENTITY,
                "the idempotency key belongs to another request",
            ),
            Self::PreconditionRequired => {
                ("precondition-required", StatusCode::PRECONDITION_REQUIRED, "if-match needed")
            }
            Self::TooMany => ("too-many", StatusCode::TOO_MANY_REQUESTS, "a limit is reached"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "the server failed"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "not available right now"),
        }
    }

    /// The last part of the problem's `type`.
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// The status that goes with it.
    pub fn status(self) -> StatusCode {
        self.facts().1
    }

    /// How bad it is, for programs that sort what they see: `low` is the caller's to mend, `medium` an administrator's, `high` ours.
    pub fn severity(self) -> &'static str {
        match self {
            Self::Unauthenticated | Self::Forbidden | Self::TooMany => "medium",
            Self::Internal | Self::Unavailable => "high",
            _ => "low",
        }
    }

    /// What it is about.
    pub fn category(self) -> &'static str {
        match self {
            Self::Unauthenticated | Self::Forbidden => "access",
            Self::Conflict | Self::Stale | Self::PreconditionRequired => "state",
            Self::Invalid | Self::TooLarge | Self::UnsupportedMediaType => "input",
            Self::TooMany | Self::TooSlow => "limit",
            Self::Malformed | Self::NotFound | Self::MethodNotAllowed | Self::IdempotencyMismatch => {
                "request"
            }
            Self::Internal => "fault",
            Self::Unavailable => "dependency",
        }
    }

    /// The title, the same for every problem of this kind.
    pub fn title(self) -> &'static str {
        self.facts().2
    }
}

/// One problem, on its way to becoming an answer.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Kind,
    detail: String,
    flaws: Vec<Flaw>,
    retry_after_seconds: Option<u64>,
}

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What kind of problem this is; stable, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:plantintel:problem:not-found")]
    pub type_: String,
    /// The kind in words; the same for every problem of the kind.
    pub title: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What happened here, and what to do.
    pub detail: String,
    /// low, medium or high.
    pub severity: &'static str,
    /// What it is about: access, state, input, limit, request, fault or dependency.
    pub category: &'static str,
    /// The name under which the request is found in log and audit trail: the id of the error.
    #[schema(example = "4bf92f3577b34da6a3ce929d0e0e4736")]
    pub trace_id: String,
    /// Fields that cannot be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// One field that cannot be taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field's name.
    pub field: String,
    /// What is wrong with it and what to do.
    pub message: String,
}

impl Problem {
    /// A problem of this kind with these words.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), flaws: Vec::new(), retry_after_seconds: None }
    }

    /// Nobody is signed in. The same words whatever was wrong with the proof.
    pub fn unauthenticated() -> Self {
        Self::new(Kind::Unauthenticated, "send a valid bearer token or API key, or sign in")
    }

    /// There is nothing at this address.
    pub fn no_such_address() -> Self {
        Self::new(Kind::NotFound, "there is nothing at this address; see /api/docs")
    }

    /// The server failed; the cause is in the log under the trace.
    pub fn internal() -> Self {
        Self::new(
            Kind::Internal,
            "the server failed; it has been noted. Try again, and quote the trace if it stays",
        )
    }

    /// The same problem, with the number of seconds after which asking again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The words for a page: of a field that cannot be taken, what is wrong with it.
    pub fn words(&self) -> String {
        let words = self.flaws.first().map_or(self.detail.as_str(), |flaw| flaw.message.as_str());
        let mut letters = words.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// The words.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<app::Error> for Problem {
    fn from(error: app::Error) -> Self {
        use app::Error;
        match error {
            Error::Input(message) | Error::Usage(message) => Self::new(Kind::Invalid, message),
            Error::Work(cause) => {
                tracing::error!(%cause, "use case failed");
                Self::internal()
            }
            Error::NotFound(_) => Self::new(Kind::NotFound, error.to_string()),
            Error::Forbidden { .. }
            | Error::Scope(_)
            | Error::Elsewhere
            | Error::NotAnOperator
            | Error::StepUp => Self::new(Kind::Forbidden, error.to_string()),
            Error::Invalid(flaws) => {
                let detail = "see errors for the fields and what to do".to_owned();
                Self { kind: Kind::Invalid, detail, flaws, retry_after_seconds: None }
            }
            Error::Conflict(message) => Self::new(Kind::Conflict, message),
            Error::Reused => Self::new(Kind::IdempotencyMismatch, error.to_string()),
            Error::TooLarge(message) => Self::new(Kind::TooLarge, message),
            Error::Stale(_) => Self::new(Kind::Stale, error.to_string()),
            Error::Limit { what, retry_after } => {
                let problem = Self::new(Kind::TooMany, what);
                match retry_after {
                    Some(wait) => problem.retry_after(wait.as_secs().max(1)),
                    None => problem,
                }
            }
            Error::Unavailable(message) | Error::Away(message) => {
                Self::new(Kind::Unavailable, message).retry_after(5)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            type_: format!("urn:plantintel:problem:{}", self.kind.name()),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: self.detail,
            severity: self.kind.severity(),
            category: self.kind.category(),
            trace_id: trace::current().map(|trace| trace.to_string()).unwrap_or_default(),
            errors: self
                .flaws
                .into_iter()
                .map(|flaw| FieldProblem { field: flaw.field, message: flaw.message })
                .collect(),
        };
        let mut response = (self.kind.status(), axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
