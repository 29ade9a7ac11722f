//! Plans, jobs, use, announcements, audit log and health.

use app::{
    Error,
    operation::{self, Move, running},
    trail,
};
use axum::{
    Form, Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use domain::id::{JobId, OrgId};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use pages::{
    page::console::{
        reason_page,
        running::{self as sheets, AuditLine, Check, Job, Plan, Said, Use},
    },
    words,
};
use store::{audit::Filter, jobs::JobState, operator::plans::Plan as Limits};
use uuid::Uuid;

use super::{Fields, count, reason, shown, written};
use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
    web::{
        answer, overview,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/console/plans", get(plans).merge(post(save_plan)))
        .route("/console/jobs", get(jobs))
        .route("/console/jobs/{org}/{id}/{verb}", post(move_job))
        .route("/console/usage", get(usage))
        .route("/console/announcements", get(announcements).merge(post(announce)))
        .route("/console/announcements/{id}/withdraw", post(withdraw))
        .route("/console/audit", get(audit).merge(post(filter_audit)))
        .route("/console/health", get(health))
}

fn plan_of(plan: &Limits) -> Plan {
    let text = |limit: Option<i64>| limit.map(|limit| limit.to_string()).unwrap_or_default();
    Plan {
        plan: plan.plan.clone(),
        limits: [
            plan.uploads,
            plan.rows,
            plan.analyses,
            plan.chat_messages,
            plan.ai_tokens,
            plan.mapping_profiles,
        ]
        .map(text),
        offered: plan.offered,
        position: plan.position.to_string(),
    }
}

async fn plans(State(state): State<ServerState>, Query(asked): Query<Fields>, reader: Reader) -> Response {
    let result = async {
        let all: Vec<Plan> =
            running::list_plans(&state.desk, &reader.caller).await?.iter().map(plan_of).collect();
        Ok(match asked.get("plan").map(String::as_str) {
            Some("new") => answer::ok(&sheets::plan(&reader.shell, &Plan::default(), true)),
            Some(name) => {
                let plan = all.iter().find(|plan| plan.plan == name).ok_or(Error::NotFound("plan"))?;
                answer::ok(&sheets::plan(&reader.shell, plan, false))
            }
            None => answer::ok(&sheets::plans(&reader.shell, &all)),
        })
    };
    let result = result.await;
    shown(&reader, "/console/plans", result)
}

async fn save_plan(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    let result = async {
        let limit = |name: &str| {
            let text = written(&form, name).replace([',', ' '], "");
            if text.is_empty() {
                return Ok(None);
            }
            text.parse()
                .map(Some)
                .map_err(|_| Error::invalid(name, "write a whole number, or nothing for no limit"))
        };
        let plan = Limits {
            plan: written(&form, "plan").to_owned(),
            uploads: limit("uploads")?,
            rows: limit("rows")?,
            analyses: limit("analyses")?,
            chat_messages: limit("chat_messages")?,
            ai_tokens: limit("ai_tokens")?,
            mapping_profiles: limit("mapping_profiles")?,
            offered: form.contains_key("offered"),
            position: limit("position")?.unwrap_or(0),
        };
        running::put_plan(&state.desk, &reader.caller, &plan).await?;
        Ok(reader::see_and_say(&state, "/console/plans", "Plan saved; its limits hold at once."))
    };
    let result = result.await;
    shown(&reader, "/console/plans", result)
}

fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %Y %H:%M").to_string()
}

async fn jobs(State(state): State<ServerState>, Query(asked): Query<Fields>, reader: Reader) -> Response {
    let result = async {
        let state_of = asked.get("state").map(String::as_str).unwrap_or_default();
        let found: Vec<Job> = running::jobs(&state.desk, &reader.caller, JobState::parse(state_of))
            .await?
            .into_iter()
            .map(|job| Job {
                org: job.org_id.to_string(),
                id: job.id.to_string(),
                kind: job.kind,
                organisation: job.org_name,
                state: job.state.name().to_owned(),
                attempts: format!("{} of {}", job.attempt, job.attempts_max),
                reason: job.reason.unwrap_or_default(),
                when: moment(job.created_at),
            })
            .collect();
        Ok(answer::ok(&sheets::jobs(&reader.shell, &found, state_of)))
    };
    let result = result.await;
    shown(&reader, "/console/jobs", result)
}

async fn move_job(
    State(state): State<ServerState>,
    Path((org, id, verb)): Path<(String, String, String)>,
    reader: Reader,
) -> Response {
    let result = async {
        let missing = || Error::NotFound("job");
        let org: OrgId = org.parse().map_err(|_| missing())?;
        let id: JobId = id.parse().map_err(|_| missing())?;
        let (how, reason, words) = match verb.as_str() {
            "retry" => (Move::Retry, "a job is set going again", "The job goes again."),
            "cancel" => (Move::Cancel, "a job is stopped", "The job is asked to stop."),
            _ => return Err(missing()),
        };
        operation::move_job(&state.desk, &reader.caller, org, id, how, reason).await?;
        Ok(reader::see_and_say(&state, "/console/jobs", words))
    };
    let result = result.await;
    shown(&reader, "/console/jobs", result)
}

