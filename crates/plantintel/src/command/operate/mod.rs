//! `plantintel admin operate`: the operator's console at the command line.

mod customers;
mod reviews;
mod running;
mod said;
mod settings;

use app::{Caller, accounts::Desk, operation};
use domain::id::{AnalysisId, JobId, OrgId};
use store::orgs::OrgState;

use self::said::Said;
use crate::{
    cli::operate::{OperateArgs, OperateCommand},
    failure::Failure,
};

pub(super) async fn act(desk: &Desk, asked: OperateArgs) -> Result<String, Failure> {
    let caller = operation::at_the_shell(desk, asked.operator.as_deref()).await?;
    carry_out(desk, &caller, asked.command).await?.print(asked.json)
}

async fn carry_out(desk: &Desk, caller: &Caller, command: OperateCommand) -> Result<Said, Failure> {
    use OperateCommand as Command;
    match command {
        Command::Customers { search, status } => {
            customers::list(desk, caller, &search, status.as_deref()).await
        }
        Command::Customer { organization, reason } => {
            customers::show(desk, caller, org(&organization)?, &reason).await
        }
        Command::CreateCustomer { name, email, plan } => {
            customers::create(desk, caller, &name, &email, &plan).await
        }
        Command::EditCustomer(change) => customers::edit(desk, caller, *change).await,
        Command::SetState { organization, state, reason } => {
            let to = OrgState::parse(&state)
                .ok_or_else(|| Failure::Usage("a state is active, suspended or closed".to_owned()))?;
            let after = operation::set_state(desk, caller, org(&organization)?, to, &reason).await?;
            Ok(Said::done(&format!("{} is {}", after.name, after.state.name())))
        }
        Command::Settings { organization, reason } => {
            settings::show(desk, caller, org(&organization)?, &reason).await
        }
        Command::SettingsHistory { organization, reason } => {
            settings::history(desk, caller, org(&organization)?, &reason).await
        }
        Command::Counters => customers::count(desk, caller).await,
        Command::SetSettings { organization, preset, set, reason } => {
            settings::set(desk, caller, org(&organization)?, preset, &set, &reason).await
        }
        Command::Reviews => reviews::list(desk, caller).await,
        Command::Review { organization, analysis: id } => {
            reviews::show(desk, caller, org(&organization)?, analysis(&id)?).await
        }
        Command::WriteReview { organization, analysis: id, tick, untick, notes, approve } => {
            let place = (org(&organization)?, analysis(&id)?);
            let change = reviews::Change { tick: &tick, untick: &untick, notes: notes.as_deref(), approve };
            reviews::write(desk, caller, place, &change).await
        }
        Command::EditFinding { organization, analysis: id, key, title, note, hide } => {
            let edit = reviews::edit_of(&key, &title, &note, hide);
            reviews::edit(desk, caller, (org(&organization)?, analysis(&id)?), &edit).await
        }
        Command::Publish { organization, analysis: id } => {
            operation::reviews::publish(desk, caller, org(&organization)?, analysis(&id)?).await?;
            Ok(Said::done("the customer sees it"))
        }
        Command::Plans => running::list_plans(desk, caller).await,
        Command::PutPlan {
            plan,
            uploads,
            rows,
            analyses,
            chat_messages,
            ai_tokens,
            mapping_profiles,
            offered,
        } => {
            let limits = [uploads, rows, analyses, chat_messages, ai_tokens, mapping_profiles];
            running::put_plan(desk, caller, plan, limits, offered).await
        }
        Command::Jobs { state } => running::list_jobs(desk, caller, state.as_deref()).await,
        Command::MoveJob { organization, job, how, reason } => {
            let job: JobId = job.parse().map_err(|_| Failure::Usage(format!("{job:?} is no id of a job")))?;
            running::move_job(desk, caller, org(&organization)?, job, &how, &reason).await
        }
        Command::Usage => running::list_usage(desk, caller).await,
        Command::Announcements => running::list_announcements(desk, caller).await,
        Command::Announce { title, body, days } => {
            operation::running::announce(desk, caller, &title, &body, days).await?;
            Ok(Said::done("every page shows it"))
        }
        Command::Withdraw { announcement } => running::withdraw(desk, caller, &announcement).await,
        Command::Audit { organization, reason, action, limit } => {
            let whose = organization.as_deref().map_or(Ok(store::audit::INSTALLATION), org)?;
            running::trail(desk, caller, whose, &reason, action, limit).await
        }
        Command::Health => running::health(desk, caller).await,
    }
}

fn org(text: &str) -> Result<OrgId, Failure> {
    text.parse().map_err(|_| Failure::Usage(format!("{text:?} is no id of an organization")))
}

fn analysis(text: &str) -> Result<AnalysisId, Failure> {
    text.parse().map_err(|_| Failure::Usage(format!("{text:?} is no id of an analysis")))
}
