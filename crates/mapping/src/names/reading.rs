//! Reads the headers of a table: the language they are in, and the concepts that each of them names.

use std::collections::BTreeMap;

use super::{
    alias_of, aliases,
    bounds::read_bounds,
    fold::{compact, is_ideograph},
    joined::cut,
    pieces, shared_prefix, shared_suffix, stated_unit, typed,
};
use crate::knowledge::{ConceptId, Kind, Knowledge, LANGUAGES};

/// A run of a header that was understood, and as what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Phrase {
    /// As it stands in the header, folded.
    pub(crate) text: String,
    /// Alternatives, each a list of concepts.
    pub(crate) readings: Vec<Vec<ConceptId>>,
    /// 1 for a spelling of the lexicon, less for inflected and shortened words.
    pub(crate) nearness: f64,
}

/// A header as read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Name {
    /// Without case and punctuation.
    pub(crate) key: String,
    /// The key without the prefix that the whole table shares.
    pub(crate) stripped: String,
    pub(crate) pieces: Vec<String>,
    pub(crate) phrases: Vec<Phrase>,
    /// Words that nobody knows.
    pub(crate) unknown: Vec<String>,
    /// The sets of concepts that the header may name, at most [`MOST_READINGS`], each sorted.
    pub(crate) concepts: Vec<Vec<ConceptId>>,
    /// The mean nearness of its phrases.
    pub(crate) nearness: f64,
}

impl Name {
    /// How much of the header is not understood, in the weight of concepts.
    pub(crate) fn unknown_weight(&self) -> f64 {
        self.unknown.iter().map(|word| if word.chars().count() <= 2 { 0.35 } else { 0.8 }).sum()
    }

    /// Whether any reading names the concept.
    pub(crate) fn names(&self, concept: ConceptId) -> bool {
        self.concepts.iter().any(|concepts| concepts.contains(&concept))
    }
}

/// Readings of one header that are kept: alternatives multiply.
const MOST_READINGS: usize = 12;
/// Pieces that one term may span.
const LONGEST_TERM: usize = 6;

/// All headers of a table, read together: they share a language and perhaps a prefix.
pub(crate) fn read_headers(knowledge: &Knowledge, headers: &[&str]) -> Vec<Name> {
    let headers: Vec<&str> = headers.iter().map(|header| capitalised(knowledge, header)).collect();
    let keys: Vec<String> = headers.iter().map(|header| compact(header)).collect();
    let filled: Vec<&str> = keys.iter().map(String::as_str).filter(|key| !key.is_empty()).collect();
    let prefix = shared_prefix(&filled);
    let prefix_text: String = filled
        .iter()
        .filter_map(|key| key.get(..prefix))
        .fold(BTreeMap::<&str, usize>::new(), |mut counts, text| {
            *counts.entry(text).or_default() += 1;
            counts
        })
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(text, _)| text.to_owned())
        .unwrap_or_default();
    let languages = languages(knowledge, &headers);
    let cut: Vec<Vec<String>> = headers.iter().map(|header| pieces(header)).collect();
    // A suffix that is a word of its own is no mark of the table.
    let suffix = shared_suffix(cut.iter().map(Vec::as_slice))
        .filter(|suffix| exact(knowledge, suffix, &languages).is_none_or(|span| span.nearness < 0.8));
    let (types, records) = (typed::tells_types(&headers), typed::records(&headers));
    let aliases = aliases(&headers);
    let meaning =
        |text: &str| read(knowledge, String::new(), String::new(), pieces(text), None, &languages).concepts;
    let mut names: Vec<Name> = Vec::with_capacity(headers.len());
    for (&header, key) in headers.iter().zip(&keys) {
        let (written, unit) =
            stated_unit::cut(header).map_or((header, None), |(rest, unit)| (rest, Some(unit)));
        let written = match alias_of(written).filter(|alias| aliases.contains(alias)) {
            Some(alias) => &written[alias.len() + 1..],
            None => written,
        };
        let plain = if types { typed::without_type(written) } else { written.to_owned() };
        let mut parts = pieces(typed::without_record(knowledge, &plain, &records, meaning));
        let mut stripped = key.clone();
        // A shared prefix that is a word of its own stays readable where the pieces end with it.
        if !prefix_text.is_empty() && key.starts_with(&prefix_text) && key.len() > prefix_text.len() {
            key[prefix_text.len()..].clone_into(&mut stripped);
            strip_pieces(&mut parts, &prefix_text);
        }
        if parts.len() > 1 && parts.last() == suffix.as_ref() {
            parts.pop();
        }
        let parts = parts.into_iter().flat_map(|part| apart(knowledge, part, &languages)).collect();
        names.push(read(knowledge, key.clone(), stripped, parts, unit, &languages));
    }
    read_bounds(knowledge, &mut names);
    names
}

