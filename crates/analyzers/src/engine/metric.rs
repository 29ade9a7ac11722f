//! Gathering the observations of a metric from the rows of a frame.

use std::sync::Arc;

use super::{
    frame::Frame,
    observations::{Attribute, Cells, Kind, NONE, Observations, combine},
    pairs::Pairs,
    plant::Plant,
};

/// What the amounts of a metric are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmountUnit {
    Money,
    Hours,
    Pieces,
    KilowattHours,
    Days,
}

impl AmountUnit {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Hours => "h",
            Self::Pieces => "pieces",
            Self::KilowattHours => "kWh",
            Self::Days => "days",
        }
    }
}

/// Observations together with the rows and values behind them.
#[derive(Debug)]
pub struct Metric<'a> {
    pub plant: &'a Plant,
    pub frame: &'a Frame,
    pub observations: Observations,
    pub unit: AmountUnit,
    /// What was measured of each observation, in the metric's own unit (price, hours, bad pieces).
    pub actual: Vec<f32>,
    /// What it is compared with (standard price, allowed hours, pieces).
    pub expected: Vec<f32>,
    /// How `actual` is called in a table, e.g. `Hours`.
    pub actual_name: &'static str,
    pub expected_name: &'static str,
    /// The strata asked for last: neighbouring attributes are often compared within the same.
    strata: Option<(Vec<&'static str>, Arc<Vec<u32>>)>,
}

/// Levels beyond this number are identifiers of single things, not groups.
const MOST_LEVELS: usize = 20_000;

