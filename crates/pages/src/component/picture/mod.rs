//! A chart: title, what it is about, the picture, and the same as a table.

use askama::Template;

use crate::{component::Link, filters};

#[derive(Debug, Clone, PartialEq, Eq, Template, Default)]
#[template(path = "component/picture/template.html")]
pub struct Picture {
    pub title: String,
    pub caption: String,
    /// Drawn and cleaned by the reports' renderer: no inline style, colours are tokens of the page.
    pub svg: String,
    /// The same, drawn for the width of a phone.
    pub phone: String,
    /// Whether it was drawn for the whole width of a page: scaled into half of it, nobody could read it.
    pub broad: bool,
    /// What the browser makes a chart of that answers, once somebody points at the picture.
    pub live: Option<Live>,
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Whether the first column holds names of the customer.
    pub own: bool,
    pub link: Option<Link>,
}

/// The chart behind a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Live {
    /// The address of the chart library.
    pub library: String,
    /// Size and option object, as JSON.
    pub wide: String,
    pub phone: String,
}

impl Picture {
    /// A sample, for pages that show one.
    pub(crate) fn examples_first() -> Option<Self> {
        examples().into_iter().next()
    }
}

pub fn examples() -> Vec<Picture> {
    crate::gallery::samples::pictures()
}
