//! What if: questions with numbers of one's own, asked of an analysis.

use std::collections::BTreeMap;

use app::{
    analyses::what_if::{self, Asked, Elsewhere, Lever},
    findings,
};
use axum::extract::State;
use domain::{
    analysis::EntityRef,
    id::{AnalysisId, FindingId},
};
use ontology::FieldId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::{Refusals, words},
    boxed::routes,
    extract::{Json, Path, Query, at_most},
    problem::Kind,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(of_analysis)).routes(routes!(of_finding))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Question {
    /// `setup`, `scrap`, `shift`, `machines`, `price` or `batch_size`.
    #[param(value_type = words::LeverName, inline)]
    lever: String,
    /// The asked number: the share of set-up time that goes, the scrap rate, added hours a week, added machines, the share
    /// by which prices change, or how many times as large batches are.
    value: f64,
    /// For `shift` the premium on the rate, for `machines` the yearly cost of one, for `batch_size` the yearly cost of
    /// stock as a share of its value.
    second: Option<f64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Part {
    /// Of this part of the plant: a field and its value, as `machine_id:M07`. What is not kept with the analysis is worked
    /// out from its tables.
    #[param(max_length = 300)]
    entity: Option<String>,
}

/// An answer: arithmetic on the plant's own sums, no forecast.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatIf)]
pub(crate) struct WhatIfView {
    lever: &'static str,
    question: String,
    /// What it was asked of; empty for the whole plant.
    scope: BTreeMap<String, String>,
    #[schema(required)]
    currency: Option<String>,
    /// Less than 0: it costs. Null where the data hold no rate for it.
    #[schema(required)]
    saved_per_year: Option<f64>,
    figures: Vec<ThenView>,
    /// The arithmetic with the numbers in it.
    formula: String,
    assumptions: Vec<String>,
    /// What is needed and not there.
    missing: Vec<&'static str>,
}

/// A figure today and in the case that is asked about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatIfFigure)]
pub(crate) struct ThenView {
    name: &'static str,
    unit: &'static str,
    /// Null where it has no end, as waiting at full load.
    #[schema(value_type = Option<f64>, required)]
    today: Value,
    #[schema(value_type = Option<f64>, required)]
    then: Value,
}

impl From<Asked> for WhatIfView {
    fn from(asked: Asked) -> Self {
        let answer = asked.answer;
        Self {
            lever: asked.lever.name(),
            question: answer.question,
            scope: asked.scope.into_iter().map(|entity| (entity.field.to_string(), entity.value)).collect(),
            currency: asked.currency.map(|currency| currency.to_string()),
            saved_per_year: answer.saved_per_year,
            figures: answer
                .figures
                .into_iter()
                // A number without an end is null in JSON.
                .map(|figure| ThenView {
                    name: figure.name,
                    unit: figure.unit,
                    today: figure.today.into(),
                    then: figure.then.into(),
                })
                .collect(),
            formula: answer.formula,
            assumptions: answer.assumptions,
            missing: answer.missing,
        }
    }
}

/// Asks what would be, of the plant or a part of it
#[utoipa::path(get, path = "/analyses/{id}/what-if", operation_id = "ask_what_if", tag = "analyses",
    params(("id" = Uuid, Path), Question, Part),
    responses((status = 200, description = "with its formula and what it takes for granted", body = WhatIfView), Refusals))]
async fn of_analysis(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(question): Query<Question>,
    Query(part): Query<Part>,
) -> Result<Json<WhatIfView>, Problem> {
    at_most("entity", part.entity.as_ref(), 300)?;
    let scope = match part.entity.as_deref() {
        None => Vec::new(),
        Some(entity) => {
            let known =
                entity.split_once(':').and_then(|(field, value)| Some((FieldId::named(field)?, value)));
            let (field, value) = known.ok_or_else(|| {
                Problem::new(Kind::Invalid, "entity is a field and its value: machine_id:M07")
            })?;
            vec![EntityRef { field, value: value.to_owned() }]
        }
    };
    let lever = Lever::named(&question.lever, question.value, question.second)?;
    let asked =
        what_if::ask(state.backing(), &caller, AnalysisId(id), &scope, lever, Elsewhere::WorkOut).await?;
    Ok(Json(asked.into()))
}

/// Asks what would be, of what a finding is about
#[utoipa::path(get, path = "/findings/{id}/what-if", operation_id = "ask_what_if_of_finding", tag = "findings",
    params(("id" = Uuid, Path), Question),
    responses((status = 200, description = "with its formula and what it takes for granted", body = WhatIfView), Refusals))]
async fn of_finding(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(question): Query<Question>,
) -> Result<Json<WhatIfView>, Problem> {
    let standing = findings::get(state.backing(), &caller, FindingId(id)).await?;
    let lever = Lever::named(&question.lever, question.value, question.second)?;
    let scope = findings::entities(&standing.finding);
    let analysis = standing.finding.analysis_id;
    let asked = what_if::ask(state.backing(), &caller, analysis, &scope, lever, Elsewhere::WorkOut).await?;
    Ok(Json(asked.into()))
}
