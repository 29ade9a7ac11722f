//! What answers about data have in common: pages of lists, versions, things that were made.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer, Serialize};
use store::{Listing, Page};
use utoipa::IntoParams;

use super::List;
use crate::{Problem, etag::Tagged, extract::Json, problem::Kind};

/// A page of rows, shaped.
pub(super) fn paged<R, T>(listing: Listing<R>, shape: impl Fn(R) -> T) -> Json<List<T>> {
    let next_cursor = listing.next.map(|cursor| cursor.to_string());
    Json(List { items: listing.items.into_iter().map(shape).collect(), next_cursor })
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// `next_cursor` of the page before.
    #[param(max_length = 100)]
    pub(super) cursor: Option<String>,
    /// How many items, at most 200.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u32>,
}

impl Paging {
    /// The page, or what is wrong with the query.
    pub(super) fn page(&self) -> Result<Page, Problem> {
        let after = match self.cursor.as_deref() {
            Some(cursor) => Some(cursor.parse().map_err(|_| not_of_this_list())?),
            None => None,
        };
        Ok(Page { after, limit: self.limit(50)? })
    }

    /// A page of a list that is known whole. `key` tells its items apart, so that what comes or goes before the next page
    /// moves nothing; an item that is gone itself is stood in for by its place.
    pub(super) fn cut<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        key: impl Fn(&T) -> String,
    ) -> Result<Json<List<T>>, Problem> {
        let limit = self.limit(200)? as usize;
        let mut items: Vec<T> = items.into_iter().collect();
        let begin = match self.cursor.as_deref() {
            None => 0,
            Some(cursor) => {
                let (place, last) = cursor.split_once('.').ok_or_else(not_of_this_list)?;
                let place: usize = place.parse().map_err(|_| not_of_this_list())?;
                let at = items.iter().position(|item| mark(&key(item)) == last);
                at.map_or(place, |at| at + 1).min(items.len())
            }
        };
        let end = items.len().min(begin + limit);
        let next_cursor = (end < items.len()).then(|| format!("{end}.{}", mark(&key(&items[end - 1]))));
        items.truncate(end);
        Ok(Json(List { items: items.split_off(begin), next_cursor }))
    }

    fn limit(&self, usual: u32) -> Result<u32, Problem> {
        match self.limit.unwrap_or(usual) {
            limit @ 1..=200 => Ok(limit),
            _ => Err(Problem::new(Kind::Invalid, "limit is a number from 1 to 200")),
        }
    }
}

/// A cursor that somebody made up, or that another list gave.
pub(super) fn not_of_this_list() -> Problem {
    Problem::new(Kind::Invalid, "this cursor is none of this list: send back next_cursor as it came")
}

/// A short mark of a key, which may be long and hold anything.
fn mark(key: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_ref()[..8]);
    format!("{:016x}", u64::from_be_bytes(first))
}

/// A thing with its version as `ETag`.
#[derive(Debug)]
pub(super) struct Versioned<T>(pub(super) i64, pub(super) T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        Tagged(self.0, Json(self.1)).into_response()
    }
}

/// A thing that was made, and where it is.
#[derive(Debug)]
pub(super) struct Created<T> {
    /// Its address below `/api/v1`.
    pub(super) at: String,
    pub(super) version: i64,
    pub(super) thing: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = Versioned(self.version, self.thing).into_response();
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(at) = HeaderValue::from_str(&format!("/api/v1{}", self.at)) {
            response.headers_mut().insert(header::LOCATION, at);
        }
        response
    }
}

/// For fields where leaving out (`None`) is something else than `null` (`Some(None)`).
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// An amount as a number: kept to the cent, it survives the way through a double.
pub(super) fn number(amount: Option<rust_decimal::Decimal>) -> Option<f64> {
    use rust_decimal::prelude::ToPrimitive;
    amount.and_then(|amount| amount.to_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(items: &[&str], cursor: Option<String>, limit: u32) -> (Vec<String>, Option<String>) {
        let paging = Paging { cursor, limit: Some(limit) };
        let Json(list) = paging.cut(items.iter().map(|item| (*item).to_owned()), Clone::clone).unwrap();
        (list.items, list.next_cursor)
    }

    #[test]
    fn a_whole_list_pages_past_what_comes_and_goes() {
        let (first, next) = cut(&["a", "b", "c", "d"], None, 2);
        assert_eq!(first, ["a", "b"]);
        for (now, then) in [
            (&["a", "b", "c", "d"][..], &["c", "d"][..]),
            (&["new", "a", "b", "c", "d"], &["c", "d"]),
            (&["b", "c", "d"], &["c", "d"]),
            (&["a", "new", "c", "d"], &["c", "d"]),
            (&["a"], &[]),
        ] {
            assert_eq!(
                cut(now, next.clone(), 2),
                (then.iter().map(|item| (*item).to_owned()).collect(), None)
            );
        }
        assert_eq!(cut(&["a", "b"], None, 2).1, None);
        assert_eq!(cut(&[], None, 1), (Vec::new(), None));
        for cursor in ["", "1", "x.y", "-1.a"] {
            let paging = Paging { cursor: Some(cursor.to_owned()), limit: None };
            assert!(paging.cut(["a"], |item| (*item).to_owned()).is_err(), "{cursor}");
        }
    }
}
