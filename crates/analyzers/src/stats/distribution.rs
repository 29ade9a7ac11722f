//! Tail probabilities and quantiles, safe for any input: what cannot be computed is the uninformative answer.

use statrs::{
    distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT},
    function::{erf::erfc, gamma::checked_gamma_lr, gamma::checked_gamma_ur},
};

/// Two-sided p of a standard normal statistic.
pub fn normal_p(z: f64) -> f64 {
    if z.is_finite() { erfc(z.abs() / std::f64::consts::SQRT_2).clamp(0.0, 1.0) } else { 1.0 }
}

/// Two-sided p of a t statistic.
pub fn t_p(t: f64, df: f64) -> f64 {
    if !t.is_finite() || df.is_nan() || df < 1.0 {
        return 1.0;
    }
    if df > 500.0 {
        return normal_p(t);
    }
    StudentsT::new(0.0, 1.0, df).map_or(1.0, |d| (2.0 * d.sf(t.abs())).clamp(0.0, 1.0))
}

/// The normal value that a two-sided interval of `level` reaches to.
pub fn normal_reach(level: f64) -> f64 {
    t_reach(level, 1e6)
}

/// The t value that a two-sided interval of `level` reaches to.
pub fn t_reach(level: f64, df: f64) -> f64 {
    let upper = f64::midpoint(1.0, level.clamp(0.0, 0.999_999));
    if df > 500.0 {
        return Normal::new(0.0, 1.0).map_or(1.96, |d| d.inverse_cdf(upper));
    }
    StudentsT::new(0.0, 1.0, df.max(1.0)).map_or(1.96, |d| d.inverse_cdf(upper))
}

pub fn chi2_quantile(p: f64, df: f64) -> f64 {
    if df <= 0.0 {
        return 0.0;
    }
    ChiSquared::new(df).map_or(0.0, |d| d.inverse_cdf(p.clamp(0.0, 1.0)))
}

pub fn chi2_p(x: f64, df: f64) -> f64 {
    if x.is_finite() && x >= 0.0 && df > 0.0 {
        checked_gamma_ur(df / 2.0, (x / 2.0).max(1e-300)).unwrap_or(1.0)
    } else {
        1.0
    }
}

/// Exact interval of a Poisson mean of which `k` events were counted.
pub fn poisson_interval(k: f64, level: f64) -> (f64, f64) {
    let tail = (1.0 - level) / 2.0;
    let low = if k > 0.0 { chi2_quantile(tail, 2.0 * k) / 2.0 } else { 0.0 };
    (low, chi2_quantile(1.0 - tail, 2.0 * (k + 1.0)) / 2.0)
}

/// Two-sided p that a count as far from `mean` as `k` arises; with `dispersion` > 1 both are counted in units of it,
/// which keeps the skew of small counts that a normal approximation loses.
pub fn count_p(k: f64, mean: f64, dispersion: f64) -> f64 {
    let scale = dispersion.max(1.0);
    let (k, mean) = (k.max(0.0) / scale, mean / scale);
    if !(k.is_finite() && mean.is_finite()) || mean <= 0.0 {
        return 1.0;
    }
    let tail = if k > mean { checked_gamma_lr(k.max(1e-9), mean) } else { checked_gamma_ur(k + 1.0, mean) };
    tail.map_or(1.0, |tail| (2.0 * tail).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, wanted: f64) {
        assert!((got - wanted).abs() <= 1e-6 * wanted.abs().max(1e-3), "got {got}, wanted {wanted}");
    }

    /// Reference values by `scipy.stats`.
    #[test]
    fn tails_agree_with_scipy() {
        near(t_p(2.5, 10.0), 0.031_446_844_24);
        near(normal_p(3.2), 0.001_374_275_876);
        near(t_reach(0.95, 7.0), 2.364_624_25);
        near(chi2_quantile(0.05, 10.0), 3.940_299_14);
        near(chi2_p(25.0, 9.0), 0.002_971_180_486);
        let (low, high) = poisson_interval(7.0, 0.90);
        near(low, 3.285_315_692);
        near(high, 13.148_113_802);
        near(poisson_interval(0.0, 0.90).1, 2.995_732_27);
        near(count_p(12.0, 5.0, 1.0), 2.0 * 0.005_453_091_913);
        near(count_p(2.0, 5.0, 1.0), 2.0 * 0.124_652_019);
    }

    #[test]
    fn nonsense_is_uninformative() {
        assert_eq!(t_p(f64::NAN, 5.0), 1.0);
        assert_eq!(t_p(3.0, 0.0), 1.0);
        assert_eq!(count_p(3.0, 0.0, 1.0), 1.0);
        assert_eq!(normal_p(f64::INFINITY), 1.0);
    }
}
