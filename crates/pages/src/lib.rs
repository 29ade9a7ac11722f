//! The pages of the product: context structs in, HTML out.
//!
//! A page is a folder under [`page`]: a struct with what it shows, its template, and samples that tests render in both
//! themes. A component is a folder under [`component`]: a struct, its template, examples for the gallery, and notes.
//! [`layout`] is the frame around every page; [`assets`] are the files that pages ask for, embedded and named by their
//! content. Nothing here knows a database, HTTP, a clock or the environment: whoever calls has read and decided
//! everything, and pages only say it. Pictures of charts come in as SVG, drawn by the reports' own renderer.
//!
//! Start at [`layout::Shell`], then [`page::overview`].

pub mod assets;
pub mod component;
#[expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "what the template engine's macro for filters makes, and asks for"
)]
mod filters;
pub mod gallery;
pub mod layout;
pub mod page;
pub mod route;
pub mod words;

/// Renders a page.
pub fn html(page: &impl askama::Template) -> Result<String, askama::Error> {
    page.render()
}
