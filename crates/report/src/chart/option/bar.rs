//! One bar with its amount above it.

use serde_json::{Value, json};

use super::Token;

pub(super) fn bar(value: f64, colour: Token, label: &str, text: Token) -> Value {
    json!({
        "value": value,
        "itemStyle": {"color": colour.sentinel(), "borderRadius": 2},
        "label": {"show": true, "position": "top", "formatter": label, "color": text.sentinel(), "fontWeight": 600, "fontSize": 12},
    })
}
