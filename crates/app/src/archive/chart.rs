//! Charts.

use domain::chart::{Band, Chart, ChartBody, Dot, Point, Stack, Step};
use serde_json::{Value, json};

use super::{Archived, Unreadable, fields, members, take};

fields!(Chart { title, caption, alternative, body });
fields!(Step { label, value });
fields!(Point { at, value, highlighted });
fields!(Band { low, high });
fields!(Stack { label, kept, lost });
fields!(Dot { label, value, low, high, n, highlighted });

impl Archived for ChartBody {
    fn keep(&self) -> Value {
        match self {
            Self::Waterfall { start, steps, end, unit } => json!({
                "kind": "waterfall", "start": start.keep(), "steps": steps.keep(), "end": end.keep(), "unit": unit,
            }),
            Self::Pareto { bars, unit } => json!({"kind": "pareto", "bars": bars.keep(), "unit": unit}),
            Self::Control { points, expected, before, after, shift_at, unit } => json!({
                "kind": "control", "points": points.keep(), "expected": expected.keep(), "before": before.keep(),
                "after": after.keep(), "shift_at": shift_at.keep(), "unit": unit,
            }),
            Self::Dots { dots, mean, unit } => {
                json!({"kind": "dots", "dots": dots.keep(), "mean": mean.keep(), "unit": unit})
            }
            Self::Heat { columns, rows, values, unit } => json!({
                "kind": "heat", "columns": columns, "rows": rows, "values": values.keep(), "unit": unit,
            }),
            Self::Funnel { steps, unit } => json!({"kind": "funnel", "steps": steps.keep(), "unit": unit}),
            Self::Stacked { kept, lost, stacks, unit } => json!({
                "kind": "stacked", "kept": kept, "lost": lost, "stacks": stacks.keep(), "unit": unit,
            }),
        }
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        let mut body = members(value)?;
        let kind: String = take(&mut body, "kind")?;
        let body = &mut body;
        let unit = take(body, "unit")?;
        Ok(match kind.as_str() {
            "waterfall" => Self::Waterfall {
                start: take(body, "start")?,
                steps: take(body, "steps")?,
                end: take(body, "end")?,
                unit,
            },
            "pareto" => Self::Pareto { bars: take(body, "bars")?, unit },
            "control" => Self::Control {
                points: take(body, "points")?,
                expected: take(body, "expected")?,
                before: take(body, "before")?,
                after: take(body, "after")?,
                shift_at: take(body, "shift_at")?,
                unit,
            },
            "dots" => Self::Dots { dots: take(body, "dots")?, mean: take(body, "mean")?, unit },
            "heat" => Self::Heat {
                columns: take(body, "columns")?,
                rows: take(body, "rows")?,
                values: take(body, "values")?,
                unit,
            },
            "funnel" => Self::Funnel { steps: take(body, "steps")?, unit },
            "stacked" => Self::Stacked {
                kept: take(body, "kept")?,
                lost: take(body, "lost")?,
                stacks: take(body, "stacks")?,
                unit,
            },
            _ => return Err(Unreadable::not("chart", &Value::String(kind))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_come_back_and_those_of_earlier_archives_do_too() {
        let step = |label: &str, value: f64| Step { label: label.to_owned(), value };
        for (body, kept) in [
            (
                ChartBody::Pareto { bars: vec![step("Burr", 4.5)], unit: "h".to_owned() },
                json!({"kind": "pareto", "bars": [{"label": "Burr", "value": "4.5"}], "unit": "h"}),
            ),
            (
                ChartBody::Funnel {
                    steps: vec![step("Released", 10.0), step("Started", 9.0)],
                    unit: "orders".to_owned(),
                },
                json!({
                    "kind": "funnel", "unit": "orders",
                    "steps": [{"label": "Released", "value": "10.0"}, {"label": "Started", "value": "9.0"}],
                }),
            ),
            (
                ChartBody::Stacked {
                    kept: "Effective".to_owned(),
                    lost: vec!["Availability loss".to_owned()],
                    stacks: vec![Stack { label: "M07".to_owned(), kept: 6.5, lost: vec![3.5] }],
                    unit: "h".to_owned(),
                },
                json!({
                    "kind": "stacked", "kept": "Effective", "lost": ["Availability loss"], "unit": "h",
                    "stacks": [{"label": "M07", "kept": "6.5", "lost": ["3.5"]}],
                }),
            ),
        ] {
            assert_eq!(ChartBody::restore(kept).unwrap(), body);
            assert_eq!(ChartBody::restore(body.keep()).unwrap(), body);
        }
        assert!(ChartBody::restore(json!({"kind": "gauge", "unit": "h"})).is_err());
    }
}
