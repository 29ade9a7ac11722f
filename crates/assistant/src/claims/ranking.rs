//! Lists that were ranked, and whether a sentence names their lines.

use super::{Names, pieces::Piece, vocabulary::is_kind};

#[derive(Debug, Clone)]
pub(super) struct Ranking {
    /// Names with values, the largest first.
    pub(super) lines: Vec<(Names, f64)>,
    /// Whether the largest and the smallest of all are among them.
    pub(super) top: bool,
    pub(super) bottom: bool,
}

impl Ranking {
    /// Values of the lines that a sentence names.
    pub(super) fn named(&self, pieces: &[Piece<'_>]) -> Vec<f64> {
        self.lines.iter().filter(|(name, _)| names(pieces, name)).map(|(_, value)| *value).collect()
    }

    pub(super) fn stands(&self, pieces: &[Piece<'_>], ordinal: usize, largest: bool) -> bool {
        let at = if largest { ordinal - 1 } else { self.lines.len().wrapping_sub(ordinal) };
        let Some((_, wanted)) = self.lines.get(at) else { return false };
        self.lines.iter().any(|(name, value)| value == wanted && names(pieces, name))
    }
}

/// Whether a sentence names a line. A name of mere digits or of one letter is one behind a word such as "shift" only.
fn names(pieces: &[Piece<'_>], names: &[Vec<String>]) -> bool {
    names.iter().filter(|name| !name.is_empty()).any(|name| {
        let digits = name.iter().all(|word| word.chars().all(|letter| letter.is_ascii_digit()))
            || name.concat().chars().count() < 2;
        pieces.windows(name.len()).enumerate().any(|(at, window)| {
            window.iter().zip(name).all(|(piece, word)| piece.folded == *word)
                && (!digits || at > 0 && is_kind(&pieces[at - 1].folded))
        })
    })
}
