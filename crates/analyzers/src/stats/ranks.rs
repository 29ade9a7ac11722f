//! Ranks instead of values: which group lies above the others, and where a median can be.

use super::distribution::{normal_p, t_reach};

/// One group against all others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    pub n: usize,
    /// Chance that a value of the group exceeds one of the others; a half where they are alike.
    pub superiority: f64,
    pub p: f64,
}

/// Mann-Whitney of every group against the rest, two-sided, with average ranks for ties. Values whose group is beyond
/// `groups` belong to the rest only.
pub fn mann_whitney(values: &[f64], group: &[u32], groups: usize) -> Vec<Option<Ranked>> {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut sums = vec![(0_usize, 0.0); groups];
    let (mut ties, mut from) = (0.0, 0);
    while from < n {
        let mut to = from + 1;
        while to < n && values[order[to]] == values[order[from]] {
            to += 1;
        }
        let tied = (to - from) as f64;
        ties += tied * (tied * tied - 1.0);
        let rank = (from + to + 1) as f64 / 2.0;
        for at in &order[from..to] {
            if let Some(sum) = sums.get_mut(group[*at] as usize) {
                sum.0 += 1;
                sum.1 += rank;
            }
        }
        from = to;
    }
    let all = n as f64;
    sums.into_iter()
        .map(|(own, ranks)| {
            let (own_n, others) = (own as f64, all - own as f64);
            if own == 0 || others < 1.0 {
                return None;
            }
            let u = ranks - own_n * (own_n + 1.0) / 2.0;
            let variance = own_n * others / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)).max(1.0));
            let z = if variance > 0.0 { (u - own_n * others / 2.0) / variance.sqrt() } else { 0.0 };
            Some(Ranked { n: own, superiority: u / (own_n * others), p: normal_p(z) })
        })
        .collect()
}

/// The median with an interval of order statistics.
pub fn median_interval(values: &mut [f64], level: f64) -> Option<[f64; 3]> {
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let reach = t_reach(level, f64::INFINITY) * n.sqrt() / 2.0;
    let at = |place: f64| values[(place.clamp(1.0, n) as usize) - 1];
    let middle = f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2]);
    Some([middle, at((n / 2.0 - reach).floor()), at((n / 2.0 + 1.0 + reach).ceil())])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference: `scipy.stats.mannwhitneyu(a, b, use_continuity=False, method="asymptotic")`.
    #[test]
    fn agrees_with_scipy() {
        let (a, b) = ([1.1, 2.0, 2.0, 3.5, 4.0], [2.0, 3.0, 4.5, 5.0, 6.1, 7.0]);
        let values: Vec<f64> = a.iter().chain(&b).copied().collect();
        let group: Vec<u32> = (0..11).map(|at| u32::from(at >= 5)).collect();
        let ranked = mann_whitney(&values, &group, 2);
        let first = ranked[0].unwrap();
        assert!((first.superiority - 5.0 / 30.0).abs() < 1e-12, "{first:?}");
        assert!((first.p - 0.065_391_9).abs() < 1e-6, "{first:?}");
        assert!((ranked[1].unwrap().superiority - 25.0 / 30.0).abs() < 1e-12);
    }

    #[test]
    fn a_median_lies_in_its_interval() {
        let [middle, low, high] =
            median_interval(&mut (0..101).map(f64::from).collect::<Vec<_>>(), 0.95).unwrap();
        assert_eq!((middle, low, high), (50.0, 39.0, 61.0));
    }
}
