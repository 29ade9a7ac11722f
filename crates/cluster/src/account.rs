//! As whom Postgres runs: as ourselves, or, since it refuses root, as an account without rights.

use crate::error::Error;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Two accounts: ours, by which the database knows us, and the one that Postgres runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Our own name.
    pub(crate) ours: String,
    /// The other one's name, user and group number, when we are root.
    other: Option<(String, u32, u32)>,
}

impl Account {
    pub(crate) fn for_postgres() -> Result<Self, Error> {
        let ours = id(&["-un"]).unwrap_or_else(|| "root".to_owned());
        if id(&["-u"]).as_deref() != Some("0") {
            return Ok(Self { ours, other: None });
        }
        let other = ["postgres", "nobody"].iter().find_map(|name| {
            let user = id(&["-u", name])?.parse().ok().filter(|user| *user != 0)?;
            let group = id(&["-g", name])?.parse().ok()?;
            Some(((*name).to_owned(), user, group))
        });
        other.map(|other| Self { ours, other: Some(other) }).ok_or(Error::NoAccount)
    }

    /// Those who may sign in at the database: ourselves, and whom Postgres runs as.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.ours.as_str()).chain(self.other.as_ref().map(|(name, _, _)| name.as_str()))
    }

    /// A program to be run as that account, in a language whose messages we can read.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("LC_ALL", "C")
            .env_remove("PGDATA")
            .env_remove("PGPORT")
            .env_remove("PGHOST")
            .current_dir("/");
        if let Some((_, user, group)) = &self.other {
            command.uid(*user).gid(*group);
        }
        command
    }

    /// Hands a file or folder over to that account.
    pub(crate) fn own(&self, path: &Path) -> Result<(), Error> {
        if let Some((_, user, group)) = &self.other {
            chown(path, Some(*user), Some(*group)).map_err(Error::file(path))?;
        }
        Ok(())
    }

    /// Whether that account can go through every folder down to this one.
    pub(crate) fn reaches(&self, path: &Path) -> bool {
        let Some((_, user, group)) = &self.other else {
            return true;
        };
        path.ancestors().all(|folder| {
            let Ok(meta) = folder.metadata() else {
                return folder.as_os_str().is_empty();
            };
            let needed = if meta.uid() == *user {
                0o100
            } else if meta.gid() == *group {
                0o010
            } else {
                0o001
            };
            meta.mode() & needed != 0
        })
    }

    /// Whether that account could get into a folder of ours, once the folder itself lets it through.
    pub(crate) fn reaches_through(&self, folder: &Path) -> bool {
        folder.parent().is_none_or(|parent| self.reaches(parent))
    }

    /// Lets that account pass through a folder of ours without seeing what is in it.
    pub(crate) fn let_through(&self, folder: &Path) -> Result<(), Error> {
        if let Some((_, _, group)) = &self.other {
            let mode = folder.metadata().map_err(Error::file(folder))?.mode();
            chown(folder, None, Some(*group)).map_err(Error::file(folder))?;
            let passable = Permissions::from_mode((mode & 0o7777) | 0o010);
            std::fs::set_permissions(folder, passable).map_err(Error::file(folder))?;
        }
        Ok(())
    }

    /// Whether a user number is that account's.
    pub(crate) fn is(&self, user_number: u32) -> bool {
        self.other.as_ref().is_some_and(|(_, user, _)| *user == user_number)
    }
}

/// `id` knows every account of the machine, those of a directory service too.
fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
