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
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked for by its name")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionState<'a> {
    /// The provider.
    pub provider: &'a str,
    /// Whether it is real money.
    pub live: bool,
    /// The provider's id of the customer.
    pub customer_ref: &'a str,
    /// The provider's id of the subscription.
    pub subscription_ref: &'a str,
    /// The provider's word for its state, as given.
    pub status: &'a str,
    /// Whether it gives a right to its plan.
    pub entitled: bool,
    /// Whether the provider never opens it again.
    pub ended: bool,
    /// Whether it is another state than the one in which it was made.
    pub changed: bool,
    /// Our plan.
    pub plan: &'a str,
    /// When the paid period began.
    pub period_start: Option<Timestamp>,
    /// When it ends.
    pub period_end: Option<Timestamp>,
    /// When the days without payment end.
    pub trial_end: Option<Timestamp>,
    /// Whether it ends then for good.
    pub cancels_at_period_end: bool,
    /// When the provider made this state.
    pub provider_time: Timestamp,
    /// In which event.
    pub event_id: &'a str,
}

/// Notes which customer at the provider the organisation that was entered is; one of the other mode is replaced.
pub async fn put_customer(
    tx: &mut GateTx,
    provider: &str,
    live: bool,
    customer_ref: &str,
    plan: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO tenant.subscriptions AS s (org_id, provider, live, customer_ref, status, plan, provider_time)
         VALUES (tenant.current_org(), $1, $2, $3, 'none', $4, 'epoch')
         ON CONFLICT (org_id) DO UPDATE SET provider = EXCLUDED.provider, live = EXCLUDED.live,
            customer_ref = EXCLUDED.customer_ref, subscription_ref = NULL, status = 'none', plan = EXCLUDED.plan,
            period_start = NULL, period_end = NULL, trial_end = NULL, cancels_at_period_end = false, provider_time = 'epoch'
         WHERE (s.provider, s.live, s.customer_ref) <> (EXCLUDED.provider, EXCLUDED.live, EXCLUDED.customer_ref)",
    )
    .bind(provider)
    .bind(live)
    .bind(plain(customer_ref))
    .bind(plan)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores the state of a subscription of the organisation that was entered; false if a newer one of it is there. Of two that
/// carry the same second, the one that is final wins, then any over the one in which it was made, then the one of the later id:
/// whatever the order, the end is the same.
pub async fn put_subscription(tx: &mut GateTx, state: &SubscriptionState<'_>) -> Result<bool> {
    // One at a time per organisation, so that what is chosen below is chosen from all that was stored.
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended('subscriptions/' || tenant.current_org(), 0))",
    )
    .execute(tx.conn())
    .await?;
    let done = sqlx::query(
        "INSERT INTO account.subscription_states AS s (org_id, provider, live, customer_ref, subscription_ref, status, entitled,
            ended, changed, plan, period_start, period_end, trial_end, cancels_at_period_end, provider_time, event_id)
         VALUES (tenant.current_org(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (provider, live, subscription_ref) DO UPDATE SET customer_ref = EXCLUDED.customer_ref,
            status = EXCLUDED.status, entitled = EXCLUDED.entitled, ended = EXCLUDED.ended, changed = EXCLUDED.changed, plan = EXCLUDED.plan,
            period_start = EXCLUDED.period_start, period_end = EXCLUDED.period_end, trial_end = EXCLUDED.trial_end,
            cancels_at_period_end = EXCLUDED.cancels_at_period_end, provider_time = EXCLUDED.provider_time,
            event_id = EXCLUDED.event_id
         WHERE s.org_id = EXCLUDED.org_id AND (s.provider_time, s.ended, s.changed, s.event_id COLLATE \"C\")
            < (EXCLUDED.provider_time, EXCLUDED.ended, EXCLUDED.changed, EXCLUDED.event_id COLLATE \"C\")",
    )
    .bind(state.provider)
    .bind(state.live)
    .bind(plain(state.customer_ref))
    .bind(plain(state.subscription_ref))
    .bind(plain_prefix(state.status, 60))
    .bind(state.entitled)
    .bind(state.ended)
    .bind(state.changed)
    .bind(state.plan)
    .bind(state.period_start.map(Stamp))
    .bind(state.period_end.map(Stamp))
    .bind(state.trial_end.map(Stamp))
    .bind(state.cancels_at_period_end)
    .bind(Stamp(state.provider_time))
    .bind(plain_prefix(state.event_id, 200))
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO tenant.subscriptions AS s (org_id, provider, live, customer_ref, subscription_ref, status, plan,
            period_start, period_end, trial_end, cancels_at_period_end, provider_time)
         SELECT org_id, provider, live, customer_ref, subscription_ref, status, plan, period_start, period_end, trial_end,
            cancels_at_period_end, provider_time
         FROM account.subscription_states WHERE org_id = tenant.current_org() AND provider = $1 AND live = $2
         ORDER BY entitled DESC, provider_time DESC, subscription_ref COLLATE \"C\" DESC LIMIT 1
         ON CONFLICT (org_id) DO UPDATE SET provider = EXCLUDED.provider, live = EXCLUDED.live,
            customer_ref = EXCLUDED.customer_ref, subscription_ref = EXCLUDED.subscription_ref, status = EXCLUDED.status,
            plan = EXCLUDED.plan, period_start = EXCLUDED.period_start, period_end = EXCLUDED.period_end,
            trial_end = EXCLUDED.trial_end, cancels_at_period_end = EXCLUDED.cancels_at_period_end,
            provider_time = EXCLUDED.provider_time",
    )
    .bind(state.provider)
    .bind(state.live)
    .execute(tx.conn())
    .await?;
    Ok(true)
}

/// Whether the chosen subscription of the organisation that was entered gives a right to a plan, and to which.
pub async fn entitlement(tx: &mut GateTx) -> Result<Option<String>> {
    Ok(sqlx::query_scalar(
        "SELECT a.plan FROM tenant.subscriptions s JOIN account.subscription_states a
            ON (a.provider, a.live, a.subscription_ref) = (s.provider, s.live, s.subscription_ref)
         WHERE s.org_id = tenant.current_org() AND a.entitled",
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The names of all plans.
pub async fn plans(tx: &mut GateTx) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar("SELECT plan FROM catalog.plans ORDER BY plan").fetch_all(tx.conn()).await?)
}
