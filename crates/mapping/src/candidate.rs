//! What a column can mean: any field of the ontology, or nothing.

use std::{collections::HashMap, sync::LazyLock};

use ontology::{Field, FieldId};

/// A meaning by number: 0 leaves the column out, `n` is the `n`-th field of the ontology.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Candidate(pub(crate) u8);

impl Candidate {
    pub(crate) const LEFT_OUT: Self = Self(0);

    /// How many there are, leaving out included.
    pub(crate) fn count() -> usize {
        ontology::field::all().len() + 1
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..Self::count()).map(|number| Self(number as u8))
    }

    pub(crate) fn of(field: FieldId) -> Self {
        Self(NUMBERS.get(&field).copied().unwrap_or(0))
    }

    pub(crate) fn of_option(field: Option<FieldId>) -> Self {
        field.map_or(Self::LEFT_OUT, Self::of)
    }

    /// The candidate of a field that is known to exist; for tables of rules in code.
    pub(crate) fn named(name: &str) -> Self {
        FieldId::named(name).map_or(Self::LEFT_OUT, Self::of)
    }

    pub(crate) fn idx(self) -> usize {
        usize::from(self.0)
    }

    pub(crate) fn definition(self) -> Option<&'static Field> {
        ontology::field::all().get(self.idx().checked_sub(1)?)
    }

    pub(crate) fn field(self) -> Option<FieldId> {
        self.definition().map(|field| field.id)
    }

    pub(crate) fn name(self) -> &'static str {
        self.field().map_or("", FieldId::as_str)
    }
}

static NUMBERS: LazyLock<HashMap<FieldId, u8>> = LazyLock::new(|| {
    ontology::field::all().iter().enumerate().map(|(idx, field)| (field.id, (idx + 1) as u8)).collect()
});