/// A header in one case as the dictionary spells it where its capitals part it further: `MONO` as Mago's `MoNo`.
fn capitalised<'a>(knowledge: &'a Knowledge, header: &'a str) -> &'a str {
    if header.chars().any(char::is_uppercase) && header.chars().any(char::is_lowercase) {
        return header;
    }
    knowledge
        .dictionary
        .named(&compact(header))
        .map(|entry| (pieces(entry.column).len(), entry.column))
        .max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(a.1)))
        .filter(|(count, _)| *count > pieces(header).len())
        .map_or(header, |(_, spelt)| spelt)
}

/// A piece as it is, or the words that it holds where nothing but their capitals would part them: `ORDERQTY` as
/// `OrderQty`. German and Dutch write words together without capitals, so theirs stay whole.
fn apart(knowledge: &Knowledge, part: String, languages: &[f64; LANGUAGES.len()]) -> Vec<String> {
    let whole =
        exact(knowledge, &part, languages).is_some() || !knowledge.lexicon.inflected(&part).is_empty();
    if whole || part.chars().any(is_ideograph) {
        return vec![part];
    }
    if let Some(segments) = segments(knowledge, &part, languages) {
        let parted_elsewhere = |terms: &[u32]| {
            terms.iter().filter_map(|id| knowledge.lexicon.term(*id)).any(|term| {
                LANGUAGES.get(usize::from(term.language)).is_some_and(|name| !matches!(*name, "de" | "nl"))
            })
        };
        let parted = segments.skipped == 0 && segments.parts.iter().all(|(_, terms)| parted_elsewhere(terms));
        return if parted { segments.parts.into_iter().map(|(word, _)| word).collect() } else { vec![part] };
    }
    let is_known = |word: &str| {
        readings(knowledge, knowledge.lexicon.exact(word).iter().copied(), languages)
            .is_some_and(|(_, share)| share >= 0.3)
    };
    if shortened(knowledge, &part, languages).is_some() {
        return vec![part];
    }
    cut(&part, is_known).unwrap_or_else(|| vec![part])
}

/// Takes a prefix off the front of the pieces, cutting a piece where it ends inside.
fn strip_pieces(parts: &mut Vec<String>, prefix: &str) {
    let mut rest = prefix;
    while let Some(first) = parts.first() {
        if rest.is_empty() {
            return;
        }
        if let Some(after) = rest.strip_prefix(first.as_str()) {
            rest = after;
            parts.remove(0);
        } else if let Some(after) = first.strip_prefix(rest) {
            parts[0] = after.to_owned();
            return;
        } else {
            return;
        }
    }
}

/// How well each language explains the headers: 1 for the best one, less for the others, English always usable.
fn languages(knowledge: &Knowledge, headers: &[&str]) -> [f64; LANGUAGES.len()] {
    let mut known = [0.0_f64; LANGUAGES.len()];
    let mut all = 0.0;
    for header in headers {
        let parts = pieces(header);
        for part in &parts {
            let length = part.chars().count() as f64;
            if length < 2.0 || part.chars().all(char::is_numeric) {
                continue;
            }
            all += length;
            let mut terms = knowledge.lexicon.exact(part).to_vec();
            if terms.is_empty() {
                terms = knowledge.lexicon.inflected(part);
            }
            let mut seen = [false; LANGUAGES.len()];
            for term in terms.into_iter().filter_map(|id| knowledge.lexicon.term(id)) {
                if let Some(seen) = seen.get_mut(usize::from(term.language)) {
                    *seen = true;
                }
            }
            for (known, seen) in known.iter_mut().zip(seen) {
                if seen {
                    *known += length;
                }
            }
            if part.chars().any(is_ideograph) {
                known[LANGUAGES.len() - 1] += length;
            }
        }
    }
    let best = known.iter().copied().fold(0.0, f64::max);
    if best == 0.0 || all == 0.0 {
        return [1.0; LANGUAGES.len()];
    }
    let mut shares = known.map(|known| (known / best).powi(2));
    // English words and abbreviations stand in tables of every language.
    shares[0] = shares[0].max(0.6);
    shares
}

/// One way to read a run of pieces.
struct Span {
    readings: Vec<Vec<ConceptId>>,
    nearness: f64,
    cost: f64,
}

