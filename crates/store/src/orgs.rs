//! The organisation itself.

use crate::column::{Document, Stamp, plain, record, words};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::OrgId;
use jiff::Timestamp;
use serde_json::Value;

words! {
    /// What kind of organisation it is.
    OrgKind {
        /// A company.
        Company = "company",
        /// One person's own workspace.
        Personal = "personal",
        /// Sample data to look at.
        Demo = "demo",
        /// What belongs to no organisation: its audit trail holds failed sign-ins.
        Installation = "installation",
    }
}

words! {
    /// Whether it may be used.
    OrgState {
        /// It may.
        Active = "active",
        /// It may be read, not written.
        Suspended = "suspended",
        /// Nobody signs in.
        Closed = "closed",
    }
}

record! {
    /// An organisation.
    Org {
        /// Which one.
        org_id: OrgId,
        /// Its name.
        name: String,
        /// What kind it is.
        kind: OrgKind,
        /// The plan whose limits hold.
        plan: String,
        /// Whether it may be used.
        state: OrgState,
        /// Its id at the token issuer.
        external_id: Option<String>,
        /// The company form.
        profile: Value,
        /// When the form was filled in or skipped.
        onboarded_at: Option<Timestamp>,
        /// For `If-Match`.
        version: i64,
        /// When it was made.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// The transaction's organisation.
pub async fn get(tx: &mut Tx) -> Result<Option<Org>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.orgs WHERE org_id = $1")
        .bind(tx.org_uuid())
        .fetch_optional(tx.conn())
        .await?)
}

/// Changes name and company form, if nobody changed them since `version`.
pub async fn update(
    tx: &mut Tx,
    version: i64,
    name: &str,
    profile: &Value,
    onboarded_at: Option<Timestamp>,
) -> Result<Option<Org>> {
    Ok(sqlx::query_as(
        "UPDATE tenant.orgs SET name = $3, profile = $4, onboarded_at = coalesce(onboarded_at, $5)
         WHERE org_id = $1 AND version = $2 RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(version)
    .bind(plain(name))
    .bind(Document(profile))
    .bind(onboarded_at.map(Stamp))
    .fetch_optional(tx.conn())
    .await?)
}
