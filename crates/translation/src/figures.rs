//! Numbers, amounts and dates: found in English sentences, written as the reader's country writes them.

use crate::Tongue;

/// A part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Words(&'a str),
    Number(&'a str),
    Date(&'a str),
}

pub(crate) const SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
pub(crate) const LONG: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(crate) const GERMAN_SHORT: [&str; 12] =
    ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."];
pub(crate) const GERMAN_LONG: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
pub(crate) const SPANISH_SHORT: [&str; 12] =
    ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"];
pub(crate) const SPANISH_LONG: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// A sentence in its parts, in order; joined they are the sentence.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let free = at == 0 || !joins_before(text, at);
        let found = if free {
            date(&text[at..])
                .map(|size| Part::Date(&text[at..at + size]))
                .or_else(|| number(&text[at..]).map(|size| Part::Number(&text[at..at + size])))
        } else {
            None
        };
        if let Some(part) = found {
            if from < at {
                parts.push(Part::Words(&text[from..at]));
            }
            let (Part::Number(shown) | Part::Date(shown) | Part::Words(shown)) = part;
            at += shown.len();
            from = at;
            parts.push(part);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    if from < text.len() {
        parts.push(Part::Words(&text[from..]));
    }
    parts
}

/// Whether the letter before belongs to the same word: `J-20`, `M07`, `v1.2`, `#5`.
fn joins_before(text: &str, at: usize) -> bool {
    let mut before = text[..at].chars().rev();
    match before.next() {
        Some(letter)
            if letter.is_alphanumeric()
                || matches!(letter, '_' | '#' | '/' | '.' | ':' | '$' | '€' | '£' | '¥') =>
        {
            true
        }
        Some('-') => before.next().is_some_and(|letter| letter.is_alphanumeric() || letter == '_'),
        _ => false,
    }
}

/// How long the number at the start of a text is, with its sign, currency, size and percent.
fn number(text: &str) -> Option<usize> {
    let mut at = 0;
    let rest = |at: usize| text[at..].chars().next();
    if let Some(sign @ ('−' | '-' | '+' | '±')) = rest(at) {
        at += sign.len_utf8();
    }
    if let Some(currency @ ('$' | '€' | '£' | '¥')) = rest(at) {
        at += currency.len_utf8();
    } else if is_code(&text[at..]) {
        at += 4;
    }
    let digits = |at: usize| text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(at);
    if first == 0 {
        return None;
    }
    at += first;
    if first <= 3 {
        while text[at..].starts_with(',') && digits(at + 1) == 3 {
            at += 4;
        }
    }
    if text[at..].starts_with('.') && digits(at + 1) > 0 {
        at += 1 + digits(at + 1);
    }
    if let Some(size @ ('k' | 'M' | 'B')) = rest(at) {
        let after = text[at + 1..].chars().next();
        if !after.is_some_and(char::is_alphanumeric) {
            at += size.len_utf8();
        }
    }
    if text[at..].starts_with('%') {
        at += 1;
    }
    let mut after = text[at..].chars();
    let ends = match after.next() {
        Some(letter) if letter.is_alphanumeric() || matches!(letter, '_' | '/') => false,
        Some('-' | '.' | ':' | ',') => !after.next().is_some_and(char::is_alphanumeric),
        _ => true,
    };
    ends.then_some(at)
}

/// `PLN 1,200`: three capital letters before a number.
fn is_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 4
        && bytes[..3].iter().all(u8::is_ascii_uppercase)
        && bytes[3] == b' '
        && bytes[4].is_ascii_digit()
        && CODES.contains(&&text[..3])
}

const CODES: [&str; 32] = [
    "AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF",
    "ILS", "INR", "JPY", "KRW", "MXN", "NOK", "NZD", "PEN", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "TWD",
    "USD", "ZAR",
];

/// How long the date at the start of a text is: `7 Jul 2025 09:14`, `2 Oct`, `Jul 2025`, `October 2025`.
fn date(text: &str) -> Option<usize> {
    let day = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut at = 0;
    if day > 0 {
        if day > 2 || !text[day..].starts_with(' ') {
            return None;
        }
        at = day + 1;
    }
    let (_, name) = month(&text[at..])?;
    at += name.len();
    let year = |at: usize| {
        let rest = text[at..].strip_prefix(' ')?;
        let four = rest.len() >= 4 && rest.bytes().take(4).all(|byte| byte.is_ascii_digit());
        (four && !rest[4..].starts_with(|letter: char| letter.is_alphanumeric())).then_some(at + 5)
    };
    match year(at) {
        Some(after) => at = after,
        None if day == 0 => return None,
        None => {}
    }
    if let Some(time) = text[at..].strip_prefix(' ').and_then(|rest| rest.get(..5)) {
        let bytes = time.as_bytes();
        if bytes[2] == b':' && [0, 1, 3, 4].iter().all(|at| bytes[*at].is_ascii_digit()) {
            at += 6;
        }
    }
    Some(at)
}

/// The month that a text starts with, as a word of its own.
fn month(text: &str) -> Option<(usize, &'static str)> {
    let word = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &text[..word];
    let find = |names: &'static [&'static str; 12]| {
        names.iter().position(|name| *name == word).map(|at| (at, names[at]))
    };
    if text[word.len()..].starts_with(|letter: char| letter.is_alphanumeric()) {
        return None;
    }
    find(&LONG).or_else(|| find(&SHORT))
}

