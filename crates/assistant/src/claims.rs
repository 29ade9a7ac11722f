//! Claims without digits: “doubled”, “half”, “most of”, “the largest”, “rose”, and names.
//!
//! Which words claim something is data (`data/claims.csv`). What supports one comes from the typed results of look-ups:
//!
//! - a ratio (“twice”, “a third”): two values of a comparison, a line against its whole, the first step of a development against the
//!   last, two lines that the sentence names, or a share that a look-up gave, within a tenth;
//! - a part (“most of”): some such share above a half;
//! - a superlative: a list that was ranked, of which the end in question is known; where the sentence names lines of lists, one of
//!   them must stand at that end (“second” and “third” are counted);
//! - a direction (“rose”, “lower”): a comparison or development that goes that way, or a list of different values;
//! - a name: it stands in a result, in the question, or in what was said before. A name is a value of the data as the catalogue has
//!   it, and in English and Spanish any other word with a capital within a sentence; in German, where every noun has one, a word in
//!   capitals throughout, behind “Maschine”, “Lieferant”, …, or before “`GmbH`” and its like.
//!
//! Words of findings, which are ours, support themselves. It is a net with known holes: what is claimed by a whole sentence without
//! any such word is not seen.

use std::{collections::BTreeSet, sync::LazyLock};

use crate::{
    Catalog, Language, language, lexicon, text,
    tool::{Figures, Findings, Outcome, Table},
};

/// How far from its ratio a word may be.
const NEAR: f64 = 0.1;
/// Words of a cell that may be a name; longer ones are prose.
const WORDS_MAX: usize = 6;
/// Words in capitals that are no names.
const ORDINARY: &str = "OEE KPI KPIS FPY MTBF MTTR USD EUR GBP CHF MXN XXX CSV SQL ERP MES ISO ID IDS CNC KG KWH H PDF PLANTINTEL I OK";
const COMPANIES: &str = "gmbh ag kg se inc ltd llc corp co sa sl srl plc";

/// What supports claims.
#[derive(Debug, Clone, Default)]
pub struct Grounds {
    ratios: Vec<f64>,
    shares: Vec<f64>,
    rankings: Vec<Ranking>,
    rises: bool,
    falls: bool,
    /// Folded words of findings.
    said: BTreeSet<String>,
    /// Words of claims that stand in names of the data: whoever named a supplier “doubled” supports nothing.
    tainted: BTreeSet<String>,
    /// Folded words of all that was read or asked.
    seen: BTreeSet<String>,
    /// The same as one text, for names of several words.
    text: String,
    /// Names of the data as they are written there.
    names: BTreeSet<String>,
}

/// What a line may be called: folded words of each name.
type Names = Vec<Vec<String>>;

#[derive(Debug, Clone)]
struct Ranking {
    /// Names with values, the largest first.
    lines: Vec<(Names, f64)>,
    /// Whether the largest and the smallest of all are among them.
    top: bool,
    bottom: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Claim {
    Ratio(f64),
    Part,
    Most,
    Least,
    Extreme,
    Up,
    Down,
    Ordinal(usize),
    None,
}

struct Phrases {
    /// Folded words of each phrase, the longest first.
    phrases: Vec<(Vec<String>, Claim)>,
    /// Words that begin or are a claim.
    words: BTreeSet<String>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Vec::new();
    for row in lexicon::rows(include_str!("../data/claims.csv")) {
        let value = row[1].parse().unwrap_or(0.0);
        let claim = match row[0] {
            "ratio" => Claim::Ratio(value),
            "part" => Claim::Part,
            "most" => Claim::Most,
            "least" => Claim::Least,
            "extreme" => Claim::Extreme,
            "up" => Claim::Up,
            "down" => Claim::Down,
            "second" | "third" => Claim::Ordinal(value as usize),
            _ => Claim::None,
        };
        for phrase in row[2..].iter().flat_map(|cell| cell.split('|')) {
            let words: Vec<String> = pieces(phrase).into_iter().map(|piece| piece.folded).collect();
            if !words.is_empty() {
                phrases.push((words, claim));
            }
        }
    }
    phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    let words = phrases
        .iter()
        .filter(|(_, claim)| !matches!(claim, Claim::None | Claim::Ordinal(_)))
        .flat_map(|(words, _)| words.iter().filter(|word| word.len() > 2).cloned())
        .collect();
    Phrases { phrases, words }
});

