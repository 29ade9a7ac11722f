//! Means of series whose values follow each other: what is waiting this week is worked next week.

use super::distribution::{t_p, t_reach};

/// The mean of a series with the error that its autocorrelation leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SerialMean {
    pub mean: f64,
    pub error: f64,
    pub df: f64,
}

impl SerialMean {
    /// `None` below eight values. Effective n = n (1 - r) / (1 + r), with r between 0 and 0.9.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.len() < 8 {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let lag: f64 = values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>()
            / (variance * (n - 1.0)).max(1e-300);
        let lag = lag.clamp(0.0, 0.9);
        let effective = (n * (1.0 - lag) / (1.0 + lag)).max(3.0);
        Some(Self { mean, error: (variance / effective).sqrt(), df: effective - 1.0 })
    }

    /// Two-sided p that the mean is nought.
    pub fn p(&self) -> f64 {
        if self.error > 0.0 { t_p(self.mean / self.error, self.df) } else { 1.0 }
    }

    pub fn interval(&self, level: f64) -> (f64, f64) {
        let reach = t_reach(level, self.df) * self.error;
        (self.mean - reach, self.mean + reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_follow_each_other_say_less() {
        let jumpy: Vec<f64> = (0..40).map(|at| if at % 2 == 0 { 1.0 } else { 3.0 }).collect();
        let slow: Vec<f64> = (0..40).map(|at| if at < 20 { 1.0 } else { 3.0 }).collect();
        let (jumpy, slow) = (SerialMean::of(&jumpy).unwrap(), SerialMean::of(&slow).unwrap());
        assert_eq!((jumpy.mean, slow.mean), (2.0, 2.0));
        assert!(slow.error > 3.0 * jumpy.error, "{slow:?} {jumpy:?}");
        assert!(SerialMean::of(&[1.0; 7]).is_none());
    }
}
