//! The last week that the data hold whole, against the weeks before it.

use std::collections::BTreeMap;

use domain::{
    Currency, Money,
    analysis::Period,
    pack::{KindWeek, ResourceWeek, Week, Weekly},
};
use rust_decimal::Decimal;

use super::micros;
use crate::engine::{
    allowed::Allowed,
    ledger::{self, PARTS},
    observations::NONE,
    plant::Plant,
    value, words,
};

/// Days of the week with less of the work than this are no working days.
const WORKING_SHARE: f64 = 0.02;

/// Resources that are listed.
const RESOURCES_MAX: usize = 500;

/// Monday of a day: 1970-01-01 was a Thursday.
fn monday(day: f64) -> i32 {
    let day = day.floor() as i32;
    day - (day + 3).rem_euclid(7)
}

fn weekday(day: f64) -> usize {
    (day.floor() as i32 + 3).rem_euclid(7) as usize
}

/// Cost over plan of the orders of a week, in cents.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    orders: u64,
    parts: [i64; PARTS.len()],
}

impl Sum {
    fn add(&mut self, parts: [i64; PARTS.len()]) {
        self.orders += 1;
        for (sum, part) in self.parts.iter_mut().zip(parts) {
            *sum += part;
        }
    }

    fn variance(&self) -> i64 {
        self.parts.iter().sum()
    }
}

pub(super) fn of(plant: &Plant) -> Weekly {
    let currency = plant.currency.clone().unwrap_or_else(Currency::unstated);
    let mut result = Weekly::default();
    let (mut weeks, mut undated) = (BTreeMap::<i32, Sum>::new(), Sum::default());
    for (order, lines) in ledger::lines(plant).iter().enumerate() {
        let Some(parts) = ledger::order_parts(plant, order, lines) else { continue };
        match ended(plant, order) {
            Some(day) => weeks.entry(monday(day)).or_default().add(parts),
            None => undated.add(parts),
        }
    }
    let money = |cents: i64| Money { amount: Decimal::new(cents, 2), currency: currency.clone() };
    let priced = !weeks.is_empty() || undated.orders > 0;
    if !priced {
        let words = "No order carries its cost and its plan: add both to see money by week.";
        result.missing.push(words.to_owned());
    }
    let all = weeks.values().chain([&undated]);
    let (n, over) = all.fold((0, 0), |all, sum| (all.0 + sum.orders, all.1 + sum.variance()));
    result.whole = (n > 0).then(|| (n, money(over)));
    if undated.orders > 0 {
        result.undated = Some((undated.orders, money(undated.variance())));
    }
    let Some((last, before)) = span(plant) else {
        result.missing.push("The data hold no whole week.".to_owned());
        let all = weeks.values().fold((0, 0), |all, sum| (all.0 + sum.orders, all.1 + sum.variance()));
        result.other_weeks = (all.0 > 0).then(|| (all.0, money(all.1)));
        return result;
    };
    result.week = period(last, last);
    result.before = before.last().zip(before.first()).and_then(|(first, last)| period(*first, *last));
    result.weeks_before = before.len() as u32;
    if before.is_empty() {
        result.missing.push("There is no whole week before it to hold it against.".to_owned());
    }
    let of = |monday: i32| weeks.get(&monday).copied().unwrap_or_default();
    let mean = |values: &[i64]| values.iter().sum::<i64>() as f64 / (values.len() as f64).max(1.0);
    if priced {
        let orders: Vec<i64> = before.iter().map(|monday| of(*monday).orders as i64).collect();
        result.orders = (of(last).orders, mean(&orders));
        let kind = |name: &str, value: &dyn Fn(&Sum) -> i64| {
            let values: Vec<i64> = before.iter().map(|monday| value(&of(*monday))).collect();
            let cents = |value: Option<&i64>| value.map_or(0.0, |cents| *cents as f64 / 100.0);
            KindWeek {
                kind: name.to_owned(),
                last: money(value(&of(last))),
                mean: mean(&values) / 100.0,
                low: cents(values.iter().min()),
                high: cents(values.iter().max()),
            }
        };
        result.kinds = PARTS
            .iter()
            .enumerate()
            .map(|(at, name)| kind(&words::sentence_case(name), &|sum: &Sum| sum.parts[at]))
            .filter(|kind| !kind.last.amount.is_zero() || kind.low != 0.0 || kind.high != 0.0)
            .collect();
        result.variance = Some(kind("Cost over plan", &Sum::variance));
        let shown: Vec<i32> = before.iter().rev().copied().chain([last]).collect();
        result.weeks = shown
            .iter()
            .map(|monday| Week {
                at: micros(f64::from(*monday)),
                orders: of(*monday).orders,
                over: money(of(*monday).variance()),
            })
            .collect();
        let others = weeks.iter().filter(|(monday, _)| !shown.contains(monday));
        let all = others.fold((0, 0), |all, (_, sum)| (all.0 + sum.orders, all.1 + sum.variance()));
        result.other_weeks = (all.0 > 0).then(|| (all.0, money(all.1)));
    }
    resources(plant, last, &before, &mut result);
    result
}

