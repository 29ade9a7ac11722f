//! Savings: accepted findings as opportunities, and what was verified.

use std::collections::BTreeMap;

use app::savings::{self, Savings, Stage};
use axum::extract::State;
use domain::id::FacilityId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::opportunities::Opportunity;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{Refusals, answers::number};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The ledger of savings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Savings)]
pub struct SavingsView {
    /// What the sums are in; null where nothing is in money.
    #[schema(required)]
    pub currency: Option<String>,
    /// Opportunities in other currencies, which are not added.
    pub other_currencies: usize,
    /// A year, verified by later uploads.
    pub verified_a_year: RangeView,
    /// Since the actions.
    pub verified_to_date: f64,
    /// A year, stated by people and not measured.
    pub stated_a_year: f64,
    /// Captured of all that were accepted.
    #[schema(required)]
    pub conversion: Option<f64>,
    /// What the pilot should save, where there is one.
    #[schema(required)]
    pub target: Option<TargetView>,
    pub by_status: Vec<StageView>,
    /// Yearly money promised and verified, by the part of the plant's money that it is of.
    pub by_category: Vec<CategoryView>,
    pub opportunities: Vec<OpportunityView>,
}

/// An amount with its interval.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AmountRange)]
pub struct RangeView {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavingsTarget)]
pub struct TargetView {
    pub amount: f64,
    /// Verified a year, as a share of the target.
    #[schema(required)]
    pub progress: Option<f64>,
    #[schema(required)]
    pub pilot_ends_on: Option<String>,
    #[schema(required)]
    pub days_left: Option<i32>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavingsByStatus)]
pub struct StageView {
    /// `identified`, `in_progress`, `captured` or `not_pursued`.
    pub status: &'static str,
    pub opportunities: usize,
    pub promised_a_year: f64,
    pub verified_a_year: f64,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = SavingsByCategory)]
pub struct CategoryView {
    pub category: &'static str,
    pub opportunities: usize,
    pub promised_a_year: f64,
    pub verified_a_year: f64,
}

/// An accepted finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Opportunity)]
pub struct OpportunityView {
    /// The finding's stable key.
    pub key: String,
    pub title: String,
    #[serde(rename = "type")]
    pub type_: String,
    pub category: &'static str,
    /// `identified`, `in_progress`, `captured` or `not_pursued`.
    pub status: &'static str,
    /// Where the finding stands.
    pub finding_status: &'static str,
    #[schema(required)]
    pub owner_id: Option<Uuid>,
    #[schema(required)]
    pub due_on: Option<String>,
    #[schema(required)]
    pub currency: Option<String>,
    /// What could be had in a year, as of the day of acceptance.
    #[schema(required)]
    pub promised_a_year: Option<f64>,
    /// When something was done.
    #[schema(required)]
    pub acted_on: Option<String>,
    pub notes: String,
    /// What a person says was had.
    #[schema(required)]
    pub stated: Option<f64>,
    /// What later data said: `verified`, `refuted` or `not_yet`; null before an analysis looked.
    #[schema(required)]
    pub verdict: Option<&'static str>,
    /// `money`, `h`, `kWh`, `pieces` or `days`.
    #[schema(required)]
    pub unit: Option<String>,
    #[schema(required)]
    pub saved: Option<f64>,
    #[schema(required)]
    pub saved_a_year: Option<RangeView>,
    /// Method, formula, assumptions, control, and the reason for the verdict.
    #[schema(value_type = Object)]
    pub verification: Value,
    #[schema(required)]
    pub verified_by: Option<Uuid>,
    #[schema(required)]
    pub verified_at: Option<String>,
    pub accepted_at: String,
}

impl From<Opportunity> for OpportunityView {
    fn from(one: Opportunity) -> Self {
        let range = number(one.saved_a_year).map(|value| RangeView {
            value,
            low: number(one.saved_a_year_low).unwrap_or(value),
            high: number(one.saved_a_year_high).unwrap_or(value),
        });
        Self {
            category: pages::words::category(&one.type_),
            status: Stage::of(&one).name(),
            key: one.key,
            title: one.title,
            type_: one.type_,
            finding_status: one.status.name(),
            owner_id: one.owner_id.map(|id| id.0),
            due_on: one.due_on.map(|day| day.to_string()),
            currency: one.currency,
            promised_a_year: number(one.promised),
            acted_on: one.acted_on.map(|day| day.to_string()),
            notes: one.notes,
            stated: number(one.captured).filter(|_| one.verdict.is_none()),
            verdict: one.verdict.map(savings::Verdict::name),
            unit: one.unit,
            saved: number(one.saved),
            saved_a_year: range,
            verification: one.verification,
            verified_by: one.verified_by.map(|id| id.0),
            verified_at: one.verified_at.map(|at| at.to_string()),
            accepted_at: one.created_at.to_string(),
        }
    }
}

impl SavingsView {
    fn of(savings: Savings, today: jiff::civil::Date) -> Self {
        let summary = savings.summary;
        let amount = |amount| number(Some(amount)).unwrap_or_default();
        let [value, low, high] = summary.verified_a_year.map(amount);
        let opportunities: Vec<OpportunityView> =
            savings.opportunities.into_iter().map(OpportunityView::from).collect();
        let currency = summary.currency.as_ref().map(ToString::to_string);
        let mut categories: BTreeMap<&'static str, CategoryView> = BTreeMap::new();
        for one in opportunities.iter().filter(|one| one.currency.is_none() || one.currency == currency) {
            let sum = categories
                .entry(one.category)
                .or_insert_with(|| CategoryView { category: one.category, ..CategoryView::default() });
            sum.opportunities += 1;
            sum.promised_a_year += one.promised_a_year.unwrap_or_default();
            let verified = one.finding_status == "verified" && one.unit.as_deref() == Some("money");
            sum.verified_a_year +=
                one.saved_a_year.as_ref().filter(|_| verified).map_or(0.0, |saved| saved.value);
        }
        Self {
            currency,
            other_currencies: summary.other_currencies,
            verified_a_year: RangeView { value, low, high },
            verified_to_date: amount(summary.verified_to_date),
            stated_a_year: amount(summary.stated_a_year),
            conversion: summary.conversion,
            target: summary.pilot.map(|pilot| {
                let target = amount(pilot.savings_target);
                TargetView {
                    amount: target,
                    progress: (target > 0.0).then(|| value / target),
                    days_left: pilot
                        .pilot_ends_on
                        .and_then(|end| end.since((jiff::Unit::Day, today)).ok())
                        .map(|span| span.get_days().max(0)),
                    pilot_ends_on: pilot.pilot_ends_on.map(|day| day.to_string()),
                }
            }),
            by_status: summary
                .stages
                .into_iter()
                .map(|stage| StageView {
                    status: stage.stage.name(),
                    opportunities: stage.opportunities,
                    promised_a_year: amount(stage.promised),
                    verified_a_year: amount(stage.verified),
                })
                .collect(),
            by_category: categories.into_values().collect(),
            opportunities,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Of this plant; of all where none is given.
    facility_id: Option<Uuid>,
}

/// The savings: opportunities, what they sum to, and what was verified
#[utoipa::path(get, path = "/savings", operation_id = "get_savings", tag = "findings",
    params(Which),
    responses((status = 200, description = "the ledger", body = SavingsView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(which): Query<Which>,
) -> Result<Json<SavingsView>, Problem> {
    let today = jiff::tz::Offset::UTC.to_datetime(state.backing().clock.now()).date();
    let facility = which.facility_id.map(FacilityId);
    Ok(Json(SavingsView::of(savings::get(state.backing(), &caller, facility).await?, today)))
}
