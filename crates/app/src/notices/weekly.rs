//! The summary at the start of a plant's week: Monday at six in the morning where the plant is. It is raised under a key that
//! names plant and week, so that however many workers look, and however often, it goes out once.

use domain::{
    Actor, Role,
    actor::Means,
    id::{FacilityId, JobId, OrgId},
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;
use store::{
    Page,
    analyses::{self, AnalysisState},
    facilities, findings,
};
use uuid::Uuid;

use crate::{Backing, Error, findings as all_findings};

/// How long after its hour a summary still goes out: a worker may have been away.
const LATE: SignedDuration = SignedDuration::from_hours(24);
const HOUR: i8 = 6;

/// The Monday whose summary is due now in a place, if one is.
fn due(now: Timestamp, zone: &TimeZone) -> Option<Date> {
    let today = zone.to_datetime(now).date();
    let back = i64::from(today.weekday().to_monday_zero_offset());
    let monday = today.checked_sub(jiff::Span::new().days(back)).ok()?;
    let at = zone.to_timestamp(monday.at(HOUR, 0, 0, 0)).ok()?;
    (now >= at && now.duration_since(at) < LATE).then_some(monday)
}

/// Where the system keeps the clocks of the world.
const CLOCKS: &str = "/usr/share/zoneinfo";

/// The zone of a name such as `America/New_York`; universal time for one that is not known here.
pub(crate) fn zone(name: &str) -> TimeZone {
    let plain = |part: &str| {
        let known = |letter: char| letter.is_ascii_alphanumeric() || "_-+".contains(letter);
        !part.is_empty() && part.chars().all(known)
    };
    if name == "UTC" || !name.split('/').all(plain) {
        return TimeZone::UTC;
    }
    let read = std::fs::read(std::path::Path::new(CLOCKS).join(name)).ok();
    read.and_then(|bytes| TimeZone::tzif(name, &bytes).ok()).unwrap_or(TimeZone::UTC)
}

/// Raises the summaries of an organisation that are due.
pub(crate) async fn raise_due(backing: &Backing, org: OrgId) -> Result<usize, Error> {
    let now = backing.clock.now();
    let actor = Actor { org, role: Role::Owner, means: Means::Job { job: JobId(Uuid::nil()) } };
    let mut tx = backing.store.begin(&actor).await?;
    let plants = facilities::list(&mut tx, false).await?;
    let mut places: Vec<(Option<FacilityId>, String, TimeZone)> = plants
        .into_iter()
        .map(|plant| {
            let zone = zone(&plant.time_zone);
            (Some(plant.id), plant.name, zone)
        })
        .collect();
    if places.is_empty() {
        places.push((None, String::new(), TimeZone::UTC));
    }
    let mut raised = 0;
    for (facility, plant, zone) in places {
        let Some(monday) = due(now, &zone) else { continue };
        let filter = analyses::Filter {
            state: Some(AnalysisState::Completed),
            facility,
            ..analyses::Filter::default()
        };
        let newest = analyses::list(&mut tx, filter, Page::first(1)).await?.items.into_iter().next();
        let Some(newest) = newest else { continue };
        let since = now - SignedDuration::from_hours(24 * 7);
        let mut found: Vec<(f64, String, String)> = all_findings::all(&mut tx, newest.id)
            .await?
            .into_iter()
            .filter_map(|one| Some((one.annualized?.to_f64()?, one.title, one.grade)))
            .filter(|(amount, _, _)| *amount > 0.0)
            .collect();
        found.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let fresh = if newest.finished_at.is_some_and(|at| at >= since) {
            findings::list_new(&mut tx, newest.id, 1_000).await?.len()
        } else {
            0
        };
        let decided = findings::status::decided(&mut tx, since).await?;
        // Hints are counted in no total.
        let amount: f64 =
            found.iter().filter(|(_, _, grade)| grade != "hint").map(|(amount, ..)| amount).sum();
        let top: Vec<_> = found
            .iter()
            .take(5)
            .map(|(amount, title, _)| json!({"title": title, "annualized": amount}))
            .collect();
        let facts = json!({
            "name": plant, "week": monday.to_string(), "amount": amount, "findings": newest.findings, "fresh": fresh,
            "decided": decided.decided, "saved": decided.saved.and_then(|sum| sum.to_f64()).unwrap_or_default(),
            "currency": newest.currency, "top": {"findings": top},
        });
        let place = facility.map_or_else(|| "all".to_owned(), |id| id.to_string());
        let key = format!("{place}/{monday}");
        if store::notices::raise(&mut tx, Uuid::now_v7(), "summary.weekly", &key, &facts, "").await? {
            raised += 1;
        }
    }
    tx.commit().await?;
    Ok(raised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_zone_is_universal_time() {
        for name in ["", "UTC", "../../etc/passwd", "/etc/passwd", "Nowhere/Atall", "America/"] {
            assert_eq!(zone(name), TimeZone::UTC, "{name}");
        }
    }

    #[test]
    fn a_week_begins_where_the_plant_is() {
        for (now, place, monday) in [
            // 2026-11-23 is a Monday.
            ("2026-11-23T05:59:59Z", "UTC", None),
            ("2026-11-23T06:00:00Z", "UTC", Some("2026-11-23")),
            ("2026-11-24T05:59:59Z", "UTC", Some("2026-11-23")),
            ("2026-11-24T06:00:00Z", "UTC", None),
            ("2026-11-23T10:59:00Z", "America/New_York", None),
            ("2026-11-23T11:00:00Z", "America/New_York", Some("2026-11-23")),
            ("2026-11-22T21:00:00Z", "Asia/Tokyo", Some("2026-11-23")),
            ("2026-11-29T12:00:00Z", "UTC", None),
        ] {
            let found = due(now.parse().unwrap(), &zone(place)).map(|day| day.to_string());
            assert_eq!(found.as_deref(), monday, "{now} {place}");
        }
    }
}
