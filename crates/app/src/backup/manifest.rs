//! What a backup says of itself, and whether it is true.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::{BLOB_LIST, BLOBS, MANIFEST, TABLES};
use crate::Error;

const FORMAT: &str = "plantintel backup 1";

/// The last file that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which form this has.
    pub format: String,
    /// By which program.
    pub program: String,
    /// Of which moment, in UTC.
    pub made_at: String,
    /// The migrations that the rows are of.
    pub versions: Vec<i64>,
    /// By what the installation's secret is recognised.
    pub secret_mark: Option<String>,
    /// Tables in the order in which they are filled.
    pub tables: Vec<Sum>,
    /// Where counters stand.
    pub sequences: Vec<Sequence>,
    /// How many files with bytes of tenants.
    pub blobs: u64,
    /// How many bytes they have together.
    pub blob_bytes: u64,
    /// The SHA-256 of the list of them.
    pub blob_list_sha256: String,
    /// Bytes that were deleted while the backup was made: rows of that moment may still speak of them.
    pub gone: Vec<String>,
    /// Bytes that rows speak of and that were not there: the installation had lost them before.
    pub missing: Vec<String>,
}

/// What a file of rows must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Schema and table.
    pub name: String,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

/// A counter of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    pub name: String,
    pub last: i64,
}

/// A line of the list of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    pub key: String,
    pub bytes: u64,
    pub sha256: String,
}

impl Manifest {
    pub(super) fn format() -> String {
        FORMAT.to_owned()
    }

    /// The manifest of a folder.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Error::Input(format!(
                "{} holds no whole backup: {MANIFEST} cannot be read ({error}); a backup that was broken off has none",
                folder.display()
            ))
        })?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| Error::Input(format!("{}: {error}", path.display())))?;
        if manifest.format != FORMAT {
            return Err(Error::Input(format!(
                "{} is “{}”, and this program reads “{FORMAT}”",
                path.display(),
                manifest.format
            )));
        }
        Ok(manifest)
    }

    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// Holds every byte of a folder against its manifest. Gives back the manifest and the list of blobs.
pub fn check(folder: &Path) -> Result<(Manifest, Vec<Blob>), Error> {
    let manifest = Manifest::read(folder)?;
    for table in &manifest.tables {
        let path = folder.join(TABLES).join(format!("{}.copy", table.name));
        expect(&path, table.bytes, &table.sha256)?;
    }
    let list = folder.join(BLOB_LIST);
    if sum(&list)?.1 != manifest.blob_list_sha256 {
        return Err(other(&list));
    }
    let file = File::open(&list).map_err(|error| unreadable(&list, &error))?;
    let mut blobs = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|error| unreadable(&list, &error))?;
        let blob: Blob = serde_json::from_str(&line)
            .map_err(|error| Error::Input(format!("{}: {error}", list.display())))?;
        let key: clients::blobs::Key =
            blob.key.parse().map_err(|error: clients::blobs::BlobError| Error::Input(error.to_string()))?;
        expect(&folder.join(BLOBS).join(key.to_string()), blob.bytes, &blob.sha256)?;
        blobs.push(blob);
    }
    Ok((manifest, blobs))
}

fn expect(path: &Path, bytes: u64, sha256: &str) -> Result<(), Error> {
    if sum(path)? == (bytes, sha256.to_owned()) { Ok(()) } else { Err(other(path)) }
}

/// Length and SHA-256 of a file.
fn sum(path: &Path) -> Result<(u64, String), Error> {
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut digest = Context::new(&SHA256);
    let mut piece = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        let n = file.read(&mut piece).map_err(|error| unreadable(path, &error))?;
        if n == 0 {
            return Ok((bytes, hex::encode(digest.finish().as_ref())));
        }
        bytes += n as u64;
        digest.update(&piece[..n]);
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Input(format!("the backup is damaged: {} cannot be read: {error}", path.display()))
}

fn other(path: &Path) -> Error {
    Error::Input(format!(
        "the backup is damaged: {} is not what was written; take another backup",
        path.display()
    ))
}
