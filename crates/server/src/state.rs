//! What every handler can reach.

use std::sync::Arc;

use app::{
    Backing,
    accounts::{Desk, secret},
    trail::Trail,
};

pub use app::network::Network;
use tokio_util::sync::CancellationToken;

use crate::{limit::Limiter, who::Issuers};

/// How the server stands in the world.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// The address that people use, without a slash at its end, as in `https://plant.example.com`.
    pub public_address: String,
    /// Proxies whose word on the caller's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may ask the API from a browser.
    pub allowed_origins: Vec<String>,
    /// Bytes of a request body, where a route does not say otherwise.
    pub body_bytes_max: usize,
}

impl ServerSettings {
    /// Whether people come over TLS, so that cookies and headers insist on it.
    pub fn is_secure(&self) -> bool {
        self.public_address.starts_with("https://")
    }
}

/// The doors behind the door: shared by all requests, cheap to clone.
#[derive(Debug, Clone)]
pub struct ServerState {
    /// Where people show who they are.
    pub desk: Desk,
    /// Who writes the audit rows of requests that change nothing.
    pub trail: Trail,
    /// Whose tokens are taken.
    pub issuers: Arc<Issuers>,
    /// How often somebody may come.
    pub limiter: Limiter,
    /// How the server stands in the world.
    pub settings: Arc<ServerSettings>,
    /// Data that people ask about.
    pub shelf: app::ask::Shelf,
    /// Cancelled once the end was asked for: what is under way is finished, and nobody should send more.
    pub stopping: CancellationToken,
}

impl ServerState {
    /// Database, bytes, clock and bounds.
    pub fn backing(&self) -> &Backing {
        &self.desk.backing
    }

    /// Fresh unpredictable bytes, for traces.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        secret::random()
    }
}