impl<'a> Metric<'a> {
    pub fn new(
        plant: &'a Plant,
        frame: &'a Frame,
        kind: Kind,
        unit: AmountUnit,
        names: [&'static str; 2],
    ) -> Self {
        Self {
            plant,
            frame,
            unit,
            observations: Observations {
                kind,
                // Room for every row from the start: growing would hold everything twice for a moment.
                y: Vec::with_capacity(frame.len),
                weight: Vec::with_capacity(frame.len),
                cluster: Vec::with_capacity(frame.len),
                draw: Vec::new(),
                day: Vec::with_capacity(frame.len),
                amount: Vec::with_capacity(frame.len),
                row: Vec::with_capacity(frame.len),
                attributes: Vec::new(),
            },
            actual: Vec::with_capacity(frame.len),
            expected: Vec::with_capacity(frame.len),
            actual_name: names[0],
            expected_name: names[1],
            strata: None,
        }
    }

    /// Adds a ratio of what was and what was expected. Rows without both, or without an order of their own, say nothing.
    pub fn push_ratio(&mut self, row: usize, actual: f64, expected: f64, amount: f64) {
        if !(actual > 0.0 && expected > 0.0 && actual.is_finite() && expected.is_finite()) {
            return;
        }
        self.push(row, (actual / expected).ln(), 1.0, amount, actual, expected);
    }

    pub fn push(&mut self, row: usize, y: f64, weight: f64, amount: f64, actual: f64, expected: f64) {
        let order = self.frame.order[row];
        // A row without an order is a unit of its own, numbered above all orders.
        let cluster = if order == NONE { self.plant.orders.len as u32 + row as u32 } else { order };
        self.observations.y.push(y);
        self.observations.weight.push(weight as f32);
        self.observations.cluster.push(cluster);
        self.observations.day.push(self.plant.day(self.frame, row));
        self.observations.amount.push(if amount.is_finite() { amount } else { 0.0 });
        self.observations.row.push(row as u32);
        self.actual.push(actual as f32);
        self.expected.push(expected as f32);
    }

    /// Lets intervals draw groups of equal values of `fields` instead of orders.
    pub fn draw_by(&mut self, fields: &[&'static str]) {
        let groups = self.stratum(fields);
        self.observations.draw.clone_from(&groups);
    }

    fn stratum(&mut self, fields: &[&'static str]) -> Arc<Vec<u32>> {
        if let Some((_, known)) = self.strata.as_ref().filter(|(of, _)| of == fields) {
            return known.clone();
        }
        let columns: Vec<Vec<u32>> = fields
            .iter()
            .filter_map(|field| self.codes(field).or_else(|| self.named_product(field)))
            .map(|(codes, _)| codes)
            .collect();
        let slices: Vec<&[u32]> = columns.iter().map(Vec::as_slice).collect();
        let stratum = combine(&slices, self.observations.len());
        self.strata = Some((fields.to_vec(), stratum.clone()));
        stratum
    }

    /// Where products have names but no numbers, like is still compared with like.
    fn named_product(&self, field: &str) -> Option<(Vec<u32>, super::plant::Names)> {
        (field == "product_id").then(|| self.codes("product_name")).flatten()
    }

    fn codes(&self, field: &str) -> Option<(Vec<u32>, super::plant::Names)> {
        let rows = &self.observations.row;
        if field != "step" {
            return self.plant.codes(self.frame, rows, field);
        }
        // The step of the routing: by what the data call it.
        ["operation_code", "operation_name", "work_center_id", "operation_sequence"]
            .into_iter()
            .find_map(|field| self.plant.codes(self.frame, rows, field))
    }

    /// Adds the levels of a field, compared within equal values of `within`. Returns its index, if it has levels.
    pub fn attribute(&mut self, field: &'static str, within: &[&'static str]) -> Option<usize> {
        self.add(field, within, false)
    }

    /// Adds a field whose levels are compared with their own past only.
    pub fn own_history(&mut self, field: &'static str) -> Option<usize> {
        self.add(field, &[], true)
    }

    /// Adds the levels of what belongs to orders, such as the supplier of their leading material, by the order of each row.
    pub fn attribute_of_orders(
        &mut self,
        field: &'static str,
        of: &OfOrders,
        within: &[&'static str],
    ) -> Option<usize> {
        let order = |row: &u32| self.frame.order[*row as usize] as usize;
        let rows = self.observations.row.iter();
        let codes = rows.map(|row| of.codes.get(order(row)).copied().unwrap_or(NONE)).collect();
        self.level(field, (codes, of.names.clone()), within, false)
    }

    fn add(&mut self, field: &'static str, within: &[&'static str], own_history: bool) -> Option<usize> {
        let codes = self.codes(field)?;
        self.level(field, codes, within, own_history)
    }

    fn level(
        &mut self,
        field: &'static str,
        (codes, names): (Vec<u32>, super::plant::Names),
        within: &[&'static str],
        own_history: bool,
    ) -> Option<usize> {
        if names.len() > MOST_LEVELS || (names.len() < 2 && !own_history) {
            return None;
        }
        let stratum = self.stratum(within);
        self.observations.attributes.push(Attribute {
            fields: vec![field],
            cells: Cells::new(codes, names.len(), stratum.iter().copied(), Pairs::kinds(&stratum)),
            names,
            own_history,
            parents: Vec::new(),
            reported: true,
        });
        Some(self.observations.attributes.len() - 1)
    }

    /// Takes back an attribute that was only needed to make pairs of: its levels are not asked about by themselves.
    pub fn forget(&mut self, attribute: Option<usize>) {
        let Some(gone) = attribute else { return };
        let attributes = &mut self.observations.attributes;
        attributes.remove(gone);
        for other in attributes {
            other.parents.retain(|parent| *parent != gone);
            for parent in other.parents.iter_mut().filter(|parent| **parent > gone) {
                *parent -= 1;
            }
        }
    }

    /// In a company of several plants, every level is also asked about within each plant: shift 3 of one plant is not
    /// shift 3 of another.
    pub fn by_facility(&mut self) {
        let attributes = &self.observations.attributes;
        let facility = attributes.iter().position(|attribute| attribute.fields == ["facility_id"]);
        let Some(facility) = facility.filter(|idx| attributes[*idx].names.len() >= 2) else { return };
        let singles: Vec<usize> = (0..attributes.len())
            .filter(|idx| *idx != facility && attributes[*idx].fields.len() == 1 && attributes[*idx].reported)
            .collect();
        for single in singles {
            self.pair(Some(single), Some(facility));
        }
    }

    /// Adds the pair of two attributes where both exist and the pairs stay countable.
    pub fn pair(&mut self, first: Option<usize>, second: Option<usize>) {
        let (Some(first), Some(second)) = (first, second) else { return };
        let levels = |idx: usize| self.observations.attributes[idx].names.len();
        if levels(first) * levels(second) <= 5_000 {
            self.observations.add_pair(first, second);
        }
    }
}

/// A level of each order, or [`NONE`].
#[derive(Debug)]
pub struct OfOrders {
    pub codes: Vec<u32>,
    pub names: super::plant::Names,
}

impl OfOrders {
    /// What the material that costs most of an order has of `field`; `None` where lines of material do not say.
    pub fn of_leading_material(plant: &Plant, field: &str) -> Option<Self> {
        let frame = &plant.materials;
        let words = frame.words(field)?;
        let cost = |row: usize| {
            let number = |name: &str| frame.number(name, row);
            number("planned_material_cost").or_else(|| {
                let quantity =
                    number("planned_material_quantity").or_else(|| number("actual_material_quantity"))?;
                Some(quantity * number("material_standard_cost").or_else(|| number("material_unit_cost"))?)
            })
        };
        let codes = plant.materials.ranges(plant.orders.len).into_iter().map(|lines| {
            let cost = |row: &usize| cost(*row).unwrap_or(0.0);
            let leading = lines.max_by(|a, b| cost(a).total_cmp(&cost(b)).then(b.cmp(a)));
            leading.map_or(NONE, |row| words.code(row))
        });
        let codes = codes.collect();
        Some(Self { codes, names: Arc::new(words.names.iter().map(|name| vec![name.clone()]).collect()) })
    }
}

/// A number of each row of a frame; NaN where there is none.
pub type OfRow<'f> = &'f dyn Fn(usize) -> f64;

/// Which of several ways to scale a plan to what was made fits the data best: that with the least scatter of
/// ln(actual / scaled plan). Earlier ways win ties.
pub fn best_scale<'f>(rows: usize, actual: OfRow<'_>, planned: OfRow<'_>, scales: &[OfRow<'f>]) -> OfRow<'f> {
    let mut best: (OfRow<'f>, f64) = (&|_| 1.0, f64::INFINITY);
    for scale in scales {
        let mut ratios: Vec<f64> = (0..rows)
            .map(|row| (actual(row), planned(row), scale(row)))
            .filter(|(actual, planned, scale)| *actual > 0.0 && *planned > 0.0 && *scale > 0.0)
            .map(|(actual, planned, scale)| (actual / (planned * scale)).ln())
            .filter(|ratio| ratio.is_finite())
            .collect();
        if ratios.len() * 2 < rows {
            continue;
        }
        let mean_distance = {
            let Some((centre, _)) = crate::stats::robust::centre_and_spread(&mut ratios) else { continue };
            ratios.iter().map(|ratio| (ratio - centre).abs().min(1.0)).sum::<f64>() / ratios.len() as f64
        };
        if mean_distance < best.1 * 0.99 {
            best = (*scale, mean_distance);
        }
    }
    best.0
}
