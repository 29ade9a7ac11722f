//! What each machine costs beyond its plan, what of its pieces is scrapped, and how likely it is to stop.

use std::collections::BTreeMap;

use domain::{
    Finding, Money,
    breakdown::{MachineLine, Scale},
    number,
};

use super::{
    operations::steps_of,
    quality::{Costs, add},
    risk,
};
use crate::{
    engine::{
        allowed::{self, Allowed},
        context::Context,
        defects,
        frame::Frame,
        observations::{NONE, combine},
        value,
    },
    suite,
};

/// Machines beyond this number are identifiers of something else.
const MOST: usize = 500;

#[derive(Debug)]
struct Sum {
    hours: f64,
    labor: f64,
    scrap: f64,
    waste: f64,
    standstill: f64,
    pieces: f64,
    bad: f64,
    expected: f64,
}

impl Default for Sum {
    fn default() -> Self {
        let unknown = f64::NAN;
        Self {
            hours: 0.0,
            labor: unknown,
            scrap: unknown,
            waste: unknown,
            standstill: unknown,
            pieces: 0.0,
            bad: 0.0,
            expected: 0.0,
        }
    }
}

/// Machines by their risk, then by what they cost.
pub(super) fn lines(
    context: &Context<'_>,
    costs: &Costs,
    scale: Option<&Scale>,
    findings: &[Finding],
) -> Vec<MachineLine> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    worked(context, &mut sums);
    scrapped(context, costs, &mut sums);
    wasted(context, &mut sums);
    stood(context, &mut sums);
    let records = suite::machine_records(context);
    for name in records.keys() {
        sums.entry(name.clone()).or_default();
    }
    if sums.len() > MOST {
        return Vec::new();
    }
    let setting = context.settings.get("preventive_maintenance_interval");
    let mut lines: Vec<MachineLine> = sums
        .into_iter()
        .map(|(machine, sum)| {
            let record = records.get(&machine);
            let days = record.and_then(suite::MachineRecord::interval).unwrap_or(setting);
            let chance = record.and_then(|record| risk::chance(record, days, context.confidence()));
            let service = record.and_then(|record| risk::service(context, record));
            let own: Vec<&Finding> =
                findings.iter().filter(|finding| names_only(finding, &machine)).collect();
            let (score, reasons) = risk::score(chance, days, service.as_ref(), &own);
            line(
                context,
                machine,
                &sum,
                MachineLine {
                    machine: String::new(),
                    hours: sum.hours,
                    labor: None,
                    scrap: None,
                    waste: None,
                    standstill: None,
                    driver: String::new(),
                    scrap_rate: None,
                    scrap_expected: None,
                    risk: score,
                    reasons,
                    chance,
                    band: chance.zip(scale).map(|(chance, scale)| scale.band(chance)),
                    service,
                },
            )
        })
        .collect();
    lines.sort_by(|a, b| {
        b.risk.cmp(&a.risk).then_with(|| cost(b).total_cmp(&cost(a))).then_with(|| a.machine.cmp(&b.machine))
    });
    lines
}

/// Whether a finding is about this machine.
fn names_only(finding: &Finding, machine: &str) -> bool {
    finding.entities.iter().any(|entity| entity.field.as_str() == "machine_id" && entity.value == machine)
}

fn cost(line: &MachineLine) -> f64 {
    [&line.labor, &line.scrap, &line.waste, &line.standstill].into_iter().flatten().map(Money::to_f64).sum()
}

fn line(context: &Context<'_>, machine: String, sum: &Sum, risk: MachineLine) -> MachineLine {
    let money = |amount: f64| amount.is_finite().then(|| Money::rounded(amount, &context.currency));
    let parts = [
        ("hours beyond the plan", sum.labor),
        ("scrapped pieces", sum.scrap),
        ("material beyond the plan", sum.waste),
        ("standstill", sum.standstill),
    ];
    let most = parts.iter().filter(|(_, amount)| *amount > 0.0).max_by(|a, b| a.1.total_cmp(&b.1));
    let driver = most.map_or_else(String::new, |(name, amount)| {
        format!("Most of it is {name}: {}", number::money(*amount, &context.currency))
    });
    let share = |of: f64| (sum.pieces > 0.0).then(|| of / sum.pieces);
    MachineLine {
        machine,
        labor: money(sum.labor),
        scrap: money(sum.scrap),
        waste: money(sum.waste),
        standstill: money(sum.standstill),
        driver,
        scrap_rate: share(sum.bad),
        scrap_expected: share(sum.expected),
        ..risk
    }
}

/// Hours and what of them was beyond the plan.
fn worked(context: &Context<'_>, sums: &mut BTreeMap<String, Sum>) {
    let plant = context.plant;
    // Orders that carry their machine themselves, where there are no operations.
    let frame = if plant.operations.has("machine_id") { &plant.operations } else { &plant.orders };
    let Some(machines) = frame.words("machine_id").filter(|words| words.names.len() <= MOST) else { return };
    let mut of: Vec<Sum> = machines.names.iter().map(|_| Sum::default()).collect();
    let own;
    let allowed = if std::ptr::eq(frame, &raw const plant.operations) {
        context.allowed()
    } else {
        own = allowed::hours(frame)
            .map(|(actual, planned)| Allowed { actual, hours: allowed::of(plant, frame, actual, planned) });
        own.as_ref()
    };
    for row in 0..frame.len {
        let code = machines.code(row);
        if code == NONE {
            continue;
        }
        let sum = &mut of[code as usize];
        sum.hours += value::booked_hours(frame, row);
        if let Some(allowed) = allowed
            && let Some(spent) = allowed.spent(frame, row)
        {
            add(&mut sum.labor, (spent - allowed.at(row)) * value::hour(plant, frame, row));
        }
    }
    sums.extend(machines.names.iter().cloned().zip(of).filter(|(_, sum)| sum.hours > 0.0));
}

