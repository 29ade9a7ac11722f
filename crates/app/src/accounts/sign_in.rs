//! Signing in with address and password.
//!
//! Whoever guesses is slowed down, per account and per address. An account that is not there costs the same work and
//! gets the same words as a wrong password; so does one that is barred.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use store::{
    audit::{self, Outcome},
    gate::{self, throttle::Rule, users::User},
};

use super::{
    Desk, Visitor,
    desk::email_key,
    second_factor,
    sessions::{self, Begun},
};
use crate::Error;

/// Five failures of an account are free, then waiting begins at two seconds and doubles up to fifteen minutes.
const ACCOUNT: Rule = Rule {
    free: 5,
    first_wait: SignedDuration::from_secs(2),
    longest_wait: SignedDuration::from_mins(15),
    window: SignedDuration::from_hours(1),
};
/// How long after the password the code may come.
const TICKET: SignedDuration = SignedDuration::from_mins(5);
/// An address may stand for an office: it gets more.
const ADDRESS: Rule = Rule { free: 30, ..ACCOUNT };

/// What somebody shows.
#[derive(Clone)]
pub struct Credentials {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The code of the second factor, or a recovery code.
    pub code: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials")
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// Signed in.
    Begun(Begun),
    /// Address or password are wrong, or there is no such account.
    Wrong,
    /// The password is right; a code is needed as well, or the one that came is wrong. With the ticket the code alone is
    /// enough, for a few minutes.
    CodeNeeded {
        /// To be shown again with the code.
        ticket: String,
    },
}

/// Signs somebody in.
pub async fn sign_in(desk: &Desk, visitor: &Visitor, shown: Credentials) -> Result<SignIn, Error> {
    let key = email_key(&shown.email);
    let account = desk.keys.pseudonym(&key);
    let account_key = format!("account:{account}");
    let address_key = format!("address:{}", visitor.address_text());
    refuse_hurried(desk, &[&account_key, &address_key]).await?;

    let mut gate = desk.backing.store.gate().await?;
    let user = gate::users::get_by_email(&mut gate, &key).await?;
    drop(gate);
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let holds = desk.hasher.holds(shown.password, hash).await?;
    let user = user.filter(|user| holds && user.disabled_at.is_none());
    let outcome = match user {
        None => SignIn::Wrong,
        Some(user) if user.totp_confirmed_at.is_some() => {
            let passed = match shown.code.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
                None => return Ok(SignIn::CodeNeeded { ticket: ticket(desk, &user)? }),
                Some(code) => second_factor::passes(desk, &user, code).await?,
            };
            if passed {
                begin(desk, visitor, &user, true, &account_key).await?
            } else {
                SignIn::CodeNeeded { ticket: ticket(desk, &user)? }
            }
        }
        Some(user) => begin(desk, visitor, &user, false, &account_key).await?,
    };
    if !matches!(outcome, SignIn::Begun(_)) {
        failed(desk, visitor, &account, &account_key, &address_key).await?;
    }
    Ok(outcome)
}

/// Says that the password of this account was right just now.
fn ticket(desk: &Desk, user: &User) -> Result<String, Error> {
    let until = (desk.now() + TICKET).as_second();
    let plain = [user.id.0.as_bytes().as_slice(), &until.to_be_bytes()].concat();
    let sealed = desk.keys.seal(&plain, b"sign-in ticket");
    Ok(URL_SAFE_NO_PAD.encode(sealed.ok_or_else(|| Error::Work("a ticket could not be sealed".to_owned()))?))
}

/// The second step: a code, with the ticket of the first.
pub async fn second_step(desk: &Desk, visitor: &Visitor, shown: &str, code: &str) -> Result<SignIn, Error> {
    let opened =
        URL_SAFE_NO_PAD.decode(shown).ok().and_then(|sealed| desk.keys.open(&sealed, b"sign-in ticket"));
    let Some((id, until)) = opened.as_deref().and_then(|plain| plain.split_first_chunk::<16>()) else {
        return Ok(SignIn::Wrong);
    };
    let until = until.try_into().map_or(0, i64::from_be_bytes);
    if until < desk.now().as_second() {
        return Ok(SignIn::Wrong);
    }
    let mut gate = desk.backing.store.gate().await?;
    let user = gate::users::get(&mut gate, domain::id::UserId(uuid::Uuid::from_bytes(*id))).await?;
    drop(gate);
    let Some(user) = user.filter(|user| user.disabled_at.is_none() && user.totp_confirmed_at.is_some())
    else {
        return Ok(SignIn::Wrong);
    };
    let account = desk.keys.pseudonym(&user.email_key);
    let account_key = format!("account:{account}");
    let address_key = format!("address:{}", visitor.address_text());
    refuse_hurried(desk, &[&account_key, &address_key]).await?;
    if second_factor::passes(desk, &user, code.trim()).await? {
        return begin(desk, visitor, &user, true, &account_key).await;
    }
    failed(desk, visitor, &account, &account_key, &address_key).await?;
    Ok(SignIn::CodeNeeded { ticket: shown.to_owned() })
}

/// Whether a password is right, counted as a sign-in would be.
pub(crate) async fn password_holds(
    desk: &Desk,
    visitor: &Visitor,
    shown: Credentials,
) -> Result<bool, Error> {
    let key = email_key(&shown.email);
    let account = desk.keys.pseudonym(&key);
    let account_key = format!("account:{account}");
    let address_key = format!("address:{}", visitor.address_text());
    refuse_hurried(desk, &[&account_key, &address_key]).await?;
    let mut gate = desk.backing.store.gate().await?;
    let user = gate::users::get_by_email(&mut gate, &key).await?;
    drop(gate);
    let holds = desk.hasher.holds(shown.password, user.and_then(|user| user.password_hash)).await?;
    if !holds {
        failed(desk, visitor, &account, &account_key, &address_key).await?;
    }
    Ok(holds)
}

async fn begin(
    desk: &Desk,
    visitor: &Visitor,
    user: &User,
    second: bool,
    account_key: &str,
) -> Result<SignIn, Error> {
    let mut gate = desk.backing.store.gate().await?;
    gate::throttle::clear(&mut gate, account_key).await?;
    Ok(SignIn::Begun(sessions::begin(desk, gate, user.id, second, visitor, "password").await?))
}

async fn refuse_hurried(desk: &Desk, keys: &[&str]) -> Result<(), Error> {
    let now = desk.now();
    let mut gate = desk.backing.store.gate().await?;
    for key in keys {
        if let Some(throttle) = gate::throttle::get(&mut gate, key, now).await? {
            let wait = throttle.locked_until.duration_since(now);
            return Err(Error::Limit {
                what: "too many failed sign-ins; wait, then try again, or reset the password".to_owned(),
                retry_after: wait.try_into().ok(),
            });
        }
    }
    Ok(())
}

/// Counts a failure and writes it into the installation's trail, which has no tenant to tell.
async fn failed(
    desk: &Desk,
    visitor: &Visitor,
    account: &str,
    account_key: &str,
    address_key: &str,
) -> Result<(), Error> {
    let now = desk.now();
    let mut gate = desk.backing.store.gate().await?;
    gate::throttle::fail(&mut gate, account_key, ACCOUNT, now).await?;
    gate::throttle::fail(&mut gate, address_key, ADDRESS, now).await?;
    gate::throttle::record_attempt(&mut gate, account, &visitor.address_text(), "wrong", now).await?;
    gate.enter(audit::INSTALLATION).await?;
    let event = visitor
        .event("session.refuse", Outcome::Denied)
        .by_kind(audit::ActorKind::Anonymous, "")
        .on("account", account);
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    Ok(())
}