fn read(
    knowledge: &Knowledge,
    key: String,
    stripped: String,
    parts: Vec<String>,
    unit: Option<&[&str]>,
    languages: &[f64; LANGUAGES.len()],
) -> Name {
    let n = parts.len();
    let opaque = is_opaque(&parts);
    // best[i]: cheapest reading of the first i pieces, as (cost, start of the last span, its reading).
    let mut best: Vec<Option<(f64, usize, Option<Span>)>> = Vec::with_capacity(n + 1);
    best.push(Some((0.0, 0, None)));
    for end in 1..=n {
        let mut choice: Option<(f64, usize, Option<Span>)> = None;
        for start in end.saturating_sub(LONGEST_TERM)..end {
            let Some(before) = best[start].as_ref().map(|(cost, ..)| *cost) else { continue };
            let text = parts[start..end].concat();
            let span = if end - start == 1 {
                if opaque {
                    None
                } else {
                    word(knowledge, &text, languages).or_else(|| with_letters(knowledge, &text, languages))
                }
            } else {
                exact(knowledge, &text, languages)
                    .or_else(|| prepositional_unit(knowledge, &parts[start..end], languages))
            };
            let cost = match &span {
                Some(span) => before + span.cost,
                None if end - start == 1 => before + unknown_cost(&text),
                None => continue,
            };
            if choice.as_ref().is_none_or(|(least, ..)| cost < *least - 1e-9) {
                choice = Some((cost, start, span));
            }
        }
        best.push(choice);
    }
    let mut phrases = Vec::new();
    let mut unknown = Vec::new();
    let mut end = n;
    while end > 0 {
        let Some((_, start, span)) = best[end].take() else { break };
        let text = parts[start..end].join(" ");
        match span {
            Some(span) => {
                phrases.push(Phrase { text, readings: span.readings, nearness: span.nearness });
            }
            None if text.chars().all(char::is_numeric) => {}
            None => unknown.push(text),
        }
        end = start;
    }
    phrases.reverse();
    unknown.reverse();
    if let Some(unit) = unit {
        let concepts: Vec<ConceptId> = unit.iter().filter_map(|name| knowledge.concepts.id(name)).collect();
        phrases.push(Phrase {
            text: unit_words(knowledge, &concepts),
            readings: vec![concepts],
            nearness: 1.0,
        });
    }
    let concepts = combine(knowledge, &phrases);
    let nearness = if phrases.is_empty() {
        0.0
    } else {
        phrases.iter().map(|phrase| phrase.nearness).sum::<f64>() / phrases.len() as f64
    };
    Name { key, stripped, pieces: parts, phrases, unknown, concepts, nearness }
}

/// How a unit is told in sentences.
fn unit_words(knowledge: &Knowledge, concepts: &[ConceptId]) -> String {
    concepts.get(1).map_or_else(String::new, |unit| knowledge.concepts.words(*unit))
}

/// `TA008`, `F12`: letters that number a column say nothing.
fn is_opaque(parts: &[String]) -> bool {
    matches!(parts, [letters, digits] if letters.len() <= 3 && digits.len() >= 2 && digits.chars().all(char::is_numeric))
}

/// `in mins`, `en minutos`: a unit behind its preposition, so that `Time In Mins` is no time in.
fn prepositional_unit(
    knowledge: &Knowledge,
    parts: &[String],
    languages: &[f64; LANGUAGES.len()],
) -> Option<Span> {
    let [before, unit] = parts else { return None };
    if !matches!(before.as_str(), "in" | "en" | "em" | "w") {
        return None;
    }
    let span = exact(knowledge, unit, languages)?;
    let is_unit =
        span.readings.iter().flatten().any(|concept| knowledge.concepts.kind(*concept) == Kind::Unit);
    is_unit.then_some(Span { cost: 0.8, ..span })
}

fn unknown_cost(text: &str) -> f64 {
    if text.chars().all(char::is_numeric) { 0.2 } else { 3.0 }
}

/// A spelling of the lexicon, in the languages of the table first.
fn exact(knowledge: &Knowledge, text: &str, languages: &[f64; LANGUAGES.len()]) -> Option<Span> {
    let ids = knowledge.lexicon.exact(text);
    let (readings, share) = readings(knowledge, ids.iter().copied(), languages)?;
    // Two or three letters mean something in some language or other: in one that the table is not in, by chance.
    if share < 0.35 && text.len() <= 3 {
        return Some(Span { readings, nearness: 0.5, cost: 2.2 });
    }
    Some(Span { readings, nearness: 0.85 + 0.15 * share, cost: 1.0 + 0.6 * (1.0 - share) })
}

