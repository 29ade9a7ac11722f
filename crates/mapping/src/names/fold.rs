//! One spelling for all ways to write a word: case, accents and width folded away.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case without accents: `Stück` and `STUCK` become `stuck`, `Łódź` becomes `lodz`. Marks that carry meaning in
/// headers (`%`, `#`, `$`, `€`) and everything that is no letter stay as they are.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase().replace('`', "'");
    }
    let mut folded = String::with_capacity(text.len());
    for char in text.nfkd().filter(|char| !is_combining_mark(*char)).flat_map(char::to_lowercase) {
        match char {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            '’' | '`' | '´' => folded.push('\''),
            char => folded.push(char),
        }
    }
    folded
}

/// The letters, digits and meaningful marks of a text, folded and without anything between them: two headers with the
/// same are the same header.
pub fn compact(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(is_kept);
    folded
}

/// Whether a character is part of a word or a mark that stands for one.
pub(crate) fn is_kept(char: char) -> bool {
    char.is_alphanumeric() || is_mark(char)
}

/// Marks that stand for a word: percent, number, money.
pub(crate) fn is_mark(char: char) -> bool {
    matches!(char, '%' | '#' | '$' | '€' | '£' | '¥' | '°' | 'Ø')
}

/// Whether a character is written without blanks between words.
pub(crate) fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{3040}'..='\u{30ff}' | '\u{20000}'..='\u{2ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_width_are_folded() {
        for (text, folded) in
            [("Zahlungs-Größe", "zahlungs-grosse"), ("ŁÓDŹ", "lodz"), ("Année", "annee"), ("ＡＢ１", "ab1")]
        {
            assert_eq!(fold(text), folded);
        }
        assert_eq!(compact("Qty. / (%) #"), "qty%#");
    }
}
