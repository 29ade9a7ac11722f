//! Plans and payment. The provider's word of a subscription is stored as given ([`webhook`]); what it entitles to is decided
//! in [`entitlement`]. Without a provider plans are set by the operator, and nothing here asks for money.

mod entitlement;
mod webhook;

use std::{collections::BTreeMap, sync::Arc};

use clients::payments::{Checkout, Invoice, Preview, Price, Stripe, Subscription as Held};
use domain::Role;
use store::{
    gate,
    operator::plans::Plan,
    orgs,
    usage::{self, Subscription},
};

pub use entitlement::{Right, right_of};
pub use webhook::{Taken, take};

use crate::{Caller, Error, accounts::Desk, deed};

/// The provider's name in the store.
pub(crate) const PROVIDER: &str = "stripe";

/// The payment provider of an installation.
#[derive(Debug, Clone)]
pub struct Payments {
    /// Who is asked.
    pub stripe: Stripe,
    /// What events are signed with: one, or the old and the new while a secret is rolled.
    pub secrets: Arc<Secrets>,
    /// Prices of the provider and the plans that they buy, besides those whose lookup key names the plan.
    pub prices: BTreeMap<String, String>,
    /// Days that cost nothing, for whoever subscribes for the first time.
    pub trial_days: Option<u32>,
    /// The plan of an organisation whose subscription gives it no right.
    pub plan_without: String,
}

/// Secrets that are not printed.
#[derive(Clone, Default)]
pub struct Secrets(pub Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

impl Payments {
    fn plan_of<'a>(&'a self, price: &str, lookup_key: &'a str) -> &'a str {
        self.prices.get(price).map_or(lookup_key, String::as_str)
    }
}

/// A plan, and what the provider asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The plan with its limits.
    pub plan: Plan,
    /// Its price, where the provider has one.
    pub price: Option<Price>,
}

/// How an organisation stands with its plan.
#[derive(Debug, Clone)]
pub struct Billing {
    /// Whether plans can be bought here.
    pub connected: bool,
    /// Whether what is bought is real money.
    pub live: bool,
    /// The plan whose limits hold.
    pub plan: String,
    /// The subscription, as the provider states it.
    pub subscription: Option<Subscription>,
    /// What the provider could not be asked for just now, in words.
    pub silent: Option<String>,
    /// The plans.
    pub offers: Vec<Offer>,
}

/// How the organisation stands. When the provider does not answer, everything that is known here is still said.
pub async fn get(desk: &Desk, caller: &Caller) -> Result<Billing, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let plan = orgs::get(&mut tx).await?.ok_or(Error::NotFound("organisation"))?.plan;
    let subscription = usage::subscription(&mut tx).await?;
    let plans = usage::plans(&mut tx).await?;
    tx.rollback().await?;
    let mut silent = None;
    let mut prices = Vec::new();
    if let Some(payments) = &desk.payments {
        let offered: Vec<&str> =
            plans.iter().filter(|plan| plan.offered).map(|plan| plan.plan.as_str()).collect();
        match payments.stripe.prices(&offered).await {
            Ok(found) => prices = found,
            Err(error) => silent = Some(failed(&error).to_string()),
        }
    }
    let offers = plans
        .into_iter()
        .filter(|one| one.offered || one.plan == plan)
        .map(|plan| Offer { price: prices.iter().find(|price| price.lookup_key == plan.plan).cloned(), plan })
        .collect();
    let live = desk.payments.as_ref().is_some_and(|payments| payments.stripe.is_live());
    Ok(Billing { connected: desk.payments.is_some(), live, plan, subscription, silent, offers })
}

/// The newest invoices.
pub async fn invoices(desk: &Desk, caller: &Caller) -> Result<Vec<Invoice>, Error> {
    caller.require(Role::Admin)?;
    let Some(payments) = &desk.payments else { return Ok(Vec::new()) };
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let held = usage::subscription(&mut tx).await?;
    tx.rollback().await?;
    match held {
        Some(held) if held.live == payments.stripe.is_live() => {
            payments.stripe.invoices(&held.customer_ref).await.map_err(|error| failed(&error))
        }
        _ => Ok(Vec::new()),
    }
}

