//! The rows of an import that something is wrong with, to be taken along.

use app::{
    Error,
    datasets::{
        self,
        problems::{self, Form},
    },
    reports::write::file_name,
};
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::dataset_id;
use crate::{
    ServerState,
    web::{reader::Reader, reports::attached},
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(super) async fn workbook(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = download(&state, &id, &reader, Form::Xlsx).await;
    reader.answer(result)
}

pub(super) async fn table(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = download(&state, &id, &reader, Form::Csv).await;
    reader.answer(result)
}

async fn download(state: &ServerState, id: &str, reader: &Reader, form: Form) -> Result<Response, Error> {
    let dataset = dataset_id(id)?;
    let import = datasets::get(state.backing(), &reader.caller, dataset).await?;
    let bytes = problems::file(state.backing(), &reader.caller, dataset, form, reader.tongue).await?;
    let (content_type, ending) =
        if form == Form::Xlsx { (XLSX, "xlsx") } else { ("text/csv; charset=utf-8", "csv") };
    let name = file_name(&import.dataset.name, ending);
    Ok(attached(bytes, content_type, &format!("problems-{name}")))
}
