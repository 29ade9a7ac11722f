//! `plantintel admin operate`: the operator's console at the command line.

use app::{
    Caller,
    accounts::Desk,
    operation::{self, Move, customers, reviews, running},
};
use domain::id::{JobId, OrgId};
use serde_json::{Value, json};
use store::{jobs::JobState, operator::customers::CustomerStatus, orgs::OrgState};

use crate::{
    cli::{AsOperator, OperateCommand},
    failure::Failure,
};

/// What is printed: a document for programs, or a table for people.
struct Said {
    document: Value,
    table: Vec<Vec<String>>,
}

impl Said {
    fn done(words: &str) -> Self {
        Self { document: json!({ "done": words }), table: vec![vec![words.to_owned()]] }
    }

    /// A table with these heads, and the same as documents.
    fn list(heads: &[&str], rows: Vec<Vec<String>>) -> Self {
        let items: Vec<Value> = rows
            .iter()
            .map(|row| heads.iter().zip(row).map(|(head, cell)| ((*head).to_owned(), json!(cell))).collect())
            .collect();
        let mut table = vec![heads.iter().map(|head| (*head).to_owned()).collect()];
        table.extend(rows);
        Self { document: json!({ "items": items }), table }
    }

    fn print(&self, as_json: bool) -> Result<String, Failure> {
        if as_json {
            return Ok(serde_json::to_string_pretty(&self.document).map_err(anyhow::Error::from)?);
        }
        let columns = self.table.iter().map(Vec::len).max().unwrap_or(0);
        let wide = |column: usize| {
            let cells = self.table.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(wide).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        Ok(self.table.iter().map(line).collect::<Vec<_>>().join("\n"))
    }
}

pub(super) async fn act(desk: &Desk, command: OperateCommand) -> Result<String, Failure> {
    let by = |by: &AsOperator| (by.email.clone(), by.json);
    let (email, as_json) = match &command {
        OperateCommand::Customers { by: who, .. }
        | OperateCommand::SetState { by: who, .. }
        | OperateCommand::Plans { by: who }
        | OperateCommand::Reviews { by: who }
        | OperateCommand::Jobs { by: who, .. }
        | OperateCommand::MoveJob { by: who, .. }
        | OperateCommand::Usage { by: who }
        | OperateCommand::Announce { by: who, .. } => by(who),
    };
    let caller = operation::at_the_shell(desk, email.as_deref()).await?;
    let said = match command {
        OperateCommand::Customers { search, status, .. } => {
            list_customers(desk, &caller, &search, status.as_deref()).await?
        }
        OperateCommand::SetState { organization, state, reason, .. } => {
            let to = OrgState::parse(&state)
                .ok_or_else(|| Failure::Usage("a state is active, suspended or closed".to_owned()))?;
            let after = operation::set_state(desk, &caller, org(&organization)?, to, &reason).await?;
            Said::done(&format!("{} is {}", after.name, after.state.name()))
        }
        OperateCommand::Plans { .. } => list_plans(desk, &caller).await?,
        OperateCommand::Reviews { .. } => list_reviews(desk, &caller).await?,
        OperateCommand::Jobs { state, .. } => list_jobs(desk, &caller, state.as_deref()).await?,
        OperateCommand::MoveJob { organization, job, how, reason, .. } => {
            let job: JobId = job.parse().map_err(|_| Failure::Usage(format!("{job:?} is no id of a job")))?;
            let (how, words) = match how.as_str() {
                "retry" => (Move::Retry, "the job goes again"),
                "cancel" => (Move::Cancel, "the job is asked to stop"),
                _ => return Err(Failure::Usage("say retry or cancel".to_owned())),
            };
            operation::move_job(desk, &caller, org(&organization)?, job, how, &reason).await?;
            Said::done(words)
        }
        OperateCommand::Usage { .. } => list_usage(desk, &caller).await?,
        OperateCommand::Announce { title, body, days, .. } => {
            running::announce(desk, &caller, &title, &body, days).await?;
            Said::done("every page shows it")
        }
    };
    said.print(as_json)
}

fn org(text: &str) -> Result<OrgId, Failure> {
    text.parse().map_err(|_| Failure::Usage(format!("{text:?} is no id of an organization")))
}

async fn list_customers(
    desk: &Desk,
    caller: &Caller,
    search: &str,
    status: Option<&str>,
) -> Result<Said, Failure> {
    let status = match status {
        None => None,
        Some(name) => Some(
            CustomerStatus::parse(name)
                .ok_or_else(|| Failure::Usage("a status is trial, active or inactive".to_owned()))?,
        ),
    };
    let found = customers::list(desk, caller, search, status).await?;
    let rows = found.iter().map(|one| {
        let verified = one.savings.iter().map(|sum| {
            format!("{} {}", sum.verified, sum.currency.as_deref().unwrap_or_default()).trim().to_owned()
        });
        vec![
            one.org.org_id.to_string(),
            one.org.name.clone(),
            one.org.plan.clone(),
            one.org.state.name().to_owned(),
            one.customer.as_ref().map(|noted| noted.status.name().to_owned()).unwrap_or_default(),
            verified.collect::<Vec<_>>().join(", "),
            one.days_left.map(|days| days.to_string()).unwrap_or_default(),
        ]
    });
    let heads = ["id", "name", "plan", "state", "status", "verified_savings", "days_left"];
    Ok(Said::list(&heads, rows.collect()))
}

async fn list_plans(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
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

async fn list_reviews(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
    let now = desk.backing.clock.now();
    let rows = reviews::list(desk, caller).await?.into_iter().map(|one| {
        vec![
            one.org_name.clone(),
            one.name.clone(),
            one.state.name().to_owned(),
            one.findings.to_string(),
            one.created_at.to_string(),
            if reviews::is_urgent(&one, now) { "urgent" } else { "" }.to_owned(),
            one.org_id.to_string(),
            one.analysis_id.to_string(),
        ]
    });
    let heads = [
        "organization",
        "analysis",
        "state",
        "findings",
        "waits_since",
        "urgent",
        "organization_id",
        "analysis_id",
    ];
    Ok(Said::list(&heads, rows.collect()))
}

async fn list_jobs(desk: &Desk, caller: &Caller, state: Option<&str>) -> Result<Said, Failure> {
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

async fn list_usage(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
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
