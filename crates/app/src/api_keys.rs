//! Keys for programs.

use domain::{Role, id::ApiKeyId};
use jiff::Timestamp;
use store::api_keys::{self, ApiKey, NewApiKey};
use uuid::Uuid;

use crate::{
    Caller, Error,
    accounts::{Desk, secret, who::KEY_PREFIX},
    deed::{self, Began},
    error::Flaw,
};

/// A key that was just made.
#[derive(Clone)]
pub struct Made {
    /// What is kept of it.
    pub key: ApiKey,
    /// The key itself, shown once. A repeated request does not show it again.
    pub secret: Option<String>,
}

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made").field("key", &self.key.id).finish_non_exhaustive()
    }
}

/// What somebody asks of a new key.
#[derive(Debug, Clone)]
pub struct Form {
    /// What people call it.
    pub name: String,
    /// What it may do at most.
    pub role: Role,
    /// What it may do of that, as `resource:read`, `resource:write`, `resource:*` or `*:read`; none is all.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Whether these scopes let a request through. `resource` is the first part of the path, such as `datasets`.
pub fn scopes_allow(scopes: &[String], resource: &str, writes: bool) -> bool {
    let verb = if writes { "write" } else { "read" };
    scopes.iter().any(|scope| match scope.split_once(':') {
        Some((on, may)) => {
            (on == "*" || on == resource) && (may == "*" || may == verb || (may == "write" && !writes))
        }
        None => false,
    })
}

/// A part of the keys, newest first.
pub async fn page(desk: &Desk, caller: &Caller, page: store::Page) -> Result<store::Listing<ApiKey>, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(api_keys::page(&mut tx, page).await?)
}

/// All keys, revoked ones too.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<Vec<ApiKey>, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(api_keys::list(&mut tx).await?)
}

/// One key.
pub async fn get(desk: &Desk, caller: &Caller, id: ApiKeyId) -> Result<ApiKey, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    api_keys::get(&mut tx, id).await?.ok_or(Error::NotFound("API key"))
}

/// A new key, with at most the role of whoever makes it. Keys do not make keys.
pub async fn create(desk: &Desk, caller: &Caller, form: &Form) -> Result<Made, Error> {
    caller.require(Role::Admin.max(form.role))?;
    let Some(by) = caller.actor.user() else {
        return Err(Error::Conflict("a key cannot make keys; sign in as a person".to_owned()));
    };
    let now = desk.backing.clock.now();
    let mut flaws = Vec::new();
    let mut flaw = |field: &str, message: &str| {
        flaws.push(Flaw { field: field.to_owned(), message: message.to_owned() });
    };
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        flaw("name", "give a name of 1 to 200 characters");
    }
    let word = |text: &str| {
        text == "*" || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
    };
    let known = |scope: &String| {
        scope.len() <= 60
            && scope
                .split_once(':')
                .is_some_and(|(on, may)| word(on) && ["read", "write", "*"].contains(&may))
    };
    if form.scopes.len() > 50 || !form.scopes.iter().all(known) {
        flaw("scopes", "write scopes as resource:read, resource:write or *:read, at most 50");
    }
    if form.expires_at.is_some_and(|end| end <= now) {
        flaw("expires_at", "give an instant in the future");
    }
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    let mut tx = match deed::begin_new(&desk.backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return Ok(Made { key: get(desk, caller, ApiKeyId(id)).await?, secret: None }),
    };
    let secret = format!("{KEY_PREFIX}{}", secret::token());
    let id = ApiKeyId(Uuid::now_v7());
    let new = NewApiKey {
        id,
        name,
        prefix: &secret[..KEY_PREFIX.len() + 4],
        key_hash: &secret::hash(&secret),
        role: form.role,
        scopes: &form.scopes,
        created_by: by,
        expires_at: form.expires_at,
    };
    let key = api_keys::insert(&mut tx, &new).await?;
    let event = deed::done(caller, "api_key.create", "api_key", id).detail("role", form.role.name());
    deed::commit_new(tx, caller, event, id.0).await?;
    Ok(Made { key, secret: Some(secret) })
}

/// Revokes a key. It stops working at once here, and within seconds everywhere.
pub async fn revoke(desk: &Desk, caller: &Caller, id: ApiKeyId) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let before = api_keys::get(&mut tx, id).await?.ok_or(Error::NotFound("API key"))?;
    if before.revoked_at.is_none() {
        api_keys::revoke(&mut tx, id, desk.backing.clock.now()).await?;
        deed::commit(tx, caller, deed::done(caller, "api_key.revoke", "api_key", id)).await?;
        desk.forget_recent();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_narrow_what_a_key_may() {
        let scopes = |list: &[&str]| list.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
        for (list, resource, writes, allowed) in [
            (&["datasets:read"][..], "datasets", false, true),
            (&["datasets:read"], "datasets", true, false),
            (&["datasets:read"], "files", false, false),
            (&["datasets:write"], "datasets", true, true),
            (&["datasets:write"], "datasets", false, true),
            (&["*:read"], "files", false, true),
            (&["*:read"], "files", true, false),
            (&["*:*"], "api-keys", true, true),
            (&["files:*", "datasets:read"], "files", true, true),
            (&["files"], "files", false, false),
            (&["files:admin"], "files", false, false),
            (&[], "files", false, false),
        ] {
            assert_eq!(
                scopes_allow(&scopes(list), resource, writes),
                allowed,
                "{list:?} {resource} {writes}"
            );
        }
    }
}
