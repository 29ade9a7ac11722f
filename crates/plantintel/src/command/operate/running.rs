//! The installation itself: plans, jobs, use, announcements, trails, health.

use app::{
    Caller,
    accounts::Desk,
    operation::{self, Move, running},
    trail as trails,
};
use domain::id::{JobId, OrgId};
use store::{audit::Filter, jobs::JobState, operator::plans::Plan};

use super::said::Said;
use crate::{cli::operate::Limit, failure::Failure};

pub(super) async fn list_plans(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
    let limit = |limit: Option<i64>| limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string());
    let rows = running::list_plans(desk, caller).await?.into_iter().map(|plan| {
        let limits = [
            plan.uploads,
            plan.rows,
            plan.analyses,
            plan.chat_messages,
            plan.ai_tokens,
            plan.mapping_profiles,
        ];
        std::iter::once(plan.plan).chain(limits.into_iter().map(limit)).collect()
    });
    let heads = ["plan", "uploads", "rows", "analyses", "chat_messages", "ai_tokens", "mapping_profiles"];
    Ok(Said::list(&heads, rows.collect()))
}

pub(super) async fn list_jobs(desk: &Desk, caller: &Caller, state: Option<&str>) -> Result<Said, Failure> {
    let state = match state {
        None => None,
        Some(name) => Some(JobState::parse(name).ok_or_else(|| {
            Failure::Usage("a state is queued, running, completed, failed or cancelled".to_owned())
        })?),
    };
    let rows = running::jobs(desk, caller, state).await?.into_iter().map(|job| {
        vec![
            job.org_name,
            job.kind,
            job.state.name().to_owned(),
            format!("{} of {}", job.attempt, job.attempts_max),
            job.created_at.to_string(),
            job.reason.unwrap_or_default(),
            job.org_id.to_string(),
            job.id.to_string(),
        ]
    });
    let heads = ["organization", "kind", "state", "attempt", "created_at", "reason", "organization_id", "id"];
    Ok(Said::list(&heads, rows.collect()))
}

pub(super) async fn list_usage(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
    let rows = running::usage(desk, caller).await?.into_iter().map(|used| {
        let counts = [used.uploads, used.rows, used.analyses, used.chat_messages, used.ai_tokens, used.bytes];
        let mut row = vec![used.name, used.plan];
        row.extend(counts.map(|count| count.to_string()));
        row.push(format!("{:.0}", used.work_seconds));
        row
    });
    let heads = [
        "organization",
        "plan",
        "uploads",
        "rows",
        "analyses",
        "chat_messages",
        "ai_tokens",
        "stored_bytes",
        "work_seconds",
    ];
    Ok(Said::list(&heads, rows.collect()))
}

pub(super) async fn put_plan(
    desk: &Desk,
    caller: &Caller,
    plan: String,
    limits: [Option<Limit>; 6],
    offered: Option<bool>,
) -> Result<Said, Failure> {
    let before = running::list_plans(desk, caller).await?;
    let known = before.iter().find(|one| one.plan == plan);
    let [uploads, rows, analyses, chat_messages, ai_tokens, mapping_profiles] = limits;
    let limit = |given: Option<Limit>, of: fn(&Plan) -> Option<i64>| {
        given.map_or_else(|| known.and_then(of), |given| given.0)
    };
    let plan = Plan {
        uploads: limit(uploads, |plan| plan.uploads),
        rows: limit(rows, |plan| plan.rows),
        analyses: limit(analyses, |plan| plan.analyses),
        chat_messages: limit(chat_messages, |plan| plan.chat_messages),
        ai_tokens: limit(ai_tokens, |plan| plan.ai_tokens),
        mapping_profiles: limit(mapping_profiles, |plan| plan.mapping_profiles),
        offered: offered.unwrap_or_else(|| known.is_some_and(|plan| plan.offered)),
        position: known.map_or(before.len() as i64, |plan| plan.position),
        plan,
    };
    running::put_plan(desk, caller, &plan).await?;
    Ok(Said::done(&format!("the limits of {} hold from now on", plan.plan)))
}

pub(super) async fn move_job(
    desk: &Desk,
    caller: &Caller,
    org: OrgId,
    job: JobId,
    how: &str,
    reason: &str,
) -> Result<Said, Failure> {
    let (how, words) = match how {
        "retry" => (Move::Retry, "the job goes again"),
        "cancel" => (Move::Cancel, "the job is asked to stop"),
        _ => return Err(Failure::Usage("say retry or cancel".to_owned())),
    };
    operation::move_job(desk, caller, org, job, how, reason).await?;
    Ok(Said::done(words))
}

pub(super) async fn list_announcements(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
    let rows = running::announcements(desk, caller)
        .await?
        .into_iter()
        .map(|one| vec![one.id.to_string(), one.title, one.body, one.shown_until.to_string()]);
    Ok(Said::list(&["id", "title", "body", "shown_until"], rows.collect()))
}

pub(super) async fn withdraw(desk: &Desk, caller: &Caller, id: &str) -> Result<Said, Failure> {
    let id = id.parse().map_err(|_| Failure::Usage(format!("{id:?} is no id of an announcement")))?;
    running::withdraw(desk, caller, id).await?;
    Ok(Said::done("no page shows it any more"))
}

pub(super) async fn trail(
    desk: &Desk,
    caller: &Caller,
    whose: OrgId,
    reason: &str,
    action: Option<String>,
    limit: u32,
) -> Result<Said, Failure> {
    if !(1..=store::LIMIT_MAX).contains(&limit) {
        return Err(Failure::Usage(format!("give a limit from 1 to {}", store::LIMIT_MAX)));
    }
    let acting = operation::act_in(desk, caller, whose, reason).await?;
    let filter = Filter { action, ..Filter::default() };
    let rows = trails::list(&desk.backing, &acting, &filter, limit).await?.into_iter().map(|entry| {
        vec![
            entry.seq.to_string(),
            entry.at.to_string(),
            format!("{} {}", entry.actor_kind.name(), entry.actor_id).trim().to_owned(),
            entry.action,
            format!("{} {}", entry.resource_type, entry.resource_id).trim().to_owned(),
            entry.outcome.name().to_owned(),
            entry.details.to_string(),
        ]
    });
    let heads = ["seq", "at", "actor", "action", "resource", "outcome", "details"];
    Ok(Said::list(&heads, rows.collect()))
}

pub(super) async fn health(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
    let health = running::health(desk, caller).await?;
    let checks = health.checks.into_iter().map(|check| {
        vec![check.part.to_owned(), if check.good { "good" } else { "look" }.to_owned(), check.says]
    });
    let queues = health.queues.into_iter().map(|queue| {
        vec![queue.kind, queue.state, queue.jobs.to_string(), format!("{:.0}", queue.oldest_seconds)]
    });
    let parts = vec![
        ("checks", Said::list(&["part", "state", "says"], checks.collect())),
        ("queues", Said::list(&["kind", "state", "jobs", "oldest_seconds"], queues.collect())),
    ];
    Ok(Said::one(Vec::new(), parts))
}
