//! Links that show one analysis, or one finding of it, to somebody who has no account.
//!
//! A link carries no session and leads nowhere else. What it opens is read as nobody in particular, in the organisation that the link
//! belongs to, with the least of all roles; each opening, and each wrong password, stands in that organisation's audit trail.

use domain::{
    Actor, Role,
    actor::Means,
    id::{AnalysisId, FindingId, JobId, ShareId},
};
use jiff::SignedDuration;
use store::{
    audit::{self, ActorKind, Outcome},
    gate::{self, throttle::Rule},
    shares::{self, NewShare, Share},
};
use uuid::Uuid;

use crate::{
    Caller, Error,
    accounts::{Desk, Visitor, secret},
    analyses,
    deed::{self, Began},
    findings,
};

/// The longest that a link may last, and how long one lasts that does not say.
const DAYS_MAX: u32 = 90;
const DAYS: u32 = 14;
/// The fewest and the most characters of a link's password.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=256;
/// Whoever guesses the password of a link waits after five tries, twice as long each time.
const GUESSES: Rule = Rule {
    free: 5,
    first_wait: SignedDuration::from_secs(2),
    longest_wait: SignedDuration::from_mins(15),
    window: SignedDuration::from_hours(1),
};

/// What somebody wants to share.
pub struct Form {
    /// The analysis.
    pub analysis: AnalysisId,
    /// Where set, this finding of it alone.
    pub finding: Option<FindingId>,
    /// How many days the link lasts.
    pub days: Option<u32>,
    /// What must be shown besides the link.
    pub password: Option<String>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Form")
    }
}

/// A link that was just made.
#[derive(Debug, Clone)]
pub struct Made {
    /// The link's row.
    pub share: Share,
    /// The address. A repeated request does not show it again.
    pub link: Option<String>,
}

/// A part of the links, newest first.
pub async fn page(desk: &Desk, caller: &Caller, page: store::Page) -> Result<store::Listing<Share>, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(shares::page(&mut tx, page).await?)
}

/// One link.
pub async fn get(desk: &Desk, caller: &Caller, id: ShareId) -> Result<Share, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    shares::get(&mut tx, id).await?.ok_or(Error::NotFound("share"))
}

/// Makes a link.
pub async fn create(desk: &Desk, caller: &Caller, form: Form) -> Result<Made, Error> {
    caller.require(Role::Analyst)?;
    let days = form.days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Error::invalid("days", format!("give 1 to {DAYS_MAX} days")));
    }
    let password = form.password.filter(|password| !password.is_empty());
    if password.as_ref().is_some_and(|password| !PASSWORD.contains(&password.chars().count())) {
        return Err(Error::invalid("password", "use 8 to 256 characters, or none"));
    }
    // Only what the caller may see, and what is there to be seen.
    let run = analyses::get(&desk.backing, caller, form.analysis).await?.analysis;
    if run.document_key.is_none() {
        return Err(Error::Conflict("the analysis has no result that could be shown".to_owned()));
    }
    if let Some(finding) = form.finding {
        let standing = findings::get(&desk.backing, caller, finding).await?;
        if standing.finding.analysis_id != form.analysis {
            return Err(Error::NotFound("finding"));
        }
    }
    let hash = match password {
        Some(password) => Some(desk.hash_password(password).await?),
        None => None,
    };
    let mut tx = match deed::begin_new(&desk.backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return Ok(Made { share: get(desk, caller, ShareId(id)).await?, link: None }),
    };
    let token = secret::token();
    let id = ShareId(Uuid::now_v7());
    let new = NewShare {
        id,
        analysis: form.analysis,
        finding: form.finding,
        token_hash: &secret::hash(&token),
        password_hash: hash.as_deref(),
        expires_at: desk.backing.clock.now() + SignedDuration::from_hours(24 * i64::from(days)),
    };
    let share = shares::insert(&mut tx, &new).await?;
    let event = deed::done(caller, "share.create", "share", id)
        .detail("analysis", form.analysis.to_string())
        .detail("days", days)
        .detail("password", hash.is_some());
    deed::commit_new(tx, caller, event, id.0).await?;
    Ok(Made { share, link: Some(format!("{}/shared/{token}", desk.settings.public_address)) })
}

/// Takes a link back; from then on it opens nothing.
pub async fn revoke(desk: &Desk, caller: &Caller, id: ShareId) -> Result<(), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    shares::get(&mut tx, id).await?.ok_or(Error::NotFound("share"))?;
    if shares::revoke(&mut tx, id, desk.backing.clock.now()).await? {
        deed::commit(tx, caller, deed::done(caller, "share.revoke", "share", id)).await?;
    }
    Ok(())
}

/// What a link comes to.
#[derive(Debug, Clone)]
pub enum Opened {
    /// There is no such link, or it has ended, or its organisation is not active.
    Closed,
    /// It asks for its password.
    PasswordNeeded {
        /// The one that was shown is not it.
        wrong: bool,
    },
    /// It shows this, to be read as this caller.
    Open(Box<(Share, Caller)>),
}

/// Opens a link, with its password where it has one.
pub async fn open(
    desk: &Desk,
    visitor: &Visitor,
    token: &str,
    password: Option<String>,
) -> Result<Opened, Error> {
    let now = desk.backing.clock.now();
    let mut gate = desk.backing.store.gate().await?;
    let Some(share) = gate::shares::get(&mut gate, &secret::hash(token), now).await? else {
        return Ok(Opened::Closed);
    };
    if share.password_hash.is_some() {
        let Some(password) = password else { return Ok(Opened::PasswordNeeded { wrong: false }) };
        let keys = [format!("share:{}", share.id), format!("shares:{}", visitor.address_text())];
        for key in &keys {
            if let Some(throttle) = gate::throttle::get(&mut gate, key, now).await? {
                let wait = throttle.locked_until.duration_since(now);
                return Err(Error::Limit {
                    what: "too many wrong passwords; wait, then try again".to_owned(),
                    retry_after: wait.try_into().ok(),
                });
            }
        }
        drop(gate);
        let holds = desk.password_holds(password, share.password_hash.clone()).await?;
        gate = desk.backing.store.gate().await?;
        if !holds {
            for key in &keys {
                gate::throttle::fail(&mut gate, key, GUESSES, now).await?;
            }
            gate.enter(share.org_id).await?;
            audit::record(&mut gate, &event(visitor, Outcome::Denied, &share)).await?;
            gate.commit().await?;
            return Ok(Opened::PasswordNeeded { wrong: true });
        }
        gate::throttle::clear(&mut gate, &keys[0]).await?;
    }
    gate::shares::count(&mut gate, &share, now).await?;
    audit::record(&mut gate, &event(visitor, Outcome::Done, &share)).await?;
    gate.commit().await?;
    let actor = Actor { org: share.org_id, role: Role::Viewer, means: Means::Job { job: JobId(share.id.0) } };
    let caller = Caller::new(actor, visitor.trace, visitor.address);
    Ok(Opened::Open(Box::new((share, caller))))
}

fn event(visitor: &Visitor, outcome: Outcome, share: &Share) -> audit::Event {
    visitor.event("share.open", outcome).by_kind(ActorKind::Anonymous, "").on("share", share.id)
}
