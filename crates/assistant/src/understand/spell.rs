//! Words that are nearly ours are read as ours.

use super::times;
use crate::{
    Language, lexicon,
    spelling::{allowance, distance},
    text::Token,
    values::Values,
    when,
};

/// Replaces words that are a few letters away from one that is known, and says which. Endings that languages add are no
/// mistakes and are not mentioned.
pub(super) fn correct(tokens: &mut [Token], values: &Values, language: Language) -> Vec<(String, String)> {
    let lexicon = lexicon::get();
    let mut corrections = Vec::new();
    for token in tokens {
        let word = token.folded.clone();
        let most = allowance(&word);
        if most == 0
            || known(&word, values)
            || !word.chars().all(|letter| letter.is_alphabetic() || letter == '-')
        {
            continue;
        }
        // "ae" for "ä" is how keyboards without it write.
        let plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u");
        if language == Language::German && plain != word && lexicon.words[language as usize].contains(&plain)
        {
            token.folded = plain;
            continue;
        }
        let stop = &lexicon.stopwords[language as usize];
        let months = lexicon.months.iter().flatten();
        let own = lexicon.words[language as usize]
            .iter()
            .chain(stop.iter().filter(|stop| stop.len() > 3))
            .chain(months);
        let mut near: Vec<(usize, usize, &String)> = own
            .filter(|candidate| candidate.chars().count() > 3)
            .filter_map(|candidate| {
                let edits = distance(&word, candidate, most)?;
                Some((edits, usize::from(candidate.chars().next() != word.chars().next()), candidate))
            })
            .collect();
        near.sort();
        // A word that begins alike beats one that does not; two that are equally near leave the question open.
        let Some((edits, other_start, best)) = near.first().copied() else { continue };
        let rival = near.iter().skip(1).find(|rival| (rival.0, rival.1) == (edits, other_start));
        if rival.is_some_and(|rival| !same_word(rival.2, best)) || (edits == 2 && other_start == 1) {
            continue;
        }
        if !same_word(&word, best) {
            corrections.push((token.written.clone(), best.clone()));
        }
        token.folded.clone_from(best);
    }
    corrections
}

/// Whether a word is one of ours or of the data.
pub(super) fn known(word: &str, values: &Values) -> bool {
    let lexicon = lexicon::get();
    (0..3).any(|other| lexicon.words[other].contains(word) || lexicon.stopwords[other].contains(word))
        || lexicon.numbers.contains_key(word)
        || when::month(word).is_some()
        || times::ordinal(word).is_some()
        || values.have_word(word)
}

/// Two words that differ in their endings only.
fn same_word(a: &str, b: &str) -> bool {
    const ENDINGS: &[&str] = &["", "e", "n", "en", "s", "es", "er", "em", "a", "o", "as", "os"];
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let rest = |word: &str| word.chars().skip(shared).collect::<String>();
    shared >= 4 && ENDINGS.contains(&rest(a).as_str()) && ENDINGS.contains(&rest(b).as_str())
}
