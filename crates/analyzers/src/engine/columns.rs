//! The columns of a frame by the name of their field, found fast enough to be asked for in every row.

use super::frame::Column;

/// Few dozen columns, asked for in every row: a table of one byte a slot says where a name stands, or that it is not there.
#[derive(Debug, Clone)]
pub struct Columns {
    slots: [u8; SLOTS],
    named: Vec<(&'static str, Column)>,
}

/// Twice as many as there are fields in the ontology, so that a name is found at once or almost.
const SLOTS: usize = 256;

/// A slot that nothing stands in.
const EMPTY: u8 = u8::MAX;

impl Default for Columns {
    fn default() -> Self {
        Self { slots: [EMPTY; SLOTS], named: Vec::new() }
    }
}

impl Columns {
    /// Adds a column, or puts it in the place of the one of that name.
    pub fn insert(&mut self, name: &'static str, column: Column) {
        if let Some(at) = self.place(name) {
            self.named[at].1 = column;
            return;
        }
        let Some(at) = u8::try_from(self.named.len()).ok().filter(|at| *at < EMPTY) else { return };
        let mut slot = slot(name);
        while self.slots[slot] != EMPTY {
            slot = (slot + 1) % SLOTS;
        }
        self.slots[slot] = at;
        self.named.push((name, column));
    }

    pub fn get(&self, name: &str) -> Option<&Column> {
        self.place(name).map(|at| &self.named[at].1)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.place(name).map(|at| &mut self.named[at].1)
    }

    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Column> {
        self.named.iter_mut().map(|(_, column)| column)
    }

    fn place(&self, name: &str) -> Option<usize> {
        let mut slot = slot(name);
        loop {
            let at = self.slots[slot];
            if at == EMPTY {
                return None;
            }
            let own = self.named[usize::from(at)].0;
            // The same literal is mostly the same address: letters are compared where it is not.
            if own.len() == name.len() && (std::ptr::eq(own.as_ptr(), name.as_ptr()) || own == name) {
                return Some(usize::from(at));
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}

/// Where the search for a name begins: length, first and last letters, mixed.
fn slot(name: &str) -> usize {
    let bytes = name.as_bytes();
    let first = bytes.first_chunk::<8>().map_or(0, |letters| u64::from_le_bytes(*letters));
    let last = bytes.last_chunk::<8>().map_or(0, |letters| u64::from_le_bytes(*letters));
    let mixed = (first.rotate_left(23) ^ last ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 56) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_ontology_is_found_under_its_own_name() {
        let mut columns = Columns::default();
        let names: Vec<&'static str> =
            ontology::field::all().iter().map(|field| field.id.as_str()).chain(["", "a", "ab"]).collect();
        for (at, name) in names.iter().enumerate() {
            columns.insert(name, Column::Numbers(vec![at as f64]));
        }
        columns.insert("a", Column::Numbers(vec![-1.0]));
        for (at, name) in names.iter().enumerate() {
            let Some(Column::Numbers(values)) = columns.get(name) else { panic!("{name}") };
            assert_eq!(values[0], if *name == "a" { -1.0 } else { at as f64 });
        }
        assert!(!columns.contains_key("b"));
        assert_eq!(columns.values_mut().count(), names.len());
    }
}
