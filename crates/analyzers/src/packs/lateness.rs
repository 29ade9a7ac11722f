//! Orders against their due dates, as the key figure "orders finished on time" counts them.

use std::collections::BTreeMap;

use domain::{
    analysis::Period,
    pack::{Cause, DueMonth, LateOrder, Lateness, Rate, RatesBy},
};

use super::{causes, median, micros};
use crate::engine::{
    frame::{Codes, Frame},
    observations::NONE,
    plant::Plant,
    words,
};

const DUE: [&str; 3] = ["due_date", "promised_date", "required_date"];
const END: [&str; 3] = ["actual_end", "close_date", "ship_date"];

/// Ends of the bands, in days.
const BANDS: [f64; 6] = [1.0, 3.0, 7.0, 14.0, 30.0, f64::INFINITY];

/// Values of a field that are listed.
const VALUES_MAX: usize = 500;

/// A due date without a time of day is kept until that day is over.
fn due_at(due: f64) -> f64 {
    const LAST_MICROSECOND: f64 = 86_399_999_999.0 / 86_400e6;
    if due.fract() == 0.0 { due + LAST_MICROSECOND } else { due }
}

/// What became of an order that is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Kept,
    /// Days late.
    Late(f64),
    /// Days since it was due.
    Overdue(f64),
}

impl Fate {
    fn is_late(self) -> bool {
        self != Self::Kept
    }
}

struct Counted {
    order: usize,
    due: f64,
    end: f64,
    fate: Fate,
}

pub(super) fn of(plant: &Plant) -> Lateness {
    let frame = &plant.orders;
    let first = |names: [&'static str; 3]| names.into_iter().find_map(|name| Some((name, frame.days(name)?)));
    let (due, end) = (first(DUE), first(END));
    let mut result = Lateness {
        due: due.map(|(name, _)| name),
        end: end.map(|(name, _)| name),
        missing: missing(plant, due.is_some(), end.is_some()),
        ..Lateness::default()
    };
    let (Some((_, due)), Some((_, end))) = (due, end) else {
        result.uncounted = frame.len as u64;
        return result;
    };
    let counted = counted(due, end);
    result.uncounted = (frame.len - counted.len()) as u64;
    let span = counted
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one.due), high.max(one.due)));
    result.period = words::iso(span.0).zip(words::iso(span.1)).map(|(start, end)| Period { start, end });
    let mut days = Vec::new();
    for one in &counted {
        match one.fate {
            Fate::Kept => result.kept += 1,
            Fate::Overdue(_) => result.overdue += 1,
            Fate::Late(late) => {
                result.late += 1;
                days.push(late);
            }
        }
    }
    result.bands = bands(&days);
    result.median_days = median(&mut days);
    let late: Vec<(usize, f64)> = counted
        .iter()
        .filter_map(|one| if let Fate::Late(days) = one.fate { Some((one.order, days)) } else { None })
        .collect();
    let kept: Vec<usize> = counted.iter().filter(|one| one.fate == Fate::Kept).map(|one| one.order).collect();
    let told = causes::of(plant, &late, &kept);
    result.causes = causes(&late, &told.causes);
    result.causes_note = told.note;
    result.months = months(&counted);
    result.rates = rates(plant, &counted);
    let of_order: BTreeMap<usize, &str> =
        late.iter().zip(&told.causes).map(|((order, _), (name, _))| (*order, name.as_str())).collect();
    result.orders = orders(plant, &counted, &of_order);
    result
}

/// Orders that state a due date and have ended, or were due before the last one ended.
fn counted(due: &[f64], end: &[f64]) -> Vec<Counted> {
    let stated = || due.iter().zip(end).enumerate().filter(|(_, (due, _))| due.is_finite());
    let horizon =
        stated().map(|(_, (_, end))| *end).filter(|end| end.is_finite()).fold(f64::NEG_INFINITY, f64::max);
    stated()
        .filter_map(|(order, (due, end))| {
            let limit = due_at(*due);
            let fate = if end.is_finite() {
                if *end > limit { Fate::Late(end - limit) } else { Fate::Kept }
            } else if limit < horizon {
                Fate::Overdue(horizon - limit)
            } else {
                return None;
            };
            Some(Counted { order, due: *due, end: *end, fate })
        })
        .collect()
}

fn bands(days: &[f64]) -> Vec<(f64, f64, u64)> {
    let mut from = 0.0;
    BANDS
        .into_iter()
        .map(|to| {
            let n = days.iter().filter(|late| **late > from && **late <= to).count() as u64;
            let band = (from, to, n);
            from = to;
            band
        })
        .collect()
}

fn causes(late: &[(usize, f64)], told: &[(String, f64)]) -> Vec<Cause> {
    let mut all: BTreeMap<&str, (Vec<f64>, f64, bool)> = BTreeMap::new();
    for ((_, days), (name, hours)) in late.iter().zip(told) {
        let one = all.entry(name).or_default();
        one.0.push(*days);
        if hours.is_finite() {
            one.1 += hours;
            one.2 = true;
        }
    }
    let mut causes: Vec<Cause> = all
        .into_iter()
        .map(|(name, (mut days, hours, measured))| Cause {
            name: name.to_owned(),
            orders: days.len() as u64,
            median_days: median(&mut days).unwrap_or_default(),
            hours: measured.then_some(hours),
        })
        .collect();
    causes.sort_by(|a, b| b.orders.cmp(&a.orders).then_with(|| a.name.cmp(&b.name)));
    causes
}

