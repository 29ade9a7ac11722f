//! One finding, and what people decide about it.

use app::{
    Error,
    analyses::what_if::{self as ask, Elsewhere, Lever},
    findings::{self, Decision, Standing},
};
use axum::{
    Extension, Form, Router,
    extract::{Path, State},
    response::Response,
};
use domain::{Analysis, Currency, Role, id::UserId, number};
use jiff::civil::Date;
use pages::{
    component::Link,
    page::{
        actions as board,
        changes::Fate,
        finding::{
            Event, FindingPage, Input, OverTime, Progress, Saving,
            what_if::{self, Question},
        },
    },
    route, words,
};
use serde::Deserialize;
use store::{
    findings::status::{Status, StatusChange},
    opportunities::Opportunity,
};

use super::{actions, analyses, answer, changes, kept::Kept, overview, reader::Reader};
use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/findings/{key}", get(show)).route("/findings/{key}/status", post(decide))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The analysis that tells it; the newest where it is left out.
    analysis: String,
    /// Hundredths of the loss to win back.
    share: Option<u8>,
    /// What is changed, to which number, and the second number where there is one.
    lever: Option<String>,
    value: Option<String>,
    second: Option<String>,
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    mut reader: Reader,
) -> Response {
    let result = page(&state, &kept, &key, &asked, &mut reader).await;
    reader.answer(result)
}

async fn page(
    state: &ServerState,
    kept: &Kept,
    key: &str,
    asked: &Asked,
    reader: &mut Reader,
) -> Result<Response, Error> {
    let run = match asked.analysis.parse() {
        Ok(id) => app::analyses::get(state.backing(), &reader.caller, id).await?.analysis,
        Err(_) => reader.newest.clone().ok_or(Error::NotFound("finding"))?,
    };
    // What people decide, they decide on the newest.
    let current = reader.newest.as_ref().is_some_and(|newest| newest.id == run.id);
    let analysis = analyses::result(state, kept, reader, run.id).await?;
    let finding =
        analysis.findings.iter().find(|finding| finding.id == key).ok_or(Error::NotFound("finding"))?;
    let standings = analyses::standings(state, reader, run.id).await?;
    let standing = of_key(&standings, key)?;
    let names = analyses::names(state, reader).await?;
    reader.shell.counts.actions = analyses::open_work(&analyses::decisions(&standings, &names));
    let history = findings::history(state.backing(), &reader.caller, standing.finding.id).await?;
    let name = |user: Option<UserId>| user.and_then(|user| names.get(&user)).cloned().unwrap_or_default();
    let picture = match &finding.chart {
        Some(chart) => Some(kept.drawer.picture(chart, 760, reader.tongue).await),
        None => None,
    };
    let over_time = over_time(state, kept, reader, standing, &analysis).await?;
    let ranked = analysis.findings_by_money();
    let next = ranked.iter().position(|other| other.id == key).and_then(|at| ranked.get(at + 1));
    let confidence_level = run.settings["values"]["confidence_level"].as_f64().unwrap_or_default();
    let status = &standing.status;
    let input = Input {
        progress: Progress {
            state: analyses::state_of(status.status),
            owner: name(status.owner_id),
            due: status.due_on.map(|day| day.to_string()).unwrap_or_default(),
            reason: status.reason.clone(),
            version: status.version.to_string(),
            history: history.iter().map(|change| event(change, &name)).collect(),
        },
        picture,
        may_decide: current && reader.may(Role::Analyst),
        members: names.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
        exports: vec![
            Link::new("One page (PDF)", format!("{}/page.pdf", route::finding(key))),
            Link::new("Excel", format!("/reports/{}.xlsx", run.id)),
        ],
        next: next.map(|next| Link::new(&next.title, route::finding(&next.id))),
        confidence_level,
        share: asked.share,
        over_time,
        question: question(state, reader, standing, asked).await?,
        saving: findings::opportunity(state.backing(), &reader.caller, standing.finding.id)
            .await?
            .map(|opportunity| saving(&opportunity)),
    };
    Ok(answer::ok(&FindingPage::new(&reader.shell, finding, &analysis.currency, input)))
}

fn of_key<'a>(standings: &'a [Standing], key: &str) -> Result<&'a Standing, Error> {
    standings
        .iter()
        .find(|standing| findings::own_id(&standing.finding.key) == key)
        .ok_or(Error::NotFound("finding"))
}

