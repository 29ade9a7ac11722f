//! Facts of one column's values that bear on what the column means.

use domain::{Cell, ColumnProfile, ValueKind};

use crate::{
    knowledge::{ConceptId, Kind, Knowledge, Theme},
    names::pieces,
};

/// Distinct values whose words are looked at.
const MOST_THEMED: usize = 24;

#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) kind: ValueKind,
    /// Share of rows that hold a value.
    pub(crate) fill: f64,
    pub(crate) filled: u64,
    pub(crate) distinct: u64,
    /// Distinct values per filled row.
    pub(crate) distinctness: f64,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) mean: Option<f64>,
    /// Share of filled rows below zero.
    pub(crate) negative: f64,
    /// Share of filled rows that are zero.
    pub(crate) zero: f64,
    /// Share of the sampled numbers that are whole.
    pub(crate) whole: f64,
    /// Share of the sampled values with a blank between words and no digit.
    pub(crate) wordy: f64,
    /// Share of the sampled values that are plain words, in lower-case letters or a script without case.
    pub(crate) natural: f64,
    /// Share of the sampled values that hold a digit.
    pub(crate) digits: f64,
    /// Mean length in characters of the sampled values.
    pub(crate) length: f64,
    /// Share of the sampled values that are GUIDs, hashes or other machine-made keys.
    pub(crate) machine_made: f64,
    /// Share of the sampled values that look like the name of a person.
    pub(crate) person: f64,
    /// Share of the sampled moments with a time of day other than midnight.
    pub(crate) timed: f64,
    /// What the letters in front of the numbers stand for: `SO` for a sales order in `SO070435`.
    pub(crate) prefix: Vec<ConceptId>,
    /// Share of the sampled values that a code list holds, with the concept it stands for; strongest first.
    pub(crate) codes: Vec<(ConceptId, f64)>,
    /// Share of the sampled values that are about each theme, in the order of [`Theme::ALL`].
    pub(crate) themes: [f64; Theme::ALL.len()],
}

impl Facts {
    pub(crate) fn of(knowledge: &Knowledge, column: &ColumnProfile) -> Self {
        let filled = column.filled.max(1) as f64;
        let mut facts = Self {
            kind: column.kind,
            fill: column.fill(),
            filled: column.filled,
            distinct: column.distinct,
            distinctness: (column.distinct as f64 / filled).min(1.0),
            min: column.min,
            max: column.max,
            mean: column.mean,
            negative: column.negative as f64 / filled,
            zero: column.zero as f64 / filled,
            whole: 0.0,
            wordy: 0.0,
            natural: 0.0,
            digits: 0.0,
            length: 0.0,
            machine_made: 0.0,
            person: 0.0,
            timed: 0.0,
            prefix: Vec::new(),
            codes: Vec::new(),
            themes: [0.0; Theme::ALL.len()],
        };
        facts.measure_sample(column);
        facts.look_up_codes(knowledge, column);
        facts.read_themes(knowledge, column);
        facts.read_prefix(knowledge, column);
        facts
    }

    /// At most one value other than emptiness.
    pub(crate) fn constant(&self) -> bool {
        self.distinct <= 1
    }

    pub(crate) fn empty(&self) -> bool {
        self.filled == 0
    }

    fn measure_sample(&mut self, column: &ColumnProfile) {
        let (mut values, mut numbers, mut moments) = (0.0, 0.0, 0.0);
        for (cell, raw) in column.sample.iter().zip(&column.sample_raw) {
            if cell.is_empty() {
                continue;
            }
            values += 1.0;
            match cell {
                Cell::Number(number) => {
                    numbers += 1.0;
                    if number.fract().abs() < 1e-9 {
                        self.whole += 1.0;
                    }
                }
                Cell::Moment(micros) => {
                    moments += 1.0;
                    if micros.rem_euclid(86_400_000_000) != 0 {
                        self.timed += 1.0;
                    }
                }
                _ => {}
            }
            let raw = raw.trim();
            let has_digit = raw.chars().any(|char| char.is_ascii_digit());
            self.length += raw.chars().count() as f64;
            self.digits += f64::from(u8::from(has_digit));
            self.natural += f64::from(u8::from(is_natural(raw, has_digit)));
            self.wordy += f64::from(u8::from(!has_digit && raw.contains(' ')));
            self.machine_made += f64::from(u8::from(is_machine_made(raw)));
            self.person += f64::from(u8::from(!has_digit && is_person(raw)));
        }
        let share = |sum: f64, of: f64| if of > 0.0 { sum / of } else { 0.0 };
        self.whole = share(self.whole, numbers);
        self.timed = share(self.timed, moments);
        self.length = share(self.length, values);
        self.digits = share(self.digits, values);
        self.wordy = share(self.wordy, values);
        self.natural = share(self.natural, values);
        self.machine_made = share(self.machine_made, values);
        self.person = share(self.person, values);
    }

