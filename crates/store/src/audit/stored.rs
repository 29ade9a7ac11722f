//! A row of the trail as it lies there: out of the database, and as a line of an export.
//!
//! The database hands a trail over as a binary `COPY`. Read through the driver's rows, each of its eighteen columns would be
//! asked for by itself, which takes several times as long as checking the row.

use super::leaf::{Leaf, Personal};
use domain::id::OrgId;
use serde_json::{Value, json};
use std::borrow::Cow;
use uuid::Uuid;

/// What Postgres counts its microseconds from, in microseconds since 1970.
const EPOCH_US: i64 = 946_684_800_000_000;
/// What a binary `COPY` begins with; flags and the length of an extension follow.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const HEAD_BYTES: usize = SIGNATURE.len() + 8;
const COLUMNS: i16 = 18;

const TEXTS: [&str; 8] =
    ["actor_kind", "actor_id", "action", "resource_type", "resource_id", "outcome", "trace_id", "details"];

/// What hands over the rows of an organisation after one of them, at most so many.
pub(super) fn copy(org: OrgId, after: i64, limit: i64) -> String {
    // An id is hexadecimal digits and hyphens, and numbers are numbers: there is nothing to escape.
    format!(
        "COPY (SELECT a.org_id, a.seq, a.at, a.actor_kind, a.actor_id, a.action, a.resource_type, a.resource_id, a.outcome,
            a.trace_id, a.details::text, a.personal, a.hash, p.key, p.subject, p.name, p.address, p.user_agent
         FROM tenant.audit a LEFT JOIN tenant.audit_personal p ON p.org_id = a.org_id AND p.seq = a.seq
         WHERE a.org_id = '{}' AND a.seq > {after} ORDER BY a.seq LIMIT {limit}) TO STDOUT (FORMAT binary)",
        org.0
    )
}

/// A row as it lies there, with its personal fields if they do.
#[derive(Debug)]
pub(super) struct Stored<'a> {
    pub(super) org: Uuid,
    pub(super) seq: i64,
    pub(super) at_us: i64,
    /// From actor kind to details, in the order of the leaf.
    texts: [&'a str; 8],
    pub(super) personal: Option<Cow<'a, [u8]>>,
    pub(super) hash: Cow<'a, [u8]>,
    pub(super) person: Option<Person<'a>>,
}

#[derive(Debug)]
pub(super) struct Person<'a> {
    key: Cow<'a, [u8]>,
    subject: Option<Uuid>,
    /// Name, address, browser.
    texts: [&'a str; 3],
}

impl<'a> Stored<'a> {
    /// Reads one piece of a binary `COPY`. `Ok(None)` is its end, `Err` what is none.
    pub(super) fn read(piece: &'a [u8]) -> Result<Option<Self>, NoRow> {
        let mut fields =
            Fields(piece.strip_prefix(SIGNATURE).map_or(piece, |_| &piece[HEAD_BYTES.min(piece.len())..]));
        // The head may come in a piece of its own.
        if fields.0.is_empty() {
            return Ok(None);
        }
        match i16::from_be_bytes(fields.array()?) {
            -1 => return Ok(None),
            COLUMNS => {}
            _ => return Err(NoRow),
        }
        let org = fields.uuid()?.ok_or(NoRow)?;
        let seq = fields.number()?;
        let at_us = fields.number()?.checked_add(EPOCH_US).ok_or(NoRow)?;
        let mut texts = [""; 8];
        for text in &mut texts {
            *text = fields.text()?.ok_or(NoRow)?;
        }
        let personal = fields.next()?.map(Cow::Borrowed);
        let hash = Cow::Borrowed(fields.next()?.ok_or(NoRow)?);
        let key = fields.next()?;
        let subject = fields.uuid()?;
        let people = [fields.text()?, fields.text()?, fields.text()?];
        let person = match (key, people) {
            (Some(key), [Some(name), Some(address), Some(user_agent)]) => {
                Some(Person { key: Cow::Borrowed(key), subject, texts: [name, address, user_agent] })
            }
            _ => None,
        };
        Ok(Some(Self { org, seq, at_us, texts, personal, hash, person }))
    }

    pub(super) fn to_json(&self) -> Value {
        let mut value = json!({
            "org": self.org.to_string(), "seq": self.seq, "at_us": self.at_us, "hash": hex::encode(&self.hash),
            "personal": self.personal.as_deref().map(hex::encode),
            "person": self.person.as_ref().map(|person| json!({
                "key": hex::encode(&person.key), "subject": person.subject.map(|subject| subject.to_string()),
                "name": person.texts[0], "address": person.texts[1], "user_agent": person.texts[2],
            })),
        });
        for (name, text) in TEXTS.iter().zip(self.texts) {
            value[*name] = text.into();
        }
        value
    }