/// The address of a page where the owner pays for a plan.
pub async fn check_out(desk: &Desk, caller: &Caller, plan: &str) -> Result<String, Error> {
    caller.require(Role::Owner)?;
    let payments = connected(desk)?;
    let price = price(desk, caller, payments, plan).await?;
    let (customer, first) = customer(desk, caller, payments).await?;
    let org = caller.actor.org.to_string();
    let back = format!("{}/settings/billing", desk.settings.public_address);
    let asked = Checkout {
        customer: &customer,
        price: &price,
        success: &format!("{back}?paid=1"),
        cancel: &back,
        trial_days: payments.trial_days.filter(|days| *days > 0 && first),
        reference: &org,
    };
    let page = payments.stripe.checkout(&asked, &once(caller, "checkout")).await.map_err(|e| failed(&e))?;
    recorded(desk, caller, "billing.check_out", plan).await?;
    Ok(page)
}

/// The address of the provider's pages for cards, addresses and cancelling.
pub async fn portal(desk: &Desk, caller: &Caller) -> Result<String, Error> {
    caller.require(Role::Owner)?;
    let payments = connected(desk)?;
    let (customer, _) = customer(desk, caller, payments).await?;
    let back = format!("{}/settings/billing", desk.settings.public_address);
    let page =
        payments.stripe.portal(&customer, &back, &once(caller, "portal")).await.map_err(|e| failed(&e))?;
    recorded(desk, caller, "billing.portal", "").await?;
    Ok(page)
}

/// What another plan would cost, as the provider computes it.
pub async fn preview(desk: &Desk, caller: &Caller, plan: &str) -> Result<Preview, Error> {
    caller.require(Role::Owner)?;
    let payments = connected(desk)?;
    let price = price(desk, caller, payments, plan).await?;
    let held = held(desk, caller, payments).await?;
    payments.stripe.preview(&held, &price).await.map_err(|error| failed(&error))
}

/// Another plan for the subscription. Its limits hold once the provider has told us.
pub async fn change(desk: &Desk, caller: &Caller, plan: &str) -> Result<(), Error> {
    caller.require(Role::Owner)?;
    let payments = connected(desk)?;
    let price = price(desk, caller, payments, plan).await?;
    let held = held(desk, caller, payments).await?;
    if held.price == price {
        return Err(Error::Conflict(format!("the plan is {plan} already")));
    }
    payments.stripe.change(&held, &price, &once(caller, "change")).await.map_err(|error| failed(&error))?;
    recorded(desk, caller, "billing.change", plan).await
}

/// Ends the subscription with the period that is paid, or lets it go on after all.
pub async fn cancel(desk: &Desk, caller: &Caller, ends: bool) -> Result<(), Error> {
    caller.require(Role::Owner)?;
    let payments = connected(desk)?;
    let held = held(desk, caller, payments).await?;
    let once = once(caller, if ends { "cancel" } else { "resume" });
    payments.stripe.cancel_at_period_end(&held.id, ends, &once).await.map_err(|error| failed(&error))?;
    recorded(desk, caller, if ends { "billing.cancel" } else { "billing.resume" }, "").await
}

fn connected(desk: &Desk) -> Result<&Payments, Error> {
    desk.payments.as_ref().ok_or_else(|| {
        Error::Conflict(
            "this installation takes no payments; whoever runs it sets the plan, so ask them".to_owned(),
        )
    })
}

