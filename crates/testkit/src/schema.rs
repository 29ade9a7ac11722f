//! Whether a value is what its JSON schema promises: types, properties, lists, choices, bounds. Only what our own schemas use.

use serde_json::Value;

/// What does not hold, each with where; nothing for a value that fits.
pub fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(schema, value, "$", &mut found);
    found
}

fn look(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !names.is_empty() && !names.iter().any(|name| is(name, value)) {
        found.push(format!("{at} is no {}: {}", names.join(" or "), short(value)));
    }
    if let Some(choices) = schema["enum"].as_array()
        && !choices.contains(value)
    {
        found.push(format!("{at} is none of the choices: {}", short(value)));
    }
    if let Some(fields) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                found.push(format!("{at}.{name} is missing"));
            }
        }
        for (name, field) in fields {
            match schema["properties"].get(name) {
                Some(schema) => look(schema, field, &format!("{at}.{name}"), found),
                None if schema["additionalProperties"] == Value::Bool(false) => {
                    found.push(format!("{at}.{name} is not in the schema"));
                }
                None => {}
            }
        }
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        if schema["items"].is_object() {
            look(&schema["items"], item, &format!("{at}[{n}]"), found);
        }
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_is_found() {
        let schema = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {"a": {"type": ["string", "null"]}, "n": {"type": "array", "items": {"type": "integer"}}},
        });
        assert!(violations(&schema, &json!({"a": null, "n": [1, 2]})).is_empty());
        for wrong in
            [json!({}), json!({"a": 1}), json!({"a": "", "n": [1.5]}), json!({"a": "", "b": 1}), json!([])]
        {
            assert_eq!(violations(&schema, &wrong).len(), 1, "{wrong}");
        }
    }
}
