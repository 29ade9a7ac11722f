//! The second factor: codes that change every thirty seconds (RFC 6238), and recovery codes for a lost device.

use store::{
    audit::{self, Outcome},
    gate::{self, users::User},
};
use totp_rs::{Builder, Secret, Totp};

use super::{Desk, secret};
use crate::{Caller, Error};

/// Seconds that a code is good for.
const STEP: u64 = 30;
/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;

/// What a person puts into an authenticator, shown once.
#[derive(Clone)]
pub struct Enrolment {
    /// The seed in base 32.
    pub seed: String,
    /// The same as an address for a QR code.
    pub address: String,
    /// Codes that work once each when the device is lost.
    pub recovery_codes: Vec<String>,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment")
    }
}

/// The authenticator of a seed. `None` where the seed is none: what was stored is always long enough.
fn authenticator(seed: &[u8], name: &str) -> Option<Totp> {
    Builder::new()
        .with_secret(Secret::new(seed.into()))
        .with_step_duration(STEP)
        .with_issuer(Some("PlantIntel"))
        // A colon would part the name from the issuer.
        .with_account_name(name.replace(':', " "))
        .build()
        .ok()
}

/// The time step around `now` whose code this is.
fn step_of(seed: &[u8], shown: &str, now: i64) -> Option<i64> {
    let step = authenticator(seed, "")?.check(shown, u64::try_from(now).ok()?)?;
    i64::try_from(step).ok()
}

fn base32(bytes: &[u8]) -> String {
    Secret::new(bytes.into()).to_base32()
}

/// Whether a code is right, once: the same code does not pass twice. A recovery code is used up.
pub(crate) async fn passes(desk: &Desk, user: &User, shown: &str) -> Result<bool, Error> {
    let shown: String =
        shown.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_lowercase();
    let seed = user.totp_secret.as_deref().and_then(|sealed| desk.keys.open(sealed, user.id.0.as_bytes()));
    let now = desk.now();
    let mut gate = desk.backing.store.gate().await?;
    let passed = match seed.and_then(|seed| step_of(&seed, &shown, now.as_second())) {
        Some(step) => gate::users::accept_totp_step(&mut gate, user.id, step, now).await?,
        None => gate::users::take_recovery_code(&mut gate, user.id, &secret::hash(&shown)).await?,
    };
    gate.commit().await?;
    Ok(passed)
}

async fn account(desk: &Desk, caller: &Caller) -> Result<User, Error> {
    let (Some(id), true) = (caller.actor.user(), caller.actor.means_is_session()) else {
        return Err(Error::Conflict("this is only for somebody who signed in with a browser".to_owned()));
    };
    let mut gate = desk.backing.store.gate().await?;
    gate::users::get(&mut gate, id).await?.ok_or(Error::NotFound("account"))
}

/// Whether the person signs in with a second factor.
pub async fn is_on(desk: &Desk, caller: &Caller) -> Result<bool, Error> {
    Ok(account(desk, caller).await?.totp_confirmed_at.is_some())
}

/// Begins setting a second factor up; it is asked for once a first code was shown to [`confirm`].
pub async fn begin(desk: &Desk, caller: &Caller, password: String) -> Result<Enrolment, Error> {
    let user = account(desk, caller).await?;
    if user.totp_confirmed_at.is_some() {
        return Err(Error::Conflict("a second factor is set up already; remove it first".to_owned()));
    }
    confirm_password(desk, &user, password).await?;
    let seed = secret::random::<20>();
    let address = authenticator(&seed, &user.email)
        .and_then(|authenticator| authenticator.to_url().ok())
        .ok_or_else(|| Error::Work("no address for an authenticator could be made".to_owned()))?;
    let sealed = desk
        .keys
        .seal(&seed, user.id.0.as_bytes())
        .ok_or_else(|| Error::Work("the seed could not be sealed".to_owned()))?;
    let recovery_codes: Vec<String> =
        (0..RECOVERY_CODES).map(|_| base32(&secret::random::<10>()).to_lowercase()).collect();
    let hashes: Vec<Vec<u8>> = recovery_codes.iter().map(|code| secret::hash(code).to_vec()).collect();
    let mut gate = desk.backing.store.gate().await?;
    gate::users::set_totp(&mut gate, user.id, Some(&sealed), &hashes).await?;
    finish(desk, gate, caller, "second_factor.begin").await?;
    Ok(Enrolment { seed: base32(&seed), address, recovery_codes })
}

/// Shows the first code; from now on one is asked for.
pub async fn confirm(desk: &Desk, caller: &Caller, shown: &str) -> Result<(), Error> {
    let user = account(desk, caller).await?;
    let seed = user.totp_secret.as_deref().and_then(|sealed| desk.keys.open(sealed, user.id.0.as_bytes()));
    let now = desk.now();
    let wrong = || Error::invalid("code", "this is not the present code; check the clock of your device");
    let step = seed.and_then(|seed| step_of(&seed, shown.trim(), now.as_second())).ok_or_else(wrong)?;
    let mut gate = desk.backing.store.gate().await?;
    if !gate::users::accept_totp_step(&mut gate, user.id, step, now).await? {
        return Err(wrong());
    }
    finish(desk, gate, caller, "second_factor.confirm").await
}

/// Removes the second factor.
pub async fn remove(desk: &Desk, caller: &Caller, password: String) -> Result<(), Error> {
    let user = account(desk, caller).await?;
    confirm_password(desk, &user, password).await?;
    let mut gate = desk.backing.store.gate().await?;
    gate::users::set_totp(&mut gate, user.id, None, &[]).await?;
    finish(desk, gate, caller, "second_factor.delete").await
}

async fn confirm_password(desk: &Desk, user: &User, password: String) -> Result<(), Error> {
    // Somebody who came by a sign-in link may have no password yet.
    if user.password_hash.is_some() && !desk.hasher.holds(password, user.password_hash.clone()).await? {
        return Err(Error::invalid("password", "this is not your password"));
    }
    Ok(())
}

async fn finish(desk: &Desk, mut gate: gate::GateTx, caller: &Caller, action: &str) -> Result<(), Error> {
    gate.enter(caller.actor.org).await?;
    let event = audit::Event::new(action, Outcome::Done).by(&caller.actor).traced(caller.trace.to_string());
    let event = match caller.actor.user() {
        Some(user) => event.on("user", user),
        None => event,
    };
    audit::record(&mut gate, &event).await?;
    gate.commit().await?;
    caller.mark_recorded();
    desk.recent.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        let seed = b"12345678901234567890";
        for (time, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(seed, expected, time), Some(time / 30), "{time}");
            assert_eq!(step_of(seed, expected, time + 30), Some(time / 30));
            assert_eq!(step_of(seed, expected, time + 90), None);
        }
        assert_eq!(step_of(seed, "", 59), None);
        assert_eq!(base32(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"foob"), "MZXW6YQ");
        let address = authenticator(seed, "a:b+c@example.com").and_then(|one| one.to_url().ok());
        assert_eq!(
            address.as_deref(),
            Some(
                "otpauth://totp/PlantIntel:a%20b%2Bc%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=PlantIntel"
            )
        );
    }
}
