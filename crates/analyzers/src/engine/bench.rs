//! Small plants made by hand, for tests.

use domain::{Currency, Settings};

use super::{
    frame::{CodesBuilder, Column, Frame},
    observations::NONE,
    plant::Plant,
};
use crate::suite::{ANALYZERS, Outcome};

/// A frame with `len` rows of which row `i` belongs to order `order(i)`; orders must not descend.
pub(crate) fn frame(len: usize, order: impl Fn(usize) -> u32) -> Frame {
    Frame {
        len,
        file: vec![0; len],
        row: (2..len as u32 + 2).collect(),
        order: (0..len).map(order).collect(),
        ..Frame::default()
    }
}

/// Rows that belong to no order.
pub(crate) fn loose(len: usize) -> Frame {
    frame(len, |_| NONE)
}

impl Frame {
    pub(crate) fn with_words<W: AsRef<str>>(mut self, field: &'static str, of: impl Fn(usize) -> W) -> Self {
        let mut builder = CodesBuilder::default();
        (0..self.len).for_each(|row| builder.push(Some(of(row).as_ref())));
        self.columns.insert(field, Column::Words(builder.finish()));
        self
    }

    pub(crate) fn with_numbers(mut self, field: &'static str, of: impl Fn(usize) -> f64) -> Self {
        self.columns.insert(field, Column::Numbers((0..self.len).map(of).collect()));
        self
    }

    pub(crate) fn with_days(mut self, field: &'static str, of: impl Fn(usize) -> f64) -> Self {
        self.columns.insert(field, Column::Days((0..self.len).map(of).collect()));
        self
    }
}

/// A plant of these frames over `days` from 2025-01-06, a Monday.
pub(crate) fn plant(orders: Frame, operations: Frame, events: Frame, days: f64) -> Plant {
    let operations_of = operations.ranges(orders.len);
    Plant {
        files: vec!["FILE.csv".to_owned()],
        currency: Currency::parse("USD"),
        orders,
        operations,
        events,
        operations_of,
        first_day: FIRST_DAY,
        last_day: FIRST_DAY + days,
        ..Plant::default()
    }
}

pub(crate) const FIRST_DAY: f64 = 20_094.0;

/// What one analyzer says.
pub(crate) fn run(analyzer: &str, plant: &Plant, settings: &Settings) -> Outcome {
    let found = ANALYZERS.iter().find(|candidate| candidate.id == analyzer);
    let found = found.unwrap_or_else(|| panic!("there is no analyzer {analyzer}"));
    let currency = plant.currency.clone().unwrap_or_else(Currency::unstated);
    (found.run)(&super::context::Context::new(plant, settings, currency, 0.0))
}

/// Ids of what one analyzer claims at the usual settings, as `type value value`.
pub(crate) fn said(analyzer: &str, plant: &Plant) -> Vec<String> {
    run(analyzer, plant, &Settings::default())
        .findings
        .iter()
        .map(|finding| {
            let values = finding.entities.iter().map(|entity| entity.value.as_str());
            std::iter::once(finding.type_).chain(values).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// A number between 0 and 1 that depends on `seed` only.
pub(crate) fn chance(seed: usize) -> f64 {
    let mut mixed = (seed as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
