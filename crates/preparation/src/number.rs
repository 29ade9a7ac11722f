//! Numbers written as text, and text written from numbers.

/// Reads a number whose decimal mark is known. Thousands marks, blanks, a sign behind and parentheses are understood;
/// anything else is no number.
pub(crate) fn read(text: &str, decimal: char) -> Option<f64> {
    let text = text.trim();
    let (text, negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let (text, negative) = match text.strip_suffix(['-', '−']) {
        Some(rest) if !negative => (rest.trim_end(), true),
        _ => (text, negative),
    };
    let mut plain = String::with_capacity(text.len());
    let mut fraction = false;
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => plain.push(c),
            '-' | '−' | '+' if at == 0 && !negative => plain.push(if c == '+' { '+' } else { '-' }),
            'e' | 'E' if plain.ends_with(|c: char| c.is_ascii_digit()) => plain.push('e'),
            '-' | '+' if plain.ends_with('e') => plain.push(c),
            c if c == decimal && !fraction => {
                fraction = true;
                plain.push('.');
            }
            // A thousands mark stands between digits and never behind the decimal mark.
            '.' | ',' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’' | '_'
                if c != decimal && !fraction && plain.ends_with(|c: char| c.is_ascii_digit()) => {}
            _ => return None,
        }
    }
    if !plain.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: f64 = plain.parse().ok()?;
    value.is_finite().then_some(if negative { -value } else { value })
}

/// The shortest way of writing it, whole numbers without a decimal point.
pub(crate) fn write(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 9e15 { format!("{}", value as i64) } else { format!("{value}") }
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, decimal, expected) in [
            ("1,234.5", '.', Some(1234.5)),
            ("1.234,5", ',', Some(1234.5)),
            ("1 234,5", ',', Some(1234.5)),
            ("1'234.50", '.', Some(1234.5)),
            ("12.5-", '.', Some(-12.5)),
            ("(12.5)", '.', Some(-12.5)),
            ("-3", '.', Some(-3.0)),
            ("−3", '.', Some(-3.0)),
            ("1.5e3", '.', Some(1500.0)),
            (" 7 ", '.', Some(7.0)),
            ("1.2.3", '.', None),
            ("12 kg", '.', None),
            ("-", '.', None),
            ("", '.', None),
            ("(-3)", '.', None),
            ("1e999", '.', None),
        ] {
            assert_eq!(read(text, decimal), expected, "{text}");
        }
        assert_eq!(write(3.0), "3");
        assert_eq!(write(-2.5), "-2.5");
    }
}
