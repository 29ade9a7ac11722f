//! `/billing`: the organization's plan, what it costs, and the way to the payment provider.

use app::billing;
use axum::body::Bytes;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::{List, Refusals, answers::Paging};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Query},
    trace,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(list_invoices))
        .routes(routes!(check_out))
        .routes(routes!(open_portal))
        .routes(routes!(preview))
        .routes(routes!(change, cancel))
}

/// What programs of others call; the signature is the door.
pub(super) fn called_routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(hear))
}

/// How the organization stands with its plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Billing {
    /// Whether plans can be bought here; if not, whoever runs the installation sets them.
    pub connected: bool,
    /// Whether what is bought is real money.
    pub live: bool,
    /// The plan whose limits hold.
    pub plan: String,
    /// The subscription, once there is a customer at the payment provider.
    pub subscription: Option<Subscription>,
    /// The plans that can be chosen, and the present one.
    pub offers: Vec<Offer>,
    /// What the payment provider could not be asked for just now.
    pub note: Option<String>,
}

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
pub struct Subscription {
    /// The provider's word for its state, as given; none before the first one.
    pub status: String,
    /// Whether it gives a right to its plan.
    pub entitled: bool,
    /// What it is for.
    pub plan: String,
    /// When the paid period began.
    #[schema(format = DateTime)]
    pub period_start: Option<String>,
    /// When it ends.
    #[schema(format = DateTime)]
    pub period_end: Option<String>,
    /// When the days without payment end.
    #[schema(format = DateTime)]
    pub trial_end: Option<String>,
    /// Whether it ends then for good.
    pub cancels_at_period_end: bool,
}

/// A plan that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
pub struct Offer {
    /// Its name.
    pub plan: String,
    /// Whether it can be chosen here.
    pub offered: bool,
    /// In the smallest unit of the currency; null where the provider names no price.
    pub amount: Option<i64>,
    /// Three letters.
    pub currency: Option<String>,
    /// month or year.
    pub interval: Option<String>,
    /// Files in a month; null is no limit.
    pub uploads: Option<i64>,
    /// Rows in a month.
    pub rows: Option<i64>,
    /// Runs in a month.
    pub analyses: Option<i64>,
    /// Questions in a month.
    pub chat_messages: Option<i64>,
    /// Tokens of language models in a month.
    pub ai_tokens: Option<i64>,
    /// Saved mappings in a month.
    pub mapping_profiles: Option<i64>,
}

/// An invoice.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invoice {
    /// The provider's id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// When it was made; seconds since 1970.
    pub created: i64,
    /// In the smallest unit of the currency.
    pub total: i64,
    /// Three letters.
    pub currency: String,
    /// draft, open, paid, uncollectible or void.
    pub status: String,
    /// The provider's page of it.
    pub page: String,
}

/// Which plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name.
    #[schema(example = "starter")]
    pub plan: String,
}

/// A page of the payment provider's.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderPage {
    /// Send the browser there.
    pub url: String,
}

/// What a change would cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangePreview {
    /// The lines of the next invoice.
    pub lines: Vec<ChangeLine>,
    /// What is due with it, in the smallest unit of the currency.
    pub due: i64,
    /// Three letters.
    pub currency: String,
    /// When; seconds since 1970.
    pub at: Option<i64>,
}

/// A line of an invoice to come.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeLine {
    /// The provider's words.
    pub description: String,
    /// In the smallest unit of the currency; below zero is given back.
    pub amount: i64,
    /// Whether it evens out time that was paid already.
    pub proration: bool,
}

/// What came of an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heard {
    /// applied, older, repeated or ignored.
    pub outcome: &'static str,
}

/// How the organization stands with its plan.
#[utoipa::path(get, path = "/billing", operation_id = "get_billing", tag = "billing",
    responses((status = 200, body = Billing), Refusals))]
async fn show(State(state): State<ServerState>, Who(caller): Who) -> Result<Json<Billing>, Problem> {
    let found = billing::get(&state.desk, &caller).await?;
    let text = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
    let subscription = found.subscription.map(|held| Subscription {
        entitled: billing::right_of(&held.status) == billing::Right::Plan,
        plan: held.plan,
        period_start: text(held.period_start),
        period_end: text(held.period_end),
        trial_end: text(held.trial_end),
        cancels_at_period_end: held.cancels_at_period_end,
        status: held.status,
    });
    let offers = found
        .offers
        .into_iter()
        .map(|offer| Offer {
            amount: offer.price.as_ref().and_then(|price| price.amount),
            currency: offer.price.as_ref().map(|price| price.currency.clone()),
            interval: offer.price.as_ref().map(|price| price.interval.clone()),
            plan: offer.plan.plan,
            offered: offer.plan.offered,
            uploads: offer.plan.uploads,
            rows: offer.plan.rows,
            analyses: offer.plan.analyses,
            chat_messages: offer.plan.chat_messages,
            ai_tokens: offer.plan.ai_tokens,
            mapping_profiles: offer.plan.mapping_profiles,
        })
        .collect();
    Ok(Json(Billing {
        connected: found.connected,
        live: found.live,
        plan: found.plan,
        subscription,
        offers,
        note: found.silent,
    }))
}