/// The price of a plan that people may choose.
async fn price(desk: &Desk, caller: &Caller, payments: &Payments, plan: &str) -> Result<String, Error> {
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let plans = usage::plans(&mut tx).await?;
    tx.rollback().await?;
    if !plans.iter().any(|one| one.offered && one.plan == plan) {
        let names: Vec<_> = plans.iter().filter(|one| one.offered).map(|one| one.plan.as_str()).collect();
        return Err(Error::invalid("plan", format!("choose one of {}", names.join(", "))));
    }
    if let Some((price, _)) = payments.prices.iter().find(|(_, named)| *named == plan) {
        return Ok(price.clone());
    }
    let found = payments.stripe.prices(&[plan]).await.map_err(|error| failed(&error))?;
    let found = found.into_iter().find(|price| price.lookup_key == plan);
    found.map(|price| price.id).ok_or_else(|| {
        Error::Conflict(format!(
            "{plan} cannot be bought here yet: the payment provider has no price of that name"
        ))
    })
}

/// The organisation's customer at the provider, made at its first visit, and whether it never had a subscription.
async fn customer(desk: &Desk, caller: &Caller, payments: &Payments) -> Result<(String, bool), Error> {
    let live = payments.stripe.is_live();
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let org = orgs::get(&mut tx).await?.ok_or(Error::NotFound("organisation"))?;
    if let Some(held) = usage::subscription(&mut tx).await?
        && held.live == live
    {
        return Ok((held.customer_ref, held.subscription_ref.is_none()));
    }
    tx.rollback().await?;
    let email = match caller.actor.user() {
        Some(user) => {
            let mut gate = desk.backing.store.gate().await?;
            gate::users::get(&mut gate, user).await?.map(|user| user.email).unwrap_or_default()
        }
        None => String::new(),
    };
    // The provider gives the same customer to the same key, so that two who come at once make one.
    let made = payments
        .stripe
        .create_customer(&org.name, &email, &org.org_id.to_string())
        .await
        .map_err(|error| failed(&error))?;
    // Before anything can be bought: an event is mapped by the customer that we stored, never by what it says of itself.
    let mut gate = desk.backing.store.gate().await?;
    gate.enter(org.org_id).await?;
    gate::webhooks::put_customer(&mut gate, PROVIDER, live, &made, &org.plan).await?;
    let event = deed::done(caller, "billing.customer", "org", org.org_id).by(&caller.actor);
    store::audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    Ok((made, true))
}

/// The subscription as it stands at the provider now.
async fn held(desk: &Desk, caller: &Caller, payments: &Payments) -> Result<Held, Error> {
    let mut tx = deed::begin(&desk.backing, caller).await?;
    let held = usage::subscription(&mut tx).await?;
    tx.rollback().await?;
    let id = held
        .filter(|held| held.live == payments.stripe.is_live() && right_of(&held.status) == Right::Plan)
        .and_then(|held| held.subscription_ref)
        .ok_or_else(|| Error::Conflict("there is no subscription yet; choose a plan first".to_owned()))?;
    payments.stripe.subscription(&id).await.map_err(|error| failed(&error))
}

async fn recorded(desk: &Desk, caller: &Caller, action: &str, plan: &str) -> Result<(), Error> {
    let tx = deed::begin(&desk.backing, caller).await?;
    let event = deed::done(caller, action, "org", caller.actor.org).detail("plan", plan);
    deed::commit(tx, caller, event).await
}

/// Lets the provider know a request that is sent again.
fn once(caller: &Caller, what: &str) -> String {
    match &caller.retry {
        Some(retry) => format!("{what}-{}-{}", retry.principal, retry.key),
        None => format!("{what}-{}", caller.trace),
    }
}

fn failed(error: &clients::payments::Error) -> Error {
    tracing::warn!(%error, "the payment provider did not do it");
    match error {
        clients::payments::Error::Refused { code, .. } => Error::Conflict(format!(
            "the payment provider refused ({code}); nothing was charged, try again or ask whoever runs the installation"
        )),
        _ => Error::Unavailable(
            "the payment provider does not answer right now; nothing was charged, try again in a moment"
                .to_owned(),
        ),
    }
}
