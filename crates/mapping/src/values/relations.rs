//! Relations between columns, found on the sampled rows: which column determines another, which is never above
//! another, which numbers add up or multiply to another.

use std::collections::HashMap;

use domain::{Cell, ColumnProfile, ValueKind};
use ontology::Unit;

use super::breakdown::{self, Breakdown};

/// Rows that are compared: more add nothing to what they show.
const MOST_ROWS: usize = 600;
/// Rows that a relation needs before it counts.
pub(super) const FEWEST_ROWS: usize = 8;

/// `parts` add up to `whole` in the given share of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sum {
    pub(crate) parts: [usize; 2],
    pub(crate) whole: usize,
    pub(crate) rows: usize,
    pub(crate) of: usize,
}

/// `one` times `other` times `scale` is `result`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Product {
    pub(crate) factors: [usize; 2],
    pub(crate) result: usize,
    /// 1, or what a unit of time puts between them: 1/60 for minutes times an hourly rate.
    pub(crate) scale: f64,
    pub(crate) rows: usize,
    pub(crate) of: usize,
}

/// A number that is the time from one moment to another, in the unit that makes it so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) duration: usize,
    pub(crate) unit: Unit,
    pub(crate) rows: usize,
    pub(crate) of: usize,
}

/// How two comparable columns stand to each other over the rows where both are filled.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Order {
    pub(crate) rows: usize,
    /// Share of rows in which the first is not above the second.
    pub(crate) not_above: f64,
    pub(crate) equal: f64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Relations {
    n: usize,
    /// Numbers and moments of the sampled rows, by column.
    values: Vec<Option<Vec<f64>>>,
    order: Vec<Order>,
    /// `[a * n + b]`: every value of `a` comes with one value of `b`, and values of `a` repeat.
    determines: Vec<bool>,
    /// `[a * n + b]`: share of the rows that repeat a value of `a` in which `b` is not what it was beside that value before.
    varies: Vec<f32>,
    pub(crate) sums: Vec<Sum>,
    pub(crate) products: Vec<Product>,
    pub(crate) spans: Vec<Span>,
    pub(crate) breakdowns: Vec<Breakdown>,
    /// A text that is filled just where the number is above zero: a reason and how much it cost.
    pub(crate) reasons: Vec<(usize, usize)>,
    /// Share of the filled rows whose value stood in an earlier row.
    pub(crate) repeats: Vec<f64>,
}

impl Relations {
    pub(crate) fn of(columns: &[&ColumnProfile]) -> Self {
        let n = columns.len();
        let codes: Vec<Vec<u32>> = columns.iter().map(|column| codes(column)).collect();
        let values: Vec<Option<Vec<f64>>> = columns.iter().map(|column| numbers(column, MOST_ROWS)).collect();
        let mut relations = Self {
            n,
            values: Vec::new(),
            order: vec![Order::default(); n * n],
            determines: vec![false; n * n],
            varies: vec![0.0; n * n],
            sums: Vec::new(),
            products: Vec::new(),
            spans: Vec::new(),
            breakdowns: Vec::new(),
            reasons: reasons(columns, &codes, &values),
            repeats: codes.iter().map(|codes| repeats(codes)).collect(),
        };
        for a in 0..n {
            for b in 0..n {
                if a == b {
                    continue;
                }
                let beside = Beside::of(&codes[a], &codes[b]);
                relations.determines[a * n + b] = beside.determined();
                relations.varies[a * n + b] = beside.varies();
                if let (Some(first), Some(second)) = (&values[a], &values[b])
                    && comparable(columns[a].kind, columns[b].kind)
                {
                    relations.order[a * n + b] = order(first, second);
                }
            }
        }
        relations.find_arithmetic(columns, &values);
        relations.find_spans(columns, &values);
        // Some defects are so rare that all rows at hand are looked at.
        let all: Vec<Option<Vec<f64>>> = columns
            .iter()
            .map(|column| numbers(column, usize::MAX).filter(|_| column.kind.is_number()))
            .collect();
        relations.breakdowns = breakdown::find(columns, &all, |whole, rest| {
            let order = relations.order(rest, whole);
            order.not_above >= 0.98 && order.equal < 0.98
        });
        relations.values = values;
        relations
    }

    pub(crate) fn order(&self, a: usize, b: usize) -> Order {
        self.order.get(a * self.n + b).copied().unwrap_or_default()
    }

    /// Whether every value of `a` comes with one value of `b`, values of `a` repeat and `b` varies.
    pub(crate) fn determines(&self, a: usize, b: usize) -> bool {
        self.determines.get(a * self.n + b).copied().unwrap_or(false)
    }