/// The newest invoices, as the payment provider has them.
#[utoipa::path(get, path = "/billing/invoices", operation_id = "list_invoices", tag = "billing",
    params(Paging), responses((status = 200, body = List<Invoice>), Refusals))]
async fn list_invoices(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Invoice>>, Problem> {
    let invoices = billing::invoices(&state.desk, &caller).await?.into_iter().map(|one| Invoice {
        id: one.id,
        number: one.number,
        created: one.created,
        total: one.total,
        currency: one.currency,
        status: one.status,
        page: one.page,
    });
    paging.cut(invoices, |invoice| invoice.id.clone())
}

/// Begins buying a plan; the payment provider takes the money.
#[utoipa::path(post, path = "/billing/checkout-sessions", operation_id = "create_checkout_session", tag = "billing",
    request_body = Choice, responses((status = 201, body = ProviderPage), Refusals))]
async fn check_out(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(choice): Json<Choice>,
) -> Result<(StatusCode, Json<ProviderPage>), Problem> {
    let url = billing::check_out(&state.desk, &caller, &choice.plan).await?;
    Ok((StatusCode::CREATED, Json(ProviderPage { url })))
}

/// Opens the payment provider's pages for cards, addresses and cancelling.
#[utoipa::path(post, path = "/billing/portal-sessions", operation_id = "create_portal_session", tag = "billing",
    responses((status = 201, body = ProviderPage), Refusals))]
async fn open_portal(
    State(state): State<ServerState>,
    Who(caller): Who,
) -> Result<(StatusCode, Json<ProviderPage>), Problem> {
    let url = billing::portal(&state.desk, &caller).await?;
    Ok((StatusCode::CREATED, Json(ProviderPage { url })))
}

/// What another plan would cost, time that was paid already evened out.
#[utoipa::path(post, path = "/billing/subscription/preview", operation_id = "preview_plan_change", tag = "billing",
    request_body = Choice, responses((status = 200, body = ChangePreview), Refusals))]
async fn preview(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(choice): Json<Choice>,
) -> Result<Json<ChangePreview>, Problem> {
    let found = billing::preview(&state.desk, &caller, &choice.plan).await?;
    let lines = found.lines.into_iter().map(|line| ChangeLine {
        description: line.words,
        amount: line.amount,
        proration: line.proration,
    });
    Ok(Json(ChangePreview { lines: lines.collect(), due: found.due, currency: found.currency, at: found.at }))
}

/// Changes the plan of the subscription. Its limits hold once the payment provider has confirmed.
#[utoipa::path(put, path = "/billing/subscription", operation_id = "change_plan", tag = "billing",
    request_body = Choice, responses((status = 202), Refusals))]
async fn change(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(choice): Json<Choice>,
) -> Result<StatusCode, Problem> {
    billing::change(&state.desk, &caller, &choice.plan).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Ends the subscription with the period that is paid.
#[utoipa::path(delete, path = "/billing/subscription", operation_id = "cancel_subscription", tag = "billing",
    responses((status = 202), Refusals))]
async fn cancel(State(state): State<ServerState>, Who(caller): Who) -> Result<StatusCode, Problem> {
    billing::cancel(&state.desk, &caller, true).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Events of the payment provider, signed by it. 2xx means that the event and its effect are on disk.
#[utoipa::path(post, path = "/webhooks/stripe", operation_id = "hear_payment_event", tag = "billing", security(()),
    request_body(content = String, content_type = "application/json", description = "An event, as the provider signed it"),
    responses((status = 200, body = Heard), Refusals))]
async fn hear(
    State(state): State<ServerState>,
    headers: HeaderMap,
    raw: Bytes,
) -> Result<Json<Heard>, Problem> {
    let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let trace = trace::current().unwrap_or_else(|| domain::TraceId::new(state.random_bytes()));
    let taken = billing::take(&state.desk, &trace, &raw, header).await.map_err(|error| match error {
        // What cannot be proved is malformed to whoever sent it, not a form with a wrong field.
        app::Error::Usage(words) | app::Error::Input(words) => {
            Problem::new(crate::problem::Kind::Malformed, words)
        }
        other => other.into(),
    })?;
    Ok(Json(Heard { outcome: taken.name() }))
}
