//! People of a token issuer: made known at their first token, kept in step with what later tokens say.

use domain::{
    Actor, Role,
    actor::Means,
    id::{OrgId, UserId},
};
use store::{
    audit::{self, Outcome},
    gate::{self, GateTx, memberships::MembershipSource},
    orgs::OrgKind,
};
use uuid::Uuid;

use super::{
    Desk, Visitor, secret,
    sessions::{self, Begun},
    who::Known,
};
use crate::Error;

/// What a verified token says.
#[derive(Debug, Clone, Copy)]
pub struct Principal<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The subject there.
    pub subject: &'a str,
    /// The active organisation there, with the role that the issuer signed; a role that we do not know is `None`.
    pub organisation: Option<(&'a str, Option<Role>)>,
}

/// Who a principal is here, or why not.
#[derive(Debug, Clone)]
pub enum Found {
    /// An actor.
    Known(Known),
    /// Known, and without rights where the token points: a role that we do not know, an account or organisation that is
    /// closed. The audit trail of that organisation hears of it.
    Barred {
        /// Where.
        org: OrgId,
        /// Who.
        user: UserId,
    },
}

/// Finds or makes the person and the organisation of a verified token.
pub async fn find(desk: &Desk, principal: &Principal<'_>) -> Result<Found, Error> {
    let (org_id, role) = principal.organisation.unwrap_or(("", Some(Role::Owner)));
    let key = secret::hash(&format!(
        "{}\n{}\n{org_id}\n{}",
        principal.issuer,
        principal.subject,
        role.map_or("", Role::name)
    ));
    let key = [b"t".as_slice(), &key].concat();
    if let Some(known) = desk.recent.get(&key, desk.now()) {
        return Ok(Found::Known(known));
    }
    let found = match settle(desk, principal).await {
        // Two first requests of one person at once: the second finds what the first made.
        Err(Error::Conflict(_)) => settle(desk, principal).await?,
        other => other?,
    };
    if let Found::Known(known) = &found {
        desk.recent.put(key, known.clone());
    }
    Ok(found)
}

/// Begins a session of the person behind a verified token, in the organisation that is active there. `None` where they may do
/// nothing there; the trail of that organisation hears of it.
pub async fn sign_in(
    desk: &Desk,
    visitor: &Visitor,
    principal: &Principal<'_>,
) -> Result<Option<Begun>, Error> {
    let found = find(desk, principal).await?;
    let mut gate = desk.backing.store.gate().await?;
    match found {
        Found::Known(known) => {
            let Some(user) = known.actor.user() else { return Ok(None) };
            if !known.allowed.holds(visitor.address) {
                return Err(sessions::elsewhere(gate, user, known.actor.org, visitor, "issuer").await?);
            }
            let begun = sessions::begin_in(desk, gate, user, known.actor.org, false, visitor, "issuer");
            begun.await.map(Some)
        }
        Found::Barred { org, user } => {
            gate.enter(org).await?;
            let event = visitor
                .event("session.create", Outcome::Denied)
                .by_kind(audit::ActorKind::Session, user)
                .about(Some(user), "")
                .detail("how", "issuer");
            audit::record(&mut gate, &event).await?;
            gate.commit().await?;
            Ok(None)
        }
    }
}

async fn settle(desk: &Desk, principal: &Principal<'_>) -> Result<Found, Error> {
    let mut gate = desk.backing.store.gate().await?;
    let user = match gate::identities::get(&mut gate, principal.issuer, principal.subject).await? {
        Some(user) => user,
        None => introduce(&mut gate, principal).await?,
    };
    let disabled = gate::users::get(&mut gate, user).await?.is_none_or(|user| user.disabled_at.is_some());
    let (external, name, kind) = match principal.organisation {
        Some((id, _)) => (format!("{}#{id}", principal.issuer), id.to_owned(), OrgKind::Company),
        // A personal workspace is an organisation with an id of its own.
        None => (
            format!("{}#user:{}", principal.issuer, principal.subject),
            "Personal".to_owned(),
            OrgKind::Personal,
        ),
    };
    let external = bounded(external);
    let org = if let Some(org) = gate::orgs::get_by_external_id(&mut gate, &external).await? {
        org
    } else {
        let id = OrgId(Uuid::now_v7());
        gate::orgs::insert(&mut gate, id, &name, kind, "unlimited", Some(&external)).await?
    };
    let role = match principal.organisation {
        Some((_, role)) => role,
        None => Some(Role::Owner),
    };
    let signed = match role {
        Some(role) if !disabled => role,
        _ => {
            gate.commit().await?;
            return Ok(Found::Barred { org: org.org_id, user });
        }
    };
    let before = gate::memberships::get(&mut gate, org.org_id, user).await?;
    if before.as_ref().is_none_or(|before| before.role != signed) {
        gate.enter(org.org_id).await?;
        let address = address_of(principal);
        gate::memberships::put(&mut gate, user, signed, MembershipSource::Issuer, &address, "").await?;
    }
    let may = super::who::standing(&mut gate, org.org_id, user).await?;
    gate.commit().await?;
    Ok(match may {
        Some(may) => {
            let actor = Actor { org: org.org_id, role: may.role, means: Means::Token { user } };
            Found::Known(Known::of(actor, may.allowed))
        }
        None => Found::Barred { org: org.org_id, user },
    })
}

/// An account for a principal. Never an existing one of the same address: an address in a token proves nothing here.
async fn introduce(gate: &mut GateTx, principal: &Principal<'_>) -> Result<UserId, Error> {
    let user = UserId(Uuid::now_v7());
    let address = address_of(principal);
    gate::users::insert(gate, user, &address, &address, "").await?;
    gate::identities::insert(gate, principal.issuer, principal.subject, user).await?;
    Ok(user)
}

/// What stands where an address would, in a domain that no letter reaches.
fn address_of(principal: &Principal<'_>) -> String {
    let key = secret::hash(&format!("{}\n{}", principal.issuer, principal.subject));
    format!("{:032x}@issuer.invalid", u128::from_be_bytes(std::array::from_fn(|n| key[n])))
}

/// An external id within the column's bound; a longer one is replaced by its hash.
fn bounded(external: String) -> String {
    if external.chars().count() <= 200 {
        return external;
    }
    let hash = secret::hash(&external);
    format!("sha256#{}", hex::encode(hash))
}
