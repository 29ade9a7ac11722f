//! The words of letters, in the languages of the people who get them. A language is one text file; a letter is a section of
//! it, the first line its subject. What stands in braces is filled in; what is filled in is plain text and stays so.

use std::collections::BTreeMap;

/// The language that somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    English,
    German,
    Spanish,
}

impl Language {
    /// All of them, with the name that each has for itself.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::English, "en", "English"), (Self::German, "de", "Deutsch"), (Self::Spanish, "es", "Español")];

    /// The language of a tag such as `de` or `de-AT`; English for any other.
    pub fn of(tag: &str) -> Self {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .iter()
            .find(|(_, known, _)| *known == first)
            .map_or(Self::English, |(language, ..)| *language)
    }

    fn text(self) -> &'static str {
        match self {
            Self::English => include_str!("en.txt"),
            Self::German => include_str!("de.txt"),
            Self::Spanish => include_str!("es.txt"),
        }
    }
}

/// A letter, ready to be sent to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub subject: String,
    pub text: String,
}

/// What is filled in, by name.
pub type Facts = BTreeMap<&'static str, String>;

/// The letter of this name. None if there is no such letter.
pub fn write(language: Language, name: &str, facts: &Facts) -> Option<Words> {
    let section = section(language.text(), name)?;
    let (subject, text) = section.split_once('\n')?;
    let subject = filled(subject, facts);
    let text = format!("{}\n", filled(text.trim(), facts).trim_end());
    Some(Words { subject: subject.chars().filter(|letter| !letter.is_control()).take(200).collect(), text })
}

fn section<'a>(all: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = all;
    while let Some(at) = rest.find("== ") {
        let (title, body) = rest[at + 3..].split_once('\n')?;
        let end = body.find("\n== ").map_or(body.len(), |end| end + 1);
        if title.trim() == name {
            return Some(&body[..end]);
        }
        rest = &body[end..];
    }
    None
}

/// Each placeholder once, from left to right: what was filled in is not looked at again.
fn filled(text: &str, facts: &Facts) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match rest.find('}').map(|end| (&rest[1..end], end)) {
            Some((name, end)) if facts.contains_key(name) => {
                out.push_str(&facts[name]);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(language: Language) -> Vec<&'static str> {
        language.text().lines().filter_map(|line| line.strip_prefix("== ")).collect()
    }

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_letter_is_there_in_every_language_and_says_the_same() {
        let english = names(Language::English);
        assert!(english.len() > 12);
        for (language, tag, _) in Language::ALL {
            assert_eq!(names(language), english, "{tag}");
            for name in &english {
                let own = section(language.text(), name).unwrap();
                assert_eq!(
                    places(own),
                    places(section(Language::English.text(), name).unwrap()),
                    "{tag} {name}"
                );
                let words = write(language, name, &Facts::new()).unwrap();
                assert!(!words.subject.is_empty() && !words.text.contains("=="), "{tag} {name}");
            }
        }
        assert_eq!(write(Language::English, "nothing", &Facts::new()), None);
    }

    #[test]
    fn what_is_filled_in_stays_text() {
        let facts = Facts::from([
            ("name", "{link}\r\nBcc: all@example.com".to_owned()),
            ("findings", "3".to_owned()),
            ("link", "https://x".to_owned()),
            ("rows", "9".to_owned()),
        ]);
        let words = write(Language::English, "analysis.completed", &facts).unwrap();
        assert_eq!(words.subject, "{link}Bcc: all@example.com: 3 findings");
        assert!(words.text.contains("https://x"));
    }

    #[test]
    fn languages_go_by_their_tag() {
        for (tag, language) in [
            ("de", Language::German),
            ("de-AT", Language::German),
            ("es_MX", Language::Spanish),
            ("fr", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of(tag), language, "{tag}");
        }
    }
}
