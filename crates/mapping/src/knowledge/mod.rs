//! What the engine knows before it sees a file: reviewed data files of the folder `knowledge`, compiled in and read
//! once. Code here reads them and finds things in them; what they say is theirs.

mod codes;
mod concept;
mod dictionary;
mod formula;
mod hallmarks;
mod hash;
mod lexicon;
mod model;
mod rows;
mod spelling;
mod usage;
mod value_words;
mod weights;

use std::sync::OnceLock;

pub(crate) use codes::Codes;
pub(crate) use concept::{ConceptId, Concepts, Kind};
use dictionary::Selection;
#[doc(hidden)]
pub use dictionary::same_family;
pub(crate) use dictionary::{Dictionary, Entry, Meaning};
pub(crate) use formula::{Fit, Formulas};
pub(crate) use lexicon::{LANGUAGES, Lexicon};
pub(crate) use model::NameModel;
pub(crate) use usage::Usage;
pub(crate) use value_words::{Theme, ValueWords};
pub(crate) use weights::{EVIDENCE, JUDGED, Weights};

/// All knowledge that ships with the engine, or that part of it that an evaluation may use.
#[derive(Debug)]
pub struct Knowledge {
    pub(crate) concepts: &'static Concepts,
    pub(crate) lexicon: &'static Lexicon,
    pub(crate) formulas: &'static Formulas,
    pub(crate) codes: &'static Codes,
    pub(crate) value_words: &'static ValueWords,
    pub(crate) dictionary: Dictionary,
    pub(crate) weights: Weights,
    model: OnceLock<NameModel>,
    usage: OnceLock<Usage>,
}

/// Pairs of words that bound a span where a table has a column of each.
pub(crate) fn bounds() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows::of("bounds.csv").into_iter().filter_map(|row| Some((*row.first()?, *row.get(1)?)))
}

impl Knowledge {
    /// Everything that ships, read at the first call.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Knowledge> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::read(&Selection::All))
    }

    /// All but what is known of one ERP system, so that an evaluation on that system's exports is honest.
    pub fn without_system(family: &str) -> Self {
        Self::read(&Selection::Without(family))
    }

    /// All but one table of a system, so that an evaluation shows what its other tables tell about it.
    pub fn without_table(system: &str, table: &str) -> Self {
        Self::read(&Selection::WithoutTable { system, table })
    }

    /// Everything, but one system known in part and not without mistakes; for learning how far to trust it.
    #[doc(hidden)]
    pub fn with_worn_system(family: &str) -> Self {
        Self::read(&Selection::Worn(family))
    }

    fn read(selection: &Selection<'_>) -> Self {
        // Words and formulas are nobody's in particular: all bodies of knowledge share them.
        static WORDS: OnceLock<(Concepts, Lexicon, Formulas, Codes, ValueWords)> = OnceLock::new();
        let (concepts, lexicon, formulas, codes, value_words) = WORDS.get_or_init(|| {
            let concepts = Concepts::read(rows::of("concepts.csv"));
            let (lexicon, formulas) = (Lexicon::read(&concepts), Formulas::read(&concepts));
            let codes = Codes::read(&concepts);
            (concepts, lexicon, formulas, codes, ValueWords::read())
        });
        let dictionary = Dictionary::read(selection);
        Self {
            concepts,
            lexicon,
            formulas,
            dictionary,
            codes,
            value_words,
            weights: Weights::read(),
            model: OnceLock::new(),
            usage: OnceLock::new(),
        }
    }

    /// The model of names, trained at its first use on the dictionary and the formulas.
    pub(crate) fn model(&self) -> &NameModel {
        self.model.get_or_init(|| NameModel::train(&self.dictionary))
    }

    /// How often known systems keep each field at each grain.
    pub(crate) fn usage(&self) -> &Usage {
        self.usage.get_or_init(|| Usage::count(&self.dictionary))
    }

    /// The systems of the dictionary, for evaluations that leave them out one by one.
    pub fn systems(&self) -> Vec<String> {
        self.dictionary.systems().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use ontology::FieldId;

    use super::*;

    /// Every word of a formula or a reading, by file and line.
    fn words() -> Vec<(String, String)> {
        let mut words = Vec::new();
        let mut add = |file: &str, rows: Vec<Vec<&'static str>>, columns: &[usize]| {
            for row in rows {
                for column in columns {
                    let cell = row.get(*column).copied().unwrap_or_default();
                    words.extend(cell.split([' ', '|', '/']).filter(|word| !word.is_empty()).map(|word| {
                        (format!("{file}: {}", row.first().copied().unwrap_or_default()), word.to_owned())
                    }));
                }
            }
        };
        add("fields.csv", rows::of("fields.csv"), &[1, 2, 3]);
        add("unused.csv", rows::of("unused.csv"), &[0, 1, 2]);
        add("codes.csv", rows::of("codes.csv"), &[2]);
        for (stem, rows) in rows::under("words") {
            add(stem, rows, &[1]);
        }
        words
    }

    #[test]
    fn every_concept_that_a_file_names_is_in_the_list() {
        let concepts = Concepts::read(rows::of("concepts.csv"));
        let unknown: Vec<_> = words().into_iter().filter(|(_, word)| concepts.id(word).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn every_field_that_a_file_names_exists() {
        let mut unknown = Vec::new();
        for row in rows::of("fields.csv") {
            unknown.extend(
                row.first().filter(|field| FieldId::named(field).is_none()).map(|field| (*field).to_owned()),
            );
        }
        for (system, rows) in rows::under("systems") {
            for row in rows {
                let fields = row.get(3).copied().unwrap_or_default();
                let missing =
                    fields.split('|').filter(|field| !field.is_empty() && FieldId::named(field).is_none());
                unknown.extend(missing.map(|field| format!("{system}: {field}")));
            }
        }
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn every_field_has_a_formula() {
        let formulas = Knowledge::shipped().formulas;
        for field in ontology::field::all() {
            assert!(
                formulas.fields.iter().any(|formula| formula.field == Some(field.id)),
                "{} has no formula",
                field.id
            );
        }
    }
}
