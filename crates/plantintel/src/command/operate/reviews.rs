//! Results that a reviewer looks at before the customer does.

use app::{
    Caller,
    accounts::Desk,
    operation::reviews::{self, CHECKLIST, Written},
};
use domain::id::{AnalysisId, OrgId};
use store::analyses::reviews::NewEdit;

use super::said::Said;
use crate::failure::Failure;

pub(super) async fn list(desk: &Desk, caller: &Caller) -> Result<Said, Failure> {
    let now = desk.backing.clock.now();
    let rows = reviews::list(desk, caller).await?.into_iter().map(|one| {
        vec![
            one.org_name.clone(),
            one.name.clone(),
            one.state.name().to_owned(),
            one.findings.to_string(),
            one.created_at.to_string(),
            if reviews::is_urgent(&one, now) { "urgent" } else { "" }.to_owned(),
            one.org_id.to_string(),
            one.analysis_id.to_string(),
        ]
    });
    let heads = [
        "organization",
        "analysis",
        "state",
        "findings",
        "waits_since",
        "urgent",
        "organization_id",
        "analysis_id",
    ];
    Ok(Said::list(&heads, rows.collect()))
}

pub(super) async fn show(desk: &Desk, caller: &Caller, org: OrgId, id: AnalysisId) -> Result<Said, Failure> {
    let looked = reviews::get(desk, caller, org, id).await?;
    let points = CHECKLIST.iter().map(|(point, words)| {
        let ticked = looked.review.checklist[*point].as_bool().unwrap_or(false);
        vec![(*point).to_owned(), if ticked { "done" } else { "open" }.to_owned(), (*words).to_owned()]
    });
    let findings = looked.findings.iter().map(|(finding, edit)| {
        let shown = edit.as_ref().filter(|edit| !edit.title.is_empty()).map(|edit| edit.title.clone());
        vec![
            finding.key.clone(),
            finding.grade.clone(),
            shown.unwrap_or_else(|| finding.title.clone()),
            if edit.as_ref().is_some_and(|edit| edit.hidden) { "hidden" } else { "" }.to_owned(),
            edit.as_ref().map(|edit| edit.note.clone()).unwrap_or_default(),
        ]
    });
    let facts = vec![
        ("analysis", looked.analysis.name.clone()),
        ("state", looked.review.state.name().to_owned()),
        ("notes", looked.review.notes.clone()),
        ("noted_before", looked.noted_before.clone()),
    ];
    let parts = vec![
        ("checklist", Said::list(&["point", "state", "says"], points.collect())),
        ("findings", Said::list(&["key", "grade", "title", "hidden", "note"], findings.collect())),
    ];
    Ok(Said::one(facts, parts))
}

/// What is to become of a review; what is left out stays.
pub(super) struct Change<'a> {
    pub(super) tick: &'a [String],
    pub(super) untick: &'a [String],
    pub(super) notes: Option<&'a str>,
    pub(super) approve: bool,
}

pub(super) async fn write(
    desk: &Desk,
    caller: &Caller,
    (org, id): (OrgId, AnalysisId),
    change: &Change<'_>,
) -> Result<Said, Failure> {
    let known: Vec<&str> = CHECKLIST.iter().map(|(point, _)| *point).collect();
    if let Some(stranger) =
        change.tick.iter().chain(change.untick).find(|point| !known.contains(&point.as_str()))
    {
        return Err(Failure::Usage(format!("{stranger:?} is no point; use {}", known.join(", "))));
    }
    let review = reviews::get(desk, caller, org, id).await?.review;
    let ticked = known.into_iter().filter(|point| {
        let is = |list: &[String]| list.iter().any(|one| one == point);
        !is(change.untick) && (is(change.tick) || review.checklist[*point].as_bool().unwrap_or(false))
    });
    let written = Written {
        ticked: ticked.map(str::to_owned).collect(),
        notes: change.notes.unwrap_or(&review.notes).to_owned(),
        version: review.version,
    };
    let after = if change.approve {
        reviews::approve(desk, caller, org, id, &written).await?
    } else {
        reviews::save(desk, caller, org, id, &written).await?
    };
    Ok(Said::done(&format!("the review is {}", after.state.name())))
}

pub(super) fn edit_of<'a>(key: &'a str, title: &'a str, note: &'a str, hidden: bool) -> NewEdit<'a> {
    NewEdit { key, hidden, title, note }
}

pub(super) async fn edit(
    desk: &Desk,
    caller: &Caller,
    (org, id): (OrgId, AnalysisId),
    edit: &NewEdit<'_>,
) -> Result<Said, Failure> {
    reviews::edit(desk, caller, org, id, edit).await?;
    Ok(Said::done("the finding is shown so"))
}
