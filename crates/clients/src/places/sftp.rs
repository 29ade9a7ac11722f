//! A folder of an SFTP server.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::StreamExt;
use russh::{
    client::{self, AuthResult, Handle},
    keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key},
};
use russh_sftp::client::SftpSession;
use tokio::{net::TcpStream, time::timeout};
use tokio_util::io::ReaderStream;
use url::Url;

use super::{Bytestream, Error, Found, LISTED_MAX, is_passing};
use crate::hooks::addresses;

/// Until a server has let us in; and how long it may then be silent.
const PATIENCE: Duration = Duration::from_secs(20);
/// How deep folders may lie below the place: a server may show us one that never ends.
const DEPTH: usize = 32;

/// How we prove who we are, and how the server does.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    /// Of the account, or of the private key where there is one.
    pub password: String,
    /// In the form of OpenSSH or PEM.
    pub private_key: String,
    /// `SHA256:…`, as `ssh-keygen -l` prints it; whatever the server shows where it is empty.
    pub host_key: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login")
    }
}

/// A connection, with the folder that is looked into.
pub struct Sftp {
    folder: String,
    /// The fingerprint of the key that the server showed.
    pub(super) host_key: String,
    session: SftpSession,
    // The connection ends with it.
    _ssh: Handle<Door>,
}

impl std::fmt::Debug for Sftp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sftp").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Looks at the key of the server.
struct Door {
    expected: String,
    seen: Arc<Mutex<String>>,
}

impl client::Handler for Door {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let key = match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256),
            PublicKeyOrCertificate::Certificate(shown) => shown.public_key().fingerprint(HashAlg::Sha256),
        };
        let key = key.to_string();
        let good = self.expected.is_empty() || self.expected == key;
        if let Ok(mut seen) = self.seen.lock() {
            *seen = key;
        }
        Ok(good)
    }
}

