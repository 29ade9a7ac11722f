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

/// How far the q of each family must go down, so that the false share of what is told is held over all families together.
///
/// Within a family q is adjusted already; over 25 families a clean plant would still show something in every other
/// analysis. So families are selected first, each by its smallest q (the p of Simes for the whole family), and what
/// they tell is held to the share of families selected (Benjamini & Bogomolov 2014). On a plant with many problems next to
/// nothing changes; on a clean one nothing is selected. `families` counts all that were asked, silent ones included.
pub fn selected_level(smallest_q: &[f64], families: usize, level: f64) -> f64 {
    let families = families.max(smallest_q.len()).max(1) as f64;
    let mut sorted = smallest_q.to_vec();
    sorted.sort_by(f64::total_cmp);
    let selected = sorted
        .iter()
        .enumerate()
        .filter(|(at, q)| **q <= level * (at + 1) as f64 / families)
        .map(|(at, _)| at + 1)
        .max()
        .unwrap_or(0);
    level * selected as f64 / families
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
    fn what_one_family_may_tell_depends_on_how_many_have_something_to_tell() {
        assert_eq!(selected_level(&[], 20, 0.1), 0.0);
        assert_eq!(selected_level(&[0.05], 20, 0.1), 0.0);
        assert!((selected_level(&[0.001], 20, 0.1) - 0.005).abs() < 1e-12);
        assert!((selected_level(&[1e-9, 1e-9, 1e-9, 0.019], 20, 0.1) - 0.02).abs() < 1e-12);
        assert!((selected_level(&[1e-9; 20], 20, 0.1) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn tests_that_are_not_shown_count() {
        let few = benjamini_hochberg(&[0.001], 1);
        let many = benjamini_hochberg(&[0.001], 500);
        assert!(few[0] < many[0]);
    }
}
