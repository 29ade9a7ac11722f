//! Places that are looked into for new files: a folder of this machine, a bucket, or a folder of an SFTP server.

mod sftp;

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as ObjectPath};
use url::Url;

use crate::bucket;

pub use sftp::{Login, Sftp};

/// Files that a place may have.
pub const LISTED_MAX: usize = 100_000;

/// Why a place could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub String);

/// A file there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path from the place on.
    pub name: String,
    /// How it looks: the store's own mark, or size and time.
    pub mark: String,
    pub bytes: u64,
    /// When it last changed; seconds since 1970.
    pub changed: i64,
}

/// Bytes on their way.
pub type Bytestream = BoxStream<'static, std::io::Result<Bytes>>;

/// A place.
#[derive(Debug, Clone)]
pub enum Place {
    /// Where objects lie below a prefix: a bucket, or a folder of this machine.
    Objects(Arc<dyn ObjectStore>, ObjectPath),
    Sftp(Arc<Sftp>),
}

/// Keys of a bucket.
#[derive(Clone, Default)]
pub struct Keys {
    pub access: String,
    pub secret: String,
    pub region: String,
    /// Another address than that of the usual provider.
    pub endpoint: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Place {
    /// A folder. Links in it that lead elsewhere are not followed.
    pub fn folder(path: &PathBuf) -> Result<Self, Error> {
        let store = LocalFileSystem::new_with_prefix(path)
            .map_err(|_| Error(format!("there is no folder {}", path.display())))?;
        Ok(Self::Objects(Arc::new(store), ObjectPath::default()))
    }

    /// A bucket and a prefix, as in `s3://bucket/prefix`.
    pub fn bucket(address: &str, keys: &Keys) -> Result<Self, Error> {
        let url =
            Url::parse(address).map_err(|_| Error("write the place as s3://bucket/prefix".to_owned()))?;
        if url.scheme() != "s3" {
            return Err(Error("write the place as s3://bucket/prefix".to_owned()));
        }
        let mut options = vec![
            ("aws_access_key_id".to_owned(), keys.access.clone()),
            ("aws_secret_access_key".to_owned(), keys.secret.clone()),
            (
                "aws_region".to_owned(),
                if keys.region.is_empty() { "us-east-1".to_owned() } else { keys.region.clone() },
            ),
        ];
        if !keys.endpoint.is_empty() {
            options.push(("aws_endpoint".to_owned(), keys.endpoint.clone()));
            if keys.endpoint.starts_with("http://") {
                options.push(("aws_allow_http".to_owned(), "true".to_owned()));
            }
        }
        let (store, prefix) = bucket::open(&url, options).map_err(|error| Error(error.to_string()))?;
        Ok(Self::Objects(store, prefix))
    }

    /// A folder of a server, as in `sftp://host/folder`; `private` lets it be in our own network. Signs in.
    pub async fn sftp(address: &str, login: &Login, private: bool) -> Result<Self, Error> {
        Ok(Self::Sftp(Arc::new(Sftp::open(address, login, private).await?)))
    }

    /// The fingerprint of the key that the place showed; empty where none is used.
    pub fn host_key(&self) -> &str {
        match self {
            Self::Objects(..) => "",
            Self::Sftp(sftp) => &sftp.host_key,
        }
    }

    /// The files that are there, by name. Hidden ones, and those that are still being written under a passing name, are not.
    pub async fn list(&self) -> Result<Vec<Found>, Error> {
        let (store, prefix) = match self {
            Self::Objects(store, prefix) => (store, prefix),
            Self::Sftp(sftp) => return sftp.list().await,
        };
        let below = (!prefix.as_ref().is_empty()).then_some(prefix);
        let mut objects = store.list(below);
        let mut found = Vec::new();
        while let Some(object) = objects.try_next().await.map_err(|error| Error(short(&error.to_string())))? {
            let Some(parts) = object.location.prefix_match(prefix) else { continue };
            let name = parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
            if is_passing(name.rsplit('/').next().unwrap_or_default()) {
                continue;
            }
            let changed = object.last_modified.timestamp();
            let mark = object.e_tag.unwrap_or_else(|| format!("{}-{changed}", object.size));
            let mark = mark.chars().take(200).collect();
            found.push(Found { name, mark, bytes: object.size, changed });
            if found.len() > LISTED_MAX {
                return Err(Error(format!("there are more than {LISTED_MAX} files; name a folder below")));
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// The bytes of a file.
    pub async fn read(&self, name: &str) -> Result<Bytestream, Error> {
        let (store, prefix) = match self {
            Self::Objects(store, prefix) => (store, prefix),
            Self::Sftp(sftp) => return sftp.read(name).await,
        };
        let path = name.split('/').fold(prefix.clone(), ObjectPath::join);
        let found = store.get(&path).await.map_err(|error| Error(short(&error.to_string())))?;
        Ok(found.into_stream().map_err(std::io::Error::other).boxed())
    }
}

/// Whether a name is hidden, or one under which files are written before they are whole.
fn is_passing(name: &str) -> bool {
    let passing = [".tmp", ".part", ".partial", ".filepart", ".crdownload", "~"];
    name.is_empty() || name.starts_with('.') || passing.iter().any(|end| name.ends_with(end))
}

/// Words of a store for people: not its whole answer.
fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_shows_its_files_and_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("acme");
        std::fs::create_dir_all(inside.join("2026")).unwrap();
        std::fs::write(folder.path().join("theirs.csv"), "x").unwrap();
        for name in ["b.csv", "2026/a.csv", ".hidden", "c.csv.part"] {
            std::fs::write(inside.join(name), name).unwrap();
        }
        let place = Place::folder(&inside).unwrap();
        let found = place.list().await.unwrap();
        let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["2026/a.csv", "b.csv"]);
        let bytes: Vec<Bytes> = place.read("b.csv").await.unwrap().try_collect().await.unwrap();
        assert_eq!(bytes.concat(), b"b.csv");
        assert!(place.read("../theirs.csv").await.is_err());
        assert!(place.read("/etc/passwd").await.is_err());
        assert!(Place::folder(&folder.path().join("missing")).is_err());
        assert!(Place::bucket("https://bucket", &Keys::default()).is_err());
    }
}
