//! The settings that change results: presets, values with range and default, and what a change would do.

use askama::Template;
use domain::{
    Settings,
    settings::{Preset, Setting, SettingType, definitions},
};

use super::{SIDE, meanings::meaning};
use crate::{
    component::{Tone, pill::Pill},
    filters,
    layout::Shell,
    page::sheet::Tab,
    route, words,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub name: &'static str,
    pub label: String,
    pub says: &'static str,
    /// `Share from 0 to 1`, `orders`.
    pub unit: String,
    pub value: String,
    pub on: bool,
    pub switch: bool,
    pub preset: String,
    pub state: Pill,
    /// Why it has no say in the newest analysis.
    pub inactive: Option<String>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingGroup {
    pub name: &'static str,
    pub lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "page/settings/analysis.html")]
pub struct AnalysisSettings {
    pub shell: Shell,
    pub side: Vec<Tab>,
    /// Name in forms, words, and whether it is in force.
    pub presets: Vec<(&'static str, String, bool)>,
    pub custom: bool,
    pub groups: Vec<SettingGroup>,
    pub version: String,
    pub may_change: bool,
    /// What the values in the form would change; `None` before somebody asked.
    pub preview: Option<Preview>,
    pub left_out: LeftOut,
    /// The table of exchange rates; `None` where somebody else's settings are shown.
    pub exchange: Option<Exchange>,
    /// Day, who, what of each earlier state.
    pub history: Vec<(String, String, String)>,
    /// Where its forms go.
    pub at: String,
}

/// What is left out of analyses, as the page holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Name in forms, words, and values a line each.
    pub fields: Vec<(&'static str, &'static str, String)>,
    /// Area, then its analyzers.
    pub areas: Vec<(&'static str, Vec<Switch>)>,
}

/// The customer's exchange rates, as the page holds them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    pub to: String,
    pub lines: String,
    /// What is wrong with the last try.
    pub error: Option<String>,
}

/// Id and words of an analyzer, and whether it is on.
pub type Switch = (String, String, bool);

/// What changed settings would do to the newest analysis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// `3 findings drop out ($41k), 1 appears ($9k)`.
    pub sentence: String,
    /// Titles with their money.
    pub dropped: Vec<String>,
    pub appeared: Vec<String>,
    /// Changed settings without a say, with the reason.
    pub inactive: Vec<String>,
}

/// A finding that comes or goes: title and yearly money.
pub type Moved = (String, Option<f64>);

impl Preview {
    pub fn new(
        dropped: &[Moved],
        appeared: &[Moved],
        recoverable: (f64, f64),
        currency: &domain::Currency,
        inactive: &[(&str, String)],
    ) -> Self {
        let compact = |amount: f64| domain::number::compact(amount, currency.as_str()).replace(" XXX", "");
        let side = |all: &[Moved], one: &str, many: &str| {
            let sum: f64 = all.iter().filter_map(|(_, yearly)| *yearly).sum();
            let verb = if all.len() == 1 { one } else { many };
            format!("{} {verb} ({})", words::counted(all.len() as u64, "finding"), compact(sum))
        };
        let mut sides = Vec::new();
        if !dropped.is_empty() {
            sides.push(side(dropped, "drops out", "drop out"));
        }
        if !appeared.is_empty() {
            sides.push(side(appeared, "appears", "appear"));
        }
        if sides.is_empty() {
            sides.push("The same findings".to_owned());
        }
        let sentence = format!(
            "{}; what could be recovered goes from {} to {} a year.",
            sides.join(", "),
            compact(recoverable.0),
            compact(recoverable.1)
        );
        let told = |all: &[Moved]| {
            all.iter()
                .map(|(title, yearly)| match yearly {
                    Some(amount) => format!("{title} ({} a year)", compact(*amount)),
                    None => title.clone(),
                })
                .collect()
        };
        Self {
            sentence,
            dropped: told(dropped),
            appeared: told(appeared),
            inactive: inactive
                .iter()
                .map(|(name, reason)| {
                    let label = meaning(name).map_or(*name, |(label, _)| label);
                    format!("{label}: {}", words::plain(reason))
                })
                .collect(),
        }
    }
}

impl AnalysisSettings {
    /// What the newest analysis says of settings that had no say, by name.
    #[must_use]
    pub fn with_reasons(mut self, reasons: &[(String, String)]) -> Self {
        for line in self.groups.iter_mut().flat_map(|group| &mut group.lines) {
            if let Some((_, reason)) = reasons.iter().find(|(name, _)| name == line.name) {
                line.inactive = Some(words::plain(reason));
            }
        }
        self
    }

