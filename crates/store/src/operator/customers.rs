//! What the operator knows of an organisation as its customer.

use super::OperatorTx;
use crate::column::{Day, plain, plain_prefix, record, words};
use crate::error::Result;
use domain::id::OrgId;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

words! {
    /// How the customer pays.
    CustomerPlan {
        /// It tries.
        Pilot = "pilot",
        /// It subscribes.
        Subscription = "subscription",
    }
}

words! {
    /// Whether it is one still.
    CustomerStatus {
        /// It tries.
        Trial = "trial",
        /// It is.
        Active = "active",
        /// It was.
        Inactive = "inactive",
    }
}

record! {
    /// A customer.
    Customer {
        /// The organisation.
        org_id: OrgId,
        /// The company.
        name: String,
        /// Whom to talk to.
        contact_name: String,
        /// Where to write.
        contact_email: String,
        /// Where to call.
        contact_phone: String,
        /// Where it is.
        address: String,
        /// What the operator noted.
        notes: String,
        /// How it pays.
        plan: CustomerPlan,
        /// Whether it is one still.
        status: CustomerStatus,
        /// How many files it may upload.
        csv_upload_limit: i64,
        /// What a pilot should save.
        savings_target: Decimal,
        /// When the pilot ends.
        pilot_ends_on: Option<Date>,
        /// For `If-Match`.
        version: i64,
        /// When it was noted first.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// What the operator says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerForm<'a> {
    /// The company.
    pub name: &'a str,
    /// Whom to talk to.
    pub contact_name: &'a str,
    /// Where to write.
    pub contact_email: &'a str,
    /// Where to call.
    pub contact_phone: &'a str,
    /// Where it is.
    pub address: &'a str,
    /// Notes.
    pub notes: &'a str,
    /// How it pays.
    pub plan: CustomerPlan,
    /// Whether it is one still.
    pub status: CustomerStatus,
    /// How many files it may upload.
    pub csv_upload_limit: i64,
    /// What a pilot should save.
    pub savings_target: Decimal,
    /// When the pilot ends.
    pub pilot_ends_on: Option<Date>,
}

/// The customer of an organisation.
pub async fn get(tx: &mut OperatorTx, org: OrgId) -> Result<Option<Customer>> {
    Ok(sqlx::query_as("SELECT * FROM operator.customers WHERE org_id = $1")
        .bind(org.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// Customers whose name, contact or notes contain the words, by name.
pub async fn list(
    tx: &mut OperatorTx,
    search: Option<&str>,
    status: Option<CustomerStatus>,
) -> Result<Vec<Customer>> {
    Ok(sqlx::query_as(
        "SELECT * FROM operator.customers WHERE ($1::text IS NULL
            OR position(lower($1) IN lower(name || ' ' || contact_name || ' ' || contact_email || ' ' || notes)) > 0)
            AND ($2::text IS NULL OR status = $2)
         ORDER BY lower(name), org_id LIMIT 1000",
    )
    .bind(search.map(plain))
    .bind(status.map(CustomerStatus::name))
    .fetch_all(tx.conn())
    .await?)
}

/// Notes an organisation as a customer, or changes what is noted, if nobody did since `version` (0 for a new one).
pub async fn put(
    tx: &mut OperatorTx,
    org: OrgId,
    version: i64,
    form: &CustomerForm<'_>,
) -> Result<Option<Customer>> {
    Ok(sqlx::query_as(
        "INSERT INTO operator.customers AS c (org_id, name, contact_name, contact_email, contact_phone, address, notes, plan,
            status, csv_upload_limit, savings_target, pilot_ends_on)
         VALUES ($1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (org_id) DO UPDATE SET name = EXCLUDED.name, contact_name = EXCLUDED.contact_name,
            contact_email = EXCLUDED.contact_email, contact_phone = EXCLUDED.contact_phone, address = EXCLUDED.address,
            notes = EXCLUDED.notes, plan = EXCLUDED.plan, status = EXCLUDED.status,
            csv_upload_limit = EXCLUDED.csv_upload_limit, savings_target = EXCLUDED.savings_target,
            pilot_ends_on = EXCLUDED.pilot_ends_on
         WHERE c.version = $2 RETURNING *",
    )
    .bind(org.0)
    .bind(version)
    .bind(plain(form.name))
    .bind(plain_prefix(form.contact_name, 200))
    .bind(plain_prefix(form.contact_email, 320))
    .bind(plain_prefix(form.contact_phone, 60))
    .bind(plain_prefix(form.address, 1000))
    .bind(plain_prefix(form.notes, 20_000))
    .bind(form.plan.name())
    .bind(form.status.name())
    .bind(form.csv_upload_limit)
    .bind(form.savings_target)
    .bind(form.pilot_ends_on.map(Day))
    .fetch_optional(tx.conn())
    .await?)
}
