//! A question put to a language model: rounds of calls of our own tools, until it answers in words. What it says is checked against
//! what the tools gave before anybody sees it.
//!
//! The model is assumed to be hostile. It reads what the asking person may read of one analysis, through typed tools that write
//! nothing; its rounds, calls, words, tokens, money and time are bounded; its words become plain text.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use assistant::{
    Language, model,
    numbers::Facts,
    tool::{Call, Outcome},
    word::{Answer, Citation, Query},
};
use clients::models::{Request, Said, Tool, ToolResult, Turn};
use tokio::time::Instant;

use super::{
    hear::{Heard, Listener},
    more,
    shelf::{Shelved, blocking},
};
use crate::{
    Backing, Caller, Error,
    models::{Chosen, Used},
};

/// Calls of the model for one question.
const ROUNDS: usize = 8;
/// Calls of tools for one question.
const CALLS: usize = 24;
/// For one question.
const WHOLE: Duration = Duration::from_secs(55);
/// Tokens that a model may write in one round.
const TOKENS: u32 = 1_500;

/// Why a model gave no answer that can be shown.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The budget or the plan has not enough left.
    Budget,
    Provider(clients::models::Error),
    /// It took too long altogether.
    Time,
    /// It called tools to no end.
    Rounds,
    /// Nothing of what it said could be shown.
    Ungrounded,
    /// A fault of ours.
    Ours(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

/// What a model answered.
#[derive(Debug)]
pub(super) struct Talked {
    pub(super) answer: Answer,
    pub(super) outcomes: Vec<Outcome>,
}

/// What was used meanwhile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub calls: u32,
    pub tokens_read: i64,
    pub tokens_written: i64,
}

/// A question with what it is about.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) backing: &'a Backing,
    pub(super) caller: &'a Caller,
    pub(super) shelved: &'a Arc<Shelved>,
    pub(super) chosen: &'a Chosen,
    pub(super) words: &'a str,
    pub(super) language: Language,
    /// What was said before: questions, and answers that were checked when they were given.
    pub(super) before: &'a [(String, String)],
    pub(super) listener: &'a Listener,
}

