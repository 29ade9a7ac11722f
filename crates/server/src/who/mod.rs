//! Who is asking: the proof that came with a request, turned into a caller, or refused.
//!
//! Every request that reaches the door with a known principal leaves exactly one row in the audit trail: the one that its
//! use case wrote with the deed, or the one that is written here when the answer is known.

pub mod address;
pub mod bearer;
pub mod browser;
pub mod claims;
mod idempotency;
pub mod issuer;
mod json;
pub mod jws;
mod key_set;
mod refusal;
mod row;

use std::net::IpAddr;

use app::{
    Caller,
    accounts::{
        Known, Proof, Visitor, tokens,
        who::{self, KEY_PREFIX},
    },
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Actor, Role, TraceId, actor::Means, id::OrgId};

use bearer::Bearer;
pub use browser::Browser;
pub use issuer::{Expectations, Issuer, Issuers};
pub use key_set::Rhythm;
pub use refusal::Refusal;

use crate::{Problem, ServerState, limit::Whose, problem::Kind, trace};

/// Marks a request for a page: one look at a page asks for several things, so that pages have an allowance of their own.
#[derive(Debug, Clone, Copy)]
pub struct Page;

/// What an API key may do, where it may not do everything that its role may.
#[derive(Debug, Clone)]
pub(crate) struct Scopes(pub(crate) std::sync::Arc<[String]>);

/// The caller of a guarded route.
#[derive(Debug, Clone)]
pub struct Who(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthenticated)
    }
}

/// Somebody who is not known, on an open route.
#[derive(Debug, Clone)]
pub struct Stranger(pub Visitor);

impl FromRequestParts<ServerState> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Problem> {
        let mut probe = Request::new(());
        *probe.headers_mut() = parts.headers.clone();
        *probe.extensions_mut() = parts.extensions.clone();
        let address = address::of(&probe, &state.settings);
        Ok(Self(Visitor { address, user_agent: agent(&parts.headers), trace: present_trace(state) }))
    }
}

pub(crate) fn agent(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(400).collect()
}

pub(crate) fn present_trace(state: &ServerState) -> TraceId {
    trace::current().unwrap_or_else(|| TraceId::new(state.random_bytes()))
}

/// What the proof of a request comes to.
#[derive(Debug)]
pub(crate) enum Identity {
    /// There is no proof.
    Nobody,
    /// There is one, and it does not hold.
    Refused(Refusal),
    /// Known, and without any rights there.
    Barred(OrgId, Actor),
    /// Known.
    Known(Box<Known>),
}

/// Checks the proof that came with a request. A header counts before a cookie, and a bad header is not made good by one.
pub(crate) async fn identify(state: &ServerState, headers: &HeaderMap) -> Result<Identity, Problem> {
    let proof = match bearer::read(headers) {
        Bearer::Unusable => return Ok(Identity::Refused(Refusal::Shape)),
        Bearer::Credential(key) if key.starts_with(KEY_PREFIX) => Proof::ApiKey(key),
        Bearer::Credential(token) => return of_token(state, token).await,
        Bearer::Absent => match browser::cookie(headers, browser::cookie_name(&state.settings)) {
            Some(cookie) => Proof::Session(cookie),
            None => return Ok(Identity::Nobody),
        },
    };
    match who::find(&state.desk, proof).await? {
        Some(known) => Ok(Identity::Known(Box::new(known))),
        None => Ok(Identity::Refused(Refusal::Unknown)),
    }
}

async fn of_token(state: &ServerState, token: &str) -> Result<Identity, Problem> {
    let verified = match state.issuers.verify(token, state.backing().clock.as_ref()).await {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Identity::Refused(refusal)),
    };
    let principal = tokens::Principal {
        issuer: &verified.issuer,
        subject: &verified.subject,
        organisation: verified.organisation.as_ref().map(|org| (org.id.as_str(), org.role)),
    };
    Ok(match tokens::find(&state.desk, &principal).await? {
        tokens::Found::Known(known) => Identity::Known(Box::new(known)),
        tokens::Found::Barred { org, user } => {
            Identity::Barred(org, Actor { org, role: Role::Viewer, means: Means::Token { user } })
        }
    })
}

/// Middleware of the API: lets a request pass with its [`Who`], or answers 401, 403 or 429.
pub async fn admit(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let identity = match identify(&state, request.headers()).await {
        Ok(identity) => identity,
        Err(problem) => return problem.into_response(),
    };
    let sight = row::Sight::of(&state, &request);
    match identity {
        Identity::Known(known) => pass(&state, *known, sight, request, next).await,
        Identity::Barred(org, actor) => {
            let response =
                Problem::new(Kind::Forbidden, "your account or role has no rights in this organisation");
            let response = response.into_response();
            state.settle(org, sight.row(Some(&actor), response.status()), response).await
        }
        Identity::Nobody => match anonymous(&state, sight.address).await {
            Ok(()) => Problem::unauthenticated().into_response(),
            Err(problem) => problem.into_response(),
        },
        Identity::Refused(refusal) => {
            tracing::info!(reason = %refusal, "a proof does not hold");
            let response = match anonymous(&state, sight.address).await {
                Ok(()) => Problem::unauthenticated().into_response(),
                // Beyond the allowance nothing is written: a flood must not fill the trail.
                Err(problem) => return problem.into_response(),
            };
            state.settle(store::audit::INSTALLATION, sight.row(None, response.status()), response).await
        }
    }
}

