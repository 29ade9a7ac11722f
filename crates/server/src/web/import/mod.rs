//! The four steps of an import.

mod matching;
mod problems;
mod progress;
mod review;
mod upload;

use app::{Error, datasets::problems::given_back::BYTES_MAX};
use axum::{Router, extract::DefaultBodyLimit};
use domain::id::DatasetId;

pub(super) use self::upload::upload;
use crate::{
    ServerState,
    boxed::{get, post},
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/data/new", get(upload::choose))
        .route("/data/{id}/match", get(matching::show_columns))
        .route("/data/{id}/columns/{index}", post(matching::decide))
        .route("/data/{id}/grain", post(matching::decide_grain))
        .route("/data/{id}/confirmation", post(matching::confirm))
        .route("/data/{id}/known", post(matching::take_known))
        .route("/data/{id}/afresh", post(matching::start_afresh))
        .route("/data/{id}/rows", get(review::review))
        .route("/data/{id}/rows/problems.xlsx", get(problems::workbook))
        .route("/data/{id}/rows/problems.csv", get(problems::table))
        .route(
            "/data/{id}/rows/problems",
            post(problems::give_back).layer(DefaultBodyLimit::max(BYTES_MAX + FORM_BYTES)),
        )
        .route("/data/{id}/analysis", get(progress::progress).merge(post(progress::analyze)))
        .route("/analyses/{id}/stop", post(progress::stop))
}

/// What a form has around its file.
const FORM_BYTES: usize = 64 << 10;

fn dataset_id(id: &str) -> Result<DatasetId, Error> {
    id.parse().map_err(|_| Error::NotFound("dataset"))
}
