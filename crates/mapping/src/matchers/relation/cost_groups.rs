//! Columns that say the same of material, labor and machines ("Est. Materials", "Est. Labour", "Est. Machine"): what is
//! money for material is money for the others too, though their words alone would sooner mean hours.

use std::sync::LazyLock;

use super::vote;
use crate::{
    candidate::Candidate,
    knowledge::{ConceptId, Concepts},
    matchers::Beliefs,
    view::View,
};

/// Concepts of the groups that cost is kept by, and what each is called in a field.
const GROUPS: [(&str, &str); 4] =
    [("labor", "labor"), ("machine", "overhead"), ("overhead", "overhead"), ("subcontract", "subcontract")];

/// The cost of material, and that of every group in the order of [`GROUPS`].
static FIELDS: LazyLock<[(Candidate, Vec<Candidate>); 2]> = LazyLock::new(|| {
    ["planned", "actual"].map(|side| {
        let of_groups =
            GROUPS.iter().map(|(_, group)| Candidate::named(&format!("{side}_{group}_cost"))).collect();
        (Candidate::named(&format!("{side}_material_cost")), of_groups)
    })
});

/// How much a parallel name says against a single word.
const WORTH: f64 = 1.2;

pub(super) fn vote_for_costs(view: &View<'_>, beliefs: &Beliefs, votes: &mut [Vec<f64>]) {
    let Some(material) = view.knowledge.concepts.id("material") else { return };
    for (of_material, of_groups) in &*FIELDS {
        for first in 0..view.len() {
            let belief = beliefs.of(first, &[*of_material]);
            if belief < 0.4 {
                continue;
            }
            for other in (0..view.len()).filter(|other| *other != first) {
                for ((group, _), field) in GROUPS.iter().zip(of_groups) {
                    if parallel(view, (first, material), (other, group)) {
                        vote(votes, other, &[*field], WORTH * belief);
                    }
                }
            }
        }
    }
}

/// Whether two headers say the same, one of material and the other of the group.
fn parallel(view: &View<'_>, first: (usize, ConceptId), other: (usize, &str)) -> bool {
    let concepts: &Concepts = view.knowledge.concepts;
    let (Some(group), Some(hours)) = (concepts.id(other.1), concepts.id("hours")) else { return false };
    let rest = |set: &[ConceptId], concept: ConceptId| -> Vec<ConceptId> {
        set.iter().copied().filter(|of_set| *of_set != concept).collect()
    };
    view.names[first.0].concepts.iter().filter(|set| set.contains(&first.1)).any(|set| {
        let said = rest(set, first.1);
        !said.is_empty()
            && view.names[other.0]
                .concepts
                .iter()
                .any(|other| other.contains(&group) && !other.contains(&hours) && rest(other, group) == said)
    })
}
