//! Cuts a header into pieces: at blanks and punctuation, at changes of case, between letters and digits, and around
//! scripts that write no blanks.

use super::fold::{fold, is_ideograph, is_kept, is_mark};

/// The folded pieces of a header, in order. `jmoStartDate` gives `jmo start date`, `QTY_REM2` gives `qty rem 2`.
pub(crate) fn pieces(header: &str) -> Vec<String> {
    let chars: Vec<char> = header.chars().collect();
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for (idx, &char) in chars.iter().enumerate() {
        if !is_kept(char) {
            flush(&mut piece, &mut pieces);
            continue;
        }
        let cut = idx.checked_sub(1).and_then(|before| chars.get(before)).is_some_and(|&before| {
            let after = chars.get(idx + 1).copied();
            class(before) != class(char) && class(before) != Class::Upper
                || (class(before) == Class::Upper
                    && (!matches!(class(char), Class::Upper | Class::Lower)
                        || (class(char) == Class::Upper
                            && after.is_some_and(|after| class(after) == Class::Lower)
                            && !is_plural(&chars, idx))))
        });
        if cut || is_mark(char) {
            flush(&mut piece, &mut pieces);
        }
        piece.push(char);
        if is_mark(char) {
            flush(&mut piece, &mut pieces);
        }
    }
    flush(&mut piece, &mut pieces);
    pieces
}

#[derive(PartialEq, Clone, Copy)]
enum Class {
    Upper,
    Lower,
    Digit,
    Ideograph,
    Other,
}

fn class(char: char) -> Class {
    if is_ideograph(char) {
        Class::Ideograph
    } else if char.is_uppercase() {
        Class::Upper
    } else if char.is_numeric() {
        Class::Digit
    } else if char.is_alphabetic() {
        Class::Lower
    } else {
        Class::Other
    }
}

/// `IDs`, `POs`: capitals followed by a plural s and then nothing more of a word.
fn is_plural(chars: &[char], idx: usize) -> bool {
    chars.get(idx + 1) == Some(&'s') && !chars.get(idx + 2).is_some_and(|char| char.is_lowercase())
}

fn flush(piece: &mut String, pieces: &mut Vec<String>) {
    if !piece.is_empty() {
        let folded = fold(piece);
        if !folded.is_empty() {
            pieces.push(folded);
        }
        piece.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_fall_into_pieces() {
        for (header, expected) in [
            ("jmoStartDate", "jmo start date"),
            ("QTY_REM2", "qty rem 2"),
            ("MFGNUM_0", "mfgnum 0"),
            ("Wkctr-ID", "wkctr id"),
            ("jmoJobID", "jmo job id"),
            ("PartIDNumber", "part id number"),
            ("Ist-Menge (Stk.)", "ist menge stk"),
            ("Scrap %", "scrap %"),
            ("Date d'échéance", "date d echeance"),
            ("製令單號", "製令單號"),
            ("计划Qty数量", "计划 qty 数量"),
            ("OP#", "op #"),
        ] {
            assert_eq!(pieces(header).join(" "), expected, "{header}");
        }
    }
}
