//! Every number of an answer is one that a tool gave: this checks it, for what we word as for what a model writes.
//!
//! A number counts as given when some value of the tools' results rounds to it at the precision it is written with, as it is,
//! in percent, in thousands or in millions, and in any of the ways in which English, German and Spanish separate digits.
//! Names with digits (`MAT-07`) must be names that the tools gave; dates must be dates of the results.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Catalog, Language, claims::Grounds, language, lexicon, text, tool::Outcome};

/// What may be stated.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Sizes of numbers, sorted.
    sizes: Vec<f64>,
    /// Words with digits, bare.
    names: BTreeSet<String>,
    /// What claims without digits rest on.
    pub(crate) grounds: Grounds,
}

/// A number that no tool gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    pub written: String,
    /// Byte range in the text.
    pub start: usize,
    pub end: usize,
}

impl Facts {
    pub fn new() -> Self {
        Self::default()
    }

    /// A result of a look-up: its numbers and names, and what it bears out.
    ///
    /// What a model wrote itself supports nothing: neither the text of its query, nor cells that repeat a number or a text of it, nor
    /// what a refusal says of its arguments.
    pub fn outcome(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Refused { .. } => return,
            Outcome::Table(table) if is_sql(&table.query) => {
                let said = Said::of(&table.query);
                for cell in table.rows.iter().flatten().filter(|cell| !said.holds(cell)) {
                    self.add(cell);
                }
                self.number(table.rows.len() as f64);
                for source in &table.sources {
                    self.text(&source.file);
                    self.number(source.row as f64);
                }
            }
            _ => self.add(&serde_json::to_value(outcome).unwrap_or(Value::Null)),
        }
        self.grounds.outcome(outcome);
    }

    /// Names of the data, which may be said only where they were read.
    pub fn catalog(&mut self, catalog: &Catalog) {
        self.grounds.catalog(catalog);
    }

    /// All numbers and names of a value.
    pub fn add(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.number(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => self.text(text),
            Value::Array(values) => {
                self.number(values.len() as f64);
                for value in values {
                    self.add(value);
                }
            }
            Value::Object(fields) => {
                for value in fields.values() {
                    self.add(value);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    pub fn number(&mut self, value: f64) {
        if value.is_finite() {
            let size = value.abs();
            let at = self.sizes.partition_point(|own| *own < size);
            if self.sizes.get(at) != Some(&size) {
                self.sizes.insert(at, size);
            }
        }
    }

    /// Numbers within a text that may be quoted: the question itself, titles of findings, formulas.
    pub fn text(&mut self, text: &str) {
        self.grounds.heard(text);
        for word in words(text) {
            self.names.insert(text::bare(word.text));
            for (value, _) in readings(word.text) {
                self.number(value * word.scale);
                self.number(value);
            }
            // The year, the month and the day of a date are numbers; those within a name are not.
            let date = word.text.len() >= 8
                && word.text.chars().all(|letter| letter.is_ascii_digit() || "-/.T:".contains(letter));
            if date && readings(word.text).is_empty() {
                let parts = word.text.split(|letter: char| !letter.is_ascii_digit());
                parts.filter_map(|part| part.parse::<f64>().ok()).for_each(|part| self.number(part));
            }
        }
    }

    fn states(&self, value: f64, half_step: f64) -> bool {
        let size = value.abs();
        [1.0, 100.0].iter().any(|scale| {
            let (low, high) = ((size - half_step) / scale, (size + half_step) / scale);
            let slack = 1e-9 * size.max(1e-9) / scale;
            let at = self.sizes.partition_point(|own| *own < low - slack);
            self.sizes.get(at).is_some_and(|own| *own <= high + slack)
        })
    }

    /// A share in percent is a hundred times its value; anything else is what it is.
    fn states_plain(&self, value: f64, half_step: f64, percent: bool) -> bool {
        if percent {
            return self.states(value, half_step);
        }
        let size = value.abs();
        let slack = 1e-9 * size.max(1e-9);
        let at = self.sizes.partition_point(|own| *own < size - half_step - slack);
        self.sizes.get(at).is_some_and(|own| *own <= size + half_step + slack)
    }
}

fn is_sql(query: &str) -> bool {
    let start = query.trim_start_matches(|letter: char| !letter.is_alphabetic()).to_lowercase();
    start.starts_with("select") || start.starts_with("with")
}

/// Numbers and texts that stand in a query.
struct Said {
    numbers: Vec<f64>,
    folded: String,
}

impl Said {
    fn of(query: &str) -> Self {
        let numbers =
            words(query).iter().flat_map(|word| readings(word.text)).map(|(value, _)| value).collect();
        Self { numbers, folded: text::fold(query) }
    }

    fn holds(&self, cell: &Value) -> bool {
        match cell {
            Value::Number(number) => number.as_f64().is_some_and(|own| {
                self.numbers.iter().any(|said| (own.abs() - said).abs() <= 1e-9 * said.abs())
            }),
            Value::String(text) => text.chars().count() > 1 && self.folded.contains(&text::fold(text)),
            _ => false,
        }
    }
}

/// Numbers of a text that the facts do not hold.
pub fn check(text: &str, facts: &Facts) -> Vec<Unsupported> {
    words(text)
        .into_iter()
        .filter(|word| !supported(text, word, facts))
        .map(|word| Unsupported {
            written: word.text.to_owned(),
            start: word.start,
            end: word.start + word.text.len(),
        })
        .collect()
}

fn supported(text: &str, word: &Word<'_>, facts: &Facts) -> bool {
    if facts.names.contains(&text::bare(word.text))
        && !word.text.chars().all(|letter| letter.is_ascii_digit())
    {
        // A name or a date as a tool gave it; of mere digits it must be a number, too.
        return true;
    }
    if numbers_a_line(text, word) {
        return true;
    }
    let readings = readings(word.text);
    if readings.is_empty() {
        return false;
    }
    readings.into_iter().any(|(value, decimals)| {
        let scaled = value * word.scale;
        let half_step = 0.5 * 10f64.powi(-decimals) * word.scale;
        if facts.states_plain(scaled, half_step, word.percent) {
            return true;
        }
        // "86,000" for 86,400: noughts at the end are taken for rounding from two digits on.
        let digits = value.abs().log10().floor() as i32 + 1;
        let noughts =
            (0..digits - 2).take_while(|at| (value / 10f64.powi(at + 1)).fract() == 0.0).count() as i32;
        noughts > 0 && decimals == 0 && {
            let half_step = 0.5 * 10f64.powi(noughts) * word.scale;
            facts.states_plain(scaled, half_step, word.percent)
        }
    })
}

/// "1." and "2)" at the beginning of a line, and "[3]" for a source, count what is written and claim nothing.
fn numbers_a_line(text: &str, word: &Word<'_>) -> bool {
    let before = &text[..word.start];
    let after = &text[word.start + word.text.len()..];
    let small = word.text.parse::<u8>().is_ok_and(|value| value <= 50);
    let line_start = before.is_empty() || before.ends_with('\n') || before.ends_with("\n- ");
    small
        && ((line_start && (after.starts_with(") ") || after.starts_with(". ")))
            || (before.ends_with('[') && after.starts_with(']')))
}

#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    start: usize,
    /// Of a word behind it: thousands, millions.
    scale: f64,
    percent: bool,
}

/// Words with a digit in them, and words that are numbers.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let inner = |letter: char| letter.is_alphanumeric() || "-.,'’_/:\u{a0}\u{202f}".contains(letter);
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if inner(letter) {
            start.get_or_insert(at);
        } else if let Some(begin) = start.take() {
            let raw = &text[begin..at];
            let lead = raw.len() - raw.trim_start_matches(|letter: char| !letter.is_alphanumeric()).len();
            let word = raw[lead..].trim_end_matches(|letter: char| !letter.is_alphanumeric());
            if word.is_empty() {
                continue;
            }
            words.extend(word_at(text, word, begin + lead));
        }
    }
    words
}

