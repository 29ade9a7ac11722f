//! Fetching a key set from its one configured address: no redirects, bounded time, bounded size.

use std::time::Duration;

use futures::StreamExt;
use url::{Host, Url};

use super::{Error, Fetched, Source, parse::keys_of_document};

/// The largest key set that is read.
const LARGEST: usize = 256 * 1024;
/// How long the issuer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The address of a key set.
#[derive(Debug, Clone)]
pub struct Address {
    url: Url,
    client: reqwest::Client,
}

impl Address {
    /// An address over TLS. Without it only this machine itself may be asked.
    pub fn new(text: &str) -> Result<Self, Error> {
        Ok(Self { url: address(text)?, client: client()? })
    }
}

/// An address that secrets may be sent to: over TLS, or this machine itself.
pub(crate) fn address(text: &str) -> Result<Url, Error> {
    let unusable = |reason| Error::Address { address: text.to_owned(), reason };
    let url = Url::parse(text).map_err(|_| unusable("it is no address"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(unusable("it names no host")),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(unusable("it must begin with https://"));
    }
    Ok(url)
}

/// Somebody who asks once, where told, and does not wait for long.
pub(crate) fn client() -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .build()
        .map_err(|error| Error::Silent(error.to_string()))
}

/// Why nothing came, without the address, which may hold a secret.
pub(crate) fn silent(error: reqwest::Error) -> Error {
    Error::Silent(error.without_url().to_string())
}

/// The body of an answer, unless it is too large.
pub(crate) async fn read_bounded(answer: reqwest::Response, most: usize) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    let mut pieces = answer.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(silent)?;
        if body.len() + piece.len() > most {
            return Err(Error::Unreadable("it is too large"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

impl Source for Address {
    fn fetch(&self) -> Fetched<'_> {
        Box::pin(async {
            let answer = self.client.get(self.url.clone()).send().await.map_err(silent)?;
            if answer.status() != reqwest::StatusCode::OK {
                return Err(Error::Silent(format!("status {}", answer.status().as_u16())));
            }
            keys_of_document(&read_bounded(answer, LARGEST).await?)
        })
    }
}
