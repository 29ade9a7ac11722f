//! Running the installation: for its operators, who are named in its configuration and come in as people with a second
//! factor. It is apart from the roles of organisations: an owner is no operator, and an operator sees no organisation's data
//! here. Every look at one organisation, and every change of it, stands in that organisation's own audit trail.

use domain::{
    actor::Means,
    id::{JobId, OrgId, UserId},
};
use store::{
    audit::{self, Event, Outcome},
    gate,
    jobs::JobState,
    operator::{Operator, OperatorTx, jobs, orgs},
    orgs::{Org, OrgState},
};

use crate::{Caller, Error, accounts::Desk};

/// An organisation in numbers.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The organisation.
    pub org: Org,
    /// What it has.
    pub has: orgs::Statistics,
}

/// All organisations. The look stands in the installation's trail.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<Vec<Org>, Error> {
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "list of organisations", &caller.trace.to_string()).await?;
    let all = orgs::list(&mut tx).await?;
    tx.commit().await?;
    Ok(all)
}

/// One organisation in numbers, for a reason that it can read in its trail.
pub async fn get(desk: &Desk, caller: &Caller, id: OrgId, reason: &str) -> Result<Overview, Error> {
    let mut tx = begin(desk, caller).await?;
    let org = present(&mut tx, id).await?;
    tx.enter(id, checked(reason)?, &caller.trace.to_string()).await?;
    let has = orgs::statistics(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Overview { org, has })
}

/// Opens an organisation, suspends it (it can be read and not written) or closes it (nobody comes in). It takes effect here at
/// once and in other processes within seconds.
pub async fn set_state(
    desk: &Desk,
    caller: &Caller,
    id: OrgId,
    state: OrgState,
    reason: &str,
) -> Result<Org, Error> {
    let mut tx = begin(desk, caller).await?;
    let before = present(&mut tx, id).await?;
    tx.enter(id, checked(reason)?, &caller.trace.to_string()).await?;
    if !orgs::set_state(&mut tx, state).await? {
        return Err(Error::NotFound("organisation"));
    }
    let event = Event::new("org.set_state", Outcome::Done)
        .by_operator(tx.operator().user)
        .on("org", id)
        .traced(caller.trace.to_string())
        .detail("from", before.state.name())
        .detail("to", state.name());
    audit::record(&mut tx, &event).await?;
    let after = present(&mut tx, id).await?;
    tx.commit().await?;
    desk.forget_recent();
    Ok(after)
}

/// Jobs of all organisations in a state, without what they are about. The look stands in the installation's trail.
pub async fn jobs(desk: &Desk, caller: &Caller, state: JobState) -> Result<Vec<jobs::Standing>, Error> {
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "list of jobs", &caller.trace.to_string()).await?;
    let all = jobs::list(&mut tx, state, 200).await?;
    tx.commit().await?;
    Ok(all)
}

/// What an operator does to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Back into the queue, with all its attempts.
    Retry,
    /// To its end.
    Cancel,
}

/// Moves a job of an organisation, for a reason that it can read in its trail.
pub async fn move_job(
    desk: &Desk,
    caller: &Caller,
    org: OrgId,
    job: JobId,
    how: Move,
    reason: &str,
) -> Result<(), Error> {
    let mut tx = begin(desk, caller).await?;
    present(&mut tx, org).await?;
    tx.enter(org, checked(reason)?, &caller.trace.to_string()).await?;
    let before = jobs::get(&mut tx, job).await?.ok_or(Error::NotFound("job"))?;
    let (moved, action) = match how {
        Move::Retry => (jobs::retry(&mut tx, job).await?, "job.retry"),
        Move::Cancel => (jobs::cancel(&mut tx, job).await?, "job.cancel"),
    };
    if !moved {
        return Err(Error::Conflict(format!("the job is {}; look again", before.state.name())));
    }
    let event = Event::new(action, Outcome::Done)
        .by_operator(tx.operator().user)
        .on("job", job)
        .traced(caller.trace.to_string())
        .detail("from", before.state.name());
    audit::record(&mut tx, &event).await?;
    tx.commit().await?;
    Ok(())
}

/// A transaction of an operator; anybody else is refused.
pub(crate) async fn begin(desk: &Desk, caller: &Caller) -> Result<OperatorTx, Error> {
    let user = operator(desk, caller).await?;
    Ok(desk.backing.store.operator(Operator { user }).await?)
}

async fn operator(desk: &Desk, caller: &Caller) -> Result<UserId, Error> {
    // A key or a token is never enough: an operator is a person at a browser.
    let Means::Session { user, .. } = caller.actor.means else { return Err(Error::NotAnOperator) };
    let mut gate = desk.backing.store.gate().await?;
    let person = gate::users::get(&mut gate, user).await?.ok_or(Error::NotAnOperator)?;
    // By id and not by address: whoever could open an account of an address first would else be an operator.
    if !desk.settings.operators.contains(&user) {
        return Err(Error::NotAnOperator);
    }
    if person.totp_confirmed_at.is_none() {
        return Err(Error::Conflict("operators need a second factor; set one up first".to_owned()));
    }
    Ok(user)
}

async fn present(tx: &mut OperatorTx, id: OrgId) -> Result<Org, Error> {
    let all = orgs::list(tx).await?;
    all.into_iter().find(|org| org.org_id == id).ok_or(Error::NotFound("organisation"))
}

fn checked(reason: &str) -> Result<&str, Error> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::invalid(
            "reason",
            "say why, in 1 to 500 characters; the organisation can read it",
        ));
    }
    Ok(reason)
}