fn word_at<'a>(text: &'a str, word: &'a str, start: usize) -> Option<Word<'a>> {
    let folded = text::fold(word);
    let spelled = spelled(&folded);
    if folded == "once" {
        // "Counted once" in a note that is quoted in English, and eleven in Spanish: what stands before a colon introduces.
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let from = text[line..start].rfind(": ").map_or(line, |at| line + at + 2);
        let to = text[start..].find('\n').map_or(text.len(), |at| start + at);
        if language::of(&text[from..to], Language::English) != Language::Spanish {
            return None;
        }
    }
    if !word.chars().any(char::is_numeric) {
        // "thousand" after digits belongs to them.
        let before = text[..start].trim_end();
        let follows = before.ends_with(|letter: char| letter.is_ascii_digit());
        let scale = spelled.filter(|value| *value >= 100.0);
        return (spelled.is_some() && (!follows || scale.is_none())).then_some(Word {
            text: word,
            start,
            scale: 1.0,
            percent: false,
        });
    }
    let rest = &text[start + word.len()..];
    let trimmed = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let near = rest.len() - trimmed.len() <= 2;
    let next: String = trimmed.chars().take_while(|letter| letter.is_alphabetic()).collect();
    let next = text::fold(&next);
    let share = trimmed.starts_with('%')
        || matches!(next.as_str(), "percent" | "prozent" | "porcentaje" | "percentage" | "prozentpunkte")
        || ["por ciento", "puntos porcentuales", "per cent"].iter().any(|words| trimmed.starts_with(words));
    let percent = near && share;
    let scale = if near { scale(&next) } else { 1.0 };
    Some(Word { text: word, start, scale, percent })
}

