//! Words that columns of codes are written in, as data: kinds of bookings, cancelled orders, totals, yes and no, units.

use std::sync::LazyLock;

static WORDS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    include_str!("../../data/code_words.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .collect()
});

/// All words of a class.
pub(crate) fn of(class: &str) -> impl Iterator<Item = &'static str> + '_ {
    WORDS.iter().filter(move |(of, _)| *of == class).map(|(_, word)| *word)
}

/// Whether a text is, or begins with, a word of the class. Case and surrounding space do not count.
pub(crate) fn is(class: &str, text: &str) -> bool {
    let text = text.trim().to_lowercase();
    of(class).any(|word| {
        text == word
            || (word.chars().count() > 3
                && text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)))
    })
}

/// The words of a class as a list of SQL literals.
pub(crate) fn sql_list(class: &str) -> String {
    of(class).map(literal).collect::<Vec<_>>().join(", ")
}

/// A text as a SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_by_their_words() {
        for (class, text, expected) in [
            ("setup", "Setup", true),
            ("setup", " Rüsten ", true),
            ("setup", "Setup - machine 3", true),
            ("setup", "Setupless", false),
            ("run", "Production", true),
            ("cancelled", "Storniert", true),
            ("cancelled", "Released", false),
            ("total", "Grand Total", true),
            ("total", "J100", false),
            ("yes", "X", true),
        ] {
            assert_eq!(is(class, text), expected, "{class} {text}");
        }
    }
}
