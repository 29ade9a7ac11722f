//! Bars that lie: their names before them, and behind them what is said of each.

use serde_json::{Value, json};

use super::Token;
use crate::chart::narrow;

/// Height of a bar that lies, with what is between it and the next.
pub(super) const LYING: u32 = 36;

/// Where bars that lie stand between their names and what is said behind them: left and right, in pixels.
pub(super) fn beside(width: u32, behind: f64) -> (u32, f64) {
    (if width <= narrow::WIDTH { narrow::NAMES } else { 150 }, behind + 20.0)
}

/// Bars that lie, the first on top: their names before them, and a second axis with what is said behind them.
pub(super) fn lying(names: &[String], behind: &[String], left: u32, said: &Value) -> (Value, Value) {
    let across = json!({
        "type": "value", "min": 0, "axisLabel": {"show": false}, "axisTick": {"show": false},
        "axisLine": {"show": false}, "splitLine": {"show": false},
    });
    let axis = |data: &[String], position: &str, label: &Value| {
        json!({
            "type": "category", "data": data, "inverse": true, "position": position, "axisTick": {"show": false},
            "axisLine": {"show": false}, "axisLabel": label,
        })
    };
    let named = json!({
        "color": Token::Text.sentinel(), "fontSize": 11.5, "interval": 0, "width": left - 14, "overflow": "truncate",
        "lineHeight": 13,
    });
    (across, json!([axis(names, "left", &named), axis(behind, "right", said)]))
}
