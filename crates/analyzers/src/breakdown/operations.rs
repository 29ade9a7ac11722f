//! Hours against the plan by step of the routing: how efficient, at what cost, and how evenly.

use domain::breakdown::{OperationLine, Scale};

use crate::{
    engine::{
        allowed,
        context::Context,
        frame::{Codes, Frame},
        observations::NONE,
        value,
    },
    stats::robust,
};

/// Steps beyond this number are read by nobody.
const LISTED: usize = 50;

/// Fewer records do not show how evenly a step runs.
const FEWEST: usize = 8;

#[derive(Debug, Default)]
struct Sums {
    hours: f64,
    allowed: f64,
    /// Cost of the hours of rows that know both the planned and the paid rate.
    paid: f64,
    planned: f64,
    ratios: Vec<f64>,
}

/// The whole plant first, under no name, then steps by their hours.
pub(super) fn lines(context: &Context<'_>, scale: Option<&Scale>) -> Vec<OperationLine> {
    let plant = context.plant;
    let frame = if allowed::hours(&plant.operations).is_some() { &plant.operations } else { &plant.orders };
    let Some((actual, planned)) = allowed::hours(frame) else { return Vec::new() };
    let own;
    let of_operations = context.allowed().filter(|_| std::ptr::eq(frame, &raw const plant.operations));
    let allowed = if let Some(allowed) = of_operations {
        &allowed.hours
    } else {
        own = allowed::of(plant, frame, actual, planned);
        &own
    };
    let steps = step(frame);
    let mut sums: Vec<Sums> =
        std::iter::repeat_with(Sums::default).take(1 + steps.map_or(0, |words| words.names.len())).collect();
    for (row, allowed) in allowed.iter().copied().map(f64::from).enumerate() {
        // Five times too much or too little is a slip of the pen: it is told as data quality.
        let Some(spent) = frame
            .number(actual, row)
            .filter(|spent| allowed > 0.0 && *spent > allowed / 5.0 && *spent < 5.0 * allowed)
        else {
            continue;
        };
        let rates = plant.number(frame, "standard_labor_rate", row).zip(value::paid_hour(frame, row));
        let code = steps.map_or(NONE, |words| words.code(row));
        let own = (code != NONE).then_some(code as usize + 1);
        for at in std::iter::once(0).chain(own) {
            let sum = &mut sums[at];
            sum.hours += spent;
            sum.allowed += allowed;
            sum.ratios.push((spent / allowed).ln());
            if let Some((standard, paid)) = rates {
                sum.paid += paid * spent;
                sum.planned += standard * allowed;
            }
        }
    }
    let names = std::iter::once(String::new()).chain(steps.into_iter().flat_map(|words| words.names.clone()));
    let mut lines: Vec<OperationLine> = names
        .zip(sums)
        .filter(|(_, sum)| sum.hours > 0.0)
        .map(|(name, sum)| line(name, sum, scale))
        .collect();
    if lines.len() > 1 {
        lines[1..].sort_by(|a, b| b.hours.total_cmp(&a.hours).then_with(|| a.name.cmp(&b.name)));
    }
    lines.truncate(1 + LISTED);
    lines
}

fn line(name: String, mut sum: Sums, scale: Option<&Scale>) -> OperationLine {
    let records = sum.ratios.len();
    let efficiency = sum.allowed / sum.hours;
    let spread = (records >= FEWEST)
        .then(|| robust::centre_and_spread(&mut sum.ratios))
        .flatten()
        .map(|(_, spread)| spread.exp_m1());
    OperationLine {
        name,
        records: records as u64,
        hours: sum.hours,
        allowed: sum.allowed,
        efficiency,
        cost_efficiency: (sum.paid > 0.0 && sum.planned > 0.0).then(|| sum.planned / sum.paid),
        spread,
        band: scale.map(|scale| scale.band(1.0 - efficiency)),
    }
}

/// What the data call a step of the routing; what tells single orders apart is no step.
fn step(frame: &Frame) -> Option<&Codes> {
    ["operation_code", "operation_name", "work_center_id", "operation_sequence"]
        .into_iter()
        .filter_map(|field| frame.words(field))
        .find(|words| words.names.len() <= 500)
}

/// The step of each row, for comparing like with like.
pub(super) fn steps_of(frame: &Frame) -> Vec<u32> {
    step(frame).map_or_else(|| vec![NONE; frame.len], |words| words.iter().collect())
}
