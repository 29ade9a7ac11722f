//! Matchers: each looks at one kind of evidence and says, per column and candidate, how much of it there is. A matcher
//! is one file with one function and a row in the registry; the combiner weighs what they say.

mod code_list;
mod dictionary;
mod grain;
pub(crate) mod kind;
mod lexicon;
mod memory;
mod model;
mod needed;
mod prior;
mod relation;
mod silence;
mod unused;

pub(crate) use grain::expected as expected_at;

use crate::{
    candidate::Candidate,
    view::{Grain, View},
};

/// One kind of evidence. Weights in `weights.csv` go by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signal {
    /// How well the formula of the field explains the header.
    Lexicon,
    /// By how much it explains it better than the next best field (negative for the others).
    LexiconLead,
    /// The formula explains all of the header, word by word.
    LexiconWhole,
    /// Share of the known systems' columns of that name that mean this.
    Dictionary,
    /// The same within the recognised system.
    SystemNames,
    /// Log-probability by the letters of the name.
    Letters,
    /// How well type, shape and range of the values suit.
    Kind,
    /// The values stand in a code list of the field.
    CodeList,
    /// Relations with other columns that speak for it.
    Relation,
    /// How usual the field is in tables of that grain.
    Grain,
    /// How usual the field is at all.
    Prior,
    /// Leaving out, as such.
    LeftOut,
    /// A formula for columns that stay unmapped explains the header.
    Unused,
    /// The header says nothing that any formula explains.
    Unknown,
    /// The column holds no value, or one value only.
    Silent,
    /// The values are keys made by machines.
    MachineMade,
    /// Confirmed before for this header.
    Memory,
    /// A field that such tables hardly ever lack, and that no other column seems to be.
    Needed,
    /// How the meaning gets along with what the other columns mean; weighs the terms of the joint assignment.
    Pairs,
}

impl Signal {
    pub(crate) const ALL: [Self; 19] = [
        Self::Lexicon,
        Self::LexiconLead,
        Self::LexiconWhole,
        Self::Dictionary,
        Self::SystemNames,
        Self::Letters,
        Self::Kind,
        Self::CodeList,
        Self::Relation,
        Self::Grain,
        Self::Prior,
        Self::LeftOut,
        Self::Unused,
        Self::Unknown,
        Self::Silent,
        Self::MachineMade,
        Self::Memory,
        Self::Needed,
        Self::Pairs,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lexicon => "lexicon",
            Self::LexiconLead => "lexicon_lead",
            Self::LexiconWhole => "lexicon_whole",
            Self::Dictionary => "dictionary",
            Self::SystemNames => "system_names",
            Self::Letters => "letters",
            Self::Kind => "kind",
            Self::CodeList => "code_list",
            Self::Relation => "relation",
            Self::Grain => "grain",
            Self::Prior => "prior",
            Self::LeftOut => "left_out",
            Self::Unused => "unused",
            Self::Unknown => "unknown",
            Self::Silent => "silent",
            Self::MachineMade => "machine_made",
            Self::Memory => "memory",
            Self::Needed => "needed",
            Self::Pairs => "pairs",
        }
    }
}

/// What matchers may rely on besides the view: beliefs of the round before.
#[derive(Debug, Clone)]
pub(crate) struct Beliefs {
    pub(crate) grain: Grain,
    /// Per column the probability of every candidate; empty in the first round.
    pub(crate) columns: Vec<Vec<f64>>,
    /// Whether other files may say which columns hold items. What a row is must be decided without: products and
    /// components share their numbers, and files would talk each other into lists of components.
    pub(crate) items_hinted: bool,
}

impl Beliefs {
    /// How likely a column means one of the candidates.
    pub(crate) fn of(&self, column: usize, candidates: &[Candidate]) -> f64 {
        let Some(column) = self.columns.get(column) else { return 0.0 };
        candidates.iter().filter_map(|candidate| column.get(candidate.idx())).sum()
    }
}

/// What all matchers say: per column and candidate a value for every signal.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    values: Vec<f32>,
    candidates: usize,
}

impl Signals {
    pub(crate) fn new(columns: usize) -> Self {
        let candidates = Candidate::count();
        Self { values: vec![0.0; columns * candidates * Signal::ALL.len()], candidates }
    }

    fn at(&self, column: usize, candidate: Candidate) -> usize {
        (column * self.candidates + candidate.idx()) * Signal::ALL.len()
    }

    pub(crate) fn set(&mut self, column: usize, candidate: Candidate, signal: Signal, value: f64) {
        let at = self.at(column, candidate) + signal as usize;
        if let Some(slot) = self.values.get_mut(at) {
            *slot = value as f32;
        }
    }

    pub(crate) fn get(&self, column: usize, candidate: Candidate, signal: Signal) -> f64 {
        self.values.get(self.at(column, candidate) + signal as usize).copied().map_or(0.0, f64::from)
    }

    /// All signals of one candidate, in the order of [`Signal::ALL`].
    pub(crate) fn row(&self, column: usize, candidate: Candidate) -> &[f32] {
        let at = self.at(column, candidate);
        self.values.get(at..at + Signal::ALL.len()).unwrap_or(&[])
    }
}

/// A matcher reads the view and the beliefs so far, and writes its signals.
type Matcher = fn(&View<'_>, &Beliefs, &mut Signals);

/// All matchers; their order has no influence.
const REGISTRY: [Matcher; 12] = [
    code_list::match_columns,
    dictionary::match_columns,
    grain::match_columns,
    kind::match_columns,
    lexicon::match_columns,
    memory::match_columns,
    model::match_columns,
    needed::match_columns,
    prior::match_columns,
    relation::match_columns,
    silence::match_columns,
    unused::match_columns,
];

pub(crate) fn run(view: &View<'_>, beliefs: &Beliefs) -> Signals {
    let mut signals = Signals::new(view.len());
    for matcher in REGISTRY {
        matcher(view, beliefs, &mut signals);
    }
    signals
}
