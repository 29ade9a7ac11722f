//! Secrets of ours: how they are made, what is kept of them, and what is derived from the installation's one secret.

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    constant_time, digest, hkdf, hmac,
    rand::{SecureRandom, SystemRandom},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Fresh unpredictable bytes.
///
/// # Panics
/// When the system has no randomness to give: nothing secret may be made without it.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "nothing secret may be made without randomness")]
    SystemRandom::new().fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// A token of 256 random bits, as shown once.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// What is kept of a token: its SHA-256. A token is random, so that nothing slower is needed.
pub fn hash(token: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    bytes
}

/// Keys for different ends, derived from one secret.
#[derive(Clone)]
pub struct Keys(Arc<Derived>);

struct Derived {
    sealing: [u8; 32],
    forms: hmac::Key,
    names: hmac::Key,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// The keys of an installation with this secret.
    #[expect(clippy::missing_panics_doc, reason = "the one expectation cannot fail")]
    pub fn derive(secret: &[u8]) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"plantintel keys 1").extract(secret);
        let derive = |purpose: &[u8]| -> [u8; 32] {
            let mut bytes = [0; 32];
            let info = [purpose];
            #[expect(clippy::expect_used, reason = "32 bytes are within what HKDF may give")]
            root.expand(&info, hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(&mut bytes))
                .expect("a derived key");
            bytes
        };
        Self(Arc::new(Derived {
            sealing: derive(b"seal"),
            forms: hmac::Key::new(hmac::HMAC_SHA256, &derive(b"forms")),
            names: hmac::Key::new(hmac::HMAC_SHA256, &derive(b"names")),
        }))
    }

    /// Seals bytes, so that a stolen table does not give them away. `to` binds them to where they belong.
    pub fn seal(&self, plain: &[u8], to: &[u8]) -> Option<Vec<u8>> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.0.sealing).ok()?;
        let mut sealed = plain.to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(to), &mut sealed).ok()?;
        Some([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Opens what was sealed to the same place.
    pub fn open(&self, sealed: &[u8], to: &[u8]) -> Option<Vec<u8>> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.0.sealing).ok()?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut bytes = sealed.to_vec();
        let plain = key.open_in_place(Nonce::from(nonce), Aad::from(to), &mut bytes).ok()?;
        Some(plain.to_vec())
    }

    /// The token that a form of this session must carry.
    pub fn form_token(&self, session: uuid::Uuid) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0.forms, session.as_bytes()))
    }

    /// Whether a form's token is of this session.
    pub fn form_token_holds(&self, session: uuid::Uuid, token: &str) -> bool {
        constant_time::verify_slices_are_equal(self.form_token(session).as_bytes(), token.as_bytes()).is_ok()
    }

    /// A name under which failures of an account are counted, without keeping the name that was tried.
    pub fn pseudonym(&self, name: &str) -> String {
        URL_SAFE_NO_PAD.encode(&hmac::sign(&self.0.names, name.as_bytes()).as_ref()[..18])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let keys = Keys::derive(b"one secret of an installation");
        let sealed = keys.seal(b"seed", b"user 1").unwrap();
        assert_eq!(keys.open(&sealed, b"user 1").unwrap(), b"seed");
        assert_eq!(keys.open(&sealed, b"user 2"), None);
        assert_eq!(Keys::derive(b"another").open(&sealed, b"user 1"), None);
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(keys.open(&changed, b"user 1"), None, "{position}");
        }
        assert_ne!(keys.seal(b"seed", b"user 1").unwrap(), sealed);
    }

    #[test]
    fn a_form_token_is_of_one_session() {
        let keys = Keys::derive(b"secret");
        let (one, other) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
        assert!(keys.form_token_holds(one, &keys.form_token(one)));
        assert!(!keys.form_token_holds(other, &keys.form_token(one)));
        assert!(!keys.form_token_holds(one, ""));
        assert_ne!(token(), token());
        assert_eq!(token().len(), 43);
    }
}
