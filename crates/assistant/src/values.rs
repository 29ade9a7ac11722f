//! The values of the data as questions name them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    sync::OnceLock,
};

use ontology::FieldId;

use crate::{intent::Filter, text::bare};

/// Values by field. A plant has thousands, so that they are folded once for all questions.
#[derive(Debug, Clone, Default)]
pub struct Values {
    by_field: BTreeMap<FieldId, Vec<String>>,
    index: OnceLock<Index>,
}

#[derive(Debug, Clone, Default)]
struct Index {
    /// Bare values with the fields that have them.
    whole: BTreeMap<String, Vec<Filter>>,
    /// Bare words of them, for what is spelled as one.
    words: BTreeSet<String>,
}

impl Values {
    pub fn insert(&mut self, field: FieldId, values: Vec<String>) {
        self.by_field.insert(field, values);
        self.index.take();
    }

    /// The values that are called so, with the fields that have them.
    pub(crate) fn called(&self, key: &str) -> Option<&Vec<Filter>> {
        self.index().whole.get(key)
    }

    pub(crate) fn have_word(&self, word: &str) -> bool {
        self.index().words.contains(&bare(word))
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for (field, values) in &self.by_field {
                for value in values.iter().filter(|value| !value.trim().is_empty()) {
                    let key = bare(value);
                    let parts = value.split(|letter: char| !letter.is_alphanumeric()).map(bare);
                    index.words.extend(parts.chain([key.clone()]).filter(|word| word.chars().count() > 2));
                    index.whole.entry(key).or_default().push(Filter { field: *field, value: value.clone() });
                }
            }
            index
        })
    }
}

impl Deref for Values {
    type Target = BTreeMap<FieldId, Vec<String>>;

    fn deref(&self) -> &Self::Target {
        &self.by_field
    }
}
