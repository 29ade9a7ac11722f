//! The vocabulary of concepts, `concepts.csv`: what words of every language stand for.

use std::collections::HashMap;

/// A concept by its row in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConceptId(pub(crate) u16);

/// What sort of concept it is: it decides how much a header says by naming it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Entity,
    Qualifier,
    Measure,
    Attribute,
    Bookkeeping,
    Unit,
    Filler,
}

#[derive(Debug)]
pub(crate) struct Concepts {
    names: Vec<&'static str>,
    kinds: Vec<Kind>,
    meanings: Vec<&'static str>,
    ids: HashMap<&'static str, ConceptId>,
}

impl Concepts {
    pub(crate) fn read(rows: Vec<Vec<&'static str>>) -> Self {
        let mut concepts =
            Self { names: Vec::new(), kinds: Vec::new(), meanings: Vec::new(), ids: HashMap::new() };
        for row in rows {
            let (Some(&name), kind) = (row.first(), row.get(1).copied().unwrap_or_default()) else {
                continue;
            };
            if concepts.ids.contains_key(name) {
                continue;
            }
            let kind = match kind {
                "entity" => Kind::Entity,
                "qualifier" | "role" => Kind::Qualifier,
                "measure" | "time" => Kind::Measure,
                "bookkeeping" => Kind::Bookkeeping,
                "unit" => Kind::Unit,
                "filler" => Kind::Filler,
                _ => Kind::Attribute,
            };
            concepts.ids.insert(name, ConceptId(concepts.names.len() as u16));
            concepts.names.push(name);
            concepts.kinds.push(kind);
            concepts.meanings.push(row.get(2).copied().unwrap_or_default());
        }
        concepts
    }

    pub(crate) fn id(&self, name: &str) -> Option<ConceptId> {
        self.ids.get(name).copied()
    }

    pub(crate) fn name(&self, id: ConceptId) -> &'static str {
        self.names.get(usize::from(id.0)).copied().unwrap_or_default()
    }

    pub(crate) fn kind(&self, id: ConceptId) -> Kind {
        self.kinds.get(usize::from(id.0)).copied().unwrap_or(Kind::Filler)
    }

    /// How much of a header's meaning a concept carries.
    pub(crate) fn weight(&self, id: ConceptId) -> f64 {
        match self.kind(id) {
            Kind::Entity | Kind::Qualifier | Kind::Measure => 1.0,
            Kind::Attribute => 0.8,
            Kind::Bookkeeping => 1.2,
            Kind::Unit => 0.25,
            Kind::Filler => 0.0,
        }
    }

    /// A concept in plain words, for sentences: its name with blanks.
    pub(crate) fn words(&self, id: ConceptId) -> String {
        self.name(id).replace('_', " ")
    }
}
