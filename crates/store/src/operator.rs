//! The door of the operator of an installation: customers, plans, and a look into any organisation, which the organisation
//! can read in its own audit trail.

pub mod customers;
pub mod jobs;
pub mod orgs;
pub mod plans;
pub mod running;

use crate::audit::{self, Event, Outcome};
use crate::error::Result;
use domain::id::{OrgId, UserId};
use sqlx::{PgConnection, Postgres, Transaction};

/// A person who runs the installation. It is not an actor of any organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// Who it is.
    pub user: UserId,
}

/// A transaction of the operator role.
#[derive(Debug)]
pub struct OperatorTx {
    inner: Transaction<'static, Postgres>,
    operator: Operator,
    org: Option<OrgId>,
}

impl OperatorTx {
    pub(crate) fn new(inner: Transaction<'static, Postgres>, operator: Operator) -> Self {
        Self { inner, operator, org: None }
    }

    /// Turns to an organisation, and writes that into its audit trail with the reason.
    pub async fn enter(&mut self, org: OrgId, reason: &str, trace_id: &str) -> Result<()> {
        sqlx::query("SELECT set_config('app.org', $1, true)")
            .bind(org.0.to_string())
            .execute(self.conn())
            .await?;
        self.org = Some(org);
        let event = Event::new("operator.enter", Outcome::Done)
            .by_operator(self.operator.user)
            .on("org", org)
            .traced(trace_id)
            .detail("reason", reason);
        audit::append(self.conn(), &event, false).await?;
        Ok(())
    }

    /// Who acts.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The organisation that was entered.
    pub fn org(&self) -> Option<OrgId> {
        self.org
    }

    /// Makes everything in it last, the audit row of every look included.
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}