async fn usage(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let uses: Vec<Use> = running::usage(&state.desk, &reader.caller)
            .await?
            .into_iter()
            .map(|one| Use {
                href: format!("/console/customers/{}", one.org_id),
                name: one.name,
                plan: words::sentence_case(&one.plan),
                amounts: [
                    count(one.uploads),
                    count(one.rows),
                    count(one.analyses),
                    count(one.chat_messages),
                    count(one.ai_tokens),
                    format!("{} MB", count(one.bytes >> 20)),
                    format!("{:.0} s", one.work_seconds),
                ],
            })
            .collect();
        let month = state.backing().clock.now().strftime("%B %Y").to_string();
        Ok(answer::ok(&sheets::usage(&reader.shell, &month, &uses)))
    };
    let result = result.await;
    shown(&reader, "/console/usage", result)
}

async fn announcements(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let now = state.backing().clock.now();
        let said: Vec<Said> = running::announcements(&state.desk, &reader.caller)
            .await?
            .into_iter()
            .map(|one| {
                (
                    one.id.to_string(),
                    one.title,
                    one.body,
                    overview::day(one.shown_until),
                    one.shown_until > now,
                )
            })
            .collect();
        Ok(answer::ok(&sheets::announcements(&reader.shell, &said)))
    };
    let result = result.await;
    shown(&reader, "/console/announcements", result)
}

async fn announce(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    let result = async {
        let days = written(&form, "days").parse().unwrap_or(0);
        let (title, body) = (written(&form, "title"), written(&form, "body"));
        running::announce(&state.desk, &reader.caller, title, body, days).await?;
        Ok(reader::see_and_say(&state, "/console/announcements", "Every page shows it now."))
    };
    let result = result.await;
    shown(&reader, "/console/announcements", result)
}

async fn withdraw(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id: Uuid = id.parse().map_err(|_| Error::NotFound("announcement"))?;
        running::withdraw(&state.desk, &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, "/console/announcements", "Taken back."))
    };
    let result = result.await;
    shown(&reader, "/console/announcements", result)
}

const LINES: u32 = 100;
const FILTERS: [&str; 6] = ["org", "actor", "action", "type", "from", "until"];

async fn filter_audit(Form(form): Form<Fields>) -> Response {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in FILTERS {
        let value = written(&form, name);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    answer::see(format!("/console/audit?{}", query.finish()))
}

async fn audit(
    State(state): State<ServerState>,
    Query(asked): Query<Fields>,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    let result = async {
        let org = written(&asked, "org");
        let (org, why) = if org.is_empty() {
            (store::audit::INSTALLATION, "audit log of the installation".to_owned())
        } else {
            let next = format!("/console/audit?org={org}");
            match reason(&headers) {
                Some(why) => (org.parse().map_err(|_| Error::NotFound("organisation"))?, why),
                None => {
                    return Ok(answer::ok(&reason_page(&reader.shell, &next)));
                }
            }
        };
        let acting = operation::act_in(&state.desk, &reader.caller, org, &why).await?;
        let day = |name: &str| {
            let text = written(&asked, name);
            if text.is_empty() {
                return Ok::<_, Error>(None);
            }
            let day: Date =
                text.parse().map_err(|_| Error::invalid(name, "write a day such as 2026-12-24"))?;
            Ok(TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok())
        };
        let text = |name: &str| Some(written(&asked, name).to_owned()).filter(|text| !text.is_empty());
        let filter = Filter {
            actor_id: text("actor"),
            action: text("action"),
            resource_type: text("type"),
            from: day("from")?,
            until: day("until")?,
            before_seq: written(&asked, "before").parse().ok(),
            ..Filter::default()
        };
        let found = trail::list(state.backing(), &acting, &filter, LINES).await?;
        let kept: Vec<(String, String)> =
            FILTERS.iter().filter_map(|name| text(name).map(|value| ((*name).to_owned(), value))).collect();
        let next = found.last().filter(|_| found.len() == LINES as usize).map(|last| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&kept).append_pair("before", &last.seq.to_string());
            format!("/console/audit?{}", query.finish())
        });
        let mut lines: Vec<AuditLine> = found
            .iter()
            .map(|one| {
                [
                    moment(one.at),
                    format!("{} {}", one.actor_kind.name(), one.actor_id),
                    overview::deed(&one.action),
                    one.details["reason"].as_str().unwrap_or_default().to_owned(),
                    format!("{} {}", one.resource_type, one.resource_id).trim().to_owned(),
                    one.outcome.name().to_owned(),
                ]
            })
            .collect();
        // Each request of an operator's is a line of its own: side by side they are one look.
        let looked = overview::deed("operator.enter");
        lines.dedup_by(|next, last| next[2] == looked && next[1..] == last[1..]);
        Ok(answer::ok(&sheets::audit(&reader.shell, &lines, &kept, next)))
    };
    let result = result.await;
    shown(&reader, "/console/audit", result)
}

async fn health(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let found = running::health(&state.desk, &reader.caller).await?;
        let checks: Vec<Check> =
            found.checks.into_iter().map(|check| (check.part.to_owned(), check.says, check.good)).collect();
        let rows: Vec<[String; 4]> = found
            .queues
            .into_iter()
            .map(|one| {
                [
                    one.kind.replace('_', " "),
                    one.state,
                    one.jobs.to_string(),
                    format!("{:.0} s", one.oldest_seconds.max(0.0)),
                ]
            })
            .collect();
        Ok(answer::ok(&sheets::health(&reader.shell, &checks, &rows)))
    };
    let result = result.await;
    shown(&reader, "/console/health", result)
}
