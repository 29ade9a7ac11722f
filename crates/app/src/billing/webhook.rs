//! What the provider tells us. An event takes effect once, whatever its number of deliveries; only a newer state replaces
//! an older one, whatever their order; and the provider hears "received" only when all of it is on disk.

use clients::payments::event::{self, Refusal};
use domain::TraceId;
use jiff::Timestamp;
use serde_json::json;
use store::{
    audit::{self, ActorKind, Event, Outcome},
    gate::{self, GateTx, webhooks::SubscriptionState},
};
use uuid::Uuid;

use super::{
    PROVIDER, Payments,
    entitlement::{Right, is_final, right_of},
};
use crate::{Error, accounts::Desk};

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It took effect.
    Applied,
    /// It is genuine, and an older state than the one that is known.
    Older,
    /// It came before.
    Repeated,
    /// It is genuine, and nothing follows from it: of a customer that is not ours, or of a kind that we do not need.
    Ignored,
}

impl Taken {
    /// The word in the store and in the answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Older => "older",
            Self::Repeated => "repeated",
            Self::Ignored => "ignored",
        }
    }
}

/// Takes an event in. `raw` are the bytes as they came: a signature holds over nothing else.
pub async fn take(desk: &Desk, trace: &TraceId, raw: &[u8], header: Option<&str>) -> Result<Taken, Error> {
    let payments = desk.payments.as_ref().filter(|payments| !payments.secrets.0.is_empty());
    let payments = payments.ok_or(Error::NotFound("webhook"))?;
    let now = desk.backing.clock.now();
    let event = event::verify(raw, header, &payments.secrets.0, now.as_second()).map_err(|refusal| {
        tracing::warn!(%refusal, "an event of the payment provider was refused");
        match refusal {
            Refusal::Unreadable => Error::Input(refusal.to_string()),
            _ => Error::Usage(refusal.to_string()),
        }
    })?;
    if event.live != payments.stripe.is_live() {
        // The other mode's events come where one address serves both; they are none of our money.
        return Ok(Taken::Ignored);
    }
    let mut tx = desk.backing.store.gate().await?;
    let org = match &event.customer {
        Some(customer) => gate::webhooks::org_of_customer(&mut tx, PROVIDER, event.live, customer).await?,
        None => None,
    };
    let about = event.subscription.as_ref().filter(|_| event.type_.starts_with("customer.subscription."));
    let bears = org.is_some() && (about.is_some() || event.type_ == "invoice.payment_failed");
    let outcome = if bears { "taken" } else { "ignored" };
    if !gate::webhooks::receive(&mut tx, PROVIDER, event.live, &event.id, &event.type_, org, outcome).await? {
        return Ok(Taken::Repeated);
    }
    let (Some(org), true) = (org, bears) else {
        tx.enter(org.unwrap_or(audit::INSTALLATION)).await?;
        audit::record(&mut tx, &told(trace, &event, Taken::Ignored)).await?;
        tx.commit().await?;
        return Ok(Taken::Ignored);
    };
    tx.enter(org).await?;
    let taken = if let Some(held) = about {
        apply(&mut tx, payments, trace, &event, held).await?
    } else {
        let (number, due, currency) = event.invoice.clone().unwrap_or_default();
        let facts = json!({"invoice": number, "due": due, "currency": currency});
        store::notices::raise(
            &mut tx,
            Uuid::now_v7(),
            "billing.payment_failed",
            &event.id,
            &facts,
            &trace.to_string(),
        )
        .await?;
        Taken::Applied
    };
    audit::record(&mut tx, &told(trace, &event, taken)).await?;
    tx.commit().await?;
    Ok(taken)
}

async fn apply(
    tx: &mut GateTx,
    payments: &Payments,
    trace: &TraceId,
    event: &event::Event,
    held: &clients::payments::Subscription,
) -> Result<Taken, Error> {
    let org = tx.org().ok_or_else(|| Error::Work("no organisation was entered".to_owned()))?;
    let before = gate::orgs::get(tx, org).await?.ok_or(Error::NotFound("organisation"))?;
    let plans = gate::webhooks::plans(tx).await?;
    let named = payments.plan_of(&held.price, &held.lookup_key);
    let known = plans.iter().any(|plan| plan == named);
    if !known {
        tracing::warn!(price = %held.price, "a subscription is for a price that no plan has; it gives no right");
    }
    // A subscription that ended keeps the name of what it was for.
    let plan = if known { named } else { payments.plan_without.as_str() };
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let state = SubscriptionState {
        provider: PROVIDER,
        live: event.live,
        customer_ref: event.customer.as_deref().unwrap_or_default(),
        subscription_ref: &held.id,
        status: &held.status,
        entitled: known && right_of(&held.status) == Right::Plan,
        ended: is_final(&held.status),
        changed: event.type_ != "customer.subscription.created",
        plan,
        period_start: at(held.period_start),
        period_end: at(held.period_end),
        trial_end: at(held.trial_end),
        cancels_at_period_end: held.cancels_at_period_end,
        provider_time: at(Some(event.created)).unwrap_or(Timestamp::UNIX_EPOCH),
        event_id: &event.id,
    };
    if !gate::webhooks::put_subscription(tx, &state).await? {
        return Ok(Taken::Older);
    }
    let plan = gate::webhooks::entitlement(tx).await?.unwrap_or_else(|| payments.plan_without.clone());
    if plan != before.plan {
        gate::orgs::set_plan(tx, &plan).await?;
        let facts = json!({"from": before.plan, "to": plan});
        store::notices::raise(
            tx,
            Uuid::now_v7(),
            "billing.plan_changed",
            &event.id,
            &facts,
            &trace.to_string(),
        )
        .await?;
    }
    Ok(Taken::Applied)
}

fn told(trace: &TraceId, event: &event::Event, taken: Taken) -> Event {
    Event::new("billing.event", Outcome::Done)
        .by_kind(ActorKind::Webhook, PROVIDER)
        .on("webhook_event", &event.id)
        .traced(trace.to_string())
        .detail("type", event.type_.as_str())
        .detail("outcome", taken.name())
}
