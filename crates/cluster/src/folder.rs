//! Folders: the data folder, one that the database's account can reach, and one for the socket with a name short enough.

use crate::account::Account;
use crate::error::Error;
use crate::postmaster::PORT;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What the operating systems allow for the path of a socket, the smallest of them.
const SOCKET_PATH_MAX: usize = 103;

/// Makes a folder that only its owner can enter; one that is there stays as it is.
pub(crate) fn make_private(folder: &Path) -> Result<(), Error> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::file(folder))
}

/// Where the cluster lives: in the data folder, or, when we are root and the database's account cannot get there (it cannot enter
/// root's home), in a folder of the machine that is named after the data folder.
pub(crate) fn home(data: &Path, account: &Account) -> Result<PathBuf, Error> {
    let data = data.canonicalize().map_err(Error::file(data))?;
    if data.join("postgres").join("PG_VERSION").exists() || account.reaches_through(&data) {
        account.let_through(&data)?;
        return Ok(data);
    }
    let elsewhere = Path::new("/var/lib/plantintel").join(format!("{:016x}", fingerprint(&data)));
    make_private(&elsewhere)?;
    for folder in [Path::new("/var/lib/plantintel"), &elsewhere] {
        account.let_through(folder)?;
    }
    // Whoever looks into the data folder learns where the rest is.
    let note = data.join("postgres.location");
    std::fs::write(&note, format!("{}\n", elsewhere.display())).map_err(Error::file(&note))?;
    std::fs::set_permissions(&note, std::fs::Permissions::from_mode(0o600)).map_err(Error::file(&note))?;
    Ok(elsewhere)
}

/// The folder of the socket: in the cluster's home, or under the folder for temporary files when that path is too long.
pub(crate) fn socket(home: &Path, account: &Account) -> Result<PathBuf, Error> {
    let near = home.join("socket");
    let name = format!("/.s.PGSQL.{PORT}");
    let folder = if near.as_os_str().len() + name.len() <= SOCKET_PATH_MAX {
        near
    } else {
        PathBuf::from(format!("/tmp/plantintel-{:016x}", fingerprint(home)))
    };
    make_private(&folder)?;
    let meta = folder.symlink_metadata().map_err(Error::file(&folder))?;
    // In a folder that all may write to, somebody else may have been there first.
    let ours = home.metadata().map_err(Error::file(home))?.uid();
    if !meta.is_dir() || !(meta.uid() == ours || account.is(meta.uid())) {
        let source = std::io::Error::other("it belongs to somebody else");
        return Err(Error::File { path: folder, source });
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))
        .map_err(Error::file(&folder))?;
    account.own(&folder)?;
    Ok(folder)
}

/// FNV-1a: the same name for the same folder, in every version of the program.
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
