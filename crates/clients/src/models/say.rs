//! One request to a model, with its attempts and its bounds.

use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::{Error, Model, Request, Said, ToolCall, Wire, anthropic, check_address, events::Events, openai};
use crate::hooks;

/// Bytes of one streamed answer.
const STREAM_MAX: usize = 4 << 20;
/// Letters that a model may say, and those of one call's arguments.
const TEXT_MAX: usize = 32_000;
const ARGUMENTS_MAX: usize = 16_000;
/// Calls of one answer.
const CALLS_MAX: usize = 16;
/// Attempts, as long as nothing was said.
const ATTEMPTS: u32 = 3;

/// An answer while it grows.
pub(super) struct Growing<'a> {
    pub(super) said: Said,
    /// The model says that it is done.
    pub(super) finished: bool,
    /// When something was said last; none as long as nothing was.
    heard: Option<Instant>,
    /// Where calls of the wire's own numbering lie.
    places: Vec<usize>,
    on_text: &'a mut (dyn FnMut(&str) + Send),
}

impl std::fmt::Debug for Growing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Growing").field("said", &self.said).finish_non_exhaustive()
    }
}

impl Growing<'_> {
    pub(super) fn text(&mut self, text: &str) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        if self.said.text.len() + text.len() > TEXT_MAX {
            return Err(Error::Garbage("it does not end"));
        }
        self.heard = Some(Instant::now());
        self.said.text.push_str(text);
        (self.on_text)(text);
        Ok(())
    }

    /// A call begins, or its arguments go on.
    pub(super) fn call(
        &mut self,
        index: usize,
        id: Option<&str>,
        name: Option<&str>,
        arguments: &str,
    ) -> Result<(), Error> {
        self.heard = Some(Instant::now());
        let at = match self.places.iter().position(|place| *place == index) {
            Some(at) => at,
            None if self.places.len() >= CALLS_MAX => return Err(Error::Garbage("it calls too much")),
            None => {
                self.places.push(index);
                let id = format!("call_{}", self.said.calls.len() + 1);
                self.said.calls.push(ToolCall { id, ..ToolCall::default() });
                self.said.calls.len() - 1
            }
        };
        let call = &mut self.said.calls[at];
        let bounded = |text: &str| text.chars().take(200).collect::<String>();
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            call.id = bounded(id);
        }
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            call.name = bounded(name);
        }
        if call.arguments.len() + arguments.len() > ARGUMENTS_MAX {
            return Err(Error::Garbage("the arguments of a call do not end"));
        }
        call.arguments.push_str(arguments);
        Ok(())
    }
}

/// An error that came within a stream, by the words of the two protocols.
pub(super) fn told(error: &Value) -> Error {
    let kind = error["type"].as_str().or(error["code"].as_str()).unwrap_or_default();
    match kind {
        "overloaded_error" => Error::Trouble(529),
        "api_error" | "server_error" => Error::Trouble(500),
        "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" => {
            Error::Limited { retry_after: None }
        }
        "authentication_error" | "permission_error" | "invalid_api_key" => Error::Key(401),
        _ => Error::Refused { status: 200, reason: reason(error) },
    }
}

