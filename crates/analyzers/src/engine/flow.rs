//! How orders flow: when the plant is open, how busy its resources are, and where orders wait.

use domain::chart::Dot;

use super::{observations::NONE, plant::Plant, value};
use crate::stats::{distribution::t_p, serial::SerialMean};

const HOURS_OF_WEEK: usize = 168;

/// The hours of the week in which work is begun, learned from the data themselves.
#[derive(Debug, Clone)]
pub struct OpenHours {
    open: [bool; HOURS_OF_WEEK],
    /// Open hours before each hour of the week, and in the whole week last.
    before: [f64; HOURS_OF_WEEK + 1],
}

impl OpenHours {
    /// `None` where the data hold days but no times.
    pub fn learn(starts: &[f64]) -> Option<Self> {
        let mut counts = [0_u32; HOURS_OF_WEEK];
        let mut n = 0_u32;
        for start in starts.iter().filter(|start| start.is_finite()) {
            counts[hour_of_week(*start)] += 1;
            n += 1;
        }
        let midnight: u32 = (0..7).map(|day| counts[day * 24]).sum();
        if n < 200 || f64::from(midnight) > 0.5 * f64::from(n) {
            return None;
        }
        let busy = counts.iter().filter(|count| **count > 0).count().max(1);
        let usual = f64::from(n) / busy as f64;
        let open = counts.map(|count| f64::from(count) > 0.15 * usual);
        let mut before = [0.0; HOURS_OF_WEEK + 1];
        for hour in 0..HOURS_OF_WEEK {
            before[hour + 1] = before[hour] + f64::from(u8::from(open[hour]));
        }
        Some(Self { open, before })
    }

    pub fn per_week(&self) -> f64 {
        self.before[HOURS_OF_WEEK]
    }

    /// Open hours from the epoch to a moment in days.
    fn until(&self, day: f64) -> f64 {
        let hours = day * 24.0 + THURSDAY;
        let week = (hours / HOURS_OF_WEEK as f64).floor();
        let within = hours - week * HOURS_OF_WEEK as f64;
        let hour = (within as usize).min(HOURS_OF_WEEK - 1);
        let part = if self.open[hour] { within - hour as f64 } else { 0.0 };
        week * self.per_week() + self.before[hour] + part
    }

    /// Open hours between two moments.
    pub fn between(&self, from: f64, to: f64) -> f64 {
        self.until(to) - self.until(from)
    }
}

/// Hours from Monday to 1970-01-01, a Thursday.
const THURSDAY: f64 = 72.0;

fn hour_of_week(day: f64) -> usize {
    ((day * 24.0 + THURSDAY).rem_euclid(HOURS_OF_WEEK as f64) as usize).min(HOURS_OF_WEEK - 1)
}

/// Load of each work center by week, and the wait before each operation.
#[derive(Debug)]
pub struct Flow {
    pub open: OpenHours,
    pub names: Vec<String>,
    pub machines: Vec<usize>,
    /// By work center, then week: booked hours over open machine hours.
    pub utilization: Vec<Vec<f64>>,
    /// Open hours between arrival and start of each operation; NaN where unknown.
    pub wait: Vec<f64>,
    /// Work center of each operation.
    pub work_center: Vec<u32>,
}