fn months(counted: &[Counted]) -> Vec<DueMonth> {
    let mut months: BTreeMap<String, DueMonth> = BTreeMap::new();
    for one in counted {
        let Some(day) = words::iso(one.due) else { continue };
        let first = format!("{}-01", &day[..day.len() - 3]);
        let month =
            months.entry(first.clone()).or_insert(DueMonth { month: first, kept: 0, late: 0, overdue: 0 });
        match one.fate {
            Fate::Kept => month.kept += 1,
            Fate::Late(_) => month.late += 1,
            Fate::Overdue(_) => month.overdue += 1,
        }
    }
    months.into_values().collect()
}

/// By customer, product, plant and resource, as far as the data name them. What only numbers orders is no group.
fn rates(plant: &Plant, counted: &[Counted]) -> Vec<RatesBy> {
    let frame = &plant.orders;
    let mut all = Vec::new();
    for names in [
        &["customer_name", "customer_id"][..],
        &["product_family"],
        &["product_id", "product_name"],
        &["facility_id"],
    ] {
        let found = names.iter().find_map(|name| Some((*name, frame.words(name)?)));
        if let Some((field, words)) = found.filter(|(_, words)| words.names.len() > 1) {
            all.push(by(field, &words.names, counted, |order| one(words, order)));
        }
    }
    let operations = &plant.operations;
    let resource = ["work_center_name", "work_center_id"]
        .into_iter()
        .find_map(|name| Some((name, operations.words(name)?)));
    if let Some((field, words)) = resource {
        let passed = |order: usize| {
            let mut codes: Vec<u32> = plant
                .operations_of
                .get(order)
                .cloned()
                .unwrap_or_default()
                .map(|row| words.code(row))
                .filter(|code| *code != NONE)
                .collect();
            codes.sort_unstable();
            codes.dedup();
            codes
        };
        all.push(RatesBy { several: true, ..by(field, &words.names, counted, passed) });
    }
    all
}

fn one(words: &Codes, order: usize) -> Vec<u32> {
    Some(words.code(order)).filter(|code| *code != NONE).into_iter().collect()
}

fn by(
    field: &'static str,
    names: &[String],
    counted: &[Counted],
    values: impl Fn(usize) -> Vec<u32>,
) -> RatesBy {
    let mut sums: Vec<(u64, u64, Vec<f64>)> = vec![(0, 0, Vec::new()); names.len()];
    let mut unstated = 0;
    for one in counted {
        let values = values(one.order);
        unstated += u64::from(values.is_empty());
        for code in values {
            let Some(sum) = sums.get_mut(code as usize) else { continue };
            if one.fate.is_late() {
                sum.1 += 1;
            } else {
                sum.0 += 1;
            }
            if let Fate::Late(days) = one.fate {
                sum.2.push(days);
            }
        }
    }
    let mut rates: Vec<Rate> = names
        .iter()
        .zip(sums)
        .filter(|(_, (kept, late, _))| kept + late > 0)
        .map(|(name, (kept, late, mut days))| Rate {
            name: name.clone(),
            kept,
            late,
            median_days: median(&mut days),
        })
        .collect();
    rates.sort_by(|a, b| b.late.cmp(&a.late).then_with(|| a.name.cmp(&b.name)));
    rates.truncate(VALUES_MAX);
    RatesBy { field, rates, unstated, several: false }
}

fn orders(plant: &Plant, counted: &[Counted], causes: &BTreeMap<usize, &str>) -> Vec<LateOrder> {
    let frame = &plant.orders;
    let name = |fields: [&str; 2], order: usize| {
        let words = fields.into_iter().find_map(|field| frame.words(field)?.name(order));
        words.unwrap_or_default().to_owned()
    };
    let mut orders: Vec<LateOrder> = counted
        .iter()
        .filter_map(|one| {
            let (days, ended) = match one.fate {
                Fate::Kept => return None,
                Fate::Late(days) => (days, Some(micros(one.end))),
                Fate::Overdue(days) => (days, None),
            };
            Some(LateOrder {
                order: name(["work_order_id", "work_order_id"], one.order),
                customer: name(["customer_name", "customer_id"], one.order),
                product: name(["product_id", "product_name"], one.order),
                due: micros(one.due),
                ended,
                days,
                cause: causes.get(&one.order).copied().unwrap_or("Not finished").to_owned(),
                row: plant.row_ref(frame, one.order),
            })
        })
        .collect();
    orders.sort_by(|a, b| b.days.total_cmp(&a.days).then_with(|| a.order.cmp(&b.order)));
    orders.truncate(Lateness::ORDERS_MAX);
    orders
}

/// What the data lack, in sentences.
fn missing(plant: &Plant, due: bool, end: bool) -> Vec<String> {
    let has = |frame: &Frame, names: &[&str]| names.iter().any(|name| frame.has(name));
    let mut said = Vec::new();
    let mut needs = |is_there: bool, words: &str| {
        if !is_there {
            said.push(words.to_owned());
        }
    };
    needs(due, "No order states when it was due: add the date that it is due, promised or required.");
    needs(end, "No order states when it ended: add the date that it was finished, closed or shipped.");
    needs(
        has(&plant.orders, &["customer_id", "customer_name"]),
        "On-time rates by customer need the customer of each order.",
    );
    needs(
        has(&plant.orders, &["product_id", "product_name", "product_family"]),
        "On-time rates by product need the product of each order.",
    );
    needs(
        has(&plant.operations, &["work_center_id", "work_center_name"]),
        "On-time rates by resource need the operations of each order with their work center.",
    );
    needs(
        has(&plant.orders, &["release_date"])
            && has(&plant.orders, &["planned_release_date", "planned_start"]),
        "Which orders were released late needs the date of their release and the planned one.",
    );
    said
}
