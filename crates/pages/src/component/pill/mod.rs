//! A status in a word.

use askama::Template;

use crate::component::Tone;

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(source = "<span class=\"pill {{ tone.class() }}\">{{ label }}</span>", ext = "html")]
pub struct Pill {
    pub tone: Tone,
    pub label: String,
}

impl Pill {
    pub fn new(tone: Tone, label: impl Into<String>) -> Self {
        Self { tone, label: label.into() }
    }
}

pub fn examples() -> Vec<Pill> {
    vec![
        Pill::new(Tone::Accent, "New"),
        Pill::new(Tone::Plain, "Accepted"),
        Pill::new(Tone::Warn, "In progress"),
        Pill::new(Tone::Gain, "Verified"),
        Pill::new(Tone::Loss, "Not confirmed"),
        Pill::new(Tone::Quiet, "Dismissed"),
    ]
}
