//! The audit trail: written in the transaction of the deed, chained per organisation, checked from outside.
//!
//! [`record`] appends; [`list`] reads; [`leaf`] computes what a row's hash must be; [`verify`] walks a chain in the database or
//! an export; [`checkpoint`] signs the ends of the chains into a file outside the database.

pub mod checkpoint;
pub mod leaf;
mod stored;
pub mod verify;

use crate::column::{Document, Stamp, plain_prefix, record, words};
use crate::error::Result;
use crate::gate::GateTx;
use crate::operator::OperatorTx;
use crate::page::LIMIT_MAX;
use crate::tx::Tx;
use domain::actor::{Actor, Means};
use domain::id::{OrgId, UserId};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, PgConnection};
use std::fmt::Display;
use uuid::Uuid;

/// The organisation of what happens before any is known: failed sign-ins of unknown people, webhooks that match nobody.
pub const INSTALLATION: OrgId = OrgId(Uuid::nil());

words! {
    /// How it ended.
    Outcome {
        /// It took effect.
        Done = "done",
        /// It was not allowed.
        Denied = "denied",
        /// It was allowed and did not work.
        Failed = "failed",
    }
}

words! {
    /// What kind of actor it was.
    ActorKind {
        /// A person in a browser.
        Session = "session",
        /// A person with a token of an issuer.
        Token = "token",
        /// A program.
        ApiKey = "api_key",
        /// The worker.
        Job = "job",
        /// The operator of the installation.
        Operator = "operator",
        /// A payment provider.
        Webhook = "webhook",
        /// Nobody known.
        Anonymous = "anonymous",
        /// The program itself.
        System = "system",
    }
}

/// Something that happened. Personal fields (name, address, browser) stand apart from the chain and can be erased; nothing
/// personal belongs into `details`.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    actor_kind: ActorKind,
    actor_id: String,
    action: String,
    resource_type: String,
    resource_id: String,
    outcome: Outcome,
    trace_id: String,
    details: Map<String, Value>,
    subject: Option<UserId>,
    name: String,
    address: String,
    user_agent: String,
}

