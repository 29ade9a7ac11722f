//! What an analysis says of the savings that people work for.

use analyzers::{
    engine::plant::Plant,
    savings::{self, Opportunity, Verification},
};
use domain::{
    Settings,
    analysis::EntityRef,
    id::{AnalysisId, DatasetId, FacilityId},
};
use ontology::FieldId;
use rust_decimal::{Decimal, prelude::FromPrimitive};
use serde_json::{Value, json};
use store::{
    Tx,
    findings::status::{self, Status, StatusForm},
    opportunities::{self as stored, Measured, Verdict},
};

use crate::{Error, analyses::over_time::Earlier};

/// Earlier analyses whose uploads are laid beside the newest, so that there is a time before the action.
const EARLIER_MAX: usize = 12;

/// An opportunity that something was done about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Watched {
    pub(crate) key: String,
    status: Status,
    opportunity: Opportunity,
}

/// What an analysis says of one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measurement {
    watched: Watched,
    verification: Verification,
}

/// What an analysis of this plant has to measure.
pub(crate) async fn acted_on(tx: &mut Tx, facility: Option<FacilityId>) -> Result<Vec<Watched>, Error> {
    let all = stored::acted_on(tx, facility).await?;
    Ok(all.into_iter().filter_map(watched).collect())
}

/// `None` for what later data cannot show.
fn watched(stored: stored::Opportunity) -> Option<Watched> {
    if !savings::is_verifiable(&stored.type_) {
        return None;
    }
    let entities: Vec<EntityRef> = stored
        .entities
        .as_array()?
        .iter()
        .filter_map(|entity| {
            let field = FieldId::named(entity["field"].as_str()?)?;
            Some(EntityRef { field, value: entity["value"].as_str()?.to_owned() })
        })
        .collect();
    if entities.is_empty() {
        return None;
    }
    let opportunity = Opportunity {
        finding: stored.key.clone(),
        type_: stored.type_,
        entities,
        problem_since: stored.problem_since.map(|day| day.to_string()),
        acted_on: stored.acted_on?.to_string(),
        promised_per_year: stored.promised.and_then(|amount| amount.to_string().parse().ok()),
    };
    Some(Watched { key: stored.key, status: stored.status, opportunity })
}

/// The uploads of earlier analyses and of this one, the oldest first, so that later rows correct earlier ones. `None` where
/// the earlier ones add nothing.
pub(crate) async fn united(
    tx: &mut Tx,
    own: &[DatasetId],
    earlier: &[&Earlier],
) -> Result<Option<Vec<DatasetId>>, Error> {
    let mut all: Vec<DatasetId> = Vec::new();
    for run in earlier.iter().take(EARLIER_MAX).rev() {
        for dataset in store::analyses::datasets(tx, run.id).await? {
            if !all.contains(&dataset) && !own.contains(&dataset) {
                all.push(dataset);
            }
        }
    }
    if all.is_empty() {
        return Ok(None);
    }
    all.extend_from_slice(own);
    Ok(Some(all))
}

/// Measures each against the counterfactual.
pub(crate) fn measure(plant: &Plant, watched: &[Watched], settings: &Settings) -> Vec<Measurement> {
    watched
        .iter()
        .map(|watched| Measurement {
            verification: savings::verify(plant, &watched.opportunity, settings),
            watched: watched.clone(),
        })
        .collect()
}

/// Keeps what was measured. What is done becomes verified or not confirmed; what people still work on stays theirs.
pub(crate) async fn keep(tx: &mut Tx, by: AnalysisId, measured: &[Measurement]) -> Result<(), Error> {
    for Measurement { watched, verification } in measured {
        let money = |amount: f64| Decimal::from_f64(amount).map(|amount| amount.round_dp(2));
        let document = document(verification);
        let verdict = match verification.verdict {
            savings::Verdict::Verified => Verdict::Verified,
            savings::Verdict::Refuted => Verdict::Refuted,
            savings::Verdict::NotYet => Verdict::NotYet,
        };
        let row = Measured {
            verdict,
            unit: verification.unit,
            saved: money(verification.saved[0]),
            saved_a_year: verification.saved_per_year.map(money),
            verification: &document,
            by,
        };
        stored::set_verification(tx, &watched.key, &row).await?;
        let to = match verdict {
            Verdict::Verified => Status::Verified,
            Verdict::Refuted => Status::NotConfirmed,
            Verdict::NotYet => continue,
        };
        if watched.status == Status::InProgress {
            continue;
        }
        let Some(before) = status::get(tx, &watched.key).await? else { continue };
        let captured =
            if verification.unit == "money" { money(verification.saved_per_year[0]) } else { None };
        if before.status == to && before.captured == captured {
            continue;
        }
        let form = StatusForm {
            status: to,
            owner: before.owner_id,
            due_on: before.due_on,
            reason: &verification.reason,
            captured,
        };
        // Somebody who decides at this very moment is right.
        status::update(tx, &watched.key, before.version, &form).await?;
    }
    Ok(())
}

fn document(verification: &Verification) -> Value {
    let finite = |values: [f64; 3]| values.map(|value| value.is_finite().then_some(value));
    json!({
        "saved": finite(verification.saved),
        "saved_a_year": finite(verification.saved_per_year),
        "change": finite(verification.change),
        "p": verification.p.is_finite().then_some(verification.p),
        "days": verification.days,
        "orders_before": verification.orders_before,
        "orders_after": verification.orders_after,
        "control": verification.control,
        "method": verification.method,
        "formula": verification.formula,
        "assumptions": verification.assumptions,
        "reason": verification.reason,
    })
}
