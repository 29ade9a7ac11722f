//! Signed ends of the chains, kept outside the database: whoever rewrites a chain whole, or cuts its end off, cannot rewrite these.

use crate::column::Stamp;
use crate::error::{Error, Result};
use crate::pools::Store;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use domain::Role;
use domain::actor::{Actor, Means};
use domain::id::{JobId, OrgId};
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::Row;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use uuid::Uuid;

/// The end of a chain at some time, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose chain.
    pub org: OrgId,
    /// The number of its last row then.
    pub seq: i64,
    /// That row's hash.
    pub hash: [u8; 32],
    /// When it was signed.
    pub at: Timestamp,
    /// Which key signed it: the beginning of the SHA-256 of the public key.
    pub key_id: String,
    /// The Ed25519 signature.
    pub signature: Vec<u8>,
}

impl Checkpoint {
    fn message(org: OrgId, seq: i64, hash: &[u8; 32], at: Timestamp) -> Vec<u8> {
        // Every part has a fixed length, so nothing can flow into the next.
        let mut message = b"plantintel checkpoint 1".to_vec();
        message.extend(org.0.as_bytes());
        message.extend(seq.to_be_bytes());
        message.extend(at.as_microsecond().to_be_bytes());
        message.extend(hash);
        message
    }

    /// Whether the owner of a public key signed it.
    pub fn is_signed_by(&self, public_key: &[u8]) -> bool {
        let message = Self::message(self.org, self.seq, &self.hash, self.at);
        self.key_id == key_id(public_key)
            && UnparsedPublicKey::new(&ED25519, public_key).verify(&message, &self.signature).is_ok()
    }

    /// As a line of the checkpoint file.
    pub fn to_line(&self) -> String {
        json!({
            "org": self.org.to_string(), "seq": self.seq, "hash": hex::encode(self.hash),
            "at_us": self.at.as_microsecond(), "key": self.key_id, "signature": hex::encode(&self.signature),
        })
        .to_string()
    }

    /// From a line of the checkpoint file.
    pub fn from_line(line: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(line).ok()?;
        Some(Self {
            org: OrgId(Uuid::try_parse(value["org"].as_str()?).ok()?),
            seq: value["seq"].as_i64()?,
            hash: hex::decode(value["hash"].as_str()?).ok()?.try_into().ok()?,
            at: Timestamp::from_microsecond(value["at_us"].as_i64()?).ok()?,
            key_id: value["key"].as_str()?.to_owned(),
            signature: hex::decode(value["signature"].as_str()?).ok()?,
        })
    }
}

/// Who signs checkpoints.
pub struct Signer {
    pair: Ed25519KeyPair,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("key_id", &self.key_id()).finish_non_exhaustive()
    }
}

impl Signer {
    /// A new private key, as PKCS#8, to be kept where only this program reads it.
    pub fn generate() -> Option<Vec<u8>> {
        Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())
            .ok()
            .map(|key| key.as_ref().to_vec())
    }

    /// The signer with this private key; none if it is no Ed25519 key.
    pub fn from_pkcs8(key: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(key).ok().map(|pair| Self { pair })
    }

    /// What verifiers need.
    pub fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    /// By which checkpoints name the key.
    pub fn key_id(&self) -> String {
        key_id(self.public_key())
    }

    /// Signs the end of a chain.
    pub fn sign(&self, org: OrgId, seq: i64, hash: [u8; 32], at: Timestamp) -> Checkpoint {
        // To the microsecond, as it is written down.
        let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
        let signature = self.pair.sign(&Checkpoint::message(org, seq, &hash, at)).as_ref().to_vec();
        Checkpoint { org, seq, hash, at, key_id: self.key_id(), signature }
    }
}

fn key_id(public_key: &[u8]) -> String {
    hex::encode(&digest(&SHA256, public_key).as_ref()[..8])
}

