//! The catalogue of a language, and how a sentence is found in it.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    Tongue, concepts,
    figures::{self, Part},
};

/// The reviewed files, by what they speak of.
const FILES: [(&str, &str); 13] = [
    ("frame", include_str!("../words/frame.txt")),
    ("findings", include_str!("../words/findings.txt")),
    ("analysis", include_str!("../words/analysis.txt")),
    ("data", include_str!("../words/data.txt")),
    ("fields", include_str!("../words/fields.txt")),
    ("preparation", include_str!("../words/preparation.txt")),
    ("reading", include_str!("../words/reading.txt")),
    ("settings", include_str!("../words/settings.txt")),
    ("console", include_str!("../words/console.txt")),
    ("messages", include_str!("../words/messages.txt")),
    ("refusals", include_str!("../words/refusals.txt")),
    ("reports", include_str!("../words/reports.txt")),
    ("packs", include_str!("../words/packs.txt")),
];

static GERMAN: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(Tongue::German));
static SPANISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(Tongue::Spanish));

/// The catalogue of a language; that of German stands in for English, which nobody asks for.
pub(crate) fn of(tongue: Tongue) -> &'static Catalogue {
    if tongue == Tongue::Spanish { &SPANISH } else { &GERMAN }
}

/// Sentences of parts that are parts themselves are looked into this deep; each sentence behind another takes one step.
const DEPTH: u8 = 5;

/// Patterns with fewer letters of their own are taken only for names and for words that are all known.
const SLIGHT: usize = 12;

/// Whether words of the customer are a name, not a sentence.
fn is_name(text: &str) -> bool {
    let words = text.split(' ').filter(|word| word.chars().any(char::is_alphanumeric));
    words.count() <= 6 && ![" · ", ". ", "; ", ": ", ", "].iter().any(|mark| text.contains(mark))
}

/// How a sentence is looked for.
#[derive(Debug, Clone, Copy)]
struct How {
    depth: u8,
    /// Words of ours that are not known make the whole sentence unknown, where they else stay English.
    strict: bool,
}

impl How {
    fn deeper(self) -> Self {
        Self { depth: self.depth.saturating_sub(1), ..self }
    }
}

#[derive(Debug)]
pub(crate) struct Catalogue {
    tongue: Tongue,
    /// By the sentence with its numbers and dates taken out.
    exact: HashMap<String, &'static str>,
    /// Sentences with words of the customer in them, by their first word; those that begin with such words are under
    /// the empty one. The longest first.
    patterns: HashMap<&'static str, Vec<Pattern>>,
}

#[derive(Debug)]
struct Pattern {
    pieces: Vec<Piece>,
    said: &'static str,
    weight: usize,
}

