//! How usual a field is in tables of the grain at hand: the entity of the row, and what known systems keep at it.

use domain::Granularity;
use ontology::{Entity, FieldType};

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, view::View};

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    let lifts: Vec<f64> = Candidate::all()
        .map(|candidate| {
            Granularity::ALL
                .into_iter()
                .map(|granularity| beliefs.grain.of(granularity) * lift(view, candidate, granularity))
                .sum()
        })
        .collect();
    for column in 0..view.len() {
        for (candidate, lift) in Candidate::all().zip(&lifts) {
            signals.set(column, candidate, Signal::Grain, *lift);
        }
    }
}

/// Log-ratio of how often the field stands in tables of that grain to how often in all.
fn lift(view: &View<'_>, candidate: Candidate, granularity: Granularity) -> f64 {
    view.knowledge.usage().lift(candidate, granularity)
}

/// What one would expect of an entity at a grain before any system was looked at, in the same measure.
pub(crate) fn expected(candidate: Candidate, granularity: Granularity) -> f64 {
    let Some(field) = candidate.definition() else { return 0.0 };
    let identifies = matches!(field.type_, FieldType::Identifier | FieldType::Text);
    match (granularity, field.entity) {
        (Granularity::Header, Entity::WorkOrder) => 0.5,
        (Granularity::Header, Entity::Operation | Entity::Booking) => {
            if identifies {
                -0.8
            } else {
                -2.0
            }
        }
        (Granularity::Header, Entity::Material | Entity::Equipment) => -1.8,
        (Granularity::Header, Entity::Quality) => -0.8,
        (Granularity::Operation, Entity::Operation) => 0.7,
        (Granularity::Operation, Entity::WorkOrder) => {
            if identifies {
                0.0
            } else {
                -0.6
            }
        }
        (Granularity::Operation, Entity::Booking) => -1.0,
        (Granularity::Operation, Entity::Material) => -1.5,
        (Granularity::Labor, Entity::Booking) => 1.2,
        (Granularity::Labor, Entity::Operation) => 0.3,
        (Granularity::Labor, Entity::WorkOrder) => {
            if identifies {
                -0.1
            } else {
                -1.2
            }
        }
        (Granularity::Labor, Entity::Material) => -1.8,
        (Granularity::Material, Entity::Material) => 1.6,
        (Granularity::Material, Entity::WorkOrder) => {
            if identifies {
                -0.1
            } else {
                -1.0
            }
        }
        (Granularity::Material, Entity::Operation) => {
            if identifies {
                -0.3
            } else {
                -2.0
            }
        }
        (Granularity::Material, Entity::Booking | Entity::Quality | Entity::Equipment) => -2.0,
        (Granularity::Event, Entity::Equipment | Entity::Quality) => 1.2,
        _ => -0.5,
    }
}
