//! Events of a payment provider: each takes effect once, and only a newer state replaces an older one.

use super::GateTx;
use crate::column::{Stamp, plain, plain_prefix};
use crate::error::Result;
use domain::id::OrgId;
use jiff::Timestamp;
use uuid::Uuid;

/// Marks an event as received, in the transaction of its effect. False: it was received before, so nothing is to be done.
/// A second delivery at the same moment waits for the first.
pub async fn receive(
    tx: &mut GateTx,
    provider: &str,
    live: bool,
    event_id: &str,
    type_: &str,
    org: Option<OrgId>,
    outcome: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO account.webhook_events (provider, live, event_id, type, org_id, outcome) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING",
    )
    .bind(provider)
    .bind(live)
    .bind(plain(event_id))
    .bind(plain_prefix(type_, 200))
    .bind(org.map(|org| org.0))
    .bind(plain_prefix(outcome, 60))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The organisation of a provider's customer, as we stored it; never as an event's own words claim.
pub async fn org_of_customer(
    tx: &mut GateTx,
    provider: &str,
    live: bool,
    customer_ref: &str,
) -> Result<Option<OrgId>> {
    let org: Option<Uuid> = sqlx::query_scalar(
        "SELECT org_id FROM tenant.subscriptions WHERE provider = $1 AND live = $2 AND customer_ref = $3",
    )
    .bind(provider)
    .bind(live)
    .bind(plain(customer_ref))
    .fetch_optional(tx.conn())
    .await?;
    Ok(org.map(OrgId))
}

/// A subscription as the provider states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionState<'a> {
    /// The provider.
    pub provider: &'a str,
    /// Whether it is real money.
    pub live: bool,
    /// The provider's id of the customer.
    pub customer_ref: &'a str,
    /// The provider's id of the subscription.
    pub subscription_ref: Option<&'a str>,
    /// The provider's word for its state, as given.
    pub status: &'a str,
    /// Our plan.
    pub plan: &'a str,
    /// When the paid period began.
    pub period_start: Option<Timestamp>,
    /// When it ends.
    pub period_end: Option<Timestamp>,
    /// Whether it ends then for good.
    pub cancels_at_period_end: bool,
    /// When the provider made this state.
    pub provider_time: Timestamp,
}

/// Stores the state of the organisation that was entered; false if a newer or equally new one is there.
pub async fn put_subscription(tx: &mut GateTx, state: &SubscriptionState<'_>) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO tenant.subscriptions AS s (org_id, provider, live, customer_ref, subscription_ref, status, plan,
            period_start, period_end, cancels_at_period_end, provider_time)
         VALUES (tenant.current_org(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (org_id) DO UPDATE SET provider = EXCLUDED.provider, live = EXCLUDED.live,
            customer_ref = EXCLUDED.customer_ref, subscription_ref = EXCLUDED.subscription_ref, status = EXCLUDED.status,
            plan = EXCLUDED.plan, period_start = EXCLUDED.period_start, period_end = EXCLUDED.period_end,
            cancels_at_period_end = EXCLUDED.cancels_at_period_end, provider_time = EXCLUDED.provider_time
         WHERE s.provider_time < EXCLUDED.provider_time",
    )
    .bind(state.provider)
    .bind(state.live)
    .bind(plain(state.customer_ref))
    .bind(state.subscription_ref.map(plain))
    .bind(plain_prefix(state.status, 60))
    .bind(state.plan)
    .bind(state.period_start.map(Stamp))
    .bind(state.period_end.map(Stamp))
    .bind(state.cancels_at_period_end)
    .bind(Stamp(state.provider_time))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
