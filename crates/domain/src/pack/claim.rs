//! What is claimed of a supplier: a finding as it is sent to whom it is about. It names no person, no other supplier and no
//! customer.

use crate::{
    analysis::{EvidenceGrade, RowRef},
    money::Money,
};

/// The claims of an analysis, the largest cost first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Claims {
    pub claims: Vec<Claim>,
    /// What the data lack for claims, in sentences.
    pub missing: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub supplier: String,
    /// Empty where the data hold no name.
    pub supplier_name: String,
    pub finding: String,
    pub type_: &'static str,
    pub title: String,
    /// First day of the effect, as an ISO date.
    pub since: Option<String>,
    pub grade: EvidenceGrade,
    /// What was counted as independent, and how many.
    pub n: u64,
    pub unit_of_analysis: &'static str,
    pub comparison: String,
    pub observations: Vec<String>,
    pub counter_evidence: Vec<String>,
    pub method: &'static str,
    /// In the period of the analysis, with both ends of its likely range.
    pub cost: Option<[Money; 3]>,
    pub orders: u64,
    pub lots: u64,
    pub materials: Vec<String>,
    pub quantity: Option<f64>,
    /// Heads of what was expected and what was found.
    pub measured: [&'static str; 2],
    /// Whether both are money.
    pub in_money: bool,
    /// The largest differences first; at most [`Claim::LINES_MAX`].
    pub lines: Vec<ClaimLine>,
    /// How many there are in all.
    pub lines_total: u64,
}

impl Claim {
    pub const LINES_MAX: usize = 2_000;

    /// What the lines that carry an amount come to, where every line is listed and any has one.
    pub fn difference(&self) -> Option<f64> {
        let whole = self.lines.len() as u64 == self.lines_total;
        let amounts: Vec<f64> = self.lines.iter().filter_map(|line| line.difference).collect();
        (whole && !amounts.is_empty()).then(|| amounts.iter().sum())
    }
}

/// A row behind a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimLine {
    pub order: String,
    /// Microseconds since 1970-01-01 on the plant's own clock.
    pub day: Option<i64>,
    pub material: String,
    pub lot: String,
    pub purchase_order: String,
    pub quantity: Option<f64>,
    pub expected: Option<f64>,
    pub found: Option<f64>,
    /// In money.
    pub difference: Option<f64>,
    pub row: RowRef,
}
