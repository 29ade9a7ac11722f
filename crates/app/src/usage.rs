//! What the organisation used, against what its plan allows.

use domain::Role;
use jiff::{Timestamp, civil::Date};
use store::{
    orgs,
    usage::{self, Meter, UsageTotal},
};

use crate::{Backing, Caller, Error, deed};

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

/// This month's use.
#[derive(Debug, Clone)]
pub struct Usage {
    /// The plan.
    pub plan: String,
    /// The first day of the month, in UTC.
    pub period_start: Date,
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
    let mut allowances = Vec::new();
    for meter in [
        Meter::Uploads,
        Meter::Rows,
        Meter::Analyses,
        Meter::ChatMessages,
        Meter::AiTokens,
        Meter::MappingProfiles,
    ] {
        let limit = usage::limit(&mut tx, meter).await?;
        allowances.push(Allowance { meter, used: usage::used(&mut tx, meter, now).await?, limit });
    }
    let period_start = usage::period_of(now);
    let midnight =
        jiff::tz::TimeZone::UTC.to_timestamp(period_start.to_datetime(jiff::civil::Time::midnight()));
    let from = midnight.unwrap_or(Timestamp::UNIX_EPOCH);
    let totals = usage::totals(&mut tx, from, Timestamp::MAX).await?;
    Ok(Usage { plan, period_start, allowances, totals })
}
