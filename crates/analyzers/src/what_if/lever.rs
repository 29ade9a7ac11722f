//! Levers that work in proportion: a share of a loss, of set-up time, of scrap, of a price.

use super::{Answer, Figure, Sums};
use crate::engine::words::{figure, percent};

/// A share of a yearly loss is won back: the arithmetic behind the slider of a finding. Amounts are point, low, high.
pub fn share(yearly: [f64; 3], share: f64) -> Answer {
    let share = share.clamp(0.0, 1.0);
    let [value, low, high] = yearly.map(|amount| amount * share);
    Answer {
        question: format!("What if {} of the loss is won back?", percent(share)),
        saved_per_year: Some(value),
        figures: vec![
            Figure { name: "loss a year", unit: "money", today: yearly[0], then: yearly[0] - value },
            Figure { name: "low end", unit: "money", today: yearly[1], then: yearly[1] - low },
            Figure { name: "high end", unit: "money", today: yearly[2], then: yearly[2] - high },
        ],
        formula: format!("{} x {} = {} a year", percent(share), figure(yearly[0]), figure(value)),
        assumptions: vec!["What is won back is won back evenly over the year.".to_owned()],
        missing: Vec::new(),
    }
}

/// Set-ups take `shorter` (a share) less time. `machine_share` of the machine's rate is avoided with an hour, which is the
/// setting `setup_time_weight`; on a bottleneck the whole hour counts, so 1 is right there.
pub fn setup(sums: &Sums, shorter: f64, machine_share: f64) -> Answer {
    let shorter = shorter.clamp(0.0, 1.0);
    let question = format!("What if set-ups take {} less time?", percent(shorter));
    if sums.setup_hours <= 0.0 {
        return Answer::unknown(question, vec!["actual_setup_hours"]);
    }
    let hours = sums.per_year(sums.setup_hours * shorter);
    let rate = sums.labor_hour.map(|labor| labor + machine_share * sums.machine_hour.unwrap_or(0.0));
    let then = sums.setup_hours * (1.0 - shorter);
    let formula = match rate {
        Some(rate) => format!(
            "{} set-up hours a year x {} x {} an hour = {}",
            figure(sums.per_year(sums.setup_hours)),
            percent(shorter),
            figure(rate),
            figure(hours * rate)
        ),
        None => format!(
            "{} set-up hours a year x {} = {} hours",
            figure(sums.per_year(sums.setup_hours)),
            percent(shorter),
            figure(hours)
        ),
    };
    Answer {
        question,
        saved_per_year: rate.map(|rate| hours * rate),
        figures: vec![
            Figure {
                name: "set-up hours a year",
                unit: "h",
                today: sums.per_year(sums.setup_hours),
                then: sums.per_year(then),
            },
            Figure {
                name: "hours per set-up",
                unit: "h",
                today: sums.setup_hours / sums.setups,
                then: then / sums.setups,
            },
            Figure {
                name: "set-up share of hours",
                unit: "1",
                today: sums.setup_hours / (sums.setup_hours + sums.run_hours).max(1e-9),
                then: then / (then + sums.run_hours).max(1e-9),
            },
        ],
        formula,
        assumptions: vec![
            "The number of set-ups stays what it is.".to_owned(),
            format!(
                "Freed hours are paid for no longer or used for other work; {} of the machine's rate is avoided with them.",
                percent(machine_share)
            ),
        ],
        missing: if rate.is_none() { vec!["labor_rate"] } else { Vec::new() },
    }
}

