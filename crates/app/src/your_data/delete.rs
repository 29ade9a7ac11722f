//! The end of an organisation. The job belongs to the installation, whose audit trail keeps the proof: how many rows of which
//! tables and how many files went, and when. The ends of that trail are signed outside of the database.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::id::OrgId;
use serde_json::{Value, json};
use store::{
    audit::{self, Event, Outcome},
    jobs::{self, Done},
    your_data,
};

use crate::{
    Backing, Error,
    accounts::secret::Keys,
    mails::{self, Facts, Language},
    notices::{Post, letters},
    worker::Hold,
};

pub(crate) const KIND: &str = "delete_organisation";
const PLACE: &[u8] = b"deletion";

/// What the job carries: which organisation, and whom to send the proof, sealed.
pub(crate) fn payload(keys: &Keys, org: OrgId, owner: &str) -> Result<Value, Error> {
    let sealed = keys.seal(owner.as_bytes(), PLACE);
    let sealed = sealed.ok_or_else(|| Error::Work("an address could not be sealed".to_owned()))?;
    Ok(json!({"org": org.to_string(), "owner": STANDARD.encode(sealed)}))
}

/// Deletes everything: the files first, then every row in one transaction with its proof.
pub(crate) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let org: OrgId = claim.job.payload["org"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Error::Input("the job names no organisation".to_owned()))?;
    let blobs = backing.blobs.list(org).await?;
    for (key, _) in &blobs {
        hold.wanted()?;
        backing.blobs.delete(key).await?;
    }
    let left = backing.blobs.list(org).await?.len();
    if left > 0 {
        return Err(Error::Away(format!("{left} files could not be deleted yet")));
    }
    let mut tx = backing.store.begin(&claim.actor()).await?;
    jobs::finish(&mut tx, claim, &Done::Completed).await?;
    let gone = your_data::delete_org(&mut tx, org).await?;
    let rows: i64 = gone.as_object().into_iter().flatten().filter_map(|(_, n)| n.as_i64()).sum();
    let event = Event::new("org.delete", Outcome::Done)
        .on("org", org)
        .traced(claim.job.trace_id.clone())
        .detail("rows", rows)
        .detail("files", blobs.len())
        .detail("by_table", gone);
    let seq = audit::record(&mut tx, &event).await?;
    if let Some(post) = post.filter(|post| post.mailer.is_some()) {
        let owner = claim.job.payload["owner"]
            .as_str()
            .and_then(|text| STANDARD.decode(text).ok())
            .and_then(|sealed| post.keys.open(&sealed, PLACE))
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .filter(|owner| !owner.is_empty());
        let facts = Facts::from([
            ("rows", rows.to_string()),
            ("files", blobs.len().to_string()),
            ("name", org.to_string()),
            ("day", backing.clock.now().to_string()),
            ("proof", seq.to_string()),
        ]);
        if let (Some(owner), Some(words)) = (owner, mails::write(Language::English, "org_deleted", &facts)) {
            letters::enqueue(&mut tx, &post.keys, &owner, &words, &claim.job.trace_id).await?;
        }
    }
    Ok(tx.commit().await?)
}
