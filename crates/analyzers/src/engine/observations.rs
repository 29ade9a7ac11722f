//! What a metric saw: one number per operation, material line or order, and the attributes that might explain it.

use std::sync::Arc;

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
    /// The level of each observation, or [`NONE`].
    pub codes: Arc<Vec<u32>>,
    /// Values of each level, in the order of `fields`.
    pub names: Arc<Vec<Vec<String>>>,
    /// Levels are compared with others of the same stratum only (product and work center, …).
    pub stratum: Arc<Vec<u32>>,
    /// No peers exist (the whole plant): only a change against its own past can be seen.
    pub own_history: bool,
    /// Attributes of which this one is a part: it must explain more than each of them.
    pub parents: Vec<usize>,
    /// Whether a level may be named in a finding of this metric; if not, it only explains away.
    pub reported: bool,
}

/// All observations of a metric. Those of one cluster stand next to each other.
#[derive(Debug, Clone)]
pub struct Observations {
    pub kind: Kind,
    pub y: Vec<f64>,
    pub weight: Vec<f64>,
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
        let mut ids = std::collections::HashMap::new();
        let mut names = Vec::new();
        let codes = a
            .codes
            .iter()
            .zip(b.codes.iter())
            .map(|(x, y)| {
                if *x == NONE || *y == NONE {
                    return NONE;
                }
                *ids.entry((*x, *y)).or_insert_with(|| {
                    let mut values = a.names[*x as usize].clone();
                    values.extend(b.names[*y as usize].iter().cloned());
                    names.push(values);
                    names.len() as u32 - 1
                })
            })
            .collect();
        let pair = Attribute {
            fields: a.fields.iter().chain(&b.fields).copied().collect(),
            codes: Arc::new(codes),
            names: Arc::new(names),
            stratum: a.stratum.clone(),
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
        let mut ids = std::collections::HashMap::new();
        for (so_far, code) in combined.iter_mut().zip(column.iter()) {
            let next = ids.len() as u32;
            *so_far = *ids.entry((*so_far, *code)).or_insert(next);
        }
    }
    Arc::new(combined)
}
