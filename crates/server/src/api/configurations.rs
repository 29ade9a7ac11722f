//! Analyzer settings that the organisation keeps, for itself and for each facility.

use app::configurations::{self, Form, settings};
use axum::{extract::State, http::StatusCode};
use domain::{
    id::{ConfigurationId, FacilityId},
    settings::{Preset, Setting, SettingType, definitions},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::configurations::{Configuration, ConfigurationChange};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Created, Paging, Versioned},
    words,
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
        .routes(routes!(setting_index))
        .routes(routes!(index, create))
        .routes(routes!(show, update, delete))
        .routes(routes!(history))
        .routes(routes!(preview))
}

/// One of the settings that there are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Setting)]
pub struct SettingView {
    pub name: &'static str,
    pub group: &'static str,
    /// `share` (0 to 1), `number` (0 or more), `count` (whole, 1 or more) or `switch`.
    pub kind: &'static str,
    /// Kind and unit in words.
    pub unit: &'static str,
    /// Its value in each preset.
    #[schema(value_type = Object)]
    pub presets: Map<String, Value>,
    /// What it changes.
    pub drives: &'static str,
}

impl From<&'static Setting> for SettingView {
    fn from(setting: &'static Setting) -> Self {
        Self {
            name: setting.name,
            group: setting.group,
            kind: match setting.type_ {
                SettingType::Share => "share",
                SettingType::Number => "number",
                SettingType::Count => "count",
                SettingType::Switch => "switch",
            },
            unit: setting.unit,
            presets: Preset::ALL
                .iter()
                .zip(setting.presets)
                .map(|(preset, value)| (preset.as_str().to_owned(), settings::shown(setting.name, value)))
                .collect(),
            drives: setting.drives,
        }
    }
}

/// Settings that are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Configuration)]
pub struct ConfigurationView {
    pub id: Uuid,
    /// Null: those of the organisation, for facilities without their own.
    #[schema(required)]
    pub facility_id: Option<Uuid>,
    pub name: String,
    pub preset: String,
    /// What differs from the preset.
    #[schema(value_type = Object)]
    pub settings: Value,
    /// The number of this state in the history.
    pub number: i64,
    pub created_at: String,
    pub updated_at: String,
}

impl From<Configuration> for ConfigurationView {
    fn from(configuration: Configuration) -> Self {
        Self {
            id: configuration.id.0,
            facility_id: configuration.facility_id.map(|id| id.0),
            name: configuration.name,
            preset: configuration.preset,
            settings: configuration.settings,
            number: configuration.number,
            created_at: configuration.created_at.to_string(),
            updated_at: configuration.updated_at.to_string(),
        }
    }
}

/// An earlier state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfigurationChange)]
pub struct ChangeView {
    pub number: i64,
    pub preset: String,
    #[schema(value_type = Object)]
    pub settings: Value,
    pub note: String,
    #[schema(required)]
    pub changed_by: Option<Uuid>,
    pub created_at: String,
}

impl From<ConfigurationChange> for ChangeView {
    fn from(change: ConfigurationChange) -> Self {
        Self {
            number: change.number,
            preset: change.preset,
            settings: change.settings,
            note: change.note,
            changed_by: change.changed_by.map(|id| id.0),
            created_at: change.created_at.to_string(),
        }
    }
}

/// Settings to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConfiguration {
    /// Null: for the organisation.
    facility_id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// `conservative`, `balanced` (where none is given) or `aggressive`.
    #[schema(value_type = Option<words::PresetName>)]
    preset: Option<String>,
    /// What differs from the preset, by the name of the setting.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationForm {
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    #[schema(value_type = Option<words::PresetName>)]
    preset: Option<String>,
    /// All that differs from the preset, by the name of the setting.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// The settings that there are
#[utoipa::path(get, path = "/settings", operation_id = "list_settings", tag = "configurations", params(Paging),
    responses((status = 200, description = "in four groups", body = List<SettingView>), Refusals))]