/// Pieces scrapped at each machine, and what the same products and steps scrap everywhere.
fn scrapped(context: &Context<'_>, costs: &Costs, sums: &mut BTreeMap<String, Sum>) {
    let plant = context.plant;
    let bad = "operation_quantity_scrapped";
    let frames = [&plant.operations, &plant.bookings];
    let Some(frame) = frames.into_iter().find(|frame| frame.has(bad)) else {
        return scrapped_by_order(context, costs, sums);
    };
    let lots = defects::lots(plant, frame, bad).lots;
    let rows: Vec<u32> = lots.iter().map(|lot| lot.row).collect();
    let step = steps_of(frame);
    let steps: Vec<u32> = rows.iter().map(|row| step[*row as usize]).collect();
    let own = std::ptr::eq(frame, &raw const plant.operations);
    let reached = if own { context.cost_reached() } else { &[] };
    let counted: Vec<Counted> = lots
        .iter()
        .map(|lot| Counted {
            pieces: lot.pieces,
            bad: lot.bad,
            cost: lot.bad * reached.get(lot.row as usize).copied().unwrap_or(f64::NAN),
        })
        .collect();
    compared(context, frame, &rows, &steps, &counted, sums);
}

fn scrapped_by_order(context: &Context<'_>, costs: &Costs, sums: &mut BTreeMap<String, Sum>) {
    let frame = &context.plant.orders;
    let rows: Vec<u32> = (0..frame.len as u32)
        .filter(|row| costs.pieces[*row as usize] > 0.0 && costs.scrapped[*row as usize].is_finite())
        .collect();
    let counted: Vec<Counted> = rows
        .iter()
        .map(|row| *row as usize)
        .map(|row| Counted { pieces: costs.pieces[row], bad: costs.scrapped[row], cost: costs.scrap[row] })
        .collect();
    compared(context, frame, &rows, &vec![NONE; rows.len()], &counted, sums);
}

/// Pieces of one record, the bad ones among them, and what these had cost.
struct Counted {
    pieces: f64,
    bad: f64,
    cost: f64,
}

/// Adds records to their machines, each beside the rate of the same product and step everywhere.
fn compared(
    context: &Context<'_>,
    frame: &Frame,
    rows: &[u32],
    steps: &[u32],
    counted: &[Counted],
    sums: &mut BTreeMap<String, Sum>,
) {
    let codes = |field: &str| context.plant.codes(frame, rows, field);
    let Some((machines, names)) = codes("machine_id").filter(|(_, names)| names.len() <= MOST) else {
        return;
    };
    let products = codes("product_id").or_else(|| codes("product_name"));
    let mut columns: Vec<&[u32]> = vec![steps];
    columns.extend(products.as_ref().map(|(codes, _)| codes.as_slice()));
    let work = combine(&columns, rows.len());
    let mut usual = vec![(0.0, 0.0); work.iter().copied().max().map_or(0, |kind| kind as usize + 1)];
    for (one, kind) in counted.iter().zip(work.iter()) {
        let sum = &mut usual[*kind as usize];
        sum.0 += one.bad;
        sum.1 += one.pieces;
    }
    for ((one, kind), code) in counted.iter().zip(work.iter()).zip(&machines) {
        let Some(name) = names.get(*code as usize).and_then(|name| name.first()) else { continue };
        let (bad, pieces) = usual[*kind as usize];
        let sum = sums.entry(name.clone()).or_default();
        sum.pieces += one.pieces;
        sum.bad += one.bad;
        sum.expected += one.pieces * bad / f64::max(pieces, 1e-9);
        add(&mut sum.scrap, one.cost);
    }
}

/// Material beyond the plan of orders that one machine made alone.
fn wasted(context: &Context<'_>, sums: &mut BTreeMap<String, Sum>) {
    let plant = context.plant;
    let frame = &plant.materials;
    if !(frame.has("actual_material_quantity") && frame.has("planned_material_quantity")) {
        return;
    }
    let scales = suite::material_scale(plant, frame);
    for (row, scale) in scales.into_iter().enumerate() {
        let Some(machine) = only_machine(context, frame.order[row] as usize) else { continue };
        let (paid, standard) = suite::material_prices(frame, row);
        let used = frame.number("actual_material_quantity", row);
        let planned = frame.number("planned_material_quantity", row);
        if let (Some(used), Some(planned), Some(price)) = (used, planned, standard.or(paid)) {
            add(&mut sums.entry(machine.to_owned()).or_default().waste, (used - planned * scale) * price);
        }
    }
}

fn only_machine<'a>(context: &'a Context<'_>, order: usize) -> Option<&'a str> {
    let plant = context.plant;
    if let Some(machines) = plant.operations.words("machine_id") {
        let mut range = plant.operations_of.get(order)?.clone();
        let first = machines.code(range.next()?);
        return range
            .all(|row| machines.code(row) == first)
            .then(|| machines.names.get(first as usize))
            .flatten()
            .map(String::as_str);
    }
    plant.orders.words("machine_id")?.name(order)
}

/// Standstill at the machine's own hourly rate.
fn stood(context: &Context<'_>, sums: &mut BTreeMap<String, Sum>) {
    let plant = context.plant;
    let Some(machines) = plant.events.words("machine_id") else { return };
    let rates = suite::machine_rates(plant);
    for row in 0..plant.events.len {
        if let (Some(name), Some(hours)) = (machines.name(row), suite::failure_hours(plant, row)) {
            let rate = rates.get(name).copied().unwrap_or(f64::NAN);
            add(&mut sums.entry(name.to_owned()).or_default().standstill, hours * rate);
        }
    }
}
