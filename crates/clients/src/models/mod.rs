//! Language models over their two wire protocols: what is asked, what streams back, and why nothing does.
//!
//! Nothing of an answer is trusted: bodies, lines, words and calls are bounded, silence ends, and what is no answer is an error
//! of a type of its own. Dropping the future of [`Model::say`] closes the connection, which ends the provider's work.

mod anthropic;
mod error;
mod events;
mod openai;
mod say;
#[cfg(test)]
mod tests;

pub use error::Error;

use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::hooks::Hooks;

/// Which protocol an endpoint speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// `/v1/chat/completions`, as `OpenAI`, and many local servers.
    OpenAi,
    /// `/v1/messages`, as Anthropic.
    Anthropic,
}

impl Wire {
    pub const ALL: [Self; 2] = [Self::OpenAi, Self::Anthropic];

    /// The word in configuration and API.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wire| wire.name() == name)
    }

    /// An address up to and with `/v1`, as the world writes it with or without that.
    pub fn whole_address(self, address: &str) -> String {
        let address = address.trim().trim_end_matches('/');
        let bare = address.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'));
        if bare || (self == Self::Anthropic && !address.ends_with("/v1")) {
            return format!("{address}/v1");
        }
        address.to_owned()
    }

    /// Where the provider itself listens.
    pub fn usual_address(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
        }
    }
}

/// How long is waited, and how much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Until the first word or call, over all attempts together.
    pub first: Duration,
    /// Between words. Signs of life that say nothing do not count.
    pub silence: Duration,
    /// The whole answer.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(8),
            silence: Duration::from_secs(8),
            whole: Duration::from_secs(45),
        }
    }
}

/// A model at an address.
#[derive(Clone)]
pub struct Model {
    pub wire: Wire,
    /// Up to and with `/v1`.
    pub address: String,
    /// Whether the address may be of this machine or of a private network.
    pub private: bool,
    pub key: Option<String>,
    pub name: String,
    pub patience: Patience,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("wire", &self.wire).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether a model could be asked there, as far as the address itself tells.
pub fn check_address(address: &str, private: bool) -> Result<Url, Error> {
    let url = Hooks { private }.check(address).map_err(|error| Error::Address(error.to_string()))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::Address("the address must end with its path, as in https://host/v1".to_owned()));
    }
    Ok(url)
}

/// A tool that a model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub name: String,
    pub description: String,
    /// The JSON schema of its arguments.
    pub schema: Value,
}

/// A call of a tool, as the model wrote it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// The text of a JSON object; whether it is one, the caller sees.
    pub arguments: String,
}

/// What a tool gave, for the model to read.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    pub id: String,
    pub text: String,
}

/// What was said so far.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    User(String),
    Assistant { text: String, calls: Vec<ToolCall> },
    Results(Vec<ToolResult>),
}

/// What a model is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub system: String,
    pub turns: Vec<Turn>,
    pub tools: Vec<Tool>,
    /// Tokens that it may write.
    pub tokens_max: u32,
}

/// Tokens as the provider counted them; none where it did not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tokens {
    pub read: Option<u64>,
    pub written: Option<u64>,
}

/// What a model said, whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    pub text: String,
    pub calls: Vec<ToolCall>,
    pub tokens: Tokens,
    /// It stopped because it may write no more.
    pub cut: bool,
}
