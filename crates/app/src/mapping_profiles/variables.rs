//! The ten variables that are kept with a saved mapping, between their noun, what people send, and what is stored.

use analyzers::suite::{ANALYZERS, area};
use domain::{CORE_VARIABLES, CoreKind, CoreVariables, Settings, id::DatasetId};
use serde_json::{Map, Value, json};
use store::{Tx, datasets, profiles};

use crate::{Error, error::Flaw};

/// Values as people write them: switches are true or false.
pub fn told(variables: &CoreVariables) -> Value {
    let values: Map<String, Value> = variables
        .iter()
        .map(|(name, value)| {
            let kind = CORE_VARIABLES.iter().find(|variable| variable.name == name).map(|known| known.kind);
            let value = match kind {
                Some(CoreKind::Switch) => json!(value != 0.0),
                Some(CoreKind::Count) => json!(value as u64),
                _ => json!(value),
            };
            (name.to_owned(), value)
        })
        .collect();
    Value::Object(values)
}

/// From an object of values; every name and value that cannot be taken is named.
pub fn read(value: &Value) -> Result<CoreVariables, Error> {
    let object = value
        .as_object()
        .ok_or_else(|| Error::invalid("variables", "give an object of values by name".to_owned()))?;
    let (mut variables, mut flaws) = (CoreVariables::default(), Vec::new());
    for (name, value) in object {
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => "a list".to_owned(),
        };
        if let Err(message) = variables.set(name, &text) {
            flaws.push(Flaw { field: format!("variables.{name}"), message });
        }
    }
    if flaws.is_empty() { Ok(variables) } else { Err(Error::Invalid(flaws)) }
}

/// Lays variables over settings. A focus switches every analyzer of other subjects off.
pub(crate) fn over(variables: CoreVariables, settings: &mut Settings) {
    let wanted = |analyzer: &str| {
        (variables.is_on("focus_material_costs")
            && matches!(analyzer, "material_price" | "material_usage" | "material_utilization"))
            || (variables.is_on("focus_labor_efficiency")
                && matches!(
                    analyzer,
                    "labor_efficiency" | "labor_rate" | "setup_overrun" | "team_efficiency"
                ))
            || (variables.is_on("focus_quality_issues") && area(analyzer) == "quality")
    };
    if ANALYZERS.iter().any(|analyzer| wanted(analyzer.id)) {
        let others = ANALYZERS.iter().map(|analyzer| analyzer.id).filter(|id| !wanted(id));
        settings.leave_out.analyzers.extend(others.map(str::to_owned));
    }
    variables.over(settings);
}

/// Lays what the saved mappings of the datasets say over the settings.
pub(crate) async fn of_mappings(
    tx: &mut Tx,
    ids: &[DatasetId],
    settings: &mut Settings,
) -> Result<(), Error> {
    let said = of_datasets(tx, ids).await?;
    if !said.is_empty() {
        over(said, settings);
    }
    Ok(())
}

/// What the saved mappings of these datasets say; where two say the same variable, the first dataset's.
pub(crate) async fn of_datasets(tx: &mut Tx, ids: &[DatasetId]) -> Result<CoreVariables, Error> {
    let mut all = CoreVariables::default();
    for id in ids {
        for file in datasets::files(tx, *id).await? {
            let Some(profile) = file.profile_id else { continue };
            let Some(profile) = profiles::get(tx, profile).await? else { continue };
            for (name, value) in read(&profile.variables)?.iter() {
                if all.get(name).is_none() {
                    // It was taken when it was stored.
                    all.set(name, &value.to_string()).unwrap_or_default();
                }
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_a_focus_switches_the_rest_off() {
        let sent = json!({"labor_rate_hourly": 42.5, "focus_quality_issues": true, "pattern_min_orders": "4",
            "min_variance_amount": null});
        let variables = read(&sent).unwrap();
        assert_eq!(
            told(&variables),
            json!({"labor_rate_hourly": 42.5, "focus_quality_issues": true, "pattern_min_orders": 4})
        );
        assert_eq!(read(&told(&variables)).unwrap(), variables);
        let mut settings = Settings::default();
        over(variables, &mut settings);
        let off = &settings.leave_out.analyzers;
        assert!(off.contains("material_price") && !off.contains("scrap_rate"), "{off:?}");
        assert_eq!(settings.get("min_sample_size"), 4.0);
        let Err(Error::Invalid(flaws)) =
            read(&json!({"labor_rate_hourly": 0, "rate": 1, "pattern_min_orders": []}))
        else {
            panic!("taken")
        };
        assert_eq!(flaws.len(), 3);
    }
}
