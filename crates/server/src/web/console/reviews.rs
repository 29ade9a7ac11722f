//! The queue of reviews, and one review.

use app::{
    Error,
    operation::{
        customers,
        reviews::{self, CHECKLIST, Written},
    },
};
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
};
use domain::id::{AnalysisId, OrgId};
use pages::page::console::reviews::{self as sheets, Finding, Line, Review};
use serde::Deserialize;
use store::analyses::reviews::NewEdit;

use super::{Fields, judged, money, shown, written};
use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
    web::{
        answer,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/console/reviews", get(queue))
        .route("/console/reviews/{org}/{id}", get(show).merge(post(save)))
        .route("/console/reviews/{org}/{id}/findings", get(show_edit).merge(post(edit)))
        .route("/console/reviews/{org}/{id}/approval", post(approve))
        .route("/console/reviews/{org}/{id}/publication", post(publish))
}

fn at(org: OrgId, id: AnalysisId) -> String {
    format!("/console/reviews/{org}/{id}")
}

fn ids(org: &str, id: &str) -> Result<(OrgId, AnalysisId), Error> {
    let missing = || Error::NotFound("review");
    Ok((org.parse().map_err(|_| missing())?, id.parse().map_err(|_| missing())?))
}

async fn queue(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let now = state.backing().clock.now();
        let lines: Vec<Line> = reviews::list(&state.desk, &reader.caller)
            .await?
            .into_iter()
            .map(|one| {
                let waited = one.published_at.unwrap_or(now).duration_since(one.created_at);
                let minutes = waited.as_secs().max(0) / 60;
                Line {
                    href: at(one.org_id, AnalysisId(one.analysis_id)),
                    urgent: reviews::is_urgent(&one, now),
                    waited: match (minutes / 60, minutes % 60) {
                        (0, 0) => "less than a minute".to_owned(),
                        (0, minutes) => format!("{minutes} min"),
                        (hours, minutes) => format!("{hours} h {minutes} min"),
                    },
                    findings: one.findings.to_string(),
                    state: one.state.name().to_owned(),
                    name: one.name,
                    organisation: one.org_name,
                }
            })
            .collect();
        Ok(answer::ok(&sheets::queue(&reader.shell, &lines)))
    };
    let result = result.await;
    shown(&reader, "/console/reviews", result)
}

fn finding(one: &(store::findings::Finding, Option<store::analyses::reviews::Edit>)) -> Finding {
    let (computed, edit) = one;
    Finding {
        key: computed.key.clone(),
        title: computed.title.clone(),
        amount: computed
            .annualized
            .map_or_else(|| "no amount".to_owned(), |amount| money(amount, computed.currency.as_deref())),
        grade: pages::words::sentence_case(&computed.grade),
        new_title: edit.as_ref().map(|edit| edit.title.clone()).unwrap_or_default(),
        note: edit.as_ref().map(|edit| edit.note.clone()).unwrap_or_default(),
        hidden: edit.as_ref().is_some_and(|edit| edit.hidden),
    }
}

async fn show(
    State(state): State<ServerState>,
    Path((org, id)): Path<(String, String)>,
    reader: Reader,
) -> Response {
    let result = async {
        let (org, id) = ids(&org, &id)?;
        let looked = reviews::get(&state.desk, &reader.caller, org, id).await?;
        let (known, has) = customers::get(&state.desk, &reader.caller, org, "review of an analysis").await?;
        let acting =
            app::operation::act_in(&state.desk, &reader.caller, org, "review of an analysis").await?;
        let about = customers::context(&state.desk, &acting).await?;
        let profile = |name: &str| known.org.profile[name].as_str().unwrap_or_default().to_owned();
        let mut context: Vec<String> = Vec::new();
        for (words, name) in [("Industry", "industry"), ("Size", "size"), ("Revenue", "revenue")] {
            let value = profile(name);
            if !value.is_empty() {
                context.push(format!("{words}: {value}"));
            }
        }
        if let Some(noted) = &known.customer {
            context.push(pages::words::sentence_case(&format!(
                "{} customer, {}",
                noted.plan.name(),
                noted.status.name()
            )));
            if !noted.notes.is_empty() {
                context.push(format!("Notes: {}", noted.notes));
            }
        }
        context.push(format!("Analyses so far: {}. Saved mappings: {}.", has.analyses, has.profiles));
        if !about.plants.is_empty() {
            context.push(format!("Plants: {}", about.plants.join(", ")));
        }
        if !about.systems.is_empty() {
            context.push(format!("Systems: {}", about.systems.join(", ")));
        }
        if !looked.noted_before.is_empty() {
            context.push(format!("Noted at the last review: {}", looked.noted_before));
        }
        context.push(format!("Findings accepted or taken further: {}", has.accepted));
        let changes = looked.analysis.settings["changes"].as_object().map_or(0, serde_json::Map::len);
        let preset = looked.analysis.settings["preset"].as_str().unwrap_or("balanced");
        context.push(if changes == 0 {
            format!("Settings: {preset}")
        } else {
            format!("Settings: {preset}, {changes} changed")
        });
        let reviewer = match looked.review.reviewer_id {
            Some(user) if Some(user) == reader.caller.actor.user() => ", by you".to_owned(),
            Some(user) => format!(", by {user}"),
            None => String::new(),
        };
        let review = Review {
            at: at(org, id),
            name: looked.analysis.name.clone(),
            organisation: known.org.name.clone(),
            organisation_href: format!("/console/customers/{org}"),
            state: looked.review.state.name().to_owned(),
            reviewer,
            notes: looked.review.notes.clone(),
            version: looked.review.version.to_string(),
            points: CHECKLIST
                .iter()
                .map(|(name, words)| {
                    let ticked = looked.review.checklist[*name].as_bool().unwrap_or(false);
                    ((*name).to_owned(), (*words).to_owned(), ticked)
                })
                .collect(),
            context,
            judged: judged(&about.judged),
            findings: looked.findings.iter().map(finding).collect(),
        };
        Ok(answer::ok(&sheets::show(&reader.shell, &review)))
    };
    let result = result.await;
    shown(&reader, "/console/reviews", result)
}

