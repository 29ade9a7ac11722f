//! Charts: facts in, pictures and tables out.
//!
//! [`option`] makes the ECharts option object, [`render`] draws it as SVG, [`clean`] makes the SVG fit a page without
//! inline style, [`table`] says the same in rows. Colours are tokens of the page, so one picture serves light, dark
//! and print.

mod amounts;
pub mod clean;
pub mod option;
pub mod render;
pub mod table;

pub use render::Renderer;

use domain::chart::{Chart, ChartBody};
use translation::Tongue;

/// A chart with our own words in a language, before it is drawn. Labels of machines, causes and the like are the customer's.
pub fn in_tongue(chart: &Chart, tongue: Tongue) -> Chart {
    let mut said = chart.clone();
    if tongue == Tongue::English {
        return said;
    }
    let speak = |words: &mut String| *words = translation::text(words, tongue).into_owned();
    for words in [&mut said.title, &mut said.caption, &mut said.alternative] {
        speak(words);
    }
    if let ChartBody::Waterfall { start, steps, end, .. } = &mut said.body {
        for step in steps.iter_mut().chain([start, end]) {
            speak(&mut step.label);
        }
    }
    said
}
