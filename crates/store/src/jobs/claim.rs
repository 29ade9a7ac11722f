//! Taking jobs of all organisations in turn, and listening for them.

use super::Job;
use crate::error::Result;
use crate::pools::Store;
use domain::Role;
use domain::actor::{Actor, Means};
use domain::id::{JobId, OrgId};
use jiff::SignedDuration;
use sqlx::{FromRow, Row};
use std::time::Duration;

/// A job in the hands of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Whose job it is.
    pub org: OrgId,
    /// The job.
    pub job: Job,
    /// The number of this claim; a later claim of the same job has a higher one.
    pub fence: i64,
}

impl Claim {
    /// The actor that runs the job: of the job's organisation, with an owner's rights, since the request that asked for it was
    /// checked when it was enqueued.
    pub fn actor(&self) -> Actor {
        Actor { org: self.org, role: Role::Owner, means: Means::Job { job: self.job.id } }
    }
}

/// What waits and runs, for metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// The kind of job.
    pub kind: String,
    /// Queued or running.
    pub state: String,
    /// How many.
    pub jobs: i64,
    /// How long the oldest one has been due.
    pub oldest_seconds: f64,
}

impl Store {
    /// Claims the next job of one of these kinds for `lease`. Organisations take turns, and none has more than `per_org` jobs
    /// running, so that nobody's long import holds up somebody else's short one (as long as there are more slots than that).
    pub async fn claim(
        &self,
        worker: &str,
        kinds: &[&str],
        lease: SignedDuration,
        per_org: u32,
    ) -> Result<Option<Claim>> {
        let row = sqlx::query("SELECT * FROM tenant.claim_job($1, $2, make_interval(secs => $3), $4)")
            .bind(worker)
            .bind(kinds)
            .bind(lease.as_secs_f64())
            .bind(i64::from(per_org))
            .fetch_optional(self.worker_pool())
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(Claim {
            org: OrgId(row.try_get("org_id")?),
            job: Job::from_row(&row)?,
            fence: row.try_get("fence")?,
        }))
    }

    /// Puts jobs of vanished workers back into the queue. Claiming does it too.
    pub async fn rescue_jobs(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT tenant.rescue_jobs()").fetch_one(self.worker_pool()).await?)
    }

    /// Gives back at once what a worker of this name held before it was killed. Only for names that one process at a time
    /// has, such as one made from the locked data folder.
    pub async fn release_jobs(&self, worker: &str) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT tenant.release_jobs($1)")
            .bind(worker)
            .fetch_one(self.worker_pool())
            .await?)
    }

    /// Forgets jobs that ended longer ago than this; at least a day's are kept.
    pub async fn prune_jobs(&self, older_than: Duration) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT tenant.prune_jobs(make_interval(secs => $1))")
            .bind(older_than.as_secs_f64())
            .fetch_one(self.worker_pool())
            .await?)
    }

    /// What waits and runs.
    pub async fn queue_depth(&self) -> Result<Vec<Queue>> {
        let rows = sqlx::query("SELECT * FROM tenant.queue_depth()").fetch_all(self.worker_pool()).await?;
        rows.iter()
            .map(|row| {
                Ok(Queue {
                    kind: row.try_get("kind")?,
                    state: row.try_get("state")?,
                    jobs: row.try_get("jobs")?,
                    oldest_seconds: row.try_get("oldest_seconds")?,
                })
            })
            .collect()
    }

    /// Listens for new jobs and for progress, on a connection of its own.
    pub async fn listen(&self) -> Result<Listener> {
        let mut inner = sqlx::postgres::PgListener::connect_with(self.app_pool()).await?;
        inner.listen_all(["plantintel_jobs", "plantintel_progress"]).await?;
        Ok(Listener { inner })
    }
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A job may be waiting.
    Job,
    /// A job of this organisation moved; ask for it as an actor of that organisation.
    Progress {
        /// Whose.
        org: OrgId,
        /// Which.
        job: JobId,
    },
    /// The connection broke and stands again: something may have been missed, so look at everything.
    Missed,
}

/// A connection that hears what other connections commit.
#[derive(Debug)]
pub struct Listener {
    inner: sqlx::postgres::PgListener,
}

impl Listener {
    /// Waits for the next message. After an error of the connection it is made anew, and [`Heard::Missed`] says so.
    pub async fn hear(&mut self) -> Result<Heard> {
        loop {
            let Some(notification) = self.inner.try_recv().await? else {
                return Ok(Heard::Missed);
            };
            if notification.channel() == "plantintel_jobs" {
                return Ok(Heard::Job);
            }
            let heard = notification.payload().split_once(' ').and_then(|(org, job)| {
                Some(Heard::Progress { org: org.parse().ok()?, job: job.parse().ok()? })
            });
            if let Some(heard) = heard {
                return Ok(heard);
            }
        }
    }
}
