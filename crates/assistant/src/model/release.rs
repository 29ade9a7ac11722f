//! Words of a model while they stream: what may be shown is let through at once, what states a number waits until it is whole
//! and is shown only if a tool gave it.

use super::{ground::sentences, plain};
use crate::{
    lexicon,
    numbers::{self, Facts},
    text,
};

/// What stands in the place of a number that no tool gave.
const WITHHELD: &str = "[…]";

/// Words that may belong to a number before them: "3 million", "12 por ciento".
const WAITS: usize = 2;

/// A stream of words. The final answer is grounded anew as a whole; this is what people see meanwhile.
#[derive(Debug, Default)]
pub struct Release {
    /// All that came, plain from the last break on.
    raw: String,
    /// How much of `raw` was let through.
    shown: usize,
}

impl Release {
    /// Takes a piece in; gives what may be shown now.
    pub fn push(&mut self, piece: &str, facts: &Facts) -> String {
        self.raw.push_str(piece);
        let ready = self.ready(facts);
        self.let_through(ready, facts)
    }

    /// What is left at the end.
    pub fn finish(&mut self, facts: &Facts) -> String {
        let end = self.raw.len();
        self.let_through(end, facts)
    }

    /// Up to where everything is certain not to change by what comes.
    fn ready(&self, facts: &Facts) -> usize {
        let rest = &self.raw[self.shown..];
        let mut words: Vec<(usize, usize)> = Vec::new();
        let mut start = None;
        for (at, letter) in rest.char_indices() {
            if letter.is_whitespace() {
                if let Some(begin) = start.take() {
                    words.push((begin, at));
                }
            } else {
                start.get_or_insert(at);
            }
        }
        let whole = words.len();
        let mut end = rest.len();
        if let Some(begin) = start {
            // A word in its middle is shown only where it can become nothing that has to be looked at.
            if !is_harmless(&rest[begin..]) || rest[..begin].is_empty() && self.continues() {
                end = begin;
            }
        }
        let open = |(begin, stop): &(usize, usize)| {
            let word = &rest[*begin..*stop];
            let closed =
                word.ends_with(['.', '!', '?', ',', ';', ':', ')']) || rest[*stop..].starts_with('\n');
            is_claim(word) && !closed
        };
        let mut recent = whole.saturating_sub(WAITS)..whole;
        if let Some(mut first) = recent.find(|at| open(&words[*at])) {
            // "3.4 million" is one claim.
            while first > 0 && open(&words[first - 1]) {
                first -= 1;
            }
            end = end.min(words[first].0);
        }
        // A sentence that claims something without digits waits from there on until it is whole.
        let line = self.line();
        let open = self.open_sentence();
        let waits = self.raw.get(open..).and_then(|rest| facts.grounds.waits(rest)).map(|at| open + at);
        let ready = self.shown + end;
        waits.map_or(ready, |at| ready.min(at.max(line))).max(self.shown)
    }

