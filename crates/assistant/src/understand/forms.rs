//! Words that are made of words of ours: "Kundenumsatz", "umsatzstärkste", "energy-hungry", "scrapping".

use crate::{
    Language,
    lexicon::{self, Meaning},
    text::Token,
    values::Values,
};

use super::spell;

/// Endings that make a superlative of a noun, and the word that they stand for.
const SUPERLATIVES: [&[(&str, &str)]; 3] = [
    &[
        ("-hungry", "most"),
        ("-hungriest", "most"),
        ("-heavy", "most"),
        ("-heaviest", "most"),
        ("-intensive", "most"),
        ("-prone", "most"),
        ("-poor", "least"),
        ("-light", "least"),
    ],
    &[
        ("starkst", "hochste"),
        ("intensivst", "hochste"),
        ("reichst", "hochste"),
        ("trachtigst", "hochste"),
        ("lastigst", "hochste"),
        ("anfalligst", "hochste"),
        ("schwachst", "niedrigste"),
        ("armst", "niedrigste"),
    ],
    &[],
];

/// Concepts that stand in front of a figure in one word: "Monatsumsatz", "Gesamtkosten".
const BEFORE: &[&str] = &["total", "average", "day", "week", "month", "quarter", "year", "planned"];
/// Concepts that stand behind one: "Umsatzentwicklung", "Ausschussanteil", "Kundenvergleich".
const BEHIND: &[&str] = &["trend", "compare", "list", "share"];

/// Puts the parts of such words in their place. Words that mean something as they are, or that are values, stay.
pub(super) fn apart(tokens: Vec<Token>, values: &Values, language: Language) -> Vec<Token> {
    tokens
        .into_iter()
        .flat_map(|token| {
            // "Which customer's orders": the noun is what counts.
            let owner = token.folded.strip_suffix("'s").or_else(|| token.folded.strip_suffix("’s"));
            let named = |meaning: &Meaning| matches!(meaning, Meaning::Dimension(_));
            if let Some(owner) = owner.filter(|owner| means(owner, Language::English, named)) {
                return vec![Token { folded: owner.to_owned(), ..token.clone() }];
            }
            let whole = spell::known(&token.folded, values)
                || !token.folded.chars().all(|letter| letter.is_alphabetic() || letter == '-');
            let parts = if whole { None } else { parts(&token.folded, language) };
            match parts.as_deref() {
                Some([one]) => vec![Token { folded: one.clone(), ..token }],
                Some([first, second]) => cut(&token, first, second),
                _ => vec![token],
            }
        })
        .collect()
}

fn parts(word: &str, language: Language) -> Option<Vec<String>> {
    superlative(word, language).or_else(|| regarding(word, language).map(|word| vec![word])).or_else(|| {
        match language {
            Language::English => verb(word).map(|word| vec![word]),
            Language::German => compound(word),
            Language::Spanish => None,
        }
    })
}

fn cut(token: &Token, first: &str, second: &str) -> Vec<Token> {
    let letters = token.written.chars().count();
    let at = first.chars().count().clamp(1, letters.saturating_sub(1).max(1));
    let middle = token.written.char_indices().nth(at).map_or(token.written.len(), |(byte, _)| byte);
    let (left, right) = token.written.split_at(middle);
    vec![
        Token {
            written: left.to_owned(),
            folded: first.to_owned(),
            start: token.start,
            end: token.start + middle,
        },
        Token {
            written: right.to_owned(),
            folded: second.to_owned(),
            start: token.start + middle,
            end: token.end,
        },
    ]
}

fn superlative(word: &str, language: Language) -> Option<Vec<String>> {
    SUPERLATIVES[language as usize].iter().find_map(|(ending, meaning)| {
        let stem = if language == Language::English {
            word.strip_suffix(ending)?
        } else {
            let (stem, rest) = word.rsplit_once(ending)?;
            ["e", "en", "er", "es", "em"].contains(&rest).then_some(stem)?
        };
        let noun = noun(stem, language, |meaning| !matches!(meaning, Meaning::Concept(_)))?;
        Some(vec![noun, (*meaning).to_owned()])
    })
}