impl Pattern {
    /// Heavy ones first; of slight ones those whose every word is ours, as a name may be anything.
    fn rank(&self) -> (bool, bool, usize) {
        let is_heavy = self.weight >= SLIGHT;
        let is_ours = !self.pieces.contains(&Piece::Hole('x'));
        (is_heavy, !is_heavy && is_ours, self.weight)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Words(&'static str),
    Hole(char),
}

impl Catalogue {
    fn read(tongue: Tongue) -> Self {
        let mut catalogue = Self { tongue, exact: HashMap::new(), patterns: HashMap::new() };
        for (english, german, spanish) in FILES.iter().flat_map(|(_, text)| entries(text)) {
            let said = if tongue == Tongue::Spanish { spanish } else { german };
            if english.contains("{x}") || english.contains("{t}") {
                let pieces = pieces(english);
                let first = match pieces.first() {
                    Some(Piece::Words(words)) if words.contains(' ') => first_word(words),
                    _ => "",
                };
                let weight = pieces
                    .iter()
                    .map(|piece| if let Piece::Words(words) = piece { words.len() } else { 0 })
                    .sum();
                catalogue.patterns.entry(first).or_default().push(Pattern { pieces, said, weight });
            } else {
                catalogue.exact.insert(shape(english).0, said);
            }
        }
        for list in catalogue.patterns.values_mut() {
            list.sort_by_key(|pattern| std::cmp::Reverse(pattern.rank()));
        }
        catalogue
    }

    /// What a sentence is in this language, if the catalogue knows it or it is nothing but figures.
    pub(crate) fn say(&self, text: &str) -> Option<String> {
        self.spoken(text, How { depth: DEPTH, strict: false })
    }

    /// A label of a drawing: figures, months, and ours that hold a figure, such as `80% of all`.
    pub(crate) fn label(&self, text: &str) -> Option<String> {
        // `M07 n=1,234`: a name of the customer's and how much is behind its mark.
        if let Some((name, count)) = text.rsplit_once(" n=") {
            let name = self.label(name).unwrap_or_else(|| name.to_owned());
            return Some(format!("{name} n={}", figures::localized(count, self.tongue)));
        }
        // The same on a line of its own.
        if let Some(count) =
            text.strip_prefix("n=").filter(|count| count.starts_with(|c: char| c.is_ascii_digit()))
        {
            return Some(format!("n={}", figures::localized(count, self.tongue)));
        }
        let (key, found) = shape(text);
        let ours = if found.is_empty() { None } else { self.exact.get(&key) };
        if let Some(said) = ours {
            let held: Vec<Held<'_>> = found.into_iter().map(|(kind, shown)| Held { kind, shown }).collect();
            return self.filled(said, &held, How { depth: 0, strict: false });
        }
        let figures = figures::lone_month(text, self.tongue).or_else(|| self.figures_only(text));
        figures.or_else(|| {
            // An amount and what belongs to it: `1.2k h · 12%`.
            let (one, other) = text.split_once(" · ").filter(|_| !found.is_empty())?;
            let say = |part: &str| self.label(part).unwrap_or_else(|| part.to_owned());
            Some(format!("{} · {}", say(one), say(other)))
        })
    }

    /// Whether a sentence and every part of it is known.
    pub(crate) fn knows(&self, text: &str) -> bool {
        self.spoken(text, How { depth: DEPTH, strict: true }).is_some()
    }

    fn spoken(&self, text: &str, how: How) -> Option<String> {
        let (key, figures) = shape(text);
        if let Some(said) = self.exact.get(&key) {
            let held: Vec<Held> = figures.iter().map(|(kind, shown)| Held { kind: *kind, shown }).collect();
            return self.filled(said, &held, how);
        }
        if let Some(said) = self.at_the_start(&key).and_then(|said| {
            let held: Vec<Held> = figures.iter().map(|(kind, shown)| Held { kind: *kind, shown }).collect();
            self.filled(said, &held, how).map(|said| raised(&said))
        }) {
            return Some(said);
        }
        if let Some(month) = figures::lone_month(text, self.tongue) {
            return Some(month);
        }
        if let Some(said) = concepts::of_header(text, self.tongue) {
            return Some(said);
        }
        if how.depth == 0 {
            return None;
        }
        // A label, and sentences one after the other: a pattern would take what follows for words of its own.
        let label = text.strip_suffix(':').and_then(|head| self.spoken(head, how.deeper()));
        if let Some(said) = label {
            return Some(format!("{said}:"));
        }
        if let Some(said) = self.sentences(text, how) {
            return Some(said);
        }
        // `Planned run time: …`: both sides are usually sentences of their own, found at once.
        if let Some((head, tail)) = text.split_once(": ")
            && let (Some(head), Some(tail)) = (self.exact.get(head), self.exact.get(tail))
            && !head.contains('{')
            && !tail.contains('{')
        {
            return Some(format!("{head}: {tail}"));
        }
        self.by_pattern(text, how)
            .or_else(|| self.figures_only(text))
            .or_else(|| self.in_parts(text, how))
            .or_else(|| self.without_stop(text, how))
    }

    /// A sentence that is known as a label, without its full stop.
    fn without_stop(&self, text: &str, how: How) -> Option<String> {
        let said = self.spoken(text.strip_suffix('.')?, how.deeper())?;
        Some(format!("{said}."))
    }

    /// What is listed without a capital letter and stands at the start here.
    fn at_the_start(&self, key: &str) -> Option<&'static str> {
        let mut letters = key.chars();
        let first = letters.next().filter(|first| first.is_uppercase())?;
        let small: String = first.to_lowercase().chain(letters).collect();
        self.exact.get(&small).copied()
    }

    /// The heaviest pattern that fits, whether it begins with a word of ours or not.
    fn by_pattern(&self, text: &str, how: How) -> Option<String> {
        let of = |word: &str| self.patterns.get(word).map_or(&[][..], Vec::as_slice);
        let (mut begun, mut open) = (of(first_word(text)), of(""));
        loop {
            let heavier = match (begun.first(), open.first()) {
                (Some(one), Some(other)) => one.rank() >= other.rank(),
                (one, _) => one.is_some(),
            };
            let list = if heavier { &mut begun } else { &mut open };
            let (pattern, rest) = list.split_first()?;
            *list = rest;
            let mut held = Vec::new();
            // Few words of its own: half a sentence in each language would be worse than English.
            let is_slight = pattern.weight < SLIGHT;
            let how = How { strict: how.strict || is_slight, ..how };
            let fit = fits(&pattern.pieces, text, &mut held)
                && !(is_slight && held.iter().any(|one| one.kind == 'x' && !is_name(one.shown)));
            if let Some(said) = fit.then(|| self.filled(pattern.said, &held, how)).flatten() {
                return Some(said);
            }
        }
    }

    /// Sentences one after the other, of which the first and all that follows are known.
    fn sentences(&self, text: &str, how: How) -> Option<String> {
        text.match_indices(". ").find_map(|(at, _)| {
            let first = self.spoken(&text[..=at], How { depth: 2, ..how })?;
            let rest = self.spoken(&text[at + 2..], how.deeper())?;
            Some(format!("{first} {rest}"))
        })
    }

    /// A text without words: its figures as this language writes them.
    fn figures_only(&self, text: &str) -> Option<String> {
        let parts = figures::parts(text);
        let lone = |words: &str| !words.chars().any(char::is_alphabetic);
        let found = parts.iter().any(|part| !matches!(part, Part::Words(_)));
        let bare = parts.iter().all(|part| if let Part::Words(words) = part { lone(words) } else { true });
        (found && bare).then(|| {
            parts
                .iter()
                .map(|part| match part {
                    Part::Words(words) => (*words).to_owned(),
                    Part::Number(number) => figures::localized(number, self.tongue),
                    Part::Date(date) => figures::dated(date, self.tongue),
                })
                .collect()
        })
    }

    /// Sentences one after the other, and things set apart by dots in the middle, each by itself.
    fn in_parts(&self, text: &str, how: How) -> Option<String> {
        if let Some((edge, rest)) = leading_mark(text) {
            return self.spoken(rest, how.deeper()).map(|said| format!("{edge}{said}"));
        }
        if text.contains(" · ") {
            let mut any = false;
            let said: Vec<String> = text
                .split(" · ")
                .map(|part| {
                    let said = self.spoken(part, how.deeper());
                    any |= said.is_some();
                    said.unwrap_or_else(|| part.to_owned())
                })
                .collect();
            return any.then(|| said.join(" · "));
        }
        if let Some((head, tail)) = text.split_once(": ")
            && let (Some(first), Some(rest)) =
                (self.spoken(head, how.deeper()), self.spoken(tail, how.deeper()))
        {
            return Some(format!("{first}: {rest}"));
        }
        for (at, _) in text.match_indices("; ") {
            let first = self.spoken(&text[..at], How { depth: 1, ..how });
            if let (Some(first), Some(rest)) = (first, self.spoken(&text[at + 2..], how)) {
                return Some(format!("{first}; {rest}"));
            }
        }
        // A list of which every thing is known.
        if text.contains(", ") {
            let strict = How { strict: true, ..how.deeper() };
            let said: Option<Vec<String>> = text.split(", ").map(|one| self.spoken(one, strict)).collect();
            return said.map(|said| said.join(", "));
        }
        None
    }

    /// A sentence of the catalogue with what it speaks of.
    fn filled(&self, said: &str, held: &[Held<'_>], how: How) -> Option<String> {
        let mut out = String::with_capacity(said.len() + 16);
        let mut used = [0_usize; 256];
        let mut rest = said;
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            let hole = rest[at + 1..].split_once('}');
            let Some((name, after)) = hole.filter(|(name, _)| is_hole(name)) else {
                out.push('{');
                rest = &rest[at + 1..];
                continue;
            };
            rest = after;
            let kind = name.as_bytes()[0];
            let next = &mut used[usize::from(kind)];
            let nth = name[1..].parse().map_or(*next, |nth: usize| nth.saturating_sub(1));
            *next = nth + 1;
            if let Some(one) = held.iter().filter(|one| one.kind == char::from(kind)).nth(nth) {
                out.push_str(&self.one(one, how)?);
            }
        }
        out.push_str(rest);
        Some(out)
    }

    fn one(&self, held: &Held<'_>, how: How) -> Option<String> {
        match held.kind {
            'n' => Some(figures::localized(held.shown, self.tongue)),
            'd' => Some(figures::dated(held.shown, self.tongue)),
            't' => {
                self.words(held.shown, how.deeper()).or_else(|| (!how.strict).then(|| held.shown.to_owned()))
            }
            _ => Some(held.shown.to_owned()),
        }
    }

    /// Words within a sentence: as they are, as they stand at the start of one, or as a list.
    fn words(&self, text: &str, how: How) -> Option<String> {
        if let Some(said) = self.spoken(text, how).or_else(|| self.within(text, how)) {
            return Some(said);
        }
        let (mark, parts): (&str, Vec<&str>) = if text.contains(", ") {
            (", ", text.split(", ").collect())
        } else {
            (" and ", text.split(" and ").collect())
        };
        if parts.len() < 2 {
            return None;
        }
        let said: Option<Vec<String>> = parts
            .iter()
            .map(|one| self.words(one, how).or_else(|| (!how.strict).then(|| (*one).to_owned())))
            .collect();
        let mark = match (mark, self.tongue) {
            (" and ", Tongue::German) => " und ",
            (" and ", _) => " y ",
            (mark, _) => mark,
        };
        said.map(|said| said.join(mark))
    }

    /// A name of ours in the middle of a sentence: Spanish writes it small, German only its adjective.
    fn within(&self, text: &str, how: How) -> Option<String> {
        let mut letters = text.chars();
        let first = letters.next().filter(|first| first.is_lowercase())?;
        let mut raised: String = first.to_uppercase().chain(letters).collect();
        // Fields by their ids: `actual run hours` is what people call the actual run time.
        for (id, name) in [(" hours", " time"), (" id", " number")] {
            if let Some(stem) = raised.strip_suffix(id) {
                raised = format!("{stem}{name}");
            }
        }
        let said = self.spoken(&raised, how)?;
        let mut words = said.split(' ');
        let head = words.next().unwrap_or_default();
        let noun_follows = words.next().is_some_and(|word| {
            // `Familie C`: what is a name is no noun.
            word.starts_with(char::is_uppercase) && word.chars().nth(1).is_some_and(char::is_lowercase)
        });
        let small = self.tongue == Tongue::Spanish
            || noun_follows && head.ends_with(['e', 'r', 's']) && !head.contains('-');
        if !small {
            return Some(said);
        }
        let mut letters = said.chars();
        letters.next().map(|first| first.to_lowercase().chain(letters).collect())
    }
}

/// What stood in a hole.
#[derive(Debug, Clone, Copy)]
struct Held<'a> {
    kind: char,
    shown: &'a str,
}

