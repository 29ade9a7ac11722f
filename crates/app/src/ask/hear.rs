//! What is heard while an answer is made, and how it is stopped.

use domain::id::ConversationId;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A sign of progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The question is kept in this conversation.
    Kept(ConversationId),
    /// A model answers; which one.
    Model(String),
    /// Something is looked up.
    LookUp { name: String, detail: String },
    /// Words of the answer.
    Text(String),
    /// What was said so far does not count any more: the answer begins anew.
    Anew,
}

/// Somebody who listens, or nobody; and the word to stop.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    ear: Option<mpsc::UnboundedSender<Heard>>,
    pub stop: CancellationToken,
}

impl Listener {
    /// A listener, and what it hears. All that a model says is bounded, so that nothing piles up.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Heard>) {
        let (ear, heard) = mpsc::unbounded_channel();
        (Self { ear: Some(ear), stop: CancellationToken::new() }, heard)
    }

    pub(super) fn tell(&self, heard: Heard) {
        if let Some(ear) = &self.ear {
            // Whoever has gone hears nothing.
            let _ = ear.send(heard);
        }
    }
}
