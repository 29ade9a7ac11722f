//! A sentence in words, each with its place.

use crate::text;

#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    pub(super) written: &'a str,
    pub(super) folded: String,
    pub(super) start: usize,
}

pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if letter.is_alphanumeric() {
            start.get_or_insert(at);
        } else if let Some(begin) = start.take() {
            let written = &text[begin..at];
            pieces.push(Piece { written, folded: text::fold(written), start: begin });
        }
    }
    pieces
}

pub(super) fn folded(text: &str) -> Vec<String> {
    pieces(text).into_iter().map(|piece| piece.folded).collect()
}