    /// `errors` are those of the last try, by name of the setting.
    pub fn new(
        shell: &Shell,
        settings: &Settings,
        errors: &[(String, String)],
        version: &str,
        may_change: bool,
    ) -> Self {
        let changes: Vec<(&'static str, f64)> = settings.changes().collect();
        let custom = changes.iter().any(|(name, value)| {
            definitions()
                .iter()
                .any(|setting| setting.name == *name && preset_value(setting, settings.preset) != *value)
        });
        let mut groups: Vec<SettingGroup> = Vec::new();
        for setting in definitions() {
            let line = line(setting, settings, errors);
            let name = group_words(setting.group);
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.lines.push(line),
                None => groups.push(SettingGroup { name, lines: vec![line] }),
            }
        }
        Self {
            shell: super::shell(shell, "Analysis"),
            side: SIDE
                .iter()
                .map(|(label, href)| Tab {
                    link: crate::component::Link::new(*label, *href),
                    current: *href == route::settings("analysis"),
                })
                .collect(),
            presets: Preset::ALL
                .into_iter()
                .map(|preset| {
                    (
                        preset.as_str(),
                        words::sentence_case(preset.as_str()),
                        preset == settings.preset && !custom,
                    )
                })
                .collect(),
            custom,
            groups,
            version: version.to_owned(),
            may_change,
            preview: None,
            left_out: LeftOut::default(),
            exchange: None,
            history: Vec::new(),
            at: "/settings/analysis".to_owned(),
        }
    }

    /// The same in the console, for a customer.
    pub fn moved_to(&mut self, at: &str) {
        at.clone_into(&mut self.at);
        self.side.clear();
        self.shell = crate::page::console::shell(&self.shell, "Settings");
    }

    pub fn samples() -> Vec<Self> {
        let shell = Shell::sample();
        let mut settings = Settings::default();
        let changed = settings.set("min_sample_size", "12");
        debug_assert!(changed.is_ok());
        let errors = [("confidence_level".to_owned(), "takes a number from 0 to 1".to_owned())];
        let usd = domain::Currency::parse("USD").unwrap_or_else(domain::Currency::unstated);
        let dropped = [("Anodizing is billed 9% above the order price".to_owned(), Some(41_000.0))];
        let inactive = [("currency_conversion", "there is no table of exchange rates yet".to_owned())];
        let mut tried = Self::new(&shell, &settings, &[], "2", true);
        tried.preview = Some(Preview::new(&dropped, &[], (412_000.0, 371_000.0), &usd, &inactive));
        tried.left_out = LeftOut {
            fields: vec![
                ("supplier_id", "Suppliers", "S03\nS09".to_owned()),
                ("machine_id", "Machines", String::new()),
            ],
            areas: vec![
                ("Cost", vec![("material_price".to_owned(), "Material prices".to_owned(), true)]),
                ("Machines", vec![("mtbf".to_owned(), "Machine failures".to_owned(), false)]),
            ],
        };
        let (to, lines) = ("USD".to_owned(), "EUR 2025-01-01 1.08\n".to_owned());
        tried.exchange = Some(Exchange { to, lines, error: None });
        tried.history = vec![(
            "2 Oct 2025".to_owned(),
            "Maria Keller".to_owned(),
            "Balanced, min_sample_size 12: smaller families matter to us".to_owned(),
        )];
        let reasons = [(
            "equipment_age_weight".to_owned(),
            "the data do not say when machines were installed".to_owned(),
        )];
        let mut wrong_rates = Self::new(&shell, &settings, &[], "2", true);
        wrong_rates.exchange = Some(Exchange {
            to: "USD".to_owned(),
            lines: "EUR 2025-01-01 0".to_owned(),
            error: Some("The rate of EUR from 2025-01-01 must be above 0.".to_owned()),
        });
        vec![
            tried,
            wrong_rates,
            Self::new(&shell, &Settings::default(), &[], "1", true).with_reasons(&reasons),
            Self::new(&shell, &settings, &errors, "2", true),
            Self::new(&shell, &Settings::preset(Preset::Aggressive), &[], "1", false),
        ]
    }
}

fn preset_value(setting: &Setting, preset: Preset) -> f64 {
    let column = Preset::ALL.iter().position(|candidate| *candidate == preset).unwrap_or(1);
    setting.presets[column]
}

fn group_words(group: &str) -> &'static str {
    match group {
        "cost" => "Cost",
        "operations" => "Operations",
        "equipment" => "Machines",
        _ => "Efficiency",
    }
}

fn line(setting: &Setting, settings: &Settings, errors: &[(String, String)]) -> Line {
    let (label, says) = meaning(setting.name).unwrap_or((setting.name, setting.drives));
    let (value, preset) = (settings.get(setting.name), preset_value(setting, settings.preset));
    let switch = setting.type_ == SettingType::Switch;
    let written = |value: f64| match (switch, value != 0.0) {
        (true, true) => "on".to_owned(),
        (true, false) => "off".to_owned(),
        (false, _) => value.to_string(),
    };
    let unit = setting.unit.split_once(',').map_or("", |(_, unit)| unit.trim());
    let range = match setting.type_ {
        SettingType::Share => "0 to 1",
        SettingType::Number => "0 or more",
        SettingType::Count => "1 or more",
        SettingType::Switch => "",
    };
    Line {
        name: setting.name,
        label: label.to_owned(),
        says,
        unit: [range, unit].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
        value: written(value),
        on: value != 0.0,
        switch,
        preset: written(preset),
        state: if value == preset {
            Pill::new(Tone::Quiet, "as preset")
        } else {
            Pill::new(Tone::Warn, "changed")
        },
        inactive: None,
        error: errors.iter().find(|(name, _)| name == setting.name).map(|(_, error)| error.clone()),
    }
}
