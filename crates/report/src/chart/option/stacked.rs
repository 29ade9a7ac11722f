//! Wholes in their parts: what is kept, and what each loss takes.

use domain::chart::Stack;
use serde_json::{Value, json};

use super::{
    Token,
    lying::{beside, lying},
};
use crate::{chart::narrow, number};

/// Stacks of a plot; the table beneath holds all of them.
pub(super) const STACKS_MAX: usize = 12;

/// Names of parts take two lines on a phone.
pub(super) fn legend_height(width: u32) -> u32 {
    if width <= narrow::WIDTH { 48 } else { 30 }
}

/// Each whole in its parts, as shares: what is kept stands behind its bar, large.
pub(super) fn stacked(kept: &str, lost: &[String], stacks: &[Stack], width: u32) -> Value {
    // More kinds of loss than there are colours are drawn in the last of them.
    const LOST: [Token; 3] = [Token::Loss, Token::Total, Token::Neutral];
    let stacks = &stacks[..stacks.len().min(STACKS_MAX)];
    let names: Vec<String> = stacks.iter().map(|stack| stack.label.clone()).collect();
    let shares: Vec<String> =
        stacks.iter().map(|stack| number::percent(stack.share(stack.kept), 0)).collect();
    // What was gained is taken from no bar: a machine faster than its plan may fill more than the whole.
    let filled = |stack: &Stack| {
        let parts = [stack.kept].into_iter().chain(stack.lost.iter().copied());
        parts.map(|part| stack.share(part).max(0.0) * 100.0).sum::<f64>()
    };
    let most = stacks.iter().map(filled).fold(100.0, f64::max);
    let (left, right) = beside(width, 44.0);
    let room = (f64::from(width) - f64::from(left) - right).max(1.0);
    let series = |name: &str, colour: Token, of: &dyn Fn(&Stack) -> f64| {
        let bars: Vec<Value> = stacks
            .iter()
            .map(|stack| {
                let share = stack.share(of(stack));
                // What is kept stands behind the bar; letters on the last colour would be too faint.
                let is_wide = share * 100.0 / most * room > 34.0 && ![Token::AccentFill, Token::Neutral].contains(&colour);
                json!({
                    "value": share.max(0.0) * 100.0,
                    "itemStyle": {"color": colour.sentinel(), "borderColor": Token::Surface.sentinel(), "borderWidth": 1},
                    "label": {"show": is_wide, "position": "inside", "formatter": number::percent(share, 0),
                        "color": Token::OnFill.sentinel(), "fontSize": 11.5},
                })
            })
            .collect();
        json!({
            "type": "bar", "stack": "all", "name": name, "data": bars, "barWidth": "66%",
            "itemStyle": {"color": colour.sentinel()},
        })
    };
    let mut all = vec![series(kept, Token::AccentFill, &|stack| stack.kept)];
    for (at, name) in lost.iter().enumerate() {
        let part = |stack: &Stack| stack.lost.get(at).copied().unwrap_or_default();
        all.push(series(name, LOST[at.min(LOST.len() - 1)], &part));
    }
    let said = json!({"color": Token::Text.sentinel(), "fontSize": 17, "fontWeight": 600, "interval": 0});
    let (mut across, down) = lying(&names, &shares, left, &said);
    across["max"] = json!(most);
    let parts: Vec<&str> = std::iter::once(kept).chain(lost.iter().map(String::as_str)).collect();
    json!({
        "legend": {
            "data": parts, "left": 8, "right": 8, "top": 0, "icon": "rect", "itemWidth": 12, "itemHeight": 12, "itemGap": 12,
            "selectedMode": false, "textStyle": {"color": Token::Muted.sentinel(), "fontSize": 11.5},
        },
        "grid": {"left": left, "right": right, "top": legend_height(width), "bottom": 4},
        "xAxis": across,
        "yAxis": down,
        "series": all,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_says_its_share_and_never_without_its_losses() {
        let stack = |label: &str, kept: f64, lost: [f64; 2]| Stack {
            label: label.to_owned(),
            kept,
            lost: lost.to_vec(),
        };
        let lost = ["Availability loss".to_owned(), "Performance loss".to_owned()];
        let mut stacks = vec![stack("M1", 60.0, [30.0, 10.0]), stack("M2", 95.0, [10.0, -5.0])];
        let option = stacked("Effective", &lost, &stacks, 520);
        assert_eq!(option["yAxis"][1]["data"], json!(["60%", "95%"]));
        assert_eq!(option["legend"]["data"], json!(["Effective", "Availability loss", "Performance loss"]));
        assert_eq!(option["series"][1]["data"][0]["value"], 30.0);
        // What was gained is no bar to the left, and the axis holds what it makes of the others.
        assert_eq!(option["series"][2]["data"][1]["value"], 0.0);
        assert_eq!(option["xAxis"]["max"], 105.0);
        stacks.extend((0..30).map(|at| stack(&format!("N{at}"), 90.0, [10.0, 0.0])));
        assert_eq!(
            stacked("Effective", &lost, &stacks, 520)["series"][0]["data"].as_array().unwrap().len(),
            STACKS_MAX
        );
    }
}
