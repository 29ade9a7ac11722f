//! Numbers for pairs of codes, in the order in which the pairs come.

use std::collections::HashMap;

use super::observations::NONE;

/// Gives each distinct pair the next number. Few codes are looked up in a table, which five million rows notice.
#[derive(Debug)]
pub struct Pairs {
    /// One slot for every possible pair, or empty where these are too many.
    table: Vec<u32>,
    /// Codes of the second kind, with one more for [`NONE`].
    width: usize,
    many: HashMap<(u32, u32), u32>,
    next: u32,
}

/// A table of more slots (32 MB) would cost more than it saves.
const MOST_SLOTS: usize = 8 << 20;

impl Pairs {
    /// For pairs of codes below `firsts` and `seconds`, or [`NONE`], in so many rows.
    pub fn new(firsts: usize, seconds: usize, rows: usize) -> Self {
        let width = seconds + 1;
        let slots = (firsts + 1).saturating_mul(width);
        // Few rows need no large table either.
        let worth = slots <= MOST_SLOTS && slots <= 16 * (rows + 64);
        Self { table: vec![NONE; if worth { slots } else { 0 }], width, many: HashMap::new(), next: 0 }
    }

    /// One more than the largest code, for [`Self::new`].
    pub fn kinds(codes: &[u32]) -> usize {
        codes.iter().map(|code| code.wrapping_add(1)).max().map_or(0, |most| most as usize)
    }

    /// The number of a pair, and whether it has not come before.
    pub fn number(&mut self, first: u32, second: u32) -> (u32, bool) {
        // `NONE` wraps around to 0, which no other code reaches.
        let place = first.wrapping_add(1) as usize * self.width + second.wrapping_add(1) as usize;
        let next = self.next;
        let number = match self.table.get_mut(place) {
            Some(slot) => {
                if *slot == NONE {
                    *slot = next;
                }
                *slot
            }
            None => *self.many.entry((first, second)).or_insert(next),
        };
        let new = number == next;
        self.next += u32::from(new);
        (number, new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_numbered_as_they_come_by_table_and_by_map() {
        let firsts = [3, NONE, 3, 0, 3, NONE, 0];
        for seconds in [[1, 1, 1, NONE, 2, 1, NONE], [1, 1, 1, NONE, 4_000_000_000, 1, NONE]] {
            let kinds = (Pairs::kinds(&firsts), Pairs::kinds(&seconds));
            let mut pairs = Pairs::new(kinds.0, kinds.1, firsts.len());
            let numbers: Vec<(u32, bool)> =
                firsts.iter().zip(&seconds).map(|(first, second)| pairs.number(*first, *second)).collect();
            assert_eq!(
                numbers,
                [(0, true), (1, true), (0, false), (2, true), (3, true), (1, false), (2, false)]
            );
        }
        assert_eq!(Pairs::kinds(&[]), 0);
    }
}
