//! Words of a question, as they were written and as they are compared.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A word with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub written: String,
    pub folded: String,
    /// Byte range in the question.
    pub start: usize,
    pub end: usize,
}

/// Small letters without marks: `Rüstzeit` and `rustzeit` are one word, and so are `Größe` and `grosse`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        if letter == 'ß' {
            folded.push_str("ss");
        } else {
            folded.extend(letter.to_lowercase());
        }
    }
    folded
}

/// Letters and digits of a value, folded: what is left when `MAT-07`, `mat 07` and `Mat07` are the same thing.
pub fn bare(text: &str) -> String {
    fold(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// Words of a text. Marks within a word stay (`MAT-07`, `3.5`, `2025-06-01`, `10%`), those around it go.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = None;
    let inner = |letter: char| {
        letter.is_alphanumeric() || is_combining_mark(letter) || "-_./,%$€#+&'’".contains(letter)
    };
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if inner(letter) {
            start.get_or_insert(at);
        } else if let Some(begin) = start.take() {
            push(text, begin, at, &mut tokens);
        }
    }
    tokens
}

fn push(text: &str, start: usize, end: usize, tokens: &mut Vec<Token>) {
    let raw = &text[start..end];
    let lead = raw.len() - raw.trim_start_matches(|letter: char| ".,/'’&_".contains(letter)).len();
    let kept = raw[lead..].trim_end_matches(|letter: char| ".,/'’&_-+".contains(letter));
    if kept.is_empty() || !kept.chars().any(char::is_alphanumeric) {
        return;
    }
    // "M07's": the name is what counts. "What's" stays a word.
    let own = kept.strip_suffix("'s").or_else(|| kept.strip_suffix("’s"));
    let name =
        |own: &&str| own.chars().any(|letter| letter.is_ascii_digit()) || own.chars().all(char::is_uppercase);
    let kept = own.filter(name).unwrap_or(kept);
    let start = start + lead;
    tokens.push(Token { written: kept.to_owned(), folded: fold(kept), start, end: start + kept.len() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_folded() {
        let words: Vec<String> = tokens("¿Cuál es la Rüstzeit von MAT-07, im Juni (2025-06-01), bei 3,5 %?")
            .into_iter()
            .map(|t| t.folded)
            .collect();
        assert_eq!(
            words,
            ["cual", "es", "la", "rustzeit", "von", "mat-07", "im", "juni", "2025-06-01", "bei", "3,5"]
        );
        assert_eq!(bare("MAT 07"), bare("mat-07"));
        assert_eq!(fold("Größe"), "grosse");
    }
}
