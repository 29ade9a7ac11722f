//! Views of the list of findings: filters and grouping under a name, for oneself or for everybody.

use domain::{Role, id::UserId};
use store::finding_views::{self, FindingView, NewFindingView};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error,
    deed::{self, Began},
};

/// Views that one person keeps.
const OWN_MAX: usize = 100;

/// A view as somebody sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    pub view: FindingView,
    pub own: bool,
    /// Whether the reader may rename, share and delete it.
    pub may_change: bool,
}

/// What the reader keeps and what is shared, by name. A program has none.
pub async fn list(backing: &Backing, caller: &Caller) -> Result<Vec<View>, Error> {
    caller.require(Role::Viewer)?;
    let Some(user) = caller.actor.user() else { return Ok(Vec::new()) };
    let mut tx = deed::begin(backing, caller).await?;
    let all = finding_views::list(&mut tx, user).await?;
    Ok(all.into_iter().map(|view| seen(caller, user, view)).collect())
}

/// One of them, as the reader sees it.
pub async fn get(backing: &Backing, caller: &Caller, id: Uuid) -> Result<View, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let view = finding_views::get(&mut tx, id).await?;
    // What a program may see is what everybody may; it has none of its own.
    let user = caller.actor.user();
    let view =
        view.filter(|view| view.shared || Some(view.owner_id) == user).ok_or(Error::NotFound("view"))?;
    Ok(match user {
        Some(user) => seen(caller, user, view),
        None => View { view, own: false, may_change: false },
    })
}

fn seen(caller: &Caller, user: UserId, view: FindingView) -> View {
    let own = view.owner_id == user;
    View { may_change: own || caller.actor.may(Role::Admin), own, view }
}

/// Keeps the filters and the grouping of `query` under a name. Sharing takes an analyst.
pub async fn keep(
    backing: &Backing,
    caller: &Caller,
    name: &str,
    query: &str,
    shared: bool,
) -> Result<FindingView, Error> {
    caller.require(if shared { Role::Analyst } else { Role::Viewer })?;
    let user = person(caller)?;
    let name = named(name)?;
    if query.is_empty() || query.chars().count() > 2000 {
        return Err(Error::invalid("query", "filter or group the findings first"));
    }
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => {
            let mut tx = deed::begin(backing, caller).await?;
            return finding_views::get(&mut tx, id).await?.ok_or(Error::NotFound("view"));
        }
    };
    let own = finding_views::list(&mut tx, user).await?.into_iter().filter(|view| view.owner_id == user);
    if own.count() >= OWN_MAX {
        return Err(Error::Conflict(format!("there are {OWN_MAX} views already; delete one first")));
    }
    let new = NewFindingView { id: Uuid::now_v7(), name, query, shared };
    let made = finding_views::insert(&mut tx, user, &new).await.map_err(|error| taken(error, name))?;
    let event = deed::done(caller, "finding_view.create", "finding_view", made.id).detail("shared", shared);
    deed::commit_new(tx, caller, event, made.id).await?;
    Ok(made)
}

/// Gives a view another name, and shares it or takes it back.
pub async fn update(
    backing: &Backing,
    caller: &Caller,
    id: Uuid,
    name: &str,
    shared: bool,
) -> Result<FindingView, Error> {
    caller.require(Role::Viewer)?;
    let name = named(name)?;
    let mut tx = deed::begin(backing, caller).await?;
    let before = changeable(caller, finding_views::get(&mut tx, id).await?)?;
    if shared && !before.shared {
        caller.require(Role::Analyst)?;
    }
    finding_views::update(&mut tx, id, name, shared).await.map_err(|error| taken(error, name))?;
    let event = deed::done(caller, "finding_view.update", "finding_view", id).detail("shared", shared);
    deed::commit(tx, caller, event).await?;
    Ok(FindingView { name: name.to_owned(), shared, ..before })
}

/// Forgets a view; findings are not touched.
pub async fn delete(backing: &Backing, caller: &Caller, id: Uuid) -> Result<(), Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    changeable(caller, finding_views::get(&mut tx, id).await?)?;
    finding_views::delete(&mut tx, id).await?;
    deed::commit(tx, caller, deed::done(caller, "finding_view.delete", "finding_view", id)).await
}

/// The view, where the caller may change it. What somebody keeps for themselves is not there for others.
fn changeable(caller: &Caller, view: Option<FindingView>) -> Result<FindingView, Error> {
    let is_seen = |view: &FindingView| view.shared || Some(view.owner_id) == caller.actor.user();
    let view = view.filter(is_seen).ok_or(Error::NotFound("view"))?;
    if view.owner_id != person(caller)? {
        caller.require(Role::Admin)?;
    }
    Ok(view)
}

fn named(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "give a name of 1 to 100 characters"));
    }
    Ok(name)
}

fn taken(error: store::Error, name: &str) -> Error {
    match error {
        store::Error::Conflict { .. } => Error::Conflict(format!("there is a view named {name} already")),
        other => other.into(),
    }
}

fn person(caller: &Caller) -> Result<UserId, Error> {
    let user = caller.actor.user();
    user.ok_or_else(|| Error::Conflict("a view is kept by a person; sign in as one".to_owned()))
}
