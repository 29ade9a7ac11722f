//! Analyzer settings between their noun, what people send, and what is stored.

use std::collections::{BTreeMap, BTreeSet};

use analyzers::suite::{ANALYZERS, AREAS, area};
use domain::{
    Currency, ExchangeRate, ExchangeRates, Settings,
    settings::{LeaveOut, Preset, SettingType, definitions},
};
use serde_json::{Map, Value, json};

use crate::{Error, error::Flaw, mapping_profiles::variables};

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
        if name == LEAVE_OUT {
            match left_out(value) {
                Ok(leave_out) => settings.leave_out = leave_out,
                Err(message) => flaws.push(Flaw { field: format!("settings.{LEAVE_OUT}"), message }),
            }
            continue;
        }
        if name == CORE_VARIABLES {
            match variables::read(value) {
                Ok(core) => variables::over(core, &mut settings),
                Err(Error::Invalid(of_values)) => flaws.extend(of_values),
                Err(error) => return Err(error),
            }
            continue;
        }
        if name == EXCHANGE_RATES {
            match exchange_rates(value) {
                Ok(rates) => settings.exchange = rates,
                Err(message) => flaws.push(Flaw { field: format!("settings.{EXCHANGE_RATES}"), message }),
            }
            continue;
        }
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
    let mut changes: Map<String, Value> =
        settings.changes().map(|(name, value)| (name.to_owned(), shown(name, value))).collect();
    if !settings.leave_out.is_empty() {
        changes.insert(LEAVE_OUT.to_owned(), told(&settings.leave_out));
    }
    if !settings.core.is_empty() {
        changes.insert(CORE_VARIABLES.to_owned(), variables::told(&settings.core));
    }
    if let Some(rates) = &settings.exchange {
        changes.insert(EXCHANGE_RATES.to_owned(), rates_told(rates));
    }
    Value::Object(changes)
}

/// Beside the settings: what the saved mappings of the data say. It comes before the settings by its name, so that a
/// setting that somebody changed stands.
pub const CORE_VARIABLES: &str = "core_variables";

/// Beside the settings: the customer's table of exchange rates.
pub const EXCHANGE_RATES: &str = "exchange_rates";

/// Rates of a table at most: two currencies, monthly, for five years. Each is a case in the expression of every amount.
const RATES_MAX: usize = 120;

fn rates_told(rates: &ExchangeRates) -> Value {
    let all: Vec<Value> = rates
        .rates()
        .iter()
        .map(|rate| {
            json!({
                "currency": rate.currency.as_str(),
                "from": rate.from.to_string(),
                "rate": rate.rate.to_string(),
            })
        })
        .collect();
    json!({"to": rates.to.as_str(), "rates": all})
}

/// `{"to": "USD", "rates": [{"currency": "EUR", "from": "2025-01-01", "rate": "1.08"}]}`; null takes the table away.
fn exchange_rates(value: &Value) -> Result<Option<ExchangeRates>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let shape = "give {\"to\": \"USD\", \"rates\": [{\"currency\": \"EUR\", \"from\": \"2025-01-01\", \"rate\": \"1.08\"}]}";
    let to = value["to"].as_str().and_then(Currency::parse).ok_or(shape)?;
    let list = value["rates"].as_array().ok_or(shape)?;
    if list.len() > RATES_MAX {
        return Err(format!("up to {RATES_MAX} rates are kept"));
    }
    let rates = list
        .iter()
        .map(|one| {
            Some(ExchangeRate {
                currency: one["currency"].as_str().and_then(Currency::parse)?,
                from: one["from"].as_str()?.parse().ok()?,
                // A number of JSON is read by its digits, never by its nearest float.
                rate: match &one["rate"] {
                    Value::String(digits) => digits.parse().ok()?,
                    Value::Number(number) => number.to_string().parse().ok()?,
                    _ => return None,
                },
            })
        })
        .collect::<Option<Vec<_>>>()
        .ok_or(shape)?;
    ExchangeRates::new(to, rates).map(Some)
}

