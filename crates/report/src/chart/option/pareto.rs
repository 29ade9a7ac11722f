//! A ranking of causes with its running share.

use domain::chart::Step;
use serde_json::{Value, json};
use translation::Tongue;

use super::{Token, axis::category_axis, bar::bar};
use crate::{chart::amounts, number};

/// Bars of a ranking; the rest is one bar, so that amounts stay readable.
const BARS_MAX: usize = 12;

/// Height of the bars at the least, in pixels: what names below them leave.
const BARS_HEIGHT: f64 = 160.0;

pub(super) fn pareto(steps: &[Step], unit: &str, width: u32, tongue: Tongue) -> Value {
    let total: f64 = steps.iter().map(|step| step.value).sum();
    let mut steps: Vec<Step> = steps.iter().filter(|step| step.value != 0.0).cloned().collect();
    if steps.len() > BARS_MAX {
        let rest = steps.split_off(BARS_MAX - 1);
        // Translated before it is broken over two lines.
        let label = translation::text(&format!("{} others", rest.len()), tongue).into_owned();
        steps.push(Step { label, value: rest.iter().map(|step| step.value).sum() });
    }
    // A word beside every amount would not fit over its bar; the title says what is counted.
    let unit = if unit.chars().count() > 3 { "" } else { unit };
    let each = f64::from(width.saturating_sub(24)) / steps.len().max(1) as f64;
    let values: Vec<f64> = steps.iter().map(|step| step.value).collect();
    let amounts = amounts::over_bars(&values, unit, each, tongue);
    let mut running = 0.0;
    let mut shares = Vec::new();
    let mut bars = Vec::new();
    for (step, amount) in steps.iter().zip(&amounts.texts) {
        let before = if total > 0.0 { running / total } else { 0.0 };
        running += step.value;
        let share = if total > 0.0 { running / total } else { 0.0 };
        let colour = if before < 0.8 { Token::AccentFill } else { Token::Neutral };
        let mut column = bar(step.value, colour, amount, Token::Text);
        let label = &mut column["label"];
        label["fontSize"] = json!(amounts.size);
        // The share runs past the tops of the bars: inside, amounts stay clear of it; outside, a rim keeps them legible.
        let is_tall = (share - before) * BARS_HEIGHT / 1.12 > 18.0;
        if colour == Token::AccentFill && is_tall && amounts::width(amount, 11.0, tongue) < each * 0.68 {
            label["position"] = json!("insideTop");
            label["fontSize"] = json!(amounts.size.min(11.0));
            label["color"] = json!(Token::OnFill.sentinel());
        } else {
            label["textBorderColor"] = json!(Token::Surface.sentinel());
            label["textBorderWidth"] = json!(3);
        }
        bars.push(column);
        shares.push(json!({
            "value": share * 100.0,
            "symbol": if shares.is_empty() { "none" } else { "circle" },
            "label": {"show": !shares.is_empty(), "position": "top", "formatter": number::percent(share, 0), "color": Token::Muted.sentinel(), "fontSize": 11},
        }));
    }
    let labels: Vec<String> = steps.iter().map(|step| step.label.clone()).collect();
    let (axis, grid) = category_axis(&labels, width);
    let mut option = json!({
        "grid": grid,
        "xAxis": axis,
        "yAxis": [
            {"type": "value", "show": false, "min": 0, "max": if total > 0.0 { total * 1.12 } else { 1.0 }},
            {"type": "value", "show": false, "min": 0, "max": 112},
        ],
        "series": [
            // Before the line, so that it does not run through the amounts.
            {"type": "bar", "data": bars, "barWidth": "68%", "z": 3},
            {
                "type": "line", "yAxisIndex": 1, "data": shares, "symbol": "circle", "symbolSize": 5,
                "lineStyle": {"color": Token::Muted.sentinel(), "width": 1.25},
                "itemStyle": {"color": Token::Muted.sentinel()},
                "markLine": {
                    "silent": true, "symbol": "none",
                    "lineStyle": {"color": Token::Line.sentinel(), "type": "dashed"},
                    "label": {"formatter": "80% of all", "position": "insideStartTop", "color": Token::Muted.sentinel(), "fontSize": 11},
                    "data": [{"yAxis": 80}],
                },
            },
        ],
    });
    // What does not fit over the bars is said once.
    if !amounts.with_unit && !unit.is_empty() {
        option["title"] = json!({
            "text": unit, "left": 8, "top": 0,
            "textStyle": {"fontSize": 11, "fontWeight": 400, "color": Token::Muted.sentinel()},
        });
    }
    option
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(n: usize) -> Vec<Step> {
        (0..n).map(|at| Step { label: format!("P{at:03}"), value: 1_200.0 - at as f64 }).collect()
    }

    #[test]
    fn what_is_left_of_a_ranking_is_named_in_the_readers_language() {
        for (tongue, expected) in
            [(Tongue::English, "4 others"), (Tongue::German, "4 weitere"), (Tongue::Spanish, "4 más")]
        {
            let option = pareto(&ranking(15), "h", 560, tongue);
            assert_eq!(option["xAxis"]["data"][11], expected);
        }
    }
}
