//! Axes: names below bars with the room that they need, and ends on round numbers.

use serde_json::{Value, json};

use super::Token;

pub(super) fn axis_style() -> Value {
    json!({"color": Token::Muted.sentinel(), "fontSize": 11.5})
}

fn grid(left: u32, right: u32) -> Value {
    json!({"left": left, "right": right, "top": 28, "bottom": 44, "containLabel": false})
}

/// Pixels that a letter of an axis takes on average.
const LETTER: f64 = 5.8;

/// Lines of a label below its bar.
const LINES_MAX: usize = 3;

/// The axis of named bars with the room that it needs: names stand below their bars, and aslant where one would be broken within a
/// word or takes more lines than fit.
pub(super) fn category_axis(labels: &[String], width: u32) -> (Value, Value) {
    let each = f64::from(width) / labels.len().max(1) as f64;
    let room = (each - 6.0).clamp(40.0, 130.0);
    let fits = labels.iter().all(|label| lines(label, room).is_some_and(|lines| lines <= LINES_MAX));
    let mut axis = json!({
        "type": "category",
        "data": labels,
        "axisTick": {"show": false},
        "axisLine": {"lineStyle": {"color": Token::Line.sentinel()}},
        "axisLabel": {"color": Token::Muted.sentinel(), "fontSize": 11.5, "interval": 0, "width": room, "overflow": "break"},
    });
    if fits {
        return (axis, grid(12, 12));
    }
    let longest = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    // A little more than the average letter takes, or the longest name loses its end.
    let long = (longest as f64 * LETTER * 1.25 + 4.0).min(130.0);
    axis["axisLabel"]["width"] = json!(long);
    axis["axisLabel"]["overflow"] = json!("truncate");
    axis["axisLabel"]["rotate"] = json!(SLANT_DEGREES);
    let (across, down) = (long * SLANT_DEGREES.to_radians().cos(), long * SLANT_DEGREES.to_radians().sin());
    // The first name ends under the middle of its bar and begins left of it.
    let left = (across - each / 2.0).clamp(12.0, 120.0);
    (axis, json!({"left": left, "right": 12, "top": 28, "bottom": 28.0 + down, "containLabel": false}))
}

const SLANT_DEGREES: f64 = 32.0;

/// Lines that a label takes in this room; `None` where one of its words is longer.
fn lines(label: &str, room: f64) -> Option<usize> {
    let mut lines = 1;
    let mut used = 0.0;
    for word in label.split_whitespace() {
        let wide = word.chars().count() as f64 * LETTER;
        if wide > room {
            return None;
        }
        if used > 0.0 && used + LETTER + wide > room {
            lines += 1;
            used = wide;
        } else {
            used += if used > 0.0 { LETTER + wide } else { wide };
        }
    }
    Some(lines)
}

/// Ends of an axis on round numbers, with everything drawn inside.
pub(super) fn range(values: impl Iterator<Item = f64>, scale: f64) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter(|value| value.is_finite()) {
        low = low.min(value * scale);
        high = high.max(value * scale);
    }
    if low > high {
        return (0.0, 1.0);
    }
    let spread = (high - low).max(high.abs() * 1e-3).max(1e-9);
    let power = 10.0_f64.powf((spread / 5.0).log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * power);
    let step = steps.into_iter().find(|step| *step * 6.0 >= spread).unwrap_or(power * 10.0);
    let rounded_low = ((low - spread * 0.05) / step).floor() * step;
    let rounded_high = ((high + spread * 0.05) / step).ceil() * step;
    let tidy = |value: f64| (value * 1e6).round() / 1e6;
    (if low >= 0.0 { tidy(rounded_low.max(0.0)) } else { tidy(rounded_low) }, tidy(rounded_high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_bars_are_broken_between_words_only() {
        for (label, room, expected) in [
            ("Press 3", 60.0, Some(1)),
            ("Scrap at the press", 60.0, Some(2)),
            ("Scrap at the press", 50.0, Some(3)),
            ("", 60.0, Some(1)),
            ("Werkzeugbruch", 60.0, None),
            ("Werkzeugbruch", 90.0, Some(1)),
        ] {
            assert_eq!(lines(label, room), expected, "{label}");
        }
        let slanted = |labels: &[&str], width: u32| {
            let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
            !category_axis(&labels, width).0["axisLabel"]["rotate"].is_null()
        };
        assert!(!slanted(&["Press 3", "Lathe 12"], 340));
        assert!(slanted(&["Werkzeugbruch", "Materialmangel", "x", "y", "z", "w"], 340));
    }
}
