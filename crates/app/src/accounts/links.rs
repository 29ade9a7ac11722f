//! Links that work once: the owner's first sign-in, a forgotten password, a sign-in without one.

use domain::{
    Role,
    id::{OrgId, UserId},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    audit::{self, Event, Outcome},
    gate::{self, links::Purpose, memberships::MembershipSource, throttle::Rule},
    orgs::OrgKind,
};
use uuid::Uuid;

use super::{
    Desk, Visitor,
    desk::{email_key, plausible_email},
    password, secret,
    sessions::{self, Begun},
};
use crate::{Error, mails::Facts, organisations::UNNAMED};

/// How long a sign-in link of the first start lasts.
const FIRST: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long a link in a letter lasts.
const LETTER: SignedDuration = SignedDuration::from_hours(1);
/// Letters that one account or address can cause.
const LETTERS: Rule = Rule {
    free: 3,
    first_wait: SignedDuration::from_mins(1),
    longest_wait: SignedDuration::from_hours(1),
    window: SignedDuration::from_hours(6),
};

/// Makes the first organisation and its owner on an installation without people, and a link that signs the owner in.
/// None where somebody has come in already.
pub async fn first_owner(desk: &Desk, email: &str, organisation: &str) -> Result<Option<String>, Error> {
    let mut gate = desk.backing.store.gate().await?;
    let n_people = gate::users::count(&mut gate).await?;
    if n_people == 0 {
        drop(gate);
        return create_owner(desk, email, organisation).await.map(Some);
    }
    // An owner who never came in gets another link: the first one may have scrolled away.
    let owner = gate::users::get_by_email(&mut gate, &email_key(email)).await?;
    match owner.filter(|owner| n_people == 1 && owner.last_signed_in_at.is_none()) {
        Some(owner) => {
            let link =
                insert(desk, &mut gate, owner.id, Purpose::FirstSignIn, FIRST, "/sign-in/link").await?;
            gate.commit().await?;
            Ok(Some(link))
        }
        None => Ok(None),
    }
}

/// A new organisation with a new owner, and the link that signs the owner in.
pub async fn create_owner(desk: &Desk, email: &str, organisation: &str) -> Result<String, Error> {
    create_owner_on(desk, email, organisation, "unlimited").await
}

/// The same on a plan.
pub(crate) async fn create_owner_on(
    desk: &Desk,
    email: &str,
    organisation: &str,
    plan: &str,
) -> Result<String, Error> {
    if !plausible_email(email) {
        return Err(Error::invalid("email", "give an address such as marie@example.com"));
    }
    let mut gate = desk.backing.store.gate().await?;
    let key = email_key(email);
    if gate::users::get_by_email(&mut gate, &key).await?.is_some() {
        return Err(Error::Conflict(format!("there is an account of {email} already")));
    }
    let owner = Owner { user: UserId(Uuid::now_v7()), email: email.trim(), organisation, plan };
    let link = make_owner(&mut gate, &owner, &desk.settings.public_address, desk.now()).await?;
    gate.commit().await?;
    Ok(link)
}

/// Somebody who is to own a new organisation.
pub(crate) struct Owner<'a> {
    pub(crate) user: UserId,
    pub(crate) email: &'a str,
    pub(crate) organisation: &'a str,
    pub(crate) plan: &'a str,
}

/// Writes an organisation and its owner down, and returns the link that signs the owner in.
pub(crate) async fn make_owner(
    gate: &mut gate::GateTx,
    owner: &Owner<'_>,
    public_address: &str,
    now: Timestamp,
) -> Result<String, Error> {
    let Owner { user, email, organisation, plan } = *owner;
    gate::users::insert(gate, user, email, &email_key(email), "").await?;
    let org = OrgId(Uuid::now_v7());
    gate::orgs::insert(gate, org, organisation, OrgKind::Company, plan, None).await?;
    gate::memberships::put(gate, user, Role::Owner, MembershipSource::Local, email, "").await?;
    let token = secret::token();
    gate::links::insert(gate, &secret::hash(&token), Purpose::FirstSignIn, user, "", now + FIRST).await?;
    audit::record(gate, &Event::new("org.create", Outcome::Done).on("org", org)).await?;
    Ok(format!("{public_address}/sign-in/link?token={token}"))
}

