//! Letters that ask somebody to join.

use domain::{
    Role,
    id::{InvitationId, OrgId, UserId},
};
use jiff::SignedDuration;
use store::{
    audit::{self, Outcome},
    gate::{self, memberships::MembershipSource},
    invitations::{self, Invitation, NewInvitation},
    orgs,
};
use uuid::Uuid;

use crate::{
    Caller, Error,
    accounts::{
        Desk, Visitor, email_key, password, plausible_email, secret,
        sessions::{self, Begun},
    },
    deed::{self, Began},
    mails::Facts,
};

/// How long an invitation stands.
const STANDS: SignedDuration = SignedDuration::from_hours(24 * 7);

/// An invitation that was just written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The invitation.
    pub invitation: Invitation,
    /// The link to pass on by hand, where no letter went out. A repeated request does not show it again.
    pub link: Option<String>,
}

/// A part of the open invitations, newest first.
pub async fn page(
    desk: &Desk,
    caller: &Caller,
    page: store::Page,
) -> Result<store::Listing<Invitation>, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(invitations::page(&mut tx, page).await?)
}

/// The open invitations.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<Vec<Invitation>, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(invitations::list(&mut tx).await?)
}

/// Invites somebody, to at most one's own role.
pub async fn create(desk: &Desk, caller: &Caller, email: &str, role: Role) -> Result<Written, Error> {
    caller.require(Role::Admin.max(role))?;
    let Some(by) = caller.actor.user() else {
        return Err(Error::Conflict("people invite people; sign in as a person".to_owned()));
    };
    if !plausible_email(email) {
        return Err(Error::invalid("email", "give an address such as marie@example.com"));
    }
    let mut tx = match deed::begin_new(&desk.backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => {
            let mut tx = deed::begin(&desk.backing, caller).await?;
            let open = invitations::list(&mut tx).await?;
            let invitation =
                open.into_iter().find(|open| open.id.0 == id).ok_or(Error::NotFound("invitation"))?;
            return Ok(Written { invitation, link: None });
        }
    };
    let key = email_key(email);
    let members = store::members::list(&mut tx).await?;
    if members.iter().any(|member| email_key(&member.email) == key) {
        return Err(Error::Conflict(format!("{} is a member already", email.trim())));
    }
    let token = secret::token();
    let id = InvitationId(Uuid::now_v7());
    let new = NewInvitation {
        id,
        email: email.trim(),
        email_key: &key,
        role,
        invited_by: by,
        token_hash: &secret::hash(&token),
        expires_at: desk.backing.clock.now() + STANDS,
    };
    let invitation = invitations::insert(&mut tx, &new).await?;
    let name = orgs::get(&mut tx).await?.map(|org| org.name).unwrap_or_default();
    let event = deed::done(caller, "invitation.create", "invitation", id).detail("role", role.name());
    let link = format!("{}/invitation?token={token}", desk.settings.public_address);
    let letter = desk.mailer.is_some();
    if letter {
        let facts =
            Facts::from([("organisation", name), ("role", role.name().to_owned()), ("link", link.clone())]);
        desk.write(&mut tx, email.trim(), "invitation", &facts, &caller.trace).await?;
    }
    deed::commit_new(tx, caller, event, id.0).await?;
    Ok(Written { invitation, link: (!letter).then_some(link) })
}

/// Takes an open invitation back.
pub async fn delete(desk: &Desk, caller: &Caller, id: InvitationId) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    if !invitations::delete(&mut tx, id).await? {
        return Err(Error::NotFound("invitation"));
    }
    deed::commit(tx, caller, deed::done(caller, "invitation.delete", "invitation", id)).await
}

/// Who was invited, and to where: for the page that asks whether to join.
pub async fn look(desk: &Desk, token: &str) -> Result<(Invitation, String), Error> {
    let mut gate = desk.backing.store.gate().await?;
    let invitation = gate::invitations::get(&mut gate, &secret::hash(token), desk.backing.clock.now())
        .await?
        .ok_or_else(ended)?;
    let org: OrgId = invitation.org_id;
    let name = gate::orgs::get(&mut gate, org).await?.map(|org| org.name).unwrap_or_default();
    Ok((invitation, name))
}

/// Takes an invitation up. Who has an account shows its password; who has none chooses one. Begins a session, unless
/// the account has a second factor: then the person signs in as always.
pub async fn accept(
    desk: &Desk,
    visitor: &Visitor,
    token: &str,
    name: &str,
    password: String,
) -> Result<Option<Begun>, Error> {
    let (invitation, _) = look(desk, token).await?;
    let now = desk.backing.clock.now();
    let mut gate = desk.backing.store.gate().await?;
    let account = gate::users::get_by_email(&mut gate, &invitation.email_key).await?;
    drop(gate);
    let hash = match &account {
        Some(user) if user.disabled_at.is_some() => return Err(ended()),
        Some(user) => {
            // Through the sign-in, so that guessing here is slowed down as there.
            let shown =
                crate::accounts::sign_in::Credentials { email: user.email.clone(), password, code: None };
            if !crate::accounts::sign_in::password_holds(desk, visitor, shown).await? {
                return Err(Error::invalid(
                    "password",
                    "there is an account of this address; give its password",
                ));
            }
            None
        }
        None => {
            password::check(&password, &invitation.email)?;
            Some(desk.hash_password(password).await?)
        }
    };
    if name.chars().count() > 200 {
        return Err(Error::invalid("name", "use at most 200 characters"));
    }
    let mut gate = desk.backing.store.gate().await?;
    let invitation =
        gate::invitations::accept(&mut gate, &secret::hash(token), now).await?.ok_or_else(ended)?;
    let second_factor = account.as_ref().is_some_and(|user| user.totp_confirmed_at.is_some());
    let user = if let Some(user) = account {
        user.id
    } else {
        let id = UserId(Uuid::now_v7());
        gate::users::insert(&mut gate, id, &invitation.email, &invitation.email_key, name.trim()).await?;
        gate::users::set_password(&mut gate, id, hash.as_deref()).await?;
        // The letter reached this address, or whoever passed the link on stands for it.
        gate::users::set_email_verified(&mut gate, id, now).await?;
        id
    };
    gate::memberships::put(
        &mut gate,
        user,
        invitation.role,
        MembershipSource::Local,
        &invitation.email,
        name.trim(),
    )
    .await?;
    let event = visitor
        .event("invitation.accept", Outcome::Done)
        .by_kind(audit::ActorKind::Session, user)
        .about(Some(user), "")
        .on("invitation", invitation.id);
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    if second_factor {
        return Ok(None);
    }
    let gate = desk.backing.store.gate().await?;
    sessions::begin(desk, gate, user, false, visitor, "invitation").await.map(Some)
}

fn ended() -> Error {
    Error::invalid("token", "this invitation was used, taken back, or has ended; ask for a new one")
}
