//! Empirical Bayes: a level with little data is pulled towards the others.

/// Variance between levels (`DerSimonian`-Laird), of estimates `y` with sampling variances `v`.
pub fn variance_between(y: &[f64], v: &[f64]) -> f64 {
    let usable = || y.iter().zip(v).filter(|(y, v)| y.is_finite() && **v > 0.0 && v.is_finite());
    let (mut w, mut w2, mut wy, mut n) = (0.0, 0.0, 0.0, 0.0);
    for (y, v) in usable() {
        w += 1.0 / v;
        w2 += 1.0 / (v * v);
        wy += y / v;
        n += 1.0;
    }
    if n < 2.0 {
        return 0.0;
    }
    let mean = wy / w;
    let q: f64 = usable().map(|(y, v)| (y - mean).powi(2) / v).sum();
    let scale = w - w2 / w;
    if scale <= 0.0 { 0.0 } else { ((q - (n - 1.0)) / scale).max(0.0) }
}

/// How much of an estimate with sampling variance `v` is kept where levels differ with variance `tau2`.
pub fn kept_share(v: f64, tau2: f64) -> f64 {
    if v + tau2 <= 0.0 { 1.0 } else { tau2 / (tau2 + v) }
}

/// Posterior mean of a rate of `k` of `n` with a beta prior of mean `mean` and intra-cluster correlation `rho`.
pub fn shrunken_rate(k: f64, n: f64, mean: f64, rho: f64) -> f64 {
    let strength = if rho > 0.0 { (1.0 / rho - 1.0).max(0.0) } else { 1e9 };
    (k + mean * strength) / (n + strength)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variance_between_agrees_with_the_formula() {
        let y = [0.1, 0.3, -0.2, 0.5, 0.05];
        let v = [0.01, 0.02, 0.015, 0.03, 0.01];
        assert!((variance_between(&y, &v) - 0.035_485_294_1).abs() < 1e-6, "{}", variance_between(&y, &v));
        assert_eq!(variance_between(&[1.0], &[0.1]), 0.0);
    }

    #[test]
    fn one_of_one_shrinks_to_nearly_nothing() {
        let rate = shrunken_rate(1.0, 1.0, 0.02, 0.01);
        assert!(rate < 0.04, "{rate}");
        assert!(shrunken_rate(400.0, 2_000.0, 0.02, 0.01) > 0.18);
    }
}
