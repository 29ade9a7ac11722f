//! What scrap, rework and waste cost, by order, and by the products, materials and suppliers of the orders.

use std::collections::BTreeMap;

use domain::{
    Money,
    breakdown::{QualityLine, Scale},
};

use crate::{
    engine::{context::Context, frame::Frame, observations::NONE, plant::Plant, value},
    suite,
};

/// Lines of each kind that are kept, the most money first.
const LISTED: usize = 50;

/// Quality of each order. NaN where it is not known.
#[derive(Debug)]
pub(super) struct Costs {
    pub(super) pieces: Vec<f64>,
    pub(super) scrapped: Vec<f64>,
    pub(super) scrap: Vec<f64>,
    pub(super) rework: Vec<f64>,
    issue: Vec<bool>,
}

/// Adds to a sum that may not be known yet.
pub(super) fn add(sum: &mut f64, amount: f64) {
    if amount.is_finite() {
        *sum = if sum.is_finite() { *sum + amount } else { amount };
    }
}

/// The sum of what is known, `None` where nothing is.
pub(super) fn known(values: &[f64]) -> Option<f64> {
    let mut sum = f64::NAN;
    for value in values {
        add(&mut sum, *value);
    }
    sum.is_finite().then_some(sum)
}

impl Costs {
    pub(super) fn of(context: &Context<'_>) -> Self {
        let plant = context.plant;
        let n = plant.orders.len;
        let unknown = || vec![f64::NAN; n];
        let mut costs = Self {
            pieces: unknown(),
            scrapped: unknown(),
            scrap: unknown(),
            rework: unknown(),
            issue: vec![false; n],
        };
        costs.scrap_of(context);
        costs.rework_of(plant);
        for order in 0..n {
            let good = plant.orders.number("quantity_completed", order);
            let pieces = good.map(|good| good + costs.scrapped[order].max(0.0));
            costs.pieces[order] = pieces.unwrap_or(f64::NAN);
            costs.issue[order] |= costs.scrapped[order] > 0.0
                || plant.orders.number("quantity_reworked", order).is_some_and(|pieces| pieces > 0.0)
                || plant.with_issue.get(order).copied().unwrap_or(false);
        }
        costs
    }

    fn scrap_of(&mut self, context: &Context<'_>) {
        let plant = context.plant;
        let bad = "operation_quantity_scrapped";
        if plant.operations.has(bad) {
            let reached = context.cost_reached();
            for (row, reached) in reached.iter().enumerate().take(plant.operations.len) {
                let order = plant.operations.order[row] as usize;
                if let (Some(pieces), true) = (plant.operations.number(bad, row), order < self.scrap.len()) {
                    add(&mut self.scrapped[order], pieces.max(0.0));
                    add(&mut self.scrap[order], pieces.max(0.0) * *reached);
                }
            }
            return;
        }
        for order in 0..plant.orders.len {
            let number = |field: &str| plant.orders.number(field, order);
            let Some(pieces) = number("quantity_scrapped").map(|pieces| pieces.max(0.0)) else { continue };
            let piece = number("planned_total_cost")
                .zip(number("quantity_ordered"))
                .filter(|(cost, pieces)| *cost > 0.0 && *pieces > 0.0)
                .map(|(cost, pieces)| cost / pieces)
                .or(plant.own_rates.scrapped_piece);
            self.scrapped[order] = pieces;
            self.scrap[order] = piece.map_or(f64::NAN, |piece| pieces * piece);
        }
    }

    fn rework_of(&mut self, plant: &Plant) {
        let frames = || [&plant.operations, &plant.bookings].into_iter();
        if let Some(frame) = frames().find(|frame| frame.has("operation_quantity_reworked")) {
            self.each(frame, "operation_quantity_reworked", |costs, order, _, pieces| {
                costs.issue[order] |= pieces > 0.0;
            });
        }
        if let Some(frame) = frames().find(|frame| frame.has("rework_hours")) {
            self.each(frame, "rework_hours", |costs, order, row, hours| {
                costs.issue[order] |= hours > 0.0;
                add(&mut costs.rework[order], hours.max(0.0) * value::hour(plant, frame, row));
            });
        }
    }

    fn each(&mut self, frame: &Frame, field: &str, mut take: impl FnMut(&mut Self, usize, usize, f64)) {
        for row in 0..frame.len {
            let order = frame.order[row] as usize;
            if let (Some(number), true) = (frame.number(field, row), order < self.issue.len()) {
                take(self, order, row, number);
            }
        }
    }
}

/// What came together at one level.
#[derive(Debug)]
struct Sum {
    orders: u64,
    with_issue: u64,
    pieces: f64,
    scrapped: f64,
    scrap: f64,
    rework: f64,
    waste: f64,
}

impl Sum {
    fn new() -> Self {
        Self {
            orders: 0,
            with_issue: 0,
            pieces: 0.0,
            scrapped: 0.0,
            scrap: f64::NAN,
            rework: f64::NAN,
            waste: f64::NAN,
        }
    }

