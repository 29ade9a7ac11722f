//! Numbers as the languages write them.

use crate::Language;

/// With separators, and with as many decimals as are asked for.
pub fn fixed(value: f64, decimals: usize, language: Language) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (thousands, point) = match language {
        Language::English => (',', '.'),
        Language::German | Language::Spanish => ('.', ','),
    };
    let mut out = String::new();
    if value < 0.0 && text.chars().any(|digit| ('1'..='9').contains(&digit)) {
        out.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(thousands);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(point);
        out.push_str(fraction);
    }
    out
}

/// As many decimals as say something: four significant digits, none from a thousand on.
pub fn plain(value: f64, language: Language) -> String {
    let size = value.abs();
    let decimals = if size == size.round() || size >= 1_000.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 1.0 {
        2
    } else {
        4
    };
    fixed(value, decimals, language)
}

/// A value in its unit.
pub fn with_unit(value: f64, unit: &str, currency: &str, language: Language) -> String {
    let words = |en, de, es| language.pick([en, de, es]);
    match unit {
        "1" => {
            let decimals = if (value * 100.0).abs() < 10.0 { 2 } else { 1 };
            let space = if language == Language::English { "" } else { " " };
            format!("{}{space}%", fixed(value * 100.0, decimals, language))
        }
        "money" => money(value, currency, language),
        "money/hour" => {
            format!(
                "{} {}",
                fixed(value, 2, language) + " " + currency,
                words("an hour", "je Stunde", "por hora")
            )
        }
        "hours" | "h" => format!("{} h", plain(value, language)),
        "days" => format!("{} {}", plain(value, language), words("days", "Tage", "días")),
        "units" | "pieces" => format!("{} {}", plain(value, language), words("pieces", "Stück", "piezas")),
        "kWh" => format!("{} kWh", plain(value, language)),
        "kWh/hour" => format!("{} kWh/h", plain(value, language)),
        "kWh/unit" => {
            format!("{} {}", plain(value, language), words("kWh a piece", "kWh je Stück", "kWh por pieza"))
        }
        "units/hour" => {
            format!(
                "{} {}",
                plain(value, language),
                words("pieces an hour", "Stück je Stunde", "piezas por hora")
            )
        }
        _ => plain(value, language),
    }
}

/// Whole units from a thousand on, with the code of the currency.
pub fn money(value: f64, currency: &str, language: Language) -> String {
    let decimals = if value.abs() >= 1_000.0 { 0 } else { 2 };
    format!("{} {currency}", fixed(value, decimals, language)).trim_end().to_owned()
}

/// A number that a person wrote, in the likelier of its readings for the language.
pub fn read(text: &str, language: Language) -> Option<f64> {
    let text = text.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '-');
    if text.is_empty() || !text.chars().all(|letter| letter.is_ascii_digit() || "-.,'".contains(letter)) {
        return None;
    }
    let (own, other) = if language == Language::English { ('.', ',') } else { (',', '.') };
    let has = |mark: char| text.contains(mark);
    let groups = |mark: char| {
        let mut parts = text.trim_start_matches('-').split(mark);
        parts.next().is_some_and(|first| (1..=3).contains(&first.len())) && parts.all(|part| part.len() == 3)
    };
    let decimal = match (has(own), has(other)) {
        (true, true) => {
            if text.rfind(own) > text.rfind(other) {
                Some(own)
            } else {
                Some(other)
            }
        }
        (true, false) => Some(own),
        // "1.5" is no group of thousands anywhere.
        (false, true) => (!groups(other)).then_some(other),
        (false, false) => None,
    };
    let cleaned: String = text
        .chars()
        .filter_map(|letter| match letter {
            mark if Some(mark) == decimal => Some('.'),
            digit if digit.is_ascii_digit() || digit == '-' => Some(digit),
            _ => None,
        })
        .collect();
    cleaned.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_does() {
        assert_eq!(fixed(1_234_567.891, 2, Language::English), "1,234,567.89");
        assert_eq!(fixed(-1234.5, 1, Language::German), "-1.234,5");
        assert_eq!(fixed(-0.0004, 2, Language::English), "0.00");
        assert_eq!(with_unit(0.0345, "1", "USD", Language::English), "3.45%");
        assert_eq!(with_unit(0.345, "1", "EUR", Language::German), "34,5 %");
        assert_eq!(with_unit(86_400.4, "money", "USD", Language::English), "86,400 USD");
    }

    #[test]
    fn numbers_are_read_as_the_language_writes_them() {
        for (text, language, value) in [
            ("1,000", Language::English, 1_000.0),
            ("1.5", Language::German, 1.5),
            ("1.500", Language::German, 1_500.0),
            ("3,5", Language::German, 3.5),
            ("3,5", Language::English, 3.5),
            ("1.234,5", Language::English, 1_234.5),
            ("20%", Language::English, 20.0),
            ("-5", Language::Spanish, -5.0),
        ] {
            assert_eq!(read(text, language), Some(value), "{text} {language:?}");
        }
        assert_eq!(read("M-07", Language::English), None);
    }
}
