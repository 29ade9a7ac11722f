//! Chores of the worker that go over all organisations. Each gives or takes no more than its name says; what a chore then does to an
//! organisation, it does in that one's own transaction.

use crate::error::Result;
use crate::idempotency::KEPT;
use crate::pools::Store;
use domain::id::OrgId;
use uuid::Uuid;

impl Store {
    /// The organisations that are in use, in a fixed order.
    pub async fn active_orgs(&self) -> Result<Vec<OrgId>> {
        let orgs: Vec<Uuid> =
            sqlx::query_scalar("SELECT tenant.active_orgs()").fetch_all(self.worker_pool()).await?;
        Ok(orgs.into_iter().map(OrgId).collect())
    }

    /// Forgets the answers to idempotent requests that are no longer kept; returns how many.
    pub async fn prune_idempotency_keys(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT tenant.prune_idempotency_keys(make_interval(secs => $1))")
            .bind(KEPT.as_secs_f64())
            .fetch_one(self.worker_pool())
            .await?)
    }
}
