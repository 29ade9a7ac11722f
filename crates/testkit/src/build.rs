//! Organisations with a member of every role, ready to act.

use crate::Database;
use domain::actor::{Actor, Means, Role};
use domain::id::{OrgId, UserId};
use store::gate::{memberships, orgs, users};
use store::orgs::OrgKind;
use uuid::Uuid;

/// An organisation with an actor of every role.
#[derive(Debug, Clone)]
pub struct Org {
    /// Which one.
    pub id: OrgId,
    /// The owner.
    pub owner: Actor,
    /// An administrator.
    pub admin: Actor,
    /// A reviewer.
    pub reviewer: Actor,
    /// An analyst.
    pub analyst: Actor,
    /// A viewer.
    pub viewer: Actor,
}

impl Org {
    /// The actor of a role.
    pub fn actor(&self, role: Role) -> &Actor {
        match role {
            Role::Viewer => &self.viewer,
            Role::Analyst => &self.analyst,
            Role::Reviewer => &self.reviewer,
            Role::Admin => &self.admin,
            Role::Owner => &self.owner,
        }
    }

    /// The worker, for some job of this organisation.
    pub fn worker(&self) -> Actor {
        Actor {
            org: self.id,
            role: Role::Owner,
            means: Means::Job { job: domain::id::JobId(Uuid::new_v4()) },
        }
    }
}

/// An organisation of this name on a plan, with a person for every role.
///
/// # Panics
/// When the database does not take it.
pub async fn org(database: &Database, name: &str, plan: &str) -> Org {
    let id = OrgId(Uuid::new_v4());
    let mut gate = database.store.gate().await.expect("the gate");
    orgs::insert(&mut gate, id, name, OrgKind::Company, plan, None).await.expect("an organisation");
    gate.commit().await.expect("a commit");
    Org {
        id,
        owner: person(database, id, Role::Owner).await,
        admin: person(database, id, Role::Admin).await,
        reviewer: person(database, id, Role::Reviewer).await,
        analyst: person(database, id, Role::Analyst).await,
        viewer: person(database, id, Role::Viewer).await,
    }
}

/// One more member of an organisation, as an actor who came by a token.
///
/// # Panics
/// When the database does not take it.
pub async fn person(database: &Database, org: OrgId, role: Role) -> Actor {
    let user = UserId(Uuid::new_v4());
    let email = format!("{}.{}@example.com", role.name(), user.0.simple());
    let mut gate = database.store.gate().await.expect("the gate");
    users::insert(&mut gate, user, &email, &email, role.name()).await.expect("a person");
    gate.enter(org).await.expect("the organisation");
    memberships::put(&mut gate, user, role, memberships::MembershipSource::Local, &email, role.name())
        .await
        .expect("a membership");
    gate.commit().await.expect("a commit");
    Actor { org, role, means: Means::Token { user } }
}
