//! What a page says when there is nothing yet.

use askama::Template;

use crate::{component::Link, filters};

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "component/empty/template.html")]
pub struct Empty {
    pub icon: &'static str,
    pub title: String,
    pub text: String,
    /// The one action that makes it appear.
    pub action: Option<Link>,
}

impl Empty {
    pub fn new(icon: &'static str, title: &str, text: &str, action: Option<Link>) -> Self {
        Self { icon, title: title.to_owned(), text: text.to_owned(), action }
    }
}

pub fn examples() -> Vec<Empty> {
    vec![Empty::new(
        "circle-check",
        "No action yet",
        "Accept a finding and it appears here with its owner, its due date and what it should save.",
        Some(Link::new("Open the findings", "/findings")),
    )]
}