#[derive(Debug, Clone)]
struct Piece<'a> {
    written: &'a str,
    folded: String,
    start: usize,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if letter.is_alphanumeric() {
            start.get_or_insert(at);
        } else if let Some(begin) = start.take() {
            let written = &text[begin..at];
            pieces.push(Piece { written, folded: text::fold(written), start: begin });
        }
    }
    pieces
}

fn folded(text: &str) -> Vec<String> {
    pieces(text).into_iter().map(|piece| piece.folded).collect()
}

impl Grounds {
    /// Names that sentences may speak of only where they were read.
    pub fn catalog(&mut self, catalog: &Catalog) {
        let plain = |name: &&String| {
            let words = folded(name);
            let known =
                words.len() == 1 && lexicon::get().words.iter().any(|known| known.contains(&words[0]));
            name.chars().count() >= 4 && name.starts_with(char::is_uppercase) && !known
        };
        self.names.extend(catalog.values.values().flatten().filter(plain).cloned());
        for value in catalog.values.values().flatten() {
            self.tainted.extend(folded(value).into_iter().filter(|word| PHRASES.words.contains(word)));
        }
    }

    /// Words that may be said again: of the question, of earlier answers, of results.
    pub fn heard(&mut self, words: &str) {
        let words = folded(words);
        self.text.push(' ');
        self.text.push_str(&words.join(" "));
        self.text.push(' ');
        self.seen.extend(words);
    }

