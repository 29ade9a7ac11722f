//! More machines or more hours at a work center: what becomes of its queue (VUT), and what it costs.

use super::{Answer, Figure, Load, Sums};
use crate::engine::words::{figure, percent};

/// The queue before a work center by the VUT equation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    pub utilization: f64,
    /// Mean wait in open hours; infinite at or beyond full load.
    pub hours: f64,
}

impl Queue {
    /// ((ca² + ce²) / 2) x (u^(sqrt(2 (m + 1)) - 1) / (m (1 - u))) x te.
    pub fn of(load: &Load, machines: f64, utilization: f64) -> Self {
        let hours = if utilization >= 1.0 {
            f64::INFINITY
        } else {
            f64::midpoint(load.ca2, load.ce2) * utilization.powf((2.0 * (machines + 1.0)).sqrt() - 1.0)
                / (machines * (1.0 - utilization))
                * load.effective_hours
        };
        Self { utilization, hours }
    }
}

/// `more` machines (negative: fewer) do the same work; `yearly_cost` is that of one machine, if it is known.
pub fn machines(sums: &Sums, more: f64, yearly_cost: Option<f64>) -> Answer {
    let question = format!("What if there are {} machines more?", figure(more));
    let Some(load) = sums.load else { return Answer::unknown(question, TIMES.to_vec()) };
    let then = load.machines + more;
    if then <= 0.0 {
        return Answer::unknown(question, vec!["at least one machine"]);
    }
    let utilization = load.utilization * load.machines / then;
    let mut answer = queued(question, &load, then, utilization);
    answer.saved_per_year = yearly_cost.map(|cost| -cost * more);
    if yearly_cost.is_none() {
        answer.missing.push("yearly cost of a machine");
    }
    answer.assumptions.push("The same work comes, and any machine of the work center can do it.".to_owned());
    answer
}

/// The work center is open `hours` more a week (a shift: 40; negative: fewer). The hours are paid at the labor rate times
/// 1 + `premium`, for every machine.
pub fn shift(sums: &Sums, hours: f64, premium: f64) -> Answer {
    let question = format!("What if it is open {} hours more a week?", figure(hours));
    let Some(load) = sums.load else { return Answer::unknown(question, TIMES.to_vec()) };
    let open = load.open_per_week + hours;
    if open <= 0.0 || open > 168.0 {
        return Answer::unknown(question, vec!["between 0 and 168 open hours a week"]);
    }
    let utilization = load.utilization * load.open_per_week / open;
    let mut answer = queued(question, &load, load.machines, utilization);
    let paid = hours * 365.0 / 7.0 * load.machines;
    answer.saved_per_year = sums.labor_hour.map(|rate| -paid * rate * (1.0 + premium));
    match sums.labor_hour {
        Some(rate) => {
            answer.formula = format!(
                "{}; {} hours a year x {} x {} = {}",
                answer.formula,
                figure(paid),
                figure(rate),
                percent(1.0 + premium),
                figure(paid * rate * (1.0 + premium))
            );
        }
        None => answer.missing.push("labor_rate"),
    }
    answer.figures.push(Figure {
        name: "open hours a week",
        unit: "h",
        today: load.open_per_week,
        then: open,
    });
    answer.assumptions.push(
        "Every machine is manned in the added hours; work that is done then is not paid for elsewhere."
            .to_owned(),
    );
    answer
}

const TIMES: &[&str] = &["operation_actual_start", "operation_actual_end", "machine_id"];

fn queued(question: String, load: &Load, machines: f64, utilization: f64) -> Answer {
    let today = Queue::of(load, load.machines, load.utilization);
    let then = Queue::of(load, machines, utilization);
    // The equation knows nothing of priorities and batches: what it misses today it is taken to miss then.
    let calibration =
        if today.hours.is_finite() && today.hours > 0.0 { load.waited / today.hours } else { f64::NAN };
    let mut answer = Answer::unknown(question, Vec::new());
    answer.figures = vec![
        Figure { name: "load", unit: "1", today: load.utilization, then: utilization },
        Figure { name: "machines", unit: "", today: load.machines, then: machines },
        Figure {
            name: "mean wait, open hours",
            unit: "h",
            today: load.waited,
            then: then.hours * calibration,
        },
    ];
    answer.formula = format!(
        "(({:.2} + {:.2}) / 2) x {:.3}^(sqrt(2 ({machines} + 1)) - 1) / ({machines} x (1 - {:.3})) x {} h x {:.2} = {} h",
        load.ca2,
        load.ce2,
        utilization,
        utilization,
        figure(load.effective_hours),
        calibration,
        figure(then.hours * calibration)
    );
    answer.assumptions = vec![
        format!(
            "Today the equation gives {} hours of waiting and {} were measured; the ratio of both, {:.2}, is kept.",
            figure(today.hours),
            figure(load.waited),
            calibration
        ),
        "Arrivals and times vary as they do today.".to_owned(),
    ];
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(utilization: f64) -> Sums {
        let load = Load {
            machines: 2.0,
            utilization,
            effective_hours: 4.0,
            ca2: 1.0,
            ce2: 1.0,
            waited: 20.0,
            operations: 900.0,
            open_per_week: 80.0,
        };
        Sums { days: 365.0, labor_hour: Some(30.0), load: Some(load), ..Sums::default() }
    }

    #[test]
    fn one_server_without_variation_of_its_own_is_the_textbook_queue() {
        // M/M/1: u / (1 - u) x te.
        let one = Load { machines: 1.0, ..load(0.8).load.unwrap() };
        assert!((Queue::of(&one, 1.0, 0.8).hours - 16.0).abs() < 1e-9);
        assert!(Queue::of(&one, 1.0, 1.0).hours.is_infinite());
    }

    #[test]
    fn another_machine_shortens_the_wait_and_costs_what_it_costs() {
        let answer = machines(&load(0.9), 1.0, Some(50_000.0));
        assert_eq!(answer.saved_per_year, Some(-50_000.0));
        let wait = &answer.figures[2];
        assert!(wait.today == 20.0 && wait.then < 6.0, "{wait:?}");
        assert!((answer.figures[0].then - 0.6).abs() < 1e-9);
        assert_eq!(machines(&load(0.9), -2.0, None).missing, ["at least one machine"]);
    }

    #[test]
    fn a_shift_more_is_paid_for() {
        let answer = shift(&load(0.9), 40.0, 0.25);
        assert!((answer.figures[0].then - 0.6).abs() < 1e-9);
        // 40 h x 52.14 weeks x 2 machines x 37.5.
        assert!((answer.saved_per_year.unwrap() + 40.0 * 365.0 / 7.0 * 2.0 * 37.5).abs() < 1e-6);
        assert_eq!(shift(&Sums::default(), 40.0, 0.0).missing, TIMES);
    }
}
