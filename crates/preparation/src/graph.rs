//! Which prepared column needs which: order, circles, chains, and what a change touches.

use std::collections::{BTreeMap, BTreeSet};

use crate::{fold, recipe::Preparation};

/// The dependencies between the columns of a preparation.
#[derive(Debug, Clone)]
pub struct Graph {
    names: Vec<String>,
    /// For each prepared column the prepared columns that it reads, itself excluded.
    needs: Vec<Vec<usize>>,
}

impl Graph {
    pub fn of(preparation: &Preparation) -> Self {
        let at: BTreeMap<String, usize> = preparation
            .columns
            .iter()
            .enumerate()
            .map(|(idx, column)| (fold::key(&column.column), idx))
            .collect();
        let needs = preparation
            .columns
            .iter()
            .enumerate()
            .map(|(idx, column)| {
                let mut needs: Vec<usize> = column
                    .reads()
                    .iter()
                    .filter_map(|name| at.get(&fold::key(name)).copied())
                    .filter(|needed| *needed != idx)
                    .collect();
                needs.sort_unstable();
                needs.dedup();
                needs
            })
            .collect();
        Self { names: preparation.columns.iter().map(|column| column.column.clone()).collect(), needs }
    }

    /// Places of the prepared columns so that what a column needs comes before it; the members of a circle in their
    /// order where there is one.
    pub fn order(&self) -> Result<Vec<usize>, Vec<String>> {
        let mut state = vec![0_u8; self.names.len()];
        let mut order = Vec::new();
        let mut path = Vec::new();
        for idx in 0..self.names.len() {
            self.visit(idx, &mut state, &mut order, &mut path)?;
        }
        Ok(order)
    }

    fn visit(
        &self,
        idx: usize,
        state: &mut [u8],
        order: &mut Vec<usize>,
        path: &mut Vec<usize>,
    ) -> Result<(), Vec<String>> {
        match state[idx] {
            2 => return Ok(()),
            1 => {
                let from = path.iter().position(|member| *member == idx).unwrap_or(0);
                return Err(path[from..]
                    .iter()
                    .chain([&idx])
                    .map(|member| self.names[*member].clone())
                    .collect());
            }
            _ => {}
        }
        state[idx] = 1;
        path.push(idx);
        for needed in &self.needs[idx] {
            self.visit(*needed, state, order, path)?;
        }
        path.pop();
        state[idx] = 2;
        order.push(idx);
        Ok(())
    }

    /// The prepared columns that a column reads.
    pub fn needs(&self, name: &str) -> Vec<&str> {
        let key = fold::key(name);
        let at = self.names.iter().position(|known| fold::key(known) == key);
        at.map_or_else(Vec::new, |at| self.needs[at].iter().map(|idx| self.names[*idx].as_str()).collect())
    }

    /// Every prepared column that changes when this column changes, directly or through others. The column may be one of
    /// the file that is not prepared itself.
    pub fn impact(&self, name: &str, preparation: &Preparation) -> Vec<&str> {
        let mut touched: BTreeSet<String> = BTreeSet::from([fold::key(name)]);
        loop {
            let before = touched.len();
            for column in &preparation.columns {
                if column.reads().iter().any(|read| touched.contains(&fold::key(read))) {
                    touched.insert(fold::key(&column.column));
                }
            }
            if touched.len() == before {
                break;
            }
        }
        let own = fold::key(name);
        self.names
            .iter()
            .filter(|known| fold::key(known) != own && touched.contains(&fold::key(known)))
            .map(String::as_str)
            .collect()
    }

    /// The longest way from a column to one that it needs in the end; fewer than two columns are no chain.
    pub fn longest_chain(&self) -> Vec<&str> {
        let Ok(order) = self.order() else { return Vec::new() };
        let mut longest: Vec<Vec<usize>> = vec![Vec::new(); self.names.len()];
        for idx in order {
            let mut best: Vec<usize> = Vec::new();
            for needed in &self.needs[idx] {
                if longest[*needed].len() > best.len() {
                    best.clone_from(&longest[*needed]);
                }
            }
            best.insert(0, idx);
            longest[idx] = best;
        }
        let mut chain: Vec<usize> = Vec::new();
        for candidate in longest {
            if candidate.len() > chain.len() {
                chain = candidate;
            }
        }
        if chain.len() < 2 {
            return Vec::new();
        }
        chain.into_iter().map(|idx| self.names[idx].as_str()).collect()
    }

    /// Prepared columns that nothing uses: no other prepared column, and no field by `is_mapped`.
    pub fn orphans(&self, is_mapped: &dyn Fn(&str) -> bool) -> Vec<&str> {
        (0..self.names.len())
            .filter(|idx| !self.needs.iter().any(|needs| needs.contains(idx)))
            .map(|idx| self.names[idx].as_str())
            .filter(|name| !is_mapped(name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{Gives, PreparedColumn, Rule};

    fn formulas(list: &[(&str, &str)]) -> Preparation {
        Preparation {
            columns: list
                .iter()
                .map(|(name, expression)| PreparedColumn {
                    column: (*name).to_owned(),
                    rule: Some(Rule::Formula { expression: (*expression).to_owned(), gives: Gives::Number }),
                    ..PreparedColumn::default()
                })
                .collect(),
        }
    }

    #[test]
    fn what_is_needed_comes_first() {
        let preparation =
            formulas(&[("c", "{b} + {a}"), ("b", "{A} + 1"), ("a", "{raw} * 2"), ("x", "{x} + 1")]);
        let graph = Graph::of(&preparation);
        assert_eq!(graph.order(), Ok(vec![2, 1, 0, 3]));
        assert_eq!(graph.needs("c"), ["b", "a"]);
        assert_eq!(graph.impact("raw", &preparation), ["c", "b", "a"]);
        assert_eq!(graph.impact("b", &preparation), ["c"]);
        assert_eq!(graph.longest_chain(), ["c", "b", "a"]);
        assert_eq!(graph.orphans(&|name| name == "x"), ["c"]);
    }

    #[test]
    fn a_circle_is_named_by_its_members() {
        let graph = Graph::of(&formulas(&[("a", "{b}"), ("b", "{c}"), ("c", "{a}"), ("d", "{a}")]));
        assert_eq!(graph.order().unwrap_err(), ["a", "b", "c", "a"]);
        assert!(graph.longest_chain().is_empty());
    }
}
