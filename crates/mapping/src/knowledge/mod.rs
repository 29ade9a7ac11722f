//! What the engine knows before it sees a file: reviewed data files of the folder `knowledge`, compiled in and read
//! once. Code here reads them and finds things in them; what they say is theirs.

mod codes;
mod concept;
mod dictionary;
mod formula;
mod lexicon;
mod model;
mod rows;
mod usage;
mod weights;

use std::sync::OnceLock;

pub(crate) use codes::Codes;
pub(crate) use concept::{ConceptId, Concepts, Kind};
pub(crate) use dictionary::{Dictionary, Entry, Meaning};
pub(crate) use formula::{Fit, Formulas};
pub(crate) use lexicon::{LANGUAGES, Lexicon};
pub(crate) use model::NameModel;
pub(crate) use usage::Usage;
pub(crate) use weights::{JUDGED, Weights};

/// All knowledge that ships with the engine, or that part of it that an evaluation may use.
#[derive(Debug)]
pub struct Knowledge {
    pub(crate) concepts: Concepts,
    pub(crate) lexicon: Lexicon,
    pub(crate) formulas: Formulas,
    pub(crate) dictionary: Dictionary,
    pub(crate) codes: Codes,
    pub(crate) weights: Weights,
    model: OnceLock<NameModel>,
    usage: OnceLock<Usage>,
}

impl Knowledge {
    /// Everything that ships, read at the first call.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Knowledge> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::read(|_| true))
    }

    /// All but what is known of one ERP system, so that an evaluation on that system's exports is honest.
    pub fn without_system(family: &str) -> Self {
        Self::read(|system| !dictionary::same_family(system, family))
    }

    fn read(keeps: impl Fn(&str) -> bool) -> Self {
        let concepts = Concepts::read(rows::of("concepts.csv"));
        let lexicon = Lexicon::read(&concepts);
        let formulas = Formulas::read(&concepts);
        let dictionary = Dictionary::read(keeps);
        let codes = Codes::read(&concepts);
        Self {
            concepts,
            lexicon,
            formulas,
            dictionary,
            codes,
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
