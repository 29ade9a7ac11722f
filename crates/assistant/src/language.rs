//! The languages that questions may be asked in.

use serde::{Deserialize, Serialize};
use translation::Tongue;

use crate::{lexicon, text};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    En,
    De,
    Es,
}

impl Language {
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::Es];

    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Es => "es",
        }
    }

    pub fn named(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| code.get(..2).is_some_and(|two| two.eq_ignore_ascii_case(language.code())))
    }

    /// The months in full, January first.
    pub fn months(self) -> &'static [&'static str; 12] {
        self.pick([Tongue::English, Tongue::German, Tongue::Spanish]).months()
    }

    /// One of three texts, in the order English, German, Spanish.
    pub fn pick<T>(self, [en, de, es]: [T; 3]) -> T {
        match self {
            Self::En => en,
            Self::De => de,
            Self::Es => es,
        }
    }

    /// The language with most of the question's words; `usual` where none has more than the others.
    pub fn of(question: &str, usual: Self) -> Self {
        let words: Vec<String> = text::tokens(question).into_iter().map(|token| token.folded).collect();
        let lexicon = lexicon::get();
        let score = |language: Self| -> usize {
            words
                .iter()
                .map(|word| {
                    let common = lexicon.stopwords[language as usize].contains(word);
                    let known = lexicon.words[language as usize].contains(word);
                    2 * usize::from(common) + usize::from(known)
                })
                .sum()
        };
        let scores = Self::ALL.map(score);
        let top = scores.into_iter().max().unwrap_or(0);
        if scores[usual as usize] == top {
            return usual;
        }
        Self::ALL.into_iter().find(|language| scores[*language as usize] == top).unwrap_or(usual)
    }
}
