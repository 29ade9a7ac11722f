//! What the words of a question are: phrases of the lexicon, values of the data, periods, numbers.

use std::collections::BTreeMap;

use ontology::FieldId;

use super::times;
use crate::{
    Catalog, Dimension, Language,
    intent::{Filter, Period, Step},
    lexicon::{self, Meaning},
    number,
    text::{Token, bare},
    values::Values,
};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Phrase(Vec<Meaning>),
    /// A value of the data, with every field that has it.
    Value {
        said: String,
        fields: Vec<Filter>,
    },
    Period(Period),
    /// A number, and whether it is a share in percent.
    Number {
        value: f64,
        percent: bool,
    },
    /// A code that looks like a value and is none.
    Unknown {
        said: String,
        field: Option<FieldId>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) what: What,
    /// Tokens that it covers.
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Item {
    pub(super) fn concept(&self, name: &str) -> bool {
        matches!(&self.what, What::Phrase(meanings) if meanings.contains(&Meaning::Concept(concept(name))))
    }

    pub(super) fn metric(&self) -> Option<&'static str> {
        let What::Phrase(meanings) = &self.what else { return None };
        meanings.iter().find_map(|meaning| match meaning {
            Meaning::Metric(id) => Some(*id),
            _ => None,
        })
    }

    pub(super) fn dimension(&self) -> Option<&'static Dimension> {
        let What::Phrase(meanings) = &self.what else { return None };
        meanings.iter().find_map(|meaning| match meaning {
            Meaning::Dimension(key) => Dimension::keyed(key),
            _ => None,
        })
    }
}

/// The concept of that name as the lexicon keeps it.
fn concept(name: &str) -> &'static str {
    lexicon::get()
        .phrases
        .iter()
        .flat_map(BTreeMap::values)
        .flatten()
        .find_map(|meaning| match meaning {
            Meaning::Concept(own) if *own == name => Some(*own),
            _ => None,
        })
        .unwrap_or("")
}

/// Words of a value and of a phrase at most.
const WORDS_MAX: usize = 6;

pub(super) fn read(question: &str, tokens: &[Token], catalog: &Catalog, language: Language) -> Vec<Item> {
    let comparing = comparing(tokens, language);
    let mut items: Vec<Item> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        let before = items.last().filter(|item: &&Item| item.to == at).and_then(Item::dimension);
        let after = |to: usize| {
            phrase(&rest[to.min(rest.len())..], language).and_then(|(meanings, _)| dimension(&meanings))
        };
        let value = value(rest, &catalog.values, before, &after, language);
        let period = times::named(rest, catalog.period, language, comparing)
            .or_else(|| times::ellipsis(tokens, at, &items, catalog.period).filter(|_| comparing));
        let phrase = phrase(rest, language);
        let length = |found: Option<usize>| found.unwrap_or(0);
        let lengths = [
            length(period.as_ref().map(|found| found.1)),
            length(phrase.as_ref().map(|found| found.1)),
            length(value.as_ref().map(|found| found.1)),
        ];
        // A value beside its own noun is that value, whatever else the word means.
        let beside = value.as_ref().is_some_and(|found| found.2);
        let (what, used) = if let Some((what, used, _)) = value.filter(|found| {
            beside && found.1 >= lengths[1] && found.1 >= lengths[0] || found.1 > lengths[0].max(lengths[1])
        }) {
            (what, used)
        } else if let Some((period, used)) = period.filter(|found| found.1 >= lengths[1]) {
            (What::Period(period), used)
        } else if let Some((meanings, used)) = phrase {
            (What::Phrase(meanings), used)
        } else if let Some((said, used)) = firm(rest, language) {
            (What::Unknown { said, field: None }, used)
        } else if let Some(what) = code_or_number(question, &tokens[at], before, language) {
            match what {
                What::Number { percent: true, .. } => (what, 1 + percent_words(&rest[1..])),
                What::Number { value, percent } => {
                    match rest.get(1).and_then(|next| times_of(&next.folded)) {
                        Some(times) => (What::Number { value: value * times, percent }, 2),
                        None => (what, 1),
                    }
                }
                what => (what, 1),
            }
        } else {
            at += 1;
            continue;
        };
        items.push(Item { what, from: at, to: at + used });
        at += used;
    }
    of_one_year(&mut items, tokens);
    items
}