    /// How surely rows with one value of `a` have many of `b`: from four in ten on that differ, and wholly from six in ten on.
    pub(crate) fn differs_within(&self, a: usize, b: usize) -> f64 {
        let share = self.varies.get(a * self.n + b).map_or(0.0, |share| f64::from(*share));
        ((share - 0.4) * 5.0).clamp(0.0, 1.0)
    }

    /// The numbers of a column in the sampled rows, not-a-number where it has none.
    pub(crate) fn numbers(&self, column: usize) -> Option<&[f64]> {
        self.values.get(column)?.as_deref()
    }

    /// Whether the column is one of several that what is missing from a total is spread over.
    pub(crate) fn is_part(&self, column: usize) -> bool {
        self.breakdowns.iter().any(|found| found.rest.is_some() && found.parts.contains(&column))
    }

    /// Whether both columns are parts of one number that is spread over several.
    pub(crate) fn parts_of_one(&self, a: usize, b: usize) -> bool {
        self.breakdowns.iter().any(|found| found.parts.contains(&a) && found.parts.contains(&b))
    }

    fn find_spans(&mut self, columns: &[&ColumnProfile], values: &[Option<Vec<f64>>]) {
        let of_kind = |wanted: fn(ValueKind) -> bool| -> Vec<usize> {
            (0..columns.len())
                .filter(|column| wanted(columns[*column].kind) && columns[*column].distinct > 2)
                .collect()
        };
        let numbers = of_kind(ValueKind::is_number);
        let (n, order) = (self.n, self.order.clone());
        let orders = |a: usize, b: usize| order.get(a * n + b).copied().unwrap_or_default();
        let mut look = |start: usize, end: usize, from: &[f64], to: &[f64], clock: bool| {
            for &duration in &numbers {
                if let Some(lasted) = &values[duration]
                    && let Some((unit, rows, of)) = spans(from, to, lasted, clock)
                {
                    self.spans.push(Span { start, end, duration, unit, rows, of });
                }
            }
        };
        let moments = of_kind(ValueKind::is_moment);
        for (&start, &end) in moments.iter().flat_map(|start| moments.iter().map(move |end| (start, end))) {
            let order = orders(start, end);
            if start != end
                && order.not_above >= 0.9
                && order.equal <= 0.5
                && let (Some(from), Some(to)) = (&values[start], &values[end])
            {
                look(start, end, from, to, false);
            }
        }
        let clocks: Vec<(usize, Vec<f64>)> = of_kind(|kind| kind == ValueKind::TimeOfDay)
            .into_iter()
            .map(|column| (column, clock(columns[column])))
            .collect();
        for (start, from) in &clocks {
            for (end, to) in clocks.iter().filter(|(end, _)| end != start) {
                look(*start, *end, from, to, true);
            }
        }
    }

    fn find_arithmetic(&mut self, columns: &[&ColumnProfile], values: &[Option<Vec<f64>>]) {
        // Columns that vary and are numbers; a constant explains nothing.
        let numeric: Vec<(usize, &[f64])> = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.kind.is_number() && column.distinct > 2)
            .filter_map(|(idx, _)| Some((idx, values.get(idx)?.as_deref()?)))
            .take(48)
            .collect();
        for (i, &(a, first)) in numeric.iter().enumerate() {
            for &(b, second) in numeric.iter().skip(i + 1) {
                for &(c, whole) in &numeric {
                    if c == a || c == b {
                        continue;
                    }
                    if let Some((rows, of)) = holds(first, second, whole, |x, y, z| {
                        (x != 0.0 && y != 0.0).then(|| near(x + y, z, 0.0011))
                    }) {
                        self.sums.push(Sum { parts: [a, b], whole: c, rows, of });
                    }
                    if let Some((scale, rows, of)) = multiplies(first, second, whole) {
                        self.products.push(Product { factors: [a, b], result: c, scale, rows, of });
                    }
                }
            }
        }
    }
}

fn comparable(a: ValueKind, b: ValueKind) -> bool {
    (a.is_moment() && b.is_moment()) || (a.is_number() && b.is_number())
}

/// A number per value of the column, 0 for empty cells: equal values have equal numbers.
fn codes(column: &ColumnProfile) -> Vec<u32> {
    let mut known: HashMap<&str, u32> = HashMap::new();
    column
        .sample
        .iter()
        .zip(&column.sample_raw)
        .take(MOST_ROWS)
        .map(|(cell, raw)| {
            if cell.is_empty() {
                return 0;
            }
            let next = known.len() as u32 + 1;
            *known.entry(raw.trim()).or_insert(next)
        })
        .collect()
}

fn numbers(column: &ColumnProfile, rows: usize) -> Option<Vec<f64>> {
    if !column.kind.is_number() && !column.kind.is_moment() {
        return None;
    }
    let number = |cell: &Cell| match cell {
        Cell::Number(number) => *number,
        Cell::Moment(micros) => *micros as f64,
        _ => f64::NAN,
    };
    Some(column.sample.iter().take(rows).map(number).collect())
}

