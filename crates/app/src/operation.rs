//! Running the installation: for its operators, who are named in its configuration and come in as people with a second
//! factor. It is apart from the roles of organisations: an owner is no operator, and an operator sees no organisation's data
//! here. Every look at one organisation, and every change of it, stands in that organisation's own audit trail.

pub mod customers;
pub mod reviews;
pub mod running;

use domain::{
    Actor, Role,
    actor::Means,
    id::{JobId, OrgId, SessionId, UserId},
};
use jiff::SignedDuration;
use store::{
    audit::{self, Event, Outcome},
    gate::{self, throttle::Rule},
    jobs::JobState,
    operator::{Operator, OperatorTx, jobs, orgs},
    orgs::{Org, OrgState},
};

use crate::{
    Caller, Error,
    accounts::{Desk, email_key, second_factor},
};

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

/// One organisation in numbers, for a reason that it can read in its trail; and the operator as somebody who acts in it, for
/// what belongs to the same look.
pub async fn get(desk: &Desk, caller: &Caller, id: OrgId, reason: &str) -> Result<(Overview, Caller), Error> {
    let mut tx = begin(desk, caller).await?;
    let org = present(&mut tx, id).await?;
    tx.enter(id, checked(reason)?, &caller.trace.to_string()).await?;
    let has = orgs::statistics(&mut tx, id).await?;
    let user = tx.operator().user;
    tx.commit().await?;
    Ok((Overview { org, has }, acting(caller, user, id)))
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

/// How long a second factor counts.
const FRESH: SignedDuration = SignedDuration::from_mins(30);

async fn operator(desk: &Desk, caller: &Caller) -> Result<UserId, Error> {
    if let Means::Operator { user } = caller.actor.means {
        // Made by `act_in` or `at_the_shell`, never by a request; and still one by the configuration.
        return if desk.settings.operators.contains(&user) { Ok(user) } else { Err(Error::NotAnOperator) };
    }
    let (user, session) = person(desk, caller).await?;
    let mut gate = desk.backing.store.gate().await?;
    let shown = gate::sessions::list(&mut gate, user, desk.backing.clock.now()).await?;
    let shown = shown.into_iter().find(|one| one.id == session).and_then(|one| one.second_factor_at);
    match shown {
        Some(at) if desk.backing.clock.now().duration_since(at) <= FRESH => Ok(user),
        _ => Err(Error::StepUp),
    }
}

/// An operator, whenever the second factor was shown.
async fn person(desk: &Desk, caller: &Caller) -> Result<(UserId, SessionId), Error> {
    // A key or a token is never enough: an operator is a person at a browser.
    let Means::Session { user, session } = caller.actor.means else { return Err(Error::NotAnOperator) };
    let mut gate = desk.backing.store.gate().await?;
    let person = gate::users::get(&mut gate, user).await?.ok_or(Error::NotAnOperator)?;
    // By id and not by address: whoever could open an account of an address first would else be an operator.
    if !desk.settings.operators.contains(&user) {
        return Err(Error::NotAnOperator);
    }
    let networks = &desk.settings.operator_networks;
    let comes_from = |address| networks.iter().any(|network| network.contains(address));
    if !networks.is_empty() && !caller.address.is_some_and(comes_from) {
        return Err(Error::NotAnOperator);
    }
    if person.totp_confirmed_at.is_none() {
        return Err(Error::Conflict("operators need a second factor; set one up first".to_owned()));
    }
    Ok((user, session))
}

/// Whether the caller is somebody who could show the second factor once more: an operator who has one.
pub async fn may_step_up(desk: &Desk, caller: &Caller) -> Result<(), Error> {
    person(desk, caller).await.map(drop)
}

/// Shows the second factor once more. Wrong codes are slowed down like wrong passwords.
pub async fn step_up(desk: &Desk, caller: &Caller, code: &str) -> Result<(), Error> {
    let (user, session) = person(desk, caller).await?;
    let now = desk.backing.clock.now();
    let key = format!("step-up:{user}");
    let mut gate = desk.backing.store.gate().await?;
    if let Some(throttle) = gate::throttle::get(&mut gate, &key, now).await? {
        return Err(Error::Limit {
            what: "too many wrong codes; wait, then try again".to_owned(),
            retry_after: throttle.locked_until.duration_since(now).try_into().ok(),
        });
    }
    let account = gate::users::get(&mut gate, user).await?.ok_or(Error::NotAnOperator)?;
    drop(gate);
    let passes = second_factor::passes(desk, &account, code.trim()).await?;
    let mut gate = desk.backing.store.gate().await?;
    let outcome = if passes {
        gate::throttle::clear(&mut gate, &key).await?;
        gate::sessions::set_second_factor(&mut gate, session, now).await?;
        Outcome::Done
    } else {
        gate::throttle::fail(&mut gate, &key, CODES, now).await?;
        Outcome::Denied
    };
    gate.enter(audit::INSTALLATION).await?;
    let event = Event::new("operator.step_up", outcome).by_operator(user).traced(caller.trace.to_string());
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    if passes {
        Ok(())
    } else {
        Err(Error::invalid("code", "this is not the present code; check the clock of your device"))
    }
}

/// Wrong codes in a row.
const CODES: Rule = Rule {
    free: 5,
    first_wait: SignedDuration::from_mins(1),
    longest_wait: SignedDuration::from_mins(15),
    window: SignedDuration::from_hours(1),
};

/// The operator as somebody who acts in an organisation, for a reason that the organisation reads in its trail. What is done
/// with it goes through the same use cases as its own people's, and stands in the trail as the operator's.
pub async fn act_in(desk: &Desk, caller: &Caller, id: OrgId, reason: &str) -> Result<Caller, Error> {
    let mut tx = begin(desk, caller).await?;
    if id != audit::INSTALLATION {
        present(&mut tx, id).await?;
    }
    tx.enter(id, checked(reason)?, &caller.trace.to_string()).await?;
    let user = tx.operator().user;
    tx.commit().await?;
    Ok(acting(caller, user, id))
}

fn acting(caller: &Caller, user: UserId, id: OrgId) -> Caller {
    let actor = Actor { org: id, role: Role::Owner, means: Means::Operator { user } };
    Caller::new(actor, caller.trace, caller.address)
}

/// An operator at the installation's own command line: whoever starts programs there has its configuration and its database,
/// so that a second factor would prove nothing. Without an address it is the only operator that there is.
pub async fn at_the_shell(desk: &Desk, email: Option<&str>) -> Result<Caller, Error> {
    let operators = &desk.settings.operators;
    let user = match email {
        None => match operators.as_slice() {
            [only] => *only,
            [] => {
                return Err(Error::Conflict(
                    "nobody is named in `operators` of the configuration; name the id of an account"
                        .to_owned(),
                ));
            }
            _ => return Err(Error::Conflict("there are several operators; say which, with --as".to_owned())),
        },
        Some(email) => {
            let mut gate = desk.backing.store.gate().await?;
            let account = gate::users::get_by_email(&mut gate, &email_key(email)).await?;
            account.ok_or(Error::NotFound("account"))?.id
        }
    };
    if !operators.contains(&user) {
        return Err(Error::NotAnOperator);
    }
    let actor = Actor { org: audit::INSTALLATION, role: Role::Owner, means: Means::Operator { user } };
    Ok(Caller::new(actor, domain::TraceId::new(crate::accounts::secret::random()), None))
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
