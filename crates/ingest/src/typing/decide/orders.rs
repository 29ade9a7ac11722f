//! The order of day, month and year, by all cells that share the question.

use crate::typing::moment::{Family, Order, Year};
use crate::typing::shapes::{ShapeEvidence, Values};

/// The answer for one family.
#[derive(Debug, Clone)]
pub(super) struct OrderFound {
    pub(super) order: Order,
    /// Other orders that the values allow.
    pub(super) open: Vec<Order>,
    /// What spoke for the chosen one among several.
    pub(super) support: Option<String>,
    /// Cells that the order cannot read.
    pub(super) bad: u64,
    /// Both orders occur in bulk: cells that are surely day first, surely month first.
    pub(super) mixed: Option<(u64, u64)>,
}

/// The values of one of the three numbers over all shapes of the family.
fn part(shapes: &[&ShapeEvidence], nth: usize) -> Values {
    let mut all = Values::default();
    for shape in shapes {
        if let Some(layout) = shape.roles.moment {
            let values = shape.at(layout.parts[nth]);
            all.min = all.min.min(values.min);
            all.max = all.max.max(values.max);
            all.seen |= values.seen;
            for (sum, band) in all.bands.iter_mut().zip(values.bands) {
                *sum += band;
            }
        }
    }
    all
}

pub(super) fn find(family: Family, shapes: &[&ShapeEvidence]) -> OrderFound {
    let count: u64 = shapes.iter().map(|shape| shape.count - shape.apart).sum();
    let said =
        OrderFound { order: Order::YearMonthDay, open: Vec::new(), support: None, bad: 0, mixed: None };
    if count == 0 {
        return said;
    }
    match family.year {
        Year::Said => said,
        Year::First => {
            let ymd = bad(count, &part(shapes, 2), &part(shapes, 1));
            let ydm = bad(count, &part(shapes, 1), &part(shapes, 2));
            if ydm < ymd {
                OrderFound { order: Order::YearDayMonth, bad: ydm, ..said }
            } else {
                OrderFound { bad: ymd, ..said }
            }
        }
        Year::Last => day_or_month_first(count, shapes, family),
        Year::Unknown => short_years(count, shapes),
    }
}

/// At most so many cells can lie outside the days and months of an order.
fn bad(count: u64, day: &Values, month: &Values) -> u64 {
    let no_day = count.saturating_sub(day.days());
    let no_month = count.saturating_sub(month.months());
    (no_day + no_month).min(count)
}

fn day_or_month_first(count: u64, shapes: &[&ShapeEvidence], family: Family) -> OrderFound {
    let (a, b) = (part(shapes, 0), part(shapes, 1));
    let (day_first, month_first) = (bad(count, &a, &b), bad(count, &b, &a));
    let decided = |order, bad| OrderFound { order, open: Vec::new(), support: None, bad, mixed: None };
    // Cells with a number above twelve prove their order.
    let (proofs_day, proofs_month) = (a.days_only(), b.days_only());
    let (fewer, more) = (proofs_day.min(proofs_month), proofs_day.max(proofs_month));
    if fewer > 2 && fewer * 20 > more {
        let order = Order::Each;
        return OrderFound {
            order,
            open: Vec::new(),
            support: None,
            bad: 0,
            mixed: Some((proofs_day, proofs_month)),
        };
    }
    if day_first < month_first {
        return decided(Order::DayMonthYear, day_first);
    }
    if month_first < day_first {
        return decided(Order::MonthDayYear, month_first);
    }
    let (order, support) = lean(count, shapes, &a, &b, family);
    let other = if order == Order::DayMonthYear { Order::MonthDayYear } else { Order::DayMonthYear };
    OrderFound { order, open: vec![other], support, bad: day_first, mixed: None }
}

/// Which order is likelier when every number is at most twelve.
fn lean(
    count: u64,
    shapes: &[&ShapeEvidence],
    a: &Values,
    b: &Values,
    family: Family,
) -> (Order, Option<String>) {
    let weekends = shapes
        .iter()
        .fold([0, 0], |sum: [u64; 2], shape| [sum[0] + shape.weekends[0], sum[1] + shape.weekends[1]]);
    if count >= 20 && a.days_only() + b.days_only() == 0 {
        let share = weekends.map(|weekend| weekend as f64 / count as f64);
        if share[0] <= 0.04 && share[1] >= 0.15 {
            return (
                Order::DayMonthYear,
                Some("read day first, nearly all days are working days".to_owned()),
            );
        }
        if share[1] <= 0.04 && share[0] >= 0.15 {
            return (
                Order::MonthDayYear,
                Some("read month first, nearly all days are working days".to_owned()),
            );
        }
    }
    // One month's export: its number stays, the days change. First days of months look alike, hence not for one.
    if a.distinct() == 1 && a.max != 1 && b.distinct() >= 4 {
        return (
            Order::MonthDayYear,
            Some("the first number never changes, as in one month's data".to_owned()),
        );
    }
    if b.distinct() == 1 && b.max != 1 && a.distinct() >= 4 {
        return (
            Order::DayMonthYear,
            Some("the second number never changes, as in one month's data".to_owned()),
        );
    }
    if family.mark == b'.' {
        return (Order::DayMonthYear, Some("dates with points are written day first".to_owned()));
    }
    (Order::DayMonthYear, None)
}

fn short_years(count: u64, shapes: &[&ShapeEvidence]) -> OrderFound {
    let parts = [part(shapes, 0), part(shapes, 1), part(shapes, 2)];
    let [a, b, c] = &parts;
    // The year has two digits: an order whose year stands in single digits is none.
    let two_digits = |nth: usize| {
        shapes
            .iter()
            .all(|shape| shape.roles.moment.is_none_or(|layout| shape.shape[layout.parts[nth] as usize] == 2))
    };
    let mut candidates: Vec<(Order, u64, &Values, &Values)> = Vec::new();
    if two_digits(2) {
        candidates.push((Order::DayMonthYear, bad(count, a, b), c, a));
        candidates.push((Order::MonthDayYear, bad(count, b, a), c, b));
    }
    if two_digits(0) {
        candidates.push((Order::YearMonthDay, bad(count, c, b), a, c));
    }
    let Some(least) = candidates.iter().map(|(_, bad, ..)| *bad).min() else {
        return OrderFound { order: Order::Each, open: Vec::new(), support: None, bad: count, mixed: None };
    };
    candidates.retain(|(_, bad, ..)| *bad == least);
    // Exports cover some years and all days of the month.
    let spread = |values: &Values| i64::from(values.distinct());
    candidates.sort_by_key(|(order, _, year, day)| (spread(year) - spread(day), *order));
    let order = candidates[0].0;
    let mut open: Vec<Order> = candidates[1..].iter().map(|(order, ..)| *order).collect();
    let mut support = None;
    // Years of one order span a lifetime, those of the other a few years: that is proof enough where days are many.
    if let [(_, _, year, day), rest @ ..] = &candidates[..]
        && !rest.is_empty()
    {
        if year.distinct() <= 3 && day.distinct() >= 8 && day.distinct() >= 3 * year.distinct() {
            let same_year = |other: &Values| std::ptr::eq(*year, other);
            open.retain(|order| {
                rest.iter().any(|(other, _, other_year, _)| other == order && same_year(other_year))
            });
        }
        if spread(year) < spread(day) {
            support = Some("the part taken as the year changes least".to_owned());
        }
    }
    OrderFound { order, open, support, bad: least, mixed: None }
}
