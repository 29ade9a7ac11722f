//! Rows that are no data, told by their cells.

use super::model::{Look, TableModel, look};
use crate::source::SkipReason;

/// A line that only draws: `+-----+`, `======`, `|---|---|`.
pub fn is_frame(line: &str) -> bool {
    let mut drawn = 0;
    for c in line.chars() {
        match c {
            '-' | '=' | '_' | '+' | '*' | '~' | '─' | '━' | '═' | '│' | '┃' | '║' | '┼' | '┬' | '┴' | '├'
            | '┤' | '┌' | '┐' | '└' | '┘' | '╔' | '╗' | '╚' | '╝' | '╠' | '╣' | '╦' | '╩' | '╬' =>
            {
                drawn += 1;
            }
            '|' | ' ' | '\t' | ':' | '\r' | ',' | ';' | '"' => {}
            _ => return false,
        }
    }
    drawn >= 3
}

/// What tells data rows from others, once the head was read.
#[derive(Debug, Clone, Default)]
pub struct RowJudge {
    /// The cells of the last header row, as written; empty where there is no header.
    pub header: Vec<String>,
    usual_fill: f64,
    /// Columns that (nearly) every row fills.
    always: Vec<usize>,
}

impl RowJudge {
    pub fn new(header: Vec<String>, model: &TableModel) -> Self {
        let always = (0..model.columns.len()).filter(|c| model.columns[*c].fill() >= 0.97).collect();
        Self { header, usual_fill: model.usual_fill(), always }
    }

    /// Fewer filled cells than this make a row worth a look.
    pub fn suspicious_fill(&self) -> usize {
        (self.usual_fill * 0.75).floor() as usize + 1
    }

    /// Why a row of the right width is no data row; `None` for data.
    pub fn reason<'a>(
        &self,
        cells: &(impl Iterator<Item = &'a str> + Clone),
        model: &TableModel,
    ) -> Option<SkipReason> {
        let filled = cells.clone().filter(|cell| !cell.trim().is_empty()).count();
        if filled == 0 {
            return Some(SkipReason::Blank);
        }
        if self.repeats_header(cells.clone()) {
            return Some(SkipReason::RepeatedHeader);
        }
        if cells.clone().all(|cell| cell.trim().is_empty() || is_rule(cell)) && cells.clone().any(is_rule) {
            return Some(SkipReason::Frame);
        }
        if filled as f64 > self.usual_fill * 0.75 || self.usual_fill < 2.5 {
            return None;
        }
        let missing = self
            .always
            .iter()
            .filter(|c| cells.clone().nth(**c).is_none_or(|cell| cell.trim().is_empty()))
            .count();
        let loses_keys = missing * 3 >= self.always.len() && missing > 0;
        let labelled = cells
            .clone()
            .filter(|cell| matches!(look(cell), Look::Word | Look::Text | Look::Code))
            .any(is_total);
        if labelled && loses_keys {
            return Some(SkipReason::Total);
        }
        if filled == 1 && missing * 2 >= self.always.len() && missing > 0 {
            let (at, cell) = cells.clone().enumerate().find(|(_, cell)| !cell.trim().is_empty())?;
            let fits = model.columns.get(at).is_some_and(|column| column.fit(cell) > 0.6);
            return (!fits).then_some(SkipReason::Footer);
        }
        let first_empty =
            self.always.contains(&0) && cells.clone().next().is_some_and(|cell| cell.trim().is_empty());
        let only_numbers = cells.clone().all(|cell| matches!(look(cell), Look::Empty | Look::Number));
        (only_numbers && first_empty && missing * 4 >= self.always.len() * 3).then_some(SkipReason::Total)
    }

    pub fn repeats_header<'a>(&self, cells: impl Iterator<Item = &'a str>) -> bool {
        if self.header.is_empty() {
            return false;
        }
        let (mut same, mut filled) = (0, 0);
        for (cell, head) in cells.zip(&self.header) {
            let head = head.trim();
            filled += usize::from(!head.is_empty());
            same += usize::from(!head.is_empty() && cell.trim() == head);
        }
        filled > 0 && same * 10 >= filled * 8 && same >= filled.min(2)
    }
}

fn is_rule(cell: &str) -> bool {
    let cell = cell.trim();
    cell.chars().count() >= 3 && cell.chars().all(|c| matches!(c, '-' | '=' | '_' | '─' | '═' | '*'))
}

/// Whether a cell says that its row sums others, in the languages that exports come in.
pub fn is_total(cell: &str) -> bool {
    const WORDS: &[&str] = &[
        "total",
        "totals",
        "totale",
        "totali",
        "totaal",
        "totalt",
        "subtotal",
        "subtotals",
        "sous-total",
        "sottototale",
        "sum",
        "summe",
        "summa",
        "suma",
        "soma",
        "somme",
        "somma",
        "gesamt",
        "gesamtsumme",
        "zwischensumme",
        "endsumme",
        "insgesamt",
        "subtotaal",
        "eindtotaal",
        "razem",
        "ogółem",
        "celkem",
        "součet",
        "spolu",
        "összesen",
        "toplam",
        "итого",
        "всего",
        "разом",
        "yhteensä",
        "σύνολο",
        "ukupno",
        "skupaj",
        "tổng",
        "jumlah",
        "合计",
        "小计",
        "总计",
        "合計",
        "小計",
        "總計",
        "総計",
        "합계",
        "소계",
        "총계",
        "المجموع",
    ];
    let cell = cell
        .trim()
        .trim_matches(|c: char| matches!(c, '*' | '=' | '-' | ':' | '"' | '>' | '<' | '.' | '#' | 'Σ'));
    let lower = cell.trim().to_lowercase();
    let mut words = lower.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    let count = 1 + words.clone().count();
    let named = |word: &str| WORDS.contains(&word);
    // `Total`, `Grand total`, `Sub total`, `Total WC01`, `Gesamt:`; not a sentence with the word in it.
    named(first) && count <= 6
        || count <= 4
            && words.clone().any(named)
            && matches!(
                first,
                "grand"
                    | "sub"
                    | "ara"
                    | "genel"
                    | "all"
                    | "der"
                    | "report"
                    | "sous"
                    | "gran"
                    | "running"
                    | "page"
                    | "order"
                    | "job"
            )
        || count <= 3 && words.next_back().is_some_and(named)
        || WORDS
            .iter()
            .filter(|word| !word.is_ascii())
            .any(|word| lower.starts_with(word) && lower.chars().count() <= 12)
}
