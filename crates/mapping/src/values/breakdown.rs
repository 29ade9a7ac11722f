//! One number spread over several columns by its kind: pieces lost per defect, minutes lost per reason. Few rows have
//! more than one or two of them, and together they are what is missing from a total.

use domain::{ColumnProfile, ValueKind};

use super::relations::FEWEST_ROWS;

/// Columns that it takes: two may add up by chance.
const FEWEST_PARTS: usize = 3;
/// Share of rows in which most of the parts are empty or zero; a collective "other" may be filled more often.
const SPARSE: f64 = 0.5;

/// `parts` add up to what `whole` is above `rest`; or to `whole` itself, where no rest is stated.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Breakdown {
    pub(crate) whole: usize,
    pub(crate) rest: Option<usize>,
    pub(crate) parts: Vec<usize>,
    pub(crate) rows: usize,
    pub(crate) of: usize,
}

/// The breakdowns of a table: each with another total, best supported first. `above` says whether the first of two
/// columns is never below the second and sometimes above it.
pub(crate) fn find(
    columns: &[&ColumnProfile],
    values: &[Option<Vec<f64>>],
    above: impl Fn(usize, usize) -> bool,
) -> Vec<Breakdown> {
    let number = |column: usize| values.get(column).and_then(Option::as_deref);
    let counts =
        |column: &ColumnProfile| column.kind.is_number() && column.filled > 0 && column.negative == 0;
    let parts: Vec<usize> = (0..columns.len())
        .filter(|column| {
            counts(columns[*column]) && number(*column).is_some_and(|values| lost(values) <= 0.95)
        })
        .collect();
    let sparse = |parts: &[usize]| {
        let few = parts
            .iter()
            .filter(|part| number(**part).is_some_and(|values| lost(values) <= 1.0 - SPARSE))
            .count();
        few >= FEWEST_PARTS && few * 2 > parts.len()
    };
    if parts.len() < FEWEST_PARTS {
        return Vec::new();
    }
    let wholes: Vec<usize> = (0..columns.len())
        .filter(|column| {
            counts(columns[*column])
                && columns[*column].kind != ValueKind::Duration
                && columns[*column].distinct as usize > FEWEST_ROWS
        })
        .collect();
    let mut found: Vec<Breakdown> = Vec::new();
    for &whole in &wholes {
        let Some(total) = number(whole) else { continue };
        let mut best = adding_up(total, None, &candidates(&parts, &[whole]), values)
            .filter(|(parts, ..)| sparse(parts))
            .map(|(parts, rows, of)| Breakdown { whole, rest: None, parts, rows, of });
        for &rest in wholes.iter().filter(|rest| **rest != whole && above(whole, **rest)) {
            let Some(good) = number(rest) else { continue };
            let better = adding_up(total, Some(good), &candidates(&parts, &[whole, rest]), values)
                .filter(|(parts, ..)| sparse(parts))
                .map(|(parts, rows, of)| Breakdown { whole, rest: Some(rest), parts, rows, of })
                .filter(|new| best.as_ref().is_none_or(|best| new.parts.len() >= best.parts.len()));
            if better.is_some() {
                best = better;
            }
        }
        found.extend(best);
    }
    found.sort_by(|a, b| {
        b.parts.len().cmp(&a.parts.len()).then(b.rows.cmp(&a.rows)).then(a.whole.cmp(&b.whole))
    });
    found
}

fn candidates(parts: &[usize], taken: &[usize]) -> Vec<usize> {
    parts.iter().copied().filter(|part| !taken.contains(part)).collect()
}

/// Share of rows with a number above zero.
fn lost(values: &[f64]) -> f64 {
    values.iter().filter(|value| **value > 0.0).count() as f64 / values.len().max(1) as f64
}

