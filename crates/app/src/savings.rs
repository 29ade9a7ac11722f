//! Savings: accepted findings as opportunities, what later uploads say of them, and the sum that was verified.

mod measure;

use domain::{Currency, Role, id::FacilityId};
use rust_decimal::Decimal;
use store::{
    findings::status::Status,
    opportunities::{self, Opportunity, Pilot},
};

pub use store::opportunities::Verdict;

pub(crate) use measure::{Measurement, Watched, acted_on, keep, measure, united};

use crate::{Backing, Caller, Error, deed};

/// How far a saving is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Accepted; nothing was done yet.
    Identified,
    /// Somebody works on it, or it is done and not measured yet.
    InProgress,
    /// Verified by later uploads, or stated by a person with an amount.
    Captured,
    /// Dismissed after all, or refuted by later uploads.
    NotPursued,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Identified, Self::InProgress, Self::Captured, Self::NotPursued];

    pub fn name(self) -> &'static str {
        match self {
            Self::Identified => "identified",
            Self::InProgress => "in_progress",
            Self::Captured => "captured",
            Self::NotPursued => "not_pursued",
        }
    }

    pub fn of(opportunity: &Opportunity) -> Self {
        match opportunity.status {
            Status::New | Status::Accepted => Self::Identified,
            Status::Verified => Self::Captured,
            Status::Done if opportunity.captured.is_some() => Self::Captured,
            Status::InProgress | Status::Done => Self::InProgress,
            Status::NotConfirmed | Status::Dismissed => Self::NotPursued,
        }
    }
}

/// Opportunities of one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct StageTotal {
    pub stage: Stage,
    pub opportunities: usize,
    /// Yearly money that was promised when they were accepted.
    pub promised: Decimal,
    /// Yearly money that later uploads verified.
    pub verified: Decimal,
}

/// The ledger of savings, in the currency of most of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub currency: Option<Currency>,
    /// Opportunities in other currencies, which are not added.
    pub other_currencies: usize,
    pub stages: Vec<StageTotal>,
    /// A year, verified by later uploads: point, low, high.
    pub verified_a_year: [Decimal; 3],
    /// Since the actions.
    pub verified_to_date: Decimal,
    /// A year, stated by people and not measured.
    pub stated_a_year: Decimal,
    /// Captured of all that were accepted; `None` where none was.
    pub conversion: Option<f64>,
    pub pilot: Option<Pilot>,
}

/// All opportunities, and what they sum to.
#[derive(Debug, Clone, PartialEq)]
pub struct Savings {
    pub opportunities: Vec<Opportunity>,
    pub summary: Summary,
}

/// The savings of the organisation, or of one plant of it.
pub async fn get(backing: &Backing, caller: &Caller, facility: Option<FacilityId>) -> Result<Savings, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let mut opportunities = opportunities::list(&mut tx).await?;
    opportunities.retain(|one| facility.is_none() || one.facility_id == facility);
    let pilot = opportunities::pilot(&mut tx).await?;
    Ok(Savings { summary: summary(&opportunities, pilot), opportunities })
}

