//! Step 1: files come in, streamed to their place.

use app::{Error, datasets, files};
use axum::{
    extract::{Multipart, State, multipart::Field},
    response::Response,
};
use bytes::Bytes;
use pages::{page::import::UploadPage, route};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    ServerState,
    web::{answer, overview, reader::Reader},
};

pub(super) async fn choose(State(state): State<ServerState>, reader: Reader) -> Response {
    answer::ok(&UploadPage::new(&reader.shell, &overview::limit(&state)))
}

pub(in crate::web) async fn upload(
    State(state): State<ServerState>,
    reader: Reader,
    form: Multipart,
) -> Response {
    let result = take(&state, &reader, form).await;
    reader.answer(result)
}

async fn take(state: &ServerState, reader: &Reader, mut form: Multipart) -> Result<Response, Error> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        Error::Input(format!(
            "the upload broke off; nothing of it was kept. Send it again ({})",
            error.body_text()
        ))
    };
    let mut taken = Vec::new();
    let mut analyze_known = false;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned).filter(|name| !name.is_empty()) else {
            // A box that is not ticked is not sent.
            analyze_known |= field.name() == Some("analyze_known");
            continue;
        };
        taken.push(receive(state, reader, &name, field).await?);
    }
    if taken.is_empty() {
        return Err(Error::Input("no file was chosen; choose a CSV or Excel file".to_owned()));
    }
    let new = datasets::NewImport {
        facility: reader.facility,
        files: taken,
        analyze_known,
        ..datasets::NewImport::default()
    };
    let import = datasets::create(state.backing(), &reader.caller, &new).await?;
    Ok(answer::see(route::import(&import.dataset.id.to_string(), "match")))
}

/// Streams one file to its place while it comes in: what is sent and what is written go on side by side.
async fn receive(
    state: &ServerState,
    reader: &Reader,
    name: &str,
    mut field: Field<'_>,
) -> Result<domain::id::FileId, Error> {
    let (pieces, body) = mpsc::channel::<std::io::Result<Bytes>>(8);
    let sending = async move {
        loop {
            let piece = match field.chunk().await {
                Ok(Some(bytes)) => Ok(bytes),
                Ok(None) => break,
                Err(error) => Err(std::io::Error::other(error.body_text())),
            };
            let ends = piece.is_err();
            if pieces.send(piece).await.is_err() || ends {
                break;
            }
        }
    };
    let receiving = files::receive(state.backing(), &reader.caller, name, None, ReceiverStream::new(body));
    let ((), stored) = tokio::join!(sending, receiving);
    Ok(stored?.file.id)
}
