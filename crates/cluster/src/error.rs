//! Why there is no cluster, and what to do about it.

use std::path::PathBuf;

/// Why the cluster could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another program uses the folder.
    #[error(
        "the data folder {folder} is in use by another PlantIntel (process {holder}); stop that one, or give this one a folder of its own"
    )]
    InUse {
        /// Which folder.
        folder: PathBuf,
        /// The process that has it, as far as known.
        holder: String,
    },
    /// There is no Postgres on this machine.
    #[error(
        "no Postgres 15 or newer is installed (looked at {looked_at}); install it ({package}), name the folder of its programs, or set DATABASE_URL to a server"
    )]
    NotInstalled {
        /// Where it was looked for.
        looked_at: String,
        /// What to install.
        package: &'static str,
    },
    /// The folder was made by another version than the installed ones.
    #[error(
        "the database in {folder} was made by Postgres {made_by}, and of that version nothing is installed (found: {found}); install it, or restore a backup into a new data folder"
    )]
    OtherVersion {
        /// Which folder.
        folder: PathBuf,
        /// The version that made it.
        made_by: String,
        /// The version that was found.
        found: String,
    },
    /// Postgres refuses to run as root, and there is nobody else to run as.
    #[error(
        "Postgres does not run as root, and there is neither an account `postgres` nor `nobody`; add one"
    )]
    NoAccount,
    /// A program of Postgres failed.
    #[error("{program} failed: {message}")]
    Program {
        /// Which one.
        program: &'static str,
        /// Its last words.
        message: String,
    },
    /// A file or folder could not be used.
    #[error("cannot use {path}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The program is shutting down.
    #[error("interrupted: {0}")]
    Interrupted(String),
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
