//! A plane through points, with errors that allow for scatter that grows with size.

/// Coefficients and their standard errors (heteroscedasticity-consistent, HC1).
#[derive(Debug, Clone, PartialEq)]
pub struct Plane<const K: usize> {
    pub coefficient: [f64; K],
    pub error: [f64; K],
}

/// Least squares of `y` on `K` regressors (give a constant 1 for an intercept); `None` where they do not tell apart.
pub fn plane<const K: usize>(points: &[([f64; K], f64)]) -> Option<Plane<K>> {
    if points.len() <= K + 1 {
        return None;
    }
    let mut normal = [[0.0; K]; K];
    let mut right = [0.0; K];
    for (x, y) in points {
        for row in 0..K {
            right[row] += x[row] * y;
            for column in 0..K {
                normal[row][column] += x[row] * x[column];
            }
        }
    }
    let inverse = inverse(normal)?;
    let coefficient: [f64; K] =
        std::array::from_fn(|row| (0..K).map(|column| inverse[row][column] * right[column]).sum());
    let mut meat = [[0.0; K]; K];
    for (x, y) in points {
        let residual = y - (0..K).map(|at| coefficient[at] * x[at]).sum::<f64>();
        for row in 0..K {
            for column in 0..K {
                meat[row][column] += residual * residual * x[row] * x[column];
            }
        }
    }
    let n = points.len() as f64;
    let correction = n / (n - K as f64);
    let error = std::array::from_fn(|at| {
        let variance: f64 = (0..K)
            .map(|row| {
                (0..K).map(|column| inverse[at][row] * meat[row][column] * inverse[column][at]).sum::<f64>()
            })
            .sum();
        (variance * correction).max(0.0).sqrt()
    });
    Some(Plane { coefficient, error })
}

/// Gauss-Jordan with pivots.
fn inverse<const K: usize>(mut matrix: [[f64; K]; K]) -> Option<[[f64; K]; K]> {
    let mut inverse = [[0.0; K]; K];
    for (row, values) in inverse.iter_mut().enumerate() {
        values[row] = 1.0;
    }
    let scale = (0..K).map(|at| matrix[at][at].abs()).fold(0.0, f64::max);
    for column in 0..K {
        let pivot =
            (column..K).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))?;
        if matrix[pivot][column].abs() <= 1e-12 * scale {
            return None;
        }
        matrix.swap(column, pivot);
        inverse.swap(column, pivot);
        let divisor = matrix[column][column];
        for at in 0..K {
            matrix[column][at] /= divisor;
            inverse[column][at] /= divisor;
        }
        for row in (0..K).filter(|row| *row != column) {
            let factor = matrix[row][column];
            for at in 0..K {
                matrix[row][at] -= factor * matrix[column][at];
                inverse[row][at] -= factor * inverse[column][at];
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_plane_and_refuses_what_can_not_be_told_apart() {
        let points: Vec<([f64; 3], f64)> = (0..60)
            .map(|at| {
                let (a, b) = (f64::from(at % 7), f64::from(at % 5));
                let wobble = if at % 2 == 0 { 0.1 } else { -0.1 };
                ([1.0, a, b], 5.0 + 2.0 * a - b + wobble)
            })
            .collect();
        let plane_ = plane(&points).unwrap();
        for (got, wanted) in plane_.coefficient.iter().zip([5.0, 2.0, -1.0]) {
            assert!((got - wanted).abs() < 0.05, "{plane_:?}");
        }
        assert!(plane_.error.iter().all(|error| *error > 0.0 && *error < 0.05), "{plane_:?}");
        let twins: Vec<([f64; 2], f64)> = (0..20).map(|at| ([f64::from(at), f64::from(at)], 1.0)).collect();
        assert_eq!(plane(&twins), None);
    }
}
