//! Formulas over concepts: which concepts make a field (`fields.csv`), and which make a column that stays unmapped
//! (`unused.csv`).

use ontology::FieldId;

use super::{
    concept::{ConceptId, Concepts},
    rows,
};
use crate::view::Grain;
use domain::Granularity;

/// One row of a formula file.
#[derive(Debug)]
pub(crate) struct Formula {
    /// `None`: the column stays unmapped.
    pub(crate) field: Option<FieldId>,
    /// Each inner list holds alternatives of which one must be there.
    pub(crate) required: Vec<Vec<ConceptId>>,
    helpful: Vec<ConceptId>,
    forbidden: Vec<ConceptId>,
    /// The grain at which the formula holds without doubt; `None` for every grain.
    pub(crate) grains: Vec<Granularity>,
}

/// How well a formula explains a header.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Fit {
    /// Share of the header's meaning that the formula explains, 0 to 1.
    pub(crate) explained: f64,
    /// Meaning in the header that the formula says nothing about.
    pub(crate) left_over: f64,
    /// Required concepts found.
    pub(crate) required: f64,
    /// Required concepts that the header lacks (at most one is forgiven).
    pub(crate) missing: f64,
}

impl Fit {
    /// One figure to rank by: explained meaning first, then how specific the formula is.
    pub(crate) fn score(&self) -> f64 {
        let specific = 1.0 - 0.5_f64.powf(self.required);
        (self.explained * (0.6 + 0.4 * specific) - 0.45 * self.missing).max(0.0)
    }
}

impl Formula {
    /// How sure it is that the table is of a grain at which the formula holds.
    pub(crate) fn suits(&self, grain: Grain) -> f64 {
        if self.grains.is_empty() {
            1.0
        } else {
            self.grains.iter().map(|granularity| grain.of(*granularity)).sum()
        }
    }

    /// Fits the formula to a set of concepts; `unknown` is the weight of words that nobody knows, `implied` are
    /// concepts that the table says of all its rows. `None` where the header contradicts it or lacks too much.
    pub(crate) fn fit(
        &self,
        concepts: &Concepts,
        header: &[ConceptId],
        unknown: f64,
        implied: &[ConceptId],
    ) -> Option<Fit> {
        if self.forbidden.iter().any(|concept| header.contains(concept)) {
            return None;
        }
        let mut found = 0.0;
        let mut missing = 0.0;
        for alternatives in &self.required {
            if alternatives.iter().any(|concept| header.contains(concept)) {
                found += 1.0;
            } else if alternatives.iter().any(|concept| implied.contains(concept)) {
                missing += 0.35;
            } else {
                missing += 1.0;
            }
        }
        if found == 0.0 || missing > 1.0 {
            return None;
        }
        let mut explained = 0.0;
        let mut left_over = 0.0;
        for &concept in header {
            let weight = concepts.weight(concept);
            if self.helpful.contains(&concept)
                || self.required.iter().any(|alternatives| alternatives.contains(&concept))
            {
                explained += weight;
            } else {
                left_over += weight;
            }
        }
        let whole = explained + left_over + unknown;
        let share = if whole > 0.0 { explained / whole } else { 0.0 };
        Some(Fit { explained: share, left_over, required: found, missing })
    }
}

#[derive(Debug)]
pub(crate) struct Formulas {
    pub(crate) fields: Vec<Formula>,
    pub(crate) unused: Vec<Formula>,
}

impl Formulas {
    pub(crate) fn read(concepts: &Concepts) -> Self {
        let mut fields = Vec::new();
        for row in rows::of("fields.csv") {
            let cell = |idx: usize| row.get(idx).copied().unwrap_or_default();
            if let Some(field) = FieldId::named(cell(0)) {
                fields.push(formula(concepts, Some(field), [cell(1), cell(2), cell(3), cell(4)]));
            }
        }
        let unused = rows::of("unused.csv")
            .into_iter()
            .map(|row| {
                let cell = |idx: usize| row.get(idx).copied().unwrap_or_default();
                formula(concepts, None, [cell(0), cell(1), cell(2), cell(4)])
            })
            .collect();
        Self { fields, unused }
    }
}

fn formula(concepts: &Concepts, field: Option<FieldId>, cells: [&'static str; 4]) -> Formula {
    let list = |text: &'static str| {
        text.split_whitespace()
            .flat_map(|word| word.split('/'))
            .filter_map(|word| concepts.id(word))
            .collect()
    };
    let required = cells[0]
        .split_whitespace()
        .map(|word| word.split('/').filter_map(|word| concepts.id(word)).collect::<Vec<_>>())
        .collect();
    let grains = cells[3].split(|char: char| !char.is_alphabetic()).filter_map(Granularity::named).collect();
    Formula { field, required, helpful: list(cells[1]), forbidden: list(cells[2]), grains }
}
