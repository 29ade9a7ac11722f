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
        /// Whether a reviewer looks at results before the organisation does.
        reviewed: bool,
        /// How many files it may upload in a month, in place of its plan's number.
        uploads_max: Option<i64>,
        /// After how many months uploads go by themselves; none keeps them.
        keep_months: Option<i64>,
        /// From where its people and programs may come; from everywhere where none is named.
        allowed_networks: Vec<String>,
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

/// Changes name, company form and the networks from where it may be used, if nobody changed them since `version`.
pub async fn update(
    tx: &mut Tx,
    version: i64,
    name: &str,
    profile: &Value,
    allowed_networks: &[String],
    onboarded_at: Option<Timestamp>,
) -> Result<Option<Org>> {
    Ok(sqlx::query_as(
        "UPDATE tenant.orgs SET name = $3, profile = $4, allowed_networks = $5,
            onboarded_at = coalesce(onboarded_at, $6)
         WHERE org_id = $1 AND version = $2 RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(version)
    .bind(plain(name))
    .bind(Document(profile))
    .bind(allowed_networks)
    .bind(onboarded_at.map(Stamp))
    .fetch_optional(tx.conn())
    .await?)
}

record! {
    /// What an organisation has done so far.
    Progress {
        /// A file is there.
        uploaded: bool,
        /// A mapping is confirmed.
        mapped: bool,
        /// An analysis has a result.
        analyzed: bool,
        /// A question was asked.
        asked: bool,
    }
}

/// What the organisation has done so far, asked of the things themselves.
pub async fn progress(tx: &mut Tx) -> Result<Progress> {
    Ok(sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM tenant.files WHERE state = 'stored') AS uploaded,
            EXISTS (SELECT 1 FROM tenant.dataset_files WHERE mapping_state = 'confirmed') AS mapped,
            EXISTS (SELECT 1 FROM tenant.analyses WHERE state = 'completed') AS analyzed,
            EXISTS (SELECT 1 FROM tenant.conversations WHERE org_id = $1) AS asked",
    )
    .bind(tx.org_uuid())
    .fetch_one(tx.conn())
    .await?)
}

record! {
    /// Something that the operator says to everybody.
    Announced {
        /// In one line.
        title: String,
        /// The rest.
        body: String,
    }
}

/// What the operator says now, newest first.
pub async fn announced(tx: &mut Tx, now: Timestamp) -> Result<Vec<Announced>> {
    Ok(sqlx::query_as(
        "SELECT title, body FROM catalog.announcements WHERE shown_until > $1 ORDER BY created_at DESC, id LIMIT 3",
    )
    .bind(Stamp(now))
    .fetch_all(tx.conn())
    .await?)
}
