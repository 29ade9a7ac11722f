//! From the evidence of all rows to the type of a column.
//!
//! Each family of notations says how many cells it explains; the most particular one that explains (nearly) all of them is
//! taken, in the order flags, days and moments, times, numbers, text. The odd cells of a clear majority are unreadable
//! and reported; two notations in bulk are both read where each cell has one reading, and reported with their counts.

mod clocks;
mod describe;
mod digit_forms;
mod flags;
mod moments;
mod numbers;
mod orders;

use domain::table::ValueKind;

use super::column_type::ColumnType;
use super::evidence::ColumnEvidence;
use super::read::Reader;
use super::settle::Settled;
use super::words::header::Hints;

/// What every family of notations looks at.
pub(super) struct Case<'a> {
    pub(super) evidence: &'a ColumnEvidence,
    pub(super) hints: Hints,
    pub(super) filled: u64,
    pub(super) settled: &'a Settled,
}

pub(super) fn decide(evidence: &ColumnEvidence, header: &str, settled: &Settled) -> ColumnType {
    let case = Case { evidence, hints: Hints::of(header), filled: evidence.filled(), settled };
    let mut decided = if case.filled == 0 {
        // Words that mean nothing in typed columns only are all there is: keep them as they are written.
        let kind = if evidence.perhaps_missing > 0 { ValueKind::Text } else { ValueKind::Empty };
        ColumnType::new(kind, Reader::Text)
    } else {
        flags::decide(&case)
            .or_else(|| moments::decide(&case))
            .or_else(|| clocks::decide(&case))
            .or_else(|| numbers::decide(&case))
            .unwrap_or_else(|| text(&case))
    };
    let missing =
        evidence.missing + if decided.kind == ValueKind::Text { 0 } else { evidence.perhaps_missing };
    if missing > 0 && decided.kind != ValueKind::Empty {
        decided.notes.push(format!("{missing} cells hold a word for no value and are empty"));
    }
    if evidence.wrapped > 0 {
        decided.notes.push(format!(
            "{} cells were marked as text for a spreadsheet; the marks are left out",
            evidence.wrapped
        ));
    }
    decided
}

impl Case<'_> {
    /// Whether so many cells of all filled ones make a column, the others being odd.
    pub(super) fn nearly_all(&self, explained: u64) -> bool {
        enough(explained, self.filled)
    }

    /// How odd cells are told in a note.
    pub(super) fn note_odd(&self, decided: &mut ColumnType, explained: u64) {
        let odd = self.filled.saturating_sub(explained);
        if odd == 0 {
            return;
        }
        let examples: Vec<String> =
            self.evidence.text.examples.iter().map(|example| format!("\"{example}\"")).collect();
        let quoted =
            if examples.is_empty() { String::new() } else { format!(", such as {}", examples.join(", ")) };
        let share = 100.0 * explained as f64 / self.filled as f64;
        let kind = decided.kind.as_str();
        decided
            .notes
            .push(format!("{share:.1} % of the filled cells are written as {kind}; {odd} are not{quoted}"));
    }
}

/// At least 95 of 100, or all but two where there are few.
pub(super) fn enough(explained: u64, all: u64) -> bool {
    let odd = all.saturating_sub(explained);
    explained > 0 && (odd * 20 <= all || (odd <= 2 && explained >= 4 * odd))
}

fn text(case: &Case<'_>) -> ColumnType {
    let mut decided = ColumnType::new(ValueKind::Text, Reader::Text);
    let evidence = case.evidence;
    let periods: u64 =
        evidence.shapes.iter().filter(|shape| shape.roles.period).map(|shape| shape.count).sum();
    if periods > 0 && case.nearly_all(periods) {
        describe::periods(case, &mut decided);
        return decided;
    }
    let dated: u64 =
        evidence.shapes.iter().filter(|shape| shape.roles.moment.is_some()).map(|shape| shape.count).sum();
    let numbers: u64 = evidence.digits.count
        + evidence
            .shapes
            .iter()
            .filter(|shape| shape.roles.number.is_some())
            .map(|shape| shape.count)
            .sum::<u64>();
    for (count, kind) in [(dated, "dates"), (numbers, "numbers")] {
        if count * 2 >= case.filled && count < case.filled && evidence.text.coded * 4 < case.filled {
            decided.notes.push(format!(
                "{count} of {} filled cells look like {kind}; the others are too many to be slips, so the column stays text",
                case.filled
            ));
        }
    }
    if numbers == case.filled && evidence.digits.count == 0 && !case.hints.identifier {
        decided.ambiguous.push("numbers with a unit".to_owned());
    }
    digit_forms::describe_codes(case, &mut decided);
    decided
}