/// The day on which an order ended; of data that never say when one ends, its own day.
fn ended(plant: &Plant, order: usize) -> Option<f64> {
    let ends = ["actual_end", "close_date"].map(|field| plant.orders.days(field));
    let day = if ends.iter().all(Option::is_none) {
        plant.order_day(order as u32)
    } else {
        ends.into_iter().flatten().map(|days| days[order]).find(|day| day.is_finite()).unwrap_or(f64::NAN)
    };
    day.is_finite().then_some(day)
}

/// The last whole week and the whole weeks before it, the newest first; all by their Mondays.
fn span(plant: &Plant) -> Option<(i32, Vec<i32>)> {
    if !plant.first_day.is_finite() || !plant.last_day.is_finite() {
        return None;
    }
    let (opens, closes) = working_days(plant);
    let (first_day, last_day) = (plant.first_day.floor() as i32, plant.last_day.floor() as i32);
    let mut last = monday(plant.last_day);
    if last + closes > last_day {
        last -= 7;
    }
    let mut first = monday(plant.first_day);
    if first + opens < first_day {
        first += 7;
    }
    if last < first {
        return None;
    }
    let weeks = (last - first) / 7;
    let most = weeks.min(Weekly::BEFORE_MAX as i32);
    Some((last, (1..=most).map(|back| last - 7 * back).collect()))
}

/// The first and the last day of the week on which work is done, Monday is 0: a week is whole when its working days are over.
fn working_days(plant: &Plant) -> (i32, i32) {
    let days = [
        (&plant.operations, "operation_actual_start"),
        (&plant.bookings, "booking_date"),
        (&plant.operations, "booking_date"),
        (&plant.orders, "actual_end"),
        (&plant.orders, "actual_start"),
    ]
    .into_iter()
    .find_map(|(frame, field)| frame.days(field))
    .unwrap_or_default();
    let mut counts = [0_u32; 7];
    for day in days.iter().filter(|day| day.is_finite()) {
        counts[weekday(*day)] += 1;
    }
    let all: u32 = counts.iter().sum();
    let works = |at: &usize| f64::from(counts[*at]) > WORKING_SHARE * f64::from(all);
    let first = (0..7).find(works).unwrap_or(0);
    let last = (0..7).rev().find(works).unwrap_or(6);
    (first as i32, last as i32)
}

fn period(first: i32, last: i32) -> Option<Period> {
    let (start, end) = (words::iso(f64::from(first))?, words::iso(f64::from(last + 6))?);
    Some(Period { start, end })
}

/// Sums of a resource in the week, and in all weeks before.
#[derive(Debug, Clone, Copy, Default)]
struct Lost {
    operations: u64,
    hours: [f64; 2],
    money: [f64; 2],
    scrap: [f64; 2],
}

fn resources(plant: &Plant, last: i32, before: &[i32], result: &mut Weekly) {
    let frame = &plant.operations;
    let field = ["work_center_name", "work_center_id", "machine_id"]
        .into_iter()
        .find_map(|field| Some((field, frame.words(field)?)));
    let Some((field, resource)) = field else {
        result
            .missing
            .push("Losses by resource need operations with their work center or machine.".to_owned());
        return;
    };
    let allowed = Allowed::of(plant);
    let first = before.last().copied().unwrap_or(last);
    let mut lost = vec![Lost::default(); resource.names.len()];
    let (mut has_hours, mut has_money, mut has_scrap) = (false, false, false);
    for row in 0..frame.len {
        let (code, day) = (resource.code(row), plant.day(frame, row));
        if code == NONE || !day.is_finite() {
            continue;
        }
        let week = monday(day);
        if week < first || week > last {
            continue;
        }
        let (sum, at) = (&mut lost[code as usize], usize::from(week != last));
        sum.operations += u64::from(week == last);
        if let Some(spent) = allowed.as_ref().and_then(|allowed| Some((allowed, allowed.spent(frame, row)?)))
        {
            let over = spent.1 - spent.0.at(row);
            sum.hours[at] += over;
            has_hours = true;
            let hour = value::hour(plant, frame, row);
            if hour.is_finite() {
                sum.money[at] += over * hour;
                has_money = true;
            }
        }
        if let Some(pieces) = frame.number("operation_quantity_scrapped", row) {
            sum.scrap[at] += pieces;
            has_scrap = true;
        }
    }
    let weeks = (before.len() as f64).max(1.0);
    let pair = |is_there: bool, [last, before]: [f64; 2]| is_there.then_some((last, before / weeks));
    result.resource_field = Some(field);
    result.resources = resource
        .names
        .iter()
        .zip(lost)
        .filter(|(_, lost)| lost.operations > 0 || lost.hours[1] != 0.0 || lost.scrap[1] > 0.0)
        .map(|(name, lost)| ResourceWeek {
            name: name.clone(),
            operations: lost.operations,
            hours: pair(has_hours, lost.hours),
            money: pair(has_money, lost.money),
            scrap: pair(has_scrap, lost.scrap),
        })
        .collect();
    let size = |one: &ResourceWeek| one.money.or(one.hours).or(one.scrap).map_or(0.0, |(last, _)| last);
    result.resources.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.name.cmp(&b.name)));
    result.resources.truncate(RESOURCES_MAX);
    if !has_hours {
        let words =
            "Hours over plan by resource need the hours of operations and what the plan allows for them.";
        result.missing.push(words.to_owned());
    }
    if !has_scrap {
        result.missing.push("Scrap by resource needs the pieces scrapped at each operation.".to_owned());
    }
}
