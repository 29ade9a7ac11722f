//! The public keys of an issuer of tokens: fetched from its address, or read from a PEM text.

mod fetch;
mod parse;

use std::{fmt, future::Future, pin::Pin};

pub use fetch::Address;
pub(crate) use fetch::{address, client, read_bounded, silent};
pub use parse::{keys_of_document, keys_of_pem};

/// A public key that can verify, already weighed: nothing weak or of an unknown kind gets this far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishedKey {
    /// RSA of at least 2048 bits.
    Rsa {
        /// What tokens call it.
        kid: Option<String>,
        /// The modulus, big-endian.
        n: Vec<u8>,
        /// The exponent, big-endian.
        e: Vec<u8>,
    },
    /// A point on P-256.
    P256 {
        /// What tokens call it.
        kid: Option<String>,
        /// The point, uncompressed: 4, x, y.
        point: Vec<u8>,
    },
}

impl PublishedKey {
    /// What tokens call it.
    pub fn kid(&self) -> Option<&str> {
        match self {
            Self::Rsa { kid, .. } | Self::P256 { kid, .. } => kid.as_deref(),
        }
    }
}

/// Why keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be used.
    #[error("the address {address} cannot be used: {reason}")]
    Address {
        /// As configured.
        address: String,
        /// Why.
        reason: &'static str,
    },
    /// The issuer does not answer, or with an error.
    #[error("no answer: {0}")]
    Silent(String),
    /// The answer is no key set.
    #[error("the answer cannot be used: {0}")]
    Unreadable(&'static str),
}

/// What fetching promises.
pub type Fetched<'a> = Pin<Box<dyn Future<Output = Result<Vec<PublishedKey>, Error>> + Send + 'a>>;

/// Where the keys of one issuer come from.
pub trait Source: fmt::Debug + Send + Sync {
    /// The keys as published now.
    fn fetch(&self) -> Fetched<'_>;
}

/// Keys that were configured and never change.
#[derive(Debug, Clone)]
pub struct Fixed(pub Vec<PublishedKey>);

impl Source for Fixed {
    fn fetch(&self) -> Fetched<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}
