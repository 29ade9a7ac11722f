//! A message on top of a page.

use askama::Template;

use crate::{
    component::{Link, Tone},
    filters,
};

/// What happened, what it means, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Template, Default)]
#[template(path = "component/notice/template.html")]
pub struct Notice {
    pub tone: Tone,
    pub title: String,
    pub text: String,
    /// Single points, such as the fields that need another look.
    pub points: Vec<Link>,
    pub link: Option<Link>,
    /// Takes focus and is read at once: errors of a form.
    pub urgent: bool,
}

impl Notice {
    pub fn new(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tone, title: title.into(), text: text.into(), ..Self::default() }
    }

    fn icon(&self) -> &'static str {
        match self.tone {
            Tone::Loss | Tone::Warn => "triangle-alert",
            Tone::Gain => "check",
            _ => "info",
        }
    }
}

pub fn examples() -> Vec<Notice> {
    vec![
        Notice {
            link: Some(Link::new("Watch it run", "/data/d1/analysis")),
            ..Notice::new(Tone::Accent, "Based on 2 Sep data.", "A newer upload is being analyzed.")
        },
        Notice::new(Tone::Gain, "Mapping saved.", "The same export will load in one step next month."),
        Notice::new(Tone::Warn, "7 of 10 uploads used.", "The count starts again on 1 October."),
        Notice {
            points: vec![Link::new("Choose a password of 12 characters or more", "#password")],
            urgent: true,
            ..Notice::new(Tone::Loss, "One field needs another look", "")
        },
    ]
}
