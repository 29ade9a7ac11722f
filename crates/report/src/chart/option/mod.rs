//! A chart's facts as an ECharts option object.
//!
//! Colours are sentinels (`#0000NN`) that [`super::clean`] replaces by the page's own tokens.

mod axis;
mod bar;
mod control;
mod dots;
mod funnel;
mod heat;
mod lying;
mod pareto;
mod stacked;
mod token;
mod waterfall;

use domain::chart::{Chart, ChartBody};
use serde_json::{Value, json};
use translation::Tongue;

pub use token::Token;

/// Width and height in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

/// The size that suits a chart's kind and number of rows.
pub fn size(chart: &Chart, width: u32) -> Size {
    let height = match &chart.body {
        ChartBody::Dots { dots, .. } => 64 + 28 * dots.len().min(dots::DOTS_MAX) as u32,
        ChartBody::Heat { rows, .. } => 40 + 30 * rows.len() as u32,
        ChartBody::Funnel { steps, .. } => 8 + lying::LYING * steps.len() as u32,
        ChartBody::Stacked { stacks, .. } => {
            let lines = stacks.len().min(stacked::STACKS_MAX) as u32;
            stacked::legend_height(width) + 4 + lying::LYING * lines
        }
        _ => 260,
    };
    Size { width, height }
}

/// Drawn as wide as this, in pixels, for readers of this language: what is written is translated afterwards, but has to fit.
pub fn option(chart: &Chart, width: u32, tongue: Tongue) -> Value {
    let mut option = match &chart.body {
        ChartBody::Waterfall { start, steps, end, unit } => {
            waterfall::waterfall(start, steps, end, unit, width)
        }
        ChartBody::Pareto { bars, unit } => pareto::pareto(bars, unit, width, tongue),
        ChartBody::Control { points, expected, before, after, shift_at, unit } => {
            control::control(points, *expected, *before, *after, *shift_at, unit)
        }
        ChartBody::Dots { dots, mean, unit } => dots::dot_plot(dots, *mean, unit),
        ChartBody::Heat { columns, rows, values, unit } => heat::heat(columns, rows, values, unit),
        ChartBody::Funnel { steps, .. } => funnel::funnel(steps, width, tongue),
        ChartBody::Stacked { kept, lost, stacks, .. } => stacked::stacked(kept, lost, stacks, width),
    };
    option["animation"] = json!(false);
    option["textStyle"] = json!({
        "fontFamily": "IBM Plex Sans, system-ui, sans-serif",
        "fontSize": 12,
        "color": Token::Text.sentinel(),
    });
    option
}