impl Flow {
    pub fn of(plant: &Plant) -> Option<Self> {
        let frame = &plant.operations;
        let starts = frame.days("operation_actual_start")?;
        let ends = frame.days("operation_actual_end")?;
        let open = OpenHours::learn(starts)?;
        let centers = frame.words("work_center_id")?;
        let n_centers = centers.names.len();
        let mut wait = vec![f64::NAN; frame.len];
        for (order, range) in plant.operations_of.iter().enumerate() {
            let mut arrival = plant.orders.days("release_date").map_or(f64::NAN, |days| days[order]);
            // A release that is only a date has no time of day to measure from.
            if arrival.fract() == 0.0 {
                arrival = f64::NAN;
            }
            for row in range.clone() {
                if arrival.is_finite() && starts[row].is_finite() {
                    wait[row] = open.between(arrival, starts[row]).max(0.0);
                }
                if ends[row].is_finite() {
                    arrival = if arrival.is_finite() { arrival.max(ends[row]) } else { ends[row] };
                }
            }
        }
        let mut machine_use: Vec<std::collections::BTreeMap<u32, usize>> =
            vec![std::collections::BTreeMap::new(); n_centers];
        if let Some(machines) = frame.words("machine_id") {
            for (center, machine) in centers.iter().zip(machines.iter()) {
                if center != NONE && machine != NONE {
                    *machine_use[center as usize].entry(machine).or_default() += 1;
                }
            }
        }
        let machines: Vec<usize> = machine_use
            .iter()
            .map(|of| {
                let all: usize = of.values().sum();
                of.values().filter(|n| **n * 100 >= all).count()
            })
            .collect();
        // The first and last weeks are only partly in the data: the plant fills up and runs empty.
        let first = plant.first_day + 14.0;
        let weeks = ((plant.last_day - 14.0 - first) / 7.0).floor();
        if weeks.is_nan() || weeks < 8.0 {
            return None;
        }
        let weeks = weeks as usize;
        let mut hours = vec![vec![0.0; weeks]; n_centers];
        for row in 0..frame.len {
            let (center, start, end) = (centers.code(row), starts[row], ends[row]);
            if center == NONE || !start.is_finite() || !end.is_finite() || end <= start {
                continue;
            }
            // What was keyed in can not exceed the time that passed.
            let passed = open.between(start, end).max(0.0);
            let stops = frame.number("downtime_hours", row).unwrap_or(0.0);
            let booked = value::booked_hours(frame, row) + stops;
            let busy = if booked > 0.0 { booked.min(passed) } else { passed };
            if passed <= 0.0 {
                continue;
            }
            let (from, to) = (((start - first) / 7.0).floor().max(0.0) as usize, (end - first) / 7.0);
            if to < 0.0 {
                continue;
            }
            for (week, hours) in
                hours[center as usize].iter_mut().enumerate().take(to as usize + 1).skip(from)
            {
                let begin = first + week as f64 * 7.0;
                let overlap = open.between(start.max(begin), end.min(begin + 7.0)).max(0.0);
                *hours += busy * overlap / passed;
            }
        }
        let utilization = hours
            .into_iter()
            .zip(&machines)
            .map(|(hours, machines)| {
                let available = open.per_week() * *machines as f64;
                hours.into_iter().map(|hours| if available > 0.0 { hours / available } else { 0.0 }).collect()
            })
            .collect();
        Some(Self {
            open,
            names: centers.names.clone(),
            machines,
            utilization,
            wait,
            work_center: centers.iter().collect(),
        })
    }
}

impl Flow {
    /// The load of each work center that has machines, busiest first: mean of weeks with its 95 % interval. `marked` says which
    /// stand out.
    pub fn load_dots(&self, marked: impl Fn(usize, &Dot) -> bool) -> Vec<Dot> {
        let mut dots: Vec<Dot> = (0..self.names.len())
            .filter(|center| self.machines[*center] > 0 && !self.utilization[*center].is_empty())
            .map(|center| {
                let weeks = &self.utilization[center];
                let n = weeks.len() as f64;
                let mean = weeks.iter().sum::<f64>() / n;
                let spread =
                    (weeks.iter().map(|load| (load - mean).powi(2)).sum::<f64>() / n / n).sqrt() * 1.96;
                let dot = Dot {
                    label: self.names[center].clone(),
                    value: mean,
                    low: mean - spread,
                    high: mean + spread,
                    n: weeks.len() as u64,
                    highlighted: false,
                };
                Dot { highlighted: marked(center, &dot), ..dot }
            })
            .collect();
        dots.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
        dots
    }
}

/// A work center that is the busiest beyond doubt.
#[derive(Debug, Clone)]
pub struct Constraint {
    pub work_center: usize,
    pub utilization: [f64; 3],
    pub second: f64,
    pub weeks: usize,
    /// Share of runs of four weeks in which it was the busiest, with its lower bound.
    pub share: f64,
    pub share_low: f64,
    pub p: f64,
}

/// A resource that is less loaded than this holds nobody up.
const LEAST_LOAD: f64 = 0.75;

/// How much longer queues must be expected before it than before the second, at equal variability.
const LONGER_QUEUE: f64 = 1.1;

/// Queues last: who is the busiest is asked of four weeks at a time, for one week's load swings with the lots that happen to
/// be there.
const WEEKS_TOGETHER: usize = 4;

/// The mean of each run of [`WEEKS_TOGETHER`] weeks.
fn moving_mean(weeks: &[f64]) -> Vec<f64> {
    weeks.windows(WEEKS_TOGETHER).map(|run| run.iter().sum::<f64>() / WEEKS_TOGETHER as f64).collect()
}

