//! What came in when a finding began: a supplier, a lot, a machine, a shift, a tool. A coincidence in time, said to be one.
//!
//! It is told only where the change of the one and of the other fall together, where most orders changed over, where what
//! the finding is compared with did not, and where orders without it did not change as well.

use super::{context::Context, finding::level, metric::Metric, observations::NONE, search::Found, words};
use crate::stats::change::Shape;

/// Fields that may have come in, in the order in which they are looked at.
const FIELDS: [&str; 5] = ["supplier_id", "material_lot_id", "machine_id", "tool_id", "shift"];

/// Fewer orders on a side show no change-over.
const FEWEST: usize = 8;

/// Share of the orders that must have changed over.
const CHANGED: f64 = 0.5;

/// How much better a change must explain the orders than none, in log likelihood: every day and level was tried.
const GAIN: f64 = 15.0;

/// A date is as good as the best where its log likelihood is no further below.
const INTERVAL: f64 = 1.92;

/// An order at the level of the finding: its day, what it has of a field, and how far it is off.
struct One {
    day: f64,
    code: u32,
    y: f64,
}

/// What came in at the same time as the finding, in a sentence.
pub fn sentence(context: &Context<'_>, metric: &Metric<'_>, found: &Found) -> Option<String> {
    let Shape::Step { day, low, high } = found.fit.shape else { return None };
    let (own, _) = level(metric, found);
    FIELDS.into_iter().filter(|field| !own.contains(field)).find_map(|field| {
        let names = Names::of(context, metric, field)?;
        let (members, peers) = sides(metric, found, &names);
        let (code, before, after) = came_in(&members, [day, low, high])?;
        let share = |side: &dyn Fn(&One) -> bool| {
            let (with, all) = peers
                .iter()
                .filter(|one| side(one))
                .fold((0.0, 0.0), |(with, all), one| (with + f64::from(u8::from(one.code == code)), all + 1.0));
            if all > 0.0 { with / all } else { 0.0 }
        };
        let elsewhere = share(&|one| one.day >= day) - share(&|one| one.day < day);
        if elsewhere > (after - before) / 2.0 || !alone(&members, code, day, found) {
            return None;
        }
        Some(format!(
            "{} came in at the same time: {} of the orders since then have it, {} of those before. That is a coincidence, not a proof.",
            words::thing(field, names.name(code)?),
            words::percent(after),
            words::percent(before)
        ))
    })
}

/// The level of a field of each observation.
struct Names {
    codes: Vec<u32>,
    names: super::plant::Names,
}

impl Names {
    fn of(context: &Context<'_>, metric: &Metric<'_>, field: &str) -> Option<Self> {
        let rows = &metric.observations.row;
        let of_material = matches!(field, "supplier_id" | "material_lot_id");
        if of_material && !metric.frame.has(field) {
            let of = context.leading_material(field)?;
            let order = |row: &u32| metric.frame.order[*row as usize] as usize;
            let codes = rows.iter().map(|row| of.codes.get(order(row)).copied().unwrap_or(NONE)).collect();
            return Some(Self { codes, names: of.names.clone() });
        }
        let (codes, names) = metric.plant.codes(metric.frame, rows, field)?;
        Some(Self { codes, names })
    }

    fn name(&self, code: u32) -> Option<&str> {
        self.names.get(code as usize)?.first().map(String::as_str)
    }
}

/// Orders of the finding by their day, each once, and the orders that it is compared with.
fn sides(metric: &Metric<'_>, found: &Found, names: &Names) -> (Vec<One>, Vec<One>) {
    let observations = &metric.observations;
    let attribute = &observations.attributes[found.attribute];
    let (mut members, mut peers) = (Vec::new(), Vec::new());
    let mut last = [NONE; 2];
    for idx in 0..observations.len() {
        let (day, code) = (observations.day[idx], names.codes[idx]);
        let inside = attribute.level(idx) == found.level;
        let cluster = observations.cluster[idx];
        let seen = std::mem::replace(&mut last[usize::from(inside)], cluster) == cluster;
        if seen || !day.is_finite() || code == NONE {
            continue;
        }
        let side = if inside { &mut members } else { &mut peers };
        side.push(One { day, code, y: observations.y[idx] });
    }
    members.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.code.cmp(&b.code)));
    (members, peers)
}

