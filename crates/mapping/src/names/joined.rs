//! Words written together whose capitals are lost: `PRODHEADERDOSSIERCODE` falls into the words that are known and the
//! one between them that is not, as `ProdHeaderDossierCode` does. Where all words are known it is a compound.

/// Letters of a name below which it is left whole, and of a word that may stand in it.
const SHORTEST_NAME: usize = 12;
const SHORTEST_WORD: usize = 4;
/// Letters of the word that is not known.
const UNKNOWN: std::ops::RangeInclusive<usize> = 3..=9;

/// The words of a name with one unknown word between, before or behind at least two known ones; `None` where the known
/// ones are not most of it.
pub(super) fn cut(text: &str, is_known: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let n = text.len();
    if n < SHORTEST_NAME || !text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let word = |start: usize, end: usize| {
        let part = &text[start..end];
        (part.len() >= SHORTEST_WORD || (end == n && matches!(part, "id" | "no" | "nr"))) && is_known(part)
    };
    // The fewest words that the letters up to a place, and from a place on, fall into, with where the outer one ends.
    let mut before: Vec<Option<(usize, usize)>> = vec![None; n + 1];
    let mut behind: Vec<Option<(usize, usize)>> = vec![None; n + 1];
    (before[0], behind[n]) = (Some((0, 0)), Some((0, n)));
    for end in 1..=n {
        before[end] = (0..end)
            .filter_map(|start| Some((before[start]?.0 + 1, start)).filter(|_| word(start, end)))
            .min();
    }
    for start in (0..n).rev() {
        behind[start] = (start + 1..=n)
            .filter_map(|end| Some((behind[end]?.0 + 1, end)).filter(|_| word(start, end)))
            .min();
    }
    let (_, _, start, end) = (0..n)
        .flat_map(|start| UNKNOWN.map(move |length| (start, start + length)))
        .filter(|(start, end)| *end <= n && 2 * (end - start) < n)
        .filter_map(|(start, end)| {
            let words = before[start]?.0 + behind[end]?.0;
            (words >= 2).then_some((end - start, words, start, end))
        })
        .min()?;
    let mut words = vec![text[start..end].to_owned()];
    let mut place = start;
    while let Some((_, from)) = before[place].filter(|_| place > 0) {
        words.insert(0, text[from..place].to_owned());
        place = from;
    }
    place = end;
    while let Some((_, to)) = behind[place].filter(|_| place < n) {
        words.push(text[place..to].to_owned());
        place = to;
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_name_falls_into_known_words_around_one_that_is_not() {
        let known = |word: &str| ["prod", "header", "code", "order", "quantity", "id"].contains(&word);
        let words = |text: &str| cut(text, known).map(|words| words.join(" "));
        assert_eq!(words("prodheaderdossiercode").as_deref(), Some("prod header dossier code"));
        assert_eq!(words("orderquantityxyz").as_deref(), Some("order quantity xyz"));
        assert_eq!(words("dossierheadercode").as_deref(), Some("dossier header code"));
        assert_eq!(words("headerdossierid").as_deref(), Some("header dossier id"));
        // One known word is none too many, and two unknown ones are too much.
        assert_eq!(words("headerdossierxx"), None);
        assert_eq!(words("xyzheaderabccode"), None);
        assert_eq!(words("fertigungsauftrag"), None);
    }
}
