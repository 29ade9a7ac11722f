//! Letters, sent by a job: whoever asked does not wait for a mail server, and one that is away for an hour loses nothing.
//! While a letter waits it is sealed: it carries addresses, and links that sign people in.

use base64::{Engine, engine::general_purpose::STANDARD};
use clients::mail::{self, Letter};
use serde_json::{Value, json};
use store::{
    audit::Audited,
    jobs::{self, Done},
};
use uuid::Uuid;

use super::Post;
use crate::{Backing, Error, accounts::secret::Keys, mails::Words, worker::Hold};

pub(crate) const KIND: &str = "send_letter";
const PLACE: &[u8] = b"letter";

/// Asks for a letter, in the transaction that it is about.
pub(crate) async fn enqueue(
    tx: &mut impl Audited,
    keys: &Keys,
    to: &str,
    words: &Words,
    trace: &str,
) -> Result<(), Error> {
    let letter = json!({"to": to, "subject": words.subject, "text": words.text}).to_string();
    let sealed = keys
        .seal(letter.as_bytes(), PLACE)
        .ok_or_else(|| Error::Work("a letter could not be sealed".to_owned()))?;
    let payload = json!({"sealed": STANDARD.encode(sealed)});
    Ok(jobs::put(tx, Uuid::now_v7(), KIND, &payload, trace).await?)
}

fn open(keys: &Keys, payload: &Value) -> Option<Letter> {
    let sealed = STANDARD.decode(payload["sealed"].as_str()?).ok()?;
    let letter: Value = serde_json::from_slice(&keys.open(&sealed, PLACE)?).ok()?;
    let text = |name: &str| letter[name].as_str().map(str::to_owned);
    Some(Letter { to: text("to")?, subject: text("subject")?, text: text("text")? })
}

/// Sends it. A server that is away is tried again; one that refuses is not.
pub(crate) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    let post = post.ok_or_else(unset)?;
    let mailer = post.mailer.as_ref().ok_or_else(unset)?;
    let letter = open(&post.keys, &hold.claim.job.payload).ok_or_else(|| {
        Error::Input("the letter was sealed with another secret of the installation".to_owned())
    })?;
    mailer.send(&letter).await.map_err(|error| {
        tracing::warn!(%error, "a letter was not sent");
        match error {
            mail::Error::Silent(_) => Error::Away("the mail server does not answer".to_owned()),
            mail::Error::Refused(_) => Error::Input("the mail server refused the letter".to_owned()),
            mail::Error::Unwritable(_) => Error::Input("the letter cannot be written".to_owned()),
        }
    })?;
    let mut tx = backing.store.begin(&hold.claim.actor()).await?;
    jobs::finish(&mut tx, &hold.claim, &Done::Completed).await?;
    Ok(tx.commit().await?)
}

fn unset() -> Error {
    Error::Input("no mail server is configured".to_owned())
}
