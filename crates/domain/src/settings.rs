//! The 39 analyzer settings with their three presets, as data in `data/settings.csv`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use crate::{CoreVariables, ExchangeRates};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Preset {
    Conservative,
    Balanced,
    Aggressive,
}

impl Preset {
    pub const ALL: [Self; 3] = [Self::Conservative, Self::Balanced, Self::Aggressive];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conservative => "conservative",
            Self::Balanced => "balanced",
            Self::Aggressive => "aggressive",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == name)
    }
}

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingType {
    /// A number from zero to one.
    Share,
    /// A number of zero or more.
    Number,
    /// A whole number of one or more.
    Count,
    /// Stored as 0 or 1.
    Switch,
}

/// The definition of one setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    pub name: &'static str,
    pub group: &'static str,
    pub type_: SettingType,
    /// Type and unit in words.
    pub unit: &'static str,
    /// Values of the presets, in the order of [`Preset::ALL`].
    pub presets: [f64; 3],
    pub drives: &'static str,
}

/// All definitions, in the order of the list.
pub fn definitions() -> &'static [Setting] {
    &DEFINITIONS
}

/// A full set of values: a preset, and what was changed on top of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub preset: Preset,
    changed: BTreeMap<&'static str, f64>,
    /// What is no part of the analysis at all.
    pub leave_out: LeaveOut,
    /// The customer's own table, where there is one.
    pub exchange: Option<ExchangeRates>,
    /// What the saved mapping of the exports says beside its columns.
    pub core: CoreVariables,
}

/// What is left out of an analysis, whatever its settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaveOut {
    /// Ids of the analyzers that are switched off.
    pub analyzers: BTreeSet<String>,
    /// Values of fields, one of [`LeaveOut::FIELDS`] each, whose rows are left out.
    pub values: BTreeMap<&'static str, BTreeSet<String>>,
}

impl LeaveOut {
    /// Suppliers, materials, machines, and types of orders.
    pub const FIELDS: [&str; 4] = ["supplier_id", "material_id", "machine_id", "work_order_type"];

    pub fn is_empty(&self) -> bool {
        self.analyzers.is_empty() && self.values.values().all(BTreeSet::is_empty)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingError {
    Unknown { name: String },
    OutOfRange { name: &'static str, value: String, allowed: &'static str },
}

impl std::fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { name } => write!(formatter, "there is no setting `{name}`"),
            Self::OutOfRange { name, value, allowed } => {
                write!(formatter, "`{name}` cannot be `{value}`: it takes {allowed}")
            }
        }
    }
}

impl std::error::Error for SettingError {}

impl Settings {
    pub fn preset(preset: Preset) -> Self {
        Self {
            preset,
            changed: BTreeMap::new(),
            leave_out: LeaveOut::default(),
            exchange: None,
            core: CoreVariables::default(),
        }
    }

    /// The value of a setting.
    ///
    /// # Panics
    ///
    /// On a name that is not in the list: names are written in code, so that is a broken build.
    pub fn get(&self, name: &str) -> f64 {
        if let Some(value) = self.changed.get(name) {
            return *value;
        }
        let column = Preset::ALL.iter().position(|preset| *preset == self.preset).unwrap_or(1);
        DEFINITIONS
            .iter()
            .find(|setting| setting.name == name)
            .map_or_else(|| panic!("there is no setting `{name}`"), |setting| setting.presets[column])
    }

    pub fn is_on(&self, name: &str) -> bool {
        self.get(name) != 0.0
    }

    /// Changes one value, as a person wrote it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        let Some(setting) = DEFINITIONS.iter().find(|setting| setting.name == name) else {
            return Err(SettingError::Unknown { name: name.to_owned() });
        };
        let number = match (setting.type_, value.trim()) {
            (SettingType::Switch, "true" | "on" | "yes" | "1") => Some(1.0),
            (SettingType::Switch, "false" | "off" | "no" | "0") => Some(0.0),
            (SettingType::Switch, _) => None,
            (_, value) => value.parse::<f64>().ok().filter(|number| number.is_finite()),
        };
        let allowed = |number: &f64| match setting.type_ {
            SettingType::Share => (0.0..=1.0).contains(number),
            SettingType::Number => *number >= 0.0,
            SettingType::Count => *number >= 1.0 && number.fract() == 0.0,
            SettingType::Switch => true,
        };
        let Some(number) = number.filter(allowed) else {
            let allowed = match setting.type_ {
                SettingType::Share => "a number from 0 to 1",
                SettingType::Number => "a number of 0 or more",
                SettingType::Count => "a whole number of 1 or more",
                SettingType::Switch => "true or false",
            };
            return Err(SettingError::OutOfRange { name: setting.name, value: value.to_owned(), allowed });
        };
        self.changed.insert(setting.name, number);
        Ok(())
    }

    /// The rates by which amounts are converted; `None` where each currency is analyzed apart.
    pub fn conversion(&self) -> Option<&ExchangeRates> {
        self.exchange.as_ref().filter(|_| self.is_on("currency_conversion"))
    }

    /// What differs from the preset.
    pub fn changes(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        self.changed.iter().map(|(name, value)| (*name, *value))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::preset(Preset::Balanced)
    }
}

static DEFINITIONS: LazyLock<Vec<Setting>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../data/settings.csv").as_bytes());
    let mut definitions = Vec::new();
    for record in reader.records() {
        let record = record.unwrap_or_else(|error| panic!("data/settings.csv: {error}"));
        let cell = |column: usize| record.get(column).unwrap_or_default().to_owned().leak() as &'static str;
        let unit = cell(2);
        let type_ = match unit {
            "bool" => SettingType::Switch,
            unit if unit.starts_with("int") => SettingType::Count,
            unit if unit.contains("0–1") => SettingType::Share,
            _ => SettingType::Number,
        };
        let preset = |column: usize| match cell(column) {
            "true" => 1.0,
            "false" => 0.0,
            number => number.parse().unwrap_or_else(|_| panic!("data/settings.csv: {number} is no number")),
        };
        definitions.push(Setting {
            name: cell(0),
            group: cell(1),
            type_,
            unit,
            presets: [preset(3), preset(4), preset(5)],
            drives: cell(6),
        });
    }
    definitions
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_39_settings_with_presets_in_range() {
        assert_eq!(definitions().len(), 39);
        for setting in definitions() {
            let mut settings = Settings::default();
            for value in setting.presets {
                settings.set(setting.name, &value.to_string()).unwrap();
                assert_eq!(settings.get(setting.name), value);
            }
        }
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_the_range() {
        let mut settings = Settings::default();
        let error = settings.set("confidence_level", "1.5").unwrap_err();
        assert_eq!(error.to_string(), "`confidence_level` cannot be `1.5`: it takes a number from 0 to 1");
        assert!(settings.set("min_sample_size", "2.5").is_err());
        assert!(settings.set("nothing", "1").is_err());
        assert_eq!(settings, Settings::default());
    }
}
