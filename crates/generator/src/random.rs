//! Random numbers that belong to an entity, not to a moment.
//!
//! Every order, operation and machine has a stream of its own, so that a change to one (a problem taken away, an order more) leaves the
//! numbers of all others as they were: differences between two plants are then effects, not noise.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, StandardNormal};

/// What a stream is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    MasterData = 1,
    Orders = 2,
    Failures = 3,
    ExtraFailures = 4,
    Onsets = 5,
}

/// Streams of one purpose in one facility.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    base: ChaCha8Rng,
}

impl Streams {
    pub(crate) fn new(seed: u64, purpose: Purpose, facility: u32) -> Self {
        let key = seed
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add((purpose as u64) << 48)
            .wrapping_add(u64::from(facility));
        Self { base: ChaCha8Rng::seed_from_u64(key) }
    }

    pub(crate) fn stream(&self, index: u64) -> ChaCha8Rng {
        let mut rng = self.base.clone();
        rng.set_stream(index);
        rng
    }
}

/// Between 0 (included) and 1.
pub(crate) fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    rng.random::<f64>()
}

pub(crate) fn between(rng: &mut ChaCha8Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * uniform(rng)
}

/// A whole number from 0 to `n` - 1.
pub(crate) fn index(rng: &mut ChaCha8Rng, n: usize) -> usize {
    ((uniform(rng) * n as f64) as usize).min(n.saturating_sub(1))
}

pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// A factor with mean 1 whose logarithm has the standard deviation `sigma`.
pub(crate) fn noise(rng: &mut ChaCha8Rng, sigma: f64) -> f64 {
    (sigma * normal(rng) - sigma * sigma / 2.0).exp()
}

pub(crate) fn exponential(rng: &mut ChaCha8Rng, mean: f64) -> f64 {
    -mean * (1.0 - uniform(rng)).ln()
}

/// The first index whose cumulative weight exceeds the drawn share of the total.
pub(crate) fn pick(cumulative: &[f64], share: f64) -> usize {
    let total = cumulative.last().copied().unwrap_or(0.0);
    cumulative.partition_point(|weight| *weight <= share * total).min(cumulative.len().saturating_sub(1))
}

fn gamma(rng: &mut ChaCha8Rng, shape: f64) -> f64 {
    Gamma::new(shape, 1.0).map_or(0.0, |gamma| gamma.sample(rng))
}

/// The share of bad pieces of one lot, without and with a problem.
///
/// Both are beta distributed with the same intra-lot correlation, and drawn from one Dirichlet distribution: the problem adds a part of
/// its own and never takes one away, so that the difference of the two lots is the problem and nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LotShare {
    pub(crate) base: f64,
    pub(crate) raised: f64,
}

/// Correlation of the pieces of one lot.
pub(crate) const INTRA_LOT_CORRELATION: f64 = 0.01;

pub(crate) fn lot_share(rng: &mut ChaCha8Rng, base: f64, raised: f64) -> LotShare {
    let pieces = 1.0 / INTRA_LOT_CORRELATION - 1.0;
    let first = gamma(rng, base * pieces);
    if raised <= base {
        let rest = gamma(rng, (1.0 - base) * pieces);
        let share = first / (first + rest);
        return LotShare { base: share, raised: share };
    }
    let extra = gamma(rng, (raised - base) * pieces);
    let rest = gamma(rng, (1.0 - raised) * pieces);
    let total = first + extra + rest;
    LotShare { base: first / total, raised: (first + extra) / total }
}

/// How many of `n` pieces are bad: the quantile of the binomial distribution, which never falls when `n` or `share` rises.
pub(crate) fn binomial(n: i64, share: f64, quantile: f64) -> i64 {
    // Below this many expected pieces the first probability is far from underflow.
    const LARGEST_MEAN: f64 = 400.0;
    if n <= 0 || share <= 0.0 {
        return 0;
    }
    if n as f64 * share > LARGEST_MEAN {
        let half = n / 2;
        return binomial(half, share, quantile) + binomial(n - half, share, (quantile * 48_271.0).fract());
    }
    let odds = share / (1.0 - share).max(f64::MIN_POSITIVE);
    let mut probability = (1.0 - share).powf(n as f64);
    let mut cumulative = probability;
    let mut bad = 0;
    while cumulative < quantile && bad < n {
        bad += 1;
        probability *= odds * (n - bad + 1) as f64 / bad as f64;
        cumulative += probability;
    }
    bad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_have_the_asked_mean_and_correlation() {
        let streams = Streams::new(7, Purpose::Orders, 1);
        let lots = 40_000;
        let (mut base, mut raised, mut square) = (0.0, 0.0, 0.0);
        for lot in 0..lots {
            let share = lot_share(&mut streams.stream(lot), 0.02, 0.045);
            assert!(share.base <= share.raised);
            base += share.base;
            raised += share.raised;
            square += share.raised * share.raised;
        }
        let n = lots as f64;
        assert!((base / n - 0.02).abs() < 0.0005, "{}", base / n);
        assert!((raised / n - 0.045).abs() < 0.0005, "{}", raised / n);
        let variance = square / n - (raised / n).powi(2);
        let correlation = variance / (0.045 * 0.955);
        assert!((correlation - INTRA_LOT_CORRELATION).abs() < 0.001, "{correlation}");
    }

    #[test]
    fn binomial_quantiles_have_the_mean_and_rise() {
        let n = 20_000;
        let mean = (0..n).map(|i| binomial(50, 0.1, (f64::from(i) + 0.5) / f64::from(n)) as f64).sum::<f64>()
            / f64::from(n);
        assert!((mean - 5.0).abs() < 0.01, "{mean}");
        for i in 0..100 {
            let quantile = f64::from(i) / 100.0;
            assert!(binomial(50, 0.1, quantile) <= binomial(50, 0.2, quantile));
            assert!(binomial(50, 0.1, quantile) <= binomial(51, 0.1, quantile));
        }
        assert!((binomial(1_000_000, 0.02, 0.5) - 20_000).abs() < 500);
    }
}
