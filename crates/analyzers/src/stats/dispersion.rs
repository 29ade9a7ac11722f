//! Pieces of one lot are alike: how much wider than binomial the counts of lots scatter.

/// Intra-lot correlation by moments: of lots with `n` pieces and `k` bad ones where `p` was expected.
///
/// Solves the sum of squared Pearson residuals = sum of 1 + (n - 1) rho, weighting lots alike so that a few giants do
/// not decide. Never below zero.
pub fn intra_correlation(lots: impl Iterator<Item = (f64, f64, f64)>) -> f64 {
    let (mut excess, mut room) = (0.0, 0.0);
    for (k, n, p) in lots {
        if n < 2.0 || p <= 0.0 || p >= 1.0 {
            continue;
        }
        let binomial = n * p * (1.0 - p);
        let pearson = (k - n * p).powi(2) / binomial;
        // A lot of n pieces informs about rho in proportion to (n - 1) over its own spread.
        let weight = 1.0 / (1.0 + (n - 1.0) * 0.01);
        excess += weight * (pearson - 1.0);
        room += weight * (n - 1.0);
    }
    if room > 0.0 { (excess / room).clamp(0.0, 0.99) } else { 0.0 }
}

/// Variance of the count of a lot relative to binomial.
pub fn inflation(n: f64, rho: f64) -> f64 {
    1.0 + (n - 1.0).max(0.0) * rho
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn finds_the_planted_correlation() {
        // Half of the lots at 1 %, half at 3 %: variance of the rate 1e-4, so rho = 1e-4 / (0.02 x 0.98).
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let lots: Vec<(f64, f64, f64)> = (0..6_000)
            .map(|lot| {
                let rate = if lot % 2 == 0 { 0.01 } else { 0.03 };
                let n = 50 + lot % 150;
                let k = (0..n).filter(|_| rng.random::<f64>() < rate).count();
                (k as f64, f64::from(n), 0.02)
            })
            .collect();
        let rho = intra_correlation(lots.into_iter());
        assert!((rho - 0.0051).abs() < 0.0008, "{rho}");
    }

    #[test]
    fn no_more_than_binomial_is_zero() {
        assert_eq!(intra_correlation([(2.0, 100.0, 0.02); 20].into_iter()), 0.0);
    }
}
