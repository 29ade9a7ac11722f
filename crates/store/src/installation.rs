//! What the database knows of the installation that it belongs to: by what its secret is recognised, and what changes with it.
//!
//! These chores act as the administrator of the database, before or beside the doors that requests use.

use crate::audit::{self, Event, Outcome};
use crate::connection::{Connection, LOGIN_ROLES, OWNER};
use crate::error::Result;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Postgres, Row, Transaction};

/// Under which name the mark of the secret is noted.
const SECRET_MARK: &str = "secret_mark";

/// What a secret is recognised by; it gives nothing of the secret away.
pub fn mark(secret: &str) -> String {
    use aws_lc_rs::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(&hmac::sign(&key, b"plantintel secret mark").as_ref()[..16])
}

/// The mark of the secret that this database was made with; none for one that was not made yet, or before marks were noted.
pub async fn secret_mark(connection: &Connection) -> Result<Option<String>> {
    let mut conn = connection.admin().connect().await?;
    let mark = noted(&mut conn).await?;
    conn.close().await?;
    Ok(mark)
}

async fn noted(conn: &mut PgConnection) -> Result<Option<String>> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass('catalog.installation') IS NOT NULL")
        .fetch_one(&mut *conn)
        .await?;
    if !there {
        return Ok(None);
    }
    let mut tx = owner(conn).await?;
    let value = sqlx::query_scalar("SELECT value FROM catalog.installation WHERE name = $1")
        .bind(SECRET_MARK)
        .fetch_optional(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(value)
}

/// Notes the mark of the secret where none is noted yet.
pub async fn note_secret(connection: &Connection, mark: &str) -> Result<()> {
    let mut conn = connection.admin().connect().await?;
    let mut tx = owner(&mut conn).await?;
    sqlx::query(
        "INSERT INTO catalog.installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
    )
    .bind(SECRET_MARK)
    .bind(mark)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    conn.close().await?;
    Ok(())
}

/// A value that was sealed with a key derived from the secret, and what it was sealed to.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    place: &'static Place,
    /// Where the row lies; it stays there while the table is locked.
    row: String,
    /// What it was sealed to.
    pub to: Vec<u8>,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

impl Sealed {
    /// Whether a change of the secret may go on where nobody can open it: one thing that waits, and no setting of somebody.
    pub fn may_be_lost(&self) -> bool {
        self.place.within.is_some()
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed")
            .field("column", &self.place.column)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

/// A column that holds sealed values.
#[derive(PartialEq, Eq)]
struct Place {
    /// Schema and table.
    table: &'static str,
    /// The column with the sealed bytes.
    column: &'static str,
    /// What a value is sealed to, as an expression that gives bytes.
    to: &'static str,
    /// What goes with a value that nobody can open any more.
    without: &'static str,
    /// How the bytes lie in the column, where they are not all of it.
    within: Option<Within>,
}

/// Sealed bytes inside of a column that holds other things too.
#[derive(PartialEq, Eq)]
struct Within {
    /// Which rows have any.
    rows: &'static str,
    /// The sealed bytes.
    read: &'static str,
    /// What the column is with `$2` in their place.
    write: &'static str,
}

impl Place {
    /// The owner feels forced row security too, and sees the rows of all organisations only without it; nobody else sees
    /// what happens inside of this transaction.
    async fn forced(&self, conn: &mut PgConnection, forced: bool) -> Result<()> {
        if self.table.starts_with("tenant.") {
            let word = if forced { "FORCE" } else { "NO FORCE" };
            let sql = format!("ALTER TABLE {} {word} ROW LEVEL SECURITY", self.table);
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
        }
        Ok(())
    }
}

/// Every column with sealed values. A new one belongs here, or a change of the secret makes it unreadable; a test asks the
/// catalogue for columns of bytes that nobody has thought of.
static PLACES: [Place; 5] = [
    Place {
        table: "account.users",
        column: "totp_secret",
        to: "uuid_send(id)",
        without: "totp_secret = NULL, totp_confirmed_at = NULL, recovery_code_hashes = '{}'",
        within: None,
    },
    // Letters that wait to be sent, or were given up and may be sent again.
    Place {
        table: "tenant.jobs",
        column: "payload",
        to: "convert_to('letter', 'UTF8')",
        without: "payload = payload - 'sealed'",
        within: Some(Within {
            rows: "kind = 'send_letter' AND state NOT IN ('completed', 'cancelled') AND payload ? 'sealed'",
            read: "decode(payload ->> 'sealed', 'base64')",
            write: r"jsonb_set(payload, '{sealed}', to_jsonb(replace(encode($2, 'base64'), E'\n', '')))",
        }),
    },
    Place {
        table: "tenant.models",
        column: "secret",
        to: "convert_to('model ' || org_id::text, 'UTF8')",
        without: "secret = NULL, answers = false, mapping = false",
        within: None,
    },
    Place {
        table: "tenant.sources",
        column: "secret",
        to: "convert_to('source ' || id::text, 'UTF8')",
        without: "secret = NULL, active = false",
        within: None,
    },
    Place {
        table: "tenant.webhook_endpoints",
        column: "secret",
        to: "convert_to('webhook ' || id::text, 'UTF8')",
        // Nothing that was sealed is as short as this; it stands for a secret that is gone.
        without: r"secret = '\x00', active = false",
        within: None,
    },
];

/// Table and column of all columns of sealed bytes, in alphabetical order.
pub fn sealed_columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    PLACES.iter().filter(|place| place.within.is_none()).map(|place| (place.table, place.column))
}

/// A change of the secret: everything in it takes effect together, or nothing.
#[derive(Debug)]
pub struct Rotation {
    conn: PgConnection,
}

impl Rotation {
    /// Begins one. Nobody signs in or migrates meanwhile.
    pub async fn begin(connection: &Connection) -> Result<Self> {
        let mut conn = connection.admin().connect().await?;
        let begin = format!("BEGIN; SET LOCAL ROLE {OWNER}; SET LOCAL lock_timeout = '10s'");
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut conn).await?;
        for place in &PLACES {
            let sql = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", place.table);
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await?;
            place.forced(&mut conn, false).await?;
        }
        Ok(Self { conn })
    }

