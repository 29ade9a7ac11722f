//! Charts.

use domain::chart::{Band, Chart, ChartBody, Dot, Point, Step};
use serde_json::{Value, json};

use super::{Archived, Unreadable, fields, members, take};

fields!(Chart { title, caption, alternative, body });
fields!(Step { label, value });
fields!(Point { at, value, highlighted });
fields!(Band { low, high });
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
            _ => return Err(Unreadable::not("chart", &Value::String(kind))),
        })
    }
}
