//! Operations in time: what was planned as an outline, what happened as a bar within it.

use askama::Template;

/// A stretch of time in microseconds since 1970-01-01 on the plant's own clock.
pub type Span = (i64, i64);

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub label: String,
    pub planned: Option<Span>,
    pub actual: Option<Span>,
}

/// A bar where it is drawn; whole pixels of its drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bar {
    x: i64,
    width: i64,
    late: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Lane {
    label: String,
    text_y: i64,
    planned_y: i64,
    actual_y: i64,
    planned: Option<Bar>,
    actual: Option<Bar>,
}

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "page/order/timeline.html")]
pub struct Timeline {
    /// What the picture says, for those who do not see it.
    alternative: String,
    /// For a wide place, and for a phone.
    drawings: [Drawing; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Drawing {
    place: &'static str,
    width: i64,
    height: i64,
    foot: i64,
    lanes: Vec<Lane>,
    ticks: Vec<(i64, String)>,
}

/// Where things stand in a drawing: names before their bars, or on a phone above them.
struct Shape {
    place: &'static str,
    width: i64,
    left: i64,
    right: i64,
    lane: i64,
    text: i64,
    bar: i64,
    ticks: i64,
}

const WIDE: Shape =
    Shape { place: "wide", width: 760, left: 190, right: 750, lane: 30, text: 19, bar: 5, ticks: 5 };
const PHONE: Shape =
    Shape { place: "phone", width: 328, left: 0, right: 326, lane: 48, text: 15, bar: 22, ticks: 2 };

/// Lanes that are drawn; the table below holds all.
const LANES_MAX: usize = 40;

impl Timeline {
    /// None where no operation has a time.
    pub fn new(mut steps: Vec<Step>) -> Option<Self> {
        steps.retain(|step| step.planned.is_some() || step.actual.is_some());
        let hidden = steps.len().saturating_sub(LANES_MAX);
        steps.truncate(LANES_MAX);
        let spans = || steps.iter().flat_map(|step| [step.planned, step.actual]).flatten();
        let (from, to) = (spans().map(|span| span.0).min()?, spans().map(|span| span.1).max()?);
        let late = steps.iter().filter(|step| is_late(step)).count();
        let more =
            if hidden == 0 { String::new() } else { format!(" {hidden} more are in the table below.") };
        Some(Self {
            alternative: format!(
                "{} from {} to {}; {late} ended later than planned.{more}",
                crate::words::counted(steps.len() as u64, "operation"),
                domain::number::day(from),
                domain::number::day(to)
            ),
            drawings: [WIDE, PHONE].map(|shape| draw(&steps, (from, to), &shape)),
        })
    }
}

fn is_late(step: &Step) -> bool {
    matches!((step.planned, step.actual), (Some(planned), Some(actual)) if actual.1 > planned.1)
}

fn draw(steps: &[Step], (from, to): Span, shape: &Shape) -> Drawing {
    let whole = (to - from).max(1);
    let at = |moment: i64| {
        shape.left
            + (i128::from(moment - from) * i128::from(shape.right - shape.left) / i128::from(whole)) as i64
    };
    let bar = |span: Span, late| Bar { x: at(span.0), width: (at(span.1) - at(span.0)).max(3), late };
    let lanes = steps.iter().enumerate().map(|(row, step)| {
        let top = row as i64 * shape.lane;
        Lane {
            label: short(&step.label),
            text_y: top + shape.text,
            planned_y: top + shape.bar,
            actual_y: top + shape.bar + 5,
            planned: step.planned.map(|span| bar(span, false)),
            actual: step.actual.map(|span| bar(span, is_late(step))),
        }
    });
    let foot = steps.len() as i64 * shape.lane + 18;
    let ticks = (0..=shape.ticks)
        .map(|tick| from + whole / shape.ticks * tick)
        .map(|moment| (at(moment), domain::number::day(moment)));
    Drawing {
        place: shape.place,
        width: shape.width,
        height: foot + 8,
        foot,
        lanes: lanes.collect(),
        ticks: ticks.collect(),
    }
}

fn short(label: &str) -> String {
    let mut short: String = label.chars().take(30).collect();
    if short.len() < label.len() {
        short.push('…');
    }
    short
}

pub(crate) fn sample() -> Vec<Step> {
    const DAY: i64 = 86_400_000_000;
    let from = 20_300 * DAY;
    vec![
        Step {
            label: "10 Turning".to_owned(),
            planned: Some((from, from + DAY)),
            actual: Some((from + DAY / 4, from + DAY * 3 / 2)),
        },
        Step {
            label: "20 Grinding".to_owned(),
            planned: Some((from + 2 * DAY, from + 4 * DAY)),
            actual: Some((from + 2 * DAY, from + 3 * DAY)),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_lie_within_the_picture_and_late_ones_are_marked() {
        let timeline = Timeline::new(sample()).unwrap();
        for (drawing, shape) in timeline.drawings.iter().zip([WIDE, PHONE]) {
            assert_eq!(drawing.lanes.len(), 2);
            for bar in drawing.lanes.iter().flat_map(|lane| [&lane.planned, &lane.actual]).flatten() {
                assert!(bar.x >= shape.left && bar.x + bar.width <= shape.right + 3, "{bar:?}");
            }
            let late: Vec<bool> =
                drawing.lanes.iter().filter_map(|lane| lane.actual.as_ref().map(|bar| bar.late)).collect();
            assert_eq!(late, [true, false]);
        }
        assert_eq!(
            timeline.alternative,
            "2 operations from 31 Jul 2025 to 4 Aug 2025; 1 ended later than planned."
        );
    }

    #[test]
    fn extreme_times_do_not_break_it() {
        let step = |planned, actual| Step { label: "x".repeat(90), planned, actual };
        assert!(Timeline::new(vec![step(None, None)]).is_none());
        assert!(Timeline::new(vec![step(Some((5, 5)), None)]).is_some());
        let far = 200_000_000_000_000_000;
        assert!(Timeline::new(vec![step(Some((-far, far)), Some((far, -far)))]).is_some());
    }
}