/// The lines of a file: `English | German | Spanish`.
pub(crate) fn entries(
    text: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut parts = line.split(" | ").map(str::trim);
        Some((parts.next()?, parts.next()?, parts.next()?))
    })
}

/// `n`, `x2`: what stands between the braces of a hole.
fn is_hole(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|kind| b"ndxt".contains(&kind)) && bytes.all(|byte| byte.is_ascii_digit())
}

/// With a capital letter at the start.
fn raised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

/// Marks that fragments of a sentence begin with, and what stands behind.
fn leading_mark(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start_matches(['·', ',', '.', ':', '(', '+', ' ', '–', '→']);
    (rest.len() < text.len() && !rest.is_empty()).then(|| (&text[..text.len() - rest.len()], rest))
}

/// A sentence with its numbers and dates taken out, and these.
fn shape(text: &str) -> (String, Vec<(char, &str)>) {
    let mut key = String::with_capacity(text.len());
    let mut figures = Vec::new();
    for part in figures::parts(text) {
        match part {
            Part::Words(words) => key.push_str(words),
            Part::Number(number) => {
                key.push_str("{n}");
                figures.push(('n', number));
            }
            Part::Date(date) => {
                key.push_str("{d}");
                figures.push(('d', date));
            }
        }
    }
    (key, figures)
}

