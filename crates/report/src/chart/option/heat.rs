//! Two factors, or a place over time, with values in cells.

use serde_json::{Value, json};

use super::{Token, axis::axis_style};
use crate::number;

pub(super) fn heat(columns: &[String], rows: &[String], values: &[Vec<Option<f64>>], unit: &str) -> Value {
    let known: Vec<f64> = values.iter().flatten().filter_map(|value| *value).collect();
    let largest = known.iter().copied().fold(0.0_f64, f64::max);
    let mut cells = Vec::new();
    for (row, line) in values.iter().enumerate() {
        for (column, value) in line.iter().enumerate() {
            let step = value.map_or(0, |value| {
                if largest > 0.0 { ((value / largest) * 5.0).ceil().clamp(1.0, 5.0) as usize } else { 1 }
            });
            let colour =
                [Token::Surface, Token::Heat1, Token::Heat2, Token::Heat3, Token::Heat4, Token::Heat5][step];
            let text = if step >= 4 { Token::OnFill } else { Token::Text };
            cells.push(json!({
                "value": [column, rows.len() - 1 - row, value.unwrap_or_default()],
                "itemStyle": {"color": colour.sentinel(), "borderColor": Token::Surface.sentinel(), "borderWidth": 2},
                "label": {"show": true, "formatter": value.map_or("–".to_owned(), |value| number::short(value, unit)),
                    "color": text.sentinel(), "fontSize": 11},
            }));
        }
    }
    let labels: Vec<&String> = rows.iter().rev().collect();
    json!({
        "grid": {"left": 120, "right": 8, "top": 6, "bottom": 26},
        "xAxis": {"type": "category", "data": columns, "axisTick": {"show": false}, "axisLine": {"show": false}, "axisLabel": axis_style()},
        "yAxis": {"type": "category", "data": labels, "axisTick": {"show": false}, "axisLine": {"show": false},
            "axisLabel": {"color": Token::Text.sentinel(), "fontSize": 11.5}},
        "series": [{"type": "heatmap", "data": cells}],
    })
}
