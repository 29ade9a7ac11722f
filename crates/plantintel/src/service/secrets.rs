//! What the data folder keeps secret: the installation's one secret and the key that signs the ends of the audit trail; how they
//! are made, read and replaced so that no moment of a crash leaves the installation without the right one.

use std::{
    ffi::OsString,
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use anyhow::Context;
use app::accounts::secret;
use store::audit::checkpoint::Signer;

use crate::{config::Config, failure::Failure};

/// The installation's own secret, where none is configured.
pub(crate) const SECRET: &str = "secret";
/// The one that replaces it, until the database knows it.
const SECRET_NEXT: &str = "secret.next";
/// The key that signs the ends of the audit trail.
pub(crate) const AUDIT_KEY: &str = "audit.key";
const AUDIT_KEY_NEXT: &str = "audit.key.next";
/// Public keys that have signed before, a line for each, in hexadecimal.
pub(crate) const AUDIT_KEYS: &str = "audit-keys.txt";

/// The installation's secret: configured, or kept in the data folder and made there once.
pub(crate) fn present(config: &Config, data: &Path) -> Result<String, Failure> {
    match config.secret_key.reveal() {
        Some(secret) => Ok(secret.to_owned()),
        None => kept(&data.join(SECRET)),
    }
}

/// Whether the secret lies in the data folder.
pub(crate) fn is_kept(config: &Config) -> bool {
    config.secret_key.reveal().is_none()
}

/// After a rotation that was broken off: the secret that the database knows is the right one, whichever file it is in.
pub(crate) fn settle(config: &Config, data: &Path, known: Option<&str>) -> Result<String, Failure> {
    let present = present(config, data)?;
    let next = data.join(SECRET_NEXT);
    if !is_kept(config) || !next.exists() {
        return Ok(present);
    }
    let replacing = kept(&next)?;
    if known == Some(&store::installation::mark(&replacing)) {
        fs::rename(&next, data.join(SECRET))?;
        sync(data)?;
        return Ok(replacing);
    }
    fs::remove_file(&next)?;
    Ok(present)
}

/// Writes a new secret beside the present one; [`settle`] or [`finish`] puts it in its place.
pub(crate) fn prepare(data: &Path) -> Result<String, Failure> {
    let made = secret::token();
    write_private(&data.join(SECRET_NEXT), made.as_bytes())?;
    sync(data)?;
    Ok(made)
}

/// Puts the prepared secret in its place.
pub(crate) fn finish(data: &Path) -> Result<(), Failure> {
    fs::rename(data.join(SECRET_NEXT), data.join(SECRET))?;
    sync(data)
}

/// Who signs the ends of the audit trail, with a key that is made once.
pub(crate) fn signer(data: &Path) -> anyhow::Result<Signer> {
    let file = data.join(AUDIT_KEY);
    let key = if file.exists() {
        fs::read(&file).with_context(|| file.display().to_string())?
    } else {
        let key = Signer::generate().context("no key could be made")?;
        write_private(&file, &key)?;
        key
    };
    Signer::from_pkcs8(&key).with_context(|| format!("{} is no Ed25519 key", file.display()))
}

/// Every public key that may have signed the ends of the audit trail here: the present one, and those before it.
pub(crate) fn audit_keys(data: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut keys = vec![signer(data)?.public_key().to_vec()];
    let file = data.join(AUDIT_KEYS);
    if file.exists() {
        let before = read_keys(&file)?;
        let present = keys[0].clone();
        keys.extend(before.into_iter().filter(|key| *key != present));
    }
    Ok(keys)
}

/// The public keys of a file.
pub(crate) fn read_keys(file: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    text.lines()
        .map(|line| from_hex(line.trim()).with_context(|| format!("a line of {} is no key", file.display())))
        .collect()
}

/// Adds public keys to those that may have signed here.
pub(crate) fn remember_audit_keys(data: &Path, keys: &[Vec<u8>]) -> anyhow::Result<()> {
    let file = data.join(AUDIT_KEYS);
    let there = if file.exists() { fs::read_to_string(&file)? } else { String::new() };
    let mut handle = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&file)?;
    for key in keys.iter().map(|key| to_hex(key)).filter(|key| !there.lines().any(|line| line.trim() == key))
    {
        handle.write_all(format!("{key}\n").as_bytes())?;
    }
    handle.sync_all()?;
    Ok(())
}