/// Another sign-in link for somebody who lost theirs: for the operator, on the command line.
pub async fn sign_in_link(desk: &Desk, email: &str) -> Result<String, Error> {
    let mut gate = desk.backing.store.gate().await?;
    let user =
        gate::users::get_by_email(&mut gate, &email_key(email)).await?.ok_or(Error::NotFound("account"))?;
    let link = insert(desk, &mut gate, user.id, Purpose::SignIn, LETTER, "/sign-in/link").await?;
    gate.enter(audit::INSTALLATION).await?;
    audit::record(&mut gate, &Event::new("link.create", Outcome::Done).on("user", user.id)).await?;
    gate.commit().await?;
    Ok(link)
}

async fn insert(
    desk: &Desk,
    gate: &mut gate::GateTx,
    user: UserId,
    purpose: Purpose,
    lasts: SignedDuration,
    path: &str,
) -> Result<String, Error> {
    let token = secret::token();
    gate::links::insert(gate, &secret::hash(&token), purpose, user, "", desk.now() + lasts).await?;
    // The page behind it only shows a button, so that a scanner that follows links uses nothing up.
    Ok(format!("{}{path}?token={token}", desk.settings.public_address))
}

/// Uses a sign-in link up and begins a session.
pub async fn sign_in(desk: &Desk, visitor: &Visitor, token: &str) -> Result<Begun, Error> {
    let hash = secret::hash(token);
    let now = desk.now();
    let mut gate = desk.backing.store.gate().await?;
    let mut link = None;
    for purpose in [Purpose::FirstSignIn, Purpose::SignIn] {
        if link.is_none() {
            link = gate::links::take(&mut gate, &hash, purpose, now).await?;
        }
    }
    let link = link.ok_or_else(spent)?;
    let user = gate::users::get(&mut gate, link.user_id).await?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or_else(spent)?;
    sessions::begin(desk, gate, user.id, false, visitor, "link").await
}

/// Calls an organisation that nobody has named yet as its first reader's language does. Nothing happens to one with a name.
pub async fn call(desk: &Desk, visitor: &Visitor, begun: &Begun, name: &str) -> Result<(), Error> {
    let mut gate = desk.backing.store.gate().await?;
    gate.enter(begun.org).await?;
    let org = gate::orgs::get(&mut gate, begun.org).await?;
    let is_unnamed = org.is_some_and(|org| org.name == UNNAMED && org.onboarded_at.is_none());
    if !is_unnamed || name == UNNAMED {
        return Ok(());
    }
    gate::orgs::set_name(&mut gate, name).await?;
    let event = visitor
        .event("org.update", Outcome::Done)
        .by_kind(audit::ActorKind::Session, begun.user)
        .on("org", begun.org);
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    desk.forget_recent();
    Ok(())
}

fn spent() -> Error {
    Error::invalid("token", "this link was used or has ended; ask for a new one")
}