    /// An order, or a share of its cost where it is made of several things.
    fn take(&mut self, costs: &Costs, order: usize, share: f64) {
        self.orders += 1;
        self.with_issue += u64::from(costs.issue[order]);
        self.pieces += costs.pieces[order].max(0.0);
        self.scrapped += costs.scrapped[order].max(0.0);
        add(&mut self.scrap, costs.scrap[order] * share);
        add(&mut self.rework, costs.rework[order] * share);
    }
}

/// Products, then materials, then suppliers. What an order's scrap and rework cost is shared out to its materials by their
/// planned cost, so that it adds up.
pub(super) fn lines(context: &Context<'_>, costs: &Costs, scale: Option<&Scale>) -> Vec<QualityLine> {
    let plant = context.plant;
    let silent = costs.scrapped.iter().chain(&costs.rework).all(|value| !value.is_finite());
    if silent && !plant.materials.has("actual_material_quantity") {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let products = [("product_id", "product_id"), ("product_id", "product_name")];
    if let Some((field, words)) =
        products.into_iter().find_map(|(field, column)| Some((field, plant.orders.words(column)?)))
    {
        let mut sums: BTreeMap<u32, Sum> = BTreeMap::new();
        for order in 0..plant.orders.len {
            let code = words.code(order);
            if code != NONE {
                sums.entry(code).or_insert_with(Sum::new).take(costs, order, 1.0);
            }
        }
        lines.extend(kept(context, field, &words.names, sums, scale));
    }
    for field in ["material_id", "supplier_id"] {
        lines.extend(of_material(context, costs, field, scale));
    }
    lines
}

fn of_material(
    context: &Context<'_>,
    costs: &Costs,
    field: &'static str,
    scale: Option<&Scale>,
) -> Vec<QualityLine> {
    let plant = context.plant;
    let frame = &plant.materials;
    let mut sums: BTreeMap<u32, Sum> = BTreeMap::new();
    let Some(words) = frame.words(field) else {
        // Orders that carry their material themselves.
        let Some(words) = plant.orders.words(field) else { return Vec::new() };
        for order in 0..plant.orders.len {
            let code = words.code(order);
            if code != NONE {
                sums.entry(code).or_insert_with(Sum::new).take(costs, order, 1.0);
            }
        }
        return kept(context, field, &words.names, sums, scale);
    };
    let quantities = frame.has("actual_material_quantity") && frame.has("planned_material_quantity");
    let scales = if quantities { suite::material_scale(plant, frame) } else { Vec::new() };
    for range in frame.ranges(plant.orders.len) {
        let Some(order) = frame.order.get(range.start).map(|order| *order as usize) else { continue };
        if range.is_empty() {
            continue;
        }
        let planned = |row: usize| {
            let number = |name: &str| frame.number(name, row).filter(|value| *value > 0.0);
            number("planned_material_cost").or_else(|| {
                let quantity =
                    number("planned_material_quantity").or_else(|| number("actual_material_quantity"))?;
                let (paid, standard) = suite::material_prices(frame, row);
                Some(quantity * standard.or(paid)?)
            })
        };
        let whole: f64 = range.clone().filter_map(planned).sum();
        // An order counts once for a thing that stands on several of its lines.
        let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
        let even = 1.0 / range.len() as f64;
        for row in range.clone() {
            let code = words.code(row);
            let share = if whole > 0.0 { planned(row).unwrap_or(0.0) / whole } else { even };
            if code == NONE {
                continue;
            }
            *shares.entry(code).or_default() += share;
            let used = frame.number("actual_material_quantity", row);
            let allowed = frame.number("planned_material_quantity", row).zip(scales.get(row));
            let (paid, standard) = suite::material_prices(frame, row);
            if let (Some(used), Some((planned, scale)), Some(price)) = (used, allowed, standard.or(paid)) {
                let waste = &mut sums.entry(code).or_insert_with(Sum::new).waste;
                add(waste, (used - planned * scale) * price);
            }
        }
        for (code, share) in shares {
            sums.entry(code).or_insert_with(Sum::new).take(costs, order, share);
        }
    }
    kept(context, field, &words.names, sums, scale)
}

fn kept(
    context: &Context<'_>,
    field: &'static str,
    names: &[String],
    sums: BTreeMap<u32, Sum>,
    scale: Option<&Scale>,
) -> Vec<QualityLine> {
    let money = |amount: f64| amount.is_finite().then(|| Money::rounded(amount, &context.currency));
    let mut lines: Vec<QualityLine> = sums
        .into_iter()
        .filter(|(_, sum)| sum.orders > 0)
        .filter_map(|(code, sum)| {
            Some(QualityLine {
                field,
                value: names.get(code as usize)?.clone(),
                orders: sum.orders,
                with_issue: sum.with_issue,
                pieces: sum.pieces,
                scrapped: sum.scrapped,
                scrap: money(sum.scrap),
                rework: money(sum.rework),
                waste: money(sum.waste),
                band: scale.filter(|_| sum.pieces > 0.0).map(|scale| scale.band(sum.scrapped / sum.pieces)),
            })
        })
        .collect();
    lines.sort_by(|a, b| {
        b.cost()
            .total_cmp(&a.cost())
            .then_with(|| b.scrapped.total_cmp(&a.scrapped))
            .then_with(|| a.value.cmp(&b.value))
    });
    lines.truncate(LISTED);
    lines
}
