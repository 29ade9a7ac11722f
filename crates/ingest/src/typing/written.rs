//! What stands around a value: blanks, and the marks by which a spreadsheet is told to keep text.

/// A cell without what stands around its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written<'a> {
    Plain(&'a str),
    /// `'00123` or `="00123"`.
    Wrapped(&'a str),
}

pub(super) fn trim(raw: &str) -> &str {
    let bytes = raw.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(0x21..=0x7E), Some(0x21..=0x7E)) => raw,
        _ => raw.trim_matches(|character: char| {
            character.is_whitespace() || matches!(character, '\u{FEFF}' | '\u{200B}' | '\0')
        }),
    }
}

pub(super) fn unwrap(text: &str) -> Written<'_> {
    match text.as_bytes() {
        // `'s-Hertogenbosch` keeps its own.
        [b'\'', b'0'..=b'9' | b'=' | b'+' | b'-', ..] => {
            Written::Wrapped(trim(text[1..].trim_end_matches('\'')))
        }
        [b'=', b'"', .., b'"'] if text.len() > 3 => Written::Wrapped(trim(&text[2..text.len() - 1])),
        _ => Written::Plain(text),
    }
}
