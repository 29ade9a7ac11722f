//! Walking a chain and saying which row is not what it was.
//!
//! The same walk goes over the database ([`chain`]) and over an export ([`exported`]). It finds changed, missing, inserted, swapped
//! and copied rows by itself. A chain that was rewritten whole, or cut at its end, it finds with the checkpoints from outside.

use super::Audited;
use super::checkpoint::Checkpoint;
use super::leaf::START;
use super::stored::{self, NoRow, Stored};
use crate::error::{Error, Result};
use bytes::Bytes;
use domain::id::OrgId;
use futures::TryStreamExt;
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use tokio::sync::mpsc;

/// How many faults are told apart; beyond, they are counted.
const FAULTS_MAX: usize = 1000;
/// Rows asked for at a time.
const STRIDE: i64 = 100_000;
/// Rows checked at a time, and how many such batches may wait.
const BATCH: usize = 1024;
const BATCHES_AHEAD: usize = 8;

/// Something that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A value of this row, or its hash, was changed; or the row is not one that was written here.
    Changed {
        /// Which row.
        seq: i64,
    },
    /// The personal fields of this row are not the ones that were written.
    PersonalChanged {
        /// Which row.
        seq: i64,
    },
    /// Rows are gone.
    Missing {
        /// The first of them.
        from: i64,
        /// The last of them.
        to: i64,
    },
    /// A row comes where none of its number can come.
    OutOfOrder {
        /// Its number.
        seq: i64,
    },
    /// The chain ends elsewhere than the database noted when it wrote the last row.
    Head {
        /// Where it was noted to end; 0 if nothing is noted.
        noted: i64,
        /// Where it ends.
        found: i64,
    },
    /// The row is not the one that a checkpoint was signed for.
    Checkpoint {
        /// Which row.
        seq: i64,
    },
    /// A checkpoint was signed for a row beyond the end: the end is gone.
    Truncated {
        /// The row that the checkpoint names.
        signed: i64,
        /// Where the chain ends.
        found: i64,
    },
    /// A checkpoint's own signature does not hold, so it proves nothing.
    Signature {
        /// The row that it names.
        seq: i64,
    },
}

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose chain.
    pub org: OrgId,
    /// How many rows there are.
    pub rows: i64,
    /// Of how many the personal fields were erased.
    pub erased: i64,
    /// How many checkpoints were held against it.
    pub checkpoints: usize,
    /// What is not as it was written, by row; at most a thousand.
    pub faults: Vec<Fault>,
    /// How many more.
    pub further_faults: usize,
}

impl Report {
    /// Whether everything is as it was written.
    pub fn is_intact(&self) -> bool {
        self.faults.is_empty()
    }
}

/// What outside evidence a chain is held against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// Checkpoints, also those of other organisations.
    pub checkpoints: &'a [Checkpoint],
    /// The public keys that may have signed them.
    pub public_keys: &'a [Vec<u8>],
}

/// Walks the chain of an organisation in the database. The transaction must see it: its own, or the operator's. The chain may grow
/// meanwhile: the walk goes on until it has caught up with its end.
pub async fn chain(tx: &mut impl Audited, org: OrgId, evidence: Evidence<'_>) -> Result<Report> {
    // Rows are checked on a thread of their own while the database and the connection bring the next ones.
    let mut walk = Walk::new(org, evidence);
    let (batches, mut waiting) = mpsc::channel::<Vec<Bytes>>(BATCHES_AHEAD);
    let checking = tokio::task::spawn_blocking(move || {
        while let Some(batch) = waiting.blocking_recv() {
            for piece in &batch {
                if let Some(row) = Stored::read(piece).map_err(|NoRow| no_row())? {
                    walk.step(&row);
                }
            }
        }
        Ok::<_, Error>(walk)
    });
    let head = bring(tx, org, batches).await;
    let mut walk: Walk = checking.await.unwrap_or_else(|_| Err(sqlx::Error::WorkerCrashed.into()))?;
    walk.head(head?);
    Ok(walk.finish())
}

