//! A ratio or rate over time, with its limits and the day of its shift.

use domain::chart::{Band, Point};
use serde_json::{Value, json};

use super::{Token, axis::range};
use crate::number;

/// Scatter charts carry at most this many points; above it, every n-th is kept in order of time.
const POINTS_MAX: usize = 400;

pub(super) fn control(
    points: &[Point],
    expected: Option<Band>,
    before: Option<f64>,
    after: Option<f64>,
    shift_at: Option<i64>,
    unit: &str,
) -> Value {
    let keep = points.len().div_ceil(POINTS_MAX).max(1);
    // Shares are drawn as percent, so that the axis reads like the sentence.
    let scale = if unit == "%" { 100.0 } else { 1.0 };
    let (axis_low, axis_high) = range(
        points
            .iter()
            .map(|point| point.value)
            .chain(before)
            .chain(after)
            .chain(expected.into_iter().flat_map(|band| [band.low, band.high])),
        scale,
    );
    let millis = |micros: i64| micros / 1_000;
    let kept: Vec<&Point> = points.iter().step_by(keep).collect();
    let series = |highlighted: bool| -> Vec<Value> {
        kept.iter()
            .filter(|point| point.highlighted == highlighted)
            .map(|point| json!([millis(point.at), point.value * scale]))
            .collect()
    };
    let first = points.first().map_or(0, |point| millis(point.at));
    let last = points.last().map_or(0, |point| millis(point.at));
    let change = shift_at.map(millis);
    let mut lines = Vec::new();
    if let Some(level) = before {
        lines.push(level_line(
            level * scale,
            first,
            change.unwrap_or(last),
            Token::Total,
            &number::with_unit(level, unit),
        ));
    }
    if let (Some(level), Some(from)) = (after, change) {
        lines.push(level_line(level * scale, from, last, Token::Loss, &number::with_unit(level, unit)));
    }
    if let Some(at) = change {
        lines.push(json!([
            {
                "coord": [at, axis_low],
                "lineStyle": {"color": Token::Text.sentinel(), "type": "dashed", "width": 1},
                "label": {"show": true, "position": "end", "formatter": format!("Shift found · {}", number::day(at * 1_000)),
                    "color": Token::Text.sentinel(), "fontWeight": 600, "fontSize": 11.5},
            },
            {"coord": [at, axis_high]},
        ]));
    }
    let area = expected
        .map_or(json!([]), |band| json!([[{"yAxis": band.low * scale}, {"yAxis": band.high * scale}]]));
    json!({
        "grid": {"left": 56, "right": 64, "top": 30, "bottom": 30},
        "xAxis": {
            "type": "time", "axisTick": {"show": false}, "splitLine": {"show": false},
            "axisLine": {"lineStyle": {"color": Token::Line.sentinel()}},
            "axisLabel": {"color": Token::Muted.sentinel(), "fontSize": 11.5, "hideOverlap": true},
        },
        "yAxis": {
            "type": "value", "min": axis_low, "max": axis_high,
            "splitLine": {"lineStyle": {"color": Token::Line.sentinel()}},
            "axisLabel": {"color": Token::Muted.sentinel(), "fontSize": 11.5, "formatter": if unit == "%" { "{value}%" } else { "{value}" }},
            "name": if unit == "%" { "" } else { unit }, "nameTextStyle": {"color": Token::Muted.sentinel(), "align": "right"},
        },
        "series": [
            {"type": "scatter", "data": series(false), "symbolSize": 5, "itemStyle": {"color": Token::Dot.sentinel()},
             "markArea": {"silent": true, "itemStyle": {"color": Token::Band.sentinel()}, "data": area},
             "markLine": {"silent": true, "symbol": "none", "data": lines}},
            {"type": "scatter", "data": series(true), "symbolSize": 5, "itemStyle": {"color": Token::LossFill.sentinel()}},
        ],
    })
}

fn level_line(level: f64, from: i64, to: i64, colour: Token, label: &str) -> Value {
    json!([
        {
            "coord": [from, level],
            "lineStyle": {"color": colour.sentinel(), "type": "solid", "width": 2},
            "label": {"show": true, "position": "end", "formatter": label,
                "color": colour.sentinel(), "fontWeight": 600, "fontSize": 11.5},
        },
        {"coord": [to, level]},
    ])
}
