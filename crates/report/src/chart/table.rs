//! A chart as rows: what "Show as table" shows, and what a workbook carries.

use domain::chart::{Chart, ChartBody};

/// A cell of a chart's table.
#[derive(Debug, Clone, PartialEq)]
pub enum TableCell {
    Text(String),
    Number(f64),
    /// Microseconds since 1970-01-01 on the plant's own clock.
    Day(i64),
    Empty,
}

/// Heads and rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<TableCell>>,
}

pub fn table(chart: &Chart) -> Table {
    // A bare number has no unit to stand above it.
    let head = |name: &&str| if *name == "1" { "Value".to_owned() } else { (*name).to_owned() };
    let heads = |names: &[&str]| names.iter().map(head).collect();
    match &chart.body {
        ChartBody::Waterfall { start, steps, end, unit } => Table {
            heads: heads(&["Step", unit]),
            rows: [start]
                .into_iter()
                .chain(steps)
                .chain([end])
                .map(|step| vec![TableCell::Text(step.label.clone()), TableCell::Number(step.value)])
                .collect(),
        },
        ChartBody::Pareto { bars, unit } => {
            let total: f64 = bars.iter().map(|bar| bar.value).sum();
            let mut running = 0.0;
            let mut rows = Vec::new();
            for bar in bars {
                running += bar.value;
                let share = if total > 0.0 { running / total } else { 0.0 };
                rows.push(vec![
                    TableCell::Text(bar.label.clone()),
                    TableCell::Number(bar.value),
                    TableCell::Number(share),
                ]);
            }
            Table { heads: heads(&["Cause", unit, "Running share"]), rows }
        }
        ChartBody::Control { points, unit, .. } => Table {
            heads: heads(&["Date", unit]),
            rows: points
                .iter()
                .map(|point| vec![TableCell::Day(point.at), TableCell::Number(point.value)])
                .collect(),
        },
        ChartBody::Dots { dots, unit, .. } => Table {
            heads: heads(&["Level", unit, "Low", "High", "n"]),
            rows: dots
                .iter()
                .map(|dot| {
                    vec![
                        TableCell::Text(dot.label.clone()),
                        TableCell::Number(dot.value),
                        TableCell::Number(dot.low),
                        TableCell::Number(dot.high),
                        TableCell::Number(dot.n as f64),
                    ]
                })
                .collect(),
        },
        ChartBody::Heat { columns, rows, values, .. } => {
            let mut names = vec![String::new()];
            names.extend(columns.iter().cloned());
            let rows = rows
                .iter()
                .zip(values)
                .map(|(label, line)| {
                    let mut cells = vec![TableCell::Text(label.clone())];
                    cells.extend(line.iter().map(|value| value.map_or(TableCell::Empty, TableCell::Number)));
                    cells
                })
                .collect();
            Table { heads: names, rows }
        }
        ChartBody::Funnel { steps, unit } => {
            let mut before = None;
            let mut rows = Vec::new();
            for step in steps {
                let lost =
                    before.map(|before: f64| (before - step.value, share(before - step.value, before)));
                let number = |value: Option<f64>| value.map_or(TableCell::Empty, TableCell::Number);
                rows.push(vec![
                    TableCell::Text(step.label.clone()),
                    TableCell::Number(step.value),
                    number(lost.map(|lost| lost.0)),
                    number(lost.map(|lost| lost.1)),
                ]);
                before = Some(step.value);
            }
            Table { heads: heads(&["Step", unit, "Lost there", "Part of those before"]), rows }
        }
        ChartBody::Stacked { kept, lost, stacks, unit } => {
            let mut names = vec!["Name".to_owned(), unit.clone(), kept.clone()];
            names.extend(lost.iter().cloned());
            let rows = stacks
                .iter()
                .map(|stack| {
                    let parts = [stack.kept].into_iter().chain(stack.lost.iter().copied());
                    [TableCell::Text(stack.label.clone()), TableCell::Number(stack.total())]
                        .into_iter()
                        .chain(parts.map(|part| TableCell::Number(stack.share(part))))
                        .collect()
                })
                .collect();
            Table { heads: names, rows }
        }
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::chart::{Band, Dot, Point, Stack, Step};

    use super::*;

    fn step(label: &str, value: f64) -> Step {
        Step { label: label.to_owned(), value }
    }

    pub(crate) fn one_of_each() -> Vec<Chart> {
        let day = 86_400_000_000;
        let chart = |title: &str, body: ChartBody| Chart {
            title: title.to_owned(),
            caption: "finished orders".to_owned(),
            alternative: format!("{title}: an example"),
            body,
        };
        vec![
            chart(
                "From planned to actual cost",
                ChartBody::Waterfall {
                    start: step("Planned cost", 6_120_000.0),
                    steps: vec![step("Material price", 96_000.0), step("Labor rate", -31_000.0)],
                    end: step("Actual cost", 6_185_000.0),
                    unit: "USD".to_owned(),
                },
            ),
            chart(
                "Scrap cost by reason",
                ChartBody::Pareto {
                    bars: vec![step("Burr", 41_200.0), step("Porosity", 33_600.0), step("Other", 4_000.0)],
                    unit: "USD".to_owned(),
                },
            ),
            chart(
                "Material used, share of plan",
                ChartBody::Control {
                    points: (0..60)
                        .map(|at| Point {
                            at: i64::from(at) * day,
                            value: 1.0 + f64::from(at % 7) / 100.0,
                            highlighted: at > 40,
                        })
                        .collect(),
                    expected: Some(Band { low: 0.96, high: 1.06 }),
                    before: Some(1.01),
                    after: Some(1.11),
                    shift_at: Some(41 * day),
                    unit: "%".to_owned(),
                },
            ),
            chart(
                "Scrap by shift",
                ChartBody::Dots {
                    dots: (1..=3)
                        .map(|shift| Dot {
                            label: format!("Shift {shift}"),
                            value: 0.02 * f64::from(shift),
                            low: 0.018 * f64::from(shift),
                            high: 0.022 * f64::from(shift),
                            n: 400,
                            highlighted: shift == 3,
                        })
                        .collect(),
                    mean: Some(0.03),
                    unit: "%".to_owned(),
                },
            ),
            chart(
                "Hours waiting before each step",
                ChartBody::Heat {
                    columns: vec!["W30".to_owned(), "W31".to_owned()],
                    rows: vec!["Saw".to_owned(), "Heat treat".to_owned()],
                    values: vec![vec![Some(3.0), Some(4.0)], vec![Some(61.0), None]],
                    unit: "h".to_owned(),
                },
            ),
            chart(
                "Orders by step reached, and on time",
                ChartBody::Funnel {
                    steps: vec![
                        step("Released", 1_240.0),
                        step("Started", 1_240.0),
                        step("Finished", 1_178.0),
                        step("Shipped on time", 124.0),
                    ],
                    unit: "orders".to_owned(),
                },
            ),
            chart(
                "OEE and its losses, by machine",
                ChartBody::Stacked {
                    kept: "Effective".to_owned(),
                    lost: ["Availability loss", "Performance loss", "Quality loss"]
                        .map(str::to_owned)
                        .to_vec(),
                    stacks: vec![
                        Stack { label: "M07".to_owned(), kept: 410.0, lost: vec![380.0, 170.0, 40.0] },
                        // Faster than its plan.
                        Stack { label: "M03".to_owned(), kept: 990.0, lost: vec![60.0, -50.0, 0.0] },
                    ],
                    unit: "h".to_owned(),
                },
            ),
        ]
    }

    #[test]
    fn every_row_is_as_wide_as_its_heads() {
        for chart in one_of_each() {
            let table = table(&chart);
            assert!(table.rows.iter().all(|row| row.len() == table.heads.len()), "{}", chart.title);
        }
    }

    #[test]
    fn a_funnel_tells_what_each_step_loses_and_a_stack_its_shares() {
        let of = |kind: usize| table(&one_of_each()[kind]);
        let (text, number) = (|text: &str| TableCell::Text(text.to_owned()), TableCell::Number);
        let funnel = of(5);
        assert_eq!(funnel.heads, ["Step", "orders", "Lost there", "Part of those before"]);
        assert_eq!(funnel.rows[0], [text("Released"), number(1_240.0), TableCell::Empty, TableCell::Empty]);
        assert_eq!(funnel.rows[2], [text("Finished"), number(1_178.0), number(62.0), number(0.05)]);
        let stacked = of(6);
        assert_eq!(
            stacked.heads,
            ["Name", "h", "Effective", "Availability loss", "Performance loss", "Quality loss"]
        );
        let shares = [1_000.0, 0.41, 0.38, 0.17, 0.04].map(number);
        assert_eq!(stacked.rows[0][1..], shares);
        assert_eq!(stacked.rows[1][4], number(-0.05));
    }
}
