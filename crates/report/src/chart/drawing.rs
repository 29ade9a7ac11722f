//! A chart made ready to be drawn: its option object with what every point says, and its size. One object for the picture that the
//! server draws and for the chart that the browser draws; for a wide place and for a phone.

use domain::chart::Chart;
use serde_json::{Value, json};
use translation::Tongue;

use super::{
    narrow,
    option::{self, Size, Token},
    says,
};

/// The place that a chart is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// As wide as this, in pixels.
    Wide(u32),
    /// Within a card on a phone.
    Phone,
}

/// What the library draws, and how large.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// In English, colours as sentinels: what is drawn is translated with its page.
    pub option: Value,
    pub size: Size,
}

impl Drawing {
    pub fn new(chart: &Chart, place: Place, tongue: Tongue) -> Self {
        let width = match place {
            Place::Wide(width) => width,
            Place::Phone => narrow::room(chart),
        };
        let mut option = option::option(chart, width, tongue);
        says::add(&mut option, chart);
        let mut drawing = match place {
            Place::Wide(width) => Self { option, size: option::size(chart, width) },
            Place::Phone => narrow::fit(option, chart, tongue),
        };
        clear_ends(&mut drawing.option["xAxis"]);
        drawing
    }

    /// For the browser: size, option and months, in the reader's language, with colours by the names of the page's tokens.
    pub fn live(&self, tongue: Tongue) -> String {
        let mut option = self.option.clone();
        spoken(&mut option, tongue);
        let live = json!({
            "width": self.size.width,
            "height": self.size.height,
            "months": tongue.short_months(),
            "option": option,
        });
        let mut text = live.to_string();
        for token in Token::ALL {
            text = text.replace(&token.sentinel(), &format!("var({})", token.variable()));
        }
        text
    }
}

/// An axis that ends between two of its marks would write its end right beside the last of them; then the mark alone is written.
fn clear_ends(axis: &mut Value) {
    let (Some(low), Some(high)) = (axis["min"].as_f64(), axis["max"].as_f64()) else { return };
    if axis["type"] != "value" || high <= low {
        return;
    }
    let step = step((high - low) / axis["splitNumber"].as_f64().unwrap_or(5.0));
    let is_mark = |end: f64| ((end / step) - (end / step).round()).abs() < 1e-6;
    axis["axisLabel"]["showMinLabel"] = json!(is_mark(low));
    axis["axisLabel"]["showMaxLabel"] = json!(is_mark(high));
}

/// Between two marks of an axis, as the library rounds it.
fn step(rough: f64) -> f64 {
    let power = 10.0_f64.powf(rough.log10().floor());
    let figure = rough / power;
    let rounds = [(1.5, 1.0), (2.5, 2.0), (4.0, 3.0), (7.0, 5.0)];
    rounds.iter().find(|(below, _)| figure < *below).map_or(10.0, |(_, to)| *to) * power
}

/// Says everything that is read in the reader's language, as the page says the labels of the picture.
fn spoken(value: &mut Value, tongue: Tongue) {
    const SHOWN: [&str; 4] = ["formatter", "text", "name", "says"];
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                match field {
                    Value::String(words) if SHOWN.contains(&key.as_str()) => *words = lines(words, tongue),
                    Value::Array(labels) if key == "data" => {
                        for label in labels {
                            match label {
                                Value::String(words) => *words = lines(words, tongue),
                                other => spoken(other, tongue),
                            }
                        }
                    }
                    other => spoken(other, tongue),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| spoken(item, tongue)),
        _ => {}
    }
}

fn lines(words: &str, tongue: Tongue) -> String {
    let said: Vec<_> = words.split('\n').map(|line| translation::label(line, tongue)).collect();
    said.join("\n")
}

#[cfg(test)]
mod tests {
    use domain::chart::ChartBody;

    use super::*;
    use crate::chart::{Renderer, table::tests::one_of_each};

    #[test]
    fn the_browser_gets_the_same_chart_with_colours_by_name() {
        for chart in one_of_each() {
            for place in [Place::Wide(640), Place::Phone] {
                let drawing = Drawing::new(&chart, place, Tongue::English);
                let live: Value = serde_json::from_str(&drawing.live(Tongue::English)).unwrap();
                assert_eq!(live["width"], drawing.size.width);
                let text = live.to_string();
                assert!(!text.contains("#0000") && text.contains("var(--"), "{}", chart.title);
                assert!(text.contains("\"says\""), "{} says nothing", chart.title);
            }
        }
    }

    #[test]
    fn what_points_say_is_written_as_the_readers_country_writes_it() {
        let chart = one_of_each().remove(1);
        for (tongue, said) in [
            (Tongue::English, "Burr\\n$41,200\\n52% of all"),
            (Tongue::German, "Burr\\n41.200\u{a0}$\\n52\u{a0}% von allem"),
            (Tongue::Spanish, "Burr\\n41.200\u{a0}$\\n52\u{a0}% del total"),
        ] {
            let live = Drawing::new(&chart, Place::Wide(640), tongue).live(tongue);
            assert!(live.contains(said), "{live}");
        }
    }

    #[test]
    fn counts_are_written_so_on_lines_of_their_own_too() {
        let mut chart = one_of_each().remove(3);
        let ChartBody::Dots { dots, .. } = &mut chart.body else { unreachable!() };
        dots[0].n = 1_234;
        for place in [Place::Wide(640), Place::Phone] {
            let live = Drawing::new(&chart, place, Tongue::German).live(Tongue::German);
            assert!(live.contains("n=1.234") && !live.contains("1,234"), "{live}");
        }
    }

    #[test]
    fn ends_of_an_axis_are_written_where_a_mark_is() {
        for (low, high, splits, first, last) in [
            (0.0, 5.0, 5, true, true),
            (65.0, 95.0, 3, false, false),
            (80.0, 100.0, 3, true, true),
            (0.0, 0.8, 3, true, false),
        ] {
            let mut axis =
                json!({"type": "value", "min": low, "max": high, "splitNumber": splits, "axisLabel": {}});
            clear_ends(&mut axis);
            let shown = (&axis["axisLabel"]["showMinLabel"], &axis["axisLabel"]["showMaxLabel"]);
            assert_eq!(shown, (&json!(first), &json!(last)), "{low} to {high}");
        }
    }

    #[test]
    fn points_say_no_less_on_a_phone() {
        for chart in one_of_each() {
            let said = |place| {
                Drawing::new(&chart, place, Tongue::English).option.to_string().matches("says").count()
            };
            assert_eq!(said(Place::Wide(640)), said(Place::Phone), "{}", chart.title);
        }
    }

    #[test]
    fn a_picture_for_a_phone_is_as_wide_as_a_card_there() {
        let renderer = Renderer::new().unwrap();
        for chart in one_of_each() {
            let drawing = Drawing::new(&chart, Place::Phone, Tongue::English);
            assert!(drawing.size.width <= 328, "{}", chart.title);
            let svg = renderer.draw(&drawing, &chart.alternative).unwrap();
            assert!(svg.contains("<title>") && !svg.contains("style="), "{}", chart.title);
        }
    }
}
