//! A question becomes an intent: words are taken apart and corrected ([`forms`], [`spell`]), phrases, values and periods are found in them ([`read`]),
//! and what was found is weighed ([`decide`], [`lever`]).

mod decide;
mod forms;
mod lever;
mod read;
mod spell;
mod times;

use crate::{
    Catalog, Intent, Language,
    intent::{Period, Unclear},
    text,
};

/// A question as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    pub language: Language,
    pub intent: Intent,
    /// Words that were taken for others, as written and as read.
    pub corrections: Vec<(String, String)>,
    /// Words that no part of the intent stands for.
    pub ignored: Vec<String>,
    /// Remarks on how something was read: a figure taken for another one.
    pub readings: Vec<Reading>,
}

/// How something was read that could have been meant otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The figure asked for is not there by that field; this one stands for it.
    Instead { asked: &'static str, taken: &'static str },
    /// "Last year" is counted from where the data end, and not from today.
    Relative { period: Period, end: jiff::civil::Date },
}

/// Letters of a question that are looked at.
pub const LETTERS_MAX: usize = 2_000;

/// Understands a question. The language of the page decides where the words do not; where nothing is understood in it, the others
/// are tried, since words that are all misspelled tell no language.
pub fn understand(question: &str, catalog: &Catalog, usual: Language) -> Understood {
    let end = question.char_indices().nth(LETTERS_MAX).map_or(question.len(), |(at, _)| at);
    let question = &question[..end];
    let language = crate::language::of(question, usual);
    let first = understand_in(question, catalog, language);
    let nothing =
        |understood: &Understood| matches!(understood.intent, Intent::Unclear(Unclear::NotUnderstood));
    if !nothing(&first) {
        return first;
    }
    let mut others = Language::ALL.into_iter().filter(|other| *other != language);
    // Only where all words that are not small were made something of: a guess is no answer.
    others
        .find_map(|other| {
            let understood = understand_in(question, catalog, other);
            let whole = understood.ignored.is_empty() && !matches!(understood.intent, Intent::Unclear(_));
            whole.then_some(understood)
        })
        .unwrap_or(first)
}

fn understand_in(question: &str, catalog: &Catalog, language: Language) -> Understood {
    let mut tokens = forms::apart(text::tokens(question), &catalog.values, language);
    let corrections = spell::correct(&mut tokens, &catalog.values, language);
    let found = read::read(question, &tokens, catalog, language);
    let decided = decide::decide(question, &tokens, &found, catalog, language);
    Understood {
        language,
        intent: decided.intent,
        corrections,
        ignored: decided.ignored,
        readings: decided.readings,
    }
}
