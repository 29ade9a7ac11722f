//! How many come through each step, and what each loses.

use domain::chart::Step;
use serde_json::{Value, json};
use translation::Tongue;

use super::{
    Token,
    lying::{beside, lying},
};
use crate::{chart::amounts, number};

/// What each step keeps, and behind it what it loses of those before.
pub(super) fn funnel(steps: &[Step], width: u32, tongue: Tongue) -> Value {
    let most = steps.iter().map(|step| step.value).fold(0.0_f64, f64::max).max(1e-9);
    let mut behind = Vec::new();
    let mut before = None;
    for step in steps {
        behind.push(before.map_or_else(String::new, |before: f64| {
            let lost = before - step.value;
            let share = if before > 0.0 { lost / before } else { 0.0 };
            format!("{} · {}", number::short(-lost, ""), number::percent(share, 0))
        }));
        before = Some(step.value);
    }
    let widest = behind.iter().map(|text| amounts::width(text, 12.0, tongue)).fold(0.0, f64::max);
    let (left, right) = beside(width, widest);
    let room = (f64::from(width) - f64::from(left) - right).max(1.0);
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    let mut before = steps.first().map_or(0.0, |step| step.value);
    for step in steps {
        let amount = number::short(step.value, "");
        let is_wide = step.value / most * room > amounts::width(&amount, 12.0, tongue) + 12.0;
        kept.push(json!({
            "value": step.value,
            "itemStyle": {"color": Token::AccentFill.sentinel(), "borderRadius": 2},
            "label": {"show": is_wide, "position": "insideLeft", "formatter": amount,
                "color": Token::OnFill.sentinel(), "fontWeight": 600, "fontSize": 12},
        }));
        // Behind a short bar there is what it lost, if anything.
        let is_behind = before > step.value && (before - step.value) / most * room > 40.0;
        lost.push(json!({
            "value": (before - step.value).max(0.0),
            "itemStyle": {"color": Token::LossFill.sentinel(), "borderRadius": 2},
            "label": {"show": !is_wide, "position": if is_behind { "insideRight" } else { "right" }, "formatter": amount,
                "color": Token::Text.sentinel(), "fontWeight": 600, "fontSize": 12},
        }));
        before = step.value;
    }
    let names: Vec<String> = steps.iter().map(|step| step.label.clone()).collect();
    let said = json!({"color": Token::Loss.sentinel(), "fontSize": 12, "fontWeight": 600, "interval": 0});
    let (mut across, down) = lying(&names, &behind, left, &said);
    across["max"] = json!(most);
    json!({
        "grid": {"left": left, "right": right, "top": 4, "bottom": 4},
        "xAxis": across,
        "yAxis": down,
        "series": [
            {"type": "bar", "stack": "all", "data": kept, "barWidth": "66%"},
            {"type": "bar", "stack": "all", "data": lost, "barWidth": "66%"},
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_funnel_loses_what_its_next_step_lacks() {
        let step = |label: &str, value: f64| Step { label: label.to_owned(), value };
        let steps = [step("Released", 400.0), step("Started", 400.0), step("Finished on time", 300.0)];
        let option = funnel(&steps, 520, Tongue::English);
        assert_eq!(option["yAxis"][1]["data"], json!(["", "0 · 0%", "−100 · 25%"]));
        let values = |series: usize| -> Vec<f64> {
            let bars = option["series"][series]["data"].as_array().unwrap();
            bars.iter().map(|bar| bar["value"].as_f64().unwrap()).collect()
        };
        assert_eq!((values(0), values(1)), (vec![400.0, 400.0, 300.0], vec![0.0, 0.0, 100.0]));
        // Bars begin with nothing, or they would lie about how much is lost.
        assert_eq!((&option["xAxis"]["min"], &option["xAxis"]["max"]), (&json!(0), &json!(400.0)));
    }
}
