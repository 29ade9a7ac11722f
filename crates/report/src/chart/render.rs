//! Draws option objects with the vendored ECharts, in an embedded JavaScript engine: no browser, no network.

use domain::chart::Chart;
use rquickjs::{Context, Function, Runtime};
use translation::Tongue;

use super::{
    clean,
    drawing::Drawing,
    option::{self, Size},
};
use crate::ReportError;

/// The chart library, as browsers get it too.
pub const LIBRARY: &str = include_str!("../../assets/echarts.min.js");

/// What the library expects of its surroundings, and the one function we call. Chance is taken from it: the same facts
/// give the same picture.
const PRELUDE: &str = "
globalThis.window = undefined;
Math.random = function () { return 0.5; };
globalThis.setTimeout = function () { return 0; };
globalThis.clearTimeout = function () {};
globalThis.console = { log: function () {}, warn: function () {}, error: function () {} };
";
const DRAW: &str = "
(function (option, width, height) {
  var chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: width, height: height });
  chart.setOption(JSON.parse(option));
  var svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
})
";

/// The chart library, loaded once.
pub struct Renderer {
    context: Context,
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Renderer")
    }
}

impl Renderer {
    pub fn new() -> Result<Self, ReportError> {
        let failed = |reason: String| ReportError::Chart { title: "any".to_owned(), reason };
        let runtime = Runtime::new().map_err(|error| failed(error.to_string()))?;
        // The library nests deeply while it lays out; the default stack is too small for it.
        runtime.set_max_stack_size(4 * 1024 * 1024);
        let context = Context::full(&runtime).map_err(|error| failed(error.to_string()))?;
        context.with(|ctx| -> Result<(), ReportError> {
            ctx.eval::<(), _>(PRELUDE).map_err(|error| failed(explain(&ctx, &error)))?;
            ctx.eval::<(), _>(LIBRARY).map_err(|error| failed(explain(&ctx, &error)))
        })?;
        Ok(Self { context })
    }

    /// The chart as SVG that inherits the page's colours, with room for what this language makes of its labels.
    pub fn svg(&self, chart: &Chart, width: u32, tongue: Tongue) -> Result<String, ReportError> {
        let size = option::size(chart, width);
        let text = option::option(chart, size.width, tongue).to_string();
        self.run(text, size, &chart.alternative)
    }

    /// The same of a chart that was made ready for its place.
    pub fn draw(&self, drawing: &Drawing, alternative: &str) -> Result<String, ReportError> {
        self.run(drawing.option.to_string(), drawing.size, alternative)
    }

    fn run(&self, text: String, size: Size, alternative: &str) -> Result<String, ReportError> {
        let failed = |reason: String| ReportError::Chart { title: alternative.to_owned(), reason };
        let svg = self.context.with(|ctx| -> Result<String, ReportError> {
            let draw: Function<'_> = ctx.eval(DRAW).map_err(|error| failed(explain(&ctx, &error)))?;
            draw.call((text, size.width, size.height)).map_err(|error| failed(explain(&ctx, &error)))
        })?;
        Ok(clean::clean(&svg, alternative, size))
    }
}

fn explain(ctx: &rquickjs::Ctx<'_>, error: &rquickjs::Error) -> String {
    if matches!(error, rquickjs::Error::Exception) {
        let thrown = ctx.catch();
        if let Some(exception) = thrown.as_exception() {
            return exception.message().unwrap_or_default();
        }
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::table::tests::one_of_each;

    #[test]
    fn every_kind_of_chart_is_drawn_without_inline_style_or_fixed_colours() {
        let renderer = Renderer::new().unwrap();
        for chart in one_of_each() {
            let svg = renderer.svg(&chart, 640, Tongue::English).unwrap();
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"), "{}", chart.title);
            assert!(svg.contains("<title>"), "{}", chart.title);
            assert!(!svg.contains("style="), "{}: {svg}", chart.title);
            assert!(!svg.contains("#0000"), "{}: a colour sentinel is left", chart.title);
            assert!(svg.contains("var(--"), "{}", chart.title);
        }
    }

    #[test]
    fn the_same_facts_give_the_same_picture() {
        let renderer = Renderer::new().unwrap();
        for chart in one_of_each() {
            let again = Renderer::new().unwrap();
            assert_eq!(
                renderer.svg(&chart, 640, Tongue::English).unwrap(),
                again.svg(&chart, 640, Tongue::English).unwrap()
            );
        }
    }
}