    fn look_up_codes(&mut self, knowledge: &Knowledge, column: &ColumnProfile) {
        if !matches!(column.kind, ValueKind::Text | ValueKind::Boolean) || column.distinct > 60 {
            return;
        }
        let counted: u64 = column.top.iter().map(|(_, count)| *count).sum();
        if counted == 0 {
            return;
        }
        let mut votes: Vec<(ConceptId, f64)> = Vec::new();
        for (value, count) in &column.top {
            let share = *count as f64 / counted as f64;
            for concept in knowledge.codes.of(value) {
                match votes.iter_mut().find(|(known, _)| known == concept) {
                    Some((_, sum)) => *sum += share,
                    None => votes.push((*concept, share)),
                }
            }
        }
        votes.retain(|(_, share)| *share >= 0.5);
        votes.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        self.codes = votes;
    }
}

impl Facts {
    /// Looks for what the commonest values are about, where they are words.
    fn read_themes(&mut self, knowledge: &Knowledge, column: &ColumnProfile) {
        if column.kind != ValueKind::Text
            || !(2..=60).contains(&column.distinct)
            || self.digits > 0.98 && self.length < 6.0
        {
            return;
        }
        let told: Vec<Option<Theme>> = column
            .top
            .iter()
            .take(MOST_THEMED)
            .map(|(value, _)| knowledge.value_words.theme(value))
            .collect();
        for (share, theme) in self.themes.iter_mut().zip(Theme::ALL) {
            *share =
                told.iter().filter(|told| **told == Some(theme)).count() as f64 / told.len().max(1) as f64;
        }
    }

    /// How much the values are about a theme.
    pub(crate) fn theme(&self, theme: Theme) -> f64 {
        Theme::ALL.iter().position(|known| *known == theme).map_or(0.0, |idx| self.themes[idx])
    }

    /// Reads the words that nearly all values of an identifier begin with.
    fn read_prefix(&mut self, knowledge: &Knowledge, column: &ColumnProfile) {
        if column.kind != ValueKind::Text || self.digits < 0.9 || column.distinct < 5 || self.length > 24.0 {
            return;
        }
        let prefix = |raw: &str| -> Vec<String> {
            let before: String = raw.trim().chars().take_while(|char| !char.is_ascii_digit()).collect();
            pieces(&before).into_iter().filter(|piece| piece.len() >= 2).collect()
        };
        let mut filled = column.sample_raw.iter().filter(|raw| !raw.trim().is_empty());
        let Some(first) = filled.next().map(|raw| prefix(raw)) else { return };
        let (mut same, mut all) = (1_usize, 1_usize);
        for raw in filled.take(60) {
            all += 1;
            same += usize::from(prefix(raw) == first);
        }
        if first.is_empty() || same * 10 < all * 9 {
            return;
        }
        let together = first.concat();
        for piece in first.iter().chain(std::iter::once(&together)) {
            let terms = knowledge.lexicon.exact(piece).iter().filter_map(|id| knowledge.lexicon.term(*id));
            for concept in terms.flat_map(|term| term.readings.iter()).flatten() {
                if knowledge.concepts.kind(*concept) == Kind::Entity && !self.prefix.contains(concept) {
                    self.prefix.push(*concept);
                }
            }
        }
    }
}

/// GUIDs, long hexadecimal keys, and ids of the export itself.
fn is_machine_made(text: &str) -> bool {
    let hex = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let dashes = text.bytes().filter(|byte| *byte == b'-').count();
    let letters = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let is_guid = text.len() >= 32 && hex + dashes + usize::from(text.starts_with('{')) * 2 == text.len();
    let is_key = text.len() >= 10
        && hex + dashes == text.len()
        && letters
        && digits
        && hex >= 9
        && text.bytes().all(|byte| !byte.is_ascii_uppercase());
    is_guid || is_key || text.starts_with("0x") || text.starts_with("__export__")
}

/// Words as people write them, not an abbreviation in capitals and not a code; a number may stand among several words.
fn is_natural(text: &str, has_digit: bool) -> bool {
    let lower = text.chars().filter(|char| char.is_lowercase()).count();
    if has_digit {
        return lower >= 6 && text.contains(' ');
    }
    lower >= 3 || text.chars().filter(|char| crate::names::is_ideograph(*char)).count() >= 2
}

/// Two or three capitalised words, perhaps with a comma: `Kowalski, Dave`.
fn is_person(text: &str) -> bool {
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    (2..=3).contains(&words.len())
        && words.iter().all(|word| {
            let mut chars = word.chars();
            chars.next().is_some_and(char::is_uppercase)
                && chars.all(|char| {
                    char.is_lowercase() || matches!(char, '.' | '-' | '\'' | '’') || char.is_uppercase()
                })
                && word.chars().count() <= 14
        })
        && words.iter().any(|word| word.chars().skip(1).any(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_machines_and_names_of_people_are_told_from_codes() {
        assert!(is_machine_made("3BB3BB25-DFF8-149A-12F5-F3F0DAFAD5D2"));
        assert!(is_machine_made("fbdeac2c-b0a2-98f3-461e-9c4988f29748"));
        assert!(!is_machine_made("WH/MO/00412"));
        assert!(!is_machine_made("0000123456"));
        assert!(is_person("Kowalski, Dave"));
        assert!(!is_person("CNC turning"));
    }
}
