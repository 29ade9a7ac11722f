//! Claims without digits: “doubled”, “half”, “most of”, “the largest”, “rose”, and names.
//!
//! Which words claim something is data (`data/claims.csv`). What supports one comes from the typed results of look-ups:
//!
//! - a ratio (“twice”, “a third”): two values of a comparison, a line against its whole, the first step of a development against the
//!   last, two lines that the sentence names, or a share that a look-up gave, within a tenth;
//! - a part (“most of”): some such share above a half;
//! - a superlative: a list that was ranked, of which the end in question is known; where the sentence names lines of lists, one of
//!   them must stand at that end (“second” and “third” are counted);
//! - a direction (“rose”, “lower”): a comparison or development that goes that way, or a list of different values;
//! - a name: it stands in a result, in the question, or in what was said before. A name is a value of the data as the catalogue has
//!   it, and in English and Spanish any other word with a capital within a sentence; in German, where every noun has one, a word in
//!   capitals throughout, behind “Maschine”, “Lieferant”, …, or before “`GmbH`” and its like.
//!
//! Words of findings, which are ours, support themselves. It is a net with known holes: what is claimed by a whole sentence without
//! any such word is not seen.

mod judge;
mod learn;
mod phrases;
mod pieces;
mod ranking;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::BTreeSet;

use ranking::Ranking;

/// What supports claims.
#[derive(Debug, Clone, Default)]
pub struct Grounds {
    ratios: Vec<f64>,
    shares: Vec<f64>,
    rankings: Vec<Ranking>,
    rises: bool,
    falls: bool,
    /// Folded words of findings.
    said: BTreeSet<String>,
    /// Words of claims that stand in names of the data: whoever named a supplier “doubled” supports nothing.
    tainted: BTreeSet<String>,
    /// Folded words of all that was read or asked.
    seen: BTreeSet<String>,
    /// The same as one text, for names of several words.
    text: String,
    /// Names of the data as they are written there.
    names: BTreeSet<String>,
}

/// What a line may be called: folded words of each name.
type Names = Vec<Vec<String>>;
