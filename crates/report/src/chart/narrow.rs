//! Charts for a phone: as wide as a card there, so that nothing is scaled and letters stay as large as those around them. Bars lie down,
//! their names before them; columns of a heat map that do not fit stand beneath one another.

use domain::chart::{Chart, ChartBody};
use serde_json::{Value, json};
use translation::Tongue;

use super::{
    amounts,
    drawing::Drawing,
    option::{self, Size, Token},
};

/// A card on a phone of 390 pixels.
pub(super) const WIDTH: u32 = 328;
/// The width for which bars are laid out before they lie down: enough that every amount is written in full.
const ROOM: u32 = 1_600;
const BAR: u32 = 34;
pub(super) const NAMES: u32 = 118;

/// How wide an option object is made before it is fitted: what stands beside bars, not over them, has all the room it wants; bars
/// that lie everywhere are laid out for where they lie.
pub(super) fn room(chart: &Chart) -> u32 {
    match &chart.body {
        ChartBody::Funnel { .. } | ChartBody::Stacked { .. } => WIDTH,
        _ => ROOM,
    }
}

/// The same object for a phone.
pub(super) fn fit(mut option: Value, chart: &Chart, tongue: Tongue) -> Drawing {
    let height = match &chart.body {
        ChartBody::Waterfall { .. } => lie_down(&mut option, 1, tongue),
        ChartBody::Pareto { .. } => {
            name_shares(&mut option, tongue);
            lie_down(&mut option, 0, tongue)
        }
        ChartBody::Control { .. } => {
            option["grid"] = json!({"left": 44, "right": 60, "top": 30, "bottom": 28});
            // Days beneath one another's feet would run together.
            option["xAxis"]["splitNumber"] = json!(3);
            240
        }
        ChartBody::Dots { .. } => {
            option["grid"]["left"] = json!(NAMES);
            option["grid"]["right"] = json!(16);
            option["xAxis"]["splitNumber"] = json!(3);
            for label in option["yAxis"]["data"].as_array_mut().into_iter().flatten() {
                *label = json!(label.as_str().unwrap_or_default().replace("  n=", "\nn="));
            }
            names(&mut option["yAxis"], "truncate");
            option::size(chart, WIDTH).height + 10 * rows(&option["yAxis"])
        }
        ChartBody::Heat { columns, rows, .. } => panels(&mut option, columns.len(), rows.len()),
        // Laid out for this width already.
        ChartBody::Funnel { .. } | ChartBody::Stacked { .. } => option::size(chart, WIDTH).height,
    };
    Drawing { option, size: Size { width: WIDTH, height } }
}

fn rows(axis: &Value) -> u32 {
    axis["data"].as_array().map_or(0, Vec::len) as u32
}

/// Names before their bars, as wide as the room that they have.
fn names(axis: &mut Value, overflow: &str) {
    axis["axisLabel"] = json!({
        "color": Token::Text.sentinel(), "fontSize": 11.5, "interval": 0, "width": NAMES - 14, "overflow": overflow,
        "lineHeight": 13,
    });
}

/// Bars from left to right, the first on top, each with its amount behind it. The height that they take.
fn lie_down(option: &mut Value, bars: usize, tongue: Tongue) -> u32 {
    let (mut across, mut down) = (option["yAxis"].take(), option["xAxis"].take());
    down["inverse"] = json!(true);
    down["axisLine"] = json!({"show": false});
    // Two lines of a name stand beside a bar; a third would stand beside the next.
    for name in down["data"].as_array_mut().into_iter().flatten() {
        *name = json!(short(name.as_str().unwrap_or_default()));
    }
    names(&mut down, "break");
    // Of two axes, the second is that of the running share. Without its line, the longest bar has all the room.
    if let Some(axes) = across.as_array_mut() {
        across = axes.first_mut().map(Value::take).unwrap_or_default();
        across["max"] = json!("dataMax");
    }
    let mut longest = 0.0_f64;
    for bar in option["series"][bars]["data"].as_array_mut().into_iter().flatten() {
        let label = &mut bar["label"];
        label["position"] = json!("right");
        label["fontSize"] = json!(12);
        if label["color"] == json!(Token::OnFill.sentinel()) {
            label["color"] = json!(Token::Text.sentinel());
        }
        longest = longest.max(amounts::width(label["formatter"].as_str().unwrap_or_default(), 12.5, tongue));
    }
    option["series"][bars]["barWidth"] = json!("62%");
    let top = if option["title"].is_null() { 4 } else { 24 };
    option["grid"] = json!({"left": NAMES, "right": longest + 14.0, "top": top, "bottom": 4});
    let height = top + 4 + BAR * rows(&down);
    option["xAxis"] = across;
    option["yAxis"] = down;
    height
}

/// A name of two lines at the most.
fn short(name: &str) -> String {
    const LETTERS: usize = 34;
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    let kept: String = name.chars().take(LETTERS - 1).collect();
    format!("{}…", kept.trim_end())
}

