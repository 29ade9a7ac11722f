//! Values of code lists (`codes.csv`) that betray what a column holds: statuses, kinds of booking, units, shifts.

use super::{
    concept::{ConceptId, Concepts},
    hash::FastMap,
    rows,
};
use crate::names::compact;

#[derive(Debug, Default)]
pub(crate) struct Codes {
    concepts: FastMap<String, Vec<ConceptId>>,
}

impl Codes {
    pub(crate) fn read(concepts: &Concepts) -> Self {
        let mut codes = Self::default();
        for row in rows::of("codes.csv") {
            let cell = |idx: usize| row.get(idx).copied().unwrap_or_default();
            let key = compact(cell(0));
            if key.is_empty() {
                continue;
            }
            let list = codes.concepts.entry(key).or_default();
            for concept in cell(2).split([' ', '|']).filter_map(|word| concepts.id(word)) {
                if !list.contains(&concept) {
                    list.push(concept);
                }
            }
        }
        codes
    }

    /// Concepts whose code lists hold this value.
    pub(crate) fn of(&self, value: &str) -> &[ConceptId] {
        self.concepts.get(&compact(value)).map_or(&[], Vec::as_slice)
    }
}
