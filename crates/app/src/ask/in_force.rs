//! What stands between the files and an answer, said where it matters: which analyses it covers, rows that are in no figure, and
//! settings that decided which findings there are.

use assistant::{Language, number, word::Answer};

use super::Data;

/// Reasons that are named.
const REASONS: usize = 3;
/// Changed settings that are named.
const CHANGES: usize = 4;

/// Adds what is in force to the limits that an answer states. The numbers are those of the stored result, not of any model.
pub(super) fn note(data: &Data, answer: &mut Answer) {
    let language = answer.language;
    let rests_on_rows = matches!(
        answer.kind,
        "metric"
            | "list"
            | "comparison"
            | "trend"
            | "explanation"
            | "what_if"
            | "values"
            | "overview"
            | "model"
    );
    let rests_on_findings = matches!(answer.kind, "findings" | "overview" | "model");
    if let Some(cover) = &data.cover {
        cover.place(answer);
        if (rests_on_rows || rests_on_findings) && !answer.text.is_empty() {
            answer.notes.extend(cover.words(language, rests_on_findings));
        }
    }
    if rests_on_rows && !answer.text.is_empty() {
        answer.notes.extend(set_aside(data, language));
    }
    if rests_on_findings {
        answer.notes.extend(settings(data, language));
    }
}

fn set_aside(data: &Data, language: Language) -> Option<String> {
    let rows = &data.analysis.rows;
    let aside: u64 = rows.set_aside.iter().map(|item| item.rows).sum();
    if aside == 0 {
        return None;
    }
    let count = |rows: u64| number::fixed(rows as f64, 0, language);
    let mut items: Vec<_> = rows.set_aside.iter().collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.rows));
    let reasons: Vec<String> =
        items.iter().take(REASONS).map(|item| format!("{} ({})", item.reason, count(item.rows))).collect();
    let (aside, read, reasons) = (count(aside), count(rows.read), reasons.join("; "));
    Some(language.pick([
        format!("{aside} of {read} rows are in no figure: {reasons}."),
        format!("{aside} von {read} Zeilen stehen in keiner Zahl: {reasons}."),
        format!("{aside} de {read} filas no entran en ninguna cifra: {reasons}."),
    ]))
}

fn settings(data: &Data, language: Language) -> Option<String> {
    let changes: Vec<String> = data
        .settings
        .changes()
        .map(|(name, value)| format!("{} = {value}", name.replace('_', " ")))
        .collect();
    if changes.is_empty() {
        return None;
    }
    let preset = data.settings.preset.as_str();
    let more = changes.len().saturating_sub(CHANGES);
    let mut named = changes.into_iter().take(CHANGES).collect::<Vec<_>>().join(", ");
    if more > 0 {
        named.push_str(&format!(", +{more}"));
    }
    Some(language.pick([
        format!("The findings rest on settings that were changed ({preset}): {named}."),
        format!("Die Befunde beruhen auf geänderten Einstellungen ({preset}): {named}."),
        format!("Los hallazgos se basan en ajustes modificados ({preset}): {named}."),
    ]))
}
