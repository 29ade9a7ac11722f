//! What a question leaves out ("without M-01") and which lines it wants ("machines over 5 %").

use super::Weighing;
use crate::{
    Language, Metric,
    intent::{Bound, Filter, Unclear},
    lexicon,
    text::Token,
    understand::read::{Item, What},
};

/// Beside a figure with its rows: what is left out, and what lines must lie beyond.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Conditions {
    pub(super) without: Vec<Filter>,
    pub(super) beyond: Option<Bound>,
}

impl Weighing<'_> {
    /// Whether a value stands behind a word that leaves it out: right behind it, behind its noun, or behind another one that is left out.
    /// Or before one: "take M07 out", "M07 bitte rausrechnen".
    pub(super) fn left_out(&self, at: usize) -> bool {
        if self.set_aside(at) {
            return true;
        }
        let mut at = at;
        while at > 0 {
            at -= 1;
            let item = &self.items[at];
            if item.concept("without") {
                return true;
            }
            // "Sin contar lo comprado a S04": what is done with it stands between.
            let passes = item.dimension().is_some()
                || matches!(item.what, What::Value { .. })
                || ["pay", "sold", "made", "to"].iter().any(|concept| item.concept(concept));
            if !passes {
                return false;
            }
        }
        false
    }

    fn set_aside(&self, at: usize) -> bool {
        let item = &self.items[at];
        // "The E family did not exist": its noun may stand between.
        let noun = self.items.get(at + 1).filter(|noun| noun.from == item.to && noun.dimension().is_some());
        let item = noun.unwrap_or(item);
        let next = self.items.get(at + 1 + usize::from(noun.is_some())).filter(|next| {
            // "Nur die wegen Werkzeugbruch nicht", at the end of the question.
            next.concept("aside") || next.concept("not") && next.to == self.tokens.len()
        });
        let small = |tokens: &[Token]| tokens.iter().all(|token| is_small(&token.folded));
        if next.is_some_and(|next| small(&self.tokens[item.to..next.from])) {
            return true;
        }
        // The halves of the verb stand around the value.
        let before = self.items[..at].iter().rev().find(|item| item.dimension().is_none());
        let begins = before.is_some_and(|before| before.concept("take"));
        begins
            && self.tokens.get(item.to).is_some_and(|token| {
                matches!(
                    token.folded.as_str(),
                    "out" | "away" | "off" | "raus" | "heraus" | "weg" | "aus" | "fuera"
                )
            })
    }

    /// A bound stands right before its number, and asks for lines of a breakdown.
    fn bound(&self, at: usize, metric: &str) -> Option<Bound> {
        let item = &self.items[at];
        let above = item.concept("above") || item.concept("exceed");
        if !(above || item.concept("below")) {
            return None;
        }
        let What::Number { value, percent } = self.number_of(at)?.what else { return None };
        let share = Metric::named(metric).is_some_and(|metric| metric.unit == "1");
        // "Over 5 %" of a share is 0.05; of anything else it is no bound that we know.
        let value = match (percent, share) {
            (true, true) => value / 100.0,
            (true, false) => return None,
            (false, true) if value > 1.0 => value / 100.0,
            (false, _) => value,
        };
        Some(Bound { above, value, included: item.concept("included") })
    }

    /// The number that a bound is about: right behind it, and before a verb: "die 2,5 Prozent übersteigen".
    fn number_of(&self, at: usize) -> Option<&Item> {
        let item = &self.items[at];
        let number = |other: &&Item| matches!(other.what, What::Number { .. });
        let next = self.items.get(at + 1).filter(|next| next.from == item.to).filter(number);
        let before = at.checked_sub(1).map(|at| &self.items[at]).filter(|_| item.concept("exceed"));
        next.or_else(|| before.filter(|before| before.to == item.from).filter(number))
    }

    pub(super) fn conditions(
        &mut self,
        metrics: &[&'static str],
        grouped: bool,
    ) -> Result<Conditions, Unclear> {
        let without = self.filters(true)?;
        let said = |item: &Item| {
            let words = self.tokens[item.from..].iter().map(|token| token.written.as_str());
            Unclear::Condition { said: words.collect::<Vec<_>>().join(" ") }
        };
        let metric = metrics.first().copied().unwrap_or_default();
        let mut beyond = None;
        let bounds = |at: usize| self.items[at].concept("exceed") && self.number_of(at).is_some();
        let verb_with_number = (0..self.items.len()).any(bounds);
        // "The five that exceed their budget most" are a list of five.
        let chosen = self.ranks() && self.count().is_some();
        if grouped && metric == "cost_variance" && self.has("exceed") && !verb_with_number && !chosen {
            beyond = Some(Bound { above: true, value: 0.0, included: false });
        }
        if grouped && self.has("negative") && !share(metric) {
            beyond = Some(Bound { above: false, value: 0.0, included: false });
        }
        for (at, item) in self.items.iter().enumerate() {
            let number = self.number_of(at).is_some();
            if item.concept("without") && !self.leaves_out(at) {
                return Err(said(item));
            }
            if ["above", "below", "exceed"].iter().any(|bound| item.concept(bound)) && number {
                // Which rows a bound is of is known of the lines of one breakdown only.
                match self.bound(at, metric).filter(|_| grouped && beyond.is_none()) {
                    Some(bound) => beyond = Some(bound),
                    None => return Err(said(item)),
                }
            }
        }
        Ok(Conditions { without, beyond })
    }

    /// Whether something is named that is left out: behind the word, or "revenue minus cost", which leaves nothing out.
    fn leaves_out(&self, at: usize) -> bool {
        let whole =
            |item: &Item| matches!(item.metric(), Some("revenue" | "margin")) || item.concept("earned");
        let figures = self.items[..at].iter().any(whole)
            && self.items[at + 1..].first().and_then(Item::metric) == Some("actual_total_cost");
        figures
            || self.items[at + 1..]
                .iter()
                .take_while(|item| {
                    item.dimension().is_some()
                        || matches!(item.what, What::Value { .. })
                        || ["pay", "sold", "made", "to"].iter().any(|concept| item.concept(concept))
                })
                .any(|item| matches!(item.what, What::Value { .. }))
    }
}

fn share(metric: &str) -> bool {
    Metric::named(metric).is_some_and(|metric| metric.unit == "1" && metric.id != "margin_ratio")
}

fn is_small(word: &str) -> bool {
    Language::ALL.iter().any(|language| lexicon::get().stopwords[*language as usize].contains(word))
}