fn repeats(codes: &[u32]) -> f64 {
    let filled = codes.iter().filter(|code| **code != 0).count();
    let distinct = codes.iter().copied().max().unwrap_or(0) as usize;
    if filled == 0 { 0.0 } else { (filled - distinct.min(filled)) as f64 / filled as f64 }
}

/// What stands beside the values of a column that repeat.
struct Beside {
    /// Rows whose value stood in an earlier row, and those of them with something else beside it.
    repeated: usize,
    other: usize,
    distinct: u32,
}

impl Beside {
    fn of(a: &[u32], b: &[u32]) -> Self {
        let size = a.iter().copied().max().unwrap_or(0) as usize + 1;
        let mut first = vec![0_u32; size];
        let mut beside = Self { repeated: 0, other: 0, distinct: 0 };
        for (&x, &y) in a.iter().zip(b) {
            if x == 0 || y == 0 {
                continue;
            }
            beside.distinct = beside.distinct.max(y);
            let seen = &mut first[x as usize];
            if *seen == 0 {
                *seen = y;
            } else {
                beside.repeated += 1;
                beside.other += usize::from(*seen != y);
            }
        }
        beside
    }

    fn determined(&self) -> bool {
        self.repeated >= FEWEST_ROWS && self.distinct >= 3 && self.other * 50 <= self.repeated
    }

    fn varies(&self) -> f32 {
        if self.repeated >= FEWEST_ROWS { self.other as f32 / self.repeated as f32 } else { 0.0 }
    }
}

/// Pairs of a text and a number of which the text is filled in nearly all rows where the number is above zero, and in
/// hardly any other; only where there are enough of both kinds.
fn reasons(
    columns: &[&ColumnProfile],
    codes: &[Vec<u32>],
    values: &[Option<Vec<f64>>],
) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (text, texts) in codes.iter().enumerate() {
        let filled = texts.iter().filter(|code| **code != 0).count();
        let speaks = matches!(columns[text].kind, ValueKind::Text | ValueKind::Integer);
        if !speaks || filled < FEWEST_ROWS || texts.len() - filled < FEWEST_ROWS || columns[text].distinct < 2
        {
            continue;
        }
        for (number, numbers) in values.iter().enumerate() {
            let Some(numbers) =
                numbers.as_ref().filter(|_| number != text && columns[number].kind.is_number())
            else {
                continue;
            };
            let (mut both, mut only_text, mut only_number) = (0_usize, 0_usize, 0_usize);
            for (code, value) in texts.iter().zip(numbers) {
                match (*code != 0, *value > 0.0) {
                    (true, true) => both += 1,
                    (true, false) => only_text += 1,
                    (false, true) => only_number += 1,
                    _ => {}
                }
            }
            if both >= FEWEST_ROWS && only_text * 20 <= both && only_number * 5 <= both {
                found.push((text, number));
            }
        }
    }
    found
}

fn order(a: &[f64], b: &[f64]) -> Order {
    let (mut rows, mut not_above, mut equal) = (0_usize, 0_usize, 0_usize);
    for (x, y) in a.iter().zip(b) {
        if x.is_nan() || y.is_nan() {
            continue;
        }
        rows += 1;
        not_above += usize::from(x <= y);
        equal += usize::from((x - y).abs() <= 1e-9 * x.abs().max(1.0));
    }
    if rows == 0 {
        return Order::default();
    }
    Order { rows, not_above: not_above as f64 / rows as f64, equal: equal as f64 / rows as f64 }
}

fn near(computed: f64, stated: f64, share: f64) -> bool {
    (computed - stated).abs() <= (share * stated.abs()).max(0.006)
}

/// Rows in which the relation holds and in which it says anything; `None` where it fails too often or is untested.
fn holds(
    a: &[f64],
    b: &[f64],
    c: &[f64],
    relation: impl Fn(f64, f64, f64) -> Option<bool>,
) -> Option<(usize, usize)> {
    let (mut rows, mut of) = (0_usize, 0_usize);
    for ((&x, &y), &z) in a.iter().zip(b).zip(c) {
        if x.is_nan() || y.is_nan() || z.is_nan() {
            continue;
        }
        if let Some(held) = relation(x, y, z) {
            of += 1;
            rows += usize::from(held);
            if of - rows > 6 && rows * 10 < of * 8 {
                return None;
            }
        }
    }
    (of >= FEWEST_ROWS && rows * 10 >= of * 9).then_some((rows, of))
}

/// Scales that units of time put between a duration, an hourly rate and an amount.
const SCALES: [f64; 4] = [1.0, 1.0 / 60.0, 1.0 / 3_600.0, 60.0];

