//! A message to a program of the organisation, with its log.

use base64::Engine;
use clients::hooks::{Error as HookError, Message};
use serde_json::json;
use store::{
    jobs::{self, Done},
    notices,
    webhooks::{self, DeliveryState},
};
use uuid::Uuid;

use super::Post;
use crate::{Backing, Error, worker::Hold};

pub(crate) const KIND: &str = "deliver_webhook";

/// How often a message is tried: over about a day.
const ATTEMPTS: i64 = 12;

/// What secrets of endpoints are sealed to.
pub(crate) fn place(endpoint: Uuid) -> Vec<u8> {
    format!("webhook {endpoint}").into_bytes()
}

/// The message about a notice, as it goes out.
pub(crate) fn body(notice: &notices::Notice) -> String {
    json!({"type": notice.type_, "timestamp": notice.created_at.to_string(), "data": notice.facts})
        .to_string()
}

/// Puts a message on its way.
pub(crate) async fn enqueue(tx: &mut store::Tx, delivery: Uuid, job: Uuid) -> Result<(), Error> {
    let mut new = jobs::NewJob::new(domain::id::JobId(job), KIND, json!({"delivery": delivery.to_string()}));
    let key = delivery.to_string();
    new.unique_key = Some(&key);
    new.attempts_max = ATTEMPTS;
    jobs::enqueue(tx, &new).await?;
    Ok(())
}

/// Sends it once, and writes down what came of it.
pub(crate) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    let post = post.ok_or_else(|| Error::Input("this worker sends no messages".to_owned()))?;
    let claim = &hold.claim;
    let id: Uuid = claim.job.payload["delivery"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let Some(delivery) = webhooks::get_delivery(&mut tx, id).await? else {
        return Err(Error::Input("the endpoint was removed".to_owned()));
    };
    let endpoint = webhooks::get(&mut tx, delivery.endpoint_id).await?.ok_or(Error::NotFound("endpoint"))?;
    let notice = notices::get(&mut tx, delivery.notice_id).await?.ok_or(Error::NotFound("notice"))?;
    tx.rollback().await?;
    let secret = post
        .keys
        .open(&endpoint.secret, &place(endpoint.id))
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            Error::Input("the secret was sealed with another secret of the installation".to_owned())
        })?;
    let (name, body) = (format!("msg_{}", delivery.id.simple()), body(&notice));
    let message = Message { id: &name, at: backing.clock.now().as_second(), body: &body };
    let sent = if endpoint.active {
        post.hooks.send(&endpoint.url, &secret, &message).await
    } else {
        Err(HookError::Address("the endpoint rests".to_owned()))
    };
    let last = claim.job.attempt >= claim.job.attempts_max;
    let (state, status, answer, done) = match sent {
        Ok(answer) if answer.is_taken() => {
            (DeliveryState::Delivered, answer.status, answer.text, Done::Completed)
        }
        // Gone for good, says the receiver.
        Ok(answer) if answer.status == 410 => {
            let reason = "the receiver says that it is gone".to_owned();
            (DeliveryState::Failed, answer.status, answer.text, Done::GiveUp { reason })
        }
        Ok(answer) => {
            let state = if last { DeliveryState::Failed } else { DeliveryState::Waiting };
            let reason = format!("the receiver answered {}", answer.status);
            (state, answer.status, answer.text, Done::Retry { reason })
        }
        Err(HookError::Address(reason)) => {
            (DeliveryState::Failed, 0, reason.clone(), Done::GiveUp { reason })
        }
        Err(HookError::Silent(reason)) => {
            let state = if last { DeliveryState::Failed } else { DeliveryState::Waiting };
            (state, 0, reason.clone(), Done::Retry { reason })
        }
    };
    let mut tx = backing.store.begin(&claim.actor()).await?;
    jobs::finish(&mut tx, claim, &done).await?;
    webhooks::record_attempt(&mut tx, delivery.id, state, i16::try_from(status).unwrap_or(0), &answer)
        .await?;
    Ok(tx.commit().await?)
}

/// A new secret, and its sealed form.
pub(crate) fn make_secret(
    keys: &crate::accounts::secret::Keys,
    endpoint: Uuid,
) -> Result<(String, Vec<u8>), Error> {
    let secret = clients::hooks::secret(&crate::accounts::secret::random());
    // What goes out must be readable by whoever checks it.
    debug_assert!(base64::engine::general_purpose::STANDARD.decode(&secret[6..]).is_ok());
    let sealed = keys
        .seal(secret.as_bytes(), &place(endpoint))
        .ok_or_else(|| Error::Work("a secret could not be sealed".to_owned()))?;
    Ok((secret, sealed))
}
