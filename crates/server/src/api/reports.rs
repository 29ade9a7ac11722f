//! `/report-schedules` and `/reports`: reports that are made by themselves, and what was made.

use app::reports::{self, Rhythm, answers as added};
use axum::{extract::State, http::StatusCode, response::Response};
use domain::id::{AnalysisId, ConversationId, FacilityId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::reports::{Every, Format, Pack};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Paging, paged},
    words,
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    web,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(list_schedules, create))
        .routes(routes!(show, delete))
        .routes(routes!(index))
        .routes(routes!(content))
        .routes(routes!(answers, add_answer))
        .routes(routes!(remove_answer))
}

/// A report that is made by itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportSchedule {
    /// Which one.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// day, week or month.
    pub every: &'static str,
    /// Of the week from Monday on, or of the month.
    pub day: i64,
    /// Of the day, there.
    pub hour: i64,
    /// Where, as in `Europe/Berlin`.
    pub time_zone: String,
    /// Of its letters: en, de or es.
    pub language: String,
    /// `cost_review`, `weekly_losses`, `supplier_claims` or `lateness`.
    pub pack: &'static str,
    /// pdf, xlsx, html or csv.
    pub format: &'static str,
    /// Of which plant; of all, if null.
    pub facility_id: Option<Uuid>,
    /// Addresses of members who get a letter.
    pub recipients: Vec<String>,
    /// When it is made next.
    #[schema(format = DateTime)]
    pub next_at: String,
    /// Why there was none the last time; empty for nothing.
    pub trouble: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<store::reports::Schedule> for ReportSchedule {
    fn from(one: store::reports::Schedule) -> Self {
        Self {
            id: one.id,
            name: one.name,
            every: one.every.name(),
            day: one.day,
            hour: one.hour,
            time_zone: one.time_zone,
            language: one.language,
            pack: one.pack.name(),
            format: one.format.name(),
            facility_id: one.facility_id.map(|id| id.0),
            recipients: one.recipients,
            next_at: one.next_at.to_string(),
            trouble: one.trouble,
            created_at: one.created_at.to_string(),
        }
    }
}

/// A report that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    /// Which one.
    pub id: Uuid,
    /// By which schedule.
    pub schedule_id: Uuid,
    /// For which moment.
    #[schema(format = DateTime)]
    pub due_at: String,
    /// Of which analysis.
    pub analysis_id: Uuid,
    /// What its file is called.
    pub name: String,
    /// pdf, xlsx, html or csv.
    pub format: &'static str,
    /// How large it is.
    pub bytes: i64,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<store::reports::Report> for Report {
    fn from(one: store::reports::Report) -> Self {
        Self {
            id: one.id,
            schedule_id: one.schedule_id,
            due_at: one.due_at.to_string(),
            analysis_id: one.analysis_id.0,
            name: one.name,
            format: one.format.name(),
            bytes: one.bytes,
            created_at: one.created_at.to_string(),
        }
    }
}

/// What to have made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReportSchedule {
    /// What people call it.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// day, week or month.
    #[schema(value_type = words::PeriodName)]
    pub every: String,
    /// Of the week from Monday on (1 to 7), or of the month (1 to 28); 1 by default.
    #[schema(minimum = 1, maximum = 28)]
    pub day: Option<i8>,
    /// Of the day, there; 6 by default.
    #[schema(minimum = 0, maximum = 23)]
    pub hour: Option<i8>,
    /// Where, as in `Europe/Berlin`; UTC by default.
    pub time_zone: Option<String>,
    /// Of its letters: en, de or es; en by default.
    #[schema(value_type = Option<words::LanguageName>)]
    pub language: Option<String>,
    /// `cost_review`, `weekly_losses`, `supplier_claims` or `lateness`; `cost_review` by default.
    #[schema(value_type = Option<words::ReportPackName>)]
    pub pack: Option<String>,
    /// pdf or xlsx, and for the cost review html or csv too; pdf by default.
    #[schema(value_type = Option<words::ReportFormatName>)]
    pub format: Option<String>,
    /// Of which plant; of all, if left out.
    pub facility_id: Option<Uuid>,
    /// Addresses of members who get a letter; without any it only lies there.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub recipients: Vec<String>,
}

/// The cost review where none is named.
pub(super) fn pack_named(name: Option<&str>) -> Result<Pack, app::Error> {
    Pack::parse(name.unwrap_or("cost_review")).ok_or_else(|| {
        app::Error::invalid("pack", "give cost_review, weekly_losses, supplier_claims or lateness")
    })
}