/// Signs with a new key from the next start on. What the old one signed stays good.
pub(crate) fn rotate_audit_key(data: &Path) -> Result<(), Failure> {
    let old = signer(data)?;
    remember_audit_keys(data, &[old.public_key().to_vec()])?;
    let key = Signer::generate().context("no key could be made")?;
    let next = data.join(AUDIT_KEY_NEXT);
    if next.exists() {
        fs::remove_file(&next)?;
    }
    write_private(&next, &key)?;
    fs::rename(&next, data.join(AUDIT_KEY))?;
    sync(data)
}

/// The secret in a file, made there once.
pub(crate) fn kept(file: &Path) -> Result<String, Failure> {
    if file.exists() {
        let mode = fs::metadata(file)?.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(Failure::Usage(format!(
                "everybody may read the secret in {0}; run: chmod 600 {0}",
                file.display()
            )));
        }
        let text = fs::read_to_string(file)?;
        let text = text.trim();
        if text.len() < 32 {
            return Err(Failure::Usage(format!(
                "{} does not hold the secret that was made there",
                file.display()
            )));
        }
        return Ok(text.to_owned());
    }
    let secret = secret::token();
    write_private(file, secret.as_bytes())?;
    Ok(secret)
}

/// Writes a new file that only this account reads, and has it on disk: the file and its name, which no moment of a crash shows
/// without all of its bytes. One that is there already is an error.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let written = || {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut name = OsString::from(".");
        name.push(file.file_name().unwrap_or_default());
        name.push(format!(".{}", std::process::id()));
        let draft = folder.join(name);
        // Of a process of this number that died.
        drop(fs::remove_file(&draft));
        let mut handle = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        // Unlike a rename, a link replaces nothing.
        let done = handle
            .write_all(bytes)
            .and_then(|()| handle.sync_all())
            .and_then(|()| fs::hard_link(&draft, file));
        fs::remove_file(&draft)?;
        done?;
        fs::File::open(folder)?.sync_all()
    };
    written().with_context(|| file.display().to_string())
}

fn sync(folder: &Path) -> Result<(), Failure> {
    Ok(fs::File::open(folder)?.sync_all()?)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_that_was_broken_off_ends_with_the_secret_that_the_database_knows() {
        let config = Config::default();
        for done in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let old = present(&config, folder.path()).unwrap();
            let new = prepare(folder.path()).unwrap();
            assert_ne!(old, new);
            let known = store::installation::mark(if done { &new } else { &old });
            let right = settle(&config, folder.path(), Some(&known)).unwrap();
            assert_eq!(right, if done { new } else { old });
            assert_eq!(present(&config, folder.path()).unwrap(), right);
            assert!(!folder.path().join(SECRET_NEXT).exists());
        }
    }

    #[test]
    fn a_new_audit_key_leaves_the_old_one_known() {
        let folder = tempfile::tempdir().unwrap();
        let first = signer(folder.path()).unwrap().public_key().to_vec();
        rotate_audit_key(folder.path()).unwrap();
        rotate_audit_key(folder.path()).unwrap();
        let keys = audit_keys(folder.path()).unwrap();
        assert_eq!(keys.len(), 3);
        assert!(keys.contains(&first));
        assert_ne!(signer(folder.path()).unwrap().public_key(), first);
        remember_audit_keys(folder.path(), &keys).unwrap();
        remember_audit_keys(folder.path(), &keys).unwrap();
        assert_eq!(audit_keys(folder.path()).unwrap().len(), 3);
    }
}
