//! A chart: title, what it is about, the picture, and the same as a table.

use askama::Template;

use crate::component::Link;

#[derive(Debug, Clone, PartialEq, Eq, Template, Default)]
#[template(path = "component/picture/template.html")]
pub struct Picture {
    pub title: String,
    pub caption: String,
    /// Drawn and cleaned by the reports' renderer: no inline style, colours are tokens of the page.
    pub svg: String,
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Whether the first column holds names of the customer.
    pub own: bool,
    pub link: Option<Link>,
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
