//! What late orders lost their time to: released late, waiting at a work center, longer work.
//!
//! A late order is held against what punctual ones needed at the same work centers, so that a long route is no cause.

use crate::{
    engine::{flow::Flow, observations::NONE, plant::Plant},
    suite,
};

const RELEASED: &str = "Released late";
const AFTER_RELEASE: &str = "After its release";
const LONGER_WORK: &str = "Longer work than punctual orders";
const TIGHT: &str = "No part longer than in punctual orders";
const UNKNOWN: &str = "Not measured";

/// The cause of each late order, with the open hours that it lost there (NaN where they were not measured).
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) causes: Vec<(String, f64)>,
    pub(super) note: String,
}

/// Mean hours of punctual orders at a work center.
#[derive(Debug, Clone, Copy, Default)]
struct Usual {
    wait: (f64, f64),
    work: (f64, f64),
}

fn add((n, sum): &mut (f64, f64), value: f64) {
    if value.is_finite() {
        *n += 1.0;
        *sum += value;
    }
}

fn mean((n, sum): (f64, f64)) -> f64 {
    if n > 0.0 { sum / n } else { f64::NAN }
}

pub(super) fn of(plant: &Plant, late: &[(usize, f64)], punctual: &[usize]) -> Told {
    let Some(flow) = Flow::of(plant) else { return by_release(plant, late) };
    let work = working(plant, &flow);
    let mut usual = vec![Usual::default(); flow.names.len()];
    for order in punctual {
        for row in plant.operations_of[*order].clone() {
            if let Some(usual) = usual.get_mut(flow.work_center[row] as usize) {
                add(&mut usual.wait, flow.wait[row]);
                add(&mut usual.work, work[row]);
            }
        }
    }
    let releases = plant.orders.days("release_date");
    let causes = late
        .iter()
        .map(|(order, days)| {
            let delay = suite::release_delay(plant, *order).filter(|delay| *delay > 0.0);
            let released = delay.zip(releases).map(|(delay, releases)| {
                let at = releases[*order];
                flow.open.between(at - delay, at).max(0.0)
            });
            if let Some(hours) = released
                && delay.is_some_and(|delay| delay >= *days)
            {
                return (RELEASED.to_owned(), hours);
            }
            let mut waits: Vec<f64> = vec![0.0; flow.names.len()];
            let (mut longer, mut measured) = (0.0, false);
            for row in plant.operations_of[*order].clone() {
                let center = flow.work_center[row];
                if center == NONE {
                    continue;
                }
                let usual = usual[center as usize];
                let wait = flow.wait[row] - mean(usual.wait);
                if wait.is_finite() {
                    waits[center as usize] += wait;
                    measured = true;
                }
                let extra = work[row] - mean(usual.work);
                if extra.is_finite() {
                    longer += extra;
                    measured = true;
                }
            }
            if !measured {
                return (UNKNOWN.to_owned(), f64::NAN);
            }
            let waiting = waits
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)))
                .map(|(center, hours)| (format!("Waiting at {}", flow.names[center]), *hours));
            let parts = [
                waiting,
                Some((LONGER_WORK.to_owned(), longer)),
                released.map(|hours| (RELEASED.to_owned(), hours)),
            ];
            parts
                .into_iter()
                .flatten()
                .filter(|(_, hours)| *hours > 0.0)
                .max_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or_else(|| (TIGHT.to_owned(), f64::NAN))
        })
        .collect();
    Told {
        causes,
        note: "Each late order counts once, where it lost most against punctual orders at the same work centers; one that was \
               released later than it ended late counts as released late."
            .to_owned(),
    }
}

/// Without the times of operations, the release alone tells something.
fn by_release(plant: &Plant, late: &[(usize, f64)]) -> Told {
    let delays: Vec<Option<f64>> =
        late.iter().map(|(order, _)| suite::release_delay(plant, *order)).collect();
    let causes = late
        .iter()
        .zip(&delays)
        .map(|((_, days), delay)| {
            let name = match delay {
                Some(delay) if delay >= days => RELEASED,
                Some(_) => AFTER_RELEASE,
                None => UNKNOWN,
            };
            (name.to_owned(), f64::NAN)
        })
        .collect();
    let note = "What late orders waited for needs start and end of their operations with times of day, by work center, over \
                twelve weeks and more.";
    Told { causes, note: note.to_owned() }
}

/// Open hours from start to end of each operation.
fn working(plant: &Plant, flow: &Flow) -> Vec<f64> {
    let frame = &plant.operations;
    let (Some(starts), Some(ends)) =
        (frame.days("operation_actual_start"), frame.days("operation_actual_end"))
    else {
        return vec![f64::NAN; frame.len];
    };
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| if end >= start { flow.open.between(*start, *end) } else { f64::NAN })
        .collect()
}