/// A number as the country of a language writes it.
pub(crate) fn localized(number: &str, tongue: Tongue) -> String {
    if tongue == Tongue::English {
        return number.to_owned();
    }
    let sign_size = number.chars().next().filter(|sign| "−-+±".contains(*sign)).map_or(0, char::len_utf8);
    let (sign, rest) = number.split_at(sign_size);
    let (currency, rest) = if let Some(symbol) = rest.chars().next().filter(|symbol| "$€£¥".contains(*symbol))
    {
        rest.split_at(symbol.len_utf8())
    } else if rest.as_bytes().first().is_some_and(u8::is_ascii_uppercase) {
        (&rest[..3], &rest[4..])
    } else {
        ("", rest)
    };
    let (rest, percent) = rest.strip_suffix('%').map_or((rest, ""), |rest| (rest, "\u{a0}%"));
    let (digits, size) = rest.split_at(rest.trim_end_matches(['k', 'M', 'B']).len());
    let size = match (size, tongue) {
        ("k", Tongue::German) => "\u{a0}Tsd.",
        ("M", Tongue::German) => "\u{a0}Mio.",
        ("B", Tongue::German) => "\u{a0}Mrd.",
        ("k", Tongue::Spanish) => "\u{a0}mil",
        ("M", Tongue::Spanish) => "\u{a0}M",
        ("B", Tongue::Spanish) => "\u{a0}mil\u{a0}M",
        _ => size,
    };
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    // Spanish sets thousands apart only from five figures on.
    let whole = if tongue == Tongue::Spanish && whole.len() == 5 {
        whole.replace(',', "")
    } else {
        whole.replace(',', ".")
    };
    let fraction = fraction.map(|part| format!(",{part}")).unwrap_or_default();
    let currency = if currency.is_empty() { String::new() } else { format!("\u{a0}{currency}") };
    format!("{sign}{whole}{fraction}{size}{percent}{currency}")
}

/// A date as a language writes it.
pub(crate) fn dated(date: &str, tongue: Tongue) -> String {
    let mut said = Vec::new();
    for word in date.split(' ') {
        let Some((at, english)) = month(word) else {
            said.push(word.to_owned());
            continue;
        };
        let is_long = LONG[at] == english && english != "May";
        let after_a_day = !said.is_empty();
        said.push(
            match (tongue, is_long) {
                (Tongue::English, _) => english,
                (Tongue::German, true) => GERMAN_LONG[at],
                (Tongue::German, false) => GERMAN_SHORT[at],
                (Tongue::Spanish, true) => SPANISH_LONG[at],
                (Tongue::Spanish, false) => SPANISH_SHORT[at],
            }
            .to_owned(),
        );
        if after_a_day && tongue == Tongue::German {
            if let Some(day) = said.first_mut() {
                day.push('.');
            }
        } else if after_a_day && is_long && tongue == Tongue::Spanish {
            said.insert(1, "de".to_owned());
        }
    }
    said.join(" ")
}

/// A month that stands alone: `Jan`, `October`.
pub(crate) fn lone_month(text: &str, tongue: Tongue) -> Option<String> {
    month(text).filter(|(_, name)| *name == text).map(|_| dated(text, tongue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_stand_out_from_names() {
        for (text, figures) in [
            ("12,480 rows of J-20611-1", vec!["12,480"]),
            ("M07 took $1.2M, 3.4% over", vec!["$1.2M", "3.4%"]),
            ("PLN 1,200 – −€300 a year", vec!["PLN 1,200", "−€300"]),
            ("since 7 Jul 2025 09:14, in Oct 2024", vec!["7 Jul 2025 09:14", "Oct 2024"]),
            ("on 1 November; May help", vec!["1 November"]),
            ("lot L-0911, v1.2.3, 09:14, 10/11", vec![]),
            ("7741-B and 12.5kg", vec![]),
        ] {
            let found: Vec<&str> = parts(text)
                .into_iter()
                .filter_map(|part| match part {
                    Part::Number(shown) | Part::Date(shown) => Some(shown),
                    Part::Words(_) => None,
                })
                .collect();
            assert_eq!(found, figures, "{text}");
        }
    }

    #[test]
    fn figures_are_written_as_the_country_writes_them() {
        for (number, german, spanish) in [
            ("12,480", "12.480", "12.480"),
            ("3,126", "3.126", "3126"),
            ("$412k", "412\u{a0}Tsd.\u{a0}$", "412\u{a0}mil\u{a0}$"),
            ("−€1,200", "−1.200\u{a0}€", "−1200\u{a0}€"),
            ("3.4%", "3,4\u{a0}%", "3,4\u{a0}%"),
            ("2025", "2025", "2025"),
        ] {
            assert_eq!(localized(number, Tongue::German), german);
            assert_eq!(localized(number, Tongue::Spanish), spanish);
        }
        for (date, german, spanish) in [
            ("7 Jul 2025", "7. Juli 2025", "7 jul 2025"),
            ("1 November", "1. November", "1 de noviembre"),
            ("Sep 2025", "Sept. 2025", "sept 2025"),
            ("2 Oct 2025 09:14", "2. Okt. 2025 09:14", "2 oct 2025 09:14"),
        ] {
            assert_eq!(dated(date, Tongue::German), german);
            assert_eq!(dated(date, Tongue::Spanish), spanish);
        }
    }
}