impl Question<'_> {
    /// Talks with the model. `cost` says what it came to, however it ends.
    pub(super) async fn ask(&self, cost: &mut Cost) -> Result<Talked, Trouble> {
        let ends = Instant::now() + WHOLE;
        let catalog = self.shelved.data.catalog();
        let tools: Vec<Tool> = model::tools(catalog)
            .into_iter()
            .map(|tool| Tool {
                name: tool.name.to_owned(),
                description: tool.description.to_owned(),
                schema: tool.schema,
            })
            .collect();
        let mut turns = Vec::new();
        let mut facts = Facts::new();
        facts.catalog(catalog);
        facts.text(self.words);
        if let Some(period) = catalog.period {
            facts.text(&period.first.to_string());
            facts.text(&period.last.to_string());
        }
        for (question, answer) in self.before {
            facts.text(answer);
            turns.push(Turn::User(question.clone()));
            turns.push(Turn::Assistant { text: answer.clone(), calls: Vec::new() });
        }
        turns.push(Turn::User(self.words.to_owned()));
        let mut request = Request {
            system: model::system(catalog, &more::tables(&self.shelved.data)),
            turns,
            tools,
            tokens_max: TOKENS,
        };
        let mut outcomes = Vec::new();
        let mut made: Vec<(Call, usize)> = Vec::new();
        let mut calls = 0;
        self.listener.tell(Heard::Model(self.chosen.model.name.clone()));
        for round in 1..=ROUNDS {
            if round == ROUNDS {
                // The last word is an answer.
                request.tools.clear();
            }
            let said = match self.round(&request, &facts, ends, cost).await? {
                Round::Said(said) => said,
                Round::Stopped(heard) => return Ok(self.stopped(&heard, &facts, &made, outcomes)),
            };
            if said.calls.is_empty() {
                return self.answered(&said, &facts, &made, outcomes);
            }
            if round == ROUNDS {
                return Err(Trouble::Rounds);
            }
            if !said.text.is_empty() {
                // What it said on the way is not the answer.
                self.listener.tell(Heard::Anew);
            }
            let mut results = Vec::new();
            for call in &said.calls {
                calls += 1;
                let text = if calls > CALLS {
                    "no more look-ups are possible; answer with what you have".to_owned()
                } else {
                    self.look(call, &mut facts, &mut made, &mut outcomes).await?
                };
                results.push(ToolResult { id: call.id.clone(), text });
            }
            request.turns.push(Turn::Assistant { text: said.text.clone(), calls: said.calls.clone() });
            request.turns.push(Turn::Results(results));
        }
        Err(Trouble::Rounds)
    }

    async fn round(
        &self,
        request: &Request,
        facts: &Facts,
        ends: Instant,
        cost: &mut Cost,
    ) -> Result<Round, Trouble> {
        let budget = &self.chosen.budget;
        let reserved = budget.reserve(self.backing, self.caller, request).await?.ok_or(Trouble::Budget)?;
        cost.calls += 1;
        let mut release = model::Release::default();
        let mut heard = String::new();
        let ended = {
            let mut on_text = |text: &str| {
                heard.push_str(text);
                let shown = release.push(text, facts);
                if !shown.is_empty() {
                    self.listener.tell(Heard::Text(shown));
                }
            };
            tokio::select! {
                ended = self.chosen.model.say(request, &mut on_text) => Ok(ended),
                () = self.listener.stop.cancelled() => Err(true),
                () = tokio::time::sleep_until(ends) => Err(false),
            }
        };
        let used = match &ended {
            Ok(Ok(said)) => Used::Said(said),
            Ok(Err(error)) => match error {
                clients::models::Error::Slow
                | clients::models::Error::Garbage(_)
                | clients::models::Error::Truncated => Used::Broken { heard: heard.len() },
                _ if heard.is_empty() => Used::Nothing,
                _ => Used::Broken { heard: heard.len() },
            },
            Err(_) => Used::Broken { heard: heard.len() },
        };
        let (read, written) = budget.settle(self.backing, self.caller, &reserved, used).await?;
        cost.tokens_read += read;
        cost.tokens_written += written;
        match ended {
            Ok(Ok(said)) => {
                let rest = release.finish(facts);
                if !rest.is_empty() {
                    self.listener.tell(Heard::Text(rest));
                }
                Ok(Round::Said(said))
            }
            Ok(Err(error)) => Err(Trouble::Provider(error)),
            Err(true) => Ok(Round::Stopped(heard)),
            Err(false) => Err(Trouble::Time),
        }
    }

    /// Makes one call of a tool and gives what the model may read of it.
    async fn look(
        &self,
        call: &clients::models::ToolCall,
        facts: &mut Facts,
        made: &mut Vec<(Call, usize)>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<String, Trouble> {
        let read = match model::read(&call.name, &call.arguments, self.shelved.data.catalog()) {
            Ok(read) => read,
            Err(why) => return Ok(format!("not possible: {why}")),
        };
        self.listener.tell(Heard::LookUp { name: call.name.clone(), detail: detail(&read) });
        if let Some((_, at)) = made.iter().find(|(known, _)| *known == read) {
            return Ok(model::fenced(&outcomes[*at]));
        }
        let (shelved, wanted) = (Arc::clone(self.shelved), read.clone());
        let outcome = blocking(move || more::any(&shelved.data, &wanted)).await?;
        facts.outcome(&outcome);
        made.push((read, outcomes.len()));
        let fenced = model::fenced(&outcome);
        outcomes.push(outcome);
        Ok(fenced)
    }

    fn answered(
        &self,
        said: &Said,
        facts: &Facts,
        made: &[(Call, usize)],
        outcomes: Vec<Outcome>,
    ) -> Result<Talked, Trouble> {
        let grounded = model::ground(&model::plain(&said.text), facts);
        if grounded.text.trim().is_empty() {
            return Err(Trouble::Ungrounded);
        }
        let mut answer = self.shaped(grounded.text, made, &outcomes);
        if grounded.dropped > 0 {
            answer.notes.push(self.language.pick([
                "A part of the model's answer is not shown: it stated numbers, names or comparisons that no look-up gave.",
                "Ein Teil der Antwort des Modells wird nicht gezeigt: es nannte Zahlen, Namen oder Vergleiche, die keine Abfrage ergab.",
                "Una parte de la respuesta del modelo no se muestra: contenía números, nombres o comparaciones que ninguna consulta dio.",
            ]).to_owned());
        }
        if said.cut {
            answer.notes.push(
                self.language
                    .pick([
                        "The model's answer was cut off at its longest.",
                        "Die Antwort des Modells wurde an ihrer Obergrenze abgeschnitten.",
                        "La respuesta del modelo se cortó en su longitud máxima.",
                    ])
                    .to_owned(),
            );
        }
        Ok(Talked { answer, outcomes })
    }

    /// What was said until somebody said stop.
    fn stopped(&self, heard: &str, facts: &Facts, made: &[(Call, usize)], outcomes: Vec<Outcome>) -> Talked {
        let grounded = model::ground(&model::plain(heard), facts);
        let mut answer = self.shaped(grounded.text, made, &outcomes);
        let stopped = self.language.pick(["Stopped.", "Angehalten.", "Detenido."]);
        if answer.text.is_empty() {
            stopped.clone_into(&mut answer.text);
        } else {
            answer.notes.push(stopped.to_owned());
        }
        Talked { answer, outcomes }
    }

    fn shaped(&self, text: String, made: &[(Call, usize)], outcomes: &[Outcome]) -> Answer {
        let mut citations = Vec::new();
        let mut known = BTreeSet::new();
        for citation in outcomes.iter().flat_map(cited) {
            let key = format!("{citation:?}");
            if citations.len() < 12 && known.insert(key) {
                citations.push(citation);
            }
        }
        Answer {
            language: self.language,
            kind: "model",
            text,
            queries: made
                .iter()
                .map(|(call, at)| Query {
                    name: name(call).to_owned(),
                    detail: detail(call),
                    rows: rows(&outcomes[*at]),
                })
                .collect(),
            citations,
            ..Answer::default()
        }
    }
}