/// Sends a letter with a link for a new password, if there is such an account. The answer is the same if there is none.
pub async fn forgot_password(desk: &Desk, visitor: &Visitor, email: &str) -> Result<(), Error> {
    if desk.mailer.is_none() {
        return Err(Error::Conflict(
            "no mail server is configured; the operator can make a sign-in link with plantintel admin sign-in-link".to_owned(),
        ));
    }
    let key = email_key(email);
    let now = desk.now();
    let account = desk.keys.pseudonym(&key);
    let mut gate = desk.backing.store.gate().await?;
    for name in [format!("letter:{account}"), format!("letters:{}", visitor.address_text())] {
        if let Some(throttle) = gate::throttle::get(&mut gate, &name, now).await? {
            let wait = throttle.locked_until.duration_since(now);
            return Err(Error::Limit {
                what: "too many letters were asked for; wait, then try again".to_owned(),
                retry_after: wait.try_into().ok(),
            });
        }
        gate::throttle::fail(&mut gate, &name, LETTERS, now).await?;
    }
    let user = gate::users::get_by_email(&mut gate, &key).await?.filter(|user| user.disabled_at.is_none());
    let link = match &user {
        Some(user) => {
            Some(insert(desk, &mut gate, user.id, Purpose::ResetPassword, LETTER, "/reset/new").await?)
        }
        None => None,
    };
    gate.enter(audit::INSTALLATION).await?;
    let event = visitor
        .event("password.forget", Outcome::Done)
        .by_kind(audit::ActorKind::Anonymous, "")
        .on("account", &account);
    audit::record(&mut gate, &event).await?;
    // By a job: how long a letter takes must not tell whether there is an account.
    if let (Some(user), Some(link)) = (user, link) {
        let facts = Facts::from([("link", link)]);
        desk.write(&mut gate, &user.email, "password_reset", &facts, &visitor.trace).await?;
    }
    gate.commit().await?;
    Ok(())
}

/// Sets a new password with the link of a letter, and signs the person out everywhere.
pub async fn reset_password(desk: &Desk, visitor: &Visitor, token: &str, new: String) -> Result<(), Error> {
    let hash = secret::hash(token);
    let now = desk.now();
    let mut gate = desk.backing.store.gate().await?;
    let link = gate::links::get(&mut gate, &hash, Purpose::ResetPassword, now).await?.ok_or_else(spent)?;
    let user = gate::users::get(&mut gate, link.user_id).await?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or_else(spent)?;
    drop(gate);
    password::check(&new, &user.email)?;
    let new = desk.hasher.hash(new).await?;
    let mut gate = desk.backing.store.gate().await?;
    gate::links::take(&mut gate, &hash, Purpose::ResetPassword, now).await?.ok_or_else(spent)?;
    gate::users::set_password(&mut gate, user.id, Some(&new)).await?;
    gate::users::set_email_verified(&mut gate, user.id, now).await?;
    gate::sessions::delete_all(&mut gate, user.id, None).await?;
    gate::throttle::clear(&mut gate, &format!("account:{}", desk.keys.pseudonym(&user.email_key))).await?;
    gate.enter(audit::INSTALLATION).await?;
    let event = visitor
        .event("password.reset", Outcome::Done)
        .by_kind(audit::ActorKind::Session, user.id)
        .on("user", user.id);
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    desk.recent.clear();
    Ok(())
}

/// Sets or changes the password of somebody who is signed in; other browsers are signed out.
pub async fn change_password(
    desk: &Desk,
    caller: &crate::Caller,
    old: String,
    new: String,
) -> Result<(), Error> {
    let domain::actor::Means::Session { user: id, session } = caller.actor.means else {
        return Err(Error::Conflict("this is only for somebody who signed in with a browser".to_owned()));
    };
    let mut gate = desk.backing.store.gate().await?;
    let user = gate::users::get(&mut gate, id).await?.ok_or(Error::NotFound("account"))?;
    drop(gate);
    if user.password_hash.is_some() && !desk.hasher.holds(old, user.password_hash.clone()).await? {
        return Err(Error::invalid("old_password", "this is not your password"));
    }
    password::check(&new, &user.email)?;
    let new = desk.hasher.hash(new).await?;
    let mut gate = desk.backing.store.gate().await?;
    gate::users::set_password(&mut gate, id, Some(&new)).await?;
    gate::sessions::delete_all(&mut gate, id, Some(session)).await?;
    gate.enter(caller.actor.org).await?;
    let event = Event::new("password.change", Outcome::Done)
        .by(&caller.actor)
        .on("user", id)
        .traced(caller.trace.to_string());
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    caller.mark_recorded();
    desk.recent.clear();
    Ok(())
}
