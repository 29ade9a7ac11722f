//! The likely range of an amount as a bar with its interval, on the scale of the largest.

use askama::Template;

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "component/range/template.html")]
pub struct Range {
    /// The range in words.
    pub words: String,
    /// Hundredths of the largest amount.
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Range {
    /// `None` where there is no scale to draw on.
    pub fn on_scale(words: String, value: f64, low: f64, high: f64, largest: f64) -> Option<Self> {
        let share = |amount: f64| (amount / largest * 100.0).clamp(0.0, 100.0);
        (largest > 0.0).then(|| Self { words, value: share(value), low: share(low), high: share(high) })
    }

    fn at(share: f64) -> String {
        // A pixel on either side is kept for the ends of the interval.
        format!("{:.1}", 1.0 + share * 1.1)
    }

    fn width(share: f64) -> String {
        format!("{:.1}", share * 1.1)
    }
}

pub fn examples() -> Vec<Range> {
    Range::on_scale("$71k – $102k".to_owned(), 86.4, 71.0, 102.0, 102.0).into_iter().collect()
}
