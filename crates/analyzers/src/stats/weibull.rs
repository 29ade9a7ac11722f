//! Lives of machines: the Weibull distribution with lives that had not ended, and the age at which replacing pays.

use super::distribution::{chi2_p, chi2_quantile};

/// A life, and whether it ended in a failure (else it was cut short: replaced before, or still running).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Life {
    pub age: f64,
    pub failed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weibull {
    pub shape: f64,
    /// Profile-likelihood interval of the shape.
    pub shape_low: f64,
    pub shape_high: f64,
    pub scale: f64,
    pub failures: usize,
    /// Likelihood-ratio p of a constant failure rate (shape 1).
    pub p_constant: f64,
}

const SHAPES: (f64, f64) = (0.05, 30.0);

impl Weibull {
    /// Maximum likelihood; `None` with fewer than three failures of different age.
    pub fn fit(lives: &[Life], level: f64) -> Option<Self> {
        let lives: Vec<Life> =
            lives.iter().copied().filter(|life| life.age > 0.0 && life.age.is_finite()).collect();
        let failed: Vec<f64> = lives.iter().filter(|life| life.failed).map(|life| life.age.ln()).collect();
        let r = failed.len() as f64;
        if failed.len() < 3 || failed.windows(2).all(|pair| pair[0] == pair[1]) {
            return None;
        }
        let mean_log = failed.iter().sum::<f64>() / r;
        // Ages relative to the longest keep powers in range.
        let longest = lives.iter().map(|life| life.age).fold(0.0, f64::max);
        let power = |shape: f64| -> (f64, f64) {
            lives.iter().fold((0.0, 0.0), |(sum, weighted), life| {
                let relative = (life.age / longest).powf(shape);
                (sum + relative, weighted + relative * life.age.ln())
            })
        };
        let slope = |shape: f64| {
            let (sum, weighted) = power(shape);
            weighted / sum - 1.0 / shape - mean_log
        };
        let shape = bisect(SHAPES.0, SHAPES.1, |shape| slope(shape) > 0.0);
        let log_likelihood = |shape: f64| {
            let (sum, _) = power(shape);
            // scale^shape = longest^shape x sum / r.
            let log_scale_power = shape * longest.ln() + (sum / r).ln();
            r * shape.ln() - r * log_scale_power + (shape - 1.0) * r * mean_log - r
        };
        let best = log_likelihood(shape);
        let allowed = chi2_quantile(level, 1.0) / 2.0;
        let outside = |shape: f64| best - log_likelihood(shape) > allowed;
        let scale = longest * (power(shape).0 / r).powf(1.0 / shape);
        Some(Self {
            shape,
            shape_low: bisect(SHAPES.0, shape, |candidate| !outside(candidate)),
            shape_high: bisect(shape, SHAPES.1, outside),
            scale,
            failures: failed.len(),
            p_constant: chi2_p(2.0 * (best - log_likelihood(1.0)).max(0.0), 1.0),
        })
    }

    /// Chance of reaching `age` without a failure.
    pub fn survival(&self, age: f64) -> f64 {
        (-(age / self.scale).powf(self.shape)).exp()
    }

    /// Cost per unit of age when replaced at `age`, where a preventive replacement costs `ratio` of a failure.
    pub fn cost_rate(&self, age: f64, ratio: f64) -> f64 {
        const STEPS: usize = 400;
        let width = age / STEPS as f64;
        let lived: f64 = (0..STEPS).map(|step| self.survival((step as f64 + 0.5) * width) * width).sum();
        let survives = self.survival(age);
        (ratio * survives + 1.0 - survives) / lived.max(1e-300)
    }

    /// The age at which replacing costs least, up to three times the scale; `None` where running to failure is cheapest.
    pub fn best_age(&self, ratio: f64) -> Option<f64> {
        const CANDIDATES: usize = 300;
        let longest = 3.0 * self.scale;
        let age = |step: usize| longest * step as f64 / CANDIDATES as f64;
        let best = (1..=CANDIDATES)
            .min_by(|a, b| self.cost_rate(age(*a), ratio).total_cmp(&self.cost_rate(age(*b), ratio)))?;
        (best < CANDIDATES).then(|| age(best))
    }
}

/// The smallest argument for which `beyond` holds, between `low` and `high`, of a condition that turns true once.
fn bisect(mut low: f64, mut high: f64, beyond: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if beyond(middle) { high = middle } else { low = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn lives(shape: f64, n: usize, censored_at: f64, seed: u64) -> Vec<Life> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..n)
            .map(|_| {
                let age = 100.0 * (-rng.random::<f64>().max(1e-12).ln()).powf(1.0 / shape);
                Life { age: age.min(censored_at), failed: age <= censored_at }
            })
            .collect()
    }

    #[test]
    fn wear_is_told_from_chance_with_lives_cut_short() {
        let worn = Weibull::fit(&lives(3.0, 200, 110.0, 1), 0.9).unwrap();
        assert!((worn.shape - 3.0).abs() < 0.5 && (worn.scale - 100.0).abs() < 8.0, "{worn:?}");
        assert!(worn.shape_low > 1.5 && worn.p_constant < 1e-9, "{worn:?}");
        assert!(worn.shape_low < worn.shape && worn.shape < worn.shape_high, "{worn:?}");
        let chance = Weibull::fit(&lives(1.0, 200, 150.0, 2), 0.9).unwrap();
        assert!(chance.shape_low < 1.0 && chance.shape_high > 1.0, "{chance:?}");
    }

    #[test]
    fn replacing_pays_only_where_things_wear_out() {
        let worn = Weibull {
            shape: 3.0,
            scale: 100.0,
            shape_low: 2.5,
            shape_high: 3.5,
            failures: 50,
            p_constant: 0.0,
        };
        let best = worn.best_age(0.25).unwrap();
        // The closed condition of the optimum, solved apart: 54.4 for shape 3 and a quarter of the cost.
        assert!((50.0..60.0).contains(&best), "{best}");
        assert_eq!(Weibull { shape: 1.0, ..worn }.best_age(0.25), None);
        assert!((worn.survival(100.0) - (-1.0_f64).exp()).abs() < 1e-12);
    }
}