/// "Energy-wise", "kostenmäßig": the noun.
fn regarding(word: &str, language: Language) -> Option<String> {
    let stem = match language {
        Language::English => word.strip_suffix("-wise")?,
        Language::German => word.strip_suffix("massig")?,
        Language::Spanish => return None,
    };
    noun(stem, language, |meaning| !matches!(meaning, Meaning::Concept(_)))
}

/// A noun as it stands in front of another in one word: with a joining letter more, or without its own ending.
fn noun(stem: &str, language: Language, is: impl Fn(&Meaning) -> bool) -> Option<String> {
    let mut forms = vec![stem.to_owned()];
    forms.extend(
        ["s", "n", "en", "es"].iter().filter_map(|joint| stem.strip_suffix(joint)).map(str::to_owned),
    );
    forms.extend(["e", "en", "zeit"].iter().map(|ending| format!("{stem}{ending}")));
    forms.into_iter().find(|form| form.chars().count() > 3 && means(form, language, &is))
}

fn means(word: &str, language: Language, is: impl Fn(&Meaning) -> bool) -> bool {
    let phrases = &lexicon::get().phrases[language as usize];
    phrases.get(std::slice::from_ref(&word.to_owned())).is_some_and(|meanings| meanings.iter().any(is))
}

/// A noun and a figure, or a figure and what is asked of it. Two figures in one word are a third that we do not know.
fn compound(word: &str) -> Option<Vec<String>> {
    let german = Language::German;
    let figure = |meaning: &Meaning| matches!(meaning, Meaning::Metric(_));
    let before = |meaning: &Meaning| match meaning {
        Meaning::Dimension(_) => true,
        Meaning::Concept(concept) => BEFORE.contains(concept),
        Meaning::Metric(_) => false,
    };
    let behind = |meaning: &Meaning| matches!(meaning, Meaning::Concept(concept) if BEHIND.contains(concept));
    let named = |meaning: &Meaning| !matches!(meaning, Meaning::Concept(_));
    // The longest second part: "Produktmarge" ends in "marge" and not in "ge".
    word.char_indices().skip(4).find_map(|(at, _)| {
        let (first, second) = word.split_at(at);
        if second.chars().count() < 4 {
            return None;
        }
        let first = if means(second, german, figure) {
            noun(first, german, before)
        } else if means(second, german, behind) {
            noun(first, german, named)
        } else {
            None
        };
        Some(vec![first?, second.to_owned()])
    })
}

/// "costing", "scrapping", "reworking": what is done, by its noun.
fn verb(word: &str) -> Option<String> {
    let stem = word.strip_suffix("ing").or_else(|| word.strip_suffix("ed"))?;
    let single = stem.chars().rev().take(2).collect::<Vec<char>>();
    let undoubled = match single[..] {
        [last, before] if last == before => stem.strip_suffix(last),
        _ => None,
    };
    let forms = [Some(stem.to_owned()), Some(format!("{stem}e")), undoubled.map(str::to_owned)];
    forms.into_iter().flatten().find(|form| {
        form.chars().count() > 3
            && means(form, Language::English, |meaning| matches!(meaning, Meaning::Metric(_)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    #[test]
    fn made_words_are_read_by_their_parts() {
        for (language, word, read) in [
            (Language::German, "umsatzstärkste", "umsatz hochste"),
            (Language::German, "Rüstintensivste", "rusten hochste"),
            (Language::German, "margenschwächsten", "margen niedrigste"),
            (Language::German, "Kundenumsatz", "kunden umsatz"),
            (Language::German, "Monatsumsatz", "monat umsatz"),
            (Language::German, "Umsatzentwicklung", "umsatz entwicklung"),
            (Language::German, "Lieferantenvergleich", "lieferanten vergleich"),
            // Two figures: not a word of ours.
            (Language::German, "Energiekosten", "energiekosten"),
            (Language::English, "energy-hungry", "energy most"),
            (Language::English, "scrapping", "scrap"),
            (Language::English, "costing", "cost"),
            (Language::English, "pending", "pending"),
        ] {
            let apart = apart(tokens(word), &Values::default(), language);
            let folded: Vec<&str> = apart.iter().map(|token| token.folded.as_str()).collect();
            assert_eq!(folded.join(" "), read, "{word}");
            let written: String = apart.iter().map(|token| token.written.as_str()).collect();
            assert_eq!(written, word);
        }
    }
}
