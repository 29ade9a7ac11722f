//! The keys of one issuer, kept fresh without letting strangers make us ask for them.
//!
//! A set of one issuer is never looked at for another: an identity of a key means nothing without its issuer. An unknown
//! key identity makes us ask once, and at most every [`Rhythm::pause`]; when the issuer does not answer, the keys that are known
//! keep working and unknown ones stay refused.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use clients::key_set::{PublishedKey, Source};
use jsonwebtoken::DecodingKey;
use tokio::{sync::Mutex, time::Instant};

use super::jws::{Algorithm, Jws};

/// How often an issuer is asked, and how long an answer serves.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// The least time between two requests for one issuer's keys.
    pub pause: Duration,
    /// From this age on, a set is asked for again while it still serves.
    pub aging: Duration,
    /// From this age on, a request waits for the newer set, so that a removed key stops working.
    pub stale: Duration,
    /// How long keys serve when the issuer does not answer.
    pub outage: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(10),
            aging: Duration::from_mins(1),
            stale: Duration::from_mins(4),
            outage: Duration::from_hours(24),
        }
    }
}

/// One key, pinned to the one algorithm that it may verify.
#[derive(Clone)]
pub(super) struct Key {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Key {
    fn of(published: &PublishedKey) -> Self {
        match published {
            PublishedKey::Rsa { n, e, .. } => {
                Self { algorithm: Algorithm::Rs256, key: DecodingKey::from_rsa_raw_components(n, e) }
            }
            PublishedKey::P256 { point, .. } => {
                Self { algorithm: Algorithm::Es256, key: DecodingKey::from_ec_der(point) }
            }
        }
    }

    pub(super) fn verifies(&self, jws: &Jws<'_>) -> bool {
        let algorithm = match self.algorithm {
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        };
        self.algorithm == jws.algorithm
            && jsonwebtoken::crypto::verify(jws.signature, jws.signed, &self.key, algorithm).unwrap_or(false)
    }
}

#[derive(Debug, Default)]
struct Known {
    by_kid: BTreeMap<String, Key>,
    /// The one key of a source that names none, such as a PEM file. It serves whatever a token calls it.
    unnamed: Option<Key>,
    fetched: Option<Instant>,
}

#[derive(Debug)]
struct Inner {
    source: Arc<dyn Source>,
    algorithms: Vec<Algorithm>,
    rhythm: Rhythm,
    known: RwLock<Arc<Known>>,
    /// When the source was last asked. Whoever asks holds the lock, so that there is one question at a time.
    asked: Mutex<Option<Instant>>,
}

#[derive(Debug, Clone)]
pub(super) struct KeySet(Arc<Inner>);

impl KeySet {
    pub(super) fn new(source: Arc<dyn Source>, algorithms: Vec<Algorithm>, rhythm: Rhythm) -> Self {
        Self(Arc::new(Inner {
            source,
            algorithms,
            rhythm,
            known: RwLock::default(),
            asked: Mutex::default(),
        }))
    }

    /// The key of this identity, asking the issuer where that may help.
    pub(super) async fn find(&self, kid: Option<&str>) -> Option<Key> {
        let Rhythm { aging, stale, outage, .. } = self.0.rhythm;
        let known = self.known();
        let age = known.fetched.map(|fetched| fetched.elapsed());
        let key = known.find(kid);
        match (&key, age) {
            (Some(_), Some(age)) if age < aging => return key,
            (Some(_), Some(age)) if age < stale => {
                let set = self.clone();
                tokio::spawn(async move { set.refresh(aging).await });
                return key;
            }
            _ => {}
        }
        // A source that publishes one nameless key has nothing more to say about names.
        self.refresh(if key.is_some() { stale } else { Duration::ZERO }).await;
        let known = self.known();
        let serves = known.fetched.is_some_and(|fetched| fetched.elapsed() < outage);
        if serves { known.find(kid) } else { None }
    }

