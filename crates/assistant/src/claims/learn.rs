//! What results, questions and earlier answers give to stand on.

use super::{Grounds, Names, phrases::PHRASES, pieces::folded, ranking::Ranking};
use crate::{
    Catalog, lexicon,
    tool::{Figures, Findings, Outcome, Table},
};

/// Words of a cell that may be a name; longer ones are prose.
const WORDS_MAX: usize = 6;

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
}

/// Names within a title of ours: words with a digit in them, and `m`, `07`, which are one name in two pieces.
fn within(title: &[String]) -> Names {
    let digit = |word: &String| word.chars().any(|letter| letter.is_ascii_digit());
    let letter = |word: &String| word.chars().any(char::is_alphabetic);
    let pairs = title.windows(2).filter(|pair| letter(&pair[0]) && digit(&pair[1])).map(<[String]>::to_vec);
    let words = title.iter().filter(|word| word.len() > 2 && digit(word) && letter(word));
    pairs.chain(words.map(|word| vec![word.clone()])).collect()
}
