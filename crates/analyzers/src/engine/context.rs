//! What every analyzer is given.

use std::sync::OnceLock;

use domain::{Currency, Settings};

use super::{
    allowed::Allowed,
    flow::Flow,
    metric::{AmountUnit, OfOrders},
    plant::Plant,
    search::Rules,
    threads::Threads,
    value,
};

/// The data, the settings, and what was computed once for all.
#[derive(Debug)]
pub struct Context<'a> {
    pub plant: &'a Plant,
    pub settings: &'a Settings,
    pub currency: Currency,
    /// Plan of all orders, flexed to what was made; 0 where no cost is known.
    pub planned_cost: f64,
    pub threads: Threads,
    cost_reached: OnceLock<Vec<f64>>,
    flow: OnceLock<Option<Flow>>,
    allowed: OnceLock<Option<Allowed>>,
    leading: [OnceLock<Option<OfOrders>>; 2],
}

/// An effect below the threshold of the settings is still worth telling if it costs this share of the plan for each
/// unit of threshold: at a threshold of 10 %, one that costs 0.01 % of all planned cost.
const LOSS_PER_THRESHOLD: f64 = 0.001;

/// Two full years: less cannot tell a season from a trend.
pub const FULL_CYCLES_DAYS: f64 = 730.0;

impl<'a> Context<'a> {
    pub fn new(plant: &'a Plant, settings: &'a Settings, currency: Currency, planned_cost: f64) -> Self {
        Self {
            plant,
            settings,
            currency,
            planned_cost,
            threads: Threads::default(),
            cost_reached: OnceLock::new(),
            flow: OnceLock::new(),
            allowed: OnceLock::new(),
            leading: [OnceLock::new(), OnceLock::new()],
        }
    }

    pub fn confidence(&self) -> f64 {
        self.settings.get("confidence_level").clamp(0.5, 0.999)
    }

    /// How sure a claim must be that no size threshold guards: a tenth of the false discoveries that are allowed.
    pub fn strict(&self) -> f64 {
        0.1 * (1.0 - self.confidence())
    }

    /// Hours that the plan allows for each operation.
    pub fn allowed(&self) -> Option<&Allowed> {
        self.allowed.get_or_init(|| Allowed::of(self.plant)).as_ref()
    }

    /// How orders flow, where the data hold times of operations.
    pub fn flow(&self) -> Option<&Flow> {
        self.flow.get_or_init(|| Flow::of(self.plant)).as_ref()
    }

    /// The rules of a search whose size is judged by `threshold`, a setting; `at_stake` is the sum of all amounts.
    pub fn rules(&self, threshold: &str, unit: AmountUnit, at_stake: f64) -> Rules {
        let threshold = self.settings.get(threshold);
        let base =
            if unit == AmountUnit::Money && self.planned_cost > 0.0 { self.planned_cost } else { at_stake };
        Rules {
            confidence: self.confidence(),
            fewest_clusters: self.settings.get("min_sample_size") as u32,
            outlier_sigma: self.settings.get("outlier_detection_sigma"),
            effect_threshold: threshold,
            loss_threshold: if base > 0.0 { threshold * LOSS_PER_THRESHOLD * base } else { f64::INFINITY },
            small_levels: true,
            smallest_change: 0.0,
            changes: true,
            both_ways: false,
            threads: self.threads.fair_share(),
        }
    }

    /// What the material that costs most of each order has of `field`: its supplier, its lot.
    pub fn leading_material(&self, field: &str) -> Option<&OfOrders> {
        let of = || OfOrders::of_leading_material(self.plant, field);
        self.leading[usize::from(field == "material_lot_id")].get_or_init(of).as_ref()
    }

    /// Cost of one piece by the end of each operation.
    pub fn cost_reached(&self) -> &[f64] {
        self.cost_reached.get_or_init(|| value::cost_reached(self.plant))
    }
}