/// Brings the rows of a chain in batches, until there are no more, and returns the end that the database has noted.
async fn bring(
    tx: &mut impl Audited,
    org: OrgId,
    batches: mpsc::Sender<Vec<Bytes>>,
) -> Result<Option<(i64, Vec<u8>)>> {
    let mut after = 0;
    loop {
        let mut n = 0;
        let mut batch = Vec::with_capacity(BATCH);
        let mut pieces = tx.audit_conn().copy_out_raw(&stored::copy(org, after, STRIDE)).await?;
        while let Some(piece) = pieces.try_next().await? {
            if let Some(row) = Stored::read(&piece).map_err(|NoRow| no_row())? {
                (after, n) = (row.seq, n + 1);
            }
            batch.push(piece);
            if batch.len() == BATCH {
                // The other end is gone only where checking has failed, which is told there.
                let _ = batches.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).await;
            }
        }
        drop(pieces);
        let _ = batches.send(batch).await;
        if n == STRIDE {
            continue;
        }
        // The end is read after the rows, so a row beyond it was not written as rows are written; and an end beyond the rows
        // means that more have come, or that some are gone.
        let head: Option<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT seq, hash FROM tenant.audit_heads WHERE org_id = $1")
                .bind(org.0)
                .fetch_optional(tx.audit_conn())
                .await?;
        let more = head.as_ref().is_some_and(|(seq, _)| *seq > after);
        if more && is_there_more(tx, org, after).await? {
            continue;
        }
        return Ok(head);
    }
}

async fn is_there_more(tx: &mut impl Audited, org: OrgId, after: i64) -> Result<bool> {
    let more = sqlx::query_scalar("SELECT EXISTS (SELECT FROM tenant.audit WHERE org_id = $1 AND seq > $2)");
    Ok(more.bind(org.0).bind(after).fetch_one(tx.audit_conn()).await?)
}

fn no_row() -> Error {
    sqlx::Error::Protocol("a row of the trail cannot be read".to_owned()).into()
}

/// Writes the chain of an organisation as JSON lines that [`exported`] can check without any database. Returns how many rows.
pub async fn export(tx: &mut impl Audited, org: OrgId, to: &mut impl Write) -> Result<i64> {
    let fault = |source| Error::File { path: "the export".to_owned(), source };
    writeln!(to, "{}", json!({"format": "plantintel audit export 1", "org": org.to_string()}))
        .map_err(fault)?;
    let (mut after, mut n) = (0, 0);
    loop {
        let before = n;
        let mut pieces = tx.audit_conn().copy_out_raw(&stored::copy(org, after, STRIDE)).await?;
        while let Some(piece) = pieces.try_next().await? {
            if let Some(row) = Stored::read(&piece).map_err(|NoRow| no_row())? {
                (after, n) = (row.seq, n + 1);
                writeln!(to, "{}", row.to_json()).map_err(fault)?;
            }
        }
        drop(pieces);
        if n - before < STRIDE {
            return Ok(n);
        }
    }
}

/// Walks an export. None if it is not one.
pub fn exported(from: impl BufRead, evidence: Evidence<'_>) -> std::io::Result<Option<Report>> {
    let mut lines = from.lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(None);
    };
    let head: Value = serde_json::from_str(&first).unwrap_or_default();
    let org = head["org"].as_str().and_then(|org| org.parse().ok());
    let (Some(org), Some("plantintel audit export 1")) = (org, head["format"].as_str()) else {
        return Ok(None);
    };
    let mut walk = Walk::new(org, evidence);
    for line in lines {
        let line = line?;
        match serde_json::from_str::<Value>(&line).ok().as_ref().and_then(Stored::from_json) {
            Some(row) => walk.step(&row),
            // What does not even read was changed; it stood where the next row was due.
            None => walk.unreadable(),
        }
    }
    Ok(Some(walk.finish()))
}

