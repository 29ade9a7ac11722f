//! Centre and spread that a few keying errors do not move.

/// The median; `None` of nothing. Sorts the slice in part.
pub fn median(values: &mut [f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The quantile `p` by linear interpolation.
pub fn quantile(values: &mut [f64], p: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let position = p.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let below = position.floor() as usize;
    let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let low = *low;
    let share = position - below as f64;
    if share == 0.0 {
        return Some(low);
    }
    let high = above.iter().copied().fold(f64::INFINITY, f64::min);
    Some(low + share * (high - low))
}

/// Median and 1.4826 x median absolute deviation (the standard deviation, where the values are normal).
pub fn centre_and_spread(values: &mut [f64]) -> Option<(f64, f64)> {
    let centre = median(values)?;
    let mut distances: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    let spread = 1.482_602_218_505_602 * median(&mut distances)?;
    Some((centre, spread))
}

/// Huber's location with c in units of the robust spread, by ten reweighting steps.
pub fn huber_location(values: &mut [f64], c: f64) -> Option<f64> {
    let (mut centre, spread) = centre_and_spread(values)?;
    if spread <= 0.0 {
        return Some(centre);
    }
    for _ in 0..10 {
        let sum: f64 = values.iter().map(|v| (v - centre).clamp(-c * spread, c * spread)).sum();
        centre += sum / values.len() as f64;
    }
    Some(centre)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wild_value_moves_little() {
        let mut values = [1.0, 2.0, 3.0, 4.0, 100.0];
        let (centre, spread) = centre_and_spread(&mut values).unwrap();
        assert_eq!(centre, 3.0);
        assert!((spread - 1.482_602_218).abs() < 1e-6);
        let location = huber_location(&mut values, 1.345).unwrap();
        assert!((2.5..4.5).contains(&location), "{location}");
        assert_eq!(median(&mut []), None);
        assert_eq!(quantile(&mut [4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
        assert_eq!(quantile(&mut [4.0, 1.0, 3.0, 2.0], 1.0), Some(4.0));
    }
}
