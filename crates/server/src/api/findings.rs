//! Findings, the rows they rest on, and what people decide about them.

mod over_time;
mod views;

use app::{
    error::Flaw,
    findings::{
        self, Decision, Narrow, Standing,
        calibration::{self, Calibration},
    },
};
use axum::extract::State;
use domain::{
    id::{AnalysisId, FindingId, UserId},
    review::FindingOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::findings::{
    Evidence,
    status::{Status, StatusChange},
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Paging, Versioned, given, not_of_this_list, number},
    words,
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    etag::IfMatch,
    extract::{Json, Path, Query, at_most},
    problem::Kind,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(kinds))
        .routes(routes!(show))
        .routes(routes!(decide))
        .routes(routes!(history))
        .routes(routes!(evidence))
        .merge(over_time::routes())
        .merge(views::routes())
}

/// A finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    pub id: Uuid,
    pub analysis_id: Uuid,
    /// Stays the same when the analysis runs again.
    pub key: String,
    #[serde(rename = "type")]
    pub type_: String,
    pub analyzer: String,
    pub title: String,
    /// 0 to 100.
    pub priority: i16,
    /// `strong`, `likely` or `hint`.
    pub evidence_grade: String,
    #[schema(required)]
    pub impact: Option<ImpactView>,
    /// Independent units that it rests on.
    pub n: i64,
    #[schema(required)]
    pub start: Option<String>,
    pub status: StatusView,
}

/// A kind of finding as people judged it so far.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingKind)]
pub struct KindView {
    pub analyzer: String,
    #[serde(rename = "type")]
    pub type_: String,
    /// Findings that were accepted or taken further.
    pub useful: i64,
    /// Findings that were dismissed.
    pub not_useful: i64,
    /// Findings that were looked into and not confirmed.
    pub wrong: i64,
    /// What the priority of the next ones is multiplied by, 0.5 to 1; amounts stay as computed.
    pub weight: f64,
}

impl From<Calibration> for KindView {
    fn from(one: Calibration) -> Self {
        Self {
            analyzer: one.judged.analyzer,
            type_: one.judged.type_,
            useful: one.judged.useful,
            not_useful: one.judged.not_useful,
            wrong: one.judged.wrong,
            weight: one.weight,
        }
    }
}

/// Money of the period analyzed, unless a name says otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Impact)]
pub struct ImpactView {
    pub currency: String,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub annualized: f64,
    pub addressable: f64,
}

/// Where a finding stands with the people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingStatus)]
pub struct StatusView {
    /// `new`, `accepted`, `in_progress`, `done`, `verified`, `not_confirmed` or `dismissed`.
    pub status: &'static str,
    #[schema(required)]
    pub owner_id: Option<Uuid>,
    #[schema(required)]
    pub due_on: Option<String>,
    pub reason: String,
    /// What was had, as measured.
    #[schema(required)]
    pub captured: Option<f64>,
    pub updated_at: String,
}

impl From<Standing> for FindingView {
    fn from(standing: Standing) -> Self {
        let Standing { finding, status } = standing;
        let impact = number(finding.impact).map(|value| ImpactView {
            currency: finding.currency.clone().unwrap_or_default(),
            value,
            low: number(finding.impact_low).unwrap_or_default(),
            high: number(finding.impact_high).unwrap_or_default(),
            annualized: number(finding.annualized).unwrap_or_default(),
            addressable: number(finding.addressable).unwrap_or_default(),
        });
        Self {
            id: finding.id.0,
            analysis_id: finding.analysis_id.0,
            key: finding.key,
            type_: finding.type_,
            analyzer: finding.analyzer,
            title: finding.title,
            priority: finding.priority,
            evidence_grade: finding.grade,
            impact,
            n: finding.units,
            start: finding.start_on.map(|day| day.to_string()),
            status: StatusView {
                status: status.status.name(),
                owner_id: status.owner_id.map(|id| id.0),
                due_on: status.due_on.map(|day| day.to_string()),
                reason: status.reason,
                captured: number(status.captured),
                updated_at: status.updated_at.to_string(),
            },
        }
    }
}

/// A finding with its proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingDetail {
    #[serde(flatten)]
    pub finding: FindingView,
    /// All of it, as in the result of its analysis.
    #[schema(value_type = Object)]
    pub detail: Value,
}

impl From<Standing> for FindingDetail {
    fn from(standing: Standing) -> Self {
        Self { detail: standing.finding.document.clone(), finding: standing.into() }
    }
}

/// A row of a file that a finding rests on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvidenceRow)]
pub struct EvidenceView {
    pub position: i64,
    #[schema(required)]
    pub file_id: Option<Uuid>,
    pub file: String,
    /// Its line or row in the file.
    pub row: i64,
    /// What stands there: column and value, in the order of the file, without empty cells.
    #[schema(value_type = Vec<Object>)]
    pub cells: Value,
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        let cells = if evidence.cells.is_array() { evidence.cells } else { Value::Array(Vec::new()) };
        Self {
            position: evidence.position,
            file_id: evidence.file_id.map(|id| id.0),
            file: evidence.file_name,
            row: evidence.file_row,
            cells,
        }
    }
}