/// The walk: what the next row must be, and what was wrong so far.
struct Walk {
    org: OrgId,
    last: i64,
    last_hash: Vec<u8>,
    /// What the next row's previous hash may be: the one that lies there, and after a fault the one that should.
    previous: Vec<[u8; 32]>,
    /// After a gap nothing is known of the previous hash, so one row goes unchecked; the gap itself is a fault.
    unknown: bool,
    checkpoints: std::iter::Peekable<std::vec::IntoIter<Checkpoint>>,
    report: Report,
}

impl Walk {
    fn new(org: OrgId, evidence: Evidence<'_>) -> Self {
        let report =
            Report { org, rows: 0, erased: 0, checkpoints: 0, faults: Vec::new(), further_faults: 0 };
        let mut walk = Self {
            org,
            last: 0,
            last_hash: START.to_vec(),
            previous: vec![START],
            unknown: false,
            checkpoints: Vec::new().into_iter().peekable(),
            report,
        };
        let mut checkpoints = Vec::new();
        for checkpoint in evidence.checkpoints.iter().filter(|checkpoint| checkpoint.org == org) {
            walk.report.checkpoints += 1;
            if evidence.public_keys.iter().any(|key| checkpoint.is_signed_by(key)) {
                checkpoints.push(checkpoint.clone());
            } else {
                walk.fault(Fault::Signature { seq: checkpoint.seq });
            }
        }
        checkpoints.sort_by_key(|checkpoint| checkpoint.seq);
        walk.checkpoints = checkpoints.into_iter().peekable();
        walk
    }

    fn fault(&mut self, fault: Fault) {
        if self.report.faults.len() < FAULTS_MAX {
            self.report.faults.push(fault);
        } else {
            self.report.further_faults += 1;
        }
    }

    fn step(&mut self, row: &Stored<'_>) {
        self.report.rows += 1;
        if row.seq <= self.last {
            self.fault(Fault::OutOfOrder { seq: row.seq });
            return;
        }
        if row.seq > self.last + 1 {
            self.fault(Fault::Missing { from: self.last + 1, to: row.seq - 1 });
            self.unknown = true;
        }
        let mut should = Vec::new();
        let mut holds = false;
        for previous in &self.previous {
            let hash = row.leaf().hash(previous);
            holds |= hash == *row.hash;
            should.push(hash);
        }
        if (!holds && !self.unknown) || row.org != self.org.0 {
            self.fault(Fault::Changed { seq: row.seq });
        }
        if !row.person_holds() {
            self.fault(Fault::PersonalChanged { seq: row.seq });
        } else if row.personal.is_some() && row.person.is_none() {
            self.report.erased += 1;
        }
        // The next row was made from the hash that was right then: the one that lies here, or the one that should.
        self.previous = row.hash.as_ref().try_into().into_iter().collect();
        if !holds {
            self.previous.extend(should);
        }
        self.unknown = false;
        self.last = row.seq;
        row.hash.as_ref().clone_into(&mut self.last_hash);
        while let Some(checkpoint) = self.checkpoints.next_if(|checkpoint| checkpoint.seq <= row.seq) {
            // One whose row is missing is told as missing already.
            if checkpoint.seq == row.seq && checkpoint.hash != *row.hash {
                self.fault(Fault::Checkpoint { seq: row.seq });
            }
        }
    }

    fn unreadable(&mut self) {
        self.report.rows += 1;
        self.last += 1;
        self.unknown = true;
        self.previous.clear();
        self.fault(Fault::Changed { seq: self.last });
    }

    fn head(&mut self, head: Option<(i64, Vec<u8>)>) {
        let (noted, hash) = head.unwrap_or((0, START.to_vec()));
        if noted != self.last || hash != self.last_hash {
            self.fault(Fault::Head { noted, found: self.last });
        }
    }

    fn finish(mut self) -> Report {
        while let Some(checkpoint) = self.checkpoints.next() {
            self.fault(Fault::Truncated { signed: checkpoint.seq, found: self.last });
        }
        self.report
    }
}