/// Every area with its analyzers, as people switch them on and off.
pub fn areas() -> Vec<(&'static str, Vec<&'static str>)> {
    AREAS
        .into_iter()
        .map(|name| {
            let own = ANALYZERS.iter().map(|analyzer| analyzer.id).filter(|id| area(id) == name);
            (name, own.collect())
        })
        .collect()
}

/// Beside the settings: what is left out of an analysis.
pub const LEAVE_OUT: &str = "leave_out";

/// Values that are left out, of one field.
const VALUES_MAX: usize = 2_000;

fn told(leave_out: &LeaveOut) -> Value {
    let mut told = Map::new();
    told.insert("analyzers".to_owned(), json!(leave_out.analyzers));
    for (field, values) in &leave_out.values {
        told.insert((*field).to_owned(), json!(values));
    }
    Value::Object(told)
}

/// `{"supplier_id": ["S03"], "analyzers": ["mtbf"], "focus": ["cost"]}`: a focus switches every analyzer of other areas off.
fn left_out(value: &Value) -> Result<LeaveOut, String> {
    let mut leave_out = LeaveOut::default();
    let object = value.as_object().ok_or("give an object of lists")?;
    for (name, list) in object {
        let list = list.as_array().ok_or_else(|| format!("{name}: give a list of words"))?;
        let words: BTreeSet<String> = list
            .iter()
            .map(|word| word.as_str().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()))
            .collect::<Option<_>>()
            .ok_or_else(|| format!("{name}: give a list of words"))?;
        if words.len() > VALUES_MAX {
            return Err(format!("{name}: up to {VALUES_MAX} values are left out"));
        }
        match name.as_str() {
            "analyzers" => {
                if let Some(unknown) =
                    words.iter().find(|id| ANALYZERS.iter().all(|known| known.id != id.as_str()))
                {
                    return Err(format!("there is no analyzer {unknown}"));
                }
                leave_out.analyzers.extend(words);
            }
            "focus" => {
                if let Some(unknown) = words.iter().find(|area| !AREAS.contains(&area.as_str())) {
                    return Err(format!("there is no area {unknown}; use {}", AREAS.join(", ")));
                }
                let others = ANALYZERS.iter().filter(|analyzer| !words.contains(area(analyzer.id)));
                leave_out.analyzers.extend(others.map(|analyzer| analyzer.id.to_owned()));
            }
            field => {
                let known = LeaveOut::FIELDS.into_iter().find(|known| *known == field).ok_or_else(|| {
                    format!(
                        "{field} cannot be left out; use {}, analyzers or focus",
                        LeaveOut::FIELDS.join(", ")
                    )
                })?;
                leave_out.values.insert(known, words);
            }
        }
    }
    Ok(leave_out)
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
    changes.retain(|name, _| {
        [LEAVE_OUT, EXCHANGE_RATES, CORE_VARIABLES].contains(&name.as_str())
            || definitions().iter().any(|setting| setting.name == name)
    });
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
    fn what_is_left_out_comes_back_and_what_is_unknown_is_refused() {
        let changes = sent(&[(
            "leave_out",
            json!({"supplier_id": ["S03", " S04 "], "analyzers": ["mtbf"], "focus": ["cost", "equipment"]}),
        )]);
        let made = settings("balanced", &changes).unwrap();
        assert_eq!(made.leave_out.values["supplier_id"].len(), 2);
        let off = &made.leave_out.analyzers;
        assert!(off.contains("mtbf") && off.contains("scrap_rate") && !off.contains("material_price"));
        assert_eq!(restore(&whole(&made)).unwrap(), made);
        for wrong in [
            json!({"employee_id": ["E1"]}),
            json!({"analyzers": ["weather"]}),
            json!({"focus": ["weather"]}),
            json!({"supplier_id": [""]}),
            json!(["S03"]),
        ] {
            assert!(settings("balanced", &sent(&[("leave_out", wrong)])).is_err());
        }
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