    /// Asks the source, unless somebody did within the pause or the set turned younger than `old` meanwhile.
    async fn refresh(&self, old: Duration) {
        let mut asked = self.0.asked.lock().await;
        if asked.is_some_and(|asked| asked.elapsed() < self.0.rhythm.pause) {
            return;
        }
        if old > Duration::ZERO && self.known().fetched.is_some_and(|fetched| fetched.elapsed() < old) {
            return;
        }
        *asked = Some(Instant::now());
        match self.0.source.fetch().await {
            Ok(published) => {
                let known = Arc::new(self.0.sort(&published));
                *self.0.known.write().unwrap_or_else(PoisonError::into_inner) = known;
            }
            Err(error) => tracing::warn!(%error, "the issuer's keys cannot be had; known keys keep serving"),
        }
    }

    fn known(&self) -> Arc<Known> {
        self.0.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Inner {
    fn sort(&self, published: &[PublishedKey]) -> Known {
        let mut known = Known { fetched: Some(Instant::now()), ..Known::default() };
        let mut twice = Vec::new();
        for published in published {
            let key = Key::of(published);
            if !self.algorithms.contains(&key.algorithm) {
                continue;
            }
            match published.kid() {
                Some(kid) => {
                    if known.by_kid.insert(kid.to_owned(), key).is_some() {
                        twice.push(kid.to_owned());
                    }
                }
                None => known.unnamed = Some(key),
            }
        }
        // Two keys of one name: which of them signs is anybody's guess, so neither does.
        for kid in twice {
            known.by_kid.remove(&kid);
        }
        // A nameless key beside others names nothing.
        if published.len() > 1 {
            known.unnamed = None;
        }
        known
    }
}

impl Known {
    fn find(&self, kid: Option<&str>) -> Option<Key> {
        if let Some(key) = &self.unnamed {
            return Some(key.clone());
        }
        self.by_kid.get(kid?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::Value;

    use super::*;

    const FILES: [&str; 4] = [
        "ecdsa_secp256r1_sha256_p1363_test.json",
        "rsa_signature_2048_sha256_test.json",
        "rsa_signature_3072_sha256_test.json",
        "rsa_signature_4096_sha256_test.json",
    ];

    /// Bytes written in hexadecimal.
    fn bytes(value: &Value) -> Vec<u8> {
        let text = value.as_str().unwrap();
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn key(group: &Value) -> Key {
        let key = &group["publicKey"];
        Key::of(&if key["modulus"].is_null() {
            PublishedKey::P256 { kid: None, point: bytes(&key["uncompressed"]) }
        } else {
            let n = bytes(&key["modulus"]).into_iter().skip_while(|byte| *byte == 0).collect();
            PublishedKey::Rsa { kid: None, n, e: bytes(&key["publicExponent"]) }
        })
    }

    #[test]
    fn signatures_are_judged_as_project_wycheproof_judges_them() {
        let Some(folder) = std::env::var_os("PLANTINTEL_WYCHEPROOF") else {
            eprintln!("skipped: PLANTINTEL_WYCHEPROOF names no folder with Wycheproof's signature vectors");
            return;
        };
        let mut judged = 0;
        for file in FILES {
            let text = std::fs::read(std::path::Path::new(&folder).join(file)).unwrap();
            let vectors: Value = serde_json::from_slice(&text).unwrap();
            for group in vectors["testGroups"].as_array().unwrap() {
                let key = key(group);
                for test in group["tests"].as_array().unwrap() {
                    let (signed, signature) = (bytes(&test["msg"]), bytes(&test["sig"]));
                    let verifies = |signature: &[u8]| {
                        let signature = URL_SAFE_NO_PAD.encode(signature);
                        let jws = Jws::signed_by(key.algorithm, &signed, &signature);
                        key.verifies(&jws)
                    };
                    // "acceptable" leaves it to us: we may refuse, and do not look.
                    if test["result"] != "acceptable" {
                        assert_eq!(
                            verifies(&signature),
                            test["result"] == "valid",
                            "{file} {}",
                            test["tcId"]
                        );
                        judged += 1;
                    }
                }
            }
        }
        eprintln!("{judged} vectors of Wycheproof, none misjudged");
    }
}
