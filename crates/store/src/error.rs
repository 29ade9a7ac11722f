//! What can go wrong at the database, in the few kinds that a caller can act on. Absence is `Ok(None)`, never an error.

use sqlx::error::ErrorKind;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something with this key is there already.
    #[error("already there: {constraint}")]
    Conflict {
        /// The name of the unique key.
        constraint: String,
    },
    /// What the row refers to is not there, or is not this organisation's; or it is still referred to.
    #[error("a reference does not hold: {constraint}")]
    Reference {
        /// The name of the foreign key.
        constraint: String,
    },
    /// A value is outside of what its column takes: too long, negative, of an unknown kind.
    #[error("a value is not accepted: {constraint}")]
    Refused {
        /// The name of the check, or the database's own words.
        constraint: String,
    },
    /// The job was claimed by somebody else meanwhile; nothing of this transaction may be kept.
    #[error("the job belongs to another worker by now")]
    FenceLost,
    /// A stored row does not read as what it should be.
    #[error("column {column} holds what it must not")]
    Corrupt {
        /// Where.
        column: String,
        /// Why it cannot be read.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A connection has rights that it must not have; the installation refuses to start.
    #[error(
        "the database role {role} must not {fault}; give the program the roles that `plantintel migrate` makes"
    )]
    UnsafeRole {
        /// The role that was signed in as.
        role: String,
        /// What it could do.
        fault: String,
    },
    /// The database's schema is older than this program's.
    #[error(
        "the database is at version {found} and lacks {needed}, which this program needs; run `plantintel migrate`"
    )]
    SchemaVersion {
        /// The newest migration that was applied.
        found: i64,
        /// The first migration of this program that it lacks.
        needed: i64,
    },
    /// The database cannot be reached or gave up; trying again later may work.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Migrating failed.
    #[error("migrating the database failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A backup cannot be made of this database, or not be restored into it.
    #[error("{0}")]
    Backup(String),
    /// A file beside the database (checkpoints) could not be written or read.
    #[error("cannot use {path}")]
    File {
        /// Which one.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Anything else that the driver reports: a defect of ours.
    #[error("the database refused a statement")]
    Database(#[source] sqlx::Error),
}

/// What the store answers with.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether doing the same once more may work: the database was away, or two transactions stood in each other's way.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// Deadlock, serialization failure, lock and statement timeouts, and the states in which a server goes down or comes up.
const TEMPORARY: &[&str] =
    &["40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300", "08000", "08003", "08006"];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(cause) = &error {
            let constraint = || cause.constraint().unwrap_or_else(|| cause.message()).to_owned();
            match cause.kind() {
                ErrorKind::UniqueViolation => return Self::Conflict { constraint: constraint() },
                ErrorKind::ForeignKeyViolation => return Self::Reference { constraint: constraint() },
                ErrorKind::CheckViolation | ErrorKind::NotNullViolation => {
                    return Self::Refused { constraint: constraint() };
                }
                _ => {}
            }
            let code = cause.code().unwrap_or_default();
            // Class 22: the value itself is at fault, such as a number out of range or a NUL in text.
            if code.starts_with("22") {
                return Self::Refused { constraint: cause.message().to_owned() };
            }
            return if TEMPORARY.contains(&code.as_ref()) {
                Self::Unavailable(error)
            } else {
                Self::Database(error)
            };
        }
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            | sqlx::Error::Tls(_) => Self::Unavailable(error),
            sqlx::Error::ColumnDecode { index, source } => Self::Corrupt { column: index, source },
            other => Self::Database(other),
        }
    }
}