    /// Everything that is sealed.
    pub async fn sealed(&mut self) -> Result<Vec<Sealed>> {
        let mut all = Vec::new();
        for place in &PLACES {
            let read = place.within.as_ref().map_or(place.column, |within| within.read);
            let rows = place.within.as_ref().map_or("true", |within| within.rows);
            let sql = format!(
                "SELECT ctid::text, {}, {read} FROM {} WHERE {rows} AND octet_length({read}) > 1",
                place.to, place.table,
            );
            for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut self.conn).await? {
                let (row, to, bytes) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                all.push(Sealed { place, row, to, bytes });
            }
        }
        Ok(all)
    }

    /// Puts freshly sealed bytes in the place of the old ones.
    pub async fn replace(&mut self, old: &Sealed, bytes: &[u8]) -> Result<()> {
        let write = old.place.within.as_ref().map_or("$2", |within| within.write);
        let sql =
            format!("UPDATE {} SET {} = {write} WHERE ctid = $1::tid", old.place.table, old.place.column);
        sqlx::query(AssertSqlSafe(sql)).bind(&old.row).bind(bytes).execute(&mut self.conn).await?;
        Ok(())
    }

    /// Removes what nobody can open any more.
    pub async fn remove(&mut self, old: &Sealed) -> Result<()> {
        let sql = format!("UPDATE {} SET {} WHERE ctid = $1::tid", old.place.table, old.place.without);
        sqlx::query(AssertSqlSafe(sql)).bind(&old.row).execute(&mut self.conn).await?;
        Ok(())
    }

    /// Makes it last: the roles sign in with the new secret from now on, and the database is known by its mark. `with` is the way
    /// to the database with the new secret.
    pub async fn commit(mut self, with: &Connection, mark: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO catalog.installation (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = clock_timestamp()",
        )
        .bind(SECRET_MARK)
        .bind(mark)
        .execute(&mut self.conn)
        .await?;
        for place in &PLACES {
            place.forced(&mut self.conn, true).await?;
        }
        let installation = format!("SET LOCAL app.org = '{}'", audit::INSTALLATION);
        sqlx::raw_sql(AssertSqlSafe(installation)).execute(&mut self.conn).await?;
        let event = Event::new("secret.rotate", Outcome::Done).on("installation", audit::INSTALLATION);
        audit::append(&mut self.conn, &event, false).await?;
        sqlx::raw_sql("RESET ROLE").execute(&mut self.conn).await?;
        for role in LOGIN_ROLES {
            if let Some(password) = with.password(role) {
                let sql = format!("ALTER ROLE {role} PASSWORD '{password}'");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await?;
            }
        }
        sqlx::raw_sql("COMMIT").execute(&mut self.conn).await?;
        self.conn.close().await?;
        Ok(())
    }
}

/// A transaction of the owner, who sees what belongs to no organisation.
async fn owner(conn: &mut PgConnection) -> Result<Transaction<'_, Postgres>> {
    let mut tx = conn.begin().await?;
    sqlx::raw_sql(AssertSqlSafe(format!("SET LOCAL ROLE {OWNER}"))).execute(&mut *tx).await?;
    Ok(tx)
}
