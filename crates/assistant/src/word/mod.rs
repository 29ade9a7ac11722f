//! Answers in words, from what the tools gave and from nothing else.

mod cases;
mod figures;
mod findings;
mod phrases;
mod unclear;

pub use phrases::{dimension, field_name, metric_name, period_words};

use serde::Serialize;
use serde_json::Value;

use crate::{
    Catalog, Intent, Language, Understood,
    numbers::{self, Facts, Unsupported},
    suggest,
    tool::{Outcome, Source},
    understand::Reading,
};

/// A table of an answer; every cell as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Sheet {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Something that an answer rests on and that opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Citation {
    Row {
        file: String,
        row: u64,
        /// Which analysis opens it, where several were asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        analysis: Option<String>,
    },
    Finding {
        id: String,
        title: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        analysis: Option<String>,
    },
}

/// A look-up that was made for an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Query {
    pub name: String,
    pub detail: String,
    /// Rows that went into it.
    pub rows: Option<u64>,
}

/// An answer, ready to be shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Answer {
    #[serde(serialize_with = "crate::language::tag")]
    pub language: Language,
    /// `metric`, `list`, `comparison`, `trend`, `what_if`, `explanation`, `missing`, `findings`, `values`, `overview`,
    /// `help`, `choices`.
    pub kind: &'static str,
    /// Sentences, one paragraph a line; plain text.
    pub text: String,
    pub sheet: Option<Sheet>,
    /// Limits of the data, assumptions, how something was read.
    pub notes: Vec<String>,
    pub corrections: Vec<(String, String)>,
    /// Questions to choose from, where the one asked has several answers or none.
    pub choices: Vec<String>,
    /// Questions that can be asked next.
    pub follow_ups: Vec<String>,
    pub queries: Vec<Query>,
    pub citations: Vec<Citation>,
}

impl Answer {
    /// All that is shown, for the check of its numbers.
    pub fn shown(&self) -> String {
        let mut shown = vec![self.text.clone()];
        shown.extend(self.notes.clone());
        if let Some(sheet) = &self.sheet {
            shown.extend(sheet.rows.iter().map(|row| row.join(" ; ")));
        }
        shown.join("\n")
    }
}

/// Why no answer is shown: it would state numbers that no tool gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ungrounded(pub Vec<Unsupported>);

/// Words an answer and checks its numbers.
pub fn answer(
    question: &str,
    understood: &Understood,
    outcomes: &[Outcome],
    catalog: &Catalog,
) -> Result<Answer, Ungrounded> {
    let language = understood.language;
    let mut outcomes = outcomes.to_vec();
    let mut answer = Answer { language, corrections: understood.corrections.clone(), ..Answer::default() };
    if let Some(Outcome::Refused { reason }) =
        outcomes.iter().find(|outcome| matches!(outcome, Outcome::Refused { .. }))
    {
        answer.kind = "choices";
        answer.text = format!(
            "{} {reason}",
            language.pick([
                "That could not be looked up:",
                "Das konnte nicht nachgesehen werden:",
                "No se pudo consultar:"
            ])
        );
    } else {
        match &understood.intent {
            Intent::Metric { .. } | Intent::Top { .. } | Intent::Trend { .. } | Intent::Compare { .. } => {
                figures::word(&understood.intent, &mut outcomes, &mut answer);
            }
            Intent::Unclear(why) => unclear::word(why, catalog, &mut answer),
            Intent::WhatIf { lever, .. } => cases::word(*lever, &outcomes, &mut answer),
            _ => findings::word(&understood.intent, &outcomes, &mut answer),
        }
    }
    for reading in &understood.readings {
        answer.notes.push(match reading {
            Reading::Instead { asked, taken } => {
                let (asked, taken) = (metric_name(asked, language), metric_name(taken, language));
                language.pick([
                    format!("\"{asked}\" does not stand on these rows; {taken} is shown in its place."),
                    format!("„{asked}“ steht nicht an diesen Zeilen; gezeigt wird {taken}."),
                    format!("«{asked}» no figura en estas filas; en su lugar se muestra {taken}."),
                ])
            }
            Reading::Relative { period, end } => {
                let period = phrases::period_words(*period, language);
                language.pick([
                    format!("Counted from where the data end ({end}): {period}."),
                    format!("Gezählt von dem Tag an, an dem die Daten enden ({end}): {period}."),
                    format!("Contado desde donde terminan los datos ({end}): {period}."),
                ])
            }
        });
    }
    if !understood.ignored.is_empty() && !matches!(understood.intent, Intent::Unclear(_)) {
        let words = understood.ignored.join(", ");
        answer.notes.push(language.pick([
            format!("Not taken into account, because not understood: {words}."),
            format!("Nicht berücksichtigt, weil nicht verstanden: {words}."),
            format!("No se tuvo en cuenta, porque no se entendió: {words}."),
        ]));
    }
    answer.follow_ups = suggest::follow_ups(&understood.intent, catalog, language);
    let mut facts = Facts::new();
    facts.text(question);
    for outcome in &outcomes {
        facts.add(&serde_json::to_value(outcome).unwrap_or(Value::Null));
    }
    if let Some(period) = catalog.period {
        facts.text(&period.first.to_string());
        facts.text(&period.last.to_string());
    }
    // Periods and names that the question was read as are words of ours, with numbers in them.
    facts.text(&phrases::said(&understood.intent, language));
    let unsupported = numbers::check(&answer.shown(), &facts);
    if unsupported.is_empty() { Ok(answer) } else { Err(Ungrounded(unsupported)) }
}

fn cite(answer: &mut Answer, sources: &[Source]) {
    for source in sources.iter().take(5) {
        let citation = Citation::Row { file: source.file.clone(), row: source.row, analysis: None };
        if !answer.citations.contains(&citation) {
            answer.citations.push(citation);
        }
    }
}