/// "June, July and August 2024": the year stands with the last of them.
fn of_one_year(items: &mut [Item], tokens: &[Token]) {
    let stated = |item: &Item| {
        tokens[item.from..item.to].iter().any(|token| crate::when::year(&token.folded).is_some())
    };
    // "Q3 or Q4 2024", "en el T3 o en el T4 de 2024"
    let quarter = |word: &str| word.len() == 2 && word.starts_with(['q', 't']);
    // Whether the year of the one behind came from one still further behind.
    let mut known = false;
    for at in (1..items.len()).rev() {
        let (before, behind) = (&items[at - 1], &items[at]);
        let (What::Period(first), What::Period(last)) = (&before.what, &behind.what) else { continue };
        let word = tokens[before.from].folded.as_str();
        let step = if crate::when::month(word).is_some() {
            Step::Month
        } else if quarter(word) {
            Step::Quarter
        } else {
            continue;
        };
        if before.to - before.from > 1 || !(stated(behind) || known) || behind.from - before.to > 3 {
            known = false;
            continue;
        }
        known = true;
        let years = i64::from(last.first.year() - first.first.year());
        // "November, December and January 2025" begins in the year before.
        let moved = [years, years - 1]
            .into_iter()
            .filter_map(|years| first.first.checked_add(jiff::ToSpan::years(years)).ok())
            .find(|moved| *moved < last.first);
        if let Some(moved) = moved
            && let Some(period) = crate::when::span(step, moved)
        {
            items[at - 1].what = What::Period(period);
        }
    }
}

fn dimension(meanings: &[Meaning]) -> Option<&'static Dimension> {
    meanings.iter().find_map(|meaning| match meaning {
        Meaning::Dimension(key) => Dimension::keyed(key),
        _ => None,
    })
}

/// Whether things are set against each other in the question.
fn comparing(tokens: &[Token], language: Language) -> bool {
    (0..tokens.len()).any(|at| {
        phrase(&tokens[at..], language)
            .is_some_and(|(meanings, _)| meanings.contains(&Meaning::Concept(concept("compare"))))
    })
}

/// The longest phrase that begins here, in the language of the question or else in another.
fn phrase(tokens: &[Token], language: Language) -> Option<(Vec<Meaning>, usize)> {
    let words: Vec<String> = tokens.iter().take(WORDS_MAX).map(|token| token.folded.clone()).collect();
    let find = |language: Language| {
        (1..=words.len()).rev().find_map(|n| {
            lexicon::get().phrases[language as usize].get(&words[..n]).map(|meanings| (meanings.clone(), n))
        })
    };
    // "Las órdenes que planificó PL4": only with its accent, or in front, does it ask.
    let relative = tokens.first().is_some_and(|token| token.written == "que" && token.start > 2);
    let own = find(language).filter(|(_, n)| !(relative && *n == 1));
    let stop = words.first().is_some_and(|word| lexicon::get().stopwords[language as usize].contains(word));
    let foreign = || {
        let foreign = Language::ALL.into_iter().filter(|other| *other != language).find_map(find)?;
        // Words of other languages help with figures and things only: their small words mean something else here.
        let telling = foreign.0.iter().any(|meaning| !matches!(meaning, Meaning::Concept(_)));
        (telling && !stop && words[0].chars().count() > 2).then_some(foreign)
    };
    own.or_else(foreign)
}

/// The longest value that begins here, and whether its noun stands beside it.
fn value(
    tokens: &[Token],
    values: &Values,
    before: Option<&'static Dimension>,
    after: &dyn Fn(usize) -> Option<&'static Dimension>,
    language: Language,
) -> Option<(What, usize, bool)> {
    for n in (1..=tokens.len().min(WORDS_MAX)).rev() {
        let said: Vec<&str> = tokens[..n].iter().map(|token| token.written.as_str()).collect();
        let key = bare(&said.concat());
        // "Coolant failures" are those of the reason "Coolant failure".
        let singular = || {
            let stems = ["s", "es", "n", "en"].iter().filter_map(|ending| key.strip_suffix(ending));
            stems.filter(|stem| stem.chars().count() > 5).find_map(|stem| values.called(stem))
        };
        let Some(found) = values.called(&key).or_else(singular) else { continue };
        let named = |dimension: Option<&Dimension>| -> Vec<Filter> {
            let Some(dimension) = dimension else { return Vec::new() };
            found.iter().filter(|filter| dimension.fields.contains(&filter.field)).cloned().collect()
        };
        let mut fields = named(before);
        let mut beside = !fields.is_empty();
        if fields.is_empty() && n == 1 && key.len() < 3 {
            // "2nd shift" and "2. Schicht" put the noun behind, and so does nothing else.
            fields = named(tokens.get(n).and_then(|_| after(n)));
            beside = !fields.is_empty();
        }
        if fields.is_empty() {
            // Short names and bare numbers are values only beside their noun, and so is a word of everyday language.
            let digits = key.chars().all(|letter| letter.is_ascii_digit());
            let common = n == 1
                && Language::ALL
                    .iter()
                    .any(|language| lexicon::get().stopwords[*language as usize].contains(&tokens[0].folded));
            // "The E orders": a capital within a sentence is a name.
            let letter = n == 1
                && key.chars().count() == 1
                && tokens[0].start > 2
                && tokens[0].written != "I"
                && tokens[0].written.chars().all(char::is_uppercase);
            if (key.chars().count() < 2 || common) && !letter || (digits && key.len() < 5) {
                continue;
            }
            let short_word = key.chars().count() < 4 && key.chars().all(char::is_alphabetic);
            if short_word && n == 1 && found.iter().all(|filter| filter.value != tokens[0].written) {
                continue;
            }
            fields.clone_from(found);
        }
        // The number of a thing says more than its name.
        fields.sort_by_key(|filter| {
            Dimension::of(filter.field).and_then(|d| d.fields.iter().position(|f| *f == filter.field))
        });
        fields.dedup_by(|a, b| {
            Dimension::of(a.field).is_some() && Dimension::of(a.field) == Dimension::of(b.field)
        });
        let _ = language;
        return Some((What::Value { said: said.join(" "), fields }, n, beside));
    }
    None
}