fn scale(word: &str) -> f64 {
    match word {
        "k" | "tsd" | "thousand" | "tausend" | "mil" => 1e3,
        "m" | "mio" | "mn" | "million" | "millions" | "millionen" | "millon" | "millones" => 1e6,
        "bn" | "mrd" | "billion" | "milliarde" | "milliarden" => 1e9,
        _ => 1.0,
    }
}

/// The value of a folded word for a number, compounds such as `ninety-seven` and `siebenundneunzig` too.
pub(crate) fn spelled(folded: &str) -> Option<f64> {
    let known = &lexicon::get().numbers;
    if let Some(value) = known.get(folded) {
        return Some(*value);
    }
    if folded.contains('-') {
        let mut sum = 0.0;
        for part in folded.split('-') {
            sum += known.get(part)?;
        }
        return Some(sum);
    }
    // German: thousands, hundreds, then "seven and ninety", written as one.
    for (word, times) in [("tausend", 1_000.0), ("hundert", 100.0)] {
        if let Some((before, after)) = folded.split_once(word) {
            let many = if before.is_empty() || before == "ein" { 1.0 } else { spelled(before)? };
            let rest =
                if after.is_empty() { 0.0 } else { spelled(after.strip_prefix("und").unwrap_or(after))? };
            return Some(many * times + rest);
        }
    }
    let (ones, tens) = folded.split_once("und")?;
    let ones = if ones == "ein" { 1.0 } else { *known.get(ones)? };
    let tens = *known.get(tens)?;
    (ones < 10.0 && (20.0..100.0).contains(&tens)).then_some(ones + tens)
}

