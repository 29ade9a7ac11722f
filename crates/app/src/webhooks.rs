//! Programs of the organisation that are told what happens here.

use domain::Role;
use store::webhooks::{self, Delivery, Endpoint};
use uuid::Uuid;

use crate::{
    Caller, Error,
    accounts::Desk,
    deed::{self, Began},
    notices::{TYPES, deliver},
};

/// Endpoints of one organisation at most.
const MOST: usize = 20;

/// A new endpoint, and the secret that its messages are signed with: shown this once.
#[derive(Debug, Clone)]
pub struct Made {
    pub endpoint: Endpoint,
    pub secret: Option<String>,
}

/// All endpoints.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<Vec<Endpoint>, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    Ok(webhooks::list(&mut tx).await?)
}

/// A new endpoint, told things of these types or everything.
pub async fn create(desk: &Desk, caller: &Caller, url: &str, types: &[String]) -> Result<Made, Error> {
    caller.require(Role::Admin)?;
    desk.hooks.check(url).map_err(|error| Error::invalid("url", error.to_string()))?;
    if url.len() > 2_000 {
        return Err(Error::invalid("url", "use at most 2,000 characters"));
    }
    if let Some(unknown) = types.iter().find(|type_| !TYPES.contains(&type_.as_str())) {
        return Err(Error::invalid("types", format!("{unknown} is none of {}", TYPES.join(", "))));
    }
    let mut tx = match deed::begin_new(&desk.backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => {
            let endpoint = get(desk, caller, id).await?;
            return Ok(Made { endpoint, secret: None });
        }
    };
    if webhooks::list(&mut tx).await?.len() >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} endpoints; remove one first")));
    }
    let id = Uuid::now_v7();
    let (secret, sealed) = deliver::make_secret(&desk.keys, id)?;
    let endpoint = webhooks::insert(&mut tx, id, url, types, &sealed).await?;
    deed::commit_new(tx, caller, deed::done(caller, "webhook.create", "webhook", id), id).await?;
    Ok(Made { endpoint, secret: Some(secret) })
}

/// Lets an endpoint rest, or tells it things again.
pub async fn set_active(desk: &Desk, caller: &Caller, id: Uuid, active: bool) -> Result<Endpoint, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    if !webhooks::set_active(&mut tx, id, active).await? {
        return Err(Error::NotFound("webhook"));
    }
    let event = deed::done(caller, "webhook.update", "webhook", id).detail("active", active);
    deed::commit(tx, caller, event).await?;
    get(desk, caller, id).await
}

/// Removes an endpoint and its log.
pub async fn delete(desk: &Desk, caller: &Caller, id: Uuid) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    if !webhooks::delete(&mut tx, id).await? {
        return Err(Error::NotFound("webhook"));
    }
    deed::commit(tx, caller, deed::done(caller, "webhook.delete", "webhook", id)).await
}

/// The newest messages to an endpoint, with what came of each.
pub async fn deliveries(desk: &Desk, caller: &Caller, id: Uuid) -> Result<Vec<Delivery>, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    webhooks::get(&mut tx, id).await?.ok_or(Error::NotFound("webhook"))?;
    Ok(webhooks::list_deliveries(&mut tx, id, 100).await?)
}

/// Sends a message once more: the same, under the same id, so that the receiver knows it.
pub async fn replay(desk: &Desk, caller: &Caller, endpoint: Uuid, id: Uuid) -> Result<(), Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let delivery = webhooks::get_delivery(&mut tx, id).await?;
    let delivery = delivery.filter(|one| one.endpoint_id == endpoint).ok_or(Error::NotFound("delivery"))?;
    webhooks::set_waiting(&mut tx, delivery.id).await?;
    deliver::enqueue(&mut tx, delivery.id, Uuid::now_v7()).await?;
    deed::commit(tx, caller, deed::done(caller, "webhook.replay", "webhook", endpoint)).await
}

async fn get(desk: &Desk, caller: &Caller, id: Uuid) -> Result<Endpoint, Error> {
    let mut tx = deed::begin(&desk.backing, caller).await?;
    webhooks::get(&mut tx, id).await?.ok_or(Error::NotFound("webhook"))
}
