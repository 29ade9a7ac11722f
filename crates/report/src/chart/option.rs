//! A chart's facts as an ECharts option object.
//!
//! Colours are sentinels (`#0000NN`) that [`super::clean`] replaces by the page's own tokens.

use domain::chart::{Band, Chart, ChartBody, Dot, Point, Stack, Step};
use serde_json::{Value, json};
use translation::Tongue;

use super::{amounts, narrow};
use crate::number;

/// A colour of the page, by the name of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Text,
    Muted,
    Line,
    Accent,
    AccentFill,
    Loss,
    LossFill,
    Gain,
    GainFill,
    Total,
    Neutral,
    Dot,
    Band,
    Heat1,
    Heat2,
    Heat3,
    Heat4,
    Heat5,
    Surface,
    OnFill,
}

impl Token {
    pub const ALL: [Self; 20] = [
        Self::Text,
        Self::Muted,
        Self::Line,
        Self::Accent,
        Self::AccentFill,
        Self::Loss,
        Self::LossFill,
        Self::Gain,
        Self::GainFill,
        Self::Total,
        Self::Neutral,
        Self::Dot,
        Self::Band,
        Self::Heat1,
        Self::Heat2,
        Self::Heat3,
        Self::Heat4,
        Self::Heat5,
        Self::Surface,
        Self::OnFill,
    ];

    pub fn variable(self) -> &'static str {
        match self {
            Self::Text => "--text",
            Self::Muted => "--muted",
            Self::Line => "--line",
            Self::Accent => "--accent",
            Self::AccentFill => "--accent-fill",
            Self::Loss => "--loss",
            Self::LossFill => "--loss-fill",
            Self::Gain => "--gain",
            Self::GainFill => "--gain-fill",
            Self::Total => "--total",
            Self::Neutral => "--neutral",
            Self::Dot => "--dot",
            Self::Band => "--band",
            Self::Heat1 => "--heat-1",
            Self::Heat2 => "--heat-2",
            Self::Heat3 => "--heat-3",
            Self::Heat4 => "--heat-4",
            Self::Heat5 => "--heat-5",
            Self::Surface => "--surface",
            Self::OnFill => "--ink",
        }
    }

    /// The sentinel under which the token travels through the chart library.
    pub fn sentinel(self) -> String {
        let number = Self::ALL.iter().position(|token| *token == self).unwrap_or_default() + 1;
        format!("#0000{number:02x}")
    }
}

/// Width and height in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

/// The size that suits a chart's kind and number of rows.
pub fn size(chart: &Chart, width: u32) -> Size {
    let height = match &chart.body {
        ChartBody::Dots { dots, .. } => 64 + 28 * dots.len().min(DOTS_MAX) as u32,
        ChartBody::Heat { rows, .. } => 40 + 30 * rows.len() as u32,
        ChartBody::Funnel { steps, .. } => 8 + LYING * steps.len() as u32,
        ChartBody::Stacked { stacks, .. } => {
            legend_height(width) + 4 + LYING * stacks.len().min(STACKS_MAX) as u32
        }
        _ => 260,
    };
    Size { width, height }
}

/// Scatter charts carry at most this many points; above it, every n-th is kept in order of time.
const POINTS_MAX: usize = 400;

/// Drawn as wide as this, in pixels, for readers of this language: what is written is translated afterwards, but has to fit.
pub fn option(chart: &Chart, width: u32, tongue: Tongue) -> Value {
    let mut option = match &chart.body {
        ChartBody::Waterfall { start, steps, end, unit } => waterfall(start, steps, end, unit, width),
        ChartBody::Pareto { bars, unit } => pareto(bars, unit, width, tongue),
        ChartBody::Control { points, expected, before, after, shift_at, unit } => {
            control(points, *expected, *before, *after, *shift_at, unit)
        }
        ChartBody::Dots { dots, mean, unit } => dot_plot(dots, *mean, unit),
        ChartBody::Heat { columns, rows, values, unit } => heat(columns, rows, values, unit),
        ChartBody::Funnel { steps, .. } => funnel(steps, width, tongue),
        ChartBody::Stacked { kept, lost, stacks, .. } => stacked(kept, lost, stacks, width),
    };
    option["animation"] = json!(false);
    option["textStyle"] = json!({
        "fontFamily": "IBM Plex Sans, system-ui, sans-serif",
        "fontSize": 12,
        "color": Token::Text.sentinel(),
    });
    option
}

fn axis_style() -> Value {
    json!({"color": Token::Muted.sentinel(), "fontSize": 11.5})
}

fn grid(left: u32, right: u32) -> Value {
    json!({"left": left, "right": right, "top": 28, "bottom": 44, "containLabel": false})
}

/// Pixels that a letter of an axis takes on average.
const LETTER: f64 = 5.8;

/// Lines of a label below its bar.
const LINES_MAX: usize = 3;

