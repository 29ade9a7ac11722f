//! Plans and their limits.

use super::OperatorTx;
use crate::column::record;
use crate::error::Result;

record! {
    /// A plan; none is no limit.
    Plan {
        /// Its name.
        plan: String,
        /// Files in a month.
        uploads: Option<i64>,
        /// Rows in a month.
        rows: Option<i64>,
        /// Runs in a month.
        analyses: Option<i64>,
        /// Questions in a month.
        chat_messages: Option<i64>,
        /// Tokens in a month.
        ai_tokens: Option<i64>,
        /// Saved mappings.
        mapping_profiles: Option<i64>,
        /// Whether people may choose it themselves.
        offered: bool,
        /// Where it is shown.
        position: i64,
    }
}

/// All plans by name.
pub async fn list(tx: &mut OperatorTx) -> Result<Vec<Plan>> {
    Ok(sqlx::query_as("SELECT * FROM catalog.plans ORDER BY position, plan").fetch_all(tx.conn()).await?)
}

/// Makes a plan or changes its limits.
pub async fn put(tx: &mut OperatorTx, plan: &Plan) -> Result<()> {
    sqlx::query(
        "INSERT INTO catalog.plans (plan, uploads, rows, analyses, chat_messages, ai_tokens, mapping_profiles, offered, position)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (plan) DO UPDATE SET uploads = EXCLUDED.uploads, rows = EXCLUDED.rows, analyses = EXCLUDED.analyses,
            chat_messages = EXCLUDED.chat_messages, ai_tokens = EXCLUDED.ai_tokens,
            mapping_profiles = EXCLUDED.mapping_profiles, offered = EXCLUDED.offered, position = EXCLUDED.position",
    )
    .bind(&plan.plan)
    .bind(plan.uploads)
    .bind(plan.rows)
    .bind(plan.analyses)
    .bind(plan.chat_messages)
    .bind(plan.ai_tokens)
    .bind(plan.mapping_profiles)
    .bind(plan.offered)
    .bind(plan.position)
    .execute(tx.conn())
    .await?;
    Ok(())
}
