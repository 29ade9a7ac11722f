//! Drawing again with a fixed seed, so that the same data give the same interval.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub const DRAWS: usize = 1_000;

/// Sums over clusters drawn with replacement: `draws` values of (sum of a) / (sum of b).
///
/// Many clusters are first gathered into 2,000 blocks by position in a shuffled order; the distribution of the ratio
/// is the same and the work is bounded.
pub fn ratio_of_sums(clusters: &[(f64, f64)], draws: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let blocks = blocks(clusters, &mut rng);
    let n = blocks.len();
    if n == 0 {
        return Vec::new();
    }
    (0..draws)
        .map(|_| {
            let (mut a, mut b) = (0.0, 0.0);
            for _ in 0..n {
                let (x, y) = blocks[rng.random_range(0..n)];
                a += x;
                b += y;
            }
            if b == 0.0 { 0.0 } else { a / b }
        })
        .collect()
}

fn blocks(clusters: &[(f64, f64)], rng: &mut ChaCha8Rng) -> Vec<(f64, f64)> {
    const MOST: usize = 2_000;
    if clusters.len() <= MOST {
        return clusters.to_vec();
    }
    let mut order: Vec<u32> = (0..clusters.len() as u32).collect();
    shuffle(&mut order, rng);
    let mut blocks = vec![(0.0, 0.0); MOST];
    for (position, cluster) in order.into_iter().enumerate() {
        let block = &mut blocks[position % MOST];
        block.0 += clusters[cluster as usize].0;
        block.1 += clusters[cluster as usize].1;
    }
    blocks
}

/// Fisher-Yates.
pub fn shuffle<T>(items: &mut [T], rng: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, rng.random_range(0..=last));
    }
}

/// `count` distinct indexes below `n`, ascending.
pub fn sample(n: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut chosen = std::collections::BTreeSet::new();
    while chosen.len() < count.min(n) {
        chosen.insert(rng.random_range(0..n));
    }
    chosen.into_iter().collect()
}

/// Share of label permutations whose absolute difference of means reaches the observed one (with the +1 rule).
pub fn permutation_p(values: &[f64], labelled: &[bool], draws: usize, seed: u64) -> f64 {
    let difference = |labels: &[bool]| {
        let (mut a, mut n, mut b, mut m) = (0.0, 0.0, 0.0, 0.0);
        for (value, label) in values.iter().zip(labels) {
            if *label {
                a += value;
                n += 1.0;
            } else {
                b += value;
                m += 1.0;
            }
        }
        if n == 0.0 || m == 0.0 { 0.0 } else { (a / n - b / m).abs() }
    };
    let observed = difference(labelled);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut labels = labelled.to_vec();
    let mut reached = 0;
    for _ in 0..draws {
        shuffle(&mut labels, &mut rng);
        if difference(&labels) >= observed - 1e-12 {
            reached += 1;
        }
    }
    f64::from(reached + 1) / (draws + 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bootstrap_scatters_like_the_standard_error() {
        let clusters: Vec<(f64, f64)> = (0..400).map(|i| (f64::from(i % 20), 1.0)).collect();
        let draws = ratio_of_sums(&clusters, 2_000, 1);
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let sd = (draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / draws.len() as f64).sqrt();
        // Uniform on 0..=19: variance 33.25, so the standard error of 400 is 0.288.
        assert!((mean - 9.5).abs() < 0.05, "{mean}");
        assert!((sd - 0.288).abs() < 0.02, "{sd}");
        assert_eq!(draws, ratio_of_sums(&clusters, 2_000, 1), "same seed, same draws");
    }

    #[test]
    fn permutations_see_a_difference_and_no_difference() {
        let labels: Vec<bool> = (0..60).map(|i| i % 2 == 0).collect();
        let apart: Vec<f64> = (0..60).map(|i| f64::from(i % 2) + f64::from(i % 7) * 0.05).collect();
        let alike: Vec<f64> = (0..60).map(|i| f64::from((i / 2) % 7)).collect();
        assert!(permutation_p(&apart, &labels, 500, 3) < 0.01);
        assert!(permutation_p(&alike, &labels, 500, 3) > 0.5);
    }
}
