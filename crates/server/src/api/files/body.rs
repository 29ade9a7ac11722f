//! Bodies that are files: streamed, never held.

use axum::{
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;

use crate::{Problem, problem::Kind};

/// Pieces of a form's file that wait for the disk.
const WAITING: usize = 4;

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let type_ = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    type_.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// What the sender says the length is; the bound does not rest on it.
pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The body itself.
pub(super) fn of(request: Request) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    request.into_body().into_data_stream().map_err(std::io::Error::other)
}

/// The first file of a form: its name, and its bytes as they come.
pub(super) async fn of_form(
    request: Request,
) -> Result<(String, impl Stream<Item = std::io::Result<Bytes>> + Send + 'static), Problem> {
    let malformed = |what: String| Problem::new(Kind::Malformed, what);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| malformed(format!("the form cannot be read: {}", error.body_text())))?;
    let (pieces, stream) = mpsc::channel(WAITING);
    let (found, name) = oneshot::channel::<Result<String, Problem>>();
    // Fields borrow the form, so a task of its own reads it; it ends when nobody takes its pieces.
    tokio::spawn(async move {
        loop {
            let mut field = match form.next_field().await {
                Ok(Some(field)) => field,
                Ok(None) => {
                    let missing =
                        Problem::new(Kind::Invalid, "the form has no file: send one in the field “file”");
                    return drop(found.send(Err(missing)));
                }
                Err(error) => {
                    let problem = Problem::new(
                        Kind::Malformed,
                        format!("the form cannot be read: {}", error.body_text()),
                    );
                    return drop(found.send(Err(problem)));
                }
            };
            let Some(name) = field.file_name().map(str::to_owned) else { continue };
            if found.send(Ok(name)).is_err() {
                return;
            }
            loop {
                let piece = match field.chunk().await {
                    Ok(Some(piece)) => Ok(piece),
                    Ok(None) => return,
                    Err(error) => Err(std::io::Error::other(error.body_text())),
                };
                let broken = piece.is_err();
                if pieces.send(piece).await.is_err() || broken {
                    return;
                }
            }
        }
    });
    let name = name.await.map_err(|_| malformed("the form broke off before its file".to_owned()))??;
    Ok((name, ReceiverStream::new(stream)))
}

/// `Content-Disposition` of a download, as RFC 6266 says: plain letters for old programs, UTF-8 for the others.
pub(super) fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_graphic() && !"\"\\%".contains(letter) || letter == ' ' { letter } else { '_' }
        })
        .collect();
    let encoded = name.bytes().fold(String::new(), |text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text + &char::from(byte).to_string()
        } else {
            text + &format!("%{byte:02X}")
        }
    });
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_downloads_are_quoted_for_old_and_new_programs() {
        for (name, header) in [
            ("jobs.csv", "attachment; filename=\"jobs.csv\"; filename*=UTF-8''jobs.csv"),
            (
                "Aufträge 1.csv",
                "attachment; filename=\"Auftr_ge 1.csv\"; filename*=UTF-8''Auftr%C3%A4ge%201.csv",
            ),
            ("a\"b\\c%.csv", "attachment; filename=\"a_b_c_.csv\"; filename*=UTF-8''a%22b%5Cc%25.csv"),
        ] {
            assert_eq!(attachment(name), header);
        }
    }
}
