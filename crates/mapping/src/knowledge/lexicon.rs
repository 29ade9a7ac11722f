//! Words and multi-word terms of nine languages, `words/<language>.csv`, and the concepts they stand for.

use std::sync::Arc;

use super::{
    concept::{ConceptId, Concepts},
    hash::FastMap,
    spelling::{skeleton, stem},
};

/// Languages by the name of their file; a term refers to them by position, and so does the build script.
pub(crate) const LANGUAGES: [&str; 9] = ["en", "de", "fr", "es", "it", "pt", "pl", "nl", "zh"];

/// The lists of words as the build script laid them out: spellings folded, stems and skeletons taken, keys grouped.
static TERMS: &str = include_str!(concat!(env!("OUT_DIR"), "/words_terms.tsv"));
static MEANINGS: &str = include_str!(concat!(env!("OUT_DIR"), "/words_meanings.txt"));
static SPELLINGS: &str = include_str!(concat!(env!("OUT_DIR"), "/words_spellings.tsv"));
static STEMS: &str = include_str!(concat!(env!("OUT_DIR"), "/words_stems.tsv"));
static SHORTENED: &str = include_str!(concat!(env!("OUT_DIR"), "/words_shortened.tsv"));

/// Alternatives of a term, each a list of concepts; terms with one meaning share them.
type Readings = Arc<Vec<Vec<ConceptId>>>;

/// What one spelling means in one language.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub(crate) language: u8,
    /// Its spelling without blanks and accents.
    key: &'static str,
    pub(crate) readings: Readings,
}

/// Terms by a spelling, in the order of the lists.
#[derive(Debug, Default)]
struct Index {
    places: FastMap<&'static str, (u32, u32)>,
    ids: Vec<u32>,
}

impl Index {
    /// Reads lines of a spelling and the numbers of its terms.
    fn read(text: &'static str, expected: usize) -> Self {
        let mut index = Self { places: FastMap::default(), ids: Vec::with_capacity(expected) };
        index.places.reserve(expected);
        for line in text.lines() {
            let Some((key, ids)) = line.split_once('\t') else { continue };
            let from = index.ids.len() as u32;
            index.ids.extend(ids.split(' ').filter_map(|id| id.parse::<u32>().ok()));
            index.places.insert(key, (from, index.ids.len() as u32));
        }
        index
    }

    fn get(&self, spelling: &str) -> &[u32] {
        let Some((from, to)) = self.places.get(spelling) else { return &[] };
        self.ids.get(*from as usize..*to as usize).unwrap_or(&[])
    }
}

#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    terms: Vec<Term>,
    /// By spelling without blanks.
    exact: Index,
    /// By stem, for inflected forms of single words.
    stems: Index,
    /// Single words of four letters or more with their skeleton, by first letter, for abbreviations.
    words: FastMap<char, Vec<(&'static str, &'static str, u32)>>,
    longest: usize,
}

impl Lexicon {
    pub(crate) fn read(concepts: &Concepts) -> Self {
        let meanings: Vec<Readings> = MEANINGS
            .lines()
            .map(|meaning| {
                let readings = meaning
                    .split('|')
                    .map(|reading| reading.split_whitespace().filter_map(|word| concepts.id(word)).collect())
                    .filter(|reading: &Vec<ConceptId>| !reading.is_empty());
                Arc::new(readings.collect())
            })
            .collect();
        let mut longest = 0;
        let terms: Vec<Term> = TERMS
            .lines()
            .filter_map(|line| {
                let mut cells = line.split('\t');
                let language = cells.next()?.parse().ok()?;
                let key = cells.next()?;
                let readings = meanings.get(cells.next()?.parse::<usize>().ok()?)?.clone();
                longest = longest.max(key.chars().count());
                Some(Term { language, key, readings })
            })
            .collect();
        let mut words: FastMap<char, Vec<(&'static str, &'static str, u32)>> = FastMap::default();
        for line in SHORTENED.lines() {
            let mut cells = line.split('\t');
            if let (Some(word), Some(bones), Some(id)) = (cells.next(), cells.next(), cells.next())
                && let (Some(first), Ok(id)) = (word.chars().next(), id.parse())
            {
                words.entry(first).or_default().push((word, bones, id));
            }
        }
        let expected = terms.len();
        let (exact, stems) = (Index::read(SPELLINGS, expected), Index::read(STEMS, expected / 2));
        Self { terms, exact, stems, words, longest }
    }

    pub(crate) fn term(&self, id: u32) -> Option<&Term> {
        self.terms.get(id as usize)
    }

    /// Terms spelt exactly so, blanks aside.
    pub(crate) fn exact(&self, spelling: &str) -> &[u32] {
        self.exact.get(spelling)
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
        let candidates = self.stems.get(&stem(word));
        let shared = |id: &u32| {
            let key = self.term(*id).map_or("", |term| term.key);
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
                } else if length >= 3 && full.len() > length && bones == **full_bones && bones.len() >= 3 {
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
    fn every_word_of_the_lists_is_found_by_its_spelling() {
        let concepts = Concepts::read(crate::knowledge::rows::of("concepts.csv"));
        let lexicon = Lexicon::read(&concepts);
        for (language, rows) in crate::knowledge::rows::under("words") {
            for row in rows {
                let (key, meaning) = (crate::names::compact(row[0]), row[1]);
                let found = lexicon.exact(&key).iter().filter_map(|id| lexicon.term(*id)).any(|term| {
                    LANGUAGES[usize::from(term.language)] == language
                        && term.readings.len() == meaning.split('|').count()
                });
                assert!(key.is_empty() || found, "{language}: {}", row[0]);
            }
        }
    }

    #[test]
    fn umlauts_may_be_written_out() {
        let lexicon = Lexicon::read(&Concepts::read(crate::knowledge::rows::of("concepts.csv")));
        assert!(!lexicon.exact("stueckliste").is_empty());
        assert_eq!(lexicon.exact("stueckliste"), lexicon.exact("stuckliste"));
    }

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
