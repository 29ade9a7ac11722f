//! Writing a backup beside the running service.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use aws_lc_rs::digest::{Context, SHA256};
use clients::blobs::{BlobError, Blobs, Key, Kind};
use futures::StreamExt;
use jiff::Timestamp;
use store::{Connection, backup::Source, installation};

use super::{
    BLOB_LIST, BLOBS, MANIFEST, TABLES,
    manifest::{Blob, Manifest, Sequence, Sum},
};
use crate::Error;

/// Writes everything of an installation into an empty folder, which is made where it is missing.
pub async fn write(
    connection: &Connection,
    blobs: &Blobs,
    folder: &Path,
    program: &str,
    made_at: Timestamp,
) -> Result<Manifest, Error> {
    make_empty(folder)?;
    make(&folder.join(TABLES))?;
    let secret_mark = installation::secret_mark(connection).await?;
    let mut source = Source::open(connection).await?;
    let mut tables = Vec::new();
    for table in source.tables().to_vec() {
        let path = folder.join(TABLES).join(format!("{}.copy", table.full_name()));
        let mut file = BufWriter::new(create(&path)?);
        let written = source.dump(&table, &mut file).await?;
        finish(file, &path)?;
        tables.push(Sum {
            name: table.full_name(),
            rows: written.rows,
            bytes: written.bytes,
            sha256: written.sha256,
        });
    }
    let sequences = source.positions().await?;
    let sequences = sequences.into_iter().map(|at| Sequence { name: at.sequence, last: at.last }).collect();
    let spoken_of = source.object_keys().await?;
    let orgs = source.orgs().await?;
    let versions = source.versions().to_vec();
    source.close().await?;

    // Bytes never change once they are there, and are written before the row that speaks of them: what the rows of that moment
    // speak of is there now, unless it was deleted since.
    let list_path = folder.join(BLOB_LIST);
    let mut list = Listing { file: BufWriter::new(create(&list_path)?), digest: Context::new(&SHA256) };
    let mut copied = BTreeSet::new();
    let mut blob_bytes = 0;
    for org in orgs {
        for (key, _) in blobs.list(org).await? {
            // They follow from what is taken along, and are made again when somebody looks.
            if key.kind() == Kind::Canonical {
                continue;
            }
            let path = folder.join(BLOBS).join(key.to_string());
            match copy(blobs, &key, &path).await {
                Ok(blob) => {
                    blob_bytes += blob.bytes;
                    list.add(&blob, &list_path)?;
                    copied.insert(blob.key);
                }
                // Deleted since it was listed.
                Err(Copying::Blob(BlobError::NotFound(_))) => {}
                Err(Copying::Blob(error)) => return Err(error.into()),
                Err(Copying::Own(error)) => return Err(error),
            }
        }
    }
    let blob_list_sha256 = hex::encode(list.digest.finish().as_ref());
    finish(list.file, &list_path)?;
    let absent: Vec<String> = spoken_of.into_iter().filter(|key| !copied.contains(key)).collect();
    let (gone, missing) = if absent.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        let mut now = Source::open(connection).await?;
        let still: BTreeSet<String> = now.object_keys().await?.into_iter().collect();
        now.close().await?;
        absent.into_iter().partition(|key| !still.contains(key))
    };

    let manifest = Manifest {
        format: Manifest::format(),
        program: program.to_owned(),
        made_at: made_at.to_string(),
        versions,
        secret_mark,
        tables,
        sequences,
        blobs: copied.len() as u64,
        blob_bytes,
        blob_list_sha256,
        gone,
        missing,
    };
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| Error::Work(error.to_string()))?;
    sync(&folder.join(TABLES))?;
    let path = folder.join(MANIFEST);
    let mut file = BufWriter::new(create(&path)?);
    file.write_all(text.as_bytes()).map_err(|error| unwritable(&path, &error))?;
    finish(file, &path)?;
    sync(folder)?;
    Ok(manifest)
}

/// The list of bytes while it grows.
struct Listing {
    file: BufWriter<File>,
    digest: Context,
}

impl Listing {
    fn add(&mut self, blob: &Blob, path: &Path) -> Result<(), Error> {
        let line = serde_json::to_string(blob).map_err(|error| Error::Work(error.to_string()))? + "\n";
        self.digest.update(line.as_bytes());
        self.file.write_all(line.as_bytes()).map_err(|error| unwritable(path, &error))
    }
}

enum Copying {
    Blob(BlobError),
    Own(Error),
}

async fn copy(blobs: &Blobs, key: &Key, path: &Path) -> Result<Blob, Copying> {
    let mut body = blobs.read(key).await.map_err(Copying::Blob)?;
    if let Some(parent) = path.parent() {
        make(parent).map_err(Copying::Own)?;
    }
    let own = |error: &std::io::Error| Copying::Own(unwritable(path, error));
    let mut file = BufWriter::new(create(path).map_err(Copying::Own)?);
    let mut digest = Context::new(&SHA256);
    let mut bytes = 0;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| Copying::Blob(BlobError::Body(error.to_string())))?;
        bytes += piece.len() as u64;
        digest.update(&piece);
        file.write_all(&piece).map_err(|error| own(&error))?;
    }
    finish(file, path).map_err(Copying::Own)?;
    Ok(Blob { key: key.to_string(), bytes, sha256: hex::encode(digest.finish().as_ref()) })
}

fn make_empty(folder: &Path) -> Result<(), Error> {
    make(folder)?;
    let mut entries = fs::read_dir(folder).map_err(|error| unwritable(folder, &error))?;
    if entries.next().is_some() {
        return Err(Error::Usage(format!("{} is not empty; name a new folder", folder.display())));
    }
    Ok(())
}

/// A folder that only this account gets into: what lies there is every customer's.
fn make(folder: &Path) -> Result<(), Error> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| unwritable(folder, &error))
}

fn create(path: &Path) -> Result<File, Error> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.map_err(|error| unwritable(path, &error))
}

fn finish(file: BufWriter<File>, path: &Path) -> Result<(), Error> {
    let file = file.into_inner().map_err(|error| unwritable(path, error.error()))?;
    file.sync_all().map_err(|error| unwritable(path, &error))
}

fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| unwritable(folder, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::Work(format!("cannot write {}: {error}", path.display()))
}