/// The answer to a question of one's own, for findings that a lever fits.
async fn question(
    state: &ServerState,
    reader: &Reader,
    standing: &Standing,
    asked: &Asked,
) -> Result<Option<Question>, Error> {
    let fitting = what_if::levers(&standing.finding.type_);
    let wanted = asked.lever.as_deref();
    let Some(lever) = fitting.iter().find(|lever| Some(**lever) == wanted).or(fitting.first()).copied()
    else {
        return Ok(None);
    };
    let asking = what_if::asking(lever);
    let parsed = |text: &str| {
        text.trim().replace('−', "-").trim_end_matches('%').trim().replace(',', ".").parse::<f64>().ok()
    };
    let given = asked.value.as_deref().filter(|text| !text.trim().is_empty());
    let value = given.map_or(Some(asking.usual), parsed);
    let second = asked.second.as_deref().and_then(parsed);
    let mut question = Question {
        levers: fitting.iter().map(|name| (*name, what_if::asking(name).words, *name == lever)).collect(),
        lever,
        label: asking.label,
        value: given.map_or_else(|| asking.usual.to_string(), str::to_owned),
        second: asking.second.map(|(label, _)| (label, asked.second.clone().unwrap_or_default())),
        ..Question::default()
    };
    let lever = value.ok_or_else(|| Error::invalid("value", "give a number")).and_then(|value| {
        let second = second.zip(asking.second).map(|(second, (_, scale))| second / scale);
        Lever::named(lever, value / asking.scale, second)
    });
    let Ok(lever) = lever else {
        question.error = Some("This number makes no sense here; give another one.".to_owned());
        return Ok(Some(question));
    };
    let scope = findings::entities(&standing.finding);
    let analysis = standing.finding.analysis_id;
    let found =
        ask::ask(state.backing(), &reader.caller, analysis, &scope, lever, Elsewhere::WholePlant).await?;
    let currency = found.currency.unwrap_or_else(Currency::unstated);
    let answer = found.answer;
    question.of = if found.scope.is_empty() {
        "the whole plant".to_owned()
    } else {
        let parts: Vec<String> = found
            .scope
            .iter()
            .map(|entity| {
                let field = words::field(entity.field).to_lowercase();
                format!("{} {}", field.trim_end_matches(" number"), entity.value)
            })
            .collect();
        parts.join(", ")
    };
    question.question = answer.question;
    question.money = answer.saved_per_year.map_or_else(String::new, |saved| {
        let amount = number::money(saved.abs(), &currency);
        format!("{amount} {} a year", if saved >= 0.0 { "saved" } else { "more" })
    });
    let shown = |value: f64, unit: &str| match unit {
        _ if !value.is_finite() => "without end".to_owned(),
        "1" => number::percent(value, 1),
        "money" => number::money(value, &currency),
        "" => number::short(value, ""),
        unit => format!("{} {unit}", number::short(value, "")),
    };
    question.figures = answer
        .figures
        .iter()
        .map(|figure| {
            let (today, then) = (shown(figure.today, figure.unit), shown(figure.then, figure.unit));
            (words::sentence_case(figure.name), today, then)
        })
        .collect();
    question.formula = answer.formula;
    question.assumptions = answer.assumptions;
    question.missing = answer
        .missing
        .into_iter()
        .map(|missing| {
            ontology::FieldId::named(missing)
                .map_or_else(|| missing.to_owned(), |field| words::field(field).to_lowercase())
        })
        .collect();
    Ok(Some(question))
}

fn saving(opportunity: &Opportunity) -> Saving {
    let currency = opportunity.currency.as_deref().and_then(Currency::parse);
    let text = |name: &str| opportunity.verification[name].as_str().unwrap_or_default().to_owned();
    let mut measured = Vec::new();
    let mut calculation = Vec::new();
    if let Some(known) = actions::measured(opportunity) {
        measured.push(match known.verdict.as_str() {
            "verified" => format!("Verified: {}.", board::saved(&known, currency.as_ref())),
            "refuted" => format!("Not confirmed: {}.", board::saved(&known, currency.as_ref())),
            _ => "Too early to say.".to_owned(),
        });
        measured.push(known.reason);
        calculation =
            ["formula", "control", "method"].into_iter().map(text).filter(|text| !text.is_empty()).collect();
        let assumed = opportunity.verification["assumptions"].as_array().into_iter().flatten();
        calculation.extend(assumed.filter_map(|line| line.as_str().map(str::to_owned)));
    }
    let promised = opportunity.promised.and_then(|amount| amount.to_string().parse().ok());
    Saving {
        promised: promised.zip(currency).map_or_else(String::new, |(amount, currency)| {
            format!("{} a year", number::money(amount, &currency))
        }),
        acted_on: opportunity.acted_on.map(|day| day.to_string()).unwrap_or_default(),
        notes: opportunity.notes.clone(),
        measured,
        calculation,
    }
}

