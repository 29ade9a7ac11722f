//! Where time, material and quality go, by what a plant is made of: figures to look things up in.
//!
//! Nothing here was tested, so nothing here is a finding: a line that stands out may do so by chance. What was tested is in
//! the findings. Amounts are parts of what the orders cost, never more money on top of it.

use crate::money::Money;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Breakdown {
    /// What the settings make of a shortfall, by what falls short.
    pub scales: Vec<Scale>,
    /// All tiers of data, the lowest first: which are reached, and what the others take.
    pub tiers: Vec<TierLine>,
    /// Orders over their plan and orders under it, apart; together they are the variance.
    pub sides: Option<Sides>,
    /// Labor, material, quality.
    pub losses: Vec<Loss>,
    /// Steps of the routings, the most hours first.
    pub operations: Vec<OperationLine>,
    /// The highest risk first.
    pub machines: Vec<MachineLine>,
    /// What poor quality cost, by product, material and supplier; the most money first.
    pub quality: Vec<QualityLine>,
}

/// How far something may fall short of perfect: as far as the target allows is good, up to twice as far is fair, the rest
/// is poor.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// `labor`, `scrap` or `risk`.
    pub subject: &'static str,
    /// The setting that it follows.
    pub setting: &'static str,
    /// The shortfall that the target allows: 0.15 at a target of 0.85.
    pub allowed: f64,
}

/// Where a figure stands on its scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    Good,
    Fair,
    Poor,
}

impl Band {
    pub const ALL: [Self; 3] = [Self::Good, Self::Fair, Self::Poor];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
        }
    }
}

impl Scale {
    /// The band of a shortfall: 1 - efficiency, a scrap rate, a chance of failing.
    pub fn band(&self, shortfall: f64) -> Band {
        if shortfall <= self.allowed {
            Band::Good
        } else if shortfall <= 2.0 * self.allowed {
            Band::Fair
        } else {
            Band::Poor
        }
    }
}

/// A tier of data: what it takes, what it makes possible.
#[derive(Debug, Clone, PartialEq)]
pub struct TierLine {
    pub tier: u8,
    pub name: &'static str,
    /// What can be said with it.
    pub gives: &'static str,
    /// Analyzers that it opens.
    pub analyzers: Vec<&'static str>,
    pub reached: bool,
    /// Groups of fields of which none is there; one of each group is enough.
    pub missing: Vec<Vec<&'static str>>,
    /// What to add for it, in words; empty where it is reached.
    pub sentence: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    pub orders_over: u64,
    pub over: Money,
    pub orders_under: u64,
    /// As a positive amount.
    pub under: Money,
}

/// What one class of loss comes to. Losses overlap: scrapped pieces are also material and labor.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    pub class: &'static str,
    /// `None` where the data hold no money of it.
    pub amount: Option<Money>,
    /// Hours or pieces, where these are known.
    pub quantity: Option<(f64, &'static str)>,
    /// How it was reckoned.
    pub basis: String,
}

/// A step of the routings; the whole plant has no name.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationLine {
    pub name: String,
    pub records: u64,
    pub hours: f64,
    pub allowed: f64,
    /// Allowed over spent.
    pub efficiency: f64,
    /// Allowed hours at the planned rate over spent hours at the paid rate; `None` without both rates.
    pub cost_efficiency: Option<f64>,
    /// By how much two records in three differ from the middle at most, as a share; `None` of fewer than eight.
    pub spread: Option<f64>,
    pub band: Option<Band>,
}

/// What a machine costs beyond its plan, and how likely it is to stop.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineLine {
    pub machine: String,
    pub hours: f64,
    /// Hours beyond the plan in money; negative where it needed less.
    pub labor: Option<Money>,
    /// Pieces scrapped at it, at the cost they had reached.
    pub scrap: Option<Money>,
    /// Material beyond the plan of orders that were made on it alone.
    pub waste: Option<Money>,
    /// Its standstill at its own hourly rate.
    pub standstill: Option<Money>,
    /// Which of these weighs most, in words.
    pub driver: String,
    pub scrap_rate: Option<f64>,
    /// What the same products and steps scrap everywhere.
    pub scrap_expected: Option<f64>,
    /// 0 to 100: an order to look in, not a probability.
    pub risk: u8,
    /// Why, one sentence for each part of it.
    pub reasons: Vec<String>,
    /// Chance of stopping within the interval of service, where it could be estimated from its own stops.
    pub chance: Option<f64>,
    pub band: Option<Band>,
    pub service: Option<Service>,
}

/// When a machine is due for its next service.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// ISO dates.
    pub last: String,
    pub due: String,
    pub interval_days: f64,
    /// Whether the interval is the middle of its own record rather than the one of the settings.
    pub own_interval: bool,
    /// Days past its due date at the end of the data; 0 where it is not.
    pub overdue_days: f64,
}

/// What poor quality cost at one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityLine {
    /// `product_id`, `material_id` or `supplier_id`.
    pub field: &'static str,
    pub value: String,
    pub orders: u64,
    /// Orders with scrap, rework or a record of a defect.
    pub with_issue: u64,
    pub pieces: f64,
    pub scrapped: f64,
    pub scrap: Option<Money>,
    pub rework: Option<Money>,
    /// Material used beyond what the output allows, at its standard price; of materials and suppliers only.
    pub waste: Option<Money>,
    pub band: Option<Band>,
}

impl QualityLine {
    /// Share of orders with an issue.
    pub fn issue_share(&self) -> f64 {
        if self.orders == 0 { 0.0 } else { self.with_issue as f64 / self.orders as f64 }
    }

    /// What it cost in all, of what is known.
    pub fn cost(&self) -> f64 {
        [&self.scrap, &self.rework, &self.waste].into_iter().flatten().map(Money::to_f64).sum()
    }
}

impl Breakdown {
    /// The lowest tier that the data do not reach.
    pub fn next_tier(&self) -> Option<&TierLine> {
        self.tiers.iter().find(|tier| !tier.reached)
    }

    pub fn scale(&self, subject: &str) -> Option<&Scale> {
        self.scales.iter().find(|scale| scale.subject == subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_good_twice_its_allowance_is_fair() {
        let scale = Scale { subject: "labor", setting: "labor_efficiency_target", allowed: 0.15 };
        for (efficiency, band) in
            [(1.1, Band::Good), (0.86, Band::Good), (0.75, Band::Fair), (0.69, Band::Poor)]
        {
            assert_eq!(scale.band(1.0 - efficiency), band, "{efficiency}");
        }
    }
}