/// Counts a request without a valid proof against its address.
pub(crate) async fn anonymous(state: &ServerState, address: Option<IpAddr>) -> Result<(), Problem> {
    let key = format!("address:{}", address.map(|address| address.to_string()).unwrap_or_default());
    match state.limiter.take(Whose::Address, &key).await {
        Ok(_) => Ok(()),
        Err(refused) => Err(refused.in_turn().await),
    }
}

async fn pass(
    state: &ServerState,
    known: Known,
    sight: row::Sight,
    request: Request,
    next: Next,
) -> Response {
    let span = tracing::Span::current();
    let actor = known.actor.clone();
    span.record("org", tracing::field::display(actor.org));
    if let Some(user) = actor.user() {
        span.record("user", tracing::field::display(user));
    }
    let principal = principal(&actor);
    let taken = if request.extensions().get::<Page>().is_some() {
        state.limiter.take(Whose::Page, &format!("page:{principal}")).await
    } else {
        state.limiter.take(Whose::Principal, &principal).await
    };
    let passed = match taken {
        Ok(passed) => state.limiter.take(Whose::Org, &format!("org:{}", actor.org)).await.map(|_| passed),
        Err(refused) => Err(refused),
    };
    let passed = match passed {
        Ok(passed) => passed,
        Err(refused) => {
            // The answer does not wait for the disk, and the row not for the answer's turn: who hangs up leaves one all the same.
            let row = sight.row(Some(&actor), refused.problem.kind().status());
            let (trail, org) = (state.trail.clone(), actor.org);
            let write = async move { trail.write(org, row).await };
            if state.trail.is_behind(org) {
                // A flood makes no more rows than the disk takes.
                if let Err(error) = write.await {
                    return Problem::from(error).into_response();
                }
            } else {
                tokio::spawn(write);
            }
            let passed = refused.passed;
            let mut response = refused.in_turn().await.into_response();
            passed.write(response.headers_mut());
            return response;
        }
    };
    let caller = Caller::new(actor.clone(), sight.trace, sight.address);
    let mut response = match prepare(state, &known, &caller, principal, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    passed.write(response.headers_mut());
    if caller.is_recorded() {
        return response;
    }
    state.settle(actor.org, sight.row(Some(&actor), response.status()), response).await
}

/// Everything about a known caller's request that may still refuse it.
async fn prepare(
    state: &ServerState,
    known: &Known,
    caller: &Caller,
    principal: String,
    mut request: Request,
) -> Result<Request, Problem> {
    if !known.allowed.holds(caller.address) {
        return Err(app::Error::Elsewhere.into());
    }
    if let Some((_, session)) = known.session() {
        request = browser::check_form(state, session, request).await?;
        let form_token = state.desk.keys.form_token(session.0);
        request.extensions_mut().insert(Browser { session, form_token });
    }
    if let Some(scopes) = &known.scopes {
        request.extensions_mut().insert(Scopes(std::sync::Arc::clone(scopes)));
        let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
        let resource = row::resource(request.uri().path()).to_owned();
        // Behind one address stand tools of many kinds: each asks for its own scope.
        if resource != "mcp" && !app::api_keys::scopes_allow(scopes, &resource, writes) {
            let scope = format!("{resource}:{}", if writes { "write" } else { "read" });
            return Err(app::Error::Scope(scope).into());
        }
    }
    let (mut request, retry) = idempotency::read(state, principal, request).await?;
    let mut caller = caller.clone();
    caller.retry = retry;
    request.extensions_mut().insert(Who(caller));
    Ok(request)
}

/// The name under which requests and retries of an actor are counted.
fn principal(actor: &Actor) -> String {
    match actor.means {
        Means::Session { user, .. } | Means::Token { user } => format!("user:{user}"),
        Means::ApiKey { key } => format!("key:{key}"),
        Means::Job { job } => format!("job:{job}"),
        Means::Operator { user } => format!("operator:{user}"),
    }
}

impl ServerState {
    /// Writes the row of a request and lets its answer go, or refuses: no row, no answer.
    pub(crate) async fn settle(&self, org: OrgId, row: store::audit::Event, response: Response) -> Response {
        match self.trail.write(org, row).await {
            Ok(()) => response,
            Err(error) => Problem::from(error).into_response(),
        }
    }
}