/// The running share of a ranking stands behind the amount; the line through the bars goes.
fn name_shares(option: &mut Value, tongue: Tongue) {
    let shares: Vec<Value> = option["series"][1]["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|share| share["label"]["formatter"].clone())
        .collect();
    for (bar, share) in option["series"][0]["data"].as_array_mut().into_iter().flatten().zip(shares) {
        let amount = bar["label"]["formatter"].as_str().unwrap_or_default();
        let label = format!("{amount} · {}", share.as_str().unwrap_or_default());
        bar["label"]["formatter"] = json!(label);
    }
    if let Some(series) = option["series"].as_array_mut() {
        series.truncate(1);
    }
    // Said before it is drawn: of what stands in a drawing, only figures are translated with the page.
    let says = translation::text("amount · running share", tongue);
    option["title"] = json!({
        "text": says, "right": 8, "top": 0,
        "textStyle": {"fontSize": 11, "fontWeight": 400, "color": Token::Muted.sentinel()},
    });
}

/// Columns of a heat map that fit beside one another: a cell holds a number of four figures.
const COLUMN: u32 = 36;
const ROW: u32 = 30;
const FOOT: u32 = 24;

/// As many maps beneath one another as it takes. The height of all of them.
fn panels(option: &mut Value, columns: usize, rows: usize) -> u32 {
    let fits = ((WIDTH - NAMES - 8) / COLUMN) as usize;
    let count = columns.div_ceil(fits).max(1);
    let each = columns.div_ceil(count).max(1);
    let height = ROW * rows as u32;
    names(&mut option["yAxis"], "truncate");
    if count == 1 {
        option["grid"] = json!({"left": NAMES, "right": 8, "top": 4, "height": height});
        return height + FOOT + 8;
    }
    let (across, down, map) = (option["xAxis"].take(), option["yAxis"].take(), option["series"][0].take());
    let heads = across["data"].as_array().cloned().unwrap_or_default();
    let cells = map["data"].as_array().cloned().unwrap_or_default();
    let cell_width = f64::from(WIDTH - NAMES - 8) / each as f64;
    let (mut grids, mut xs, mut ys, mut maps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for panel in 0..count {
        let (from, to) = (panel * each, ((panel + 1) * each).min(columns));
        let top = 4 + panel as u32 * (height + FOOT + 8);
        grids.push(
            json!({"left": NAMES, "width": cell_width * (to - from) as f64, "top": top, "height": height}),
        );
        let with = |base: &Value, fields: &[(&str, Value)]| {
            let mut axis = base.clone();
            for (name, value) in fields {
                axis[*name] = value.clone();
            }
            axis
        };
        xs.push(with(&across, &[("gridIndex", json!(panel)), ("data", json!(heads[from..to]))]));
        ys.push(with(&down, &[("gridIndex", json!(panel))]));
        let own: Vec<Value> = cells
            .iter()
            .filter_map(|cell| {
                let column = cell["value"][0].as_u64()? as usize;
                let mut moved = cell.clone();
                moved["value"][0] = json!(column.checked_sub(from)?);
                (column < to).then_some(moved)
            })
            .collect();
        maps.push(with(
            &map,
            &[("xAxisIndex", json!(panel)), ("yAxisIndex", json!(panel)), ("data", json!(own))],
        ));
    }
    option["grid"] = json!(grids);
    option["xAxis"] = json!(xs);
    option["yAxis"] = json!(ys);
    option["series"] = json!(maps);
    (height + FOOT + 8) * count as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{drawing::Place, table::tests::one_of_each};

    #[test]
    fn columns_that_do_not_fit_stand_beneath_and_none_is_lost() {
        let mut chart = one_of_each().remove(4);
        let ChartBody::Heat { columns, values, .. } = &mut chart.body else { unreachable!() };
        *columns = (1..=13).map(|week| format!("W{week}")).collect();
        for line in values.iter_mut() {
            *line = (1..=13).map(|week| Some(f64::from(week))).collect();
        }
        let drawing = Drawing::new(&chart, Place::Phone, Tongue::English);
        let panels = drawing.option["series"].as_array().unwrap();
        assert_eq!(panels.len(), 3);
        let cells: usize = panels.iter().map(|panel| panel["data"].as_array().unwrap().len()).sum();
        assert_eq!(cells, 26);
        assert_eq!(drawing.option["xAxis"][2]["data"].as_array().unwrap().last().unwrap(), "W13");
    }

    #[test]
    fn bars_lie_down_with_their_amounts_and_shares() {
        let drawing = Drawing::new(&one_of_each().remove(1), Place::Phone, Tongue::English);
        assert_eq!(drawing.option["yAxis"]["data"][0], "Burr");
        assert_eq!(drawing.option["series"][0]["data"][1]["label"]["formatter"], "$33.6k · 95%");
        assert_eq!(drawing.option["series"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn funnels_and_stacks_keep_their_amounts_on_a_phone() {
        let mut charts = one_of_each();
        let stacked = Drawing::new(&charts.remove(6), Place::Phone, Tongue::English);
        assert_eq!(stacked.option["yAxis"][1]["data"], json!(["41%", "99%"]));
        assert_eq!(stacked.option["series"].as_array().unwrap().len(), 4);
        let funnel = Drawing::new(&charts.remove(5), Place::Phone, Tongue::English);
        assert_eq!(funnel.option["yAxis"][1]["data"], json!(["", "0 · 0%", "−62 · 5%", "−1,054 · 89%"]));
        // Names, bars and what is lost share the width of a card.
        for drawing in [&stacked, &funnel] {
            let grid = &drawing.option["grid"];
            let taken = grid["left"].as_f64().unwrap() + grid["right"].as_f64().unwrap();
            assert!(grid["left"] == NAMES && taken + 100.0 <= f64::from(WIDTH), "{grid}");
        }
        // What has no room within its bar stands behind it.
        let label = |row: usize| funnel.option["series"][0]["data"][row]["label"].clone();
        assert_eq!((&label(0)["show"], &label(3)["show"]), (&json!(true), &json!(false)));
        assert_eq!(funnel.option["series"][1]["data"][3]["label"]["formatter"], "124");
    }
}