/// A change of where a finding stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatusChange)]
pub struct StatusChangeView {
    pub number: i64,
    pub status: &'static str,
    #[schema(required)]
    pub owner_id: Option<Uuid>,
    #[schema(required)]
    pub due_on: Option<String>,
    pub reason: String,
    #[schema(required)]
    pub captured: Option<f64>,
    #[schema(required)]
    pub changed_by: Option<Uuid>,
    pub created_at: String,
}

impl From<StatusChange> for StatusChangeView {
    fn from(change: StatusChange) -> Self {
        Self {
            number: change.number,
            status: change.status.name(),
            owner_id: change.owner_id.map(|id| id.0),
            due_on: change.due_on.map(|day| day.to_string()),
            reason: change.reason,
            captured: number(change.captured),
            changed_by: change.changed_by.map(|id| id.0),
            created_at: change.created_at.to_string(),
        }
    }
}

/// A decision about a finding; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusForm {
    /// `new`, `accepted`, `in_progress`, `done`, `verified`, `not_confirmed` or `dismissed`.
    #[schema(value_type = Option<words::FindingStatusName>)]
    status: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    owner_id: Option<Option<Uuid>>,
    /// A day, as 2026-03-31.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<Option<String>>,
    /// Needed for dismissing and for not confirming.
    #[schema(max_length = 2000)]
    reason: Option<String>,
    /// What was had, as measured.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    captured: Option<Option<f64>>,
    /// The day on which something was done, as 2026-03-31: later uploads measure the saving from it on. Today where a
    /// finding becomes done without one.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date)]
    acted_on: Option<Option<String>>,
    /// Notes on the saving.
    #[schema(max_length = 4000)]
    notes: Option<String>,
}

impl StatusForm {
    fn decision(self) -> Result<Decision, Problem> {
        let mut flaws = Vec::new();
        let mut flaw = |field: &str, message: &str| {
            flaws.push(Flaw { field: field.to_owned(), message: message.to_owned() });
        };
        let status = self.status.as_deref().and_then(|name| {
            let known = Status::parse(name);
            if known.is_none() {
                flaw("status", "use new, accepted, in_progress, done, verified, not_confirmed or dismissed");
            }
            known
        });
        let due_on = self.due_on.map(|day| {
            day.and_then(|day| {
                let known = day.parse().ok();
                if known.is_none() {
                    flaw("due_on", "write a day as 2026-03-31");
                }
                known
            })
        });
        let captured = self.captured.map(|amount| {
            amount.and_then(|amount| {
                let known = rust_decimal::Decimal::try_from(amount).ok().filter(|_| amount.abs() < 1e15);
                if known.is_none() {
                    flaw("captured", "give an amount");
                }
                known
            })
        });
        let acted_on = self.acted_on.map(|day| {
            day.and_then(|day| {
                let known = day.parse().ok();
                if known.is_none() {
                    flaws.push(Flaw {
                        field: "acted_on".to_owned(),
                        message: "write a day as 2026-03-31".to_owned(),
                    });
                }
                known
            })
        });
        if !flaws.is_empty() {
            return Err(app::Error::Invalid(flaws).into());
        }
        let owner = self.owner_id.map(|owner| owner.map(UserId));
        Ok(Decision { status, owner, due_on, reason: self.reason, captured, acted_on, notes: self.notes })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Of this analysis; of the newest complete one where none is given.
    analysis_id: Option<Uuid>,
    /// Of this type.
    #[serde(rename = "type")]
    #[param(max_length = 60)]
    type_: Option<String>,
    /// About this: a field and its value, as `machine_id:M07`.
    #[param(max_length = 300)]
    entity: Option<String>,
    /// `strong`, `likely` or `hint`.
    #[param(value_type = Option<words::EvidenceGradeName>, inline)]
    evidence_grade: Option<String>,
    #[param(value_type = Option<words::FindingStatusName>, inline)]
    status: Option<String>,
    /// Of at least this priority.
    #[param(minimum = 0, maximum = 100)]
    priority_min: Option<i16>,
    /// What stands first: the largest yearly amount, what began last, the best evidence, or the highest `priority`, which is how an
    /// analysis lists them.
    #[param(value_type = Option<words::FindingOrderName>, inline)]
    sort: Option<String>,
    /// `next_cursor` of the page before.
    #[param(max_length = 100)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Part {
    /// `next_cursor` of the page before.
    #[param(max_length = 20)]
    cursor: Option<String>,
    /// Rows to pass over, where no cursor is given.
    #[param(minimum = 0)]
    offset: Option<i64>,
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

fn invalid(words: &str) -> Problem {
    Problem::new(Kind::Invalid, words)
}

/// Findings of an analysis
#[utoipa::path(get, path = "/findings", operation_id = "list_findings", tag = "findings", params(Which),
    responses((status = 200, description = "most important first, unless another order is asked for",
        body = List<FindingView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(which): Query<Which>,
) -> Result<Json<List<FindingView>>, Problem> {
    at_most("type", which.type_.as_ref(), 60)?;
    at_most("entity", which.entity.as_ref(), 300)?;
    let entity = match which.entity.as_deref() {
        Some(entity) => {
            let (field, value) = entity
                .split_once(':')
                .ok_or_else(|| invalid("entity is a field and its value: machine_id:M07"))?;
            Some((field.to_owned(), value.to_owned()))
        }
        None => None,
    };
    let status = match which.status.as_deref() {
        Some(name) => Some(Status::parse(name).ok_or_else(|| {
            invalid("status is new, accepted, in_progress, done, verified, not_confirmed or dismissed")
        })?),
        None => None,
    };
    let after =
        match which.cursor.as_deref() {
            Some(cursor) => Some(cursor.parse().map_err(|_| {
                invalid("this cursor is none of this list: send back next_cursor as it came")
            })?),
            None => None,
        };
    let order = match which.sort.as_deref() {
        Some(name) => {
            FindingOrder::named(name).ok_or_else(|| invalid("sort is money, newest, evidence or priority"))?
        }
        None => FindingOrder::Priority,
    };
    let limit = which.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(invalid("limit is a number from 1 to 200"));
    }
    let narrow = Narrow {
        analysis: which.analysis_id.map(AnalysisId),
        type_: which.type_,
        entity,
        grade: which.evidence_grade,
        status,
        priority_min: which.priority_min,
        order,
    };
    let page = findings::list(state.backing(), &caller, &narrow, after, limit).await?;
    Ok(Json(List {
        items: page.items.into_iter().map(FindingView::from).collect(),
        next_cursor: page.next.map(|position| position.to_string()),
    }))
}

/// How your findings were judged so far
///
/// By kind. A kind that was often dismissed or not confirmed ranks lower in the next analysis; each such finding says so.
#[utoipa::path(get, path = "/findings/kinds", operation_id = "list_finding_kinds", tag = "findings", params(Paging),
    responses((status = 200, body = List<KindView>), Refusals))]
