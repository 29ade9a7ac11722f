//! Signed-in browsers.

use domain::{
    actor::Means,
    id::{OrgId, SessionId, UserId},
};
use jiff::Timestamp;
use store::{
    audit::{self, Outcome},
    gate::{
        self, GateTx,
        memberships::Belonging,
        sessions::{NewSession, Session},
    },
};
use uuid::Uuid;

use super::{Desk, Visitor, secret};
use crate::{Caller, Error, network::Allowed};

/// A session that has just begun. The token is shown once, as a cookie.
#[derive(Clone)]
pub struct Begun {
    /// The cookie's value.
    pub token: String,
    /// Which session.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// Where.
    pub org: OrgId,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun").field("session", &self.session).finish_non_exhaustive()
    }
}

/// Begins a session in the person's oldest open organisation that may be used from where the visitor is. Its token is new, whatever the browser brought.
pub(crate) async fn begin(
    desk: &Desk,
    mut gate: GateTx,
    user: UserId,
    second_factor: bool,
    visitor: &Visitor,
    how: &str,
) -> Result<Begun, Error> {
    let belongings = gate::memberships::list(&mut gate, user).await?;
    let open: Vec<&Belonging> =
        belongings.iter().filter(|belonging| belonging.org_state != "closed").collect();
    let Some(oldest) = open.first() else {
        return Err(Error::Conflict(
            "this account belongs to no organisation; ask for an invitation".to_owned(),
        ));
    };
    let mut home = None;
    for belonging in &open {
        if home.is_none() && Allowed::of(&belonging.org_networks).holds(visitor.address) {
            home = Some(belonging.org_id);
        }
    }
    let Some(home) = home else {
        return Err(elsewhere(gate, user, oldest.org_id, visitor, how).await?);
    };
    begin_in(desk, gate, user, home, second_factor, visitor, how).await
}

/// Notes that somebody proved who they are where the organisation does not take them from, and gives back why not.
pub(super) async fn elsewhere(
    mut gate: GateTx,
    user: UserId,
    org: OrgId,
    visitor: &Visitor,
    how: &str,
) -> Result<Error, Error> {
    gate.enter(org).await?;
    let event = visitor
        .event("session.create", Outcome::Denied)
        .by_kind(audit::ActorKind::Session, user)
        .about(Some(user), "")
        .detail("how", how)
        .detail("why", "address");
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    Ok(Error::Elsewhere)
}

/// Begins a session in an organisation that the person belongs to.
pub(super) async fn begin_in(
    desk: &Desk,
    mut gate: GateTx,
    user: UserId,
    org: OrgId,
    second_factor: bool,
    visitor: &Visitor,
    how: &str,
) -> Result<Begun, Error> {
    let now = desk.now();
    let token = secret::token();
    let id = SessionId(Uuid::now_v7());
    let expires_at = now + desk.settings.absolute;
    let session = NewSession {
        id,
        token_hash: &secret::hash(&token),
        user,
        org,
        user_agent: &visitor.user_agent,
        address: &visitor.address_text(),
        second_factor_at: second_factor.then_some(now),
        now,
        idle_expires_at: (now + desk.settings.idle).min(expires_at),
        expires_at,
    };
    gate::sessions::insert(&mut gate, &session).await?;
    gate::users::set_signed_in(&mut gate, user, now).await?;
    gate.enter(org).await?;
    let event = visitor
        .event("session.create", Outcome::Done)
        .by_kind(audit::ActorKind::Session, user)
        .about(Some(user), "")
        .on("session", id)
        .detail("how", how)
        .detail("second_factor", second_factor);
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    Ok(Begun { token, session: id, user, org, expires_at })
}

/// The person and the session behind a caller who came with a browser.
fn own(caller: &Caller) -> Result<(UserId, SessionId), Error> {
    match caller.actor.means {
        Means::Session { user, session } => Ok((user, session)),
        _ => Err(Error::Conflict("this is only for somebody who signed in with a browser".to_owned())),
    }
}

async fn finish(
    desk: &Desk,
    mut gate: GateTx,
    caller: &Caller,
    action: &str,
    on: SessionId,
) -> Result<(), Error> {
    gate.enter(caller.actor.org).await?;
    let event = audit::Event::new(action, Outcome::Done)
        .by(&caller.actor)
        .on("session", on)
        .traced(caller.trace.to_string());
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    caller.mark_recorded();
    desk.recent.clear();
    Ok(())
}

/// Signs this browser out.
pub async fn end(desk: &Desk, caller: &Caller) -> Result<(), Error> {
    let (user, session) = own(caller)?;
    let mut gate = desk.backing.store.gate().await?;
    gate::sessions::delete(&mut gate, user, session).await?;
    finish(desk, gate, caller, "session.delete", session).await
}

/// The live sessions of the person.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<Vec<Session>, Error> {
    let (user, _) = own(caller)?;
    let mut gate = desk.backing.store.gate().await?;
    Ok(gate::sessions::list(&mut gate, user, desk.now()).await?)
}

/// Signs one of the person's browsers out.
pub async fn delete(desk: &Desk, caller: &Caller, id: SessionId) -> Result<(), Error> {
    let (user, _) = own(caller)?;
    let mut gate = desk.backing.store.gate().await?;
    if !gate::sessions::delete(&mut gate, user, id).await? {
        return Err(Error::NotFound("session"));
    }
    finish(desk, gate, caller, "session.delete", id).await
}

/// The organisations that the person belongs to.
pub async fn organisations(desk: &Desk, caller: &Caller) -> Result<Vec<Belonging>, Error> {
    let Some(user) = caller.actor.user() else {
        return Err(Error::Conflict("a key belongs to one organisation".to_owned()));
    };
    let mut gate = desk.backing.store.gate().await?;
    Ok(gate::memberships::list(&mut gate, user).await?)
}

/// Turns this browser to another organisation of the person, with a new token. Returns it.
pub async fn switch(desk: &Desk, caller: &Caller, org: OrgId) -> Result<String, Error> {
    let (user, session) = own(caller)?;
    let mut gate = desk.backing.store.gate().await?;
    let Some(standing) = super::who::standing(&mut gate, org, user).await? else {
        return Err(Error::NotFound("organisation"));
    };
    if !standing.allowed.holds(caller.address) {
        return Err(Error::Elsewhere);
    }
    if !gate::sessions::set_org(&mut gate, session, org).await? {
        return Err(Error::NotFound("organisation"));
    }
    let token = secret::token();
    gate::sessions::rotate(&mut gate, session, &secret::hash(&token), None).await?;
    finish(desk, gate, caller, "session.switch", session).await?;
    Ok(token)
}
