//! `/operator/customers`: organizations as the installation's customers, and the settings that their analyses use.

use app::{
    Error, analyses, configurations, facilities, mapping_profiles,
    operation::{
        self,
        customers::{self, Form, Known},
    },
};
use axum::{extract::State, http::StatusCode};
use domain::id::{ConfigurationId, OrgId};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{
    Page,
    analyses::Filter,
    operator::customers::{Customer, CustomerStatus},
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{OperatedOrganization, Why};
use crate::{
    Problem, ServerState,
    api::{
        List, Refusals,
        answers::{Paging, number},
        configurations::{ChangeView, ConfigurationView},
        words,
    },
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show, save))
        .routes(routes!(show_settings, save_settings))
        .routes(routes!(settings_history))
        .routes(routes!(count))
}

/// What is noted of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotedCustomer {
    pub name: String,
    pub contact_name: String,
    pub contact_email: String,
    pub contact_phone: String,
    pub address: String,
    pub notes: String,
    /// pilot or subscription.
    pub pays: &'static str,
    /// trial, active or inactive.
    pub status: &'static str,
    /// Uploads of a month while it is a pilot.
    pub csv_upload_limit: i64,
    /// What a pilot promises, in the customer's currency.
    pub savings_target: Option<f64>,
    #[schema(required, format = Date)]
    pub pilot_ends_on: Option<String>,
    /// For the next change.
    pub version: i64,
}

impl From<&Customer> for NotedCustomer {
    fn from(noted: &Customer) -> Self {
        Self {
            name: noted.name.clone(),
            contact_name: noted.contact_name.clone(),
            contact_email: noted.contact_email.clone(),
            contact_phone: noted.contact_phone.clone(),
            address: noted.address.clone(),
            notes: noted.notes.clone(),
            pays: noted.plan.name(),
            status: noted.status.name(),
            csv_upload_limit: noted.csv_upload_limit,
            savings_target: number(Some(noted.savings_target)),
            pilot_ends_on: noted.pilot_ends_on.map(|day| day.to_string()),
            version: noted.version,
        }
    }
}

/// What was saved, by measurement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerifiedSavings {
    /// Null where the data state none.
    #[schema(required)]
    pub currency: Option<String>,
    pub verified: Option<f64>,
    /// Of what is accepted or under way.
    pub expected: Option<f64>,
}

/// Money of one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerifiedSum {
    /// Null where the data state none.
    #[schema(required)]
    pub currency: Option<String>,
    pub verified: Option<f64>,
}

/// How the installation's customers stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatorCounters {
    /// Results that no reviewer has let through yet.
    pub reviews_waiting: usize,
    /// Pilots that are not over.
    pub pilots: usize,
    /// Savings by measurement, of all customers.
    pub verified: Vec<VerifiedSum>,
    /// Customers whose verified savings reached what was promised.
    pub guarantees_met: usize,
}

/// An organization as a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedCustomer {
    pub organization: OperatedOrganization,
    /// Whether a reviewer looks at results first.
    pub reviewed: bool,
    /// Null until somebody notes something.
    #[schema(required)]
    pub noted: Option<NotedCustomer>,
    pub savings: Vec<VerifiedSavings>,
    /// How much of what was promised is verified, in percent.
    #[schema(required)]
    pub savings_progress_pct: Option<f64>,
    /// Days until the pilot ends; below zero once it has.
    #[schema(required)]
    pub days_left: Option<i64>,
}

impl From<&Known> for OperatedCustomer {
    fn from(known: &Known) -> Self {
        Self {
            organization: (&known.org).into(),
            reviewed: known.org.reviewed,
            noted: known.customer.as_ref().map(NotedCustomer::from),
            savings: known
                .savings
                .iter()
                .map(|sum| VerifiedSavings {
                    currency: sum.currency.clone(),
                    verified: number(Some(sum.verified)),
                    expected: number(Some(sum.expected)),
                })
                .collect(),
            savings_progress_pct: number(known.progress()),
            days_left: known.days_left,
        }
    }
}

/// A plant, in two words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedFacility {
    pub id: Uuid,
    pub name: String,
    pub currency: String,
}

/// A saved mapping, in two words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedProfile {
    pub id: Uuid,
    pub name: String,
    pub source_system: String,
}

/// A run, without what it found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedAnalysis {
    pub id: Uuid,
    pub name: String,
    pub state: &'static str,
    pub findings: i64,
    pub created_at: String,
}

/// One customer with what it has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedCustomerDetail {
    pub customer: OperatedCustomer,
    pub members: i64,
    pub files: i64,
    pub findings_accepted: i64,
    pub facilities: Vec<OperatedFacility>,
    /// The twenty newest.
    pub mapping_profiles: Vec<OperatedProfile>,
    /// The twenty newest.
    pub analyses: Vec<OperatedAnalysis>,
}

