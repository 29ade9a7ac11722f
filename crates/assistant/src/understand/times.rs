//! Periods in a question: by name, from one to another, and those that are counted back from the end of the data.

use super::read::{Item, What};
use crate::{
    Language,
    intent::{Period, Step},
    lexicon::{self, Meaning},
    text::Token,
    when,
};

/// The period that begins here, and how many words it takes.
/// Where periods are compared, "between May and July" names two and not the span of both.
pub(super) fn named(
    tokens: &[Token],
    known: Option<Period>,
    language: Language,
    comparing: bool,
) -> Option<(Period, usize)> {
    part_of_year(tokens, known)
        .or_else(|| relative(tokens, known, language))
        .or_else(|| open(tokens, known, language, comparing))
        .or_else(|| span(tokens, known))
        .or_else(|| when::named(tokens, known))
}

/// The number that a word like "third" stands for, up to four.
pub(super) fn ordinal(word: &str) -> Option<i8> {
    const ORDINALS: [&[&str]; 4] = [
        &["first", "1st", "1", "erste", "ersten", "erstes", "erster", "primer", "primero", "primera"],
        &["second", "2nd", "2", "zweite", "zweiten", "zweites", "zweiter", "segundo", "segunda"],
        &["third", "3rd", "3", "dritte", "dritten", "drittes", "dritter", "tercer", "tercero", "tercera"],
        &["fourth", "4th", "4", "vierte", "vierten", "viertes", "vierter", "cuarto", "cuarta"],
    ];
    ORDINALS.iter().position(|words| words.contains(&word)).map(|at| at as i8 + 1)
}

/// "H1 2024", "2H 2024", "HJ1": which half of a year.
fn half(word: &str) -> Option<i8> {
    match word {
        "h1" | "1h" | "hj1" | "1hj" => Some(1),
        "h2" | "2h" | "hj2" | "2hj" => Some(2),
        _ => None,
    }
}

/// Months of a part of a year.
fn part(noun: &str) -> Option<i8> {
    match noun {
        "quarter" | "quartal" | "quartals" | "trimestre" => Some(3),
        "half" | "halbjahr" | "halbjahres" | "semestre" | "mitad" => Some(6),
        _ => None,
    }
}

/// "second half of 2024", "im dritten Quartal 2024", "primer trimestre de 2024"; without a year, the latest in the data.
fn part_of_year(tokens: &[Token], known: Option<Period>) -> Option<(Period, usize)> {
    let word = |at: usize| tokens.get(at).map_or("", |token: &Token| token.folded.as_str());
    let (number, months, named) = if let Some(number) = half(word(0)) {
        (number, 6, 1)
    } else {
        (ordinal(word(0))?, part(word(1))?, 2)
    };
    if number * months > 12 {
        return None;
    }
    let mut used = named;
    while matches!(word(used), "of" | "de" | "del" | "the" | "des" | "year" | "jahres" | "jahr" | "ano") {
        used += 1;
    }
    let stated = when::year(word(used));
    let first_month = (number - 1) * months + 1;
    let year = if let Some(year) = stated {
        year
    } else {
        used = named;
        let last = known?.last;
        if first_month <= last.month() { last.year() } else { last.year() - 1 }
    };
    let first = jiff::civil::Date::new(year, first_month, 1).ok()?;
    let last = jiff::civil::Date::new(year, first_month + months - 1, 1).ok()?.last_of_month();
    Some((Period { first, last }, used + usize::from(stated.is_some())))
}

/// "The first quarter of 2024 against the third": the noun stands with the one before.
pub(super) fn ellipsis(
    tokens: &[Token],
    at: usize,
    before: &[Item],
    known: Option<Period>,
) -> Option<(Period, usize)> {
    let named = before.iter().rev().find(|item| matches!(item.what, What::Period(_)))?;
    let noun = tokens[named.from..named.to]
        .iter()
        .find(|token| part(&token.folded).is_some())
        .filter(|_| ordinal(&tokens[at].folded).is_some_and(|_| !is_digits(&tokens[at].folded)))?;
    let whole: Vec<Token> =
        [tokens[at].clone(), noun.clone()].into_iter().chain(tokens[at + 1..].iter().cloned()).collect();
    let (period, used) = part_of_year(&whole, known)?;
    Some((period, used - 1))
}

fn is_digits(word: &str) -> bool {
    word.chars().all(|letter| letter.is_ascii_digit())
}