/// Scrap falls to `rate` of all pieces.
pub fn scrap(sums: &Sums, rate: f64) -> Answer {
    let rate = rate.clamp(0.0, 1.0);
    let question = format!("What if scrap falls to {}?", percent(rate));
    if sums.pieces <= 0.0 {
        return Answer::unknown(question, vec!["operation_quantity_completed"]);
    }
    let today = sums.scrapped / sums.pieces;
    let fewer = sums.per_year(sums.scrapped - rate * sums.pieces);
    let per_piece = sums.scrap_cost.filter(|_| sums.scrapped > 0.0).map(|cost| cost / sums.scrapped);
    let formula = match per_piece {
        Some(cost) => format!(
            "({} - {}) x {} pieces a year x {} a piece = {}",
            percent(today),
            percent(rate),
            figure(sums.per_year(sums.pieces)),
            figure(cost),
            figure(fewer * cost)
        ),
        None => format!(
            "({} - {}) x {} pieces a year = {} pieces",
            percent(today),
            percent(rate),
            figure(sums.per_year(sums.pieces)),
            figure(fewer)
        ),
    };
    Answer {
        question,
        saved_per_year: per_piece.map(|cost| fewer * cost),
        figures: vec![
            Figure { name: "scrap rate", unit: "1", today, then: rate },
            Figure {
                name: "pieces scrapped a year",
                unit: "pieces",
                today: sums.per_year(sums.scrapped),
                then: sums.per_year(rate * sums.pieces),
            },
        ],
        formula,
        assumptions: vec![
            "A scrapped piece is worth the planned cost it had reached, never its price.".to_owned(),
        ],
        missing: if per_piece.is_none() { vec!["planned_total_cost"] } else { Vec::new() },
    }
}

/// Prices change by `change` (a share; -0.05 is five percent less) on what the sums paid for material.
pub fn price(sums: &Sums, change: f64) -> Answer {
    let question = format!("What if prices change by {}?", percent(change));
    let Some(spend) = sums.material_spend else {
        return Answer::unknown(question, vec!["material_unit_cost", "actual_material_quantity"]);
    };
    let year = sums.per_year(spend);
    Answer {
        question,
        saved_per_year: Some(-year * change),
        figures: vec![Figure {
            name: "paid for material a year",
            unit: "money",
            today: year,
            then: year * (1.0 + change),
        }],
        formula: format!("{} a year x {} = {} less", figure(year), percent(-change), figure(-year * change)),
        assumptions: vec!["The same quantities are bought from the same suppliers.".to_owned()],
        missing: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums() -> Sums {
        Sums {
            days: 365.0,
            setups: 100.0,
            setup_hours: 200.0,
            run_hours: 800.0,
            pieces: 10_000.0,
            scrapped: 400.0,
            labor_hour: Some(30.0),
            machine_hour: Some(50.0),
            scrap_cost: Some(8_000.0),
            material_spend: Some(120_000.0),
            ..Sums::default()
        }
    }

    #[test]
    fn answers_are_the_arithmetic_that_stands_beside_them() {
        // 200 h x 25 % x (30 + 0.2 x 50) = 2,000.
        let answer = setup(&sums(), 0.25, 0.2);
        assert_eq!(answer.saved_per_year, Some(2_000.0));
        assert!(answer.formula.ends_with("= 2,000"), "{}", answer.formula);
        // 4 % to 1 %: 300 pieces at 20.
        assert_eq!(scrap(&sums(), 0.01).saved_per_year, Some(6_000.0));
        // Five percent of 120,000.
        assert_eq!(price(&sums(), -0.05).saved_per_year, Some(6_000.0));
        assert_eq!(share([1_000.0, 500.0, 1_500.0], 0.5).saved_per_year, Some(500.0));
        // Half a year of data is half of a year's money.
        let half = Sums { days: 182.5, ..sums() };
        assert_eq!(price(&half, -0.05).saved_per_year, Some(12_000.0));
    }

    #[test]
    fn what_is_not_in_the_data_is_named_and_not_invented() {
        let without = Sums { labor_hour: None, scrap_cost: None, material_spend: None, ..sums() };
        let answer = setup(&without, 0.25, 0.2);
        assert_eq!((answer.saved_per_year, &answer.missing[..]), (None, &["labor_rate"][..]));
        assert_eq!(scrap(&without, 0.01).saved_per_year, None);
        assert_eq!(price(&without, 0.1).missing, ["material_unit_cost", "actual_material_quantity"]);
        assert_eq!(setup(&Sums::default(), 0.5, 0.0).missing, ["actual_setup_hours"]);
    }
}