fn summary(all: &[Opportunity], pilot: Option<Pilot>) -> Summary {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for currency in all.iter().filter_map(|one| one.currency.as_deref()) {
        *counts.entry(currency).or_default() += 1;
    }
    let currency = counts.iter().max_by_key(|(_, n)| **n).map(|(currency, _)| (*currency).to_owned());
    let ours = |one: &&Opportunity| one.currency.is_none() || one.currency == currency;
    let own: Vec<&Opportunity> = all.iter().filter(ours).collect();
    let verified = |one: &Opportunity| -> Option<[Decimal; 3]> {
        let money = one.unit.as_deref() == Some("money") && one.status == Status::Verified;
        let point = one.saved_a_year.filter(|_| money)?;
        Some([point, one.saved_a_year_low.unwrap_or(point), one.saved_a_year_high.unwrap_or(point)])
    };
    let stages = Stage::ALL
        .into_iter()
        .map(|stage| {
            let of_stage: Vec<&&Opportunity> = own.iter().filter(|one| Stage::of(one) == stage).collect();
            StageTotal {
                stage,
                opportunities: of_stage.len(),
                promised: of_stage.iter().filter_map(|one| one.promised).sum(),
                verified: of_stage.iter().filter_map(|one| verified(one)).map(|[point, ..]| point).sum(),
            }
        })
        .collect();
    let captured = own.iter().filter(|one| Stage::of(one) == Stage::Captured).count();
    let sums: Vec<[Decimal; 3]> = own.iter().filter_map(|one| verified(one)).collect();
    let stated = |one: &&&Opportunity| {
        one.status == Status::Done || (one.status == Status::Verified && verified(one).is_none())
    };
    Summary {
        other_currencies: all.len() - own.len(),
        currency: currency.as_deref().and_then(Currency::parse),
        stages,
        verified_a_year: [0, 1, 2].map(|at| sums.iter().map(|sum| sum[at]).sum()),
        verified_to_date: own.iter().filter(|one| verified(one).is_some()).filter_map(|one| one.saved).sum(),
        stated_a_year: own.iter().filter(stated).filter_map(|one| one.captured).sum(),
        conversion: (!own.is_empty()).then(|| captured as f64 / own.len() as f64),
        pilot,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn opportunity(status: Status, currency: &str, promised: i64, saved: Option<i64>) -> Opportunity {
        Opportunity {
            key: format!("{status:?}-{promised}"),
            facility_id: None,
            title: "Setups run over".to_owned(),
            type_: "setup_overrun".to_owned(),
            entities: json!([]),
            problem_since: None,
            currency: Some(currency.to_owned()),
            promised: Some(promised.into()),
            acted_on: None,
            notes: String::new(),
            verdict: saved.map(|_| Verdict::Verified),
            unit: saved.map(|_| "money".to_owned()),
            saved: saved.map(|saved| Decimal::from(saved / 2)),
            saved_a_year: saved.map(Decimal::from),
            saved_a_year_low: saved.map(|saved| Decimal::from(saved - 100)),
            saved_a_year_high: saved.map(|saved| Decimal::from(saved + 100)),
            verification: json!({}),
            verified_by: None,
            verified_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            status,
            owner_id: None,
            due_on: None,
            captured: None,
        }
    }

    #[test]
    fn only_what_was_measured_in_one_currency_is_the_number_on_top() {
        let mut stated = opportunity(Status::Done, "USD", 500, None);
        stated.captured = Some(300.into());
        let all = [
            opportunity(Status::Verified, "USD", 1_000, Some(900)),
            opportunity(Status::Verified, "USD", 2_000, Some(1_100)),
            // Measured and not yet sure; done; dismissed; another currency.
            opportunity(Status::InProgress, "USD", 4_000, Some(5_000)),
            stated,
            opportunity(Status::NotConfirmed, "USD", 700, Some(-50)),
            opportunity(Status::Verified, "EUR", 9_000, Some(9_000)),
        ];
        let summary = summary(&all, None);
        assert_eq!(summary.currency, Currency::parse("USD"));
        assert_eq!(summary.other_currencies, 1);
        assert_eq!(summary.verified_a_year, [2_000.into(), 1_800.into(), 2_200.into()]);
        assert_eq!(summary.verified_to_date, 1_000.into());
        assert_eq!(summary.stated_a_year, 300.into());
        assert_eq!(summary.conversion, Some(0.6));
        let counts: Vec<(usize, Decimal)> =
            summary.stages.iter().map(|stage| (stage.opportunities, stage.promised)).collect();
        assert_eq!(counts, [(0, 0.into()), (1, 4_000.into()), (3, 3_500.into()), (1, 700.into())]);
        assert_eq!(super::summary(&[], None).conversion, None);
    }
}
