//! Charts: facts in, pictures and tables out.
//!
//! [`option`] makes the ECharts option object, [`render`] draws it as SVG, [`clean`] makes the SVG fit a page without
//! inline style, [`table`] says the same in rows. Colours are tokens of the page, so one picture serves light, dark
//! and print.

pub mod clean;
pub mod option;
pub mod render;
pub mod table;

pub use render::Renderer;
