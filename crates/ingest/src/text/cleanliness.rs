//! How much a cell looks like one value and not like several values under a wrong delimiter.

use super::dialect::{Delimiter, Dialect};

/// 1 for a value, less for text in which another delimiter seems to hide.
pub(super) fn cleanliness(cell: &str, dialect: &Dialect) -> f64 {
    let cell = cell.trim();
    if cell.is_empty() {
        return 0.97;
    }
    if is_value(cell) && !cell.starts_with('\'') {
        return 1.0;
    }
    let mut out: f64 = 0.96;
    let own = match &dialect.delimiter {
        Delimiter::Mark(mark) => mark.as_str(),
        _ => " ",
    };
    for mark in ['\t', ';', '|', ','] {
        if own.starts_with(mark) {
            continue;
        }
        let hits = cell.matches(mark).count();
        // A comma in a sentence is followed by a blank; one that separates cells is not.
        let in_prose = prose(cell, mark);
        let hidden = hits.saturating_sub(in_prose);
        if hidden > 0 {
            out -= 0.25 * hidden.min(3) as f64;
        } else if hits > 0 {
            out -= 0.02;
        }
    }
    for (quote, price) in [('"', 0.2), ('\'', 0.1)] {
        let (starts, ends) = (cell.starts_with(quote), cell.len() > 1 && cell.ends_with(quote));
        if starts && ends {
            // Quotes around a whole cell are no part of it.
            out -= 0.3;
        } else if starts || (ends && quote == '"') {
            out -= price;
        }
    }
    out.max(0.05)
}

/// How many of these marks are followed by a blank or stand between digits, as in prose and numbers.
fn prose(cell: &str, mark: char) -> usize {
    let bytes = cell.as_bytes();
    let mut count = 0;
    for (at, _) in cell.match_indices(mark) {
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        let before = if at == 0 { b' ' } else { bytes[at - 1] };
        let in_number = mark == ',' && before.is_ascii_digit() && after.is_ascii_digit();
        if mark != '\t' && (after == b' ' || in_number) {
            count += 1;
        }
    }
    count
}

/// Numbers, dates, times, money, codes: digits and letters with the marks that these use inside.
fn is_value(cell: &str) -> bool {
    let mut digits = 0;
    let mut letters = 0;
    let mut commas = 0;
    for c in cell.chars() {
        match c {
            '0'..='9' => digits += 1,
            c if c.is_alphabetic() => letters += 1,
            '.' | '-' | '/' | ':' | '+' | '%' | '_' | '$' | '€' | '£' | '(' | ')' | '\'' => {}
            ' ' => {
                // A blank stands between date and time and groups digits.
                if letters > 2 && digits > 0 {
                    return false;
                }
            }
            ',' => commas += 1,
            _ => return false,
        }
    }
    if commas > 0 {
        return letters == 0 && digits > 0 && !cell.starts_with(',') && number_commas(cell);
    }
    digits > 0 || letters > 0
}

/// Commas of a number: one decimal comma, or groups of two or three digits.
fn number_commas(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split(',').collect();
    if parts.len() == 2 {
        return parts[1].bytes().filter(u8::is_ascii_digit).count() > 0;
    }
    parts[1..].iter().all(|part| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        (2..=3).contains(&digits)
    })
}
