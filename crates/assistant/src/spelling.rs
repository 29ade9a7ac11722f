//! Words that are nearly one of ours.

/// Edits (an inserted, lost, changed or swapped letter) between two words; `None` beyond `most`.
pub(crate) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect::<Vec<usize>>(), vec![0; b.len() + 1]];
    for at in 1..=a.len() {
        rows[2][0] = at;
        for by in 1..=b.len() {
            let change = usize::from(a[at - 1] != b[by - 1]);
            let mut best = (rows[1][by] + 1).min(rows[2][by - 1] + 1).min(rows[1][by - 1] + change);
            if at > 1 && by > 1 && a[at - 1] == b[by - 2] && a[at - 2] == b[by - 1] {
                best = best.min(rows[0][by - 2] + 1);
            }
            rows[2][by] = best;
        }
        rows.rotate_left(1);
    }
    Some(rows[1][b.len()]).filter(|edits| *edits <= most)
}

/// How many edits a word of that length may be away. Short words have too many neighbours.
pub(crate) fn allowance(word: &str) -> usize {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (a, b, edits) in [
            ("scrap", "scarp", Some(1)),
            ("scrap", "scrap", Some(0)),
            ("machine", "machnie", Some(1)),
            ("supplier", "suplier", Some(1)),
            ("kosten", "coste", Some(2)),
            ("kosten", "marge", None),
        ] {
            assert_eq!(distance(a, b, 2), edits, "{a} {b}");
        }
    }
}
