//! Ready-made packs as downloads.

use app::{
    Error,
    reports::{
        build::{self, Choice},
        packs::{self, Ready},
    },
};
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
};
use domain::id::AnalysisId;
use serde::Deserialize;
use store::reports::{Format, Pack};

use super::{attached, content_type};
use crate::{
    ServerState,
    boxed::{get, post},
    web::reader::Reader,
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/reports/packs", post(make)).route("/reports/packs/{analysis}/{file}", get(show))
}

/// A ready-made pack by its address: `weekly_losses.pdf`.
async fn show(
    State(state): State<ServerState>,
    Path((analysis, file)): Path<(String, String)>,
    reader: Reader,
) -> Response {
    let result = async {
        let missing = || Error::NotFound("report");
        let (name, extension) = file.rsplit_once('.').ok_or_else(missing)?;
        let ready = Pack::parse(name).and_then(Ready::parse).ok_or_else(missing)?;
        let format = Format::parse(extension)
            .filter(|format| matches!(format, Format::Pdf | Format::Xlsx))
            .ok_or_else(missing)?;
        let id = analysis.parse().map_err(|_| missing())?;
        ready_made(&state, &reader, id, (ready, format), None).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn ready_made(
    state: &ServerState,
    reader: &Reader,
    id: AnalysisId,
    what: (Ready, Format),
    supplier: Option<String>,
) -> Result<Response, Error> {
    let (bytes, name) =
        packs::make(state.backing(), &reader.caller, id, what, supplier, reader.tongue).await?;
    Ok(attached(bytes, content_type(what.1), &name))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewPack {
    pack_of: String,
    pack_kind: String,
    pack_as: String,
    supplier: String,
}

/// A pack of any analysis, or the claims of one supplier.
async fn make(State(state): State<ServerState>, reader: Reader, Form(form): Form<NewPack>) -> Response {
    let result = async {
        let listed = |field: &'static str| move || Error::invalid(field, "choose one of the list");
        let id = form.pack_of.parse().map_err(|_| Error::NotFound("analysis"))?;
        let kind = Pack::parse(&form.pack_kind).ok_or_else(listed("pack_kind"))?;
        let format = Format::parse(&form.pack_as).ok_or_else(listed("pack_as"))?;
        // The field stands beside every pack, and says something to one of them.
        let supplier = Some(form.supplier.trim().to_owned())
            .filter(|name| !name.is_empty() && kind == Pack::SupplierClaims);
        packs::check(kind, format, supplier.as_deref())?;
        if let Some(ready) = Ready::parse(kind) {
            return ready_made(&state, &reader, id, (ready, format), supplier).await;
        }
        let all = Choice::default();
        let (bytes, name) =
            build::make(state.backing(), &reader.caller, id, format, &all, reader.tongue).await?;
        Ok(attached(bytes, content_type(format), &name))
    };
    let result = result.await;
    reader.answer(result)
}
