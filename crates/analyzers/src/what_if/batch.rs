//! The size of a batch: fewer set-ups against more stock (EPQ).

use super::{Answer, Figure, Sums};
use crate::engine::words::{figure, percent};

/// Batches `times` as large as today. `holding` is the yearly cost of stock as a share of its value, which no export holds:
/// without it hours and pieces are stated, and no best size.
pub fn batch_size(sums: &Sums, times: f64, holding: Option<f64>, machine_share: f64) -> Answer {
    let times = times.clamp(0.05, 100.0);
    let question = format!("What if batches are {} times as large?", figure(times));
    if sums.setup_hours <= 0.0 || sums.orders <= 0.0 || sums.pieces <= 0.0 {
        return Answer::unknown(question, vec!["actual_setup_hours", "operation_quantity_completed"]);
    }
    // A batch runs through its routing: its size is the pieces of an order, its set-up all set-ups of the order.
    let steps = (sums.setups / sums.orders).max(1.0);
    let batch = sums.pieces / steps / sums.orders;
    let demand = sums.per_year(sums.pieces / steps);
    let setup_hours = sums.per_year(sums.setup_hours);
    let freed = setup_hours * (1.0 - 1.0 / times);
    let rate = sums.labor_hour.map(|labor| labor + machine_share * sums.machine_hour.unwrap_or(0.0));
    let stock = (times - 1.0) * batch / 2.0;
    let (mut missing, mut figures) = (
        Vec::new(),
        vec![
            Figure { name: "batch", unit: "pieces", today: batch, then: batch * times },
            Figure { name: "set-up hours a year", unit: "h", today: setup_hours, then: setup_hours / times },
            Figure {
                name: "mean stock of a batch",
                unit: "pieces",
                today: batch / 2.0,
                then: batch / 2.0 + stock,
            },
        ],
    );
    if rate.is_none() {
        missing.push("labor_rate");
    }
    if sums.piece_cost.is_none() {
        missing.push("planned_total_cost");
    }
    if holding.is_none() {
        missing.push("yearly cost of stock, as a share of its value");
    }
    let mut formula = format!(
        "{} set-up hours x (1 - 1 / {}) = {} hours",
        figure(setup_hours),
        figure(times),
        figure(freed)
    );
    let mut saved = None;
    if let (Some(rate), Some(cost), Some(holding)) = (rate, sums.piece_cost, holding) {
        let (won, held) = (freed * rate, stock * cost * holding);
        saved = Some(won - held);
        formula = format!(
            "{formula} x {} - {} pieces x {} x {} = {}",
            figure(rate),
            figure(stock),
            figure(cost),
            percent(holding),
            figure(won - held)
        );
        let setup_cost = setup_hours * rate / (demand / batch);
        let best = (2.0 * demand * setup_cost / (cost * holding).max(1e-9)).sqrt();
        figures.push(Figure {
            name: "cheapest batch, Q* = sqrt(2 D S / H)",
            unit: "pieces",
            today: batch,
            then: best,
        });
    }
    Answer {
        question,
        saved_per_year: saved,
        figures,
        formula,
        assumptions: vec![
            "Demand stays what it is, and each set-up takes as long as today.".to_owned(),
            "A batch comes to stock at once and is used up evenly; run time makes the best batch a little larger.".to_owned(),
        ],
        missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_cheapest_batch_neither_way_saves() {
        let sums = Sums {
            days: 365.0,
            setups: 50.0,
            setup_hours: 100.0,
            orders: 50.0,
            pieces: 5_000.0,
            labor_hour: Some(40.0),
            piece_cost: Some(10.0),
            ..Sums::default()
        };
        let answer = batch_size(&sums, 2.0, Some(0.2), 0.0);
        // 50 hours at 40 less 50 pieces at 10 x 20 %.
        assert_eq!(answer.saved_per_year, Some(2_000.0 - 100.0));
        // D = 5,000, S = 80, H = 2: Q* = 632.5 of 100 today.
        let best = answer.figures[3].then;
        assert!((best - 632.455).abs() < 0.01, "{best}");
        let at = |times: f64| batch_size(&sums, times, Some(0.2), 0.0).saved_per_year.unwrap();
        let top = at(best / 100.0);
        assert!(top > at(best / 100.0 * 1.2) && top > at(best / 100.0 / 1.2));
        let without = batch_size(&sums, 2.0, None, 0.0);
        assert_eq!(without.saved_per_year, None);
        assert_eq!(without.missing, ["yearly cost of stock, as a share of its value"]);
    }
}
