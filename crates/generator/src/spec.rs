//! What a plant is asked to be.

use std::{fmt, str::FromStr};

use crate::error::Error;

/// A problem that can be planted in facility F01. The names are those of the command line and of `truth.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Supplier S03 raises its prices by 12 % from month 6.
    SupplierPrice,
    /// Run time of M07 drifts from month 5, to +35 % at the end.
    MachineDrift,
    /// Family F sets up 1.8 times as long as planned.
    FamilySetup,
    /// Shift 3 scraps 4.5 % instead of 2 %.
    ShiftScrap,
    /// WC-40 is loaded to 95 %.
    Bottleneck,
    /// The standards of P013, P014 and P015 are 30 % too low.
    LowStandards,
    /// MAT-07 is used up 10 % faster from month 4.
    MaterialUsage,
    /// Family C on M12 is reworked at 14 %.
    ReworkPair,
    /// M21 breaks down six times as often.
    Breakdowns,
    /// Planner PL3 releases late.
    LateRelease,
    /// Work center WC-60 is paid 9 % more from month 9.
    LaborRate,
    /// M17 draws 50 % more energy from month 10.
    MachineEnergy,
}

impl Problem {
    pub const ALL: [Self; 12] = [
        Self::SupplierPrice,
        Self::MachineDrift,
        Self::FamilySetup,
        Self::ShiftScrap,
        Self::Bottleneck,
        Self::LowStandards,
        Self::MaterialUsage,
        Self::ReworkPair,
        Self::Breakdowns,
        Self::LateRelease,
        Self::LaborRate,
        Self::MachineEnergy,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::SupplierPrice => "supplier_price",
            Self::MachineDrift => "machine_drift",
            Self::FamilySetup => "family_setup",
            Self::ShiftScrap => "shift_scrap",
            Self::Bottleneck => "bottleneck",
            Self::LowStandards => "low_standards",
            Self::MaterialUsage => "material_usage",
            Self::ReworkPair => "rework_pair",
            Self::Breakdowns => "breakdowns",
            Self::LateRelease => "late_release",
            Self::LaborRate => "labor_rate",
            Self::MachineEnergy => "machine_energy",
        }
    }
}

/// A set of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Problems(u16);

impl Problems {
    pub fn all() -> Self {
        Problem::ALL.into_iter().collect()
    }

    pub fn none() -> Self {
        Self::default()
    }

    pub fn contains(self, problem: Problem) -> bool {
        self.0 & (1 << problem as u16) != 0
    }

    #[must_use]
    pub fn without(self, problem: Problem) -> Self {
        Self(self.0 & !(1 << problem as u16))
    }

    pub fn iter(self) -> impl Iterator<Item = Problem> {
        Problem::ALL.into_iter().filter(move |problem| self.contains(*problem))
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Self(problems.into_iter().fold(0, |set, problem| set | 1 << problem as u16))
    }
}

/// `all`, `none`, or names separated by commas.
impl FromStr for Problems {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "all" => return Ok(Self::all()),
            "none" | "" => return Ok(Self::none()),
            _ => {}
        }
        text.split(',')
            .map(str::trim)
            .map(|name| {
                Problem::ALL.into_iter().find(|problem| problem.name() == name).ok_or_else(|| {
                    Error::UnknownProblem {
                        name: name.to_owned(),
                        known: Problem::ALL.map(Problem::name).join(", "),
                    }
                })
            })
            .collect()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::all() {
            return f.write_str("all");
        }
        if *self == Self::none() {
            return f.write_str("none");
        }
        let names: Vec<&str> = self.iter().map(Problem::name).collect();
        f.write_str(&names.join(","))
    }
}

/// A planted problem that somebody cures: from a week on it is gone, as if it had never begun.
///
/// What its cure saved is the difference to the same plant without it: everything else is drawn alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Improvement {
    pub problem: Problem,
    /// Weeks after the first order.
    pub week: u32,
}

impl Improvement {
    /// Problems that lie in the build of the plant (load, standards, failure streams) have no day on which they could end.
    pub(crate) fn possible(self) -> bool {
        !matches!(self.problem, Problem::Bottleneck | Problem::LowStandards | Problem::Breakdowns)
    }
}

/// Orders that one facility can take in the default period before its lots become unreal.
const ORDERS_PER_FACILITY: u64 = 30_000;

/// A plant to generate. The same spec gives the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantSpec {
    /// Work orders in all facilities together. One order has 4.5 operations on average.
    pub orders: u64,
    pub seed: u64,
    pub problems: Problems,
    /// 1 plants the effects as documented, 0.5 halves them, 2 doubles them.
    pub effect: f64,
    /// How many facilities share the orders; without a number, as many as keep each at 30,000 orders or fewer.
    ///
    /// Each facility has 24 machines at the same load, however many orders it has: fewer orders are larger lots with longer set-ups.
    pub facilities: Option<u32>,
    /// Weeks in which orders are entered. Months of the documented problems scale with it.
    pub weeks: u32,
    /// Which dialect the exports are written in, see [`crate::styles`].
    pub style: String,
    /// A problem that is cured on the way.
    pub improvement: Option<Improvement>,
}

impl PlantSpec {
    /// Fourteen months of one or more facilities with all problems at full size, in the default style.
    pub fn new(orders: u64, seed: u64) -> Self {
        Self {
            orders,
            seed,
            problems: Problems::all(),
            effect: 1.0,
            facilities: None,
            weeks: 61,
            style: "jobshop".to_owned(),
            improvement: None,
        }
    }

    pub(crate) fn facility_count(&self) -> u32 {
        self.facilities
            .unwrap_or_else(|| self.orders.div_ceil(ORDERS_PER_FACILITY).try_into().unwrap_or(u32::MAX))
            .max(1)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        const FEWEST_ORDERS: u64 = 50;
        const MOST_ORDERS: u64 = 60_000;
        const WEEKS: std::ops::RangeInclusive<u32> = 26..=130;
        let facilities = self.facility_count();
        let (orders, each) = (self.orders, self.orders / u64::from(facilities));
        if each < FEWEST_ORDERS {
            return Err(Error::TooFewOrders { orders, facilities, least: FEWEST_ORDERS });
        }
        if each > MOST_ORDERS {
            return Err(Error::TooManyOrders { orders, facilities, most: MOST_ORDERS });
        }
        if !WEEKS.contains(&self.weeks) {
            return Err(Error::Period { weeks: self.weeks, least: *WEEKS.start(), most: *WEEKS.end() });
        }
        if !(self.effect > 0.0 && self.effect <= 4.0) {
            return Err(Error::Effect { effect: self.effect });
        }
        if let Some(improvement) = self.improvement
            && (!improvement.possible() || improvement.week >= self.weeks)
        {
            return Err(Error::Improvement { problem: improvement.problem.name(), week: improvement.week });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_read_as_they_are_written() {
        for text in ["all", "none", "supplier_price", "machine_drift,labor_rate"] {
            assert_eq!(text.parse::<Problems>().unwrap().to_string(), text);
        }
        assert!("supplier_price,nonsense".parse::<Problems>().unwrap_err().to_string().contains("nonsense"));
    }

    #[test]
    fn impossible_plants_are_refused() {
        assert!(PlantSpec::new(10, 1).check().is_err());
        assert!(PlantSpec { facilities: Some(1), ..PlantSpec::new(1_000_000, 1) }.check().is_err());
        assert!(PlantSpec { effect: 0.0, ..PlantSpec::new(500, 1) }.check().is_err());
        assert_eq!(PlantSpec::new(1_100_000, 1).facility_count(), 37);
    }
}