enum Round {
    Said(Said),
    Stopped(String),
}

fn cited(outcome: &Outcome) -> Vec<Citation> {
    let rows = |sources: &[assistant::tool::Source]| -> Vec<Citation> {
        sources
            .iter()
            .take(4)
            .map(|source| Citation::Row { file: source.file.clone(), row: source.row, analysis: None })
            .collect()
    };
    let finding = |line: &assistant::tool::FindingLine| Citation::Finding {
        id: line.id.clone(),
        title: line.title.clone(),
        analysis: None,
    };
    match outcome {
        Outcome::Figures(figures) => rows(&figures.sources),
        Outcome::Explained(explained) => rows(&explained.figures.sources),
        Outcome::Comparison(both) => [rows(&both.first.sources), rows(&both.second.sources)].concat(),
        Outcome::Findings(findings) => findings.lines.iter().take(4).map(finding).collect(),
        Outcome::Finding(found) => {
            std::iter::once(finding(&found.line)).chain(rows(&found.line.sources)).collect()
        }
        Outcome::Table(table) => rows(&table.sources),
        _ => Vec::new(),
    }
}

fn name(call: &Call) -> &'static str {
    match call {
        Call::Figures(_) => "figures",
        Call::Explain { .. } => "explain",
        Call::Missing { .. } => "missing",
        Call::Findings { .. } => "findings",
        Call::WhatIf { .. } => "what_if",
        Call::Values { .. } => "values",
        Call::Totals => "totals",
        Call::Compare(_) => "compare",
        Call::Finding { .. } => "finding",
        Call::Rows(_) => "rows",
        Call::Query { .. } => "query",
    }
}

/// What a call asked for, in plain words for people.
fn detail(call: &Call) -> String {
    let filters = |filters: &[assistant::intent::Filter]| -> String {
        let words: Vec<String> =
            filters.iter().map(|filter| format!(", {} {}", filter.field, filter.value)).collect();
        words.concat()
    };
    let one = |call: &assistant::tool::FigureCall| {
        let period =
            call.period.map_or(String::new(), |period| format!(", {} to {}", period.first, period.last));
        let by = call.group.map_or(String::new(), |group| match group {
            assistant::tool::Group::Field(field) => format!(" by {field}"),
            assistant::tool::Group::Step(step) => format!(" by {}", step.as_str()),
        });
        format!("{}{by}{}{period}", call.metric, filters(&call.filters))
    };
    let text = match call {
        Call::Figures(call) => one(call),
        Call::Compare(sides) => format!("{} / {}", one(&sides[0]), one(&sides[1])),
        Call::Explain { metric, filters: own } => format!("{metric}{}", filters(own)),
        Call::Missing { metric } => metric.clone().unwrap_or_default(),
        Call::Findings { n, filters: own } => format!("first {n}{}", filters(own)),
        Call::WhatIf { lever, scope } => format!("{lever:?}{}", filters(scope)),
        Call::Values { field, .. } => field.as_str().to_owned(),
        Call::Totals => String::new(),
        Call::Finding { id } => id.clone(),
        Call::Rows(call) => format!("{}{}", call.entity.as_str(), filters(&call.filters)),
        Call::Query { sql } => sql.clone(),
    };
    model::plain(&text).chars().take(500).collect()
}

fn rows(outcome: &Outcome) -> Option<u64> {
    match outcome {
        Outcome::Figures(figures) => Some(figures.whole.rows),
        Outcome::Explained(explained) => Some(explained.figures.whole.rows),
        Outcome::Comparison(both) => Some(both.first.whole.rows + both.second.whole.rows),
        Outcome::Table(table) => Some(table.rows.len() as u64),
        Outcome::Totals(totals) => Some(totals.rows_used),
        _ => None,
    }
}