/// The finding in the light of earlier analyses; nothing where this is its first.
async fn over_time(
    state: &ServerState,
    kept: &Kept,
    reader: &Reader,
    standing: &Standing,
    analysis: &Analysis,
) -> Result<Option<OverTime>, Error> {
    let seen = findings::sightings(state.backing(), &reader.caller, standing.finding.id).await?;
    let over_time = changes::over_time(state, kept, reader, standing.finding.analysis_id).await?;
    let own = findings::own_id(&standing.finding.key);
    let picture = match over_time.figure(own) {
        Some(series) => Some(
            kept.drawer.picture(&changes::weekly(series, &over_time, analysis), 760, reader.tongue).await,
        ),
        None => None,
    };
    let money = |amount: Option<f64>| amount.map(|amount| number::money(amount, &analysis.currency));
    let fate = over_time.fate(own).map_or_else(String::new, |fated| {
        let words = Fate::named(fated.fate.as_str()).words();
        match (money(fated.yearly.0), money(fated.yearly.1)) {
            (Some(before), Some(after)) => {
                format!("{words} since the analysis before: from {before} to {after} a year.")
            }
            (None, Some(after)) => format!("{words} since the analysis before: {after} a year."),
            _ => format!("{words} since the analysis before."),
        }
    });
    if seen.len() < 2 && fate.is_empty() && picture.is_none() {
        return Ok(None);
    }
    let seen = seen
        .into_iter()
        .take(12)
        .map(|seen| {
            let amount = seen.annualized.and_then(|amount| amount.to_string().parse().ok());
            let said = match (amount, seen.effect) {
                (Some(amount), _) => {
                    format!("{} a year", number::money(amount, &analysis.currency))
                }
                (None, Some(effect)) => format!("effect {}", number::short(effect, "")),
                (None, None) => words::sentence_case(&seen.grade),
            };
            (overview::day(seen.finished_at), seen.analysis_name, said)
        })
        .collect();
    Ok(Some(OverTime { fate, picture, seen }))
}

fn event(change: &StatusChange, name: &impl Fn(Option<UserId>) -> String) -> Event {
    let mut what = analyses::state_of(change.status).words().to_owned();
    let owner = name(change.owner_id);
    if !owner.is_empty() {
        what.push_str(&format!(", owner {owner}"));
    }
    if let Some(due) = change.due_on {
        what.push_str(&format!(", due {}", words::day(&due.to_string())));
    }
    if !change.reason.is_empty() {
        what.push_str(&format!(": {}", change.reason));
    }
    Event { when: overview::day(change.created_at), who: name(change.changed_by), what }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Decided {
    status: String,
    version: String,
    owner: Option<String>,
    due_on: Option<String>,
    reason: Option<String>,
    acted_on: Option<String>,
    notes: Option<String>,
}

async fn decide(
    State(state): State<ServerState>,
    Path(key): Path<String>,
    reader: Reader,
    Form(decided): Form<Decided>,
) -> Response {
    let result = take(&state, &key, &decided, &reader).await;
    reader.answer(result)
}

async fn take(state: &ServerState, key: &str, decided: &Decided, reader: &Reader) -> Result<Response, Error> {
    let run = reader.newest.as_ref().ok_or(Error::NotFound("finding"))?;
    let standings = analyses::standings(state, reader, run.id).await?;
    let id = of_key(&standings, key)?.finding.id;
    let status = Status::parse(&decided.status)
        .ok_or_else(|| Error::invalid("status", "choose one of the buttons"))?;
    // A field that the form does not have stays; one that is empty is taken away.
    let owner = match decided.owner.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(id) => Some(Some(id.parse().map_err(|_| Error::invalid("owner", "choose a member"))?)),
    };
    let decision = Decision {
        status: Some(status),
        owner,
        due_on: day("due_on", decided.due_on.as_deref())?,
        reason: decided.reason.clone(),
        captured: None,
        acted_on: day("acted_on", decided.acted_on.as_deref())?,
        notes: decided.notes.clone(),
    };
    findings::decide(state.backing(), &reader.caller, id, decided.version.parse().ok(), &decision).await?;
    Ok(answer::see(route::finding(key)))
}

/// A day of a form: none where the form does not have it, taken away where it is empty.
fn day(field: &str, text: Option<&str>) -> Result<Option<Option<Date>>, Error> {
    match text {
        None => Ok(None),
        Some("") => Ok(Some(None)),
        Some(day) => match day.parse() {
            Ok(day) => Ok(Some(Some(day))),
            Err(_) => Err(Error::invalid(field, "write the day as 2025-10-31")),
        },
    }
}
