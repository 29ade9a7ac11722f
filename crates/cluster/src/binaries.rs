//! Where the programs of Postgres are: in a folder that was named, on the path, where distributions and Homebrew put them.

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version that will do.
const OLDEST: u32 = 15;

/// What it takes to make and run a cluster.
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];

/// The programs of one Postgres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// Their folder.
    pub folder: PathBuf,
    /// The version, as Postgres names it.
    pub version: String,
    /// Its first number.
    pub major: u32,
}

impl Binaries {
    /// The programs of a folder.
    pub fn in_folder(folder: &Path) -> Result<Self, Error> {
        let missing = |what: &str| Error::NotInstalled {
            looked_at: format!("{} ({what})", folder.display()),
            package: package(),
        };
        if let Some(program) = PROGRAMS.iter().find(|program| !folder.join(program).is_file()) {
            return Err(missing(&format!("without {program}")));
        }
        // Links to some of the programs lead to the folder that has all of them, those for dumps too.
        let real = folder
            .join("postgres")
            .canonicalize()
            .ok()
            .and_then(|program| Some(program.parent()?.to_owned()));
        let folder = real
            .filter(|real| PROGRAMS.iter().all(|program| real.join(program).is_file()))
            .unwrap_or_else(|| folder.to_owned());
        let output =
            Command::new(folder.join("postgres")).arg("--version").output().map_err(Error::file(&folder))?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let major = version
            .split_whitespace()
            .find_map(|word| word.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok());
        match major {
            Some(major) if major >= OLDEST => Ok(Self { folder, version, major }),
            Some(_) => Err(missing(&format!("{version} is too old"))),
            None => Err(missing("says no version")),
        }
    }
}

/// The newest Postgres of this machine, the one on the path first.
pub fn find() -> Result<Binaries, Error> {
    candidates().iter().find_map(|folder| Binaries::in_folder(folder).ok()).ok_or_else(|| {
        Error::NotInstalled {
            looked_at: "PATH, /usr/lib/postgresql, /usr/pgsql-*, /usr/local/pgsql, Homebrew".to_owned(),
            package: package(),
        }
    })
}

/// A cluster is only run by the version that made it: another one of this machine may have to step in.
pub(crate) fn matching(found: Binaries, fixed: bool, cluster: &Path) -> Result<Binaries, Error> {
    let Ok(made_by) = std::fs::read_to_string(cluster.join("PG_VERSION")) else {
        return Ok(found);
    };
    let made_by = made_by.trim();
    if made_by == found.major.to_string() {
        return Ok(found);
    }
    let other = if fixed {
        None
    } else {
        candidates()
            .iter()
            .filter_map(|folder| Binaries::in_folder(folder).ok())
            .find(|binaries| binaries.major.to_string() == made_by)
    };
    other.ok_or_else(|| Error::OtherVersion {
        folder: cluster.to_owned(),
        made_by: made_by.to_owned(),
        found: found.version,
    })
}

fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    for (parent, prefix, below) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr/lib", "postgresql", "bin"),
        ("/usr/libexec", "postgresql", ""),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
        ("/opt/local/lib", "postgresql", "bin"),
    ] {
        folders.extend(newest_first(Path::new(parent), prefix).into_iter().map(|folder| folder.join(below)));
    }
    folders.push("/usr/local/pgsql/bin".into());
    folders.push("/opt/homebrew/opt/postgresql/bin".into());
    folders
}

/// Folders like `15` or `pgsql-16`, by their number, the largest first.
fn newest_first(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix(prefix)?.split('.').next()?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// What to install, by what the machine has.
fn package() -> &'static str {
    if cfg!(target_os = "macos") {
        return "`brew install postgresql@17`";
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let is = |names: &[&str]| {
        release
            .lines()
            .filter(|line| line.starts_with("ID=") || line.starts_with("ID_LIKE="))
            .any(|line| line.split(['=', ' ', '"']).any(|word| names.contains(&word)))
    };
    if is(&["debian", "ubuntu"]) {
        "`apt install postgresql`"
    } else if is(&["fedora", "rhel", "centos"]) {
        "`dnf install postgresql-server`"
    } else if is(&["alpine"]) {
        "`apk add postgresql`"
    } else if is(&["arch"]) {
        "`pacman -S postgresql`"
    } else if is(&["suse", "opensuse"]) {
        "`zypper install postgresql-server`"
    } else {
        "the package `postgresql`"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_folders_come_first_and_others_not_at_all() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9.6", "15", "17", "doc", "16.old"] {
            std::fs::create_dir(parent.path().join(name)).unwrap();
        }
        let names: Vec<_> = newest_first(parent.path(), "")
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["17", "16.old", "15", "9.6"]);
    }

    #[test]
    fn a_folder_without_postgres_names_the_package() {
        let folder = tempfile::tempdir().unwrap();
        let message = Binaries::in_folder(folder.path()).unwrap_err().to_string();
        assert!(message.contains("install it (") && message.contains("DATABASE_URL"), "{message}");
    }
}
