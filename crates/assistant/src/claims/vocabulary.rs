//! Which words are no names.

use super::pieces::Piece;
use crate::{Language, language, lexicon, text};

/// Words in capitals that are no names.
const ORDINARY: &str = "OEE KPI KPIS FPY MTBF MTTR USD EUR GBP CHF MXN XXX CSV SQL ERP MES ISO ID IDS CNC KG KWH H PDF PLANTINTEL I OK";

pub(super) fn ordinary(piece: &Piece<'_>) -> bool {
    let large = piece.written.to_uppercase();
    ORDINARY.split(' ').any(|word| word == large)
        || lexicon::get().months.iter().flatten().any(|month| *month == piece.folded)
        || (piece.written.chars().count() == 1)
}

/// Where every noun has a capital, a capital says nothing.
pub(super) fn is_german(pieces: &[Piece<'_>]) -> bool {
    let words: Vec<&str> = pieces.iter().map(|piece| piece.written).collect();
    language::of(&words.join(" "), Language::English) == Language::German
}

pub(super) fn is_vocabulary(word: &str) -> bool {
    let lexicon = lexicon::get();
    lexicon.words.iter().chain(&lexicon.stopwords).any(|known| known.contains(word))
}

/// Whether a word says what is named by the next one: machine, supplier, …
pub(super) fn is_kind(word: &str) -> bool {
    lexicon::dimensions()
        .iter()
        .any(|dimension| dimension.phrases.iter().flatten().any(|phrase| text::fold(phrase) == word))
}
