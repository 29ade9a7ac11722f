//! Rules that an organisation keeps to be filled in again, and suggestions that it does not want to see again.

use crate::column::{Document, plain, plain_prefix, record};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::UserId;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

record! {
    /// A rule to be filled in over a column.
    RuleTemplate {
        /// Which one.
        id: Uuid,
        /// What people call it.
        name: String,
        /// `labor`, `material`, `machine`, `time` or `other`.
        category: String,
        /// The column that it read where it was kept.
        reads: String,
        /// The prepared column.
        recipe: Value,
        /// Who kept it.
        created_by: Option<UserId>,
        /// When.
        created_at: Timestamp,
    }
}

/// What a new one needs.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRuleTemplate<'a> {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: &'a str,
    /// What it is about.
    pub category: &'a str,
    /// The column that it reads.
    pub reads: &'a str,
    /// The prepared column.
    pub recipe: &'a Value,
}

/// All of them, by what they are about and by name.
pub async fn list(tx: &mut Tx) -> Result<Vec<RuleTemplate>> {
    let all =
        sqlx::query_as("SELECT * FROM tenant.rule_templates ORDER BY category, lower(name), id LIMIT 200");
    Ok(all.fetch_all(tx.conn()).await?)
}

/// One.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<RuleTemplate>> {
    let one = sqlx::query_as("SELECT * FROM tenant.rule_templates WHERE id = $1").bind(id);
    Ok(one.fetch_optional(tx.conn()).await?)
}

/// Keeps one. A name that is taken is [`crate::Error::Conflict`].
pub async fn insert(tx: &mut Tx, new: &NewRuleTemplate<'_>) -> Result<RuleTemplate> {
    let made = sqlx::query_as(
        "INSERT INTO tenant.rule_templates (org_id, id, name, category, reads, recipe, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id)
    .bind(plain_prefix(new.name, 100))
    .bind(new.category)
    .bind(plain_prefix(new.reads, 500))
    .bind(Document(new.recipe))
    .bind(tx.user_uuid());
    Ok(made.fetch_one(tx.conn()).await?)
}

/// Forgets one.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM tenant.rule_templates WHERE id = $1").bind(id).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Suggestions that are not wanted for tables with these headers.
pub async fn dismissed(tx: &mut Tx, header_signature: &str) -> Result<Vec<String>> {
    let all = sqlx::query_scalar(
        "SELECT suggestion FROM tenant.dismissed_suggestions WHERE header_signature = $1 ORDER BY suggestion LIMIT 2000",
    )
    .bind(plain(header_signature));
    Ok(all.fetch_all(tx.conn()).await?)
}

/// Takes these suggestions out of sight, and shows all others again. Gives back whether anything changed.
pub async fn set_dismissed(tx: &mut Tx, header_signature: &str, suggestions: &[String]) -> Result<bool> {
    let wanted: Vec<String> = suggestions.iter().map(|one| plain_prefix(one, 600)).collect();
    let shown = sqlx::query(
        "DELETE FROM tenant.dismissed_suggestions WHERE header_signature = $1 AND suggestion <> ALL ($2)",
    )
    .bind(plain(header_signature))
    .bind(&wanted)
    .execute(tx.conn())
    .await?;
    let hidden = sqlx::query(
        "INSERT INTO tenant.dismissed_suggestions (org_id, header_signature, suggestion, dismissed_by)
         SELECT $1, $2, suggestion, $4 FROM unnest($3::text[]) AS suggestion ON CONFLICT DO NOTHING",
    )
    .bind(tx.org_uuid())
    .bind(plain_prefix(header_signature, 200))
    .bind(&wanted)
    .bind(tx.user_uuid())
    .execute(tx.conn())
    .await?;
    Ok(shown.rows_affected() + hidden.rows_affected() > 0)
}
