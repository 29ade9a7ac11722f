//! The door for what happens before an organisation is known: signing in, invitations, webhooks, the first account.
//!
//! Its database role sees people, sessions and who is a member of what, and nothing of what organisations own. What it may
//! read across organisations is: `orgs`, `memberships`, `invitations`, `api_keys`, `shares`, `subscriptions`. To write a row of an
//! organisation it must first [`GateTx::enter`] it.

pub mod api_keys;
pub mod identities;
pub mod invitations;
pub mod links;
pub mod memberships;
pub mod orgs;
pub mod sessions;
pub mod shares;
pub mod throttle;
pub mod users;
pub mod webhooks;

use crate::disk::Ending;
use crate::error::Result;
use domain::id::OrgId;
use sqlx::{PgConnection, Postgres, Transaction};

/// A transaction of the gate role.
#[derive(Debug)]
pub struct GateTx {
    inner: Transaction<'static, Postgres>,
    org: Option<OrgId>,
    ending: Ending,
}

impl GateTx {
    pub(crate) fn new(inner: Transaction<'static, Postgres>, ending: Ending) -> Self {
        Self { inner, org: None, ending }
    }

    /// Sets the organisation for the rest of the transaction, after it was found out whose it is: memberships can then be
    /// written and events be audited there.
    pub async fn enter(&mut self, org: OrgId) -> Result<()> {
        sqlx::query("SELECT set_config('app.org', $1, true)")
            .bind(org.0.to_string())
            .execute(self.conn())
            .await?;
        self.org = Some(org);
        Ok(())
    }

    /// The organisation that was entered.
    pub fn org(&self) -> Option<OrgId> {
        self.org
    }

    /// Makes everything in it last; once this returns, it is on disk.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await?;
        self.ending.reach().await
    }

    pub(crate) fn goes_ahead(&mut self) -> bool {
        self.ending.goes_ahead()
    }

    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}
