//! Answers of the assistant in the report of an analysis: put there by a person, shown in its page, PDF and workbook.
//!
//! What is put there is a copy of what the server kept, never words of a client. Everybody who sees the report sees it, so it takes
//! the right to make reports, while conversations stay with the person who holds them.

use assistant::{Language, number};
use domain::{
    Role,
    id::{AnalysisId, ConversationId},
};
use report::{Caption, Quote, QuoteCell};
use serde_json::Value;
use store::{
    analyses::Analysis as Run,
    conversations::{self, Author},
    report_answers::{self, NewReportAnswer, ReportAnswer},
};
use uuid::Uuid;

use super::write;
use crate::{
    Backing, Caller, Error, analyses,
    deed::{self, Began},
};

/// Answers in one report.
pub const ANSWERS_MAX: usize = 50;

/// The answers in the report of an analysis that the caller may see.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    analysis: AnalysisId,
) -> Result<Vec<ReportAnswer>, Error> {
    caller.require(Role::Viewer)?;
    analyses::get(backing, caller, analysis).await?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(report_answers::list(&mut tx, analysis).await?)
}

/// Those of a person's own conversation that are in a report.
pub async fn of_conversation(
    backing: &Backing,
    caller: &Caller,
    id: ConversationId,
) -> Result<Vec<ReportAnswer>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(report_answers::of_conversation(&mut tx, id).await?)
}

/// Puts an answer of the caller's own conversation into the report of the analysis that was asked. Once is enough: a second time
/// gives what is there. Where `wanted` names an analysis, it must be that one.
pub async fn add(
    backing: &Backing,
    caller: &Caller,
    said: (ConversationId, i64),
    wanted: Option<AnalysisId>,
) -> Result<ReportAnswer, Error> {
    let (conversation, number) = said;
    caller.require(Role::Analyst)?;
    if let Some(wanted) = wanted {
        analyses::get(backing, caller, wanted).await?;
    }
    let user = caller.actor.user().ok_or_else(|| {
        Error::Conflict(
            "conversations belong to people; an API key has none to take an answer from".to_owned(),
        )
    })?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => {
            let mut tx = deed::begin(backing, caller).await?;
            return report_answers::get(&mut tx, id).await?.ok_or(Error::NotFound("answer"));
        }
    };
    conversations::get(&mut tx, user, conversation).await?.ok_or(Error::NotFound("conversation"))?;
    let said = conversations::messages(&mut tx, conversation, number.checked_add(1), 100).await?;
    let answer = said
        .iter()
        .find(|message| message.number == number && message.author == Author::Assistant)
        .ok_or(Error::NotFound("answer"))?;
    let asked = said.iter().rev().find(|message| message.number < number && message.author == Author::User);
    let analysis: AnalysisId = answer.document["analysis"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .ok_or(Error::NotFound("analysis"))?;
    if wanted.is_some_and(|wanted| wanted != analysis) {
        return Err(Error::invalid("number", "this answer is about another analysis"));
    }
    store::analyses::get(&mut tx, analysis).await?.ok_or(Error::NotFound("analysis"))?;
    let there = report_answers::list(&mut tx, analysis).await?;
    if let Some(known) = there.iter().find(|one| (one.conversation_id, one.number) == (conversation, number))
    {
        return Ok(known.clone());
    }
    if there.len() >= ANSWERS_MAX {
        return Err(Error::Conflict(format!("the report holds {ANSWERS_MAX} answers; take one out first")));
    }
    let new = NewReportAnswer {
        id: Uuid::now_v7(),
        analysis,
        said: (conversation, number),
        question: asked.map_or("", |message| &message.body),
        body: &answer.body,
        document: &answer.document,
    };
    let made = report_answers::insert(&mut tx, &new, Some(user))
        .await?
        .ok_or_else(|| Error::Conflict("the answer was just put into the report".to_owned()))?;
    let event = deed::done(caller, "report.answer_add", "report_answer", made.id)
        .detail("analysis", analysis.to_string())
        .detail("conversation", conversation.to_string());
    deed::commit_new(tx, caller, event, made.id).await?;
    Ok(made)
}