/// A number in every way it can be read, with its decimals; nothing for a name.
fn readings(word: &str) -> Vec<(f64, i32)> {
    if let Some(value) = spelled(&text::fold(word)) {
        return vec![(value, 0)];
    }
    let (word, scale) = match word.char_indices().last() {
        Some((at, 'k' | 'K')) => (&word[..at], 1e3),
        Some((at, 'M')) => (&word[..at], 1e6),
        _ => (word, 1.0),
    };
    let cleaned: String =
        word.chars().filter(|letter| !matches!(letter, '\u{a0}' | '\u{202f}' | '\'' | '’')).collect();
    if cleaned.is_empty()
        || !cleaned.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ','))
    {
        return Vec::new();
    }
    let mut readings = Vec::new();
    for point in ['.', ','] {
        let thousands = if point == '.' { ',' } else { '.' };
        let (whole, fraction) = cleaned.split_once(point).unwrap_or((&cleaned, ""));
        if fraction.contains([point, thousands]) {
            continue;
        }
        let mut groups = whole.split(thousands);
        let first = groups.next().unwrap_or_default();
        let grouped = whole.contains(thousands);
        if grouped && (first.is_empty() || first.len() > 3 || !groups.all(|group| group.len() == 3)) {
            continue;
        }
        let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
        if let Ok(value) = format!(
            "{}.{}",
            if digits.is_empty() { "0" } else { &digits },
            if fraction.is_empty() { "0" } else { fraction }
        )
        .parse::<f64>()
        {
            let decimals = fraction.len() as i32;
            let reading = (value * scale, decimals - if scale > 1.0 { scale.log10() as i32 } else { 0 });
            if !readings.contains(&reading) {
                readings.push(reading);
            }
        }
    }
    readings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts() -> Facts {
        let mut facts = Facts::new();
        facts.add(&json!({
            "value": 0.03456, "cost": 86_432.17, "change": -1_234.5, "big": 3_450_000.0, "machine": "M-07",
            "title": "Supplier S03 charges 12 % more", "first": "2025-06-03", "rows": 4, "list": [1, 2, 3]
        }));
        facts
    }

    #[test]
    fn what_a_tool_gave_may_be_said_in_any_usual_form() {
        let facts = facts();
        for said in [
            "3.456%",
            "3.5 %",
            "3,46 %",
            "3 percent",
            "0.035",
            "86,432",
            "86.432,17",
            "86k",
            "86.4k",
            "86,400",
            "86,000",
            "fell by 1,234.50",
            "−1.234,5",
            "3.45 M",
            "3,45 Mio.",
            "3.5 million",
            "3.450.000",
            "M-07",
            "m07",
            "2025-06-03",
            "in 2025",
            "12%",
            "S03",
            "1) first\n2) second",
            "source [3]",
            "four rows",
            "once a machine stops",
            "12 por ciento",
            "vier Zeilen",
        ] {
            assert_eq!(check(said, &facts), [], "{said}");
        }
    }

    #[test]
    fn what_no_tool_gave_is_found() {
        let facts = facts();
        for said in [
            "3.6%",
            "4.1 %",
            "86,433",
            "87k",
            "90,000",
            "M-08",
            "2026",
            "seven",
            "a million",
            "ninety-seven",
            "siebenundneunzig",
            "zweihundertfünfzig Stück",
            "dreitausend",
            "veintiséis",
            "noventa",
            "las once máquinas de la planta",
            "150 %",
            "86.432.170",
            "34.56",
            "0.3456",
            "12 Millionen",
            "2025-06-04",
        ] {
            assert_eq!(check(said, &facts).len(), 1, "{said}");
        }
    }

    #[test]
    fn what_a_model_asked_with_supports_nothing() {
        let mut facts = Facts::new();
        facts.outcome(&Outcome::Table(crate::tool::Table {
            query: "SELECT 987654 AS cost, 'X-99' AS machine, sum(a) FROM work_orders".to_owned(),
            columns: vec!["cost".to_owned(), "machine".to_owned(), "sum".to_owned()],
            rows: vec![vec![json!(987_654.0), json!("X-99"), json!(123.0)]],
            ..crate::tool::Table::default()
        }));
        facts.outcome(&Outcome::Refused { reason: "there is no 4711".to_owned() });
        for said in ["987,654", "X-99", "4711"] {
            assert_eq!(check(said, &facts).len(), 1, "{said}");
        }
        assert_eq!(check("123", &facts), []);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "cost: 5,555 and M-07";
        let found = check(text, &facts());
        assert_eq!(&text[found[0].start..found[0].end], "5,555");
    }
}
