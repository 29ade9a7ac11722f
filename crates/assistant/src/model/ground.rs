//! An answer of a model, with the sentences that state what no tool gave taken out.

use crate::numbers::{self, Facts};

/// What is left of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grounded {
    pub text: String,
    /// Sentences that went.
    pub dropped: usize,
}

/// Drops sentences with unsupported numbers, names and claims. `text` is plain already.
pub fn ground(text: &str, facts: &Facts) -> Grounded {
    let unsupported = numbers::check(text, facts);
    let mut grounded = Grounded::default();
    for (start, end) in sentences(text) {
        let number = unsupported.iter().any(|number| number.start < end && number.end > start);
        if number || facts.grounds.unsupported(&text[start..end]).is_some() {
            grounded.dropped += 1;
        } else {
            grounded.text.push_str(&text[start..end]);
        }
    }
    // Paragraphs of which nothing is left leave no gap.
    let lines: Vec<&str> = grounded.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    grounded.text = lines.join("\n");
    grounded
}

/// Byte ranges of sentences, with the space behind each. A full stop within a number or a name ends none.
pub(super) fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, letter)| *letter);
        let ends = letter == '\n'
            || (matches!(letter, '.' | '!' | '?')
                && next.is_none_or(char::is_whitespace)
                && !counts(&text[start..at]));
        if ends {
            let mut end = at + letter.len_utf8();
            while let Some((at, letter)) = letters.peek().copied() {
                if letter != ' ' {
                    break;
                }
                end = at + 1;
                letters.next();
            }
            ranges.push((start, end));
            start = end;
        }
    }
    if start < text.len() {
        ranges.push((start, text.len()));
    }
    ranges
}

/// "1." at the beginning of a line, "No." and "Nr." end no sentence.
fn counts(before: &str) -> bool {
    let last = before.rsplit([' ', '\n']).next().unwrap_or_default();
    matches!(
        last.to_lowercase().as_str(),
        "no" | "nr" | "approx" | "ca" | "z.b" | "e.g" | "i.e" | "vs" | "bzw" | "mio" | "mrd" | "tsd"
    ) || (before.trim().len() == last.len() && last.len() <= 2 && last.parse::<u8>().is_ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sentence_with_an_invented_number_goes() {
        let mut facts = Facts::new();
        facts.add(&json!({"value": 0.034, "machine": "M-07", "cost": 86_432.17}));
        for (said, left, dropped) in [
            ("Scrap is 3.4 %. It costs $86,432.", "Scrap is 3.4 %. It costs $86,432.", 0),
            ("Scrap is 3.4 %. It costs $99,000. Look at M-07.", "Scrap is 3.4 %. Look at M-07.", 1),
            ("Look at M-08.", "", 1),
            ("First.\nIt is 12,5 Mio. Euro.\nLast.", "First.\nLast.", 1),
            ("1. M-07 is listed.\n2. M-09 is next.", "1. M-07 is listed.", 1),
            ("Es sind neunzig Maschinen! Ja.", "Ja.", 1),
            ("no end 55", "", 1),
            ("Scrap is 3.4 %. It has doubled.", "Scrap is 3.4 %.", 1),
            ("Die meisten sind zu spät. Scrap is 3.4 %.", "Scrap is 3.4 %.", 1),
        ] {
            assert_eq!(ground(said, &facts), Grounded { text: left.to_owned(), dropped }, "{said}");
        }
    }
}
