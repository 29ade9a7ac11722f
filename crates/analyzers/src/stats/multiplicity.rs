//! Many tests at once: how much of what is reported may be chance.

/// Benjamini-Hochberg adjusted p-values, in the order given. `m` counts every test made; it is at least `p.len()`.
pub fn benjamini_hochberg(p: &[f64], m: usize) -> Vec<f64> {
    let m = m.max(p.len()) as f64;
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]).then(a.cmp(b)));
    let mut q = vec![1.0; p.len()];
    let mut lowest = 1.0_f64;
    for (from_end, idx) in order.into_iter().enumerate() {
        let rank = (p.len() - from_end) as f64;
        lowest = lowest.min(p[idx] * m / rank);
        q[idx] = lowest;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference by `statsmodels.stats.multitest.multipletests(method="fdr_bh")`.
    #[test]
    fn agrees_with_statsmodels() {
        let p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216];
        let wanted = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105_714_285_7, 0.216, 0.216, 0.216];
        for (got, wanted) in benjamini_hochberg(&p, 0).iter().zip(wanted) {
            assert!((got - wanted).abs() < 1e-9, "{got} {wanted}");
        }
    }

    #[test]
    fn tests_that_are_not_shown_count() {
        let few = benjamini_hochberg(&[0.001], 1);
        let many = benjamini_hochberg(&[0.001], 500);
        assert!(few[0] < many[0]);
    }
}
