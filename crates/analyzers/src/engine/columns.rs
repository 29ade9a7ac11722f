//! The columns of a frame by the name of their field, found fast enough to be asked for in every row.

use super::frame::Column;

/// Few dozen columns: a scan over one number each is several times as fast as a tree of names.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    prints: Vec<u64>,
    named: Vec<(&'static str, Column)>,
}

impl Columns {
    /// Adds a column, or puts it in the place of the one of that name.
    pub fn insert(&mut self, name: &'static str, column: Column) {
        if let Some(at) = self.place(name) {
            self.named[at].1 = column;
        } else {
            self.prints.push(print(name));
            self.named.push((name, column));
        }
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
        let wanted = print(name);
        self.prints.iter().zip(&self.named).position(|(print, (own, _))| *print == wanted && *own == name)
    }
}

/// Length, first and last letters in one number; names that share it are told apart by their letters.
fn print(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let first = bytes.first_chunk::<4>().map_or(0, |four| u32::from_le_bytes(*four));
    let last = bytes.last_chunk::<4>().map_or(0, |four| u32::from_le_bytes(*four));
    (u64::from(first) << 32 | u64::from(last)).rotate_left(5) ^ bytes.len() as u64
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