/// What a provider says of a refusal, in one short line of plain letters.
fn reason(error: &Value) -> String {
    let text = error["message"].as_str().or(error.as_str()).unwrap_or("it gave no reason");
    text.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

impl Model {
    /// Asks; `on_text` hears every piece of text as it comes. Until the first of them it tries again where that may help.
    pub async fn say(
        &self,
        request: &Request,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Said, Error> {
        let began = Instant::now();
        let first = began + self.patience.first;
        let mut growing =
            Growing { said: Said::default(), finished: false, heard: None, places: Vec::new(), on_text };
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match self.attempt(request, &mut growing, began).await {
                Ok(()) => return Ok(growing.said),
                Err(error) => error,
            };
            let pause = match &error {
                Error::Limited { retry_after: Some(wait) } => *wait,
                _ => Duration::from_millis(250) * 2u32.pow(attempt - 1),
            };
            let again = Instant::now() + pause;
            if growing.heard.is_some() || !error.passes() || attempt >= ATTEMPTS || again >= first {
                return Err(error);
            }
            tokio::time::sleep_until(again).await;
        }
    }

    async fn attempt(
        &self,
        request: &Request,
        growing: &mut Growing<'_>,
        began: Instant,
    ) -> Result<(), Error> {
        let base = check_address(&self.address, self.private)?;
        let (path, body) = match self.wire {
            Wire::OpenAi => {
                (openai::PATH, openai::body(&self.name, request, base.host_str() == Some("api.openai.com")))
            }
            Wire::Anthropic => (anthropic::PATH, anthropic::body(&self.name, request)),
        };
        let mut url = base.clone();
        url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
        let reach = hooks::reach(&url, self.private).await.map_err(|error| match error {
            hooks::Error::Address(why) => Error::Address(why),
            hooks::Error::Silent(_) => Error::Silent,
        })?;
        let client = reach.build().map_err(|_| Error::Silent)?;
        let mut post = client
            .post(url)
            .header("accept", "text/event-stream")
            .header("user-agent", "PlantIntel")
            .json(&body);
        if let Some(key) = &self.key {
            post = match self.wire {
                Wire::OpenAi => post.bearer_auth(key),
                Wire::Anthropic => post.header("x-api-key", key),
            };
        }
        if self.wire == Wire::Anthropic {
            post = post.header("anthropic-version", anthropic::VERSION);
        }
        let patience = self.patience;
        let until = |growing: &Growing<'_>| {
            let quiet = growing.heard.map_or(began + patience.first, |heard| heard + patience.silence);
            quiet.min(began + patience.whole)
        };
        let slow = |_| Error::Slow;
        let answer = timeout_at(until(growing), post.send()).await.map_err(slow)?;
        let answer = answer.map_err(|_| Error::Silent)?;
        if !answer.status().is_success() {
            return Err(timeout_at(until(growing), refusal(answer)).await.unwrap_or(Error::Slow));
        }
        let mut events = Events::default();
        let mut read = 0;
        let mut stream = answer.bytes_stream();
        loop {
            let piece = timeout_at(until(growing), stream.next()).await.map_err(slow)?;
            let found = match piece {
                Some(Ok(piece)) => {
                    read += piece.len();
                    if read > STREAM_MAX {
                        return Err(Error::Garbage("it is too large"));
                    }
                    events.take(&piece)?
                }
                Some(Err(_)) => {
                    return Err(if growing.heard.is_some() { Error::Truncated } else { Error::Silent });
                }
                None => {
                    // A last event without its empty line counts; half of one does not.
                    if let Ok(Some(event)) = events.rest()
                        && matches!(self.take(&event, growing), Ok(true))
                    {
                        growing.finished = true;
                    }
                    return match (growing.finished, growing.heard.is_some(), read) {
                        (true, ..) => Ok(()),
                        (false, true, _) => Err(Error::Truncated),
                        (false, false, 0) => Err(Error::Silent),
                        (false, false, _) => Err(Error::Garbage("it has no events")),
                    };
                }
            };
            for event in found {
                if self.take(&event, growing)? {
                    return Ok(());
                }
            }
        }
    }

    fn take(&self, event: &super::events::Event, growing: &mut Growing<'_>) -> Result<bool, Error> {
        match self.wire {
            Wire::OpenAi => openai::take(event, growing),
            Wire::Anthropic => anthropic::take(event, growing),
        }
    }
}

async fn refusal(answer: reqwest::Response) -> Error {
    let status = answer.status().as_u16();
    let seconds = answer
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().parse::<f64>().ok())
        .filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    match status {
        401 | 403 => Error::Key(status),
        429 => Error::Limited {
            retry_after: seconds.map(|seconds| Duration::from_secs_f64(seconds.min(3_600.0))),
        },
        408 | 409 | 425 | 500..=599 => Error::Trouble(status),
        _ => {
            let body = crate::key_set::read_bounded(answer, 16 * 1024).await.unwrap_or_default();
            let document: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
            Error::Refused { status, reason: reason(&document["error"]) }
        }
    }
}