impl Event {
    /// An action, as `resource.verb` (`dataset.create`, `session.refuse`), and how it ended. By the program itself, until
    /// somebody else is named.
    pub fn new(action: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            actor_kind: ActorKind::System,
            actor_id: String::new(),
            action: action.into(),
            resource_type: String::new(),
            resource_id: String::new(),
            outcome,
            trace_id: String::new(),
            details: Map::new(),
            subject: None,
            name: String::new(),
            address: String::new(),
            user_agent: String::new(),
        }
    }

    /// Who did it. [`record`] does this for a tenant's transaction.
    #[must_use]
    pub fn by(mut self, actor: &Actor) -> Self {
        (self.actor_kind, self.actor_id) = match actor.means {
            Means::Session { user, .. } => (ActorKind::Session, user.to_string()),
            Means::Token { user } => (ActorKind::Token, user.to_string()),
            Means::ApiKey { key } => (ActorKind::ApiKey, key.to_string()),
            Means::Job { job } => (ActorKind::Job, job.to_string()),
            Means::Operator { user } => (ActorKind::Operator, user.to_string()),
        };
        self.subject = self.subject.or_else(|| actor.user());
        self
    }

    /// The operator did it.
    #[must_use]
    pub fn by_operator(mut self, user: UserId) -> Self {
        self.actor_kind = ActorKind::Operator;
        self.actor_id = user.to_string();
        self
    }

    /// Somebody of this kind did it, known under this id, if at all.
    #[must_use]
    pub fn by_kind(mut self, kind: ActorKind, id: impl Display) -> Self {
        self.actor_kind = kind;
        self.actor_id = id.to_string();
        self
    }

    /// To what.
    #[must_use]
    pub fn on(mut self, resource_type: &str, resource_id: impl Display) -> Self {
        resource_type.clone_into(&mut self.resource_type);
        self.resource_id = resource_id.to_string();
        self
    }

    /// In which request, so that answer, log and trail can be laid side by side.
    #[must_use]
    pub fn traced(mut self, trace_id: impl Into<String>) -> Self {
        self.trace_id = trace_id.into();
        self
    }

    /// One more fact. Nothing personal, no secrets, no customer's cells.
    #[must_use]
    pub fn detail(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// From where, by the network.
    #[must_use]
    pub fn from_address(mut self, address: impl Display, user_agent: &str) -> Self {
        self.address = address.to_string();
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// Whom it concerns, by name or address; erased when the person is.
    #[must_use]
    pub fn about(mut self, subject: Option<UserId>, name: &str) -> Self {
        self.subject = subject.or(self.subject);
        name.clone_into(&mut self.name);
        self
    }
}

impl Event {
    /// As the database takes many at once.
    fn to_document(&self) -> Value {
        json!({
            "actor_kind": self.actor_kind.name(),
            "actor_id": plain_prefix(&self.actor_id, 200),
            "action": plain_prefix(&self.action, 100),
            "resource_type": plain_prefix(&self.resource_type, 60),
            "resource_id": plain_prefix(&self.resource_id, 200),
            "outcome": self.outcome.name(),
            "trace_id": plain_prefix(&self.trace_id, 64),
            "details": self.details,
            "subject": self.subject.map(|user| user.to_string()),
            "name": plain_prefix(&self.name, 320),
            "address": plain_prefix(&self.address, 64),
            "user_agent": plain_prefix(&self.user_agent, 400),
        })
    }
}

/// A transaction in which events can be recorded.
pub trait Audited {
    #[doc(hidden)]
    fn audit_conn(&mut self) -> &mut PgConnection;
    #[doc(hidden)]
    fn audit_actor(&self) -> Option<&Actor>;
    /// Whether the commit goes ahead of the disk, and its caller waits with others.
    #[doc(hidden)]
    fn audit_ahead(&mut self) -> bool;
}

impl Audited for Tx {
    fn audit_conn(&mut self) -> &mut PgConnection {
        self.conn()
    }
    fn audit_actor(&self) -> Option<&Actor> {
        Some(self.actor())
    }
    fn audit_ahead(&mut self) -> bool {
        self.goes_ahead()
    }
}

impl Audited for GateTx {
    fn audit_conn(&mut self) -> &mut PgConnection {
        self.conn()
    }
    fn audit_actor(&self) -> Option<&Actor> {
        None
    }
    fn audit_ahead(&mut self) -> bool {
        self.goes_ahead()
    }
}

impl Audited for OperatorTx {
    fn audit_conn(&mut self) -> &mut PgConnection {
        self.conn()
    }
    fn audit_actor(&self) -> Option<&Actor> {
        None
    }
    fn audit_ahead(&mut self) -> bool {
        false
    }
}

/// Appends an event to the chain of the transaction's organisation and returns its number. The chain's end stays locked until
/// the transaction ends, so this belongs right before the commit.
pub async fn record(tx: &mut impl Audited, event: &Event) -> Result<i64> {
    let ahead = tx.audit_ahead();
    match tx.audit_actor() {
        Some(actor) if event.actor_kind == ActorKind::System => {
            let event = event.clone().by(actor);
            append(tx.audit_conn(), &event, ahead).await
        }
        _ => append(tx.audit_conn(), event, ahead).await,
    }
}

/// Appends many events at once, in their order: what a server collected from requests that changed nothing.
pub async fn record_all(tx: &mut impl Audited, events: &[Event]) -> Result<()> {
    let actor = tx.audit_actor().cloned();
    let ahead = tx.audit_ahead();
    for some in events.chunks(500) {
        let documents: Value = some
            .iter()
            .map(|event| match &actor {
                Some(actor) if event.actor_kind == ActorKind::System => event.clone().by(actor).to_document(),
                _ => event.to_document(),
            })
            .collect();
        sqlx::query(
            "SELECT tenant.audit_append_all($1), CASE WHEN $2 THEN set_config('synchronous_commit', 'off', true) END",
        )
            .bind(Document(&documents))
            .bind(ahead)
            .execute(tx.audit_conn())
            .await?;
    }
    Ok(())
}

/// Appends events and commits, in one message: the end of the chain is held only while the database works, and not while
/// a message goes to and fro. What a request does last.
pub async fn seal<T: Sealed>(mut tx: T, events: &[Event]) -> Result<()> {
    let actor = tx.audit_actor().cloned();
    let documents: Value = events
        .iter()
        .map(|event| match &actor {
            Some(actor) if event.actor_kind == ActorKind::System => event.clone().by(actor).to_document(),
            _ => event.to_document(),
        })
        .collect();
    let ahead = if tx.audit_ahead() { "SET LOCAL synchronous_commit = off;" } else { "" };
    // A message of several statements takes no parameters. The last one gives the driver the transaction that it believes
    // to be in, so that what it commits next is empty.
    let sql = format!("SELECT tenant.audit_append_all({}::jsonb); {ahead} COMMIT; BEGIN", quoted(&documents));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(tx.audit_conn()).await?;
    tx.end().await
}

/// A document as a literal that reads the same whatever the database takes backslashes for.
fn quoted(document: &Value) -> String {
    let text = crate::column::without_nul(document).to_string();
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// A transaction that can be ended.
pub trait Sealed: Audited {
    #[doc(hidden)]
    fn end(self) -> impl Future<Output = Result<()>> + Send;
}

impl Sealed for Tx {
    fn end(self) -> impl Future<Output = Result<()>> + Send {
        self.commit()
    }
}

impl Sealed for GateTx {
    fn end(self) -> impl Future<Output = Result<()>> + Send {
        self.commit()
    }
}

pub(crate) async fn append(conn: &mut PgConnection, event: &Event, ahead: bool) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT tenant.audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12),
            CASE WHEN $13 THEN set_config('synchronous_commit', 'off', true) END",
    )
    .bind(event.actor_kind.name())
    .bind(plain_prefix(&event.actor_id, 200))
    .bind(plain_prefix(&event.action, 100))
    .bind(plain_prefix(&event.resource_type, 60))
    .bind(plain_prefix(&event.resource_id, 200))
    .bind(event.outcome.name())
    .bind(plain_prefix(&event.trace_id, 64))
    .bind(Document(&Value::Object(event.details.clone())))
    .bind(event.subject.map(|user| user.0))
    .bind(plain_prefix(&event.name, 320))
    .bind(plain_prefix(&event.address, 64))
    .bind(plain_prefix(&event.user_agent, 400))
    .bind(ahead)
    .fetch_one(conn)
    .await?)
}

