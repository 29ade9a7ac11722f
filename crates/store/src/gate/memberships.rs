//! Who belongs to which organisation, as asked while somebody signs in.

use super::GateTx;
use crate::column::{plain, record, words};
use crate::error::Result;
use domain::Role;
use domain::id::{OrgId, UserId};

words! {
    /// Who says that somebody is a member.
    MembershipSource {
        /// This installation: by invitation or by the first sign-in.
        Local = "local",
        /// The token issuer.
        Issuer = "issuer",
    }
}

record! {
    /// A membership with what signing in needs to know of the organisation.
    Belonging {
        /// The organisation.
        org_id: OrgId,
        /// Its name.
        org_name: String,
        /// Its state: active, suspended or closed.
        org_state: String,
        /// From where it may be used; from everywhere where none is named.
        org_networks: Vec<String>,
        /// The member.
        user_id: UserId,
        /// What the member may do.
        role: Role,
        /// Who says so.
        source: MembershipSource,
    }
}

/// The organisations of a person, oldest membership first.
pub async fn list(tx: &mut GateTx, user: UserId) -> Result<Vec<Belonging>> {
    Ok(sqlx::query_as(
        "SELECT m.org_id, o.name AS org_name, o.state AS org_state,
            o.allowed_networks AS org_networks, m.user_id, m.role, m.source
         FROM tenant.memberships m JOIN tenant.orgs o USING (org_id)
         WHERE m.user_id = $1 ORDER BY m.created_at, m.org_id LIMIT 500",
    )
    .bind(user.0)
    .fetch_all(tx.conn())
    .await?)
}

/// Whether and as what a person belongs to an organisation: asked at most a minute before every request.
pub async fn get(tx: &mut GateTx, org: OrgId, user: UserId) -> Result<Option<Belonging>> {
    Ok(sqlx::query_as(
        "SELECT m.org_id, o.name AS org_name, o.state AS org_state,
            o.allowed_networks AS org_networks, m.user_id, m.role, m.source
         FROM tenant.memberships m JOIN tenant.orgs o USING (org_id)
         WHERE m.org_id = $1 AND m.user_id = $2",
    )
    .bind(org.0)
    .bind(user.0)
    .fetch_optional(tx.conn())
    .await?)
}

/// Makes a person a member of the organisation that was entered, or changes what the member may do.
pub async fn put(
    tx: &mut GateTx,
    user: UserId,
    role: Role,
    source: MembershipSource,
    email: &str,
    name: &str,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO tenant.memberships (org_id, user_id, role, source, email, name)
         VALUES (tenant.current_org(), $1, $2, $3, $4, $5)
         ON CONFLICT (org_id, user_id) DO UPDATE SET role = EXCLUDED.role, source = EXCLUDED.source",
    )
    .bind(user.0)
    .bind(role.name())
    .bind(source.name())
    .bind(plain(email))
    .bind(plain(name))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a membership in the organisation that was entered.
pub async fn delete(tx: &mut GateTx, user: UserId) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM tenant.memberships WHERE org_id = tenant.current_org() AND user_id = $1")
            .bind(user.0)
            .execute(tx.conn())
            .await?;
    Ok(done.rows_affected() == 1)
}