/// Which customers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Words of the name, the contact or the notes.
    #[serde(default)]
    #[param(max_length = 200)]
    search: String,
    /// trial, active or inactive.
    #[param(value_type = Option<words::CustomerStatusName>, inline)]
    status: Option<String>,
}

/// A new customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCustomer {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Of its owner.
    email: String,
    /// The plan whose limits hold.
    plan: String,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeCustomer {
    /// Signs the owner in, once.
    pub sign_in_link: String,
}

/// All that is noted of a customer, and why it changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerChange {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[serde(default)]
    contact_name: String,
    #[serde(default)]
    contact_email: String,
    #[serde(default)]
    contact_phone: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    notes: String,
    /// pilot or subscription.
    #[schema(value_type = words::CustomerPlanName)]
    pays: String,
    /// trial, active or inactive.
    #[schema(value_type = words::CustomerStatusName)]
    status: String,
    /// The plan whose limits hold.
    plan: String,
    #[schema(minimum = 0)]
    csv_upload_limit: i64,
    /// In the customer's currency.
    #[schema(minimum = 0)]
    savings_target: f64,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pilot_ends_on: Option<String>,
    #[serde(default)]
    reviewed: bool,
    /// `version` of what was read; 0 for a customer of whom nothing is noted.
    #[serde(default)]
    version: i64,
    /// As the organization reads it in its audit trail.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Settings for a customer's analyses, and why they change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsChange {
    /// `conservative`, `balanced` or `aggressive`; what is left out stays.
    #[schema(value_type = Option<words::PresetName>)]
    preset: Option<String>,
    /// All that differs from the preset, by the name of the setting; what is left out stays.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
    /// As the organization reads it in its audit trail.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// The installation's customers; demo organizations are nobody's customer.
#[utoipa::path(get, path = "/operator/customers", operation_id = "operator_list_customers", tag = "operator",
    params(Wanted, Paging), responses((status = 200, body = List<OperatedCustomer>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(wanted): Query<Wanted>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<OperatedCustomer>>, Problem> {
    let status = match wanted.status.as_deref() {
        None => None,
        Some(name) => Some(
            CustomerStatus::parse(name)
                .ok_or_else(|| Error::invalid("status", "give trial, active or inactive"))?,
        ),
    };
    let found = customers::list(&state.desk, &caller, &wanted.search, status).await?;
    paging.cut(found.iter().map(OperatedCustomer::from), |one| one.organization.id.to_string())
}

/// Makes an organization with its owner.
#[utoipa::path(post, path = "/operator/customers", operation_id = "operator_create_customer", tag = "operator",
    request_body = NewCustomer, responses((status = 201, body = MadeCustomer), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewCustomer>,
) -> Result<(StatusCode, Json<MadeCustomer>), Problem> {
    let sign_in_link = customers::create(&state.desk, &caller, &new.name, &new.email, &new.plan).await?;
    Ok((StatusCode::CREATED, Json(MadeCustomer { sign_in_link })))
}

/// One customer with what it has; the look stands in its own audit trail.
#[utoipa::path(get, path = "/operator/customers/{id}", operation_id = "operator_get_customer", tag = "operator",
    params(("id" = Uuid, Path), Why), responses((status = 200, body = OperatedCustomerDetail), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(why): Query<Why>,
) -> Result<Json<OperatedCustomerDetail>, Problem> {
    let (desk, backing, id) = (&state.desk, state.backing(), OrgId(id));
    let (known, has) = customers::get(desk, &caller, id, &why.reason).await?;
    let acting = operation::act_in(desk, &caller, id, &why.reason).await?;
    let plants = facilities::list(backing, &acting, false).await?;
    let profiles = mapping_profiles::list(backing, &acting, None, Page::first(20)).await?.items;
    let runs = analyses::list(backing, &acting, Filter::default(), Page::first(20)).await?.items;
    Ok(Json(OperatedCustomerDetail {
        customer: (&known).into(),
        members: has.members,
        files: has.files,
        findings_accepted: has.accepted,
        facilities: plants
            .into_iter()
            .map(|plant| OperatedFacility { id: plant.id.0, name: plant.name, currency: plant.currency })
            .collect(),
        mapping_profiles: profiles
            .into_iter()
            .map(|one| OperatedProfile { id: one.id.0, name: one.name, source_system: one.source_system })
            .collect(),
        analyses: runs
            .into_iter()
            .map(|run| OperatedAnalysis {
                id: run.id.0,
                name: run.name,
                state: run.state.name(),
                findings: run.findings,
                created_at: run.created_at.to_string(),
            })
            .collect(),
    }))
}

/// Notes a customer, or changes what is noted; the change stands in its own audit trail.
#[utoipa::path(put, path = "/operator/customers/{id}", operation_id = "operator_put_customer", tag = "operator",
    params(("id" = Uuid, Path)), request_body = CustomerChange,
    responses((status = 200, body = NotedCustomer), Refusals))]
