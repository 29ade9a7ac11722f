//! What a member wants to be told by mail, and in which language; kept among the member's preferences.

use domain::Role;
use jiff::civil::Date;
use serde_json::{Value, json};
use store::members::Member;

use crate::mails::Language;

/// What a member can switch, with the words for it and the weakest role that gets it where nothing was said.
pub const KINDS: [(&str, &str, Role); 7] = [
    ("analyses", "When an analysis that I started is done, or ended without a result", Role::Viewer),
    ("large", "When new large findings come up", Role::Analyst),
    ("weekly", "A summary at the start of the week", Role::Admin),
    ("limits", "When a limit of the plan is near or reached", Role::Admin),
    ("billing", "When a payment fails or the plan changes", Role::Owner),
    ("reviews", "When an analysis was reviewed and published", Role::Viewer),
    ("sources", "When an upload of a recurring source waits for a person", Role::Analyst),
];

/// From which amount a year a finding is large, where nothing was said.
pub const LARGE: f64 = 50_000.0;

/// A member's wishes.
#[derive(Debug, Clone, PartialEq)]
pub struct Wishes {
    /// `en`, `de` or `es`.
    pub language: String,
    /// The kinds that are wanted.
    pub wanted: Vec<&'static str>,
    /// From which amount a year, in the currency of the data, a finding is large.
    pub large_from: f64,
    /// Until when no letter is wanted at all.
    pub paused_until: Option<Date>,
}

impl Wishes {
    /// The wishes of a member.
    pub fn of(member: &Member) -> Self {
        Self::read(&member.preferences, member.role)
    }

    fn read(preferences: &Value, role: Role) -> Self {
        let mails = &preferences["mails"];
        let wanted = KINDS
            .iter()
            .filter(|(kind, _, least)| mails[kind].as_bool().unwrap_or(role >= *least))
            .map(|(kind, ..)| *kind)
            .collect();
        Self {
            language: preferences["language"].as_str().unwrap_or("en").to_owned(),
            wanted,
            large_from: mails["large_from"].as_f64().filter(|amount| *amount >= 0.0).unwrap_or(LARGE),
            paused_until: mails["paused_until"].as_str().and_then(|day| day.parse().ok()),
        }
    }

    /// The preferences with these wishes in them; what else stands there stays.
    pub fn keep(&self, preferences: &Value) -> Value {
        let mut kept = if preferences.is_object() { preferences.clone() } else { json!({}) };
        kept["language"] = json!(self.language);
        let mut mails = json!({"large_from": self.large_from});
        for (kind, ..) in KINDS {
            mails[kind] = json!(self.wanted.contains(&kind));
        }
        if let Some(day) = self.paused_until {
            mails["paused_until"] = json!(day.to_string());
        }
        kept["mails"] = mails;
        kept
    }

    /// Whether a letter of this kind is wanted today.
    pub fn wants(&self, kind: &str, today: Date) -> bool {
        self.wanted.contains(&kind) && self.paused_until.is_none_or(|until| today >= until)
    }

    /// The language of letters.
    pub fn letters_in(&self) -> Language {
        Language::of(&self.language)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn wishes_are_kept_beside_other_preferences() {
        let before = json!({"theme": "dark", "mails": {"weekly": false}});
        let mut wishes = Wishes::read(&before, Role::Owner);
        assert_eq!(wishes.wanted, ["analyses", "large", "limits", "billing", "reviews", "sources"]);
        wishes.paused_until = Some(date(2026, 12, 24));
        wishes.language = "de".to_owned();
        let kept = wishes.keep(&before);
        assert_eq!((&kept["theme"], &kept["mails"]["weekly"]), (&json!("dark"), &json!(false)));
        let again = Wishes::read(&kept, Role::Viewer);
        assert_eq!(again, wishes);
        assert!(!again.wants("large", date(2026, 12, 23)) && again.wants("large", date(2026, 12, 24)));
        assert!(!again.wants("weekly", date(2027, 1, 1)));
        assert_eq!(Wishes::read(&Value::Null, Role::Viewer).wanted, ["analyses", "reviews"]);
    }
}
