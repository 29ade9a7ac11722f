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
            Some(cursor) => Some(cursor.parse().map_err(|_| {
                Problem::new(
                    Kind::Invalid,
                    "this cursor is none of this list: send back next_cursor as it came",
                )
            })?),
            None => None,
        };
        match self.limit.unwrap_or(50) {
            limit @ 1..=200 => Ok(Page { after, limit }),
            _ => Err(Problem::new(Kind::Invalid, "limit is a number from 1 to 200")),
        }
    }
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