async fn save(
    State(state): State<ServerState>,
    Path((org, id)): Path<(String, String)>,
    reader: Reader,
    Form(form): Form<Fields>,
) -> Response {
    let result = async {
        let (org, id) = ids(&org, &id)?;
        let written = Written {
            ticked: CHECKLIST
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .filter(|name| form.contains_key(name))
                .collect(),
            notes: written(&form, "notes").to_owned(),
            version: written(&form, "version").parse().unwrap_or(0),
        };
        reviews::save(&state.desk, &reader.caller, org, id, &written).await?;
        Ok(reader::see_and_say(&state, &at(org, id), "Kept."))
    };
    let result = result.await;
    shown(&reader, "/console/reviews", result)
}

/// Approves with what was ticked and noted before.
async fn approve(
    State(state): State<ServerState>,
    Path((org, id)): Path<(String, String)>,
    reader: Reader,
    Form(form): Form<Fields>,
) -> Response {
    let result = async {
        let (org, id) = ids(&org, &id)?;
        let looked = reviews::get(&state.desk, &reader.caller, org, id).await?;
        let ticked = |name: &str| looked.review.checklist[name].as_bool().unwrap_or(false);
        let written = Written {
            ticked: CHECKLIST
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .filter(|name| ticked(name))
                .collect(),
            notes: looked.review.notes.clone(),
            version: written(&form, "version").parse().unwrap_or(0),
        };
        reviews::approve(&state.desk, &reader.caller, org, id, &written).await?;
        Ok(reader::see_and_say(&state, &at(org, id), "Approved."))
    };
    let result = result.await;
    shown(&reader, "/console/reviews", result)
}

async fn publish(
    State(state): State<ServerState>,
    Path((org, id)): Path<(String, String)>,
    reader: Reader,
) -> Response {
    let result = async {
        let (org, id) = ids(&org, &id)?;
        reviews::publish(&state.desk, &reader.caller, org, id).await?;
        Ok(reader::see_and_say(&state, "/console/reviews", "Published; the customer is told."))
    };
    let result = result.await;
    shown(&reader, "/console/reviews", result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    key: String,
}

async fn show_edit(
    State(state): State<ServerState>,
    Path((org, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    reader: Reader,
) -> Response {
    let result = async {
        let (org, id) = ids(&org, &id)?;
        let looked = reviews::get(&state.desk, &reader.caller, org, id).await?;
        let one =
            looked.findings.iter().find(|(one, _)| one.key == asked.key).ok_or(Error::NotFound("finding"))?;
        Ok(answer::ok(&sheets::edit(&reader.shell, &at(org, id), &finding(one))))
    };
    let result = result.await;
    shown(&reader, "/console/reviews", result)
}

async fn edit(
    State(state): State<ServerState>,
    Path((org, id)): Path<(String, String)>,
    reader: Reader,
    Form(form): Form<Fields>,
) -> Response {
    let result = async {
        let (org, id) = ids(&org, &id)?;
        let new = NewEdit {
            key: written(&form, "key"),
            hidden: form.contains_key("hidden"),
            title: written(&form, "title"),
            note: written(&form, "note"),
        };
        reviews::edit(&state.desk, &reader.caller, org, id, &new).await?;
        Ok(reader::see_and_say(&state, &at(org, id), "Finding saved."))
    };
    let result = result.await;
    shown(&reader, "/console/reviews", result)
}
