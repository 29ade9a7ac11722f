//! What was used, against what the plan allows. Counting and limiting are conditional updates in the caller's transaction,
//! so a limit is met exactly however many come at once, and what fails is not counted.

use crate::column::{Day, Stamp, plain, record, words};
use crate::error::Result;
use crate::tx::Tx;
use jiff::Timestamp;
use jiff::civil::Date;

words! {
    /// What a plan limits.
    Meter {
        /// Files.
        Uploads = "uploads",
        /// Rows of files.
        Rows = "rows",
        /// Runs.
        Analyses = "analyses",
        /// Questions to the assistant.
        ChatMessages = "chat_messages",
        /// What a model reads and writes.
        AiTokens = "ai_tokens",
        /// Saved mappings.
        MappingProfiles = "mapping_profiles",
    }
}

words! {
    /// What is recorded.
    UsageType {
        /// A file came.
        CsvUpload = "csv_upload",
        /// Rows were read.
        CsvRowProcessed = "csv_row_processed",
        /// An analysis ran.
        AnalysisRun = "analysis_run",
        /// An analyzer ran.
        AnalyzerExecution = "analyzer_execution",
        /// A question was asked.
        ChatMessage = "chat_message",
        /// A model read.
        AiTokensInput = "ai_tokens_input",
        /// A model wrote.
        AiTokensOutput = "ai_tokens_output",
        /// A mapping was saved.
        MappingProfileCreated = "mapping_profile_created",
        /// A mapping was used.
        MappingProfileUsed = "mapping_profile_used",
        /// A PDF went out.
        ExportPdf = "export_pdf",
        /// A CSV went out.
        ExportCsv = "export_csv",
        /// A workbook went out.
        ExportXlsx = "export_xlsx",
    }
}

/// What came of asking for some of a plan's allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is counted; so much is used by now.
    Done {
        /// By now.
        used: i64,
        /// At most, if there is a limit.
        limit: Option<i64>,
    },
    /// There is not so much left, and nothing was counted.
    Over {
        /// By now.
        used: i64,
        /// At most.
        limit: i64,
    },
}

/// The first day of the calendar month of an instant, in UTC: where counting starts again.
pub fn period_of(now: Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(now).date().first_of_month()
}

/// Counts `n` against the limit of the organisation's plan, in the transaction of what is counted: rolled back, it gives it back.
pub async fn take(tx: &mut Tx, meter: Meter, n: i64, now: Timestamp) -> Result<Taken> {
    let limit = limit(tx, meter).await?;
    let used: Option<i64> = sqlx::query_scalar(
        "INSERT INTO tenant.usage_counters AS c (org_id, meter, period_start, used)
         SELECT $1, $2, $3, $4 WHERE $5::bigint IS NULL OR $4 <= $5
         ON CONFLICT (org_id, meter, period_start) DO UPDATE SET used = c.used + $4, updated_at = clock_timestamp()
            WHERE $5::bigint IS NULL OR c.used + $4 <= $5
         RETURNING used",
    )
    .bind(tx.org_uuid())
    .bind(meter.name())
    .bind(Day(period_of(now)))
    .bind(n)
    .bind(limit)
    .fetch_optional(tx.conn())
    .await?;
    match (used, limit) {
        (Some(used), limit) => Ok(Taken::Done { used, limit }),
        (None, Some(limit)) => Ok(Taken::Over { used: self::used(tx, meter, now).await?, limit }),
        (None, None) => Err(crate::Error::Refused { constraint: "usage_counters".to_owned() }),
    }
}

/// Gives back what was counted for something that came to nothing later.
pub async fn refund(tx: &mut Tx, meter: Meter, n: i64, counted_at: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE tenant.usage_counters SET used = greatest(used - $3, 0), updated_at = clock_timestamp()
         WHERE meter = $1 AND period_start = $2",
    )
    .bind(meter.name())
    .bind(Day(period_of(counted_at)))
    .bind(n)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The plan's limit of a meter, as a column of organisation `o` with plan `p`.
macro_rules! limit_of {
    ($meter:literal) => {
        concat!(
            "CASE ",
            $meter,
            " WHEN 'uploads' THEN coalesce(o.uploads_max, p.uploads) WHEN 'rows' THEN p.rows WHEN 'analyses' THEN p.analyses
              WHEN 'chat_messages' THEN p.chat_messages WHEN 'ai_tokens' THEN p.ai_tokens
              WHEN 'mapping_profiles' THEN p.mapping_profiles END"
        )
    };
}

