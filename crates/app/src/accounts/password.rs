//! Passwords: Argon2id, behind the threads that answer, a few at a time, and as long for nobody as for somebody.

use std::sync::{Arc, OnceLock};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::{Error, behind};

/// Memory in KiB, passes and lanes, as OWASP recommends for Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// The fewest characters of a password.
const SHORTEST: usize = 12;
/// The most; anything longer only costs work.
const LONGEST: usize = 256;

/// Hashes and checks passwords. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hasher {
    // Each hash takes 19 MiB and a core: a crowd must wait rather than take the machine.
    places: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(4)) }
    }
}

fn argon() -> Result<Argon2<'static>, Error> {
    let params = Params::new(COST.0, COST.1, COST.2, None).map_err(|error| Error::Work(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The hash of a password that nobody has, to be checked where there is no account.
fn nobody() -> Result<&'static str, Error> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash);
    }
    let made = hash_now(&super::secret::token())?;
    Ok(NOBODY.get_or_init(|| made))
}

fn hash_now(password: &str) -> Result<String, Error> {
    let hash = argon()?.hash_password(password.as_bytes()).map_err(|error| Error::Work(error.to_string()))?;
    Ok(hash.to_string())
}

impl Hasher {
    /// The hash of a password, with its salt and cost.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.work(move || hash_now(&password)).await
    }

    /// Whether a password is the one behind a hash. Without a hash the same work is done and the answer is no.
    pub async fn holds(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.work(move || {
            let known = hash.is_some();
            let hash = match &hash {
                Some(hash) => hash.as_str(),
                None => nobody()?,
            };
            let parsed = PasswordHash::new(hash).map_err(|error| Error::Work(error.to_string()))?;
            let holds = password.len() <= LONGEST * 4
                && argon()?.verify_password(password.as_bytes(), &parsed).is_ok();
            Ok(known && holds)
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let place =
            self.places.clone().acquire_owned().await.map_err(|error| Error::Work(error.to_string()))?;
        behind::run(move || {
            let done = job();
            drop(place);
            done
        })
        .await
    }
}

/// Whether a password may be taken: long enough, not the address, not one character again and again.
pub fn check(password: &str, email: &str) -> Result<(), Error> {
    let length = password.chars().count();
    let lower = password.to_lowercase();
    let name = email.split('@').next().unwrap_or_default().to_lowercase();
    let mut letters: Vec<char> = lower.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if length < SHORTEST {
        Err(Error::invalid(
            "password",
            format!("use at least {SHORTEST} characters; a few words in a row are fine"),
        ))
    } else if length > LONGEST {
        Err(Error::invalid("password", format!("use at most {LONGEST} characters")))
    } else if letters.len() < 5 || (name.len() > 3 && lower.replace(&name, "").chars().count() < 8) {
        Err(Error::invalid("password", "this one is easy to guess; use a few unrelated words"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_guessable_passwords_are_not_taken() {
        for (password, fine) in [
            ("correct horse battery", true),
            ("tr0ub4dor&3xyz", true),
            ("short", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("marie.curie.1", false),
            ("ababababababab", false),
        ] {
            assert_eq!(check(password, "marie.curie@example.com").is_ok(), fine, "{password}");
        }
        assert!(check(&"x1y2z3".repeat(50), "a@b.example").is_err());
    }

    #[tokio::test]
    async fn a_hash_holds_for_its_password_only_and_is_slow_for_nobody_too() {
        let hasher = Hasher::default();
        let hash = hasher.hash("correct horse battery".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.holds("correct horse battery".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.holds("correct horse batterz".to_owned(), Some(hash)).await.unwrap());
        assert!(!hasher.holds("correct horse battery".to_owned(), None).await.unwrap());
    }
}