fn pieces(text: &'static str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let hole = &rest.as_bytes()[at..];
        let is_hole = hole.len() > 2 && b"ndxt".contains(&hole[1]) && hole[2] == b'}';
        if !is_hole {
            break;
        }
        if at > 0 {
            pieces.push(Piece::Words(&rest[..at]));
        }
        pieces.push(Piece::Hole(char::from(hole[1])));
        rest = &rest[at + 3..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

/// Whether a text is made of these pieces, and what stands in the holes.
fn fits<'a>(pieces: &[Piece], text: &'a str, held: &mut Vec<Held<'a>>) -> bool {
    match pieces {
        [] => text.is_empty(),
        [Piece::Words(words), rest @ ..] => {
            text.strip_prefix(words).is_some_and(|after| fits(rest, after, held))
        }
        [Piece::Hole(kind)] => {
            is_held(*kind, text) && {
                held.push(Held { kind: *kind, shown: text });
                true
            }
        }
        [Piece::Hole(kind), rest @ ..] => {
            let Some(Piece::Words(next)) = rest.first() else { return false };
            for (at, _) in text.match_indices(next) {
                let shown = &text[..at];
                if !is_held(*kind, shown) {
                    continue;
                }
                let before = held.len();
                held.push(Held { kind: *kind, shown });
                if fits(rest, &text[at..], held) {
                    return true;
                }
                held.truncate(before);
            }
            false
        }
    }
}

fn is_held(kind: char, text: &str) -> bool {
    let whole = || -> Option<Part<'_>> {
        let parts = figures::parts(text);
        (parts.len() == 1).then(|| parts[0])
    };
    match kind {
        'n' => matches!(whole(), Some(Part::Number(_))),
        'd' => matches!(whole(), Some(Part::Date(_))),
        _ => !text.trim().is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_line_has_three_languages_and_the_same_holes() {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (file, text) in FILES {
            for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let parts: Vec<&str> = line.split(" | ").map(str::trim).collect();
                if parts.len() != 3 || parts.iter().any(|part| part.is_empty()) {
                    wrong.push(format!("{file}: not three languages: {line}"));
                    continue;
                }
                let holes = |text: &str| {
                    let mut counts = BTreeMap::new();
                    for kind in ["{n", "{d", "{x", "{t"] {
                        counts.insert(kind, text.matches(kind).count());
                    }
                    counts
                };
                let english = holes(&shape(parts[0]).0);
                for said in &parts[1..] {
                    for (kind, count) in holes(said) {
                        if count > english[kind] {
                            wrong.push(format!("{file}: {kind}}} too often: {line}"));
                        }
                    }
                    if english["{x"] > holes(said)["{x"] || english["{n"] > holes(said)["{n"] + numbers(said)
                    {
                        wrong.push(format!("{file}: something is lost: {line}"));
                    }
                }
                if let Some(before) = seen.insert(shape(parts[0]).0, file) {
                    wrong.push(format!("{file}: also in {before}: {}", parts[0]));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn numbers(text: &str) -> usize {
        figures::parts(text).iter().filter(|part| matches!(part, Part::Number(_))).count()
    }
}