/// Readings of terms in the best language that has any of them, and how much that language is the table's.
fn readings(
    knowledge: &Knowledge,
    ids: impl Iterator<Item = u32>,
    languages: &[f64; LANGUAGES.len()],
) -> Option<(Vec<Vec<ConceptId>>, f64)> {
    let terms: Vec<_> = ids.filter_map(|id| knowledge.lexicon.term(id)).collect();
    let share = |language: u8| languages.get(usize::from(language)).copied().unwrap_or(0.0);
    let best = terms.iter().map(|term| share(term.language)).fold(f64::NEG_INFINITY, f64::max);
    let mut found: Vec<Vec<ConceptId>> = Vec::new();
    for term in terms.iter().filter(|term| share(term.language) >= best - 0.15) {
        for reading in term.readings.iter() {
            if !found.contains(reading) {
                found.push(reading.clone());
            }
        }
    }
    (!found.is_empty()).then_some((found, best.clamp(0.0, 1.0)))
}

/// One piece: a word of the lexicon, an inflected one, a compound, or an abbreviation.
fn word(knowledge: &Knowledge, text: &str, languages: &[f64; LANGUAGES.len()]) -> Option<Span> {
    if let Some(span) = exact(knowledge, text, languages) {
        return Some(span);
    }
    if let Some((readings, share)) =
        readings(knowledge, knowledge.lexicon.inflected(text).into_iter(), languages)
            .filter(|_| text.len() >= 4)
    {
        return Some(Span { readings, nearness: 0.8, cost: 1.3 + 0.6 * (1.0 - share) });
    }
    if let Some(span) = compound(knowledge, text, languages) {
        return Some(span);
    }
    shortened(knowledge, text, languages)
}

/// A word made of several: `Fertigungsauftrag`, `orderqty`, `計劃數量`.
fn compound(knowledge: &Knowledge, text: &str, languages: &[f64; LANGUAGES.len()]) -> Option<Span> {
    let Segments { parts, skipped, total } = segments(knowledge, text, languages)?;
    let script = text.chars().any(is_ideograph);
    let mut combined: Vec<Vec<ConceptId>> = vec![Vec::new()];
    for (_, terms) in parts {
        let (readings, _) = readings(knowledge, terms.into_iter(), languages)?;
        combined = multiply(&combined, &readings);
    }
    let per_part = if script { 0.15 } else { 0.35 };
    let nearness = if skipped > 0 && script { 0.7 } else { 0.92 };
    Some(Span { readings: combined, nearness, cost: 1.0 + per_part * (total - 1.0).max(0.0) })
}

/// The words that a piece falls into, each with the terms that are spelt so.
struct Segments {
    parts: Vec<(String, Vec<u32>)>,
    /// Characters between them: links, and what of a script is not known.
    skipped: usize,
    total: f64,
}

fn segments(knowledge: &Knowledge, text: &str, languages: &[f64; LANGUAGES.len()]) -> Option<Segments> {
    let chars: Vec<char> = text.chars().collect();
    let script = chars.iter().any(|char| is_ideograph(*char));
    let shortest = if script { 1 } else { 3 };
    if chars.len() < 2 * shortest || chars.len() > 48 {
        return None;
    }
    let n = chars.len();
    let longest = knowledge.lexicon.longest().min(n);
    // best[i]: cost, start of the last part, its terms (none for what is skipped or links).
    let mut best: Vec<Option<(f64, usize, Vec<u32>)>> = vec![None; n + 1];
    best[0] = Some((0.0, 0, Vec::new()));
    for start in 0..n {
        let Some(before) = best[start].as_ref().map(|(cost, ..)| *cost) else { continue };
        let offer =
            |end: usize, cost: f64, terms: Vec<u32>, best: &mut Vec<Option<(f64, usize, Vec<u32>)>>| {
                if best[end].as_ref().is_none_or(|(least, ..)| before + cost < *least - 1e-9) {
                    best[end] = Some((before + cost, start, terms));
                }
            };
        let mut part = String::new();
        for end in start + 1..=n.min(start + longest) {
            part.push(chars[end - 1]);
            // `orderid`, `idorden`: the little words of keys, where capitals no longer part them.
            let of_key = !script
                && match part.as_str() {
                    "id" => n >= 6 && (end == n || start == 0),
                    "no" | "nr" => n >= 7 && end == n,
                    _ => false,
                };
            if end - start < shortest && !of_key || end - start == n {
                continue;
            }
            let usable = |id: &u32| {
                knowledge.lexicon.term(*id).is_some_and(|term| {
                    languages.get(usize::from(term.language)).is_some_and(|share| *share >= 0.3)
                })
            };
            let mut terms: Vec<u32> = knowledge.lexicon.exact(&part).iter().copied().filter(usable).collect();
            let mut cost = if end - start <= 3 && !script { 1.25 } else { 1.0 };
            if terms.is_empty() && !script && end == n && end - start >= 5 {
                terms = knowledge.lexicon.inflected(&part).into_iter().filter(usable).collect();
                cost = 1.2;
            }
            if !terms.is_empty() {
                offer(end, cost, terms, &mut best);
            }
        }
        if start > 0 && !script {
            for link in ["s", "n", "en", "e", "es", "er"] {
                let end = start + link.len();
                if end < n && chars[start..end].iter().copied().eq(link.chars()) {
                    offer(end, 0.15 + 0.1 * link.len() as f64, Vec::new(), &mut best);
                }
            }
        }
        if script && start < n {
            offer(start + 1, 2.0, Vec::new(), &mut best);
        }
    }
    let total = best[n].as_ref().map(|(cost, ..)| *cost)?;
    let mut parts: Vec<(String, Vec<u32>)> = Vec::new();
    let mut skipped = 0;
    let mut end = n;
    while end > 0 {
        let (_, start, terms) = best[end].take()?;
        if terms.is_empty() {
            skipped += end - start;
        } else {
            parts.push((chars[start..end].iter().collect(), terms));
        }
        end = start;
    }
    parts.reverse();
    if parts.is_empty() || (script && skipped * 2 > n) {
        return None;
    }
    Some(Segments { parts, skipped, total })
}

