//! Looking at results before the customer does.

use domain::id::{AnalysisId, OrgId};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{
    analyses::{
        self,
        reviews::{self, Edit, Review, ReviewForm, ReviewState},
    },
    audit,
    operator::running::{self, OperatedReview},
};
use uuid::Uuid;

use super::{act_in, begin};
use crate::{Caller, Error, accounts::Desk, deed, findings};

/// What a reviewer ticks before a result is published.
pub const CHECKLIST: [(&str, &str); 5] = [
    ("columns", "The columns mean what the mapping says, units included"),
    ("totals", "The totals are those of the customer's own books, as far as we know them"),
    ("large", "The largest findings were followed to their rows"),
    ("names", "No finding names or blames a person"),
    ("words", "Titles and next steps are words a plant manager would use"),
];

/// After how long a review is urgent.
pub const URGENT: SignedDuration = SignedDuration::from_hours(4);

/// Whether a review has waited too long.
pub fn is_urgent(review: &OperatedReview, now: Timestamp) -> bool {
    review.state != ReviewState::Published && now.duration_since(review.created_at) >= URGENT
}

/// All reviews, the one that has waited longest first.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<Vec<OperatedReview>, Error> {
    let mut tx = begin(desk, caller).await?;
    tx.enter(audit::INSTALLATION, "list of reviews", &caller.trace.to_string()).await?;
    let found = running::reviews(&mut tx).await?;
    tx.commit().await?;
    Ok(found)
}

/// A review with what is looked at.
#[derive(Debug, Clone)]
pub struct Looked {
    pub review: Review,
    pub analysis: analyses::Analysis,
    /// As computed, with what a reviewer changed beside.
    pub findings: Vec<(store::findings::Finding, Option<Edit>)>,
    /// What the last reviewer of this customer noted, where another result was published before.
    pub noted_before: String,
}

/// One review. The look stands in the organisation's trail.
pub async fn get(desk: &Desk, caller: &Caller, org: OrgId, id: AnalysisId) -> Result<Looked, Error> {
    let acting = act_in(desk, caller, org, "review of an analysis").await?;
    let mut tx = deed::begin(&desk.backing, &acting).await?;
    let review = reviews::get(&mut tx, id).await?.ok_or(Error::NotFound("review"))?;
    let analysis = analyses::get(&mut tx, id).await?.ok_or(Error::NotFound("analysis"))?;
    let edits = reviews::edits(&mut tx, id).await?;
    let found = findings::all(&mut tx, id).await?;
    let findings = found
        .into_iter()
        .map(|finding| {
            let edit = edits.iter().find(|edit| edit.key == finding.key).cloned();
            (finding, edit)
        })
        .collect();
    let noted_before = reviews::last_notes(&mut tx, id).await?.unwrap_or_default();
    Ok(Looked { review, analysis, findings, noted_before })
}

/// What a reviewer writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The points that are ticked.
    pub ticked: Vec<String>,
    pub notes: String,
    pub version: i64,
}

/// Takes a review up, or keeps what was ticked and noted. Whoever does is its reviewer.
pub async fn save(
    desk: &Desk,
    caller: &Caller,
    org: OrgId,
    id: AnalysisId,
    written: &Written,
) -> Result<Review, Error> {
    change(desk, caller, org, id, written, None).await
}

/// Finds a result good. All five points must be ticked.
pub async fn approve(
    desk: &Desk,
    caller: &Caller,
    org: OrgId,
    id: AnalysisId,
    written: &Written,
) -> Result<Review, Error> {
    let open: Vec<&str> = CHECKLIST
        .iter()
        .filter(|(point, _)| !written.ticked.iter().any(|ticked| ticked == point))
        .map(|(_, words)| *words)
        .collect();
    if !open.is_empty() {
        return Err(Error::invalid("checklist", format!("still open: {}", open.join("; "))));
    }
    change(desk, caller, org, id, written, Some(ReviewState::Approved)).await
}

