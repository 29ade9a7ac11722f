//! A transaction of one tenant: the only thing that the free functions over tenant data take.

use crate::disk::Ending;
use crate::error::Result;
use domain::Actor;
use domain::id::{OrgId, UserId};
use sqlx::{PgConnection, Postgres, Transaction};

/// A transaction in which row security lets exactly one organisation be seen. Dropped without [`Tx::commit`], it leaves nothing.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    actor: Actor,
    ending: Ending,
}

impl Tx {
    pub(crate) fn new(inner: Transaction<'static, Postgres>, actor: Actor, ending: Ending) -> Self {
        Self { inner, actor, ending }
    }

    /// The organisation that this transaction sees.
    pub fn org(&self) -> OrgId {
        self.actor.org
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The person who acts, where there is one.
    pub fn user(&self) -> Option<UserId> {
        self.actor.user()
    }

    /// Makes everything in it last; once this returns, it is on disk.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await?;
        self.ending.reach().await
    }

    /// Takes everything back now, rather than when it is dropped.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }

    pub(crate) fn goes_ahead(&mut self) -> bool {
        self.ending.goes_ahead()
    }

    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// The organisation as the value of an `org_id` column.
    pub(crate) fn org_uuid(&self) -> uuid::Uuid {
        self.actor.org.0
    }

    /// The person as the value of a `created_by` column.
    pub(crate) fn user_uuid(&self) -> Option<uuid::Uuid> {
        self.user().map(|user| user.0)
    }
}
