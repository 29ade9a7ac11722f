//! What the points of a chart say when somebody points at them: name, value with its unit, and what belongs to it.

use domain::{
    Currency,
    chart::{Chart, ChartBody, Dot, Stack, Step},
};
use serde_json::{Value, json};

use crate::number;

/// Gives every point of an option object its words, a line for each fact.
pub(super) fn add(option: &mut Value, chart: &Chart) {
    match &chart.body {
        ChartBody::Waterfall { start, steps, end, unit } => waterfall(option, start, steps, end, unit),
        ChartBody::Pareto { unit, .. } => pareto(option, unit),
        ChartBody::Control { unit, .. } => control(option, unit),
        ChartBody::Dots { dots, unit, .. } => levels(option, dots, unit),
        ChartBody::Heat { columns, rows, values, unit } => heat(option, columns, rows, values, unit),
        ChartBody::Funnel { steps, unit } => funnel(option, steps, unit),
        ChartBody::Stacked { kept, lost, stacks, unit } => stacked(option, kept, lost, stacks, unit),
    }
}

/// An amount as exact as a table has it.
fn exact(value: f64, unit: &str) -> String {
    let is_currency = unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase());
    match Currency::parse(unit).filter(|_| is_currency) {
        Some(currency) => number::money(value, &currency),
        None => number::with_unit(value, unit),
    }
}

fn signed(value: f64, unit: &str) -> String {
    if value > 0.0 { format!("+{}", exact(value, unit)) } else { exact(value, unit) }
}

fn say(item: &mut Value, lines: &[String]) {
    let words = lines.join("\n");
    if item.is_object() {
        item["says"] = json!(words);
    } else {
        *item = json!({"value": item.take(), "says": words});
    }
}

/// What stands along an axis of names.
fn names(axis: &Value) -> Vec<String> {
    let names = axis["data"].as_array().into_iter().flatten();
    names.map(|name| name.as_str().unwrap_or_default().to_owned()).collect()
}

fn waterfall(option: &mut Value, start: &Step, steps: &[Step], end: &Step, unit: &str) {
    let first = (start.value != 0.0).then(|| [start.label.clone(), exact(start.value, unit)]);
    let middle = steps.iter().map(|step| [step.label.clone(), signed(step.value, unit)]);
    let words = first.into_iter().chain(middle).chain([[end.label.clone(), exact(end.value, unit)]]);
    let bars = option["series"][1]["data"].as_array_mut();
    for (bar, words) in bars.into_iter().flatten().zip(words) {
        say(bar, &words);
    }
}

