//! Names by which a system is known in tables that nobody listed, `hallmarks.csv`: its house-keeping columns, the keys
//! that all its tables bear, and the letters that stand before them.

use std::collections::BTreeSet;

use super::{hash::FastMap, rows};

/// How a name must be spelt, case and punctuation aside.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spelling {
    Whole(&'static str),
    /// Behind the letters that all columns of the table begin with.
    BehindPrefix(&'static str),
    Begins(&'static str),
    Ends(&'static str),
}

impl Spelling {
    fn read(cell: &'static str) -> Self {
        if let Some(rest) = cell.strip_prefix('^') {
            Self::BehindPrefix(rest)
        } else if let Some(rest) = cell.strip_prefix('*') {
            Self::Ends(rest)
        } else if let Some(rest) = cell.strip_suffix('*') {
            Self::Begins(rest)
        } else {
            Self::Whole(cell)
        }
    }

    fn fits(&self, key: &str, stripped: &str) -> bool {
        match self {
            Self::Whole(name) => key == *name,
            Self::BehindPrefix(name) => stripped == *name && key.len() >= name.len() + 2,
            Self::Begins(name) => key.len() > name.len() && key.starts_with(name),
            Self::Ends(name) => key.len() > name.len() && key.ends_with(name),
        }
    }
}

#[derive(Debug)]
struct Hallmark {
    system: u16,
    spelling: Spelling,
    /// A name that must stand beside it in the table, where it alone says little.
    beside: Option<Spelling>,
    weight: f64,
}

#[derive(Debug, Default)]
pub(crate) struct Hallmarks {
    all: Vec<Hallmark>,
    /// Those that are spelt one way only, by that spelling.
    exact: FastMap<&'static str, Vec<u32>>,
    open: Vec<u32>,
}

impl Hallmarks {
    /// Reads the file; `number` gives a system its number, or `None` where it must not be known.
    pub(crate) fn read(mut number: impl FnMut(&str) -> Option<u16>) -> Self {
        let mut hallmarks = Self::default();
        for row in rows::of("hallmarks.csv") {
            let (Some(system), Some(name)) = (row.first(), row.get(1)) else { continue };
            let Some(weight) = row.get(2).and_then(|cell| cell.parse().ok()) else { continue };
            let Some(system) = number(system) else { continue };
            let (name, beside) =
                name.split_once('~').map_or((*name, None), |(name, beside)| (name, Some(beside)));
            let spelling = Spelling::read(name);
            let id = hallmarks.all.len() as u32;
            match spelling {
                Spelling::Whole(name) | Spelling::BehindPrefix(name) => {
                    hallmarks.exact.entry(name).or_default().push(id);
                }
                Spelling::Begins(_) | Spelling::Ends(_) => hallmarks.open.push(id),
            }
            hallmarks.all.push(Hallmark { system, spelling, beside: beside.map(Spelling::read), weight });
        }
        hallmarks
    }

    /// For every column (its key, and its key behind the prefix of the table) the systems whose hallmark it is, with
    /// how much it says, each system once.
    pub(crate) fn of(&self, names: &[(&str, &str)]) -> Vec<Vec<(u16, f64)>> {
        names
            .iter()
            .map(|(key, stripped)| {
                let mut ids: BTreeSet<u32> = self.open.iter().copied().collect();
                for spelt in [key, stripped] {
                    ids.extend(self.exact.get(*spelt).into_iter().flatten());
                }
                let mut found: Vec<(u16, f64)> = Vec::new();
                for hallmark in ids.into_iter().filter_map(|id| self.all.get(id as usize)) {
                    let beside = hallmark.beside.as_ref().is_none_or(|beside| {
                        names.iter().any(|(other, rest)| other != key && beside.fits(other, rest))
                    });
                    if !beside || !hallmark.spelling.fits(key, stripped) {
                        continue;
                    }
                    match found.iter_mut().find(|(system, _)| *system == hallmark.system) {
                        Some((_, weight)) => *weight = weight.max(hallmark.weight),
                        None => found.push((hallmark.system, hallmark.weight)),
                    }
                }
                found
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whole_behind_a_prefix_and_by_their_ends() {
        assert!(Spelling::read("mandt").fits("mandt", "mandt"));
        assert!(Spelling::read("^upmj").fits("waupmj", "upmj"));
        assert!(!Spelling::read("^upmj").fits("upmj", "upmj"));
        assert!(Spelling::read("custbody*").fits("custbodyjob", "custbodyjob"));
        assert!(!Spelling::read("custbody*").fits("custbody", "custbody"));
        assert!(Spelling::read("*docno").fits("sfaadocno", "docno"));
    }

    #[test]
    fn every_row_has_a_system_a_name_in_compact_form_and_a_weight() {
        for row in rows::of("hallmarks.csv") {
            assert!(row.len() >= 4 && row[..4].iter().all(|cell| !cell.is_empty()), "{row:?}");
            assert!(row[2].parse::<f64>().is_ok_and(|weight| weight > 0.0 && weight <= 2.0), "{row:?}");
            for part in row[1].split('~') {
                let plain = part.trim_matches(['^', '*']);
                assert_eq!(crate::names::compact(plain), plain, "{row:?}");
            }
        }
    }
}