/// "last 3 months", "this year", "letzten Monat", "los últimos 2 trimestres".
fn relative(tokens: &[Token], known: Option<Period>, language: Language) -> Option<(Period, usize)> {
    let known = known?;
    let word = |at: usize| tokens.get(at).map(|token: &Token| token.folded.as_str());
    let is = |at: usize, concept: &str| {
        tokens.get(at).is_some_and(|token| means(&token.folded, language, concept))
    };
    let step = |at: usize| {
        [Step::Day, Step::Week, Step::Month, Step::Quarter, Step::Year]
            .into_iter()
            .find(|step| is(at, step.as_str()))
    };
    let number = |at: usize| {
        let word = word(at)?;
        let value = word.parse::<f64>().ok().or_else(|| lexicon::get().numbers.get(word).copied())?;
        (1.0..400.0).contains(&value).then_some(value as i64)
    };
    if is(0, "last") {
        if let (Some(n), Some(step)) = (number(1), step(2)) {
            return Some((when::last(step, n, known)?, 3));
        }
        if let Some(step) = step(1) {
            return Some((when::last_whole(step, known)?, 2));
        }
    }
    // "el mes pasado", "el trimestre anterior"
    if language == Language::Spanish
        && is(1, "last")
        && let Some(step) = step(0)
    {
        return Some((when::last_whole(step, known)?, 2));
    }
    if let (true, Some(step)) = (is(0, "this"), step(1)) {
        return Some((when::last(step, 1, known)?, 2));
    }
    None
}

/// "since March", "until June 2025", "from June to August", "between May and July".
fn open(
    tokens: &[Token],
    known: Option<Period>,
    language: Language,
    comparing: bool,
) -> Option<(Period, usize)> {
    let first = tokens.first()?;
    let is = |concept: &str| means(&first.folded, language, concept);
    let joins = |at: usize| {
        let word = tokens.get(at).map_or("", |token| token.folded.as_str());
        matches!(
            word,
            "to" | "and" | "until" | "till" | "through" | "bis" | "und" | "a" | "al" | "y" | "hasta" | "-"
        )
    };
    let opening =
        is("since") || is("between") || matches!(first.folded.as_str(), "von" | "vom" | "de" | "del");
    if opening && let Some((from, used)) = when::named(&tokens[1..], known) {
        let span = !(comparing && is("between"));
        if span
            && joins(1 + used)
            && let Some((to, more)) = when::named(&tokens[(2 + used).min(tokens.len())..], known)
        {
            let from_first = from_year_of(&tokens[1..=used], from, to);
            if from_first <= to.last && !(is("between") && from == to) {
                return Some((Period { first: from_first, last: to.last }, 2 + used + more));
            }
        }
        // "After June" begins with July.
        if matches!(first.folded.as_str(), "after" | "nach" | "despues") {
            return Some((Period { first: from.last.tomorrow().ok()?, last: when::OPEN }, 1 + used));
        }
        if is("since") {
            // Rows may lie behind what the period of the data ends with: nothing that is later is left out.
            return Some((Period { first: from.first, last: when::OPEN }, 1 + used));
        }
    }
    if is("until")
        && let Some((to, used)) = when::named(&tokens[1..], known)
    {
        // "Before July" ends with June.
        let before = matches!(first.folded.as_str(), "before" | "vor" | "antes");
        let last = if before { to.first.yesterday().ok()? } else { to.last };
        return Some((Period { first: known?.first.min(last), last }, 1 + used));
    }
    None
}

/// "March through May 2024", "Jan-Jun 2024", "Juli bis Dezember 2024": no word opens it.
fn span(tokens: &[Token], known: Option<Period>) -> Option<(Period, usize)> {
    let first = tokens.first()?;
    if let Some((from, to)) = first.folded.split_once('-')
        && when::month(from).is_some()
        && when::month(to).is_some()
    {
        let of = |month: &str| Token { folded: month.to_owned(), ..first.clone() };
        let (to, used) = when::named(&[&[of(to)], tokens.get(1..).unwrap_or_default()].concat(), known)?;
        let (from, _) = when::named(&[of(from)], known)?;
        let from = from.first.with().year(to.first.year()).build().ok()?;
        return (from <= to.last).then_some((Period { first: from, last: to.last }, used));
    }
    let (from, used) = when::named(tokens, known)?;
    let joins = matches!(
        tokens.get(used)?.folded.as_str(),
        "through" | "thru" | "to" | "bis" | "until" | "till" | "hasta"
    );
    let (to, more) = when::named(tokens.get(used + 1..).filter(|_| joins)?, known)?;
    let first = from_year_of(&tokens[..used], from, to);
    (first <= to.last).then_some((Period { first, last: to.last }, used + 1 + more))
}

/// A month without a year before one with a year is of the same year.
fn from_year_of(words: &[Token], from: Period, to: Period) -> jiff::civil::Date {
    let stated = words.iter().any(|token| token.folded.chars().any(|letter| letter.is_ascii_digit()));
    if stated {
        return from.first;
    }
    let of = |year: i16| from.first.with().year(year).build().unwrap_or(from.first);
    let same = of(to.first.year());
    if same <= to.first { same } else { of(to.first.year() - 1) }
}

fn means(word: &str, language: Language, concept: &str) -> bool {
    lexicon::get().phrases[language as usize].get(std::slice::from_ref(&word.to_owned())).is_some_and(
        |meanings| meanings.iter().any(|meaning| matches!(meaning, Meaning::Concept(own) if *own == concept)),
    )
}