record! {
    /// What a plan limits, and how much of it is used this month.
    Allowed {
        /// What.
        meter: Meter,
        /// So much is used.
        used: i64,
        /// At most; none is no limit.
        allowed: Option<i64>,
    }
}

/// Everything that the plan limits, at once: every page shows it.
pub async fn allowances(tx: &mut Tx, now: Timestamp) -> Result<Vec<Allowed>> {
    Ok(sqlx::query_as(concat!(
        "SELECT m.meter, coalesce(c.used, 0) AS used, CASE WHEN l.meter IS NULL THEN 0 ELSE l.allowed END AS allowed
         FROM unnest($1::text[]) WITH ORDINALITY AS m (meter, place)
         LEFT JOIN tenant.usage_counters c ON c.meter = m.meter AND c.period_start = $2
         LEFT JOIN LATERAL (SELECT m.meter, ",
        limit_of!("m.meter"),
        " AS allowed FROM tenant.orgs o JOIN catalog.plans p USING (plan)) l ON true
         ORDER BY m.place"
    ))
    .bind(Meter::ALL.iter().map(|meter| meter.name()).collect::<Vec<_>>())
    .bind(Day(period_of(now)))
    .fetch_all(tx.conn())
    .await?)
}

/// How much is used this month.
pub async fn used(tx: &mut Tx, meter: Meter, now: Timestamp) -> Result<i64> {
    let used: Option<i64> =
        sqlx::query_scalar("SELECT used FROM tenant.usage_counters WHERE meter = $1 AND period_start = $2")
            .bind(meter.name())
            .bind(Day(period_of(now)))
            .fetch_optional(tx.conn())
            .await?;
    Ok(used.unwrap_or(0))
}

/// The limit of the organisation's plan; none is no limit. An organisation that is not there has nothing to take.
pub async fn limit(tx: &mut Tx, meter: Meter) -> Result<Option<i64>> {
    let limit: Option<Option<i64>> = sqlx::query_scalar(concat!(
        "SELECT ",
        limit_of!("$1"),
        " FROM tenant.orgs o JOIN catalog.plans p USING (plan)"
    ))
    .bind(meter.name())
    .fetch_optional(tx.conn())
    .await?;
    Ok(limit.unwrap_or(Some(0)))
}

/// Records that something was used, once per source: false if it was recorded before.
pub async fn record_event(tx: &mut Tx, type_: UsageType, source: &str, quantity: i64) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO tenant.usage_events (org_id, type, source, quantity, user_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(tx.org_uuid())
    .bind(type_.name())
    .bind(plain(source))
    .bind(quantity)
    .bind(tx.user_uuid())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

record! {
    /// What was used of one type.
    UsageTotal {
        /// Of what.
        type_: UsageType,
        /// How often.
        events: i64,
        /// How much.
        quantity: i64,
    }
}

/// What was used between two instants, by type.
pub async fn totals(tx: &mut Tx, from: Timestamp, until: Timestamp) -> Result<Vec<UsageTotal>> {
    Ok(sqlx::query_as(
        "SELECT type, count(*) AS events, coalesce(sum(quantity), 0)::bigint AS quantity FROM tenant.usage_events
         WHERE created_at >= $1 AND created_at < $2 GROUP BY type ORDER BY type",
    )
    .bind(Stamp(from))
    .bind(Stamp(until))
    .fetch_all(tx.conn())
    .await?)
}

record! {
    /// The subscription, as the payment provider states it.
    Subscription {
        /// The provider.
        provider: String,
        /// Whether it is real money.
        live: bool,
        /// The provider's id of the customer.
        customer_ref: String,
        /// The provider's id of the subscription, once there is one.
        subscription_ref: Option<String>,
        /// The provider's word for its state.
        status: String,
        /// Our plan.
        plan: String,
        /// When the paid period began.
        period_start: Option<Timestamp>,
        /// When it ends.
        period_end: Option<Timestamp>,
        /// When the days without payment end.
        trial_end: Option<Timestamp>,
        /// Whether it ends then for good.
        cancels_at_period_end: bool,
        /// When the provider made this state.
        provider_time: Timestamp,
    }
}

/// The organisation's subscription, if it has one.
pub async fn subscription(tx: &mut Tx) -> Result<Option<Subscription>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.subscriptions").fetch_optional(tx.conn()).await?)
}

/// All plans, in the order in which they are shown.
pub async fn plans(tx: &mut Tx) -> Result<Vec<crate::operator::plans::Plan>> {
    Ok(sqlx::query_as("SELECT * FROM catalog.plans ORDER BY position, plan").fetch_all(tx.conn()).await?)
}
