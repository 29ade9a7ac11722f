//! Opening an account by oneself, where the installation allows it.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::id::UserId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{
    audit::{self, ActorKind, Outcome},
    gate::{self, throttle::Rule},
    jobs::{self, Done},
};
use uuid::Uuid;

use super::{
    Desk, Visitor,
    desk::{email_key, plausible_email},
    links,
    secret::Keys,
};
use crate::{
    Backing, Error,
    mails::{self, Facts, Language},
    notices::{Post, letters},
    worker::Hold,
};

pub(crate) const KIND: &str = "sign_up";
const PLACE: &[u8] = b"sign-up";

/// Letters to one address, and sign-ups from one place.
const LETTERS: Rule = Rule {
    free: 3,
    first_wait: SignedDuration::from_mins(1),
    longest_wait: SignedDuration::from_hours(1),
    window: SignedDuration::from_hours(6),
};

/// Whether people may open an account by themselves.
pub fn is_open(desk: &Desk) -> bool {
    desk.settings.sign_up_plan.is_some() && desk.mailer.is_some()
}

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
    // The account is made by a job, so that the time of the answer does not tell who has one already; what was asked for
    // survives the end of this process.
    gate.enter(audit::INSTALLATION).await?;
    let wish = Wish {
        user: UserId(Uuid::now_v7()),
        email: email.trim().to_owned(),
        organisation: organisation.to_owned(),
        plan,
    };
    jobs::put(&mut gate, Uuid::now_v7(), KIND, &wish.seal(&desk.keys)?, &visitor.trace.to_string()).await?;
    let event = visitor
        .event("account.sign_up", Outcome::Done)
        .by_kind(ActorKind::Anonymous, "")
        .on("account", &account);
    audit::record(&mut gate, &event).await?;
    Ok(gate.commit().await?)
}

/// Who wants an account. It waits sealed, since it is an address.
struct Wish {
    user: UserId,
    email: String,
    organisation: String,
    plan: String,
}

impl Wish {
    fn seal(&self, keys: &Keys) -> Result<Value, Error> {
        let text = json!({
            "user": self.user.to_string(), "email": self.email, "organisation": self.organisation, "plan": self.plan,
        });
        let sealed = keys.seal(text.to_string().as_bytes(), PLACE);
        let sealed = sealed.ok_or_else(|| Error::Work("a sign-up could not be sealed".to_owned()))?;
        Ok(json!({"sealed": STANDARD.encode(sealed)}))
    }

    fn open(keys: &Keys, payload: &Value) -> Option<Self> {
        let sealed = STANDARD.decode(payload["sealed"].as_str()?).ok()?;
        let wish: Value = serde_json::from_slice(&keys.open(&sealed, PLACE)?).ok()?;
        let text = |name: &str| wish[name].as_str().map(str::to_owned);
        Some(Self {
            user: text("user")?.parse().ok()?,
            email: text("email")?,
            organisation: text("organisation")?,
            plan: text("plan")?,
        })
    }
}

/// Makes the organisation and its owner, and asks for the letter with the link that signs the owner in.
pub(crate) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    let post = post.ok_or_else(|| Error::Input("this worker makes no accounts".to_owned()))?;
    let wish = Wish::open(&post.keys, &hold.claim.job.payload).ok_or_else(|| {
        Error::Input("the sign-up was sealed with another secret of the installation".to_owned())
    })?;
    let mut gate = backing.store.gate().await?;
    let account = gate::users::get_by_email(&mut gate, &email_key(&wish.email)).await?;
    // Made by an earlier try of this job, letter and all.
    let made_before = account.as_ref().is_some_and(|account| account.id == wish.user);
    if !made_before {
        let (letter, facts) = if account.is_some() {
            let address = &post.public_address;
            let facts =
                Facts::from([("link", format!("{address}/sign-in")), ("reset", format!("{address}/reset"))]);
            ("sign_up_known", facts)
        } else {
            let owner = links::Owner {
                user: wish.user,
                email: &wish.email,
                organisation: &wish.organisation,
                plan: &wish.plan,
            };
            let link =
                links::make_owner(&mut gate, &owner, &post.public_address, backing.clock.now()).await?;
            ("sign_up", Facts::from([("link", link)]))
        };
        gate.enter(audit::INSTALLATION).await?;
        let words = mails::write(Language::English, letter, &facts)
            .ok_or_else(|| Error::Work(format!("there is no letter {letter}")))?;
        letters::enqueue(&mut gate, &post.keys, &wish.email, &words, &hold.claim.job.trace_id).await?;
        gate.commit().await?;
    }
    let mut tx = backing.store.begin(&hold.claim.actor()).await?;
    jobs::finish(&mut tx, &hold.claim, &Done::Completed).await?;
    Ok(tx.commit().await?)
}
