//! A sum in steps: floating bars between two totals.

use domain::chart::Step;
use serde_json::{Value, json};

use super::{Token, axis::category_axis, bar::bar};
use crate::number;

/// Floating bars on a base that is broken where the totals would dwarf the steps.
pub(super) fn waterfall(start: &Step, steps: &[Step], end: &Step, unit: &str, width: u32) -> Value {
    let mut level = start.value;
    let mut lowest = start.value.min(end.value);
    let mut highest = start.value.max(end.value);
    let mut levels = Vec::with_capacity(steps.len());
    for step in steps {
        let from = level;
        level += step.value;
        lowest = lowest.min(level);
        highest = highest.max(level);
        levels.push((from, level));
    }
    // A base that hides at most what lies well below every step keeps the steps legible; the caption says so.
    let spread = (highest - lowest).max(highest.abs() * 0.01).max(1.0);
    let base = if lowest > spread * 1.5 { lowest - spread * 0.6 } else { 0.0 };

    let is_money = unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase());
    let all_lost = !is_money && steps.iter().all(|step| step.value <= 0.0);
    let (mut labels, mut hidden, mut bars) = (Vec::new(), Vec::new(), Vec::new());
    // What begins with nothing needs no bar that says so.
    if start.value != 0.0 {
        labels.push(start.label.clone());
        hidden.push(json!(0.0));
        bars.push(bar(start.value, Token::Total, &number::compact(start.value, unit), Token::Text));
    }
    for (step, (from, to)) in steps.iter().zip(&levels) {
        labels.push(step.label.clone());
        hidden.push(json!(from.min(*to)));
        // Of cost, more is worse; where everything is taken away from hours or pieces, what goes is lost.
        let is_loss = (step.value > 0.0) != all_lost;
        let (colour, text) =
            if is_loss { (Token::LossFill, Token::Loss) } else { (Token::GainFill, Token::Gain) };
        bars.push(bar((to - from).abs(), colour, &number::signed_compact(step.value, unit), text));
    }
    labels.push(end.label.clone());
    hidden.push(json!(0.0));
    bars.push(bar(end.value, Token::Total, &number::compact(end.value, unit), Token::Text));

    // Where the base is cut, the axis is torn there, across the totals.
    let breaks = if base > 0.0 {
        json!([{"start": (highest - base) * 0.12, "end": base, "gap": "4%"}])
    } else {
        json!([])
    };
    let (axis, grid) = category_axis(&labels, width);
    json!({
        "grid": grid,
        "xAxis": axis,
        "yAxis": {
            "type": "value", "min": lowest.min(0.0), "max": highest + (highest - base) * 0.05,
            "axisLabel": {"show": false}, "axisTick": {"show": false}, "axisLine": {"show": false},
            "splitLine": {"show": false},
            "breaks": breaks,
            "breakArea": {
                "show": true, "zigzagAmplitude": 3, "zigzagMinSpan": 6, "zigzagMaxSpan": 8, "expandOnClick": false,
                "itemStyle": {"color": Token::Surface.sentinel(), "borderColor": Token::Line.sentinel(), "borderWidth": 1, "borderType": "solid", "opacity": 1},
            },
        },
        "series": [
            {"type": "bar", "stack": "all", "data": hidden, "itemStyle": {"color": "none"}, "silent": true},
            {"type": "bar", "stack": "all", "data": bars, "barWidth": "58%"},
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_that_go_are_lost_and_cost_that_goes_is_gained() {
        let step = |label: &str, value: f64| Step { label: label.to_owned(), value };
        for (unit, expected) in [("h", Token::LossFill), ("USD", Token::GainFill)] {
            let steps = [step("Stoppages", -3.0)];
            let option = waterfall(&step("Booked", 9.0), &steps, &step("Effective", 6.0), unit, 560);
            assert_eq!(option["series"][1]["data"][1]["itemStyle"]["color"], expected.sentinel());
        }
    }

    #[test]
    fn a_sum_that_begins_with_nothing_has_no_bar_for_it() {
        let step = |label: &str, value: f64| Step { label: label.to_owned(), value };
        let steps = [step("Waiting", 270.0), step("Work", 79.0)];
        for (start, expected) in [(0.0, 3), (12.0, 4)] {
            let option = waterfall(&step("Nothing", start), &steps, &step("All", start + 349.0), "h", 560);
            assert_eq!(option["xAxis"]["data"].as_array().unwrap().len(), expected);
            assert_eq!(option["series"][1]["data"].as_array().unwrap().len(), expected);
        }
    }
}
