//! The languages that questions may be asked in: those that pages and reports speak.

pub use translation::Tongue as Language;

use crate::{lexicon, text};

/// The language with most of the question's words; `usual` where none has more than the others.
pub fn of(question: &str, usual: Language) -> Language {
    let words: Vec<String> = text::tokens(question).into_iter().map(|token| token.folded).collect();
    let lexicon = lexicon::get();
    let score = |language: Language| -> usize {
        words
            .iter()
            .map(|word| {
                let common = lexicon.stopwords[language as usize].contains(word);
                let known = lexicon.words[language as usize].contains(word);
                2 * usize::from(common) + usize::from(known)
            })
            .sum()
    };
    let scores = Language::ALL.map(score);
    let top = scores.into_iter().max().unwrap_or(0);
    if scores[usual as usize] == top {
        return usual;
    }
    Language::ALL.into_iter().find(|language| scores[*language as usize] == top).unwrap_or(usual)
}

/// The tag of a language, for those who read an answer as JSON.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
pub(crate) fn tag<S: serde::Serializer>(language: &Language, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(language.tag())
}
