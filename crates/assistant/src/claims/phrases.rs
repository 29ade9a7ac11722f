//! Which words claim something, and what.

use std::{collections::BTreeSet, sync::LazyLock};

use super::pieces::folded;
use crate::lexicon;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Claim {
    Ratio(f64),
    Part,
    Most,
    Least,
    Extreme,
    Up,
    Down,
    Ordinal(usize),
    None,
}

pub(super) struct Phrases {
    /// Folded words of each phrase, the longest first.
    pub(super) phrases: Vec<(Vec<String>, Claim)>,
    /// Words that begin or are a claim.
    pub(super) words: BTreeSet<String>,
}

pub(super) static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Vec::new();
    for row in lexicon::rows(include_str!("../../data/claims.csv")) {
        let value = row[1].parse().unwrap_or(0.0);
        let claim = match row[0] {
            "ratio" => Claim::Ratio(value),
            "part" => Claim::Part,
            "most" => Claim::Most,
            "least" => Claim::Least,
            "extreme" => Claim::Extreme,
            "up" => Claim::Up,
            "down" => Claim::Down,
            "second" | "third" => Claim::Ordinal(value as usize),
            _ => Claim::None,
        };
        for phrase in row[2..].iter().flat_map(|cell| cell.split('|')) {
            let words = folded(phrase);
            if !words.is_empty() {
                phrases.push((words, claim));
            }
        }
    }
    phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    let words = phrases
        .iter()
        .filter(|(_, claim)| !matches!(claim, Claim::None | Claim::Ordinal(_)))
        .flat_map(|(words, _)| words.iter().filter(|word| word.len() > 2).cloned())
        .collect();
    Phrases { phrases, words }
});
