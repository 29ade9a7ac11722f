//! Levels by group, each with its interval.

use domain::chart::Dot;
use serde_json::{Value, json};

use super::{Token, axis::range};
use crate::number;

/// Levels of a plot; the table beneath holds all of them.
pub(super) const DOTS_MAX: usize = 16;

/// The dots to draw: those that stand out, then the first and the last of the order.
fn telling(dots: &[Dot]) -> Vec<Dot> {
    if dots.len() <= DOTS_MAX {
        return dots.to_vec();
    }
    let mut kept: Vec<usize> = (0..dots.len()).filter(|at| dots[*at].highlighted).take(DOTS_MAX).collect();
    let ends = (0..dots.len()).flat_map(|at| [at, dots.len() - 1 - at]);
    for at in ends {
        if kept.len() < DOTS_MAX && !kept.contains(&at) {
            kept.push(at);
        }
    }
    kept.sort_unstable();
    kept.into_iter().map(|at| dots[at].clone()).collect()
}

pub(super) fn dot_plot(dots: &[Dot], mean: Option<f64>, unit: &str) -> Value {
    let dots = &telling(dots);
    let labels: Vec<String> =
        dots.iter().rev().map(|dot| format!("{}  n={}", dot.label, number::count(dot.n))).collect();
    let scale = if unit == "%" { 100.0 } else { 1.0 };
    let mut points = Vec::new();
    let mut lines = Vec::new();
    for (row, dot) in dots.iter().rev().enumerate() {
        let colour = if dot.highlighted { Token::LossFill } else { Token::Dot };
        points.push(json!({
            "value": [dot.value * scale, row],
            "itemStyle": {"color": colour.sentinel()},
            "label": {"show": dot.highlighted, "position": "top", "formatter": number::with_unit(dot.value, unit),
                "color": Token::Text.sentinel(), "fontWeight": 600, "fontSize": 11.5},
        }));
        lines.push(json!([
            {"coord": [dot.low * scale, row], "lineStyle": {"color": colour.sentinel(), "type": "solid", "width": 1.5}, "label": {"show": false}},
            {"coord": [dot.high * scale, row]},
        ]));
    }
    if let Some(mean) = mean {
        lines.push(json!({
            "xAxis": mean * scale,
            "lineStyle": {"color": Token::Muted.sentinel(), "type": "dashed", "width": 1},
            "label": {"show": true, "position": "end", "formatter": format!("all: {}", number::with_unit(mean, unit)),
                "color": Token::Muted.sentinel(), "fontSize": 11},
        }));
    }
    let (axis_low, axis_high) = range(dots.iter().flat_map(|dot| [dot.low, dot.high]).chain(mean), scale);
    json!({
        "grid": {"left": 150, "right": 32, "top": 30, "bottom": 26},
        "xAxis": {
            "type": "value", "min": axis_low, "max": axis_high,
            "splitLine": {"lineStyle": {"color": Token::Line.sentinel()}},
            "axisLabel": {"color": Token::Muted.sentinel(), "fontSize": 11.5, "formatter": if unit == "%" { "{value}%" } else { "{value}" }},
        },
        "yAxis": {
            "type": "category", "data": labels, "axisTick": {"show": false},
            "axisLine": {"lineStyle": {"color": Token::Line.sentinel()}},
            "axisLabel": {"color": Token::Text.sentinel(), "fontSize": 11.5},
        },
        "series": [{
            "type": "scatter", "data": points, "symbolSize": 8,
            "markLine": {"silent": true, "symbol": "none", "data": lines},
        }],
    })
}
