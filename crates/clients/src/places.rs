//! Places that are looked into for new files: a folder of this machine, or a bucket.

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as ObjectPath};
use url::Url;

/// Files of one look at most; the others come with the next.
pub const FILES_MAX: usize = 500;

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
pub struct Place {
    store: Arc<dyn ObjectStore>,
    prefix: ObjectPath,
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
        Ok(Self { store: Arc::new(store), prefix: ObjectPath::default() })
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
        let (store, prefix) =
            object_store::parse_url_opts(&url, options).map_err(|error| Error(error.to_string()))?;
        Ok(Self { store: Arc::from(store), prefix })
    }

    /// The files that are there, by name. Hidden ones, and those that are still being written under a passing name, are not.
    pub async fn list(&self) -> Result<Vec<Found>, Error> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        let mut objects = self.store.list(prefix);
        let mut found = Vec::new();
        while let Some(object) = objects.try_next().await.map_err(|error| Error(short(&error.to_string())))? {
            let Some(parts) = object.location.prefix_match(&self.prefix) else { continue };
            let name = parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
            let last = name.rsplit('/').next().unwrap_or_default();
            let passing = [".tmp", ".part", ".partial", ".crdownload", "~"];
            if last.is_empty() || last.starts_with('.') || passing.iter().any(|end| last.ends_with(end)) {
                continue;
            }
            let changed = object.last_modified.timestamp();
            let mark = object.e_tag.unwrap_or_else(|| format!("{}-{changed}", object.size));
            let mark = mark.chars().take(200).collect();
            found.push(Found { name, mark, bytes: object.size, changed });
            if found.len() >= FILES_MAX {
                break;
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// The bytes of a file.
    pub async fn read(&self, name: &str) -> Result<Bytestream, Error> {
        let path = name.split('/').fold(self.prefix.clone(), ObjectPath::join);
        let found = self.store.get(&path).await.map_err(|error| Error(short(&error.to_string())))?;
        Ok(found.into_stream().map_err(std::io::Error::other).boxed())
    }
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