/// The parts that add up to what `whole` is above `rest`, with the rows that bear it out among those that say anything.
fn adding_up(
    whole: &[f64],
    rest: Option<&[f64]>,
    parts: &[usize],
    values: &[Option<Vec<f64>>],
) -> Option<(Vec<usize>, usize, usize)> {
    let gap: Vec<f64> = match rest {
        Some(rest) => whole.iter().zip(rest).map(|(whole, rest)| whole - rest).collect(),
        None => whole.to_vec(),
    };
    let telling: Vec<usize> = (0..gap.len()).filter(|row| gap[*row] > 0.0).collect();
    let below = gap.iter().filter(|gap| **gap < 0.0).count();
    if telling.len() < FEWEST_ROWS || below * 50 > gap.len() {
        return None;
    }
    let cell = |part: usize, row: usize| {
        values[part]
            .as_ref()
            .and_then(|values| values.get(row))
            .copied()
            .filter(|value| !value.is_nan())
            .unwrap_or(0.0)
    };
    let mut kept: Vec<usize> = parts
        .iter()
        .copied()
        .filter(|part| {
            let (mut within, mut filled, mut all) = (0_usize, 0_usize, 0_usize);
            for (row, gap) in gap.iter().enumerate().filter(|(_, gap)| !gap.is_nan()) {
                let value = cell(*part, row);
                if value > 0.0 {
                    filled += 1;
                    within += usize::from(value <= gap + 1e-6);
                    all += usize::from((value - gap).abs() < 1e-6);
                }
            }
            // A column that always is the gap is its total, not a part of it.
            let is_total = filled * 50 >= telling.len() * 49 && all * 50 >= filled * 49;
            filled > 0 && within * 20 >= filled * 19 && !is_total
        })
        .collect();
    while kept.len() >= FEWEST_PARTS {
        let sums: Vec<f64> =
            telling.iter().map(|row| kept.iter().map(|part| cell(*part, *row)).sum()).collect();
        let rows = telling.iter().zip(&sums).filter(|(row, sum)| (gap[**row] - **sum).abs() < 0.01).count();
        if rows * 10 >= telling.len() * 9 {
            return Some((kept, rows, telling.len()));
        }
        // One column too many: the one without which most rows come out right.
        let (without, right) = (0..kept.len())
            .map(|drop| {
                let right = telling
                    .iter()
                    .zip(&sums)
                    .filter(|(row, sum)| (gap[**row] - (**sum - cell(kept[drop], **row))).abs() < 0.01)
                    .count();
                (drop, right)
            })
            .max_by_key(|(drop, right)| (*right, usize::MAX - drop))?;
        if right <= rows {
            return None;
        }
        kept.remove(without);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(index: usize, values: &[f64]) -> ColumnProfile {
        let filled = values.iter().filter(|value| !value.is_nan());
        ColumnProfile {
            index,
            header: String::new(),
            kind: ValueKind::Integer,
            format: None,
            ambiguous: Vec::new(),
            currency: None,
            filled: filled.clone().count() as u64,
            empty: 0,
            unreadable: 0,
            distinct: 20,
            min: Some(0.0),
            max: None,
            mean: None,
            negative: 0,
            zero: 0,
            length_min: 1,
            length_max: 3,
            top: Vec::new(),
            sample: Vec::new(),
            sample_raw: Vec::new(),
        }
    }

    /// Total, good and three defects, a column that has nothing to do with it, and where asked the sum of the defects.
    fn report(with_sum: bool) -> Vec<Vec<f64>> {
        let rows = 60_u32;
        let defect = |row: u32, kind: u32| {
            if row % 4 == kind { f64::from(1 + (row * 7 + kind) % 9) } else { f64::NAN }
        };
        let bad =
            |row: u32| (0..3).map(|kind| defect(row, kind)).filter(|value| !value.is_nan()).sum::<f64>();
        let total = |row: u32| f64::from(200 + row * 13 % 97);
        let mut values: Vec<Vec<f64>> = vec![
            (0..rows).map(total).collect(),
            (0..rows).map(|row| total(row) - bad(row)).collect(),
            (0..rows).map(|row| if row % 7 == 0 { 3.0 } else { 0.0 }).collect(),
        ];
        values.extend((0..3).map(|kind| (0..rows).map(|row| defect(row, kind)).collect::<Vec<f64>>()));
        if with_sum {
            values.push((0..rows).map(bad).collect());
        }
        values
    }

    fn found(values: &[Vec<f64>]) -> Vec<Breakdown> {
        let profiles: Vec<ColumnProfile> =
            values.iter().enumerate().map(|(index, values)| column(index, values)).collect();
        let columns: Vec<&ColumnProfile> = profiles.iter().collect();
        find(&columns, &values.iter().cloned().map(Some).collect::<Vec<_>>(), |_, _| true)
    }

    #[test]
    fn defects_add_up_to_what_the_good_pieces_lack() {
        let found = found(&report(false));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].whole, found[0].rest), (0, Some(1)));
        assert_eq!(found[0].parts, [3, 4, 5]);
    }

    #[test]
    fn a_stated_sum_of_the_defects_is_no_part_of_itself() {
        let found = found(&report(true));
        assert!(found.iter().any(|found| found.whole == 6 && found.parts == [3, 4, 5]), "{found:?}");
        assert!(found.iter().all(|found| !found.parts.contains(&6)), "{found:?}");
    }

    #[test]
    fn unrelated_sparse_columns_are_no_breakdown() {
        let mut values = report(false);
        for (row, value) in values[4].iter_mut().enumerate() {
            *value = f64::from(u8::from(row % 3 == 0));
        }
        assert!(found(&values).is_empty());
    }
}
