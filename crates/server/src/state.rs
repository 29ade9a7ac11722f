//! What every handler can reach.

use std::sync::Arc;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use domain::Clock;

/// The doors behind the door: shared by all requests, cheap to clone.
#[derive(Debug, Clone)]
pub struct ServerState {
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    random: SystemRandom,
}

impl ServerState {
    /// The state of a server that has these.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, random: SystemRandom::new() }
    }

    /// Fresh unpredictable bytes, for traces and secrets.
    ///
    /// # Panics
    /// When the system has no randomness to give: nothing may go on without it.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        #[expect(clippy::expect_used, reason = "nothing secret may be made without randomness")]
        self.random.fill(&mut bytes).expect("the system gives random bytes");
        bytes
    }
}