    /// Where the line begins in which the next word is shown.
    fn line(&self) -> usize {
        self.raw[..self.shown].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Where the last sentence begins that is not whole.
    fn open_sentence(&self) -> usize {
        let line = self.line();
        match sentences(&self.raw[line..]).last() {
            Some((start, end)) => {
                let whole = self.raw[line + start..line + end].ends_with([' ', '\n']);
                let ends = self.raw[line + start..line + end].trim_end().ends_with(['.', '!', '?']);
                if whole && ends { line + end } else { line + start }
            }
            None => line,
        }
    }

    /// Whether what was shown last is the beginning of a word that goes on.
    fn continues(&self) -> bool {
        self.raw[..self.shown].chars().next_back().is_some_and(|letter| !letter.is_whitespace())
            && self.raw[self.shown..].chars().next().is_some_and(|letter| !letter.is_whitespace())
    }

    fn let_through(&mut self, end: usize, facts: &Facts) -> String {
        if end <= self.shown {
            return String::new();
        }
        // The whole line is looked at: a word that was shown in part, and what numbers a list.
        let begin = self.line();
        let part = self.shown - begin;
        let looked = &self.raw[begin..end];
        let numbers = numbers::check(looked, facts).into_iter().map(|number| (number.start, number.end));
        let claims = sentences(looked).into_iter().filter_map(|(start, stop)| {
            let at = facts.grounds.unsupported(&looked[start..stop])?;
            let words = looked[start..stop].trim_end().len();
            Some((start + at, start + words.max(at)))
        });
        let mut withheld: Vec<(usize, usize)> = numbers.chain(claims).collect();
        withheld.sort_unstable();
        let mut text = String::new();
        let mut at = part;
        for (from, to) in withheld {
            if to <= at {
                continue;
            }
            text.push_str(&looked[at..from.max(at)]);
            text.push_str(WITHHELD);
            at = to;
        }
        text.push_str(&looked[at..]);
        self.shown = end;
        plain(&text)
    }
}

/// Whether a word states something that has to be checked.
fn is_claim(word: &str) -> bool {
    let folded = text::fold(word.trim_matches(|letter: char| !letter.is_alphanumeric()));
    word.chars().any(char::is_numeric) || numbers::spelled(&folded).is_some()
}

/// Whether the beginning of a word can become neither a number nor a link.
fn is_harmless(part: &str) -> bool {
    let plain = part
        .chars()
        .all(|letter| letter.is_alphabetic() && letter.is_ascii() || "äöüßÄÖÜáéíóúñÁÉÍÓÚÑ".contains(letter));
    if !plain {
        return false;
    }
    let folded = text::fold(part);
    let starts = |word: &str| word.starts_with(&folded) || folded.starts_with(word);
    let counts = |number: &String| number.starts_with(&folded) || folded.starts_with(number.as_str());
    !lexicon::get().numbers.keys().any(counts)
        && !["http", "https", "www", "mailto", "javascript", "data", "file", "ftp", "vbscript", "tel"]
            .iter()
            .any(|word| starts(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts() -> Facts {
        let mut facts = Facts::new();
        facts.add(&json!({"value": 0.034, "machine": "M-07", "big": 3_400_000.0}));
        facts
    }

    fn streamed(text: &str, size: usize) -> String {
        let facts = facts();
        let mut release = Release::default();
        let letters: Vec<char> = text.chars().collect();
        let mut shown = String::new();
        for piece in letters.chunks(size) {
            shown.push_str(&release.push(&piece.iter().collect::<String>(), &facts));
        }
        shown + &release.finish(&facts)
    }

    #[test]
    fn no_number_is_shown_that_no_tool_gave_however_it_is_cut() {
        for size in 1..12 {
            for (said, shown) in [
                ("The scrap rate is 3.4 % on M-07.", "The scrap rate is 3.4 % on M-07."),
                ("It costs 3.4 million a year", "It costs 3.4 million a year"),
                ("It costs 3.4 thousand a year", "It costs […] thousand a year"),
                ("It is 9.9 % on M-08, then.", "It is […] % on […], then."),
                ("Es sind neunzig Stück.", "Es sind […] Stück."),
            ] {
                let got = streamed(said, size);
                assert!(got == shown || !got.contains("9.9") && got.contains("[…]"), "{size}: {got}");
                assert!(!got.contains("08") && !got.contains("neunzig"), "{size}: {got}");
                if !shown.contains('…') {
                    assert_eq!(got, shown, "{size}");
                }
            }
        }
    }

    #[test]
    fn a_claim_that_no_look_up_bears_out_is_not_shown_however_it_is_cut() {
        for size in 1..12 {
            for (said, hidden) in [
                ("Scrap is 3.4 % now. It has doubled since. Look at M-07.", "doubled"),
                ("Well, M-07 is the largest. So be it.", "largest"),
                ("Here it is Evilcorp that fails. So be it.", "Evilcorp"),
                ("Es ist die Hälfte davon. Ende.", "Hälfte"),
            ] {
                let got = streamed(said, size);
                assert!(!got.contains(hidden) && got.contains("[…]"), "{size}: {got}");
                assert!(
                    got.ends_with("M-07.") || got.ends_with("So be it.") || got.ends_with("Ende."),
                    "{size}: {got}"
                );
            }
        }
    }

    #[test]
    fn a_first_word_comes_through_at_once() {
        let mut release = Release::default();
        assert_eq!(release.push("Scrap", &facts()), "Scrap");
        assert_eq!(release.push(" is", &facts()), " is");
        assert_eq!(release.push(" 3", &facts()), " ");
        assert_eq!(release.push(".4", &facts()), "");
        assert_eq!(release.push(" %.", &facts()), "");
        assert_eq!(release.push(" So ", &facts()), "3.4 %. So ");
    }

    #[test]
    fn links_do_not_come_through() {
        for size in 1..9 {
            let got = streamed("Look at https://evil.example/a?b=c or ![x](http://evil.example) now", size);
            assert!(!got.contains("evil") && !got.contains("://"), "{size}: {got}");
        }
    }
}