fn pareto(option: &mut Value, unit: &str) {
    let names = names(&option["xAxis"]);
    let shares: Vec<f64> = option["series"][1]["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|share| share["value"].as_f64().unwrap_or_default() / 100.0)
        .collect();
    let bars = option["series"][0]["data"].as_array_mut();
    let mut before = 0.0;
    for ((bar, name), running) in bars.into_iter().flatten().zip(names).zip(shares) {
        let value = bar["value"].as_f64().unwrap_or_default();
        let mut lines =
            vec![name, exact(value, unit), format!("{} of all", number::percent(running - before, 0))];
        if before > 0.0 {
            lines.push(format!("{} with those before", number::percent(running, 0)));
        }
        say(bar, &lines);
        before = running;
    }
}

fn control(option: &mut Value, unit: &str) {
    let scale = if unit == "%" { 100.0 } else { 1.0 };
    for series in option["series"].as_array_mut().into_iter().flatten() {
        for point in series["data"].as_array_mut().into_iter().flatten() {
            let (at, value) = (point[0].as_i64().unwrap_or_default(), point[1].as_f64().unwrap_or_default());
            say(point, &[number::day(at * 1_000), exact(value / scale, unit)]);
        }
    }
}

fn levels(option: &mut Value, dots: &[Dot], unit: &str) {
    let rows = names(&option["yAxis"]);
    let shown = |row: usize| {
        let (name, n) = rows.get(row)?.rsplit_once("  n=")?;
        dots.iter().find(|dot| dot.label == name && number::count(dot.n) == n)
    };
    for point in option["series"][0]["data"].as_array_mut().into_iter().flatten() {
        let row = point["value"][1].as_u64().unwrap_or_default() as usize;
        if let Some(dot) = shown(row) {
            let range = format!("{} – {}", exact(dot.low, unit), exact(dot.high, unit));
            say(
                point,
                &[dot.label.clone(), exact(dot.value, unit), range, format!("n={}", number::count(dot.n))],
            );
        }
    }
}

fn heat(option: &mut Value, columns: &[String], rows: &[String], values: &[Vec<Option<f64>>], unit: &str) {
    let cells = option["series"][0]["data"].as_array_mut();
    let known = values
        .iter()
        .enumerate()
        .flat_map(|(row, line)| line.iter().enumerate().map(move |(column, value)| (row, column, *value)));
    for (cell, (row, column, value)) in cells.into_iter().flatten().zip(known) {
        let place = format!(
            "{} · {}",
            rows.get(row).map_or("", String::as_str),
            columns.get(column).map_or("", String::as_str)
        );
        say(cell, &[place, value.map_or_else(|| "–".to_owned(), |value| exact(value, unit))]);
    }
}

fn funnel(option: &mut Value, steps: &[Step], unit: &str) {
    let first = steps.first().map_or(0.0, |step| step.value);
    let mut before = first;
    for (row, step) in steps.iter().enumerate() {
        let part = |part: f64, whole: f64| number::percent(if whole > 0.0 { part / whole } else { 0.0 }, 0);
        let mut kept = vec![step.label.clone(), exact(step.value, unit)];
        if row > 0 {
            kept.push(format!("{} of all", part(step.value, first)));
        }
        say(&mut option["series"][0]["data"][row], &kept);
        let lost = before - step.value;
        if lost > 0.0 {
            let lines = [
                step.label.clone(),
                format!("{} lost there", number::short(lost, "")),
                format!("{} of those before", part(lost, before)),
            ];
            say(&mut option["series"][1]["data"][row], &lines);
        }
        before = step.value;
    }
}

fn stacked(option: &mut Value, kept: &str, lost: &[String], stacks: &[Stack], unit: &str) {
    let parts = std::iter::once(kept).chain(lost.iter().map(String::as_str));
    for (at, name) in parts.enumerate() {
        let bars = option["series"][at]["data"].as_array_mut();
        for (bar, stack) in bars.into_iter().flatten().zip(stacks) {
            let value =
                if at == 0 { stack.kept } else { stack.lost.get(at - 1).copied().unwrap_or_default() };
            let share = number::percent(stack.share(value), 1);
            say(
                bar,
                &[stack.label.clone(), name.to_owned(), format!("{share} · {}", exact(value.round(), unit))],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use translation::Tongue;

    use super::*;
    use crate::chart::{option, table::tests::one_of_each};

    #[test]
    fn every_kind_of_chart_says_name_value_and_unit() {
        let expected = [
            vec!["Planned cost\n$6,120,000", "Material price\n+$96,000", "Labor rate\n−$31,000"],
            vec!["Burr\n$41,200\n52% of all", "Porosity\n$33,600\n43% of all\n95% with those before"],
            vec!["1 Jan 1970\n100.0%"],
            vec!["Shift 3\n6.0%\n5.4% – 6.6%\nn=400"],
            vec!["Saw · W30\n3 h", "Heat treat · W31\n–"],
            vec![
                "Released\n1,240 orders",
                "Finished\n1,178 orders\n95% of all",
                "Finished\n62 lost there\n5% of those before",
            ],
            vec![
                "M07\nEffective\n41.0% · 410 h",
                "M07\nAvailability loss\n38.0% · 380 h",
                "M03\nPerformance loss\n−5.0% · −50 h",
            ],
        ];
        for (chart, expected) in one_of_each().iter().zip(expected) {
            let mut option = option::option(chart, 640, Tongue::English);
            add(&mut option, chart);
            let text = option.to_string();
            for words in expected {
                assert!(text.contains(&json!(words).to_string()), "{words:?} in {text}");
            }
        }
    }
}
