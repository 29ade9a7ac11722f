//! Rate limits shared by all servers of the installation, exact in every window.

use crate::error::Result;
use crate::pools::Store;
use jiff::SignedDuration;
use sqlx::Row;
use std::time::Duration;

/// What a request gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Whether it may go on. One that may not is not counted.
    pub allowed: bool,
    /// How many more may follow at once.
    pub remaining: u64,
    /// How long until one may.
    pub retry_after: Duration,
    /// How long until all may.
    pub reset_after: Duration,
}

impl Store {
    /// Counts a request of a principal (`user:…`, `key:…`, `org:…`, `address:…`): at most `limit` in any window of this length.
    pub async fn take_rate(&self, key: &str, limit: u32, window: SignedDuration) -> Result<Rate> {
        let row = sqlx::query("SELECT * FROM catalog.take_rate($1, $2, $3)")
            .bind(crate::column::plain_prefix(key, 200))
            .bind(i64::from(limit))
            .bind(window.as_micros() as i64)
            .fetch_one(self.app_pool())
            .await?;
        let micros = |name: &str| -> Result<Duration> {
            Ok(Duration::from_micros(row.try_get::<i64, _>(name)?.max(0).unsigned_abs()))
        };
        Ok(Rate {
            allowed: row.try_get("allowed")?,
            remaining: row.try_get::<i64, _>("remaining")?.max(0).unsigned_abs(),
            retry_after: micros("retry_us")?,
            reset_after: micros("reset_us")?,
        })
    }

    /// Forgets principals that have not come for this long.
    pub async fn prune_rates(&self, older_than: Duration) -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT catalog.prune_rates($1)")
            .bind(older_than.as_micros() as i64)
            .fetch_one(self.worker_pool())
            .await?)
    }
}
