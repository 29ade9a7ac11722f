//! A mapping: what the columns of a table mean.

use ontology::{FieldId, Unit};

use crate::issue::Issue;

/// What one row of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Granularity {
    /// One work order.
    Header,
    /// One operation of an order.
    Operation,
    /// One booking of labor or production.
    Labor,
    /// One component line of an order.
    Material,
    /// One event: quality, downtime, maintenance, shipment.
    Event,
}

impl Granularity {
    pub const ALL: [Self; 5] = [Self::Header, Self::Operation, Self::Labor, Self::Material, Self::Event];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Operation => "operation",
            Self::Labor => "labor",
            Self::Material => "material",
            Self::Event => "event",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|granularity| granularity.as_str() == name)
    }
}

/// How far a decision can be trusted. It follows from the calibrated probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Right at least 99 times of 100.
    Sure,
    Check,
    YourCall,
    /// Left out, and rightly so.
    Unused,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Sure, Self::Check, Self::YourCall, Self::Unused];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Check => "check",
            Self::YourCall => "your_call",
            Self::Unused => "unused",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// By what kind of likeness a column was matched to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchKind {
    /// An export with these headers was confirmed with it.
    Confirmed,
    /// The header is the field's own name.
    Exact,
    /// The header is what the field is called on pages.
    DisplayName,
    /// The header is a known word for it: of a language, an abbreviation, or of a known system's table.
    Synonym,
    /// The header resembles a known word, or holds some of its words.
    Fuzzy,
    /// The values settle it: their codes, their pattern, or what they have to do with other columns.
    Pattern,
}

impl MatchKind {
    pub const ALL: [Self; 6] =
        [Self::Confirmed, Self::Exact, Self::DisplayName, Self::Synonym, Self::Fuzzy, Self::Pattern];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Exact => "exact",
            Self::DisplayName => "display_name",
            Self::Synonym => "synonym",
            Self::Fuzzy => "fuzzy",
            Self::Pattern => "pattern",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What becomes of rows below the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Detail {
    /// Each stays a row of its own, and orders are gathered from them.
    #[default]
    Keep,
    /// Only the orders gathered from them stay.
    Aggregate,
}

impl Detail {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Aggregate => "aggregate",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Keep, Self::Aggregate].into_iter().find(|detail| detail.as_str() == name)
    }
}

/// Another meaning that was considered.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// `None`: leave the column out.
    pub field: Option<FieldId>,
    pub confidence: f64,
}

/// What one column means.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnMapping {
    pub index: usize,
    /// The header as the file writes it.
    pub source: String,
    pub field: Option<FieldId>,
    /// Calibrated probability that `field` (leaving out included) is right.
    pub confidence: f64,
    pub status: Status,
    /// The unit in which the file states a duration, a rate, a ratio or energy.
    pub unit: Option<Unit>,
    /// How the values are written; see [`crate::ColumnProfile::format`].
    pub format: Option<String>,
    pub alternatives: Vec<Alternative>,
    /// By what it was matched; `None` where it is left out, or where a person chose.
    pub matched_by: Option<MatchKind>,
    /// Why, in sentences from the data, strongest first.
    pub evidence: Vec<String>,
}

/// Share of orders whose rows may contradict a figure of the order before each row counts as a part of it: keying errors happen.
pub const CONTRADICTIONS: f64 = 0.02;

/// The name of a column that a preparation makes: rows that hold anything in it were set aside by a person.
pub const SET_ASIDE: &str = "Set aside while reviewing";

/// The first of the reasons why a column means what a person chose for it.
pub const CHOSEN: &str = "chosen by a person";

impl ColumnMapping {
    /// Whether a person chose what it means, rather than taking what was proposed.
    pub fn is_manual(&self) -> bool {
        self.evidence.first().is_some_and(|first| first == CHOSEN)
    }

    /// Takes what somebody decided instead of what was proposed; `why` goes first among the reasons. Without a unit, the
    /// proposed one stays with the meaning that it was found for.
    pub fn decide(&mut self, field: Option<FieldId>, unit: Option<Unit>, why: &str) {
        let same = self.field == field;
        self.unit = unit.or(if same { self.unit } else { None });
        if !same {
            self.matched_by = None;
        }
        self.field = field;
        self.confirm();
        if self.evidence.first().is_none_or(|first| first != why) {
            self.evidence.insert(0, why.to_owned());
        }
    }

    /// Takes the proposal as it stands for decided.
    pub fn confirm(&mut self) {
        self.status = if self.field.is_some() { Status::Sure } else { Status::Unused };
        self.confidence = 1.0;
    }
}

/// The ERP system that an export comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceSystem {
    pub name: String,
    pub confidence: f64,
}

/// The proposed or confirmed mapping of one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    pub file: String,
    pub rows: u64,
    pub source_system: Option<SourceSystem>,
    pub granularity: Granularity,
    /// Why one row is that, in a sentence.
    pub granularity_evidence: Vec<String>,
    pub detail: Detail,
    /// Indexes of the columns that together name a row.
    pub grain_columns: Vec<usize>,
    /// One per column of the table, in its order.
    pub columns: Vec<ColumnMapping>,
    pub issues: Vec<Issue>,
}