/// "Hinterhuber GmbH": a firm that the data do not know.
fn firm(tokens: &[Token], language: Language) -> Option<(String, usize)> {
    const FORMS: &[&str] = &[
        "gmbh",
        "ag",
        "kg",
        "se",
        "ohg",
        "inc",
        "llc",
        "ltd",
        "corp",
        "corporation",
        "company",
        "co",
        "plc",
        "sa",
        "s.a",
        "sl",
        "s.l",
        "srl",
        "s.r.l",
        "spa",
        "s.p.a",
        "bv",
        "b.v",
        "nv",
        "sas",
        "oy",
        "ab",
        "aps",
    ];
    let name = |token: &&Token| {
        token.written.starts_with(char::is_uppercase)
            && !lexicon::get().stopwords[language as usize].contains(&token.folded)
    };
    let words = tokens.iter().take(3).take_while(name).count();
    let form =
        (1..=words).find(|at| tokens.get(*at).is_some_and(|token| FORMS.contains(&token.folded.as_str())))?;
    let said: Vec<&str> = tokens[..=form].iter().map(|token| token.written.as_str()).collect();
    Some((said.join(" "), form + 1))
}

/// A number with what stands behind it, or a code that names nothing that is there.
fn code_or_number(
    question: &str,
    token: &Token,
    before: Option<&'static Dimension>,
    language: Language,
) -> Option<What> {
    let has = |test: fn(char) -> bool| token.folded.chars().any(test);
    let field = before.and_then(|dimension| dimension.fields.first().copied());
    if !has(|letter| letter.is_ascii_digit()) {
        if let Some(value) = lexicon::get().numbers.get(&token.folded) {
            return Some(What::Number { value: *value, percent: percent(question, token) });
        }
        return None;
    }
    // "300k"
    let thousands = token.folded.trim_start_matches(['$', '€']).strip_suffix('k');
    if let Some(value) = thousands.and_then(|digits| number::read(digits, language)) {
        return Some(What::Number { value: value * 1e3, percent: false });
    }
    let times = ["-mal", "mal", "-times", "x"].iter().find_map(|ending| token.folded.strip_suffix(ending));
    let times = times.filter(|digits| digits.chars().all(|letter| letter.is_ascii_digit()));
    if let Some(value) = number::read(times.unwrap_or(&token.folded), language) {
        let percent = token.folded.ends_with('%') || percent(question, token);
        if !percent && field.is_some() && token.folded.chars().all(|letter| letter.is_ascii_digit()) {
            return Some(What::Unknown { said: token.written.clone(), field });
        }
        return Some(What::Number { value, percent });
    }
    (has(char::is_alphabetic) || field.is_some())
        .then(|| What::Unknown { said: token.written.clone(), field })
}

/// What a word behind a number multiplies it by.
fn times_of(word: &str) -> Option<f64> {
    match word {
        "k" | "thousand" | "grand" | "tausend" | "tsd" | "mil" => Some(1e3),
        "million" | "millions" | "mio" | "mn" | "mm" | "millionen" | "millon" | "millones" => Some(1e6),
        _ => None,
    }
}

/// How many words say that the number before them is one of percent.
fn percent_words(tokens: &[Token]) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.folded.as_str());
    match (word(0), word(1)) {
        ("percent" | "prozent", _) => 1,
        ("por", "ciento") | ("per", "cent") => 2,
        _ => 0,
    }
}

fn percent(question: &str, token: &Token) -> bool {
    let rest = question.get(token.end..).unwrap_or_default().trim_start();
    let rest = rest.to_lowercase();
    rest.starts_with('%')
        || ["percent", "prozent", "por ciento", "per cent"].iter().any(|word| rest.starts_with(word))
}