/// Takes an answer out of the report of an analysis.
pub async fn remove(backing: &Backing, caller: &Caller, analysis: AnalysisId, id: Uuid) -> Result<(), Error> {
    caller.require(Role::Analyst)?;
    analyses::get(backing, caller, analysis).await?;
    let mut tx = deed::begin(backing, caller).await?;
    let known = report_answers::get(&mut tx, id).await?.filter(|one| one.analysis_id == analysis);
    if known.is_none() || !report_answers::delete(&mut tx, id).await? {
        return Err(Error::NotFound("answer"));
    }
    let event = deed::done(caller, "report.answer_remove", "report_answer", id)
        .detail("analysis", analysis.to_string());
    deed::commit(tx, caller, event).await
}

/// What a report says about itself, with the answers that were put into it.
pub async fn caption(backing: &Backing, caller: &Caller, run: &Run) -> Result<Caption, Error> {
    let mut tx = deed::begin(backing, caller).await?;
    let answers = report_answers::list(&mut tx, run.id).await?;
    Ok(Caption { answers: answers.iter().map(quote).collect(), ..write::caption(run) })
}

/// An answer as reports show it.
pub fn quote(one: &ReportAnswer) -> Quote {
    let answer = &one.document["answer"];
    let language = answer["language"].as_str().and_then(Language::named).unwrap_or_default();
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let rows =
        |value: &Value| -> Vec<Vec<String>> { value.as_array().into_iter().flatten().map(texts).collect() };
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let queries = answer["queries"].as_array().into_iter().flatten().map(|query| {
        let read = query["rows"].as_u64().map_or(String::new(), |rows| format!(", {rows} rows"));
        format!("{}: {}{read}", words(&query["name"]), words(&query["detail"]))
    });
    let rests_on = answer["citations"].as_array().into_iter().flatten().map(|citation| {
        match (citation["file"].as_str(), citation["row"].as_u64()) {
            (Some(file), Some(row)) => format!("{file} row {row}"),
            _ => words(&citation["title"]),
        }
    });
    Quote {
        question: one.question.clone(),
        language: language.tag().to_owned(),
        by: one.document["model"]
            .as_str()
            .map_or_else(String::new, |model| format!("Answered by the model {model}")),
        text: one.body.lines().map(str::to_owned).collect(),
        heads: texts(&answer["sheet"]["heads"]),
        rows: rows(&answer["sheet"]["rows"])
            .into_iter()
            .map(|row| row.into_iter().map(|shown| cell(shown, language)).collect())
            .collect(),
        notes: texts(&answer["notes"]),
        queries: queries.collect(),
        rests_on: rests_on.collect(),
    }
}

/// A cell with its number, where it is one: `6,21 %` and `86.400 EUR` are, `M-07` and `2025-06` are not.
fn cell(shown: String, language: Language) -> QuoteCell {
    let trimmed = shown.trim();
    let percent = trimmed.ends_with('%');
    let end = trimmed.find(|letter: char| !(letter.is_ascii_digit() || "-.,".contains(letter)));
    let (digits, unit) = trimmed.split_at(end.unwrap_or(trimmed.len()));
    let unit = unit.trim();
    let is_unit = unit.chars().all(|letter| !letter.is_ascii_digit())
        && (unit.is_empty() || percent || trimmed[digits.len()..].starts_with(' '));
    let inner = digits.trim_start_matches('-');
    let number =
        (is_unit && inner.starts_with(|letter: char| letter.is_ascii_digit()) && !inner.contains('-'))
            .then(|| number::read(digits, language))
            .flatten()
            .map(|value| if percent { value / 100.0 } else { value });
    QuoteCell { number, percent, shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_table_stay_numbers_and_names_stay_names() {
        for (shown, language, number) in [
            ("6.21%", Language::English, Some(0.0621)),
            ("6,21 %", Language::German, Some(0.0621)),
            ("86.400 EUR", Language::German, Some(86_400.0)),
            ("-1,234.50 USD", Language::English, Some(-1_234.5)),
            ("1,204", Language::English, Some(1_204.0)),
            ("12 h", Language::Spanish, Some(12.0)),
            ("M-07", Language::English, None),
            ("07-A", Language::English, None),
            ("2025-06", Language::English, None),
            ("4711A", Language::English, None),
            ("", Language::English, None),
            ("–", Language::English, None),
        ] {
            let cell = cell(shown.to_owned(), language);
            let near = match (cell.number, number) {
                (Some(own), Some(other)) => (own - other).abs() < 1e-9,
                (own, other) => own == other,
            };
            assert!(near, "{shown}: {cell:?}");
        }
    }
}
