//! Words that cells hold rather than headers (`value_words.csv`): what stops a machine, what is wrong with a piece, what is done at a
//! step, what a machine is, what a company is. A star stands for the rest of a word.

use super::{hash::FastMap, rows};
use crate::names::{compact, is_ideograph};

/// What the values of a column are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Theme {
    Stop,
    Defect,
    Step,
    Machine,
    Company,
}

impl Theme {
    pub(crate) const ALL: [Self; 5] = [Self::Stop, Self::Defect, Self::Step, Self::Machine, Self::Company];

    fn named(name: &str) -> Option<Self> {
        match name {
            "stop" => Some(Self::Stop),
            "defect" => Some(Self::Defect),
            "step" => Some(Self::Step),
            "machine" => Some(Self::Machine),
            "company" => Some(Self::Company),
            _ => None,
        }
    }
}

/// Shortest part of a word that a star may leave.
const SHORTEST: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct ValueWords {
    whole: FastMap<String, Theme>,
    heads: FastMap<String, Theme>,
    tails: FastMap<String, Theme>,
}

impl ValueWords {
    pub(crate) fn read() -> Self {
        let mut words = Self::default();
        for row in rows::of("value_words.csv") {
            let cell = |idx: usize| row.get(idx).copied().unwrap_or_default();
            let Some(theme) = Theme::named(cell(2)) else { continue };
            let key = compact(cell(0));
            let map = match (cell(0).starts_with('*'), cell(0).ends_with('*')) {
                (true, _) => &mut words.tails,
                (_, true) => &mut words.heads,
                _ => &mut words.whole,
            };
            map.entry(key).or_insert(theme);
        }
        words
    }

    /// What a value is about, by the first of its words that is known.
    pub(crate) fn theme(&self, value: &str) -> Option<Theme> {
        value.split(|char: char| !char.is_alphabetic()).filter(|word| !word.is_empty()).find_map(|word| {
            let word = compact(word);
            if word.chars().any(is_ideograph) {
                return self.in_script(&word);
            }
            self.whole.get(&word).copied().or_else(|| self.part(&word))
        })
    }

    fn part(&self, word: &str) -> Option<Theme> {
        let bounds: Vec<usize> = word.char_indices().map(|(at, _)| at).collect();
        let longest_first = bounds.iter().skip(SHORTEST).rev();
        let head = self
            .heads
            .get(word)
            .or_else(|| longest_first.clone().find_map(|end| self.heads.get(&word[..*end])));
        let tails = bounds.len().checked_sub(SHORTEST).map_or(&[][..], |end| &bounds[..=end]);
        head.or_else(|| tails.iter().find_map(|start| self.tails.get(&word[*start..]))).copied()
    }

    /// Scripts without blanks: any run of two to four characters may be the word.
    fn in_script(&self, word: &str) -> Option<Theme> {
        let chars: Vec<char> = word.chars().collect();
        [4, 3, 2].into_iter().find_map(|length| {
            chars.windows(length).find_map(|run| self.whole.get(&run.iter().collect::<String>()).copied())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_tell_what_they_are_about_by_words_and_their_parts() {
        let words = ValueWords::read();
        for (value, theme) in [
            ("Werkzeugbruch", Some(Theme::Stop)),
            ("Material fehlt", Some(Theme::Stop)),
            ("Brak materiału", Some(Theme::Stop)),
            ("主轴故障", Some(Theme::Stop)),
            ("CNC turning", Some(Theme::Step)),
            ("Endkontrolle", Some(Theme::Step)),
            ("Scratched", Some(Theme::Defect)),
            ("Mazak QT-250", Some(Theme::Machine)),
            ("Fräsmaschine", Some(Theme::Machine)),
            ("Pumpen Maier GmbH", Some(Theme::Company)),
            ("Hartwell Pumps", None),
            ("OP10", None),
        ] {
            assert_eq!(words.theme(value), theme, "{value}");
        }
    }
}