async fn setting_index(
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<SettingView>>, Problem> {
    caller.require(domain::Role::Viewer)?;
    paging.cut(definitions().iter().map(SettingView::from), |setting| setting.name.to_string())
}

/// The settings that are kept
#[utoipa::path(get, path = "/configurations", operation_id = "list_configurations", tag = "configurations", params(Paging),
    responses((status = 200, description = "the organisation's first", body = List<ConfigurationView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<ConfigurationView>>, Problem> {
    let all = configurations::list(state.backing(), &caller).await?;
    paging.cut(all.into_iter().map(ConfigurationView::from), |kept| kept.id.to_string())
}

/// Keeps settings for the organisation or a facility
#[utoipa::path(post, path = "/configurations", operation_id = "create_configuration", tag = "configurations",
    request_body = NewConfiguration,
    responses((status = 201, description = "kept", body = ConfigurationView), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewConfiguration>,
) -> Result<Created<ConfigurationView>, Problem> {
    let form = Form {
        name: new.name,
        preset: new.preset,
        changes: new.settings.map(|settings| settings.into_iter().collect()),
        note: new.note,
    };
    let facility = new.facility_id.map(FacilityId);
    let made = configurations::create(state.backing(), &caller, facility, &form).await?;
    Ok(Created { at: format!("/configurations/{}", made.id), version: made.version, thing: made.into() })
}

/// One of the settings that are kept
#[utoipa::path(get, path = "/configurations/{id}", operation_id = "get_configuration", tag = "configurations",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "as it is now", body = ConfigurationView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<ConfigurationView>, Problem> {
    let kept = configurations::get(state.backing(), &caller, ConfigurationId(id)).await?;
    Ok(Versioned(kept.version, kept.into()))
}

/// Changes settings; the earlier state stays in the history
#[utoipa::path(patch, path = "/configurations/{id}", operation_id = "update_configuration", tag = "configurations",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")),
    request_body = ConfigurationForm,
    responses((status = 200, description = "as it is now", body = ConfigurationView), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(change): Json<ConfigurationForm>,
) -> Result<Versioned<ConfigurationView>, Problem> {
    let form = Form {
        name: change.name,
        preset: change.preset,
        changes: change.settings.map(|settings| settings.into_iter().collect()),
        note: change.note,
    };
    let kept = configurations::update(state.backing(), &caller, ConfigurationId(id), version, &form).await?;
    Ok(Versioned(kept.version, kept.into()))
}

/// The states of settings, newest first
#[utoipa::path(get, path = "/configurations/{id}/history", operation_id = "list_configuration_history",
    tag = "configurations", params(("id" = Uuid, Path), Paging),
    responses((status = 200, description = "newest first", body = List<ChangeView>), Refusals))]
async fn history(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<ChangeView>>, Problem> {
    let states = configurations::history(state.backing(), &caller, ConfigurationId(id)).await?;
    paging.cut(states.into_iter().map(ChangeView::from), |state| state.number.to_string())
}

/// Settings to be tried.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewForm {
    /// Of this plant; the newest analysis of the organization where none is given.
    facility_id: Option<Uuid>,
    /// The kept settings where neither preset nor settings are given.
    preset: Option<String>,
    /// What differs from the preset, by the name of the setting.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
}

/// What settings would change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SettingsPreview)]
pub struct PreviewView {
    /// The analysis that was worked out again.
    pub analysis_id: Uuid,
    pub currency: String,
    pub dropped: Vec<MovedView>,
    pub appeared: Vec<MovedView>,
    /// Findings of both.
    pub kept: usize,
    /// What could be recovered in a year.
    pub recoverable_before: f64,
    pub recoverable_after: f64,
    /// Changed settings that had no say in these data.
    pub inactive: Vec<InactiveView>,
}

/// A finding that comes or goes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MovedFinding)]
pub struct MovedView {
    pub id: String,
    pub title: String,
    #[schema(required)]
    pub annualized: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InactiveSetting)]
pub struct InactiveView {
    pub name: &'static str,
    pub reason: String,
}

/// Works the newest analysis out with other settings; nothing is kept
#[utoipa::path(post, path = "/configurations/preview", operation_id = "preview_configuration", tag = "configurations",
    request_body = PreviewForm,
    responses((status = 200, description = "findings that come and go, with their money", body = PreviewView), Refusals))]
async fn preview(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(form): Json<PreviewForm>,
) -> Result<Json<PreviewView>, Problem> {
    let changes = form.settings.map(|settings| settings.into_iter().collect());
    let facility = form.facility_id.map(FacilityId);
    let found = configurations::preview::preview(
        state.backing(),
        &caller,
        facility,
        form.preset.as_deref(),
        changes.as_ref(),
    )
    .await?;
    let moved = |all: Vec<configurations::preview::Moved>| {
        all.into_iter()
            .map(|one| MovedView { id: one.id, title: one.title, annualized: one.yearly })
            .collect()
    };
    Ok(Json(PreviewView {
        analysis_id: found.analysis.0,
        currency: found.currency.to_string(),
        dropped: moved(found.dropped),
        appeared: moved(found.appeared),
        kept: found.kept,
        recoverable_before: found.recoverable.0,
        recoverable_after: found.recoverable.1,
        inactive: found.inactive.into_iter().map(|(name, reason)| InactiveView { name, reason }).collect(),
    }))
}

/// Forgets settings
#[utoipa::path(delete, path = "/configurations/{id}", operation_id = "delete_configuration", tag = "configurations",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "gone"), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    configurations::delete(state.backing(), &caller, ConfigurationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