/// Signs the end of every chain that has grown, into a file outside the database (appended, and on disk when this returns), and
/// copies it into the database for people to read. To be called every minute and at shutdown. Returns how many.
pub async fn write_due(store: &Store, signer: &Signer, file: &Path, now: Timestamp) -> Result<usize> {
    let ticket = store.disk().ticket();
    let rows = sqlx::query("SELECT org_id, seq, hash FROM tenant.audit_heads_due()")
        .fetch_all(store.worker_pool())
        .await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        let hash: Vec<u8> = row.try_get("hash")?;
        let hash = hash.try_into().map_err(|_| Error::Corrupt {
            column: "audit_heads.hash".to_owned(),
            source: "not 32 bytes".into(),
        })?;
        due.push(signer.sign(OrgId(row.try_get("org_id")?), row.try_get("seq")?, hash, now));
    }
    if due.is_empty() {
        return Ok(0);
    }
    // A signed end must never be one that the database can still forget.
    match ticket {
        Some(ticket) => store.disk().reach(ticket).await?,
        None => return Ok(0),
    }
    append(file, &due)?;
    for checkpoint in &due {
        let actor =
            Actor { org: checkpoint.org, role: Role::Viewer, means: Means::Job { job: JobId(Uuid::nil()) } };
        let mut tx = store.begin(&actor).await?;
        sqlx::query(
            "INSERT INTO tenant.audit_checkpoints (org_id, seq, hash, at, key_id, signature) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING",
        )
        .bind(checkpoint.org.0)
        .bind(checkpoint.seq)
        .bind(checkpoint.hash.as_slice())
        .bind(Stamp(checkpoint.at))
        .bind(&checkpoint.key_id)
        .bind(&checkpoint.signature)
        .execute(tx.conn())
        .await?;
        tx.commit().await?;
    }
    Ok(due.len())
}

fn append(file: &Path, checkpoints: &[Checkpoint]) -> Result<()> {
    let fault = |source| Error::File { path: file.display().to_string(), source };
    let text: String = checkpoints.iter().map(|checkpoint| checkpoint.to_line() + "\n").collect();
    let made = !file.exists();
    let mut handle =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(file).map_err(fault)?;
    end_whole(&mut handle).map_err(fault)?;
    handle.write_all(text.as_bytes()).and_then(|()| handle.sync_all()).map_err(fault)?;
    match file.parent().filter(|folder| made && !folder.as_os_str().is_empty()) {
        // Its name is to be on disk as well.
        Some(folder) => File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault),
        None => Ok(()),
    }
}

/// Takes away a last line that a crash cut short: nobody relied on it, and the next line would be read as its end.
fn end_whole(file: &mut File) -> std::io::Result<()> {
    let length = file.metadata()?.len();
    let mut tail = Vec::new();
    // A line is far shorter.
    file.seek(SeekFrom::Start(length.saturating_sub(8 << 10)))?;
    file.read_to_end(&mut tail)?;
    let rest = tail.iter().rev().take_while(|byte| **byte != b'\n').count();
    if rest > 0 { file.set_len(length - rest as u64) } else { Ok(()) }
}

/// The checkpoints of a file. A last line that a crash cut short is passed over; any other that does not read is an error.
pub fn read(file: &Path) -> Result<Vec<Checkpoint>> {
    let fault = |source| Error::File { path: file.display().to_string(), source };
    let lines: Vec<String> = BufReader::new(std::fs::File::open(file).map_err(fault)?)
        .lines()
        .collect::<std::io::Result<_>>()
        .map_err(fault)?;
    let mut checkpoints = Vec::with_capacity(lines.len());
    for (i, line) in lines.iter().enumerate() {
        match Checkpoint::from_line(line) {
            Some(checkpoint) => checkpoints.push(checkpoint),
            None if i + 1 == lines.len() => {}
            None => return Err(fault(std::io::Error::other(format!("line {} is no checkpoint", i + 1)))),
        }
    }
    Ok(checkpoints)
}
