//! Words of the program's own vocabulary (kinds, measures, names of analyzers) as they come back from an archive.
//!
//! The domain holds them as `&'static str`, since code writes them. Coming back, each distinct word is kept for the
//! life of the process; what is too long or too many to be a vocabulary is refused.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

const LENGTH_MAX: usize = 400;
const WORDS_MAX: usize = 10_000;

static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

pub(super) fn word(text: &str) -> Option<&'static str> {
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(word) = words.get(text) {
        return Some(word);
    }
    if text.len() > LENGTH_MAX || words.len() >= WORDS_MAX {
        return None;
    }
    let word: &'static str = text.to_owned().leak();
    words.insert(word);
    Some(word)
}
