//! How closely two classifications of the same things agree.

use std::collections::BTreeMap;

use super::distribution::chi2_p;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// Cramér's V with the bias correction of Bergsma (2013): 0 for unrelated, 1 where one tells the other.
    pub v: f64,
    pub p: f64,
}

/// `None` where either side has one level only.
pub fn cramers_v(pairs: &[(u32, u32)]) -> Option<Association> {
    let mut cells: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let (mut rows, mut columns): (BTreeMap<u32, f64>, BTreeMap<u32, f64>) = Default::default();
    for pair in pairs {
        *cells.entry(*pair).or_default() += 1.0;
        *rows.entry(pair.0).or_default() += 1.0;
        *columns.entry(pair.1).or_default() += 1.0;
    }
    let n = pairs.len() as f64;
    let (r, c) = (rows.len() as f64, columns.len() as f64);
    if r < 2.0 || c < 2.0 || n < 20.0 {
        return None;
    }
    let mut chi2 = 0.0;
    for (row, of_row) in &rows {
        for (column, of_column) in &columns {
            let expected = of_row * of_column / n;
            let seen = cells.get(&(*row, *column)).copied().unwrap_or(0.0);
            chi2 += (seen - expected).powi(2) / expected;
        }
    }
    let corrected = (chi2 / n - (r - 1.0) * (c - 1.0) / (n - 1.0)).max(0.0);
    let (r_, c_) = (r - (r - 1.0).powi(2) / (n - 1.0), c - (c - 1.0).powi(2) / (n - 1.0));
    let v = (corrected / (r_.min(c_) - 1.0).max(1e-9)).sqrt().min(1.0);
    Some(Association { v, p: chi2_p(chi2, (r - 1.0) * (c - 1.0)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_the_other_is_one_and_what_does_not_is_nought() {
        let same: Vec<(u32, u32)> = (0..90).map(|at| (at % 3, at % 3)).collect();
        let apart: Vec<(u32, u32)> = (0..90).map(|at| (at % 3, at / 3 % 2)).collect();
        assert!(cramers_v(&same).unwrap().v > 0.99);
        assert!(cramers_v(&apart).unwrap().v < 0.05);
        assert_eq!(cramers_v(&[(0, 1); 50]), None);
    }
}
