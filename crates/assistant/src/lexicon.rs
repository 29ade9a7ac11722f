//! What the data files say, read once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use ontology::FieldId;

use crate::{Language, text};

/// A figure that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    pub id: &'static str,
    /// `1` for a ratio, `money`, `hours`, …; empty for a count.
    pub unit: &'static str,
    pub higher_is_better: bool,
    /// In the order of [`Language`]; the first of each is its name.
    pub phrases: [Vec<&'static str>; 3],
}

impl Metric {
    pub fn name(&self, language: Language) -> &'static str {
        self.phrases[language as usize].first().copied().unwrap_or(self.id)
    }

    pub fn named(id: &str) -> Option<&'static Self> {
        metrics().iter().find(|metric| metric.id == id)
    }

    /// Whether values of parts add up to the whole.
    pub fn adds_up(&self) -> bool {
        !matches!(self.unit, "1" | "money/hour" | "kWh/hour" | "kWh/unit" | "units/hour" | "days")
            && !matches!(
                self.id,
                "unit_cost" | "lead_time" | "mtbf" | "mttr" | "setup_hours_each" | "batch" | "material_price"
            )
    }
}

/// Something that figures can be broken down by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    pub key: &'static str,
    /// The fields that can stand for it, best first.
    pub fields: Vec<FieldId>,
    pub phrases: [Vec<&'static str>; 3],
}

impl Dimension {
    /// Singular and plural.
    pub fn name(&self, language: Language, many: bool) -> &'static str {
        let phrases = &self.phrases[language as usize];
        phrases.get(usize::from(many)).or_else(|| phrases.first()).copied().unwrap_or(self.key)
    }

    pub fn keyed(key: &str) -> Option<&'static Self> {
        dimensions().iter().find(|dimension| dimension.key == key)
    }

    pub fn of(field: FieldId) -> Option<&'static Self> {
        dimensions().iter().find(|dimension| dimension.fields.contains(&field))
    }
}

pub fn metrics() -> &'static [Metric] {
    &get().metrics
}

pub fn dimensions() -> &'static [Dimension] {
    &get().dimensions
}

/// What a phrase stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meaning {
    Metric(&'static str),
    Dimension(&'static str),
    Concept(&'static str),
}

pub(crate) struct Lexicon {
    metrics: Vec<Metric>,
    dimensions: Vec<Dimension>,
    /// Folded phrases of a language with all that they stand for, by their words.
    pub(crate) phrases: [BTreeMap<Vec<String>, Vec<Meaning>>; 3],
    /// Words of phrases.
    pub(crate) words: [BTreeSet<String>; 3],
    pub(crate) stopwords: [BTreeSet<String>; 3],
    /// Words for numbers, folded.
    pub(crate) numbers: BTreeMap<String, f64>,
    pub(crate) months: [Vec<String>; 3],
}

pub(crate) fn get() -> &'static Lexicon {
    &LEXICON
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let alternatives = |cell: &'static str| -> Vec<&'static str> {
        cell.split('|').map(str::trim).filter(|phrase| !phrase.is_empty()).collect()
    };
    let metrics: Vec<Metric> = rows(include_str!("../data/metrics.csv"))
        .map(|row| Metric {
            id: row[0],
            unit: row[1],
            higher_is_better: row[2] == "higher",
            phrases: [3, 4, 5].map(|at| alternatives(row[at])),
        })
        .collect();
    let dimensions: Vec<Dimension> = rows(include_str!("../data/dimensions.csv"))
        .map(|row| Dimension {
            key: row[0],
            fields: row[1].split('|').filter_map(FieldId::named).collect(),
            phrases: [2, 3, 4].map(|at| alternatives(row[at])),
        })
        .collect();
    let mut phrases: [BTreeMap<Vec<String>, Vec<Meaning>>; 3] = Default::default();
    let mut add = |language: usize, phrase: &str, meaning: Meaning| {
        let key: Vec<String> = text::tokens(phrase).into_iter().map(|token| token.folded).collect();
        let meanings = phrases[language].entry(key).or_default();
        if !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    };
    for language in 0..3 {
        for metric in &metrics {
            metric.phrases[language]
                .iter()
                .for_each(|phrase| add(language, phrase, Meaning::Metric(metric.id)));
        }
        for dimension in &dimensions {
            let meaning = Meaning::Dimension(dimension.key);
            dimension.phrases[language].iter().for_each(|phrase| add(language, phrase, meaning));
        }
    }
    for row in rows(include_str!("../data/words.csv")) {
        for language in 0..3 {
            for phrase in alternatives(row[1 + language]) {
                add(language, phrase, Meaning::Concept(row[0]));
            }
        }
    }
    let words = [0, 1, 2].map(|language: usize| phrases[language].keys().flatten().cloned().collect());
    let mut stopwords: [BTreeSet<String>; 3] = Default::default();
    for row in rows(include_str!("../data/stopwords.csv")) {
        if let Some(language) = Language::named(row[0]) {
            stopwords[language as usize].extend(row[1].split_whitespace().map(text::fold));
        }
    }
    let numbers = rows(include_str!("../data/numbers.csv"))
        .filter_map(|row| row[1].parse().ok().map(|value| (text::fold(row[0]), value)))
        .collect();
    Lexicon { metrics, dimensions, phrases, words, stopwords, numbers, months: crate::when::months() }
});

/// Rows of a compiled-in file, without its head. A broken one is a broken build, and the tests read all of them.
pub(crate) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    csv::Reader::from_reader(text.as_bytes()).into_records().enumerate().map(|(at, record)| {
        let record = record.unwrap_or_else(|error| panic!("row {at} of a data file: {error}"));
        record.iter().map(|cell| cell.to_owned().leak() as &'static str).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_words_in_every_language() {
        assert!(metrics().len() > 50 && dimensions().len() > 15);
        for metric in metrics() {
            assert!(metric.phrases.iter().all(|phrases| !phrases.is_empty()), "{}", metric.id);
        }
        for dimension in dimensions() {
            assert!(!dimension.fields.is_empty(), "{}", dimension.key);
            assert!(dimension.phrases.iter().all(|phrases| !phrases.is_empty()), "{}", dimension.key);
        }
    }

    #[test]
    fn a_phrase_stands_for_one_figure() {
        for (language, phrases) in get().phrases.iter().enumerate() {
            for (phrase, meanings) in phrases {
                let figures = meanings.iter().filter(|meaning| matches!(meaning, Meaning::Metric(_))).count();
                assert!(figures < 2, "language {language}: {phrase:?} is {meanings:?}");
            }
        }
    }

    #[test]
    fn no_kpi_of_the_ontology_is_called_by_another_unit() {
        for metric in metrics() {
            if let Some(kpi) = ontology::kpi::named(metric.id) {
                assert_eq!(kpi.unit, metric.unit, "{}", metric.id);
                assert_eq!(kpi.higher_is_better, metric.higher_is_better, "{}", metric.id);
            }
        }
    }
}
