//! What whoever offers the tools must be able to do.

use futures::future::BoxFuture;
use serde_json::{Map, Value};

/// Why a tool gives nothing, in words that the caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

impl Refusal {
    /// The call waits for a person: it ends here and comes again.
    pub fn later() -> Self {
        Self("the person behind the calling program is asked first".to_owned())
    }
}

/// A decision that only a person can make.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// What is asked, in a sentence.
    pub question: String,
    /// What can be answered: a value and its words.
    pub choices: Vec<(String, String)>,
}

/// What came of asking somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Nobody is there, or nobody wants to say.
    Nothing,
    /// The value that was chosen for each question, where one was.
    Chosen(Vec<Option<String>>),
    /// The questions go out in place of an answer, and the same call comes again with what was chosen. Until then nothing may be done.
    Later,
}

/// Somebody who can be asked, where the program that calls lets its person answer.
pub trait Person: Send + Sync {
    fn decide<'a>(&'a self, message: &'a str, open: &'a [Open]) -> BoxFuture<'a, Said>;
}

/// For those who give no answer.
#[derive(Debug, Clone, Copy)]
pub struct Ask;

impl Person for Ask {
    fn decide<'a>(&'a self, _: &'a str, _: &'a [Open]) -> BoxFuture<'a, Said> {
        Box::pin(std::future::ready(Said::Nothing))
    }
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub name: String,
    pub arguments: Map<String, Value>,
}

impl Call {
    /// A text argument; empty where it is left out.
    pub fn text(&self, name: &str) -> &str {
        self.arguments.get(name).and_then(Value::as_str).map_or("", str::trim)
    }

    /// The same, where it must be there.
    pub fn needed(&self, name: &str) -> Result<&str, Refusal> {
        Some(self.text(name))
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refusal(format!("{name} is missing")))
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let values = self.arguments.get(name).and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

/// Something that can be read: a report, a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub uri: String,
    pub name: String,
    pub mime_type: String,
}

/// Who offers the tools.
pub trait Tools: Send + Sync + 'static {
    fn call<'a>(&'a self, call: &'a Call, person: &'a dyn Person) -> BoxFuture<'a, Result<Value, Refusal>>;

    fn resources(&self) -> BoxFuture<'_, Result<Vec<Line>, Refusal>>;

    /// The text of a resource with its type; none where there is no such thing.
    fn read<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<Option<(String, String)>, Refusal>>;
}