record! {
    /// A row of the trail, as people read it.
    Entry {
        /// Its number in the organisation's chain; there are no gaps.
        seq: i64,
        /// When, by the database's clock.
        at: Timestamp,
        /// What kind of actor.
        actor_kind: ActorKind,
        /// Which one.
        actor_id: String,
        /// What it did.
        action: String,
        /// To what kind of thing.
        resource_type: String,
        /// To which one.
        resource_id: String,
        /// How it ended.
        outcome: Outcome,
        /// In which request.
        trace_id: String,
        /// Further facts.
        details: Value,
        /// Whom it concerns, unless erased.
        name: Option<String>,
        /// From where, unless erased.
        address: Option<String>,
        /// With which browser, unless erased.
        user_agent: Option<String>,
    }
}

/// What to look for. An empty filter is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// By this actor.
    pub actor_id: Option<String>,
    /// This action, or with a trailing dot every action of a resource (`dataset.`).
    pub action: Option<String>,
    /// Of this kind of thing.
    pub resource_type: Option<String>,
    /// To this thing.
    pub resource_id: Option<String>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// With a lower number than this: where the next page begins.
    pub before_seq: Option<i64>,
}

/// The newest rows that match. A next page asks with `before_seq` of the last row.
pub async fn list(tx: &mut Tx, filter: &Filter, limit: u32) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as(
        "SELECT a.seq, a.at, a.actor_kind, a.actor_id, a.action, a.resource_type, a.resource_id, a.outcome, a.trace_id, a.details,
            p.name, p.address, p.user_agent
         FROM tenant.audit a LEFT JOIN tenant.audit_personal p ON p.org_id = a.org_id AND p.seq = a.seq
         WHERE ($1::text IS NULL OR a.actor_id = $1)
            AND ($2::text IS NULL OR a.action = $2 OR (right($2, 1) = '.' AND starts_with(a.action, $2)))
            AND ($3::text IS NULL OR a.resource_type = $3)
            AND ($4::text IS NULL OR a.resource_id = $4)
            AND ($5::text IS NULL OR a.outcome = $5)
            AND ($6::timestamptz IS NULL OR a.at >= $6)
            AND ($7::timestamptz IS NULL OR a.at < $7)
            AND ($8::bigint IS NULL OR a.seq < $8)
         ORDER BY a.seq DESC LIMIT $9",
    )
    .bind(filter.actor_id.as_deref().map(crate::column::plain))
    .bind(filter.action.as_deref().map(crate::column::plain))
    .bind(filter.resource_type.as_deref().map(crate::column::plain))
    .bind(filter.resource_id.as_deref().map(crate::column::plain))
    .bind(filter.outcome.map(Outcome::name))
    .bind(filter.from.map(Stamp))
    .bind(filter.until.map(Stamp))
    .bind(filter.before_seq)
    .bind(i64::from(limit.clamp(1, LIMIT_MAX)))
    .fetch_all(tx.conn())
    .await?)
}

/// Destroys the keys to a person's fields in this organisation's trail, and the fields. The chain stays whole.
pub async fn erase(tx: &mut Tx, subject: UserId) -> Result<i64> {
    let erased: i64 =
        sqlx::query_scalar("SELECT tenant.audit_erase($1)").bind(subject.0).fetch_one(tx.conn()).await?;
    record(tx, &Event::new("audit.erase", Outcome::Done).on("user", subject).detail("rows", erased)).await?;
    Ok(erased)
}