async fn save(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(change): Json<CustomerChange>,
) -> Result<Json<NotedCustomer>, Problem> {
    let pilot_ends_on = change
        .pilot_ends_on
        .map(|day| day.parse::<Date>())
        .transpose()
        .map_err(|_| Error::invalid("pilot_ends_on", "give a day such as 2026-12-31"))?;
    let savings_target = Decimal::try_from(change.savings_target)
        .map_err(|_| Error::invalid("savings_target", "give an amount of 0 or more"))?;
    let form = Form {
        name: change.name,
        contact_name: change.contact_name,
        contact_email: change.contact_email,
        contact_phone: change.contact_phone,
        address: change.address,
        notes: change.notes,
        pays: change.pays,
        status: change.status,
        plan: change.plan,
        csv_upload_limit: change.csv_upload_limit,
        savings_target,
        pilot_ends_on,
        reviewed: change.reviewed,
        version: change.version,
    };
    let noted = customers::save(&state.desk, &caller, OrgId(id), &form, &change.reason).await?;
    Ok(Json((&noted).into()))
}

/// The settings that a customer keeps, the organization's first; the look stands in its own audit trail.
#[utoipa::path(get, path = "/operator/customers/{id}/settings", operation_id = "operator_list_settings", tag = "operator",
    params(("id" = Uuid, Path), Why, Paging), responses((status = 200, body = List<ConfigurationView>), Refusals))]
async fn show_settings(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(why): Query<Why>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<ConfigurationView>>, Problem> {
    let acting = operation::act_in(&state.desk, &caller, OrgId(id), &why.reason).await?;
    let all = configurations::list(state.backing(), &acting).await?;
    paging.cut(all.into_iter().map(ConfigurationView::from), |kept| kept.id.to_string())
}

/// Earlier states of one of a customer's settings, newest first; the look stands in its own audit trail.
#[utoipa::path(get, path = "/operator/customers/{id}/settings/{configuration_id}/history",
    operation_id = "operator_list_settings_history", tag = "operator",
    params(("id" = Uuid, Path), ("configuration_id" = Uuid, Path), Why, Paging),
    responses((status = 200, description = "newest first", body = List<ChangeView>), Refusals))]
async fn settings_history(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, configuration)): Path<(Uuid, Uuid)>,
    Query(why): Query<Why>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<ChangeView>>, Problem> {
    let acting = operation::act_in(&state.desk, &caller, OrgId(id), &why.reason).await?;
    let states = configurations::history(state.backing(), &acting, ConfigurationId(configuration)).await?;
    paging.cut(states.into_iter().map(ChangeView::from), |state| state.number.to_string())
}

/// Counts reviews that wait, pilots, verified savings and promises kept.
#[utoipa::path(get, path = "/operator/counters", operation_id = "operator_get_counters", tag = "operator",
    responses((status = 200, body = OperatorCounters), Refusals))]
async fn count(
    State(state): State<ServerState>,
    Who(caller): Who,
) -> Result<Json<OperatorCounters>, Problem> {
    let counted = customers::count(&state.desk, &caller).await?;
    let sums = counted.verified.into_iter();
    Ok(Json(OperatorCounters {
        reviews_waiting: counted.reviews_waiting,
        pilots: counted.pilots,
        verified: sums.map(|(currency, sum)| VerifiedSum { currency, verified: number(Some(sum)) }).collect(),
        guarantees_met: counted.guarantees_met,
    }))
}

/// Sets what the customer's next analyses use, for the whole organization; the change stands in its own audit trail.
#[utoipa::path(put, path = "/operator/customers/{id}/settings", operation_id = "operator_put_settings", tag = "operator",
    params(("id" = Uuid, Path)), request_body = SettingsChange,
    responses((status = 200, body = ConfigurationView), Refusals))]
async fn save_settings(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(change): Json<SettingsChange>,
) -> Result<Json<ConfigurationView>, Problem> {
    let acting = operation::act_in(&state.desk, &caller, OrgId(id), &change.reason).await?;
    let form = configurations::Form {
        name: None,
        preset: change.preset,
        changes: change.settings.map(|settings| settings.into_iter().collect()),
        note: "set by the operator".to_owned(),
    };
    let backing = state.backing();
    let all = configurations::list(backing, &acting).await?;
    let kept = match all.into_iter().find(|kept| kept.facility_id.is_none()) {
        Some(kept) => configurations::update(backing, &acting, kept.id, None, &form).await?,
        None => configurations::create(backing, &acting, None, &form).await?,
    };
    Ok(Json(kept.into()))
}
