//! The first steps of an organisation: who it is, and what it has done so far. What is done is asked of the facts, so that no
//! tick stands beside something that is not there.

use domain::Role;
use serde_json::{Value, json};
use store::orgs;

use crate::{
    Caller, Error,
    accounts::Desk,
    configurations::{self, settings::Changes},
    deed,
    error::Flaw,
    organisations,
};

/// The fields of the company form: name in the profile, words, whether it must be given.
pub const FIELDS: [(&str, &str, bool); 6] = [
    ("size", "People", true),
    ("industry", "Industry", false),
    ("revenue", "Revenue a year", false),
    ("contact", "Contact", false),
    ("phone", "Telephone", false),
    ("address", "Address", false),
];

/// A step, and whether the facts say that it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// company, upload, map, analyze or ask.
    pub name: &'static str,
    pub words: &'static str,
    /// Where it is done.
    pub href: &'static str,
    pub done: bool,
}

/// How far an organisation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub steps: Vec<Step>,
    /// The form was filled in or skipped.
    pub onboarded: bool,
}

impl Status {
    /// The first step that is not done.
    pub fn next(&self) -> Option<&Step> {
        self.steps.iter().find(|step| !step.done)
    }
}

/// How far the organisation is.
pub async fn status(desk: &Desk, caller: &Caller) -> Result<Status, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let org = orgs::get(&mut tx).await?.ok_or(Error::NotFound("organisation"))?;
    let has = orgs::progress(&mut tx).await?;
    let step = |name, words, href, done| Step { name, words, href, done };
    Ok(Status {
        steps: vec![
            step("company", "Say who you are", "/welcome", org.onboarded_at.is_some()),
            step("upload", "Upload an export", "/data/new", has.uploaded),
            step("map", "Confirm what its columns mean", "/data", has.mapped),
            step("analyze", "See where the money goes", "/findings", has.analyzed),
            step("ask", "Ask a question about it", "/ask", has.asked),
        ],
        onboarded: org.onboarded_at.is_some(),
    })
}

/// Fills the company form in. The balanced settings are kept for the organisation with it, so that its first analysis runs
/// with settings that it can look at and change.
pub async fn fill_in(
    desk: &Desk,
    caller: &Caller,
    name: &str,
    answers: &[(String, String)],
) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut flaws = Vec::new();
    if name.trim().is_empty() {
        flaws.push(Flaw { field: "name".to_owned(), message: "give the company's name".to_owned() });
    }
    let answer = |field: &str| {
        answers.iter().find(|(known, _)| known == field).map(|(_, value)| value.trim()).unwrap_or_default()
    };
    for (field, words, needed) in FIELDS {
        if needed && answer(field).is_empty() {
            flaws.push(Flaw { field: field.to_owned(), message: format!("{words}: give an answer") });
        }
        if answer(field).chars().count() > 500 {
            flaws.push(Flaw { field: field.to_owned(), message: "use at most 500 characters".to_owned() });
        }
    }
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    let mut profile = organisations::get(desk, caller).await?.profile;
    if !profile.is_object() {
        profile = Value::Object(serde_json::Map::new());
    }
    for (field, ..) in FIELDS {
        profile[field] = json!(answer(field));
    }
    let change = organisations::Change {
        name: Some(name.trim().to_owned()),
        profile: Some(profile),
        onboarded: true,
        ..organisations::Change::default()
    };
    organisations::update(desk, caller, None, &change).await?;
    keep_balanced(desk, caller).await
}

/// Leaves the form for later.
pub async fn skip(desk: &Desk, caller: &Caller) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let change = organisations::Change { onboarded: true, ..organisations::Change::default() };
    organisations::update(desk, caller, None, &change).await?;
    keep_balanced(desk, caller).await
}

async fn keep_balanced(desk: &Desk, caller: &Caller) -> Result<(), Error> {
    let kept = configurations::list(&desk.backing, caller).await?;
    if kept.iter().any(|kept| kept.facility_id.is_none()) {
        return Ok(());
    }
    let form = configurations::Form {
        name: None,
        preset: Some("balanced".to_owned()),
        changes: Some(Changes::new()),
        note: "made at the start".to_owned(),
    };
    // A retry of the request belongs to the form, not to this.
    let bare = Caller::new(caller.actor.clone(), caller.trace, caller.address);
    match configurations::create(&desk.backing, &bare, None, &form).await {
        // Somebody else filled the form in at the same moment.
        Ok(_) | Err(Error::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
