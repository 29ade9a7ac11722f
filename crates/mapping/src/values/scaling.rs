//! Whether a number grows with the quantity of its row: amounts do (run time, cost, material), what holds per piece or
//! per order does not (cycle times, prices, rates, set-up).

/// Rows that it takes to tell.
const FEWEST: usize = 25;
/// Spread of the quantity's logarithm below which nothing can be told.
const SPREAD: f64 = 0.3;

/// By how many percent the number grows where the quantity grows by one percent, with the error of that figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scaling {
    pub(crate) slope: f64,
    pub(crate) error: f64,
}

/// The slope of the number over the quantity, both as logarithms; `None` where too few rows tell.
pub(crate) fn of(quantity: &[f64], number: &[f64]) -> Option<Scaling> {
    let rows: Vec<(f64, f64)> = quantity
        .iter()
        .zip(number)
        .filter(|(quantity, number)| **quantity > 0.0 && **number > 0.0)
        .map(|(quantity, number)| (quantity.ln(), number.ln()))
        .collect();
    if rows.len() < FEWEST {
        return None;
    }
    let n = rows.len() as f64;
    let (mean_x, mean_y) =
        (rows.iter().map(|row| row.0).sum::<f64>() / n, rows.iter().map(|row| row.1).sum::<f64>() / n);
    let xx: f64 = rows.iter().map(|row| (row.0 - mean_x).powi(2)).sum();
    let xy: f64 = rows.iter().map(|row| (row.0 - mean_x) * (row.1 - mean_y)).sum();
    if (xx / n).sqrt() < SPREAD {
        return None;
    }
    let slope = xy / xx;
    let rest: f64 = rows.iter().map(|row| (row.1 - mean_y - slope * (row.0 - mean_x)).powi(2)).sum();
    Some(Scaling { slope, error: (rest / (n - 2.0) / xx).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_grow_with_the_quantity_and_prices_do_not() {
        let quantity: Vec<f64> = (1..60).map(|row| f64::from(5 + row * 37 % 211)).collect();
        let price: Vec<f64> = (1..60).map(|row| 3.0 + f64::from(row % 7)).collect();
        let amount: Vec<f64> =
            quantity.iter().zip(&price).map(|(quantity, price)| quantity * price).collect();
        let amount = of(&quantity, &amount).unwrap();
        let price = of(&quantity, &price).unwrap();
        assert!((amount.slope - 1.0).abs() < 0.2 && price.slope.abs() < 0.2, "{amount:?} {price:?}");
        assert_eq!(of(&[7.0; 60], &[1.0; 60]), None);
    }
}
