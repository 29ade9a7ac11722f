//! Members of the organisation, and each one's own profile.

use domain::{Role, id::UserId};
use serde_json::Value;
use store::{
    finding_views,
    members::{self, Changed, Member, ProfileForm},
};

use crate::{Caller, Error, accounts::Desk, deed, error::Flaw};

/// A part of the members, newest first.
pub async fn page(desk: &Desk, caller: &Caller, page: store::Page) -> Result<store::Listing<Member>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(members::page(&mut tx, page).await?)
}

/// All members, by address.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<Vec<Member>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(members::list(&mut tx).await?)
}

/// One member.
pub async fn get(desk: &Desk, caller: &Caller, user: UserId) -> Result<Member, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    members::get(&mut tx, user).await?.ok_or(Error::NotFound("member"))
}

/// Gives a member another role; with a version, only if nobody changed the member since. Nobody gives more than they have, and
/// only an owner touches an owner.
pub async fn set_role(
    desk: &Desk,
    caller: &Caller,
    user: UserId,
    version: Option<i64>,
    role: Role,
) -> Result<Member, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let before = members::get(&mut tx, user).await?.ok_or(Error::NotFound("member"))?;
    caller.require(role.max(before.role))?;
    settle(members::set_role(&mut tx, user, role).await?)?;
    let after = members::get(&mut tx, user).await?.ok_or(Error::NotFound("member"))?;
    // Every change moves the version by one, so that one in between shows; nothing of this is kept then.
    if version.is_some_and(|version| after.version != version + 1) {
        return Err(Error::Stale("member"));
    }
    let event = deed::done(caller, "member.set_role", "user", user)
        .detail("from", before.role.name())
        .detail("to", role.name());
    deed::commit(tx, caller, event).await?;
    desk.forget_recent();
    Ok(after)
}

/// Ends a membership: an admin's, or one's own.
pub async fn remove(desk: &Desk, caller: &Caller, user: UserId) -> Result<(), Error> {
    caller.require(if caller.actor.user() == Some(user) { Role::Viewer } else { Role::Admin })?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let before = members::get(&mut tx, user).await?.ok_or(Error::NotFound("member"))?;
    if caller.actor.user() != Some(user) {
        caller.require(before.role.max(Role::Admin))?;
    }
    settle(members::delete(&mut tx, user).await?)?;
    finding_views::delete_private(&mut tx, user).await?;
    deed::commit(tx, caller, deed::done(caller, "member.delete", "user", user)).await?;
    desk.forget_recent();
    Ok(())
}

fn settle(changed: Changed) -> Result<(), Error> {
    match changed {
        Changed::Done => Ok(()),
        Changed::Absent => Err(Error::NotFound("member")),
        Changed::LastOwner => {
            Err(Error::Conflict("this is the last owner; make somebody else an owner first".to_owned()))
        }
    }
}

/// What somebody changes of their own profile; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// The name.
    pub name: Option<String>,
    /// The position.
    pub title: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// What the pages should look like.
    pub preferences: Option<Value>,
}

/// The caller's own profile in this organisation.
pub async fn own(desk: &Desk, caller: &Caller) -> Result<Member, Error> {
    get(desk, caller, person(caller)?).await
}

/// Changes the caller's own profile; with a version, only if nobody did since.
pub async fn update_own(
    desk: &Desk,
    caller: &Caller,
    version: Option<i64>,
    change: &ProfileChange,
) -> Result<Member, Error> {
    caller.require(Role::Viewer)?;
    let user = person(caller)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let before = members::get(&mut tx, user).await?.ok_or(Error::NotFound("member"))?;
    let text = |new: &Option<String>, old: &str| {
        new.as_deref().map_or_else(|| old.to_owned(), |text| text.trim().to_owned())
    };
    let (name, title) = (text(&change.name, &before.name), text(&change.title, &before.title));
    let (phone, department) =
        (text(&change.phone, &before.phone), text(&change.department, &before.department));
    let preferences = change.preferences.as_ref().unwrap_or(&before.preferences);
    let mut flaws = Vec::new();
    for (field, value, most) in [
        ("name", &name, 200),
        ("title", &title, 200),
        ("phone", &phone, 60),
        ("department", &department, 200),
    ] {
        if value.chars().count() > most {
            flaws.push(Flaw { field: field.to_owned(), message: format!("use at most {most} characters") });
        }
    }
    if !preferences.is_object() || preferences.to_string().len() > 16_000 {
        flaws.push(Flaw {
            field: "preferences".to_owned(),
            message: "give an object of at most 16 kB".to_owned(),
        });
    }
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    let form =
        ProfileForm { name: &name, title: &title, phone: &phone, department: &department, preferences };
    let after = members::update(&mut tx, user, version.unwrap_or(before.version), &form)
        .await?
        .ok_or(Error::Stale("profile"))?;
    deed::commit(tx, caller, deed::done(caller, "member.update", "user", user)).await?;
    Ok(after)
}

fn person(caller: &Caller) -> Result<UserId, Error> {
    caller
        .actor
        .user()
        .ok_or_else(|| Error::Conflict("a key is nobody's profile; sign in as a person".to_owned()))
}
