//! The person behind the calling program, asked in one of two ways. A connection that stays open carries the question and the answer in
//! the middle of the call. Over HTTP every request stands for itself: the question is the answer to the call, and the call comes again
//! with what was chosen, on whichever server. Nothing is kept in between and nothing is trusted from it: what comes back is worth what the
//! caller could have sent as decisions.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use rmcp::{
    RoleServer,
    model::{
        CallToolRequestParams, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
        InputRequest, InputRequests, InputRequiredResult, InputResponses, JsonObject,
    },
    service::{Peer, RequestContext},
};
use serde_json::{Value, json};

use crate::{Open, Person, Said};

/// How long a person may think while a connection waits.
const PATIENCE: Duration = Duration::from_mins(10);

/// The name of the one request for input that a call makes.
const DECISIONS: &str = "decisions";

/// Whoever stands behind one call.
pub(crate) enum Behind {
    /// On a connection that stays open.
    Waiting(Peer<RoleServer>),
    /// Before a call that comes again.
    Again(Again),
}

/// What the call brought along, and what goes out with its answer.
#[derive(Default)]
pub(crate) struct Again {
    answer: Option<ElicitResult>,
    /// The questions that were asked, as they went out.
    asked: Option<String>,
    /// Whether the calling program says that its person can be asked.
    able: bool,
    asks: Mutex<Option<InputRequiredResult>>,
}

impl Behind {
    pub(crate) fn of(request: &CallToolRequestParams, context: &RequestContext<RoleServer>) -> Self {
        let again = context.protocol_version().is_some_and(|version| !version.has_initialize());
        if !again {
            return Self::Waiting(context.peer.clone());
        }
        let answers = request.input_responses.as_ref();
        let elicitation = context.client_capabilities().and_then(|able| able.elicitation);
        Self::Again(Again {
            answer: answers
                .and_then(|answers| answers.get(DECISIONS))
                .and_then(|answer| serde_json::from_value(answer.clone()).ok()),
            asked: request.request_state.clone(),
            // Without a word on the ways, forms are meant.
            able: elicitation.is_some_and(|modes| modes.form.is_some() || modes.url.is_none()),
            asks: Mutex::default(),
        })
    }

    /// What is to go out in place of an answer.
    pub(crate) fn asks(self) -> Option<InputRequiredResult> {
        match self {
            Self::Waiting(_) => None,
            Self::Again(again) => again.asks.into_inner().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl Person for Behind {
    fn decide<'a>(&'a self, message: &'a str, open: &'a [Open]) -> BoxFuture<'a, Said> {
        Box::pin(async move {
            if open.is_empty() {
                return Said::Nothing;
            }
            let Some(form) = form(message, open) else { return Said::Nothing };
            match self {
                Self::Waiting(peer) => {
                    if peer.supported_elicitation_modes().is_empty() {
                        return Said::Nothing;
                    }
                    match peer.create_elicitation_with_timeout(form, Some(PATIENCE)).await {
                        Ok(answer) => said(&answer, open),
                        Err(_) => Said::Nothing,
                    }
                }
                Self::Again(again) => again.decide(form, open),
            }
        })
    }
}

impl Again {
    fn decide(&self, form: ElicitRequestParams, open: &[Open]) -> Said {
        if !self.able {
            return Said::Nothing;
        }
        let questions = questions(open);
        // An answer to other questions than those that are open now is none: somebody else decided meanwhile.
        if let (Some(answer), true) = (&self.answer, self.asked.as_ref() == Some(&questions)) {
            return said(answer, open);
        }
        let requests = InputRequests::from([(
            DECISIONS.to_owned(),
            InputRequest::Elicitation(ElicitRequest::new(form)),
        )]);
        let asks = InputRequiredResult::new(Some(requests), Some(questions));
        *self.asks.lock().unwrap_or_else(PoisonError::into_inner) = Some(asks);
        Said::Later
    }
}

/// The questions in one line, by which an answer to them is known again.
fn questions(open: &[Open]) -> String {
    let lines: Vec<Value> = open
        .iter()
        .map(|one| {
            let choices: Vec<&str> = one.choices.iter().map(|(value, _)| value.as_str()).collect();
            json!([one.question, choices])
        })
        .collect();
    Value::Array(lines).to_string()
}

fn name(at: usize) -> String {
    format!("decision_{}", at + 1)
}

fn form(message: &str, open: &[Open]) -> Option<ElicitRequestParams> {
    let mut properties = JsonObject::new();
    for (at, one) in open.iter().enumerate() {
        let values: Vec<&str> = one.choices.iter().map(|(value, _)| value.as_str()).collect();
        let words: Vec<&str> = one.choices.iter().map(|(_, words)| words.as_str()).collect();
        let property = json!({
            "type": "string", "title": one.question, "description": words.join("; "), "enum": values,
        });
        properties.insert(name(at), property);
    }
    let schema = json!({"type": "object", "properties": properties});
    Some(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: message.to_owned(),
        requested_schema: serde_json::from_value(schema).ok()?,
    })
}

