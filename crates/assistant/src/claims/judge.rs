//! Which claim of a sentence nothing supports.

use super::{
    Grounds,
    phrases::{Claim, PHRASES},
    pieces::{Piece, folded, pieces},
    vocabulary::{is_german, is_kind, is_vocabulary, ordinary},
};
use crate::{Language, language};

/// How far from its ratio a word may be.
const NEAR: f64 = 0.1;
const COMPANIES: &str = "gmbh ag kg se inc ltd llc corp co sa sl srl plc";

impl Grounds {
    /// Where the first claim of a sentence begins that nothing supports.
    pub fn unsupported(&self, sentence: &str) -> Option<usize> {
        let pieces = pieces(sentence);
        let name = self.unknown_name(sentence, &pieces);
        let mut ordinal = 1;
        let mut first = None;
        let mut at = 0;
        let mut claims = Vec::new();
        while at < pieces.len() {
            let found = PHRASES.phrases.iter().find(|(words, _)| {
                pieces.len() >= at + words.len()
                    && words.iter().zip(&pieces[at..]).all(|(word, piece)| *word == piece.folded)
            });
            let Some((words, claim)) = found else {
                at += 1;
                continue;
            };
            match claim {
                Claim::None => {}
                Claim::Ordinal(number) => ordinal = *number,
                claim => claims.push((pieces[at].start, *claim, words)),
            }
            at += words.len();
        }
        for (start, claim, words) in claims {
            let ours = words.iter().all(|word| self.said.contains(word) && !self.tainted.contains(word));
            if !ours && !self.supports(claim, ordinal, &pieces) {
                first = Some(start);
                break;
            }
        }
        match (first, name) {
            (Some(claim), Some(name)) => Some(claim.min(name)),
            (claim, name) => claim.or(name),
        }
    }

    fn supports(&self, claim: Claim, ordinal: usize, pieces: &[Piece<'_>]) -> bool {
        let near = |value: f64, wanted: f64| (value / wanted - 1.0).abs() <= NEAR;
        match claim {
            Claim::Ratio(wanted) => {
                let change = wanted > 1.0 && self.shares.iter().any(|share| near(*share, wanted - 1.0));
                change
                    || self.ratios.iter().any(|ratio| near(*ratio, wanted))
                    || self.shares.iter().any(|share| near(*share, wanted))
                    || self.rankings.iter().any(|ranking| {
                        let named = ranking.named(pieces);
                        named
                            .iter()
                            .any(|one| named.iter().any(|other| *other > 0.0 && near(one / other, wanted)))
                    })
            }
            Claim::Part => self.shares.iter().any(|share| *share > 0.5 && *share <= 1.0 + 1e-9),
            Claim::Most => self.ranks(pieces, ordinal, true, false),
            Claim::Least => self.ranks(pieces, ordinal, false, true),
            Claim::Extreme => self.ranks(pieces, ordinal, true, true),
            Claim::Up => self.rises,
            Claim::Down => self.falls,
            Claim::Ordinal(_) | Claim::None => true,
        }
    }

    fn ranks(&self, pieces: &[Piece<'_>], ordinal: usize, top: bool, bottom: bool) -> bool {
        // Another name than those of the lists is no end of any.
        let mut named = pieces.iter().skip(1).any(|piece| {
            piece.written.starts_with(char::is_uppercase)
                && !ordinary(piece)
                && !is_vocabulary(&piece.folded)
                && !is_german(pieces)
        });
        let mut known = false;
        for ranking in &self.rankings {
            let ends = [(top && ranking.top, true), (bottom && ranking.bottom, false)];
            known |= ends.iter().any(|(wanted, _)| *wanted);
            let is_named = !ranking.named(pieces).is_empty();
            named |= is_named;
            if is_named
                && ends.iter().any(|(wanted, largest)| *wanted && ranking.stands(pieces, ordinal, *largest))
            {
                return true;
            }
        }
        known && !named
    }

    fn unknown_name(&self, sentence: &str, pieces: &[Piece<'_>]) -> Option<usize> {
        let known = |piece: &Piece<'_>| self.seen.contains(&piece.folded);
        for name in &self.names {
            if let Some(at) = sentence.find(name.as_str()) {
                let after = sentence[at + name.len()..].chars().next();
                let before = sentence[..at].chars().next_back();
                let whole =
                    !after.is_some_and(char::is_alphanumeric) && !before.is_some_and(char::is_alphanumeric);
                if whole && !self.text.contains(&format!(" {} ", folded(name).join(" "))) {
                    return Some(at);
                }
            }
        }
        let language = language::of(sentence, Language::English);
        pieces.iter().enumerate().find_map(|(at, piece)| {
            let capital = piece.written.starts_with(char::is_uppercase);
            if !capital || piece.written.chars().any(char::is_numeric) || known(piece) || ordinary(piece) {
                return None;
            }
            let shouts = piece.written.chars().count() >= 3 && piece.written.chars().all(char::is_uppercase);
            let firm =
                pieces.get(at + 1).is_some_and(|next| COMPANIES.split(' ').any(|word| word == next.folded))
                    && pieces.get(at + 1).is_some_and(|next| next.written.starts_with(char::is_uppercase));
            let within = at > 0 && !begins(&sentence[..piece.start]);
            let stranger = match language {
                Language::German => {
                    at > 0 && is_kind(&pieces[at - 1].folded) && !is_vocabulary(&piece.folded)
                }
                Language::English | Language::Spanish => within && !is_vocabulary(&piece.folded),
            };
            (shouts || firm || stranger).then_some(piece.start)
        })
    }

    /// Where, in the beginning of a sentence, a word stands that claims something or may come to: from there on it waits.
    pub(crate) fn waits(&self, beginning: &str) -> Option<usize> {
        let pieces = pieces(beginning);
        let last = pieces.len().checked_sub(1)?;
        let open = beginning.ends_with(char::is_alphanumeric);
        pieces.iter().enumerate().find_map(|(at, piece)| {
            let word = PHRASES.words.contains(&piece.folded);
            let coming = open
                && at == last
                && PHRASES
                    .words
                    .range(piece.folded.clone()..)
                    .next()
                    .is_some_and(|word| word.starts_with(&piece.folded));
            let capital = piece.written.starts_with(char::is_uppercase)
                && at > 0
                && !self.seen.contains(&piece.folded)
                && !ordinary(piece);
            (word || coming || capital).then_some(piece.start)
        })
    }
}

fn begins(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty()
        || before.ends_with([':', '.', '!', '?', '-', '–', '"', '“', '„', '(', '\n', ';', '•', '¿', '¡'])
}
