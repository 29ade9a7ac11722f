//! The rows of an import that something is wrong with, to be taken along, and given back with their cells corrected.

use app::{
    Error,
    datasets::{
        self,
        problems::{
            self, Form,
            given_back::{self, BYTES_MAX, GivenBack},
        },
    },
    reports::write::file_name,
};
use axum::{
    extract::{Multipart, Path, State},
    http::StatusCode,
    response::Response,
};
use bytes::{Bytes, BytesMut};
use domain::{Role, id::DatasetId};
use pages::{route, words::counted};

use super::{dataset_id, review};
use crate::{
    ServerState,
    web::{
        answer,
        preparation::fixes::Tried,
        reader::{self, Reader},
        reports::attached,
    },
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

/// What is told of what was left aside, at most.
const TOLD: usize = 5;

/// The workbook comes back: what was corrected is said on the page of the rows, or why nothing was.
pub(super) async fn give_back(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    form: Multipart,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        reader.caller.require(Role::Analyst)?;
        let given = async {
            let (version, bytes) = sent(form).await?;
            given_back::take(state.backing(), &reader.caller, dataset, version, bytes).await
        };
        let refused: Vec<String> = match given.await {
            Ok(given) => {
                return Ok(reader::see_and_say(&state, &route::import(&id, "rows"), &in_words(&given)));
            }
            Err(Error::Invalid(flaws)) => flaws.into_iter().map(|flaw| flaw.message).collect(),
            Err(Error::Input(why) | Error::TooLarge(why)) => vec![why],
            Err(error) => return Err(error),
        };
        refuse(&state, &reader, dataset, &refused).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn refuse(
    state: &ServerState,
    reader: &Reader,
    dataset: DatasetId,
    why: &[String],
) -> Result<Response, Error> {
    let mut page = review::page(state, reader, dataset, &Tried::default()).await?;
    page.refused = why.iter().map(|why| answer::sentence(why)).collect();
    Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// The version that the page showed, and the file that came with it.
async fn sent(mut form: Multipart) -> Result<(Option<i64>, Bytes), Error> {
    let broken = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Error::TooLarge(format!("a workbook that is given back has up to {} megabytes", BYTES_MAX >> 20))
        } else {
            Error::Input("the upload broke off; nothing of it was kept. Send it again".to_owned())
        }
    };
    let (mut version, mut file) = (None, BytesMut::new());
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("version") {
            version = field.text().await.map_err(broken)?.parse().ok();
        } else if field.file_name().is_some() {
            while let Some(piece) = field.chunk().await.map_err(broken)? {
                file.extend_from_slice(&piece);
            }
        }
    }
    if file.is_empty() {
        return Err(Error::Input("no file was chosen; choose the corrected workbook".to_owned()));
    }
    Ok((version, file.freeze()))
}

/// `17 cells in 9 rows corrected.`, and what was left aside.
fn in_words(given: &GivenBack) -> String {
    let mut said = match given.cells {
        0 => "Nothing was changed: every cell says what was read.".to_owned(),
        cells => format!("{} in {} corrected.", counted(cells, "cell"), counted(given.rows, "row")),
    };
    for told in given.told.iter().take(TOLD) {
        said.push(' ');
        said.push_str(told);
    }
    said
}