    pub(super) fn from_json(value: &'a Value) -> Option<Self> {
        let mut texts = [""; 8];
        for (name, text) in TEXTS.iter().zip(&mut texts) {
            *text = value[*name].as_str()?;
        }
        let bytes = |value: &Value| hex::decode(value.as_str()?).ok().map(Cow::Owned);
        let person = match &value["person"] {
            Value::Null => None,
            person => Some(Person {
                key: bytes(&person["key"])?,
                subject: match &person["subject"] {
                    Value::Null => None,
                    subject => Some(Uuid::try_parse(subject.as_str()?).ok()?),
                },
                texts: [
                    person["name"].as_str()?,
                    person["address"].as_str()?,
                    person["user_agent"].as_str()?,
                ],
            }),
        };
        Some(Self {
            org: Uuid::try_parse(value["org"].as_str()?).ok()?,
            seq: value["seq"].as_i64()?,
            at_us: value["at_us"].as_i64()?,
            texts,
            personal: match &value["personal"] {
                Value::Null => None,
                personal => Some(bytes(personal)?),
            },
            hash: bytes(&value["hash"])?,
            person,
        })
    }

    pub(super) fn leaf(&self) -> Leaf<'_> {
        let [actor_kind, actor_id, action, resource_type, resource_id, outcome, trace_id, details] =
            self.texts;
        Leaf {
            org: self.org,
            seq: self.seq,
            at_us: self.at_us,
            actor_kind,
            actor_id,
            action,
            resource_type,
            resource_id,
            outcome,
            trace_id,
            details,
            personal: self.personal.as_deref(),
        }
    }

    /// Whether the personal fields are the ones that were committed to; erased ones can be anything.
    pub(super) fn person_holds(&self) -> bool {
        match (&self.person, &self.personal) {
            (Some(person), Some(personal)) => {
                let [name, address, user_agent] = person.texts;
                let opened =
                    Personal { key: &person.key, subject: person.subject, name, address, user_agent };
                opened.commitment() == personal.as_ref()
            }
            (Some(_), None) => false,
            (None, _) => true,
        }
    }
}

/// The database handed over something that is no row of the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoRow;

/// The values of a row, each with its length before it.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], NoRow> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(NoRow)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NoRow> {
        self.take(N)?.try_into().map_err(|_| NoRow)
    }

    fn next(&mut self) -> Result<Option<&'a [u8]>, NoRow> {
        match i32::from_be_bytes(self.array()?) {
            -1 => Ok(None),
            n => self.take(usize::try_from(n).map_err(|_| NoRow)?).map(Some),
        }
    }

    fn number(&mut self) -> Result<i64, NoRow> {
        let bytes = self.next()?.ok_or(NoRow)?;
        bytes.try_into().map(i64::from_be_bytes).map_err(|_| NoRow)
    }

    fn uuid(&mut self) -> Result<Option<Uuid>, NoRow> {
        self.next()?.map(|bytes| Uuid::from_slice(bytes).map_err(|_| NoRow)).transpose()
    }

    fn text(&mut self) -> Result<Option<&'a str>, NoRow> {
        self.next()?.map(|bytes| std::str::from_utf8(bytes).map_err(|_| NoRow)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row's bytes as the database writes them, so that cut and bent ones can be tried without it.
    fn row() -> Vec<u8> {
        let mut bytes = [SIGNATURE, &[0; 8], &COLUMNS.to_be_bytes()].concat();
        let mut put = |value: Option<&[u8]>| match value {
            Some(value) => {
                bytes.extend((value.len() as i32).to_be_bytes());
                bytes.extend(value);
            }
            None => bytes.extend((-1_i32).to_be_bytes()),
        };
        put(Some(&[7; 16]));
        put(Some(&3_i64.to_be_bytes()));
        put(Some(&5_i64.to_be_bytes()));
        for text in TEXTS {
            put(Some(text.as_bytes()));
        }
        put(None);
        put(Some(&[1; 32]));
        for _ in 0..5 {
            put(None);
        }
        bytes
    }

    #[test]
    fn a_row_is_read_whole_or_not_at_all() {
        let bytes = row();
        let read = Stored::read(&bytes).unwrap().unwrap();
        assert_eq!((read.org, read.seq, read.at_us), (Uuid::from_bytes([7; 16]), 3, EPOCH_US + 5));
        assert_eq!(read.texts, TEXTS);
        assert!(read.person.is_none() && read.personal.is_none() && read.hash.as_ref() == [1; 32]);
        assert!(Stored::read(&bytes[HEAD_BYTES..]).unwrap().is_some());
        assert!(Stored::read(&bytes[..HEAD_BYTES]).unwrap().is_none());
        assert!(Stored::read(&(-1_i16).to_be_bytes()).unwrap().is_none());
        for n in HEAD_BYTES + 1..bytes.len() {
            assert_eq!(Stored::read(&bytes[..n]).err(), Some(NoRow), "cut after {n} bytes");
        }
    }
}
