//! What the organisation used, against what its plan allows.
//!
//! A limit is asked and counted in the transaction of what is counted: whoever cannot be counted does not come in, however
//! many come at once, and what is rolled back was never counted. An upload counts when its bytes are there, rows when
//! they are read, a run when it is started. A run that ends without a result is given back (a trigger of the store sees
//! to it, whatever ended it); an upload that is deleted later is not, since it was read.

use domain::Role;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;
use store::{
    Tx, orgs,
    usage::{self, Meter, Taken, UsageTotal, UsageType},
};
use uuid::Uuid;

use crate::{Backing, Caller, Error, deed};

/// At which share of a limit, in percent, people are told.
const NEAR: i64 = 80;

/// How an allowance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is room, or no limit.
    Free,
    /// Four fifths are used.
    Near,
    /// Nothing is left.
    Reached,
}

impl Standing {
    /// The word in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Near => "near",
            Self::Reached => "reached",
        }
    }
}

/// One thing that a plan limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// What.
    pub meter: Meter,
    /// How much was used this month.
    pub used: i64,
    /// How much there is; none is no limit.
    pub limit: Option<i64>,
}

impl Allowance {
    /// How it stands.
    pub fn standing(&self) -> Standing {
        match self.limit {
            Some(limit) if self.used >= limit => Standing::Reached,
            Some(limit) if reaches(self.used, limit, NEAR) => Standing::Near,
            _ => Standing::Free,
        }
    }
}

/// This month's use.
#[derive(Debug, Clone)]
pub struct Usage {
    /// The plan.
    pub plan: String,
    /// The first day of the month, in UTC.
    pub period_start: Date,
    /// When counting starts anew.
    pub resets_at: Timestamp,
    /// Against the plan's limits.
    pub allowances: Vec<Allowance>,
    /// All that was recorded, by type.
    pub totals: Vec<UsageTotal>,
}

/// This month's use of the organisation.
pub async fn get(backing: &Backing, caller: &Caller) -> Result<Usage, Error> {
    caller.require(Role::Viewer)?;
    let now = backing.clock.now();
    let mut tx = deed::begin(backing, caller).await?;
    let plan = orgs::get(&mut tx).await?.ok_or(Error::NotFound("organisation"))?.plan;
    let allowances = allowances(&mut tx, now).await?;
    let period_start = usage::period_of(now);
    let totals = usage::totals(&mut tx, midnight(period_start), Timestamp::MAX).await?;
    Ok(Usage { plan, period_start, resets_at: resets_at(now), allowances, totals })
}

/// This month's use of everything that a plan limits.
pub async fn standing(backing: &Backing, caller: &Caller) -> Result<Vec<Allowance>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    allowances(&mut tx, backing.clock.now()).await
}

async fn allowances(tx: &mut Tx, now: Timestamp) -> Result<Vec<Allowance>, Error> {
    let allowed = usage::allowances(tx, now).await?;
    Ok(allowed
        .into_iter()
        .map(|one| Allowance { meter: one.meter, used: one.used, limit: one.allowed })
        .collect())
}

/// Takes from the plan's allowance, in the transaction of what is counted. When four fifths of it, or all, are used with
/// this, the organisation is told in the same transaction; once a month each.
pub(crate) async fn count(backing: &Backing, tx: &mut Tx, meter: Meter, n: i64) -> Result<(), Error> {
    let now = backing.clock.now();
    match usage::take(tx, meter, n, now).await? {
        Taken::Over { limit, .. } => Err(over(backing, meter, limit)),
        Taken::Done { limit: None, .. } => Ok(()),
        Taken::Done { used, limit: Some(limit) } => {
            for (share, type_) in [(NEAR, "limit.near"), (100, "limit.reached")] {
                if reaches(used, limit, share) && !reaches(used - n, limit, share) {
                    let period = usage::period_of(now);
                    let facts = json!({
                        "meter": meter.name(), "used": used, "limit": limit,
                        "period_start": period.to_string(), "resets_at": resets_at(now).to_string(),
                    });
                    let key = format!("{}/{period}", meter.name());
                    store::notices::raise(tx, Uuid::now_v7(), type_, &key, &facts, "").await?;
                }
            }
            Ok(())
        }
    }
}

/// Records that something was taken along, in a transaction with its row in the audit trail.
pub async fn exported(
    backing: &Backing,
    caller: &Caller,
    type_: UsageType,
    on: (&str, &str),
) -> Result<(), Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    // Each request is a source of its own: who asks twice has taken it along twice.
    let source = format!("{}/{}", on.1, caller.trace);
    usage::record_event(&mut tx, type_, &source, 1).await?;
    let event = deed::done(caller, "report.export", on.0, on.1).detail("as", type_.name());
    deed::commit(tx, caller, event).await
}

/// The refusal of whoever comes over a limit: which, and when it starts anew.
pub(crate) fn over(backing: &Backing, meter: Meter, limit: i64) -> Error {
    let now = backing.clock.now();
    let reset = resets_at(now);
    let day = TimeZone::UTC.to_datetime(reset).date().strftime("%-d %b %Y");
    let limit = domain::number::count(u64::try_from(limit).unwrap_or_default());
    Error::Limit {
        what: format!(
            "the plan's {limit} {} of this month are used; they count anew on {day}, or change the plan",
            words(meter)
        ),
        retry_after: std::time::Duration::try_from(reset.duration_since(now)).ok(),
    }
}

/// What a meter counts, in words.
pub fn words(meter: Meter) -> &'static str {
    match meter {
        Meter::Uploads => "uploads",
        Meter::Rows => "rows",
        Meter::Analyses => "analyses",
        Meter::ChatMessages => "questions",
        Meter::AiTokens => "tokens of language models",
        Meter::MappingProfiles => "saved mappings",
    }
}

fn reaches(used: i64, limit: i64, percent: i64) -> bool {
    i128::from(used) * 100 >= i128::from(limit) * i128::from(percent)
}

/// The first moment of the next calendar month, in UTC.
pub fn resets_at(now: Timestamp) -> Timestamp {
    let next = usage::period_of(now).last_of_month().tomorrow();
    next.map_or(Timestamp::MAX, midnight)
}

fn midnight(day: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_stands_as_it_is_used() {
        for (used, limit, standing) in [
            (0, Some(5), Standing::Free),
            (3, Some(5), Standing::Free),
            (4, Some(5), Standing::Near),
            (5, Some(5), Standing::Reached),
            (6, Some(5), Standing::Reached),
            (0, Some(0), Standing::Reached),
            (i64::MAX, None, Standing::Free),
            (i64::MAX - 1, Some(i64::MAX), Standing::Near),
        ] {
            assert_eq!(
                Allowance { meter: Meter::Uploads, used, limit }.standing(),
                standing,
                "{used} of {limit:?}"
            );
        }
    }

    #[test]
    fn counting_starts_anew_with_the_month() {
        for (now, anew) in [
            ("2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z"),
            ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2028-02-29T12:00:00Z", "2028-03-01T00:00:00Z"),
        ] {
            assert_eq!(resets_at(now.parse().unwrap()).to_string(), anew);
        }
    }
}