/// The schedules, oldest first.
#[utoipa::path(get, path = "/report-schedules", operation_id = "list_report_schedules", tag = "reports", params(Paging), responses((status = 200, body = List<ReportSchedule>), Refusals))]
async fn list_schedules(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<ReportSchedule>>, Problem> {
    let all = reports::schedules(state.backing(), &caller).await?;
    paging.cut(all.into_iter().map(ReportSchedule::from), |schedule| schedule.id.to_string())
}

/// A report that is made by itself from now on.
#[utoipa::path(post, path = "/report-schedules", operation_id = "create_report_schedule", tag = "reports", params(("idempotency-key" = Option<String>, Header)), request_body = NewReportSchedule, responses((status = 201, body = ReportSchedule), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewReportSchedule>,
) -> Result<(StatusCode, Json<ReportSchedule>), Problem> {
    let every =
        Every::parse(&new.every).ok_or_else(|| app::Error::invalid("every", "give day, week or month"))?;
    let format = Format::parse(new.format.as_deref().unwrap_or("pdf"))
        .ok_or_else(|| app::Error::invalid("format", "give pdf, xlsx, html or csv"))?;
    let pack = pack_named(new.pack.as_deref())?;
    let form = reports::Form {
        name: new.name,
        rhythm: Rhythm { every, day: new.day.unwrap_or(1), hour: new.hour.unwrap_or(6) },
        time_zone: new.time_zone.unwrap_or_else(|| "UTC".to_owned()),
        language: new.language.unwrap_or_else(|| "en".to_owned()),
        pack,
        format,
        facility: new.facility_id.map(FacilityId),
        recipients: new.recipients,
    };
    let made = reports::create(state.backing(), &caller, &form).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// One schedule.
#[utoipa::path(get, path = "/report-schedules/{id}", operation_id = "get_report_schedule", tag = "reports", params(("id" = Uuid, Path)), responses((status = 200, body = ReportSchedule), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<ReportSchedule>, Problem> {
    Ok(Json(reports::schedule(state.backing(), &caller, id).await?.into()))
}

/// Ends a schedule. What it made goes with it.
#[utoipa::path(delete, path = "/report-schedules/{id}", operation_id = "delete_report_schedule", tag = "reports", params(("id" = Uuid, Path)), responses((status = 204), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    reports::delete(state.backing(), &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was made, newest first.
#[utoipa::path(get, path = "/reports", operation_id = "list_reports", tag = "reports", params(Paging), responses((status = 200, body = List<Report>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Report>>, Problem> {
    let page = reports::page(state.backing(), &caller, paging.page()?).await?;
    Ok(paged(page, Report::from))
}

/// The bytes of a report.
#[utoipa::path(get, path = "/reports/{id}/content", operation_id = "get_report_content", tag = "reports", params(("id" = Uuid, Path)), responses((status = 200, description = "The report, as its format says.", content((Vec<u8> = "application/pdf"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "text/html; charset=utf-8"), (String = "text/csv; charset=utf-8"))), Refusals))]
async fn content(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let (report, bytes) = reports::content(state.backing(), &caller, id).await?;
    Ok(web::download(bytes, report.format, &report.name))
}

/// An answer of the assistant in the report of an analysis.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportAnswer {
    /// Which one.
    pub id: Uuid,
    /// In the report of which analysis.
    pub analysis_id: Uuid,
    /// Where it was said; that conversation may be gone.
    pub conversation_id: Uuid,
    /// Its number there.
    pub number: i64,
    /// What was asked.
    pub question: String,
    /// What was answered; plain text.
    pub body: String,
    /// The answer whole: table, notes, queries, citations.
    #[schema(value_type = Object)]
    pub answer: Value,
    /// Who put it there.
    #[schema(required)]
    pub added_by: Option<Uuid>,
    /// When.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl From<store::report_answers::ReportAnswer> for ReportAnswer {
    fn from(one: store::report_answers::ReportAnswer) -> Self {
        Self {
            id: one.id,
            analysis_id: one.analysis_id.0,
            conversation_id: one.conversation_id.0,
            number: one.number,
            question: one.question,
            body: one.body,
            answer: one.document.get("answer").cloned().unwrap_or(Value::Null),
            added_by: one.added_by.map(|id| id.0),
            created_at: one.created_at.to_string(),
        }
    }
}

/// Which answer to put into the report of the analysis that it is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReportAnswer {
    /// One of your own conversations.
    pub conversation_id: Uuid,
    /// The number of the answer in it.
    #[schema(minimum = 1)]
    pub number: i64,
}

/// The answers in the report of an analysis, in the order in which they were put there.
#[utoipa::path(get, path = "/analyses/{id}/report-answers", operation_id = "list_report_answers", tag = "reports", params(("id" = Uuid, Path), Paging), responses((status = 200, body = List<ReportAnswer>), Refusals))]
async fn answers(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<ReportAnswer>>, Problem> {
    let all = added::list(state.backing(), &caller, AnalysisId(id)).await?;
    paging.cut(all.into_iter().map(ReportAnswer::from), |answer| answer.id.to_string())
}

/// Puts an answer of one of your conversations into the report: its page, PDF and workbook show it from then on. The answer must be
/// about this analysis. A second time gives what is there.
#[utoipa::path(post, path = "/analyses/{id}/report-answers", operation_id = "create_report_answer", tag = "reports", params(("id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)), request_body = NewReportAnswer, responses((status = 201, body = ReportAnswer), Refusals))]
async fn add_answer(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(new): Json<NewReportAnswer>,
) -> Result<(StatusCode, Json<ReportAnswer>), Problem> {
    let said = (ConversationId(new.conversation_id), new.number);
    let made = added::add(state.backing(), &caller, said, Some(AnalysisId(id))).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Takes an answer out of the report. The conversation keeps it.
#[utoipa::path(delete, path = "/analyses/{id}/report-answers/{answer}", operation_id = "delete_report_answer", tag = "reports", params(("id" = Uuid, Path), ("answer" = Uuid, Path)), responses((status = 204), Refusals))]
async fn remove_answer(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, answer)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, Problem> {
    added::remove(state.backing(), &caller, AnalysisId(id), answer).await?;
    Ok(StatusCode::NO_CONTENT)
}
