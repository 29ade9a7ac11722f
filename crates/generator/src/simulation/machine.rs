//! A machine: when it is free, what it was set up for, and when it breaks down next.

use rand_chacha::ChaCha8Rng;

use crate::{
    calendar::{HOUR, Ticks},
    plant::calibration::{HOURS_BETWEEN_FAILURES, REPAIR_HOURS},
    random::{exponential, index, noise},
};

#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) free: Ticks,
    pub(crate) family: Option<usize>,
    /// Working time so far.
    pub(crate) operated: Ticks,
    usual: Failures,
    /// Those of a planted problem, apart so that the usual ones stay where they are.
    extra: Option<Failures>,
}

/// Breakdowns at a constant rate of working time.
#[derive(Debug)]
struct Failures {
    rng: ChaCha8Rng,
    mean: f64,
    next: f64,
}

/// A breakdown within an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    /// Run time of the operation before it.
    pub(crate) offset: Ticks,
    pub(crate) repair: Ticks,
    pub(crate) reason: usize,
    pub(crate) repair_cost: i64,
    pub(crate) extra: bool,
    /// Set when the operation is laid on the clock.
    pub(crate) start: Ticks,
}

pub(crate) const STOP_REASONS: [&str; 8] = [
    "Tool breakage",
    "Hydraulic leak",
    "Sensor fault",
    "Electrical fault",
    "Material jam",
    "Coolant failure",
    "Drive overload",
    "Program error",
];

impl Failures {
    fn new(mut rng: ChaCha8Rng, relative_rate: f64) -> Self {
        let mean = HOURS_BETWEEN_FAILURES * HOUR as f64 / relative_rate;
        let next = exponential(&mut rng, mean);
        Self { rng, mean, next }
    }

    fn within(&mut self, operated: Ticks, run: Ticks, extra: bool, stops: &mut Vec<Stop>) {
        while self.next < (operated + run) as f64 {
            let hours = REPAIR_HOURS * noise(&mut self.rng, 0.6);
            stops.push(Stop {
                offset: (self.next as Ticks - operated).clamp(0, run),
                repair: ((hours * HOUR as f64).round() as Ticks).max(5),
                reason: index(&mut self.rng, STOP_REASONS.len()),
                repair_cost: (12_000.0 * hours * noise(&mut self.rng, 0.5)).round() as i64,
                extra,
                start: 0,
            });
            self.next += exponential(&mut self.rng, self.mean);
        }
    }
}

impl Machine {
    /// `extra_rate` is relative to the usual rate.
    pub(crate) fn new(usual: ChaCha8Rng, extra: ChaCha8Rng, extra_rate: f64) -> Self {
        Self {
            free: 0,
            family: None,
            operated: 0,
            usual: Failures::new(usual, 1.0),
            extra: (extra_rate > 0.0).then(|| Failures::new(extra, extra_rate)),
        }
    }

    /// The breakdowns while the machine works for another `run`.
    pub(crate) fn work(&mut self, run: Ticks) -> Vec<Stop> {
        let mut stops = Vec::new();
        self.usual.within(self.operated, run, false, &mut stops);
        if let Some(extra) = &mut self.extra {
            extra.within(self.operated, run, true, &mut stops);
        }
        stops.sort_by_key(|stop| stop.offset);
        self.operated += run;
        stops
    }
}
