//! Signing in at an issuer with `OpenID` Connect: where it wants people sent, and what it gives for the code that they bring back.
//!
//! Whether the token that comes is worth anything is not decided here.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::key_set::{Error, address, client, read_bounded, silent};

/// How long what an issuer says of itself is taken as it was.
const FRESH: Duration = Duration::from_hours(1);
/// The largest answer that is read.
const LARGEST: usize = 256 << 10;

/// An issuer at which people sign in, and who we are there.
#[derive(Clone)]
pub struct Provider {
    issuer: String,
    discovery: Url,
    client_id: String,
    client_secret: Option<String>,
    client: reqwest::Client,
    known: Arc<Mutex<Option<(Instant, Endpoints)>>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Where an issuer wants to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Where people are sent.
    pub authorization: Url,
    /// Where their code is brought.
    pub token: Url,
    /// Whether we show who we are in the form instead of the head.
    in_form: bool,
}

impl Provider {
    /// An issuer by the address that its tokens name.
    pub fn new(issuer: &str, client_id: &str, client_secret: Option<String>) -> Result<Self, Error> {
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        Ok(Self {
            issuer: issuer.to_owned(),
            discovery: address(&place)?,
            client_id: client_id.to_owned(),
            client_secret,
            client: client()?,
            known: Arc::default(),
        })
    }

    /// Who we are there.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where it wants to be asked, as it says itself.
    pub async fn endpoints(&self) -> Result<Endpoints, Error> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, endpoints)) = known
            && at.elapsed() < FRESH
        {
            return Ok(endpoints);
        }
        let answer = self.client.get(self.discovery.clone()).send().await.map_err(silent)?;
        let document = json(answer).await?;
        // Otherwise another issuer's answer could send people elsewhere.
        if document["issuer"].as_str() != Some(self.issuer.as_str()) {
            return Err(Error::Unreadable("it names another issuer"));
        }
        let endpoint = |name: &str| {
            let text = document[name].as_str().ok_or(Error::Unreadable("an address is missing"))?;
            address(text)
        };
        let ways = document["token_endpoint_auth_methods_supported"].as_array();
        let takes = |way: &str| ways.is_some_and(|ways| ways.iter().any(|known| known == way));
        let endpoints = Endpoints {
            authorization: endpoint("authorization_endpoint")?,
            token: endpoint("token_endpoint")?,
            in_form: ways.is_some() && !takes("client_secret_basic") && takes("client_secret_post"),
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), endpoints.clone()));
        Ok(endpoints)
    }

    /// The address to send somebody to.
    pub async fn authorize(
        &self,
        redirect_uri: &str,
        state: &str,
        nonce: &str,
        challenge: &str,
    ) -> Result<String, Error> {
        let mut url = self.endpoints().await?.authorization;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", "openid")
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// The token that the issuer gives for a code.
    pub async fn exchange(&self, code: &str, verifier: &str, redirect_uri: &str) -> Result<String, Error> {
        let endpoints = self.endpoints().await?;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let mut request = self.client.post(endpoints.token);
        match &self.client_secret {
            Some(secret) if !endpoints.in_form => {
                let encoded =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                request = request.basic_auth(encoded(&self.client_id), Some(encoded(secret)));
            }
            secret => {
                fields.push(("client_id", &self.client_id));
                fields.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
            }
        }
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(form);
        let document = json(request.send().await.map_err(silent)?).await?;
        let token = document["id_token"].as_str().ok_or(Error::Unreadable("it gave no id_token"))?;
        Ok(token.to_owned())
    }
}

async fn json(answer: reqwest::Response) -> Result<Value, Error> {
    if answer.status() != reqwest::StatusCode::OK {
        return Err(Error::Silent(format!("status {}", answer.status().as_u16())));
    }
    let body = read_bounded(answer, LARGEST).await?;
    serde_json::from_slice(&body).map_err(|_| Error::Unreadable("it is no JSON"))
}