async fn change(
    desk: &Desk,
    caller: &Caller,
    org: OrgId,
    id: AnalysisId,
    written: &Written,
    to: Option<ReviewState>,
) -> Result<Review, Error> {
    let acting = act_in(desk, caller, org, "review of an analysis").await?;
    let mut tx = deed::begin(&desk.backing, &acting).await?;
    let before = reviews::get(&mut tx, id).await?.ok_or(Error::NotFound("review"))?;
    if before.state == ReviewState::Published {
        return Err(Error::Conflict("the result is published already".to_owned()));
    }
    let checklist: Value = CHECKLIST
        .iter()
        .map(|(point, _)| ((*point).to_owned(), json!(written.ticked.iter().any(|ticked| ticked == point))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let form = ReviewForm {
        // What changes after an approval wants another one.
        state: to.unwrap_or(ReviewState::InReview),
        reviewer: acting.actor.user(),
        checklist: &checklist,
        notes: written.notes.trim(),
        now: desk.backing.clock.now(),
    };
    let after = reviews::update(&mut tx, id, written.version, &form).await?.ok_or(Error::Stale("review"))?;
    let event = deed::done(&acting, "review.update", "analysis", id).detail("state", after.state.name());
    deed::commit(tx, &acting, event).await?;
    Ok(after)
}

/// Changes how a finding is shown: another title, a note, or not at all. What was computed stays as it was.
pub async fn edit(
    desk: &Desk,
    caller: &Caller,
    org: OrgId,
    id: AnalysisId,
    edit: &reviews::NewEdit<'_>,
) -> Result<(), Error> {
    if edit.title.chars().count() > 500 || edit.note.chars().count() > 4_000 {
        return Err(Error::invalid("title", "a title has up to 500 characters, a note up to 4,000"));
    }
    let acting = act_in(desk, caller, org, "review of an analysis").await?;
    let mut tx = deed::begin(&desk.backing, &acting).await?;
    let review = reviews::get(&mut tx, id).await?.ok_or(Error::NotFound("review"))?;
    if review.state == ReviewState::Published {
        return Err(Error::Conflict("the result is published already".to_owned()));
    }
    store::findings::get_by_key(&mut tx, id, edit.key).await?.ok_or(Error::NotFound("finding"))?;
    reviews::put_edit(&mut tx, id, edit).await?;
    if review.state == ReviewState::Approved {
        // What changes after an approval wants another one.
        let form = ReviewForm {
            state: ReviewState::InReview,
            reviewer: acting.actor.user(),
            checklist: &review.checklist,
            notes: &review.notes,
            now: desk.backing.clock.now(),
        };
        reviews::update(&mut tx, id, review.version, &form).await?.ok_or(Error::Stale("review"))?;
    }
    let event = deed::done(&acting, "review.edit", "analysis", id)
        .detail("finding", edit.key)
        .detail("hidden", edit.hidden);
    deed::commit(tx, &acting, event).await
}

/// Lets the customer see it, and tells it so. Only what was approved is published.
pub async fn publish(desk: &Desk, caller: &Caller, org: OrgId, id: AnalysisId) -> Result<(), Error> {
    let acting = act_in(desk, caller, org, "publication of an analysis").await?;
    let mut tx = deed::begin(&desk.backing, &acting).await?;
    let before = reviews::get(&mut tx, id).await?.ok_or(Error::NotFound("review"))?;
    if before.state != ReviewState::Approved {
        return Err(Error::Conflict(format!("the review is {}; approve it first", before.state.name())));
    }
    let form = ReviewForm {
        state: ReviewState::Published,
        reviewer: before.reviewer_id,
        checklist: &before.checklist,
        notes: &before.notes,
        now: desk.backing.clock.now(),
    };
    reviews::update(&mut tx, id, before.version, &form).await?.ok_or(Error::Stale("review"))?;
    if !analyses::publish(&mut tx, id).await? {
        return Err(Error::Conflict("the analysis does not wait for a review".to_owned()));
    }
    let analysis = analyses::get(&mut tx, id).await?.ok_or(Error::NotFound("analysis"))?;
    let facts = json!({"analysis": id.to_string(), "name": analysis.name, "findings": analysis.findings});
    let trace = caller.trace.to_string();
    store::notices::raise(&mut tx, Uuid::now_v7(), "review.published", &id.to_string(), &facts, &trace)
        .await?;
    deed::commit(tx, &acting, deed::done(&acting, "review.publish", "analysis", id)).await
}
