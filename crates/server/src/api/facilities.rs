//! Plants of the organisation.

use std::collections::BTreeMap;

use app::{
    analyses::plants::Plant,
    facilities::{self, Form},
};
use axum::{extract::State, http::StatusCode};
use domain::id::FacilityId;
use serde::{Deserialize, Serialize};
use store::facilities::Facility;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Created, Paging, Versioned, given, number, paged},
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    etag::IfMatch,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(comparison))
        .routes(routes!(show, update, delete))
}

/// A plant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facility)]
pub struct FacilityView {
    pub id: Uuid,
    pub name: String,
    /// What your files call it.
    #[schema(required)]
    pub code: Option<String>,
    /// A name of the IANA time zone database.
    pub time_zone: String,
    /// An ISO 4217 code.
    pub currency: String,
    pub archived: bool,
    pub created_at: String,
    pub updated_at: String,
}

impl From<Facility> for FacilityView {
    fn from(facility: Facility) -> Self {
        Self {
            id: facility.id.0,
            name: facility.name,
            code: facility.code,
            time_zone: facility.time_zone,
            currency: facility.currency,
            archived: facility.archived_at.is_some(),
            created_at: facility.created_at.to_string(),
            updated_at: facility.updated_at.to_string(),
        }
    }
}

/// A new plant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFacility {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(max_length = 100)]
    code: Option<String>,
    /// `UTC` where none is given.
    time_zone: Option<String>,
    /// `USD` where none is given.
    currency: Option<String>,
}

/// What changes of a plant; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityChange {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 100)]
    code: Option<Option<String>>,
    time_zone: Option<String>,
    currency: Option<String>,
    /// Hides the plant, or shows it again.
    archived: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Archived ones too.
    archived: Option<bool>,
}

/// The plants of the organisation
#[utoipa::path(get, path = "/facilities", operation_id = "list_facilities", tag = "facilities", params(Which, Paging),
    responses((status = 200, description = "newest first", body = List<FacilityView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(which): Query<Which>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<FacilityView>>, Problem> {
    let archived = which.archived.unwrap_or(false);
    let page = facilities::page(state.backing(), &caller, archived, paging.page()?).await?;
    Ok(paged(page, FacilityView::from))
}

/// A plant with the figures of its newest analysis.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlantFigures)]
pub struct PlantView {
    pub facility_id: Uuid,
    pub name: String,
    /// Null before the first.
    #[schema(required)]
    pub analysis_id: Option<Uuid>,
    #[schema(required)]
    pub finished_at: Option<String>,
    #[schema(required)]
    pub currency: Option<String>,
    /// Actual less planned cost.
    #[schema(required)]
    pub variance: Option<f64>,
    #[schema(required)]
    pub findings: Option<i64>,
    /// Key figures of the whole plant, by name.
    #[schema(value_type = Object)]
    pub kpis: BTreeMap<String, f64>,
}

impl From<Plant> for PlantView {
    fn from(plant: Plant) -> Self {
        let newest = plant.newest;
        Self {
            facility_id: plant.facility.id.0,
            name: plant.facility.name,
            analysis_id: newest.as_ref().map(|row| row.id.0),
            finished_at: newest.as_ref().and_then(|row| row.finished_at).map(|at| at.to_string()),
            variance: newest.as_ref().and_then(|row| number(row.variance)),
            findings: newest.as_ref().map(|row| row.findings),
            currency: newest.and_then(|row| row.currency),
            kpis: plant.kpis,
        }
    }
}

/// The plants side by side, each with the figures of its newest analysis
#[utoipa::path(get, path = "/facilities/comparison", operation_id = "compare_facilities", tag = "facilities", params(Paging),
    responses((status = 200, description = "by name", body = List<PlantView>), Refusals))]
async fn comparison(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<PlantView>>, Problem> {
    let plants = app::analyses::plants::side_by_side(state.backing(), &caller).await?;
    paging.cut(plants.into_iter().map(PlantView::from), |plant| plant.facility_id.to_string())
}

/// A new plant
#[utoipa::path(post, path = "/facilities", operation_id = "create_facility", tag = "facilities",
    request_body = NewFacility,
    responses((status = 201, description = "made", body = FacilityView), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewFacility>,
) -> Result<Created<FacilityView>, Problem> {
    let form = Form {
        name: Some(new.name),
        code: Some(new.code),
        time_zone: new.time_zone,
        currency: new.currency,
        archived: None,
    };
    let made = facilities::create(state.backing(), &caller, &form).await?;
    Ok(Created { at: format!("/facilities/{}", made.id), version: made.version, thing: made.into() })
}

/// One plant
#[utoipa::path(get, path = "/facilities/{id}", operation_id = "get_facility", tag = "facilities",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "the plant", body = FacilityView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<FacilityView>, Problem> {
    let facility = facilities::get(state.backing(), &caller, FacilityId(id)).await?;
    Ok(Versioned(facility.version, facility.into()))
}

/// Changes a plant
#[utoipa::path(patch, path = "/facilities/{id}", operation_id = "update_facility", tag = "facilities",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")),
    request_body = FacilityChange,
    responses((status = 200, description = "as it is now", body = FacilityView), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(change): Json<FacilityChange>,
) -> Result<Versioned<FacilityView>, Problem> {
    let form = Form {
        name: change.name,
        code: change.code,
        time_zone: change.time_zone,
        currency: change.currency,
        archived: change.archived,
    };
    let facility = facilities::update(state.backing(), &caller, FacilityId(id), version, &form).await?;
    Ok(Versioned(facility.version, facility.into()))
}

/// Removes a plant that nothing belongs to
#[utoipa::path(delete, path = "/facilities/{id}", operation_id = "delete_facility", tag = "facilities",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "gone"), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    facilities::delete(state.backing(), &caller, FacilityId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