/// The level that most orders changed over to when the finding began, with its share before and after.
fn came_in(members: &[One], [day, low, high]: [f64; 3]) -> Option<(u32, f64, f64)> {
    let cut = members.partition_point(|one| one.day < day);
    let (before, after) = members.split_at(cut);
    if before.len() < FEWEST || after.len() < FEWEST {
        return None;
    }
    let share = |side: &[One], code: u32| {
        side.iter().filter(|one| one.code == code).count() as f64 / side.len() as f64
    };
    let mut codes: Vec<u32> = after.iter().map(|one| one.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let (code, gain) = codes
        .into_iter()
        .map(|code| (code, share(after, code) - share(before, code)))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    if gain < CHANGED {
        return None;
    }
    let (from, to) = change_over(members, code)?;
    (from <= high + 1.0 && to >= low - 1.0).then(|| (code, share(before, code), share(after, code)))
}

/// The days between which orders changed over to a level; `None` where no single day explains it well.
fn change_over(members: &[One], code: u32) -> Option<(f64, f64)> {
    let has: Vec<f64> = members.iter().map(|one| f64::from(u8::from(one.code == code))).collect();
    let all: f64 = has.iter().sum();
    let n = has.len() as f64;
    let none = likelihood(all, n);
    let mut with = 0.0;
    let mut tried = Vec::with_capacity(has.len());
    for (at, one) in has.iter().enumerate() {
        if at >= FEWEST && at + FEWEST <= has.len() {
            let before = at as f64;
            tried.push((members[at].day, likelihood(with, before) + likelihood(all - with, n - before)));
        }
        with += one;
    }
    let best = tried.iter().map(|(_, likelihood)| *likelihood).fold(f64::NEG_INFINITY, f64::max);
    if best - none < GAIN {
        return None;
    }
    let within = || tried.iter().filter(|(_, likelihood)| best - likelihood <= INTERVAL).map(|(day, _)| *day);
    Some((within().fold(f64::INFINITY, f64::min), within().fold(f64::NEG_INFINITY, f64::max)))
}

/// Log likelihood of `with` of `n` at their own share.
fn likelihood(with: f64, n: f64) -> f64 {
    let term = |count: f64| if count > 0.0 { count * (count / n).ln() } else { 0.0 };
    term(with) + term(n - with)
}

/// Whether orders without it stayed as they were, as far as there are such orders since then.
fn alone(members: &[One], code: u32, day: f64, found: &Found) -> bool {
    let mean = |wanted: bool| {
        let of: Vec<f64> = members
            .iter()
            .filter(|one| one.day >= day && (one.code == code) == wanted)
            .map(|one| one.y)
            .collect();
        (of.len() >= FEWEST).then(|| of.iter().sum::<f64>() / of.len() as f64)
    };
    match (mean(true), mean(false)) {
        (Some(with), Some(without)) => with - without >= found.effect_raw / 2.0,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use domain::Settings;

    use crate::engine::{
        bench::{FIRST_DAY, chance, frame, loose, plant, run},
        plant::Plant,
    };

    /// M2 takes half longer from day 150 on. Something new comes in by `field` on day `since`: on M2, or everywhere.
    fn works(field: &'static str, since: f64, everywhere: bool) -> Plant {
        let day = |row: usize| row as f64 / 8.0;
        let machine = |row: usize| row % 4;
        let orders = frame(2_400, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("product_id", |row| format!("P{}", (row / 4) % 3));
        let operations = frame(2_400, |row| row as u32)
            .with_words("operation_code", |_| "MILL")
            .with_words("machine_id", move |row| format!("M{}", machine(row)))
            .with_days("operation_actual_start", move |row| FIRST_DAY + day(row))
            .with_numbers("planned_run_hours", |_| 2.0)
            .with_numbers("labor_rate", |_| 30.0)
            .with_numbers("actual_run_hours", move |row| {
                let slow = machine(row) == 2 && day(row) >= 150.0;
                (if slow { 3.0 } else { 2.0 }) * (0.9 + 0.2 * chance(row))
            });
        let mut plant = plant(orders, operations, loose(0), 300.0);
        plant.materials = frame(2_400, |row| row as u32).with_words("material_id", |_| "STEEL").with_words(
            field,
            move |row| {
                let here = everywhere || machine(row) == 2;
                if here && day(row) >= since { "S07" } else { ["S01", "S02"][row % 2] }
            },
        );
        plant
    }

    fn said(plant: &Plant) -> String {
        let outcome = run("labor_efficiency", plant, &Settings::default());
        let slow = outcome.findings.iter().find(|finding| finding.entities[0].value == "M2").expect("M2");
        assert!(slow.start.is_some(), "{slow:#?}");
        slow.observations.join(" ")
    }

    #[test]
    fn a_supplier_that_came_in_on_the_same_day_is_told_and_one_of_another_day_is_not() {
        let said_then = said(&works("supplier_id", 150.0, false));
        assert!(
            said_then.contains("Supplier S07 came in at the same time: 100% of the orders since then"),
            "{said_then}"
        );
        assert!(said_then.contains("not a proof"), "{said_then}");
        assert!(!said(&works("supplier_id", 60.0, false)).contains("came in"), "three months before");
        let lot = said(&works("material_lot_id", 150.0, false));
        assert!(lot.contains("S07 came in at the same time"), "{lot}");
    }

    #[test]
    fn what_came_in_everywhere_explains_no_single_machine() {
        assert!(!said(&works("supplier_id", 150.0, true)).contains("came in"));
    }
}
