//! What a search remembers of its last round: of most attributes an explanation touches a few strata only.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use crate::engine::contrast::{Kept, Subject};

/// More than this is not kept for an attribute between rounds.
const MOST_BYTES: usize = 8 << 20;

/// After so many explanations a pass over everything is no more work than looking for what they touched.
const MOST_SHIFTS: usize = 6;

#[derive(Debug)]
pub(super) struct Memory {
    /// Contrast of each attribute, and how many shifts it has seen.
    kept: Vec<Mutex<Option<(Kept, usize)>>>,
    /// Attribute and level of whose members the residuals were moved, in turn.
    shifts: Vec<(usize, u32)>,
}

impl Memory {
    pub(super) fn new(attributes: usize) -> Self {
        Self { kept: (0..attributes).map(|_| Mutex::default()).collect(), shifts: Vec::new() }
    }

    pub(super) fn shifted(&mut self, attribute: usize, level: u32) {
        self.shifts.push((attribute, level));
    }

    /// Shows the contrast of an attribute as it is now.
    pub(super) fn recall<T>(
        &self,
        attribute: usize,
        subject: &Subject<'_>,
        look: impl FnOnce(&Kept) -> T,
    ) -> T {
        let place = &self.kept[attribute];
        // Taken out, so that no lock is held while it is looked at.
        let before = place.lock().unwrap_or_else(PoisonError::into_inner).take();
        let kept = match before.map(|(kept, seen)| (kept, self.since(seen))) {
            Some((kept, since)) if since.is_empty() => kept,
            Some((mut kept, since)) if since.len() <= MOST_SHIFTS => {
                kept.add_up(subject, &touched(subject, &since));
                kept
            }
            _ => Kept::new(subject),
        };
        let seen = look(&kept);
        if kept.size() <= MOST_BYTES {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some((kept, self.shifts.len()));
        }
        seen
    }

    fn since(&self, seen: usize) -> BTreeSet<(usize, u32)> {
        self.shifts[seen..].iter().copied().collect()
    }
}

/// The strata that have a row of these levels.
fn touched(subject: &Subject<'_>, shifts: &BTreeSet<(usize, u32)>) -> Vec<bool> {
    let cells = &subject.attribute.cells;
    let mut touched = vec![false; cells.strata];
    for (attribute, level) in shifts {
        subject.observations.attributes[*attribute].each_member(*level, |idx| {
            if let Some((stratum, _)) = cells.cell(idx) {
                touched[stratum as usize] = true;
            }
        });
    }
    touched
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{contrast::Calendar, search_tests::plant};

    #[test]
    fn what_is_remembered_is_to_the_bit_what_a_pass_over_everything_gives() {
        let observations = plant(7, 300, |machine, _, _, _| if machine == 4 { 0.2 } else { 0.0 });
        let mut memory = Memory::new(observations.attributes.len());
        let mut residual = observations.y.clone();
        let whole = Calendar::new(&observations.day, 20);
        let bin_of = whole.bins_of(&observations.day);
        // One at a time, then several before the next look, then more than are followed up.
        for (round, shifts) in [1_usize, 1, 3, 1, MOST_SHIFTS + 2, 1].into_iter().enumerate() {
            for (at, attribute) in observations.attributes.iter().enumerate() {
                // Every other attribute without time.
                let calendar = if at % 2 == 0 { whole } else { whole.undivided() };
                let subject = Subject {
                    observations: &observations,
                    attribute,
                    residual: &residual,
                    clip: 1.0,
                    calendar,
                    bin_of: &bin_of,
                };
                let same = |kept: &Kept| *kept == Kept::new(&subject);
                assert!(memory.recall(at, &subject, same), "round {round}, attribute {at}");
            }
            for shift in 0..shifts {
                let attribute = (round + shift) % observations.attributes.len();
                let level =
                    (3 * round + shift) as u32 % observations.attributes[attribute].names.len() as u32;
                observations.attributes[attribute].each_member(level, |idx| residual[idx] -= 0.13);
                memory.shifted(attribute, level);
            }
        }
    }
}
