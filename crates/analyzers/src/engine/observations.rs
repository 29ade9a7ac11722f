//! What a metric saw: one number per operation, material line or order, and the attributes that might explain it.

use std::sync::Arc;

use super::{narrow::Narrow, pairs::Pairs};

/// The code of a value that is not there.
pub const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `y` is ln(actual / expected); an effect multiplies.
    LogRatio,
    /// `y` is bad pieces / pieces; an effect adds to the rate.
    Rate,
    /// `y` is a plain difference (days); an effect adds.
    Difference,
}

/// One attribute (machine, shift, supplier, …) or a pair of two, with the groups in which its levels are compared.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Ontology ids: one, or two for a pair.
    pub fields: Vec<&'static str>,
    /// Which level each observation has, and with which others that level is compared.
    pub cells: Cells,
    /// Values of each level, in the order of `fields`.
    pub names: Arc<Vec<Vec<String>>>,
    /// No peers exist (the whole plant): only a change against its own past can be seen.
    pub own_history: bool,
    /// Attributes of which this one is a part: it must explain more than each of them.
    pub parents: Vec<usize>,
    /// Whether a level may be named in a finding of this metric; if not, it only explains away.
    pub reported: bool,
}

impl Attribute {
    /// The level of an observation, or [`NONE`].
    pub fn level(&self, observation: usize) -> u32 {
        self.cells.cell(observation).map_or(NONE, |(_, level)| level)
    }

    /// Shows every observation of a level, in their order.
    pub fn each_member(&self, level: u32, mut see: impl FnMut(usize)) {
        let in_level: Vec<bool> = self.cells.keys.iter().map(|key| key.1 == level).collect();
        self.cells.of.each(|idx, cell| {
            if in_level.get(cell as usize).is_some_and(|in_level| *in_level) {
                see(idx);
            }
        });
    }

    /// The observations of a level, in their order.
    pub fn members(&self, level: u32) -> impl Iterator<Item = usize> + '_ {
        self.cells.of.iter().enumerate().filter_map(move |(idx, cell)| {
            self.cells.keys.get(cell as usize).filter(|key| key.1 == level).map(|_| idx)
        })
    }
}

/// Distinct pairs of stratum and level: levels are compared with others of the same stratum only (product and work
/// center, …). One number per observation says both, which matters with five million of them.
#[derive(Debug, Clone)]
pub struct Cells {
    /// Cell of each observation, or [`NONE`].
    pub of: Narrow,
    /// Stratum and level of each cell.
    pub keys: Vec<(u32, u32)>,
    pub strata: usize,
}

impl Cells {
    /// From the level of each observation ([`NONE`] where it has none), of so many, and its stratum, of so many.
    pub fn new(levels: Vec<u32>, n_levels: usize, strata: impl Iterator<Item = u32>, kinds: usize) -> Self {
        let mut pairs = Pairs::new(kinds, n_levels, levels.len());
        let mut keys = Vec::new();
        let mut n_strata = 0;
        let mut of = levels;
        for (cell, stratum) in of.iter_mut().zip(strata) {
            if *cell == NONE {
                continue;
            }
            n_strata = n_strata.max(stratum as usize + 1);
            let (id, new) = pairs.number(stratum, *cell);
            if new {
                keys.push((stratum, *cell));
            }
            *cell = id;
        }
        Self { of: Narrow::from_codes(of), keys, strata: n_strata }
    }

    /// Stratum and level of an observation.
    pub fn cell(&self, observation: usize) -> Option<(u32, u32)> {
        self.keys.get(self.of.at(observation) as usize).copied()
    }
}

/// All observations of a metric. Those of one cluster stand next to each other.
#[derive(Debug, Clone)]
pub struct Observations {
    pub kind: Kind,
    pub y: Vec<f64>,
    pub weight: Vec<f32>,
    /// The independent unit, usually the order.
    pub cluster: Vec<u32>,
    /// Coarser groups that intervals draw instead of clusters, where clusters share what is measured; else empty.
    pub draw: Vec<u32>,
    /// Days since 1970-01-01; NaN where the time is unknown.
    pub day: Vec<f64>,
    /// What the effect works on: for ratios the actual amount, for rates pieces x value of a piece, for differences 1.
    pub amount: Vec<f64>,
    /// Row of the frame that it comes from.
    pub row: Vec<u32>,
    pub attributes: Vec<Attribute>,
}

impl Observations {
    pub fn len(&self) -> usize {
        self.y.len()
    }

    pub fn is_empty(&self) -> bool {
        self.y.is_empty()
    }

    /// Adds the pair of two attributes, compared within the stratum of the first. Pairs that do not occur have no code.
    pub fn add_pair(&mut self, first: usize, second: usize) {
        let (a, b) = (&self.attributes[first], &self.attributes[second]);
        let mut pairs = Pairs::new(a.names.len(), b.names.len(), self.y.len());
        let mut names = Vec::new();
        let levels = (0..self.y.len())
            .map(|idx| {
                let (x, y) = (a.level(idx), b.level(idx));
                if x == NONE || y == NONE {
                    return NONE;
                }
                let (id, new) = pairs.number(x, y);
                if new {
                    let mut values = a.names[x as usize].clone();
                    values.extend(b.names[y as usize].iter().cloned());
                    names.push(values);
                }
                id
            })
            .collect();
        let strata = (0..self.y.len()).map(|idx| a.cells.cell(idx).map_or(0, |(stratum, _)| stratum));
        let cells = Cells::new(levels, names.len(), strata, a.cells.strata.max(1));
        let pair = Attribute {
            fields: a.fields.iter().chain(&b.fields).copied().collect(),
            cells,
            names: Arc::new(names),
            own_history: false,
            parents: vec![first, second],
            reported: a.reported && b.reported,
        };
        self.attributes.push(pair);
    }
}

/// One stratum id per distinct combination of codes.
pub fn combine(columns: &[&[u32]], len: usize) -> Arc<Vec<u32>> {
    let mut combined = vec![0_u32; len];
    for column in columns {
        let mut pairs = Pairs::new(Pairs::kinds(&combined), Pairs::kinds(column), len);
        for (so_far, code) in combined.iter_mut().zip(column.iter()) {
            *so_far = pairs.number(*so_far, *code).0;
        }
    }
    Arc::new(combined)
}
