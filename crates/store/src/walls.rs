//! What must hold before anybody is served: roles that feel row security, tables that force it, the schema of this program.
//!
//! A start refuses the first breach; `plantintel doctor` shows all of them.

use crate::connection::OWNER;
use crate::error::{Error, Result};
use sqlx::{PgConnection, Row};

/// Everything that would let the role of this session round the walls. A superuser or an owner does not feel row security, so one
/// that serves requests would be no wall at all.
pub(crate) async fn breaches(conn: &mut PgConnection) -> Result<Vec<Error>> {
    let row = sqlx::query(
        "SELECT session_user::text AS role, r.rolsuper, r.rolbypassrls, pg_has_role(session_user, $1, 'MEMBER') AS owner,
            EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid) AS owns
         FROM pg_roles r WHERE r.rolname = session_user",
    )
    .bind(OWNER)
    .fetch_one(&mut *conn)
    .await?;
    let role: String = row.try_get("role")?;
    let mut found = Vec::new();
    for (column, fault) in [
        ("rolsuper", "be a superuser"),
        ("rolbypassrls", "bypass row security"),
        ("owner", "be a member of the owner's role"),
        ("owns", "own tables"),
    ] {
        if row.try_get::<bool, _>(column)? {
            found.push(Error::UnsafeRole { role: role.clone(), fault: fault.to_owned() });
        }
    }
    let unforced: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'tenant' AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1",
    )
    .fetch_all(conn)
    .await?;
    for table in unforced {
        let fault = format!("meet table {table} without forced row security");
        found.push(Error::UnsafeRole { role: role.clone(), fault });
    }
    Ok(found)
}

/// Which of this program's migrations the database lacks. A newer schema still serves this program, since migrations expand first:
/// a rolling update needs that.
pub(crate) async fn other_version(conn: &mut PgConnection) -> Result<Option<Error>> {
    let applied: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM catalog._sqlx_migrations WHERE success ORDER BY version")
            .fetch_all(conn)
            .await?;
    let lacking = crate::migrate::versions().find(|version| !applied.contains(version));
    Ok(lacking.map(|needed| Error::SchemaVersion { found: applied.last().copied().unwrap_or(0), needed }))
}