async fn kinds(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<KindView>>, Problem> {
    let all = calibration::list(state.backing(), &caller).await?;
    paging.cut(all.into_iter().map(KindView::from), |one| format!("{}/{}", one.analyzer, one.type_))
}

/// One finding
#[utoipa::path(get, path = "/findings/{id}", operation_id = "get_finding", tag = "findings",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "with its proof", body = FindingDetail), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<FindingDetail>, Problem> {
    let standing = findings::get(state.backing(), &caller, FindingId(id)).await?;
    Ok(Versioned(standing.status.version, standing.into()))
}

/// Decides about a finding: accept, dismiss, give it to somebody
#[utoipa::path(patch, path = "/findings/{id}/status", operation_id = "update_finding_status", tag = "findings",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the decision is about")),
    request_body = StatusForm,
    responses((status = 200, description = "as it stands now", body = FindingView), Refusals))]
async fn decide(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(form): Json<StatusForm>,
) -> Result<Versioned<FindingView>, Problem> {
    let decision = form.decision()?;
    let standing = findings::decide(state.backing(), &caller, FindingId(id), version, &decision).await?;
    Ok(Versioned(standing.status.version, standing.into()))
}

/// How a finding came to where it stands
#[utoipa::path(get, path = "/findings/{id}/history", operation_id = "list_finding_history", tag = "findings",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, description = "newest first", body = List<StatusChangeView>), Refusals))]
async fn history(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<StatusChangeView>>, Problem> {
    let changes = findings::history(state.backing(), &caller, FindingId(id)).await?;
    paging.cut(changes.into_iter().map(StatusChangeView::from), |change| change.number.to_string())
}

/// The rows of the files that a finding rests on
#[utoipa::path(get, path = "/findings/{id}/evidence", operation_id = "list_finding_evidence", tag = "findings",
    params(("id" = Uuid, Path), Part),
    responses((status = 200, description = "largest contributors first", body = List<EvidenceView>), Refusals))]
async fn evidence(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(from): Query<Part>,
) -> Result<Json<List<EvidenceView>>, Problem> {
    let given = from.cursor.map(|cursor| cursor.parse().map_err(|_| not_of_this_list())).transpose()?;
    let (offset, limit) = (given.or(from.offset).unwrap_or(0), from.limit.unwrap_or(100));
    if !(0..=i64::from(u32::MAX)).contains(&offset) || !(1..=1_000).contains(&limit) {
        return Err(invalid("offset is 0 or more, limit a number from 1 to 1000"));
    }
    // One more than the page holds says whether there is a next one.
    let mut rows = findings::evidence(state.backing(), &caller, FindingId(id), offset, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = more.then(|| (offset + i64::from(limit)).to_string());
    Ok(Json(List { items: rows.into_iter().map(EvidenceView::from).collect(), next_cursor }))
}
