//! How usual a field is in tables of the grain at hand: the entity of the row, and what known systems keep at it.

use domain::Granularity;
use ontology::{Entity, FieldType};

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, view::View};

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    let lifts: Vec<f64> = Candidate::all()
        .map(|candidate| view.knowledge.usage().expected(candidate, beliefs.grain.0))
        .collect();
    for column in 0..view.len() {
        for (candidate, lift) in Candidate::all().zip(&lifts) {
            signals.set(column, candidate, Signal::Grain, *lift);
        }
    }
}

/// What one would expect of an entity at a grain before any system was looked at, in the same measure.
pub(crate) fn expected(candidate: Candidate, granularity: Granularity) -> f64 {
    let Some(field) = candidate.definition() else { return 0.0 };
    let identifies = matches!(field.type_, FieldType::Identifier | FieldType::Text);
    // One row per grain, one column per entity: order, operation, equipment, booking, material, quality.
    let row: [f64; Entity::ALL.len()] = match (granularity, identifies) {
        (Granularity::Header, true) => [0.5, -0.8, -1.8, -0.8, -1.8, -0.8],
        (Granularity::Header, false) => [0.5, -2.0, -1.8, -2.0, -1.8, -0.8],
        (Granularity::Operation, true) => [0.0, 0.7, -0.5, -1.0, -1.5, -0.5],
        (Granularity::Operation, false) => [-0.6, 0.7, -0.5, -1.0, -1.5, -0.5],
        (Granularity::Labor, true) => [-0.1, 0.3, -0.5, 1.2, -1.8, -0.5],
        (Granularity::Labor, false) => [-1.2, 0.3, -0.5, 1.2, -1.8, -0.5],
        (Granularity::Material, true) => [-0.1, -0.3, -2.0, -2.0, 1.6, -2.0],
        (Granularity::Material, false) => [-1.0, -2.0, -2.0, -2.0, 1.6, -2.0],
        (Granularity::Event, _) => [-0.5, -0.5, 1.2, -0.5, -0.5, 1.2],
    };
    Entity::ALL.iter().position(|entity| *entity == field.entity).map_or(0.0, |entity| row[entity])
}