fn multiplies(a: &[f64], b: &[f64], c: &[f64]) -> Option<(f64, usize, usize)> {
    // The first telling row decides which scale is worth testing.
    let telling = a.iter().zip(b).zip(c).filter(|((x, y), z)| {
        x.abs() > 1e-9
            && y.abs() > 1e-9
            && z.abs() > 0.5
            && (**x - 1.0).abs() > 1e-9
            && (**y - 1.0).abs() > 1e-9
    });
    let mut tested = [0_usize; SCALES.len()];
    for ((x, y), z) in telling.take(6) {
        for (tested, scale) in tested.iter_mut().zip(SCALES) {
            *tested += usize::from(near(x * y * scale, *z, 0.01));
        }
    }
    let (best, hits) = tested.iter().enumerate().max_by_key(|(idx, hits)| (**hits, usize::MAX - idx))?;
    if *hits < 4 {
        return None;
    }
    let scale = SCALES[best];
    let (rows, of) = holds(a, b, c, |x, y, z| {
        (x != 0.0 && y != 0.0 && z.abs() > 0.05 && x != 1.0 && y != 1.0).then(|| near(x * y * scale, z, 0.01))
    })?;
    Some((scale, rows, of))
}

/// Times of day of the sampled rows, in the measure of moments.
fn clock(column: &ColumnProfile) -> Vec<f64> {
    let time = |cell: &Cell| if let Cell::Time(seconds) = cell { seconds * 1e6 } else { f64::NAN };
    column.sample.iter().take(MOST_ROWS).map(time).collect()
}

/// Units in which a duration may be stated.
const UNITS: [Unit; 6] =
    [Unit::Hours, Unit::Minutes, Unit::Seconds, Unit::Days, Unit::HundredthsOfHour, Unit::Milliseconds];

/// The unit in which the numbers are the time between the moments, in most rows; by the `clock` it may pass midnight.
fn spans(from: &[f64], to: &[f64], lasted: &[f64], clock: bool) -> Option<(Unit, usize, usize)> {
    let rows = from.iter().zip(to).zip(lasted).filter_map(|((from, to), lasted)| {
        let hours = (to - from) / 3.6e9;
        let hours = if clock { hours.rem_euclid(24.0) } else { hours };
        (hours > 0.05 && *lasted > 0.0).then_some((hours, *lasted))
    });
    let mut right = [0_usize; UNITS.len()];
    let mut of = 0;
    for (hours, lasted) in rows {
        of += 1;
        for (right, unit) in right.iter_mut().zip(UNITS) {
            // Moments and durations are both rounded, to the minute as a rule.
            *right += usize::from((lasted * unit.factor() - hours).abs() <= (0.01 * hours).max(0.02));
        }
    }
    let (best, rows) = right.iter().enumerate().max_by_key(|(idx, rows)| (**rows, usize::MAX - idx))?;
    (of >= FEWEST_ROWS && rows * 10 >= of * 8).then_some((UNITS[best], *rows, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_times_a_rate_are_found() {
        let minutes: Vec<f64> = (1..30).map(|n| f64::from(n) * 7.0).collect();
        let rate: Vec<f64> = (1..30).map(|n| 30.0 + f64::from(n % 5)).collect();
        let cost: Vec<f64> =
            minutes.iter().zip(&rate).map(|(m, r)| (m * r / 60.0 * 100.0).round() / 100.0).collect();
        let (scale, rows, of) = multiplies(&minutes, &rate, &cost).unwrap();
        assert!((scale - 1.0 / 60.0).abs() < 1e-12);
        assert_eq!((rows, of), (29, 29));
    }

    #[test]
    fn a_night_shift_lasts_past_midnight() {
        let hour = 3.6e9;
        let from: Vec<f64> = (0..20).map(|n| f64::from(20 + n % 3) * hour).collect();
        let to: Vec<f64> = from.iter().map(|from| (from + 5.0 * hour).rem_euclid(24.0 * hour)).collect();
        let lasted = vec![300.0; 20];
        assert_eq!(spans(&from, &to, &lasted, true), Some((Unit::Minutes, 20, 20)));
        assert_eq!(spans(&from, &to, &lasted, false), None);
    }

    #[test]
    fn an_id_determines_its_name() {
        let id: Vec<u32> = (0..40).map(|row| row % 4 + 1).collect();
        let other: Vec<u32> = (0..40).map(|row| row % 7 + 1).collect();
        assert!(Beside::of(&id, &id).determined());
        let beside = Beside::of(&id, &other);
        assert!(!beside.determined() && beside.varies() > 0.0);
        assert_eq!(Beside::of(&id, &id).varies(), 0.0);
    }
}
