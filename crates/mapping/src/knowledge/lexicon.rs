//! Words and multi-word terms of nine languages, `words/<language>.csv`, and the concepts they stand for.

use super::{
    concept::{ConceptId, Concepts},
    hash::FastMap,
    rows,
};
use crate::names::{compact, written_out};

/// Languages by the name of their file; a term refers to them by position.
pub(crate) const LANGUAGES: [&str; 9] = ["en", "de", "fr", "es", "it", "pt", "pl", "nl", "zh"];

/// What one spelling means in one language.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub(crate) language: u8,
    /// As the list writes it, for sentences.
    pub(crate) written: &'static str,
    /// Its spelling without blanks and accents.
    key: Box<str>,
    /// Alternatives, each a list of concepts.
    pub(crate) readings: Vec<Vec<ConceptId>>,
}

#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    terms: Vec<Term>,
    /// By spelling without blanks.
    exact: FastMap<String, Vec<u32>>,
    /// By stem, for inflected forms of single words.
    stems: FastMap<String, Vec<u32>>,
    /// Single words of four letters or more with their skeleton, by first letter, for abbreviations.
    words: FastMap<char, Vec<(String, String, u32)>>,
    longest: usize,
}

impl Lexicon {
    pub(crate) fn read(concepts: &Concepts) -> Self {
        let mut lexicon = Self::default();
        for (stem, rows) in rows::under("words") {
            lexicon.reserve(rows.len());
            let Some(language) = LANGUAGES.iter().position(|language| *language == stem) else { continue };
            for row in rows {
                let (Some(&written), Some(&meaning)) = (row.first(), row.get(1)) else { continue };
                let readings: Vec<Vec<ConceptId>> = meaning
                    .split('|')
                    .map(|reading| reading.split_whitespace().filter_map(|word| concepts.id(word)).collect())
                    .filter(|reading: &Vec<ConceptId>| !reading.is_empty())
                    .collect();
                if !readings.is_empty() {
                    let key = compact(written).into_boxed_str();
                    lexicon.add(Term { language: language as u8, written, key, readings });
                }
            }
        }
        lexicon
    }

    fn reserve(&mut self, terms: usize) {
        self.terms.reserve(terms);
        self.exact.reserve(terms);
        self.stems.reserve(terms / 2);
    }

    fn add(&mut self, term: Term) {
        let id = self.terms.len() as u32;
        let key = term.key.clone().into_string();
        if key.is_empty() {
            return;
        }
        self.longest = self.longest.max(key.chars().count());
        let one_word = !term.written.trim().contains([' ', '-', '/', '.', '_']);
        if one_word && key.chars().count() >= 4 && key.is_ascii() {
            let stem = stem(&key);
            let list = self.stems.entry(stem).or_default();
            list.push(id);
            if let Some(first) = key.chars().next() {
                self.words.entry(first).or_default().push((key.clone(), skeleton(&key), id));
            }
        }
        if let Some(spelling) = written_out(term.written).filter(|spelling| *spelling != key) {
            self.exact.entry(spelling).or_default().push(id);
        }
        self.exact.entry(key).or_default().push(id);
        self.terms.push(term);
    }

    pub(crate) fn term(&self, id: u32) -> Option<&Term> {
        self.terms.get(id as usize)
    }

    /// Terms spelt exactly so, blanks aside.
    pub(crate) fn exact(&self, spelling: &str) -> &[u32] {
        self.exact.get(spelling).map_or(&[], Vec::as_slice)
    }

    /// Characters of the longest spelling.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Terms that differ from the word in their ending only.
    pub(crate) fn inflected(&self, word: &str) -> Vec<u32> {
        if word.len() < 4 || !word.is_ascii() {
            return Vec::new();
        }
        let Some(candidates) = self.stems.get(&stem(word)) else { return Vec::new() };
        let shared = |id: &u32| {
            let key = self.term(*id).map_or("", |term| &*term.key);
            key.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count()
        };
        let best = candidates.iter().map(shared).max().unwrap_or(0);
        if best + 3 < word.len() {
            return Vec::new();
        }
        candidates.iter().copied().filter(|id| shared(id) == best).collect()
    }

    /// Terms that the word may abbreviate or misspell, with how near it is (0 to 1), nearest first.
    pub(crate) fn abbreviated(&self, word: &str) -> Vec<(u32, f64)> {
        let length = word.len();
        if !(2..=24).contains(&length) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Vec::new();
        }
        let Some(words) = word.chars().next().and_then(|first| self.words.get(&first)) else {
            return Vec::new();
        };
        let bones = skeleton(word);
        let mut near: Vec<(u32, f64)> = words
            .iter()
            .filter_map(|(full, full_bones, id)| {
                let nearness = if full.len() > length && full.starts_with(word) && length >= 3 {
                    match length {
                        3 => 0.55,
                        4 => 0.75,
                        _ => 0.85,
                    }
                } else if length >= 3 && full.len() > length && bones == *full_bones && bones.len() >= 3 {
                    0.8
                } else if length >= 5 && full.len() >= 5 && one_edit(word, full) {
                    0.75
                } else if length >= 3
                    && full.len() > length
                    && bones.len() >= 3
                    && is_subsequence(word, full)
                    && full_bones.starts_with(&bones)
                {
                    0.55
                } else {
                    return None;
                };
                Some((*id, nearness))
            })
            .collect();
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near
    }
}

/// A word without its ending: inflection of the languages we read changes little else.
fn stem(word: &str) -> String {
    let mut stem = word;
    while stem.len() > 4 {
        let Some(rest) = stem.strip_suffix(['a', 'e', 'i', 'o', 'u', 'y', 's', 'n', 'm', 'r']) else { break };
        stem = rest;
    }
    stem.to_owned()
}

/// First letter and consonants, doubled ones once: what remains when people shorten a word.
fn skeleton(word: &str) -> String {
    let mut bones = String::with_capacity(word.len());
    for (idx, char) in word.chars().enumerate() {
        if (idx == 0 || !"aeiouy".contains(char)) && !bones.ends_with(char) {
            bones.push(char);
        }
    }
    // `quantity` keeps its y in `qnty`, `qty`: an ending y belongs to the bones.
    if word.ends_with('y') && !bones.ends_with('y') {
        bones.push('y');
    }
    bones
}

fn is_subsequence(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().all(|wanted| rest.any(|char| char == wanted))
}

/// Whether one letter added, dropped, changed or two swapped turn one word into the other.
fn one_edit(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let front = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - back], &b[..b.len() - back]);
    (a.len() <= 1 && b.len() <= 1) || (a.len() == 2 && b.len() == 2 && a[0] == b[1] && a[1] == b[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_do_not_count() {
        assert_eq!(stem("geplantes"), stem("geplanter"));
        assert_eq!(stem("planowana"), stem("planowany"));
        assert_eq!(stem("terminado"), stem("terminadas"));
    }

    #[test]
    fn shortened_words_keep_their_bones() {
        assert_eq!(skeleton("quantity"), "qnty");
        assert_eq!(skeleton("qnty"), "qnty");
        assert!(one_edit("quantitiy", "quantity"));
        assert!(!one_edit("quality", "quantity"));
    }
}
