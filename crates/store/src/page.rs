//! Lists page by key: newest first, and the last row's key says where the next page begins. Rows that come or go meanwhile
//! move nothing.

use crate::column::Stamp;
use jiff::Timestamp;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The most rows that a page holds.
pub const LIMIT_MAX: u32 = 200;

/// Where a page begins: after this row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When the last row of the page before was made.
    pub at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.at.as_microsecond(), self.id.simple())
    }
}

/// The text is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (at, id) = text.split_once('.').ok_or(NotACursor)?;
        let at = i64::from_str_radix(at, 16).map_err(|_| NotACursor)?;
        let at = Timestamp::from_microsecond(at).map_err(|_| NotACursor)?;
        let id = Uuid::try_parse(id).map_err(|_| NotACursor)?;
        Ok(Self { at, id })
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The row before the first one, or the start.
    pub after: Option<Cursor>,
    /// How many rows at most; held to [`LIMIT_MAX`].
    pub limit: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: None, limit: 50 }
    }
}

impl Page {
    /// The first rows.
    pub fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    pub(crate) fn after_at(&self) -> Option<Stamp> {
        self.after.map(|cursor| Stamp(cursor.at))
    }

    pub(crate) fn after_id(&self) -> Option<Uuid> {
        self.after.map(|cursor| cursor.id)
    }

    fn held(&self) -> usize {
        self.limit.clamp(1, LIMIT_MAX) as usize
    }

    /// One row more than the page holds, to know whether there is a next page.
    pub(crate) fn fetch(&self) -> i64 {
        self.held() as i64 + 1
    }

    pub(crate) fn listing<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> Cursor) -> Listing<T> {
        let more = items.len() > self.held();
        items.truncate(self.held());
        let next = if more { items.last().map(key) } else { None };
        Listing { items, next }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_does() {
        let cursor = Cursor { at: Timestamp::UNIX_EPOCH, id: Uuid::from_u128(7) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", ".", "x.y", "0", "7fffffffffffffff.00000000000000000000000000000007", "0.\u{202e}"] {
            assert_eq!(text.parse::<Cursor>(), Err(NotACursor), "{text}");
        }
    }
}
