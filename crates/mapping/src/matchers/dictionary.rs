//! Names by public fact: the columns of known ERP tables.

use super::{Beliefs, Signal, Signals};
use crate::{
    candidate::Candidate,
    knowledge::Meaning,
    system::entries,
    view::{Grain, View},
};

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    for column in 0..view.len() {
        let votes = votes(view, column, beliefs.grain);
        for (signal, votes, trust) in [
            (Signal::Dictionary, &votes.everywhere, votes.trust()),
            (Signal::SystemNames, &votes.in_system, view.systems.trust()),
        ] {
            let whole: f64 = votes.iter().map(|(_, weight)| weight).fold(0.0, |sum, weight| sum + weight);
            for (candidate, weight) in votes {
                signals.set(column, *candidate, signal, weight / whole.max(1e-9) * trust);
            }
        }
    }
}

/// What the dictionary says about one column.
#[derive(Debug, Default)]
struct Votes {
    everywhere: Vec<(Candidate, f64)>,
    in_system: Vec<(Candidate, f64)>,
    literal: f64,
}

impl Votes {
    /// How far the votes of all systems can be trusted: one distant namesake proves little.
    fn trust(&self) -> f64 {
        1.0 - (-1.6 * self.literal).exp()
    }
}

fn votes(view: &View<'_>, column: usize, grain: Grain) -> Votes {
    let mut votes = Votes::default();
    for (entry, literal) in entries(view.knowledge, &view.names[column]) {
        let table = view.systems.table_share(entry);
        let system = view.systems.share(entry.system);
        // A namesake in tables of another grain often means another thing.
        let suits = entry.granularity.map_or(0.5, |granularity| grain.of(granularity));
        let weight = literal * (0.25 + system + 2.0 * table * table) * (0.3 + 0.7 * suits);
        votes.literal += literal * (0.35 + system);
        add(&mut votes.everywhere, &entry.meaning, weight);
        if Some(entry.system) == view.systems.best {
            // Within a system the table with the most names in common decides, and its own spelling before a likeness.
            add(&mut votes.in_system, &entry.meaning, literal.powi(4) * (0.02 + table.powi(3)));
        }
    }
    votes
}

/// One vote for a meaning: each of several right fields gets it whole, as each would be right.
fn add(votes: &mut Vec<(Candidate, f64)>, meaning: &Meaning, weight: f64) {
    let candidates: Vec<Candidate> = match meaning {
        Meaning::Unmapped => vec![Candidate::LEFT_OUT],
        Meaning::Fields(fields) => fields.iter().copied().map(Candidate::of).collect(),
    };
    for candidate in candidates {
        match votes.iter_mut().find(|(known, _)| *known == candidate) {
            Some((_, sum)) => *sum += weight,
            None => votes.push((candidate, weight)),
        }
    }
}
