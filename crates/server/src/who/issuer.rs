//! An issuer of tokens: what it is configured to send, and the check of a token from its first byte to its last claim.

use std::{sync::Arc, time::Duration};

use clients::{key_set::Source, oidc::Provider};
use domain::{Clock, Role};
use serde_json::{Map, Value};

use super::{
    Refusal,
    claims::{self, Principal},
    json,
    jws::{Algorithm, Jws},
    key_set::{KeySet, Rhythm},
};

/// What an issuer's tokens must say.
#[derive(Debug, Clone)]
pub struct Expectations {
    /// The `iss` claim, exactly.
    pub issuer: String,
    /// The algorithms that its keys may be for.
    pub algorithms: Vec<Algorithm>,
    /// Where set, `aud` must name one of these.
    pub audiences: Vec<String>,
    /// Where set, `azp` must be there and be one of these.
    pub authorised_parties: Vec<String>,
    /// How far clocks may be apart; ten seconds at most.
    pub leeway: Duration,
    /// The longest that a token may be valid, from `iat` to `exp`.
    pub longest_life: Duration,
    /// The issuer's names of roles beside ours.
    pub roles: Vec<(String, Role)>,
}

impl Expectations {
    /// What Clerk, and most issuers, send: RS256, ten seconds of leeway, a day at most.
    pub fn of(issuer: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            algorithms: vec![Algorithm::Rs256],
            audiences: Vec::new(),
            authorised_parties: Vec::new(),
            leeway: Duration::from_secs(10),
            longest_life: Duration::from_hours(24),
            roles: Vec::new(),
        }
    }

    /// The role behind an issuer's name of it. An unknown name has no rights.
    pub(super) fn role(&self, name: &str) -> Option<Role> {
        if let Some((_, role)) = self.roles.iter().find(|(known, _)| known == name) {
            return Some(*role);
        }
        match name.strip_prefix("org:").unwrap_or(name) {
            "member" | "basic_member" => Some(Role::Analyst),
            ours => Role::parse(ours),
        }
    }
}

/// An issuer with its keys.
#[derive(Debug)]
pub struct Issuer {
    expected: Expectations,
    keys: KeySet,
    sign_in: Option<SignIn>,
}

/// How people sign in at an issuer, besides showing its tokens.
#[derive(Debug)]
pub struct SignIn {
    /// What people call it.
    pub name: String,
    /// Where it is asked.
    pub provider: Provider,
}

impl Issuer {
    /// An issuer whose keys come from `source`.
    pub fn new(expected: Expectations, source: Arc<dyn Source>) -> Self {
        Self::with_rhythm(expected, source, Rhythm::default())
    }

    /// An issuer whose keys are asked for in another rhythm.
    pub fn with_rhythm(mut expected: Expectations, source: Arc<dyn Source>, rhythm: Rhythm) -> Self {
        expected.leeway = expected.leeway.min(Duration::from_secs(10));
        let keys = KeySet::new(source, expected.algorithms.clone(), rhythm);
        Self { expected, keys, sign_in: None }
    }

    /// The same, and people may be sent there to sign in.
    #[must_use]
    pub fn with_sign_in(mut self, sign_in: SignIn) -> Self {
        self.sign_in = Some(sign_in);
        self
    }

    /// How people sign in there, if they may.
    pub fn sign_in(&self) -> Option<&SignIn> {
        self.sign_in.as_ref()
    }

    /// The `iss` of its tokens.
    pub fn name(&self) -> &str {
        &self.expected.issuer
    }

    /// Checks a token: its form, then its signature with a key of this issuer, and only then what it says.
    pub async fn verify(&self, token: &str, clock: &dyn Clock) -> Result<Principal, Refusal> {
        let claims = self.claims(token).await?;
        claims::check(&claims, &self.expected, seconds(clock))
    }

    /// Checks the token that came for a code: made for `client` alone, in answer to the question with this nonce.
    pub async fn verify_sign_in(
        &self,
        token: &str,
        client: &str,
        nonce: &str,
        clock: &dyn Clock,
    ) -> Result<Principal, Refusal> {
        let claims = self.claims(token).await?;
        let expected = Expectations {
            audiences: vec![client.to_owned()],
            authorised_parties: Vec::new(),
            ..self.expected.clone()
        };
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("nonce") != Some(nonce) {
            return Err(Refusal::Nonce);
        }
        let several = claims.get("aud").and_then(Value::as_array).is_some_and(|all| all.len() > 1);
        // Made for several, it must say for whom above all.
        if text("azp").map_or(several, |party| party != client) {
            return Err(Refusal::Party);
        }
        claims::check(&claims, &expected, seconds(clock))
    }

    /// The claims of a token whose signature holds.
    async fn claims(&self, token: &str) -> Result<Map<String, Value>, Refusal> {
        let jws = Jws::parse(token)?;
        if !self.expected.algorithms.contains(&jws.algorithm) {
            return Err(Refusal::Algorithm);
        }
        let key = self.keys.find(jws.kid.as_deref()).await.ok_or(Refusal::UnknownKey)?;
        if !key.verifies(&jws) {
            return Err(Refusal::Signature);
        }
        json::object(&jws.payload()?).ok_or(Refusal::Claims)
    }
}

fn seconds(clock: &dyn Clock) -> f64 {
    clock.now().as_millisecond() as f64 / 1000.0
}

/// All issuers of an installation.
///
/// A token is checked by the issuer that it names; the name is only used to choose whose keys to try, and is compared
/// again once the signature holds.
#[derive(Debug, Default)]
pub struct Issuers(pub Vec<Issuer>);

impl Issuers {
    /// Checks a token of any of them.
    pub async fn verify(&self, token: &str, clock: &dyn Clock) -> Result<Principal, Refusal> {
        match self.0.as_slice() {
            [] => Err(Refusal::NoIssuer),
            [only] => only.verify(token, clock).await,
            many => {
                let claims = Jws::parse(token)?.payload()?;
                let claims = json::object(&claims).ok_or(Refusal::Claims)?;
                let named = claims.get("iss").and_then(Value::as_str);
                let issuer =
                    many.iter().find(|issuer| Some(issuer.name()) == named).ok_or(Refusal::Issuer)?;
                issuer.verify(token, clock).await
            }
        }
    }
}
