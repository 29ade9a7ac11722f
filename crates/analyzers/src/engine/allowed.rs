//! Hours that the plan allows for what was made: the yardstick of efficiency.

use super::{frame::Frame, metric::best_scale, plant::Plant};

/// Actual and planned hours of the same kind, the most specific that the frame has.
pub fn hours(frame: &Frame) -> Option<(&'static str, Option<&'static str>)> {
    const PAIRS: [(&str, &str); 3] = [
        ("actual_run_hours", "planned_run_hours"),
        ("actual_labor_hours", "planned_labor_hours"),
        ("actual_machine_hours", "planned_machine_hours"),
    ];
    PAIRS
        .into_iter()
        .find(|(actual, planned)| frame.has(actual) && frame.has(planned))
        .map(|(actual, planned)| (actual, Some(planned)))
        .or_else(|| {
            let timed = frame.has("standard_cycle_time") || frame.has("standard_rate");
            PAIRS.into_iter().find(|(actual, _)| timed && frame.has(actual)).map(|(actual, _)| (actual, None))
        })
}

/// Pieces that passed an operation, good and bad.
pub fn processed(plant: &Plant, frame: &Frame, row: usize) -> Option<f64> {
    let good = frame.number("operation_quantity_completed", row);
    let bad = frame.number("operation_quantity_scrapped", row).unwrap_or(0.0);
    good.map(|good| good + bad)
        .or_else(|| plant.number(frame, "quantity_completed", row).map(|good| good + bad))
        .filter(|pieces| *pieces > 0.0)
}

/// What the standard allows for the operations of a plant; five analyses ask for it.
#[derive(Debug)]
pub struct Allowed {
    /// The field of actual hours that it belongs to.
    pub actual: &'static str,
    /// NaN where it is not known. Seven digits are enough for an operation.
    pub hours: Vec<f32>,
}

impl Allowed {
    pub fn of(plant: &Plant) -> Option<Self> {
        let frame = &plant.operations;
        let (actual, planned) = hours(frame)?;
        Some(Self { actual, hours: of(plant, frame, actual, planned) })
    }

    pub fn at(&self, row: usize) -> f64 {
        f64::from(self.hours[row])
    }

    /// Hours spent on a row, where they are believable: five times too much or too little is a slip of the pen.
    pub fn spent(&self, frame: &Frame, row: usize) -> Option<f64> {
        let allowed = self.at(row);
        frame.number(self.actual, row).filter(|spent| *spent > allowed / 5.0 && *spent < 5.0 * allowed)
    }
}

/// Hours that the standard allows for what was made.
pub fn of(plant: &Plant, frame: &Frame, actual: &str, planned: Option<&str>) -> Vec<f32> {
    let Some(planned) = planned else {
        return (0..frame.len)
            .map(|row| {
                let pieces = processed(plant, frame, row).unwrap_or(f64::NAN);
                let seconds = frame.number("standard_cycle_time", row).or_else(|| {
                    frame.number("standard_rate", row).filter(|rate| *rate > 0.0).map(|rate| 3_600.0 / rate)
                });
                seconds.map_or(f64::NAN, |seconds| seconds * pieces / 3_600.0) as f32
            })
            .collect();
    };
    let made = |row: usize| processed(plant, frame, row);
    let ordered = |row: usize| plant.number(frame, "quantity_ordered", row);
    let share = |over: Option<f64>, under: Option<f64>| match (over, under) {
        (Some(over), Some(under)) if over > 0.0 && under > 0.0 => over / under,
        _ => f64::NAN,
    };
    let scales: [&dyn Fn(usize) -> f64; 4] = [
        &|_| 1.0,
        &|row| share(made(row), ordered(row)),
        &|row| share(made(row), frame.number("operation_quantity_in", row)),
        &|row| share(plant.number(frame, "quantity_completed", row), ordered(row)),
    ];
    let number = |field: &str, row: usize| frame.number(field, row).unwrap_or(f64::NAN);
    let scale = best_scale(frame.len, &|row| number(actual, row), &|row| number(planned, row), &scales);
    (0..frame.len)
        .map(|row| {
            let scale = Some(scale(row)).filter(|scale| scale.is_finite()).unwrap_or(1.0);
            (number(planned, row) * scale) as f32
        })
        .collect()
}
