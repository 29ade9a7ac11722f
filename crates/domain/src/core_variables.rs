//! The ten variables that are kept with a saved mapping: what its exports do not say, and what is looked for in them.

use std::collections::BTreeMap;

use crate::Settings;

/// What values a variable takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoreKind {
    /// An amount above zero in the currency of the data. Nothing is assumed where it is not given.
    Amount,
    /// A percentage from 0 to 100.
    Percent,
    /// A whole number of one or more.
    Count,
    Switch,
}

/// One of the ten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoreVariable {
    pub name: &'static str,
    pub kind: CoreKind,
    /// What people usually take; rates of money have no usual value.
    pub usual: Option<f64>,
}

/// All ten, in the order of the form.
pub const CORE_VARIABLES: [CoreVariable; 10] = [
    variable("labor_rate_hourly", CoreKind::Amount, None),
    variable("scrap_cost_per_unit", CoreKind::Amount, None),
    variable("variance_threshold_pct", CoreKind::Percent, Some(15.0)),
    variable("min_variance_amount", CoreKind::Amount, Some(1_000.0)),
    variable("confidence_threshold_pct", CoreKind::Percent, Some(65.0)),
    variable("quality_min_issue_rate_pct", CoreKind::Percent, Some(10.0)),
    variable("pattern_min_orders", CoreKind::Count, Some(3.0)),
    variable("focus_material_costs", CoreKind::Switch, None),
    variable("focus_labor_efficiency", CoreKind::Switch, None),
    variable("focus_quality_issues", CoreKind::Switch, None),
];

const fn variable(name: &'static str, kind: CoreKind, usual: Option<f64>) -> CoreVariable {
    CoreVariable { name, kind, usual }
}

/// The variables that somebody gave a value. One without a value has no say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CoreVariables(BTreeMap<&'static str, f64>);

impl CoreVariables {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != 0.0)
    }

    /// Those with a value, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        self.0.iter().map(|(name, value)| (*name, *value))
    }

    /// Takes a value as a person wrote it; nothing takes the variable away. The error is a sentence.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some(variable) = CORE_VARIABLES.iter().find(|variable| variable.name == name) else {
            return Err(format!("there is no variable {name}"));
        };
        let value = value.trim();
        if value.is_empty() {
            self.0.remove(variable.name);
            return Ok(());
        }
        let number = value.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
        let (taken, allowed) = match variable.kind {
            CoreKind::Amount => (number.filter(|number| *number > 0.0), "an amount above 0"),
            CoreKind::Percent => {
                (number.filter(|number| (0.0..=100.0).contains(number)), "a percentage from 0 to 100")
            }
            CoreKind::Count => (
                number.filter(|number| *number >= 1.0 && number.fract() == 0.0),
                "a whole number of 1 or more",
            ),
            CoreKind::Switch => {
                let on = match value {
                    "true" | "on" | "yes" | "1" => Some(1.0),
                    "false" | "off" | "no" | "0" => Some(0.0),
                    _ => None,
                };
                (on, "true or false")
            }
        };
        let taken = taken.ok_or_else(|| format!("{name} cannot be {value}: it takes {allowed}"))?;
        self.0.insert(variable.name, taken);
        Ok(())
    }

    /// Lays these over settings: where both say the same thing, the saved mapping knows its exports better. Focus switches
    /// need the list of analyzers, so their owner does that part.
    pub fn over(self, settings: &mut Settings) {
        let percent = |value: f64| (value / 100.0).to_string();
        let moved = [
            (self.get("variance_threshold_pct").map(percent), "cost_variance_threshold"),
            (self.get("pattern_min_orders").map(|orders| orders.to_string()), "min_sample_size"),
        ];
        for (value, setting) in moved {
            if let Some(value) = value {
                // Percentages and counts were checked when they were set.
                let taken = settings.set(setting, &value);
                debug_assert!(taken.is_ok(), "{setting} = {value}");
            }
        }
        settings.core = self;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_and_laid_over_settings() {
        let mut core = CoreVariables::default();
        for (name, value, taken) in [
            ("labor_rate_hourly", "42,5", true),
            ("labor_rate_hourly", "0", false),
            ("scrap_cost_per_unit", "-3", false),
            ("variance_threshold_pct", "15", true),
            ("variance_threshold_pct", "150", false),
            ("pattern_min_orders", "3", true),
            ("pattern_min_orders", "2.5", false),
            ("focus_quality_issues", "on", true),
            ("focus_quality_issues", "maybe", false),
            ("min_variance_amount", "NaN", false),
            ("nothing", "1", false),
        ] {
            assert_eq!(core.set(name, value).is_ok(), taken, "{name} = {value}");
        }
        let mut settings = Settings::default();
        core.clone().over(&mut settings);
        assert_eq!((settings.get("cost_variance_threshold"), settings.get("min_sample_size")), (0.15, 3.0));
        assert_eq!(settings.core.get("labor_rate_hourly"), Some(42.5));
        core.set("labor_rate_hourly", " ").unwrap();
        assert_eq!(core.get("labor_rate_hourly"), None);
        for variable in CORE_VARIABLES {
            if let Some(usual) = variable.usual {
                core.set(variable.name, &usual.to_string()).unwrap();
            }
        }
    }
}
