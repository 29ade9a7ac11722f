//! Parts that pages are made of. Each is a folder: a struct, its template, examples that tests and the gallery render,
//! and notes on when to use it.

pub mod empty;
pub mod facts;
pub mod findings;
pub mod form;
pub mod notice;
pub mod picture;
pub mod pill;
pub mod range;
pub mod stepper;
pub mod table;

/// What colour says, always beside a word or a sign that says it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// An outline.
    #[default]
    Plain,
    /// Context.
    Quiet,
    Accent,
    Loss,
    Gain,
    Warn,
}

impl Tone {
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "tone-plain",
            Self::Quiet => "tone-quiet",
            Self::Accent => "tone-accent",
            Self::Loss => "tone-loss",
            Self::Gain => "tone-gain",
            Self::Warn => "tone-warn",
        }
    }
}

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub label: String,
    pub href: String,
    /// Its words are a customer's own, and stay as they are in every language.
    pub own: bool,
}

impl Link {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), own: false }
    }

    /// A link whose words are a customer's own.
    pub fn own(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { own: true, ..Self::new(label, href) }
    }
}

/// A button that posts: what it says is what happens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Button {
    pub label: String,
    pub action: String,
    /// Hidden fields besides the token.
    pub values: Vec<(String, String)>,
    pub csrf: String,
    /// Destructive: asked for a second time by a page or by the browser.
    pub danger: bool,
}