/// p that the busiest of work centers that are loaded alike, as far apart as the others are, leads by so much. In a plant
/// whose work centers differ anyway it stays silent.
fn apart_p(top: f64, others: &[f64]) -> f64 {
    let n = others.len() as f64;
    if others.len() < 4 {
        return 1.0;
    }
    let mean = others.iter().sum::<f64>() / n;
    let spread = (others.iter().map(|load| (load - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    if spread <= 0.0 {
        return 1.0;
    }
    // One-sided, for only leading counts; and each of them could have been the one that leads (Grubbs).
    (0.5 * t_p((top - mean) / (spread * (1.0 + 1.0 / n).sqrt()), n - 1.0) * (n + 1.0)).min(1.0)
}

/// Two-sided p that one series of weekly loads is not above another, weeks following each other as they do.
fn lead_p(own: &[f64], other: &[f64]) -> f64 {
    let difference: Vec<f64> = own.iter().zip(other).map(|(own, other)| own - other).collect();
    SerialMean::of(&difference)
        .filter(|difference| difference.mean > 0.0)
        .map_or(1.0, |difference| difference.p())
}

/// The constraint of the plant, if one work center stands out.
pub fn constraint(flow: &Flow, confidence: f64, sensitivity: f64) -> Option<Constraint> {
    use crate::stats::{resample, robust};
    let mean = |weeks: &[f64]| weeks.iter().sum::<f64>() / weeks.len().max(1) as f64;
    let mut order: Vec<usize> = (0..flow.names.len()).filter(|center| flow.machines[*center] > 0).collect();
    if order.len() < 2 {
        return None;
    }
    order.sort_by(|a, b| mean(&flow.utilization[*b]).total_cmp(&mean(&flow.utilization[*a])).then(a.cmp(b)));
    let (top, second) = (order[0], order[1]);
    let weeks = flow.utilization[top].len();
    // To say "the busiest of all" every comparison must hold, so the weakest of them decides and none has to pay for the
    // others (intersection-union); that either of two equals could have led is paid for by testing both sides.
    let week_by_week = (order[1..].iter())
        .map(|other| lead_p(&flow.utilization[top], &flow.utilization[*other]))
        .fold(0.0, f64::max);
    let others: Vec<f64> = order[1..].iter().map(|center| mean(&flow.utilization[*center])).collect();
    let p = (2.0 * week_by_week.min(apart_p(mean(&flow.utilization[top]), &others))).min(1.0);
    let smooth: Vec<Vec<f64>> = flow.utilization.iter().map(|weeks| moving_mean(weeks)).collect();
    let leads = |week: usize| {
        let own = smooth[top][week];
        f64::from(u8::from(order.iter().all(|center| *center == top || smooth[*center][week] < own)))
    };
    let busiest: Vec<f64> = (0..smooth[top].len()).map(leads).collect();
    let blocks: Vec<(f64, f64)> =
        busiest.chunks(WEEKS_TOGETHER).map(|weeks| (weeks.iter().sum(), weeks.len() as f64)).collect();
    let tail = (1.0 - confidence) / 2.0;
    let share = busiest.iter().sum::<f64>() / busiest.len().max(1) as f64;
    let mut shares = resample::ratio_of_sums(&blocks, resample::DRAWS, 21);
    let share_low = robust::quantile(&mut shares, tail)?;
    let loads: Vec<(f64, f64)> = flow.utilization[top].iter().map(|load| (*load, 1.0)).collect();
    let mut draws = resample::ratio_of_sums(&loads, resample::DRAWS, 22);
    let utilization = [
        mean(&flow.utilization[top]),
        robust::quantile(&mut draws, tail)?,
        robust::quantile(&mut draws, 1.0 - tail)?,
    ];
    let second_load = mean(&flow.utilization[second]);
    // Waiting grows with u / (1 - u): near the limit a point of load means more than far from it.
    let odds = |load: f64| load / (1.0 - load.min(0.99));
    let longer = odds(utilization[0]) / odds(second_load).max(1e-9);
    let stands_out = p <= 1.0 - confidence
        && share_low >= 1.0 - sensitivity
        && utilization[1] >= LEAST_LOAD
        && longer >= LONGER_QUEUE;
    stands_out.then_some(Constraint {
        work_center: top,
        utilization,
        second: second_load,
        weeks,
        share,
        share_low,
        p,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_hours_are_learned_and_weekends_do_not_count() {
        // Work begins at every quarter of an hour from Monday to Friday, 06:00 to 22:00, for twenty weeks.
        let mut starts = Vec::new();
        for day in 0..140 {
            // 1970-01-05 is a Monday.
            if day % 7 < 5 {
                starts.extend(
                    (0..64).map(|quarter| 4.0 + f64::from(day) + (6.0 + f64::from(quarter) * 0.25) / 24.0),
                );
            }
        }
        let open = OpenHours::learn(&starts).unwrap();
        assert_eq!(open.per_week(), 80.0);
        let friday_evening = 4.0 + 4.0 + 21.0 / 24.0;
        let monday_morning = 4.0 + 7.0 + 7.0 / 24.0;
        assert!((open.between(friday_evening, monday_morning) - 2.0).abs() < 1e-6);
        assert!(OpenHours::learn(&starts.iter().map(|start| start.floor()).collect::<Vec<_>>()).is_none());
    }
}
