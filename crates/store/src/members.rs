//! Members of the organisation and the profile that each shows there. New ones come in through [`crate::gate`].

use crate::column::{Document, plain, record};
use crate::error::Result;
use crate::gate::memberships::MembershipSource;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::Role;
use domain::id::UserId;
use jiff::Timestamp;
use serde_json::Value;

record! {
    /// A member.
    Member {
        /// Who.
        user_id: UserId,
        /// What the member may do.
        role: Role,
        /// Who says that it is one.
        source: MembershipSource,
        /// The address.
        email: String,
        /// The name.
        name: String,
        /// The position.
        title: String,
        /// The telephone.
        phone: String,
        /// The department.
        department: String,
        /// What the pages should look like.
        preferences: Value,
        /// For `If-Match`.
        version: i64,
        /// Since when.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// What a member says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileForm<'a> {
    /// The name.
    pub name: &'a str,
    /// The position.
    pub title: &'a str,
    /// The telephone.
    pub phone: &'a str,
    /// The department.
    pub department: &'a str,
    /// What the pages should look like.
    pub preferences: &'a Value,
}

/// The member of this id.
pub async fn get(tx: &mut Tx, user: UserId) -> Result<Option<Member>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.memberships WHERE user_id = $1")
        .bind(user.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// All members by address.
pub async fn list(tx: &mut Tx) -> Result<Vec<Member>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.memberships ORDER BY lower(email), user_id LIMIT 5000")
        .fetch_all(tx.conn())
        .await?)
}

/// A part of the members, newest first.
pub async fn page(tx: &mut Tx, page: Page) -> Result<Listing<Member>> {
    let rows: Vec<Member> = sqlx::query_as(
        "SELECT * FROM tenant.memberships WHERE ($1::timestamptz IS NULL OR (created_at, user_id) < ($1, $2))
         ORDER BY created_at DESC, user_id DESC LIMIT $3",
    )
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(rows, |row| Cursor { at: row.created_at, id: row.user_id.0 }))
}

/// Changes a member's own profile, if nobody did since `version`.
pub async fn update(
    tx: &mut Tx,
    user: UserId,
    version: i64,
    form: &ProfileForm<'_>,
) -> Result<Option<Member>> {
    Ok(sqlx::query_as(
        "UPDATE tenant.memberships SET name = $3, title = $4, phone = $5, department = $6, preferences = $7
         WHERE user_id = $1 AND version = $2 RETURNING *",
    )
    .bind(user.0)
    .bind(version)
    .bind(plain(form.name))
    .bind(plain(form.title))
    .bind(plain(form.phone))
    .bind(plain(form.department))
    .bind(Document(form.preferences))
    .fetch_optional(tx.conn())
    .await?)
}

/// What came of a change that could have left the organisation without an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It was made.
    Done,
    /// There is no such member.
    Absent,
    /// It is the last owner; somebody else must become one first.
    LastOwner,
}

/// Gives a member another role. Two changes at once wait for each other, so that an owner remains.
pub async fn set_role(tx: &mut Tx, user: UserId, role: Role) -> Result<Changed> {
    if role != Role::Owner && is_last_owner(tx, user).await? {
        return Ok(Changed::LastOwner);
    }
    let done = sqlx::query("UPDATE tenant.memberships SET role = $2 WHERE user_id = $1")
        .bind(user.0)
        .bind(role.name())
        .execute(tx.conn())
        .await?;
    Ok(if done.rows_affected() == 1 { Changed::Done } else { Changed::Absent })
}

/// Ends a membership.
pub async fn delete(tx: &mut Tx, user: UserId) -> Result<Changed> {
    if is_last_owner(tx, user).await? {
        return Ok(Changed::LastOwner);
    }
    let done = sqlx::query("DELETE FROM tenant.memberships WHERE user_id = $1")
        .bind(user.0)
        .execute(tx.conn())
        .await?;
    Ok(if done.rows_affected() == 1 { Changed::Done } else { Changed::Absent })
}

async fn is_last_owner(tx: &mut Tx, user: UserId) -> Result<bool> {
    let owners: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT user_id FROM tenant.memberships WHERE role = 'owner' ORDER BY user_id FOR UPDATE",
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(owners == [user.0])
}
