//! Settings from the environment. A variable that is there and empty says nothing, and text stays as it was written: a
//! password of digits, or one that begins with a bracket, is not taken for a number or a list.

use figment::{
    Error, Metadata, Profile, Provider,
    providers::Env,
    value::{Dict, Map, Value},
};

/// Keys that hold lists; without brackets, commas part what is in them.
const LISTS: &[&str] = &["trusted_proxies", "allowed_origins", "operators", "operator_networks"];

/// Keys that hold numbers, switches, tables.
const TYPED: &[&str] = &[
    "rate_limit_per_minute",
    "rate_limit_shared",
    "max_file_size_mb",
    "worker_slots",
    "rounds_seconds",
    "sign_up",
    "session_idle_hours",
    "session_hours",
    "smtp_port",
    "stripe_prices",
    "stripe_trial_days",
    "private_webhooks",
    "private_models",
    "issuers",
];

/// Variables with the keys that they mean.
pub(super) struct Environment(pub(super) Env);

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        self.0.metadata()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let said = self.0.iter().filter(|(_, text)| !text.trim().is_empty());
        let dict: Dict = said.map(|(key, text)| (key.to_string(), value(key.as_str(), &text))).collect();
        Ok(Profile::Default.collect(dict))
    }
}

fn value(key: &str, text: &str) -> Value {
    // Parsing cannot fail: what is nothing else is text.
    let parsed = || text.parse().unwrap_or_else(|never| match never {});
    if TYPED.contains(&key) || (LISTS.contains(&key) && text.trim_start().starts_with('[')) {
        parsed()
    } else if LISTS.contains(&key) {
        text.split(',').map(str::trim).filter(|one| !one.is_empty()).collect::<Vec<_>>().into()
    } else {
        text.trim().to_owned().into()
    }
}

#[cfg(test)]
mod tests {
    use figment::{Figment, providers::Serialized};

    use super::*;
    use crate::config::Config;

    fn read(key: &str, text: &str) -> Config {
        let one: Dict = [(key.to_owned(), value(key, text))].into();
        Figment::from(Serialized::defaults(Config::default()))
            .merge(Serialized::globals(one))
            .extract()
            .unwrap()
    }

    #[test]
    fn text_stays_as_it_was_written() {
        for text in [
            "0123456",
            "1e5",
            "true",
            "[abc",
            "[a, b]",
            "{a=1}",
            "\"quoted\"",
            "12345678901234567890123456789012345678901",
        ] {
            assert_eq!(read("smtp_password", text).smtp_password.reveal(), Some(text));
            assert_eq!(read("organization", text).organization, text);
            assert_eq!(read("smtp_user", text).smtp_user.as_deref(), Some(text));
        }
        assert_eq!(read("rate_limit_per_minute", "120").rate_limit_per_minute, 120);
        assert_eq!(read("rate_limit_shared", "true").rate_limit_shared, Some(true));
        for text in ["10.0.0.0/8, 192.168.0.1", "[\"10.0.0.0/8\", \"192.168.0.1\"]"] {
            assert_eq!(read("trusted_proxies", text).trusted_proxies, ["10.0.0.0/8", "192.168.0.1"]);
        }
        assert_eq!(read("allowed_origins", "https://a.example").allowed_origins, ["https://a.example"]);
        assert_eq!(read("operators", "0190a0a0-0000-7000-8000-000000000000").operators.len(), 1);
        assert!(
            read("issuers", "[{issuer=\"https://a.example\", keys_url=\"https://a.example/keys\"}]")
                .issuers
                .len()
                == 1
        );
    }

    #[test]
    fn every_key_that_is_no_text_is_known_here() {
        let defaults = serde_json::to_value(Config::default()).unwrap();
        for (key, value) in defaults.as_object().unwrap() {
            let typed = value.is_number() || value.is_boolean() || value.is_object();
            assert_eq!(value.is_array(), LISTS.contains(&key.as_str()) || key == "issuers", "{key}");
            if typed {
                assert!(TYPED.contains(&key.as_str()), "{key}");
            }
        }
    }
}