impl Sftp {
    /// Signs in at `sftp://host/folder`. The name is looked up once; what is connected to is what was looked at.
    pub(super) async fn open(address: &str, login: &Login, private: bool) -> Result<Self, Error> {
        let wrong = || Error("write the place as sftp://host/folder".to_owned());
        let url = Url::parse(address).map_err(|_| wrong())?;
        let (Some(host), "sftp") = (url.host(), url.scheme()) else { return Err(wrong()) };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error("write user and password into their own fields".to_owned()));
        }
        if login.user.trim().is_empty() {
            return Err(Error("give the user of the server".to_owned()));
        }
        let (expected, key) = (fingerprint(&login.host_key)?, private_key(login)?);
        let port = url.port().unwrap_or(22);
        // The parser takes a name of a scheme that it does not know as it is written.
        let name = host.to_string();
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let found = addresses(name, port, private).await.map_err(|error| Error(error.to_string()))?;
        let seen = Arc::new(Mutex::new(String::new()));
        let door = Door { expected: expected.clone(), seen: seen.clone() };
        let signed_in = timeout(PATIENCE, async {
            let stream =
                TcpStream::connect(&*found).await.map_err(|_| Error("nobody answers there".to_owned()))?;
            let settings = Arc::new(client::Config {
                inactivity_timeout: Some(PATIENCE * 3),
                ..client::Config::default()
            });
            let mut ssh = client::connect_stream(settings, stream, door).await.map_err(|error| {
                let shown = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
                if expected.is_empty() || shown.is_empty() || shown == expected {
                    return said(&error);
                }
                Error(format!("the server shows another key than the one that was accepted: {shown}"))
            })?;
            let user = login.user.trim();
            let answer = match key {
                Some(key) => ssh.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, None)).await,
                None => ssh.authenticate_password(user, &login.password).await,
            };
            if !matches!(answer.map_err(|error| said(&error))?, AuthResult::Success) {
                return Err(Error("the server refuses this user with this password or key".to_owned()));
            }
            let channel = ssh.channel_open_session().await.map_err(|error| said(&error))?;
            channel.request_subsystem(true, "sftp").await.map_err(|error| said(&error))?;
            let sftp = SftpSession::new(channel.into_stream()).await.map_err(|error| said(&error))?;
            sftp.set_timeout(PATIENCE.as_secs());
            Ok((ssh, sftp))
        });
        let (ssh, session) =
            signed_in.await.map_err(|_| Error("the server does not answer in time".to_owned()))??;
        let host_key = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
        Ok(Self { folder: folder_of(url.path()), host_key, session, _ssh: ssh })
    }

    /// All files below the folder, without following links.
    pub(super) async fn list(&self) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        let mut open = vec![(String::new(), 0)];
        let mut folders = 0;
        while let Some((below, depth)) = open.pop() {
            folders += 1;
            let entries = self.session.read_dir(self.path(&below)).await.map_err(|error| said(&error))?;
            for entry in entries {
                let own = entry.file_name();
                // What a server calls its files is not to lead elsewhere.
                if own.contains(['/', '\\', '\0']) || is_passing(&own) {
                    continue;
                }
                let name = if below.is_empty() { own } else { format!("{below}/{own}") };
                let facts = entry.metadata();
                if facts.file_type().is_dir() && depth == DEPTH {
                    return Err(Error(format!(
                        "there are folders deeper than {DEPTH} levels; name a folder below"
                    )));
                } else if facts.file_type().is_dir() {
                    open.push((name, depth + 1));
                } else if facts.file_type().is_file() {
                    let changed = i64::from(facts.mtime.unwrap_or_default());
                    let bytes = facts.len();
                    found.push(Found { name, mark: format!("{bytes}-{changed}"), bytes, changed });
                }
                if found.len() + open.len() + folders > LISTED_MAX {
                    return Err(Error(format!(
                        "there are more than {LISTED_MAX} files; name a folder below"
                    )));
                }
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    pub(super) async fn read(self: &Arc<Self>, name: &str) -> Result<Bytestream, Error> {
        if name.split('/').any(|part| part.is_empty() || part == "..") {
            return Err(Error("that is no file of this place".to_owned()));
        }
        let file = self.session.open(self.path(name)).await.map_err(|error| said(&error))?;
        // The connection stays as long as somebody reads.
        let held = self.clone();
        let bytes = ReaderStream::with_capacity(file, 1 << 18).map(move |piece| {
            let _ = &held;
            piece
        });
        Ok(bytes.boxed())
    }

    fn path(&self, name: &str) -> String {
        match (self.folder.as_str(), name) {
            ("", "") => ".".to_owned(),
            ("", name) => name.to_owned(),
            (folder, "") => folder.to_owned(),
            (folder, name) => format!("{}/{name}", folder.trim_end_matches('/')),
        }
    }
}

/// The folder of an address: none is where the server lets people in, as `/~/exports` is a folder there.
fn folder_of(path: &str) -> String {
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    match path.strip_prefix("/~/") {
        Some(below) => below.trim_end_matches('/').to_owned(),
        None if path.len() < 2 => String::new(),
        None => path,
    }
}

fn fingerprint(text: &str) -> Result<String, Error> {
    let text = text.trim().trim_end_matches('=');
    let base = |text: &str| {
        text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
    };
    if !text.is_empty() && !text.strip_prefix("SHA256:").is_some_and(base) {
        return Err(Error("write the key of the server as SHA256:…, as ssh-keygen -l prints it".to_owned()));
    }
    Ok(text.to_owned())
}

fn private_key(login: &Login) -> Result<Option<Arc<PrivateKey>>, Error> {
    if login.private_key.trim().is_empty() {
        return Ok(None);
    }
    let phrase = (!login.password.is_empty()).then_some(login.password.as_str());
    // Of what cannot be read nothing is repeated: it is a secret.
    let key = decode_secret_key(&login.private_key, phrase).map_err(|_| {
        Error(
            "the private key cannot be read; give Ed25519 or ECDSA as OpenSSH writes it, with its password"
                .to_owned(),
        )
    })?;
    Ok(Some(Arc::new(key)))
}

/// Words for people: the first line.
fn said(error: &impl std::fmt::Display) -> Error {
    Error(super::short(&error.to_string()))
}

#[cfg(test)]
mod tests;
