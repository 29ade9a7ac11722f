//! Opening an account by oneself, where the installation allows it.

use domain::TraceId;
use jiff::SignedDuration;
use store::{
    audit::{self, ActorKind, Outcome},
    gate::{self, throttle::Rule},
};

use super::{
    Desk, Visitor,
    desk::{email_key, plausible_email},
    links,
};
use crate::{Error, mails::Facts};

/// Letters to one address, and sign-ups from one place.
const LETTERS: Rule = Rule {
    free: 3,
    first_wait: SignedDuration::from_mins(1),
    longest_wait: SignedDuration::from_hours(1),
    window: SignedDuration::from_hours(6),
};

/// Makes an organisation and its owner, and sends the link that signs the owner in. Whoever has an account already gets a
/// letter that says so; the answer is the same, so that nobody learns who has one.
pub async fn sign_up(desk: &Desk, visitor: &Visitor, email: &str, organisation: &str) -> Result<(), Error> {
    let Some(plan) = desk.settings.sign_up_plan.clone() else {
        return Err(Error::Conflict(
            "this installation takes no sign-ups; ask one of its organisations for an invitation".to_owned(),
        ));
    };
    if desk.mailer.is_none() {
        return Err(Error::Conflict("sign-ups need a mail server, and none is configured".to_owned()));
    }
    if !plausible_email(email) {
        return Err(Error::invalid("email", "give an address such as marie@example.com"));
    }
    let organisation = organisation.trim();
    if organisation.is_empty() || organisation.chars().count() > 200 {
        return Err(Error::invalid("organization", "give a name of 1 to 200 characters"));
    }
    let key = email_key(email);
    let account = desk.keys.pseudonym(&key);
    let now = desk.now();
    let mut gate = desk.backing.store.gate().await?;
    for name in [format!("sign-up:{account}"), format!("sign-ups:{}", visitor.address_text())] {
        if let Some(throttle) = gate::throttle::get(&mut gate, &name, now).await? {
            let wait = throttle.locked_until.duration_since(now);
            return Err(Error::Limit {
                what: "too many sign-ups; wait, then try again".to_owned(),
                retry_after: wait.try_into().ok(),
            });
        }
        gate::throttle::fail(&mut gate, &name, LETTERS, now).await?;
    }
    let known = gate::users::get_by_email(&mut gate, &key).await?.is_some();
    gate.enter(audit::INSTALLATION).await?;
    let event = visitor
        .event("account.sign_up", Outcome::Done)
        .by_kind(ActorKind::Anonymous, "")
        .on("account", &account);
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    // Behind the answer's back, so that its time does not tell who has an account.
    let (desk, email, organisation, trace) =
        (desk.clone(), email.trim().to_owned(), organisation.to_owned(), visitor.trace);
    tokio::spawn(async move {
        if let Err(error) = welcome(&desk, &email, &organisation, &plan, known, &trace).await {
            tracing::warn!(%error, "a sign-up was not finished");
        }
    });
    Ok(())
}

async fn welcome(
    desk: &Desk,
    email: &str,
    organisation: &str,
    plan: &str,
    known: bool,
    trace: &TraceId,
) -> Result<(), Error> {
    let address = &desk.settings.public_address;
    let (letter, facts) = if known {
        let facts =
            Facts::from([("link", format!("{address}/sign-in")), ("reset", format!("{address}/reset"))]);
        ("sign_up_known", facts)
    } else {
        ("sign_up", Facts::from([("link", links::create_owner_on(desk, email, organisation, plan).await?)]))
    };
    let mut gate = desk.backing.store.gate().await?;
    gate.enter(audit::INSTALLATION).await?;
    desk.write(&mut gate, email, letter, &facts, trace).await?;
    Ok(gate.commit().await?)
}
