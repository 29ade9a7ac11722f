//! Analyzer settings between their noun, what people send, and what is stored.

use std::collections::BTreeMap;

use domain::{
    Settings,
    settings::{Preset, SettingType, definitions},
};
use serde_json::{Map, Value, json};

use crate::{Error, error::Flaw};

/// Values as people send them, by the name of the setting.
pub type Changes = BTreeMap<String, Value>;

/// A preset with changes on top of it. Every name and value that cannot be taken is named.
pub fn settings(preset: &str, changes: &Changes) -> Result<Settings, Error> {
    let preset = Preset::named(preset).ok_or_else(|| {
        Error::invalid(
            "preset",
            format!("there is no preset \"{preset}\"; use conservative, balanced or aggressive"),
        )
    })?;
    overlay(Settings::preset(preset), changes)
}

/// Settings with further changes.
pub fn overlay(mut settings: Settings, changes: &Changes) -> Result<Settings, Error> {
    let mut flaws = Vec::new();
    for (name, value) in changes {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => {
                let message = "give a number, true or false".to_owned();
                flaws.push(Flaw { field: format!("settings.{name}"), message });
                continue;
            }
        };
        if let Err(error) = settings.set(name, &text) {
            flaws.push(Flaw { field: format!("settings.{name}"), message: error.to_string() });
        }
    }
    if flaws.is_empty() { Ok(settings) } else { Err(Error::Invalid(flaws)) }
}

/// What differs from the preset, as JSON values.
pub fn changes(settings: &Settings) -> Value {
    let changes: Map<String, Value> =
        settings.changes().map(|(name, value)| (name.to_owned(), shown(name, value))).collect();
    Value::Object(changes)
}

/// All settings: what a result was made with, whole.
pub fn whole(settings: &Settings) -> Value {
    let values: Map<String, Value> = definitions()
        .iter()
        .map(|setting| (setting.name.to_owned(), shown(setting.name, settings.get(setting.name))))
        .collect();
    json!({"preset": settings.preset.as_str(), "changes": changes(settings), "values": values})
}

/// Settings as [`whole`] stored them. What was a setting then and is none now is passed over.
pub fn restore(stored: &Value) -> Result<Settings, Error> {
    let preset = stored["preset"].as_str().unwrap_or_default();
    let mut changes: Changes = stored["changes"]
        .as_object()
        .map(|changes| changes.clone().into_iter().collect())
        .unwrap_or_default();
    changes.retain(|name, _| definitions().iter().any(|setting| setting.name == name));
    settings(preset, &changes)
}

/// A value as people write it: switches are true or false, counts are whole.
pub fn shown(name: &str, value: f64) -> Value {
    let type_ = definitions().iter().find(|setting| setting.name == name).map(|setting| setting.type_);
    match type_ {
        Some(SettingType::Switch) => json!(value != 0.0),
        Some(SettingType::Count) => json!(value as u64),
        _ => json!(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, Value)]) -> Changes {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn settings_come_back_as_they_were() {
        let changes = sent(&[
            ("confidence_level", json!(0.9)),
            ("min_sample_size", json!("12")),
            ("currency_conversion", json!(true)),
        ]);
        let made = settings("aggressive", &changes).unwrap();
        let stored = whole(&made);
        assert_eq!(stored["values"].as_object().unwrap().len(), 39);
        assert_eq!(stored["changes"]["min_sample_size"], json!(12));
        assert_eq!(stored["changes"]["currency_conversion"], json!(true));
        assert_eq!(restore(&stored).unwrap(), made);
    }

    #[test]
    fn every_flaw_is_named() {
        let changes =
            sent(&[("confidence_level", json!(2)), ("nonsense", json!(1)), ("oee_target", json!([]))]);
        let Err(Error::Invalid(flaws)) = settings("balanced", &changes) else { panic!("it was taken") };
        let fields: Vec<_> = flaws.iter().map(|flaw| flaw.field.as_str()).collect();
        assert_eq!(fields, ["settings.confidence_level", "settings.nonsense", "settings.oee_target"]);
        assert!(settings("bold", &Changes::new()).is_err());
    }
}
