//! A plain page: a title and parts beneath it. Lists, settings and reports are all of this kind.

use askama::Template;

use crate::{
    component::{Button, Link, empty::Empty, facts::Facts, form::Form, pill::Pill, table::Table},
    filters,
    layout::Shell,
};

/// What a part holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Table(Table),
    Form(Form),
    Empty(Empty),
    Text(Vec<String>),
    List(Vec<String>),
    Buttons(Vec<Button>),
    /// Shown once: a new key, a recovery code.
    Secret {
        label: String,
        lines: Vec<String>,
    },
    Facts(Facts),
    /// Work by its state: title and cards of each column.
    Board(Vec<(String, Vec<Card>)>),
    /// A month each: its name, and how many rows it has; none is a gap.
    Months(Vec<(String, Option<String>)>),
}

/// A card of a board.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub title: String,
    /// Empty where it has no page.
    pub href: String,
    pub pill: Pill,
    /// Whose it is; empty for nobody.
    pub owner: String,
    pub due: Option<Pill>,
    pub amount: String,
    /// What later uploads say.
    pub note: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub title: String,
    pub caption: String,
    pub links: Vec<Link>,
    pub bodies: Vec<Body>,
}

impl Part {
    /// A part with a title is a section of the page; one without is only a box around what has a name of its own.
    fn element(&self) -> &'static str {
        if self.title.is_empty() { "div" } else { "section" }
    }

    pub fn new(title: &str, caption: &str, bodies: Vec<Body>) -> Self {
        Self { title: title.to_owned(), caption: caption.to_owned(), links: Vec::new(), bodies }
    }

    #[must_use]
    pub fn link(mut self, label: &str, href: impl Into<String>) -> Self {
        self.links.push(Link::new(label, href));
        self
    }

    /// Tables and empty states reach the edge of their card.
    fn flush(&self) -> bool {
        self.bodies.iter().all(|body| matches!(body, Body::Table(_) | Body::Empty(_) | Body::Facts(_)))
    }
}

/// An entry of the list beside or above the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    pub link: Link,
    pub current: bool,
}

/// A field that narrows what the page lists; its words stand in the address as `q`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub action: String,
    pub label: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/sheet/template.html")]
pub struct Sheet {
    pub shell: Shell,
    pub title: String,
    pub lead: String,
    /// The first is the one that most readers came for.
    pub actions: Vec<Link>,
    /// Pages of the same kind, above.
    pub tabs: Vec<Tab>,
    /// What is looked for on the page.
    pub search: Option<Search>,
    /// Pages of the same kind, beside.
    pub side: Vec<Tab>,
    pub parts: Vec<Part>,
}

impl Sheet {
    pub fn new(shell: Shell, title: &str, lead: &str, parts: Vec<Part>) -> Self {
        Self {
            shell,
            title: title.to_owned(),
            lead: lead.to_owned(),
            actions: Vec::new(),
            tabs: Vec::new(),
            search: None,
            side: Vec::new(),
            parts,
        }
    }

    #[must_use]
    pub fn tabs(mut self, tabs: &[(&str, &str)], current: &str) -> Self {
        self.tabs = entries(tabs, current);
        self
    }

    #[must_use]
    pub fn search(mut self, action: &str, label: &str, value: &str) -> Self {
        self.search =
            Some(Search { action: action.to_owned(), label: label.to_owned(), value: value.to_owned() });
        self
    }

    #[must_use]
    pub fn side(mut self, entries_of_side: &[(&str, &str)], current: &str) -> Self {
        self.side = entries(entries_of_side, current);
        self
    }

    #[must_use]
    pub fn action(mut self, label: &str, href: impl Into<String>) -> Self {
        self.actions.push(Link::new(label, href));
        self
    }
}

fn entries(links: &[(&str, &str)], current: &str) -> Vec<Tab> {
    links
        .iter()
        .map(|(label, href)| Tab { link: Link::new(*label, *href), current: *href == current })
        .collect()
}
