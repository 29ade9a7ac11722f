//! What the hash of a row must be, computed apart from the database.

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;

/// The hash before the first row.
pub const START: [u8; 32] = [0; 32];

/// Every column of a row but its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf<'a> {
    /// The organisation.
    pub org: Uuid,
    /// The number.
    pub seq: i64,
    /// When, in microseconds since 1970.
    pub at_us: i64,
    /// The kind of actor.
    pub actor_kind: &'a str,
    /// Which one.
    pub actor_id: &'a str,
    /// What it did.
    pub action: &'a str,
    /// To what kind of thing.
    pub resource_type: &'a str,
    /// To which one.
    pub resource_id: &'a str,
    /// How it ended.
    pub outcome: &'a str,
    /// In which request.
    pub trace_id: &'a str,
    /// Further facts, as the database writes them.
    pub details: &'a str,
    /// The commitment to the personal fields.
    pub personal: Option<&'a [u8]>,
}

impl Leaf<'_> {
    /// SHA-256 over the previous hash and every column with its length before it, so that no value can flow into the next.
    pub fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        // One call of the digest over all bytes takes half of what a call for each column takes.
        let mut bytes = Vec::with_capacity(1024);
        bytes.extend_from_slice(b"plantintel audit 1");
        bytes.extend_from_slice(previous);
        let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
        measured(&mut bytes, Some(self.org.hyphenated().encode_lower(&mut buffer).as_bytes()));
        measured(&mut bytes, Some(self.seq.to_string().as_bytes()));
        measured(&mut bytes, Some(self.at_us.to_string().as_bytes()));
        for text in [
            self.actor_kind,
            self.actor_id,
            self.action,
            self.resource_type,
            self.resource_id,
            self.outcome,
            self.trace_id,
            self.details,
        ] {
            measured(&mut bytes, Some(text.as_bytes()));
        }
        measured(&mut bytes, self.personal);
        finish(&bytes)
    }
}

/// The personal fields of a row, with the key that opens the commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Personal<'a> {
    /// 32 random bytes; without them the commitment says nothing.
    pub key: &'a [u8],
    /// The person.
    pub subject: Option<Uuid>,
    /// The name.
    pub name: &'a str,
    /// The address.
    pub address: &'a str,
    /// The browser.
    pub user_agent: &'a str,
}

impl Personal<'_> {
    /// What the row must have committed to.
    pub fn commitment(&self) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(512);
        bytes.extend_from_slice(self.key);
        let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
        let subject = self.subject.map(|subject| &*subject.hyphenated().encode_lower(&mut buffer));
        measured(&mut bytes, subject.map(str::as_bytes));
        for text in [self.name, self.address, self.user_agent] {
            measured(&mut bytes, Some(text.as_bytes()));
        }
        finish(&bytes)
    }
}

fn measured(bytes: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        Some(value) => {
            bytes.extend_from_slice(&(value.len() as u32).to_be_bytes());
            bytes.extend_from_slice(value);
        }
        None => bytes.extend_from_slice(&u32::MAX.to_be_bytes()),
    }
}

fn finish(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}
