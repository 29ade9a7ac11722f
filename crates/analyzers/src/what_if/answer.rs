//! What an answer holds.

/// A figure today and in the case that is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub name: &'static str,
    pub unit: &'static str,
    pub today: f64,
    pub then: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The question in words, with its numbers.
    pub question: String,
    /// Money a year, where the data hold the rates for it. Negative: it costs.
    pub saved_per_year: Option<f64>,
    pub figures: Vec<Figure>,
    /// The arithmetic with the numbers in it.
    pub formula: String,
    pub assumptions: Vec<String>,
    /// What is needed and not there, as ontology ids or in words.
    pub missing: Vec<&'static str>,
}

impl Answer {
    pub(super) fn unknown(question: String, missing: Vec<&'static str>) -> Self {
        Self {
            question,
            saved_per_year: None,
            figures: Vec::new(),
            formula: String::new(),
            assumptions: Vec::new(),
            missing,
        }
    }
}