/// The axis of named bars with the room that it needs: names stand below their bars, and aslant where one would be broken within a
/// word or takes more lines than fit.
fn category_axis(labels: &[String], width: u32) -> (Value, Value) {
    let each = f64::from(width) / labels.len().max(1) as f64;
    let room = (each - 6.0).clamp(40.0, 130.0);
    let fits = labels.iter().all(|label| lines(label, room).is_some_and(|lines| lines <= LINES_MAX));
    let mut axis = json!({
        "type": "category",
        "data": labels,
        "axisTick": {"show": false},
        "axisLine": {"lineStyle": {"color": Token::Line.sentinel()}},
        "axisLabel": {"color": Token::Muted.sentinel(), "fontSize": 11.5, "interval": 0, "width": room, "overflow": "break"},
    });
    if fits {
        return (axis, grid(12, 12));
    }
    let longest = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    // A little more than the average letter takes, or the longest name loses its end.
    let long = (longest as f64 * LETTER * 1.25 + 4.0).min(130.0);
    axis["axisLabel"]["width"] = json!(long);
    axis["axisLabel"]["overflow"] = json!("truncate");
    axis["axisLabel"]["rotate"] = json!(SLANT_DEGREES);
    let (across, down) = (long * SLANT_DEGREES.to_radians().cos(), long * SLANT_DEGREES.to_radians().sin());
    // The first name ends under the middle of its bar and begins left of it.
    let left = (across - each / 2.0).clamp(12.0, 120.0);
    (axis, json!({"left": left, "right": 12, "top": 28, "bottom": 28.0 + down, "containLabel": false}))
}

const SLANT_DEGREES: f64 = 32.0;

/// Lines that a label takes in this room; `None` where one of its words is longer.
fn lines(label: &str, room: f64) -> Option<usize> {
    let mut lines = 1;
    let mut used = 0.0;
    for word in label.split_whitespace() {
        let wide = word.chars().count() as f64 * LETTER;
        if wide > room {
            return None;
        }
        if used > 0.0 && used + LETTER + wide > room {
            lines += 1;
            used = wide;
        } else {
            used += if used > 0.0 { LETTER + wide } else { wide };
        }
    }
    Some(lines)
}

/// Floating bars on a base that is broken where the totals would dwarf the steps.
fn waterfall(start: &Step, steps: &[Step], end: &Step, unit: &str, width: u32) -> Value {
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

fn bar(value: f64, colour: Token, label: &str, text: Token) -> Value {
    json!({
        "value": value,
        "itemStyle": {"color": colour.sentinel(), "borderRadius": 2},
        "label": {"show": true, "position": "top", "formatter": label, "color": text.sentinel(), "fontWeight": 600, "fontSize": 12},
    })
}

/// Bars of a ranking; the rest is one bar, so that amounts stay readable.
const BARS_MAX: usize = 12;

/// Height of the bars at the least, in pixels: what names below them leave.
const BARS_HEIGHT: f64 = 160.0;

fn pareto(steps: &[Step], unit: &str, width: u32, tongue: Tongue) -> Value {
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

fn control(
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

/// Ends of an axis on round numbers, with everything drawn inside.
fn range(values: impl Iterator<Item = f64>, scale: f64) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter(|value| value.is_finite()) {
        low = low.min(value * scale);
        high = high.max(value * scale);
    }
    if low > high {
        return (0.0, 1.0);
    }
    let spread = (high - low).max(high.abs() * 1e-3).max(1e-9);
    let power = 10.0_f64.powf((spread / 5.0).log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * power);
    let step = steps.into_iter().find(|step| *step * 6.0 >= spread).unwrap_or(power * 10.0);
    let rounded_low = ((low - spread * 0.05) / step).floor() * step;
    let rounded_high = ((high + spread * 0.05) / step).ceil() * step;
    let tidy = |value: f64| (value * 1e6).round() / 1e6;
    (if low >= 0.0 { tidy(rounded_low.max(0.0)) } else { tidy(rounded_low) }, tidy(rounded_high))
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

/// Levels of a plot; the table beneath holds all of them.
const DOTS_MAX: usize = 16;

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

fn dot_plot(dots: &[Dot], mean: Option<f64>, unit: &str) -> Value {
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

fn heat(columns: &[String], rows: &[String], values: &[Vec<Option<f64>>], unit: &str) -> Value {
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

/// Height of a bar that lies, with what is between it and the next.
const LYING: u32 = 36;

/// Where bars that lie stand between their names and what is said behind them: left and right, in pixels.
fn beside(width: u32, behind: f64) -> (u32, f64) {
    (if width <= narrow::WIDTH { narrow::NAMES } else { 150 }, behind + 20.0)
}

/// Bars that lie, the first on top: their names before them, and a second axis with what is said behind them.
fn lying(names: &[String], behind: &[String], left: u32, said: &Value) -> (Value, Value) {
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

/// What each step keeps, and behind it what it loses of those before.
fn funnel(steps: &[Step], width: u32, tongue: Tongue) -> Value {
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

/// Stacks of a plot; the table beneath holds all of them.
const STACKS_MAX: usize = 12;

/// Names of parts take two lines on a phone.
fn legend_height(width: u32) -> u32 {
    if width <= narrow::WIDTH { 48 } else { 30 }
}

/// Each whole in its parts, as shares: what is kept stands behind its bar, large.
fn stacked(kept: &str, lost: &[String], stacks: &[Stack], width: u32) -> Value {
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

    #[test]
    fn names_of_bars_are_broken_between_words_only() {
        for (label, room, expected) in [
            ("Press 3", 60.0, Some(1)),
            ("Scrap at the press", 60.0, Some(2)),
            ("Scrap at the press", 50.0, Some(3)),
            ("", 60.0, Some(1)),
            ("Werkzeugbruch", 60.0, None),
            ("Werkzeugbruch", 90.0, Some(1)),
        ] {
            assert_eq!(lines(label, room), expected, "{label}");
        }
        let slanted = |labels: &[&str], width: u32| {
            let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
            !category_axis(&labels, width).0["axisLabel"]["rotate"].is_null()
        };
        assert!(!slanted(&["Press 3", "Lathe 12"], 340));
        assert!(slanted(&["Werkzeugbruch", "Materialmangel", "x", "y", "z", "w"], 340));
    }

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