/// A shortened or misspelt word, where all near words agree well enough.
fn shortened(knowledge: &Knowledge, text: &str, languages: &[f64; LANGUAGES.len()]) -> Option<Span> {
    let near = knowledge.lexicon.abbreviated(text);
    let share = |id: u32| {
        knowledge
            .lexicon
            .term(id)
            .and_then(|term| languages.get(usize::from(term.language)).copied())
            .unwrap_or(0.0)
    };
    let weighed: Vec<(u32, f64)> =
        near.into_iter().map(|(id, nearness)| (id, nearness * (0.5 + 0.5 * share(id)))).collect();
    let best = weighed.iter().map(|(_, nearness)| *nearness).fold(0.0, f64::max);
    if best < 0.4 {
        return None;
    }
    let mut found: Vec<Vec<ConceptId>> = Vec::new();
    for (id, _) in weighed.iter().filter(|(_, nearness)| *nearness >= best - 0.05) {
        for reading in knowledge.lexicon.term(*id).into_iter().flat_map(|term| term.readings.iter()) {
            if !found.contains(reading) {
                found.push(reading.clone());
            }
        }
    }
    if found.len() > 4 {
        return None;
    }
    let nearness = best * if found.len() > 1 { 0.8 } else { 1.0 };
    Some(Span { readings: found, nearness, cost: 2.8 - best })
}

/// `FDESC`, `ORQTY`, `QTYRC`: a word with one or two letters before or behind it that only the table's makers can read.
fn with_letters(knowledge: &Knowledge, text: &str, languages: &[f64; LANGUAGES.len()]) -> Option<Span> {
    if text.len() > 8 || !text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let tails = [1, 2].into_iter().filter_map(|letters| text.get(letters..));
    let heads = [1, 2].into_iter().filter_map(|letters| text.get(..text.len().checked_sub(letters)?));
    tails
        .chain(heads)
        .filter(|rest| rest.len() >= 3)
        .filter_map(|rest| exact(knowledge, rest, languages).filter(|span| span.nearness >= 0.9))
        .map(|span| Span { nearness: 0.45, cost: 2.6, ..span })
        .next()
}

fn multiply(sets: &[Vec<ConceptId>], readings: &[Vec<ConceptId>]) -> Vec<Vec<ConceptId>> {
    let mut product = Vec::new();
    for set in sets {
        for reading in readings {
            let mut joined = set.clone();
            joined.extend(reading.iter().filter(|concept| !set.contains(concept)));
            product.push(joined);
        }
    }
    product.truncate(MOST_READINGS);
    product
}

/// The sets of concepts that the phrases may name together.
fn combine(knowledge: &Knowledge, phrases: &[Phrase]) -> Vec<Vec<ConceptId>> {
    let mut sets: Vec<Vec<ConceptId>> = vec![Vec::new()];
    for phrase in phrases {
        sets = multiply(&sets, &phrase.readings);
    }
    for set in &mut sets {
        set.retain(|concept| knowledge.concepts.kind(*concept) != Kind::Filler);
        set.sort_unstable();
        set.dedup();
    }
    sets.retain(|set| !set.is_empty());
    sets.sort();
    sets.dedup();
    sets
}
