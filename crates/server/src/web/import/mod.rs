//! The four steps of an import.

mod matching;
mod problems;
mod progress;
mod review;
mod upload;

use app::Error;
use axum::Router;
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
        .route("/data/{id}/analysis", get(progress::progress).merge(post(progress::analyze)))
        .route("/analyses/{id}/stop", post(progress::stop))
}

fn dataset_id(id: &str) -> Result<DatasetId, Error> {
    id.parse().map_err(|_| Error::NotFound("dataset"))
}