fn said(answer: &ElicitResult, open: &[Open]) -> Said {
    let Some(content) = answer.content.as_ref().filter(|_| answer.action == ElicitationAction::Accept) else {
        return Said::Nothing;
    };
    let chosen = open.iter().enumerate().map(|(at, one)| {
        let value = content.get(name(at)).and_then(Value::as_str)?;
        // What is none of the choices is no decision.
        one.choices.iter().find(|(known, _)| known == value).map(|(known, _)| known.clone())
    });
    Said::Chosen(chosen.collect())
}

/// The open questions of a form by the names of its fields.
pub(crate) type Fields = Vec<(String, Open)>;

/// The forms that another server wants answered, for whoever stands in between: key, message and questions of each.
pub(crate) fn asked(requests: &InputRequests) -> Vec<(String, String, Fields)> {
    requests
        .iter()
        .filter_map(|(key, request)| {
            let InputRequest::Elicitation(request) = request else { return None };
            let request = serde_json::to_value(&request.params).ok()?;
            let message = request["message"].as_str()?.to_owned();
            let properties = request["requestedSchema"]["properties"].as_object()?;
            let open = properties
                .iter()
                .map(|(name, property)| {
                    let choices = property["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
                    let open = Open {
                        question: property["title"].as_str().unwrap_or_default().to_owned(),
                        choices: choices.map(|value| (value.to_owned(), value.to_owned())).collect(),
                    };
                    (name.clone(), open)
                })
                .collect();
            Some((key.clone(), message, open))
        })
        .collect()
}

/// What a person said, as the answer to the form of another server.
pub(crate) fn answered(names: &[(String, Open)], said: &Said) -> Value {
    let Said::Chosen(values) = said else { return json!({"action": "decline"}) };
    let content: JsonObject = names
        .iter()
        .zip(values)
        .filter_map(|((name, _), value)| Some((name.clone(), Value::String(value.clone()?))))
        .collect();
    json!({"action": "accept", "content": content})
}

pub(crate) fn responses(answers: Vec<(String, Value)>) -> InputResponses {
    answers.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(question: &str) -> Vec<Open> {
        let choices = vec![("a".to_owned(), "The first".to_owned()), (String::new(), "none".to_owned())];
        vec![Open { question: question.to_owned(), choices }]
    }

    fn again(asked: Option<&str>, answer: Option<Value>) -> Again {
        Again {
            answer: answer.map(|answer| serde_json::from_value(answer).unwrap()),
            asked: asked.map(|question| questions(&open(question))),
            able: true,
            asks: Mutex::default(),
        }
    }

    #[test]
    fn a_question_goes_out_and_its_answer_is_known_again() {
        let accepted = || Some(json!({"action": "accept", "content": {"decision_1": "a"}}));
        for (case, said, asks) in [
            (again(None, None), Said::Later, true),
            (again(Some("What?"), accepted()), Said::Chosen(vec![Some("a".to_owned())]), false),
            // Another choice than was offered is no decision.
            (
                again(Some("What?"), Some(json!({"action": "accept", "content": {"decision_1": "b"}}))),
                Said::Chosen(vec![None]),
                false,
            ),
            (again(Some("What?"), Some(json!({"action": "decline"}))), Said::Nothing, false),
            // An answer to another question, and one without its question.
            (again(Some("What else?"), accepted()), Said::Later, true),
            (again(None, accepted()), Said::Later, true),
            (Again { able: false, ..again(None, None) }, Said::Nothing, false),
        ] {
            let now = open("What?");
            assert_eq!(case.decide(form("", &now).unwrap(), &now), said);
            assert_eq!(Behind::Again(case).asks().is_some(), asks);
        }
    }

    #[test]
    fn a_form_passes_through_whoever_stands_in_between() {
        let now = open("What?");
        let case = again(None, None);
        case.decide(form("Columns", &now).unwrap(), &now);
        let requests = Behind::Again(case).asks().unwrap().input_requests.unwrap();
        let [(key, message, names)] = &asked(&requests)[..] else { panic!() };
        assert_eq!(
            (key.as_str(), message.as_str(), names[0].1.question.as_str()),
            (DECISIONS, "Columns", "What?")
        );
        let answer = answered(names, &Said::Chosen(vec![Some("a".to_owned())]));
        let again = again(Some("What?"), Some(answer));
        assert_eq!(again.decide(form("", &now).unwrap(), &now), Said::Chosen(vec![Some("a".to_owned())]));
        assert_eq!(answered(names, &Said::Nothing), json!({"action": "decline"}));
    }
}