    /// A result of a look-up.
    pub fn outcome(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Figures(figures) => self.figures(figures),
            Outcome::Explained(explained) => self.figures(&explained.figures),
            Outcome::Comparison(both) => {
                self.figures(&both.first);
                self.figures(&both.second);
                if let Some(difference) = &both.difference {
                    self.change(difference.from, difference.to);
                }
            }
            Outcome::Difference(difference) => self.change(difference.from, difference.to),
            Outcome::Findings(findings) => self.findings(findings),
            Outcome::Finding(found) => {
                self.said.extend(folded(&found.line.title));
                for line in
                    found.assumptions.iter().chain(&found.actions).chain([&found.comparison, &found.measure])
                {
                    self.said.extend(folded(line));
                }
            }
            Outcome::Values(values) => {
                let lines =
                    values.lines.iter().map(|line| (vec![folded(&line.name)], line.rows as f64)).collect();
                self.rank(lines, values.lines.len() as u64 >= values.total);
                let whole: f64 = values.lines.iter().map(|line| line.rows as f64).sum();
                if values.lines.len() as u64 >= values.total && whole > 0.0 {
                    self.shares.extend(values.lines.iter().map(|line| line.rows as f64 / whole));
                }
            }
            Outcome::Totals(totals) => {
                self.change(totals.planned_cost, totals.actual_cost);
                let parts = totals.parts.iter().map(|(name, value)| (vec![folded(name)], *value)).collect();
                self.rank(parts, true);
                if totals.variance != 0.0 {
                    self.shares.extend(totals.parts.iter().map(|(_, part)| part / totals.variance));
                    self.shares.push(totals.explained / totals.variance);
                    self.shares.push(totals.remainder / totals.variance);
                }
            }
            Outcome::Case(case) => {
                for figure in &case.figures {
                    self.change(figure.today, figure.then);
                }
                for line in case.assumptions.iter().chain([&case.formula]) {
                    self.said.extend(folded(line));
                }
            }
            Outcome::Table(table) => self.table(table),
            Outcome::Missing(_) | Outcome::Refused { .. } => {}
        }
    }

    fn change(&mut self, from: f64, to: f64) {
        self.rises |= to > from || from > to;
        self.falls |= to < from || from < to;
        if from > 0.0 && to > 0.0 {
            self.ratios.extend([to / from, from / to]);
            self.shares.push(((to - from) / from).abs());
        }
    }

    fn development(&mut self, from: f64, to: f64) {
        self.rises |= to > from;
        self.falls |= to < from;
        if from > 0.0 && to > 0.0 {
            self.ratios.push(to / from);
        }
    }

    fn figures(&mut self, figures: &Figures) {
        let values: Vec<(Vec<String>, f64)> = figures
            .lines
            .iter()
            .filter_map(|line| Some((folded(&line.name), line.value.filter(|value| value.is_finite())?)))
            .collect();
        let whole = figures.whole.value.filter(|whole| *whole > 0.0);
        if figures.unit == "1" {
            self.shares.extend(values.iter().map(|(_, value)| *value).chain(whole));
        } else if let (Some(whole), Some(metric)) = (whole, lexicon::Metric::named(&figures.metric))
            && metric.adds_up()
        {
            let mut sum = 0.0;
            for (_, value) in &values {
                sum += value;
                self.shares.extend([value / whole, sum / whole]);
            }
        }
        let stepped = values
            .iter()
            .all(|(name, _)| name.first().is_some_and(|part| part.len() == 4 && part.parse::<u16>().is_ok()));
        if stepped && let (Some((_, first)), Some((_, last))) = (values.first(), values.last()) {
            self.development(*first, *last);
            for pair in values.windows(2) {
                self.rises |= pair[1].1 > pair[0].1;
                self.falls |= pair[1].1 < pair[0].1;
            }
        }
        let values = values.into_iter().map(|(name, value)| (vec![name], value)).collect();
        self.rank(values, figures.lines.len() as u64 >= figures.groups);
    }

    fn findings(&mut self, findings: &Findings) {
        for line in &findings.lines {
            self.said.extend(folded(&line.title));
        }
        let lines = findings
            .lines
            .iter()
            .filter_map(|line| Some((within(&folded(&line.title)), line.annualized.or(line.impact)?)))
            .collect();
        self.rank(lines, findings.lines.len() as u64 >= findings.total);
    }

    fn table(&mut self, table: &Table) {
        for (at, column) in table.columns.iter().enumerate() {
            if matches!(column.as_str(), "file" | "row" | "source_file" | "source_row") {
                continue;
            }
            let small = column.to_lowercase();
            // By whole words: an `operation` is no ratio.
            let is_share = small
                .split(|letter: char| !letter.is_alphanumeric())
                .any(|word| matches!(word, "share" | "ratio" | "percent" | "pct" | "factor"));
            let lines: Vec<(Names, f64)> = table
                .rows
                .iter()
                .filter_map(|row| {
                    let cells = row.iter().filter_map(|cell| cell.as_str()).map(folded);
                    let names = cells.filter(|name| name.len() <= WORDS_MAX).collect();
                    Some((names, row.get(at)?.as_f64()?))
                })
                .collect();
            if is_share {
                for (_, value) in &lines {
                    self.shares.push(*value);
                    self.ratios.push(*value);
                    if small.contains("percent") || small.contains("pct") {
                        self.shares.push(value / 100.0);
                    }
                }
            }
            self.rank(lines, !table.cut);
        }
    }

    /// `lines` in the order in which they came; of a part of all, that says which end is known.
    fn rank(&mut self, mut lines: Vec<(Names, f64)>, whole: bool) {
        if lines.len() < 2 {
            return;
        }
        let falling = lines.windows(2).all(|pair| pair[0].1 >= pair[1].1);
        let rising = lines.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        lines.sort_by(|one, other| other.1.total_cmp(&one.1));
        let differ = lines.first().map(|line| line.1) != lines.last().map(|line| line.1);
        self.rises |= differ && whole;
        self.falls |= differ && whole;
        self.rankings.push(Ranking { top: whole || falling, bottom: whole || rising, lines });
    }

    /// Where the first claim of a sentence begins that nothing supports.
    pub fn unsupported(&self, sentence: &str) -> Option<usize> {
        let pieces = pieces(sentence);
        let name = self.unknown_name(sentence, &pieces);
        let mut ordinal = 1;
        let mut first = None;
        let mut at = 0;
        let mut claims = Vec::new();
        while at < pieces.len() {
            let found = PHRASES.phrases.iter().find(|(words, _)| {
                pieces.len() >= at + words.len()
                    && words.iter().zip(&pieces[at..]).all(|(word, piece)| *word == piece.folded)
            });
            let Some((words, claim)) = found else {
                at += 1;
                continue;
            };
            match claim {
                Claim::None => {}
                Claim::Ordinal(number) => ordinal = *number,
                claim => claims.push((pieces[at].start, *claim, words)),
            }
            at += words.len();
        }
        for (start, claim, words) in claims {
            let ours = words.iter().all(|word| self.said.contains(word) && !self.tainted.contains(word));
            if !ours && !self.supports(claim, ordinal, &pieces) {
                first = Some(start);
                break;
            }
        }
        match (first, name) {
            (Some(claim), Some(name)) => Some(claim.min(name)),
            (claim, name) => claim.or(name),
        }
    }

    fn supports(&self, claim: Claim, ordinal: usize, pieces: &[Piece<'_>]) -> bool {
        let near = |value: f64, wanted: f64| (value / wanted - 1.0).abs() <= NEAR;
        match claim {
            Claim::Ratio(wanted) => {
                let change = wanted > 1.0 && self.shares.iter().any(|share| near(*share, wanted - 1.0));
                change
                    || self.ratios.iter().any(|ratio| near(*ratio, wanted))
                    || self.shares.iter().any(|share| near(*share, wanted))
                    || self.rankings.iter().any(|ranking| {
                        let named = ranking.named(pieces);
                        named
                            .iter()
                            .any(|one| named.iter().any(|other| *other > 0.0 && near(one / other, wanted)))
                    })
            }
            Claim::Part => self.shares.iter().any(|share| *share > 0.5 && *share <= 1.0 + 1e-9),
            Claim::Most => self.ranks(pieces, ordinal, true, false),
            Claim::Least => self.ranks(pieces, ordinal, false, true),
            Claim::Extreme => self.ranks(pieces, ordinal, true, true),
            Claim::Up => self.rises,
            Claim::Down => self.falls,
            Claim::Ordinal(_) | Claim::None => true,
        }
    }

    fn ranks(&self, pieces: &[Piece<'_>], ordinal: usize, top: bool, bottom: bool) -> bool {
        // Another name than those of the lists is no end of any.
        let mut named = pieces.iter().skip(1).any(|piece| {
            piece.written.starts_with(char::is_uppercase)
                && !ordinary(piece)
                && !is_vocabulary(&piece.folded)
                && !is_german(pieces)
        });
        let mut known = false;
        for ranking in &self.rankings {
            let ends = [(top && ranking.top, true), (bottom && ranking.bottom, false)];
            known |= ends.iter().any(|(wanted, _)| *wanted);
            let is_named = !ranking.named(pieces).is_empty();
            named |= is_named;
            if is_named
                && ends.iter().any(|(wanted, largest)| *wanted && ranking.stands(pieces, ordinal, *largest))
            {
                return true;
            }
        }
        known && !named
    }

    fn unknown_name(&self, sentence: &str, pieces: &[Piece<'_>]) -> Option<usize> {
        let known = |piece: &Piece<'_>| self.seen.contains(&piece.folded);
        for name in &self.names {
            if let Some(at) = sentence.find(name.as_str()) {
                let after = sentence[at + name.len()..].chars().next();
                let before = sentence[..at].chars().next_back();
                let whole =
                    !after.is_some_and(char::is_alphanumeric) && !before.is_some_and(char::is_alphanumeric);
                if whole && !self.text.contains(&format!(" {} ", folded(name).join(" "))) {
                    return Some(at);
                }
            }
        }
        let language = language::of(sentence, Language::English);
        pieces.iter().enumerate().find_map(|(at, piece)| {
            let capital = piece.written.starts_with(char::is_uppercase);
            if !capital || piece.written.chars().any(char::is_numeric) || known(piece) || ordinary(piece) {
                return None;
            }
            let shouts = piece.written.chars().count() >= 3 && piece.written.chars().all(char::is_uppercase);
            let firm =
                pieces.get(at + 1).is_some_and(|next| COMPANIES.split(' ').any(|word| word == next.folded))
                    && pieces.get(at + 1).is_some_and(|next| next.written.starts_with(char::is_uppercase));
            let within = at > 0 && !begins(&sentence[..piece.start]);
            let stranger = match language {
                Language::German => {
                    at > 0 && is_kind(&pieces[at - 1].folded) && !is_vocabulary(&piece.folded)
                }
                Language::English | Language::Spanish => within && !is_vocabulary(&piece.folded),
            };
            (shouts || firm || stranger).then_some(piece.start)
        })
    }

    /// Where, in the beginning of a sentence, a word stands that claims something or may come to: from there on it waits.
    pub(crate) fn waits(&self, beginning: &str) -> Option<usize> {
        let pieces = pieces(beginning);
        let last = pieces.len().checked_sub(1)?;
        let open = beginning.ends_with(char::is_alphanumeric);
        pieces.iter().enumerate().find_map(|(at, piece)| {
            let word = PHRASES.words.contains(&piece.folded);
            let coming = open
                && at == last
                && PHRASES
                    .words
                    .range(piece.folded.clone()..)
                    .next()
                    .is_some_and(|word| word.starts_with(&piece.folded));
            let capital = piece.written.starts_with(char::is_uppercase)
                && at > 0
                && !self.seen.contains(&piece.folded)
                && !ordinary(piece);
            (word || coming || capital).then_some(piece.start)
        })
    }
}

impl Ranking {
    /// Values of the lines that a sentence names.
    fn named(&self, pieces: &[Piece<'_>]) -> Vec<f64> {
        self.lines.iter().filter(|(name, _)| names(pieces, name)).map(|(_, value)| *value).collect()
    }

    fn stands(&self, pieces: &[Piece<'_>], ordinal: usize, largest: bool) -> bool {
        let at = if largest { ordinal - 1 } else { self.lines.len().wrapping_sub(ordinal) };
        let Some((_, wanted)) = self.lines.get(at) else { return false };
        self.lines.iter().any(|(name, value)| value == wanted && names(pieces, name))
    }
}

/// Whether a sentence names a line. A name of mere digits or of one letter is one behind a word such as "shift" only.
fn names(pieces: &[Piece<'_>], names: &[Vec<String>]) -> bool {
    names.iter().filter(|name| !name.is_empty()).any(|name| {
        let digits = name.iter().all(|word| word.chars().all(|letter| letter.is_ascii_digit()))
            || name.concat().chars().count() < 2;
        pieces.windows(name.len()).enumerate().any(|(at, window)| {
            window.iter().zip(name).all(|(piece, word)| piece.folded == *word)
                && (!digits || at > 0 && is_kind(&pieces[at - 1].folded))
        })
    })
}

/// Names within a title of ours: words with a digit in them, and `m`, `07`, which are one name in two pieces.
fn within(title: &[String]) -> Names {
    let digit = |word: &String| word.chars().any(|letter| letter.is_ascii_digit());
    let letter = |word: &String| word.chars().any(char::is_alphabetic);
    let pairs = title.windows(2).filter(|pair| letter(&pair[0]) && digit(&pair[1])).map(<[String]>::to_vec);
    let words = title.iter().filter(|word| word.len() > 2 && digit(word) && letter(word));
    pairs.chain(words.map(|word| vec![word.clone()])).collect()
}

fn begins(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty()
        || before.ends_with([':', '.', '!', '?', '-', '–', '"', '“', '„', '(', '\n', ';', '•', '¿', '¡'])
}

fn ordinary(piece: &Piece<'_>) -> bool {
    let large = piece.written.to_uppercase();
    ORDINARY.split(' ').any(|word| word == large)
        || lexicon::get().months.iter().flatten().any(|month| *month == piece.folded)
        || (piece.written.chars().count() == 1)
}

/// Where every noun has a capital, a capital says nothing.
fn is_german(pieces: &[Piece<'_>]) -> bool {
    let words: Vec<&str> = pieces.iter().map(|piece| piece.written).collect();
    language::of(&words.join(" "), Language::English) == Language::German
}

fn is_vocabulary(word: &str) -> bool {
    let lexicon = lexicon::get();
    lexicon.words.iter().chain(&lexicon.stopwords).any(|known| known.contains(word))
}

/// Whether a word says what is named by the next one: machine, supplier, …
fn is_kind(word: &str) -> bool {
    lexicon::dimensions()
        .iter()
        .any(|dimension| dimension.phrases.iter().flatten().any(|phrase| text::fold(phrase) == word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::{Comparison, Difference, FindingLine, Line};

    fn line(name: &str, value: f64) -> Line {
        Line { name: name.to_owned(), value: Some(value), rows: 10, ..Line::default() }
    }

    fn grounds() -> Grounds {
        let mut grounds = Grounds::default();
        grounds.heard("What about scrap of M-07 at Northgate?");
        let figures = Figures {
            metric: "cost_variance".to_owned(),
            unit: "money".to_owned(),
            lines: vec![line("M-07", 600.0), line("M-02", 300.0), line("M-03", 100.0)],
            whole: line("", 1_000.0),
            groups: 3,
            ..Figures::default()
        };
        grounds.heard("M-07 M-02 M-03");
        grounds.outcome(&Outcome::Figures(figures));
        grounds
    }

    #[test]
    fn what_the_results_bear_out_may_be_said() {
        let grounds = grounds();
        for said in [
            "M-07 has the highest cost.",
            "M-07 costs twice as much as M-02.",
            "Most of the cost is on M-07.",
            "M-03 has the lowest cost.",
            "The second largest is M-02.",
            "M-07 is higher than M-02.",
            "M-07 hat die höchsten Kosten, doppelt so viel wie M-02.",
            "M-07 tiene el mayor costo, el doble que M-02.",
            "Die Mehrheit der Kosten liegt bei M-07.",
            "At least look at Northgate.",
            "The OEE in June is not known.",
            "I looked at M-07.",
        ] {
            assert_eq!(grounds.unsupported(said), None, "{said}");
        }
    }

    #[test]
    fn what_no_result_bears_out_is_found() {
        let grounds = grounds();
        for said in [
            "M-02 has the highest cost.",
            "M-07 has the lowest cost.",
            "M-07 costs three times; it tripled against M-03 and M-02, and it quadrupled.",
            "Cost has tenfold effect.",
            "M-02 tiene el mayor costo.",
            "M-02 hat die höchsten Kosten.",
            "Der Lieferant Kolbenwerk ist schuld.",
            "The supplier Evilcorp is to blame.",
            "El proveedor es Malvado de siempre.",
            "ACMEX ist schuld.",
            "Kolbenwerk GmbH liefert.",
        ] {
            assert!(grounds.unsupported(said).is_some(), "{said}");
        }
        let mut grounds = grounds.clone();
        grounds.heard("Evilcorp");
        assert!(grounds.unsupported("The supplier Evilcorp is the worst.").is_some());
        // Without any look-up no such word holds.
        let nothing = Grounds::default();
        for said in [
            "Scrap doubled.",
            "Half of it is waste.",
            "The largest loss is set-up.",
            "Cost rose.",
            "Der Ausschuss hat sich verdoppelt.",
            "Die Hälfte ist Ausschuss.",
            "Die meisten Aufträge sind zu spät.",
            "Los costos bajaron.",
            "La mitad es merma.",
            "El costo se duplicó.",
            "The majority is late.",
        ] {
            assert!(nothing.unsupported(said).is_some(), "{said}");
        }
    }

    #[test]
    fn a_part_of_a_list_knows_one_end() {
        let mut grounds = Grounds::default();
        let lines = vec![line("M-07", 0.6), line("M-02", 0.3)];
        grounds.outcome(&Outcome::Figures(Figures {
            unit: "1".to_owned(),
            lines,
            groups: 9,
            ..Figures::default()
        }));
        assert_eq!(grounds.unsupported("M-07 has the highest rate."), None);
        assert!(grounds.unsupported("M-02 has the lowest rate.").is_some());
    }

    #[test]
    fn a_comparison_a_table_and_a_finding_support_what_they_say() {
        let mut grounds = Grounds::default();
        let both = Comparison { difference: Some(Difference::of(2.0, 4.1)), ..Comparison::default() };
        grounds.outcome(&Outcome::Comparison(Box::new(both)));
        assert_eq!(grounds.unsupported("Scrap doubled; it is higher."), None);
        assert!(grounds.unsupported("Scrap tripled.").is_some());
        let mut grounds = Grounds::default();
        grounds.outcome(&Outcome::Table(Table {
            columns: vec!["machine".to_owned(), "cost".to_owned()],
            rows: vec![vec![json!("Press"), json!(5.0)], vec![json!("Saw"), json!(7.0)]],
            ..Table::default()
        }));
        grounds.heard("Press Saw");
        assert_eq!(grounds.unsupported("The costliest is the Saw."), None);
        assert!(grounds.unsupported("The costliest is the Press.").is_some());
        let mut grounds = Grounds::default();
        grounds.outcome(&Outcome::Findings(Findings {
            total: 1,
            lines: vec![FindingLine {
                id: "f".to_owned(),
                title: "Supplier S03 has doubled its price".to_owned(),
                type_: String::new(),
                impact: None,
                low: None,
                high: None,
                annualized: None,
                grade: String::new(),
                priority: 1,
                sources: Vec::new(),
            }],
            ..Findings::default()
        }));
        assert_eq!(grounds.unsupported("Its price doubled."), None);
    }

    #[test]
    fn a_name_of_the_data_that_was_not_read_is_found() {
        let mut grounds = Grounds::default();
        let mut catalog = Catalog::default();
        if let Some(field) = ontology::FieldId::named("supplier_name") {
            catalog.values.insert(field, vec!["Hidden Steel Works".to_owned()]);
        }
        grounds.catalog(&catalog);
        assert!(grounds.unsupported("Hidden Steel Works is late.").is_some());
        grounds.heard("Hidden Steel Works");
        assert_eq!(grounds.unsupported("Hidden Steel Works is late."), None);
    }
}
