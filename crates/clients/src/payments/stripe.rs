//! The calls that we make.

use std::{fmt, time::Duration};

use futures::StreamExt;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use url::{Host, Url, form_urlencoded};

use super::{
    Error,
    shape::{Invoice, Preview, Price, Subscription},
};

/// The provider's own address, where no other is configured.
const STRIPE: &str = "https://api.stripe.com";
/// The version of the provider's API that we speak.
const VERSION: &str = "2025-03-31.basil";
const PATIENCE: Duration = Duration::from_secs(15);
/// The largest answer that is read.
const LARGEST: usize = 2 << 20;
/// How often a call is made that got no answer. The provider knows a repeated one by its key.
const TRIES: u32 = 3;

/// The payment provider.
#[derive(Clone)]
pub struct Stripe {
    address: Url,
    key: String,
    client: reqwest::Client,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe").field("address", &self.address.as_str()).finish_non_exhaustive()
    }
}

/// What a checkout is for.
#[derive(Debug, Clone, Copy)]
pub struct Checkout<'a> {
    pub customer: &'a str,
    pub price: &'a str,
    pub success: &'a str,
    pub cancel: &'a str,
    /// Days that cost nothing; none is no trial.
    pub trial_days: Option<u32>,
    /// The organisation, as the provider shows it back.
    pub reference: &'a str,
}

impl Stripe {
    /// The provider with this secret key, at its own address or at this one. Without TLS only this machine itself may be
    /// asked.
    pub fn new(address: Option<&str>, key: &str) -> Result<Self, Error> {
        let unusable = |why: &str| Error::Unusable(why.to_owned());
        let address = Url::parse(address.unwrap_or(STRIPE)).map_err(|_| unusable("the address is none"))?;
        let loopback = match address.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        if address.scheme() != "https" && !(address.scheme() == "http" && loopback) {
            return Err(unusable("the address must begin with https://"));
        }
        if key.is_empty() || !key.is_ascii() {
            return Err(unusable("the secret key is none"));
        }
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(Duration::from_secs(5))
            .build()
            .map_err(|error| Error::Unusable(error.to_string()))?;
        Ok(Self { address, key: key.to_owned(), client })
    }

    /// Whether the key is for real money.
    pub fn is_live(&self) -> bool {
        self.key.contains("_live_")
    }

    /// A customer; the same one however often it is asked for under this key.
    pub async fn create_customer(&self, name: &str, email: &str, reference: &str) -> Result<String, Error> {
        let mut form = vec![("name", name), ("metadata[organization]", reference)];
        if !email.is_empty() {
            form.push(("email", email));
        }
        let made = self.post("/v1/customers", &form, &format!("customer-{reference}")).await?;
        match made["id"].as_str() {
            Some(id) if !id.is_empty() => Ok(id.to_owned()),
            _ => Err(Error::Silent("a customer without an id".to_owned())),
        }
    }

    /// The prices of these names.
    pub async fn prices(&self, lookup_keys: &[&str]) -> Result<Vec<Price>, Error> {
        let mut query = vec![("active", "true"), ("limit", "100")];
        query.extend(lookup_keys.iter().map(|key| ("lookup_keys[]", *key)));
        Ok(list(&self.get("/v1/prices", &query).await?).iter().map(Price::read).collect())
    }

    /// The address of a page where the customer pays.
    pub async fn checkout(&self, asked: &Checkout<'_>, once: &str) -> Result<String, Error> {
        let days = asked.trial_days.map(|days| days.to_string());
        let mut form = vec![
            ("mode", "subscription"),
            ("customer", asked.customer),
            ("line_items[0][price]", asked.price),
            ("line_items[0][quantity]", "1"),
            ("success_url", asked.success),
            ("cancel_url", asked.cancel),
            ("client_reference_id", asked.reference),
        ];
        if let Some(days) = &days {
            form.push(("subscription_data[trial_period_days]", days));
        }
        page(&self.post("/v1/checkout/sessions", &form, once).await?)
    }

    /// The address of the pages where the customer changes cards and cancels.
    pub async fn portal(&self, customer: &str, back: &str, once: &str) -> Result<String, Error> {
        let form = [("customer", customer), ("return_url", back)];
        page(&self.post("/v1/billing_portal/sessions", &form, once).await?)
    }

    /// The newest invoices of a customer.
    pub async fn invoices(&self, customer: &str) -> Result<Vec<Invoice>, Error> {
        let query = [("customer", customer), ("limit", "24")];
        Ok(list(&self.get("/v1/invoices", &query).await?).iter().map(Invoice::read).collect())
    }

    /// A subscription as it stands now.
    pub async fn subscription(&self, id: &str) -> Result<Subscription, Error> {
        read(&self.get(&format!("/v1/subscriptions/{}", segment(id)), &[]).await?)
    }

    /// What another price for a subscription would cost.
    pub async fn preview(&self, held: &Subscription, price: &str) -> Result<Preview, Error> {
        let form = [
            ("customer", held.customer.as_str()),
            ("subscription", &held.id),
            ("subscription_details[items][0][id]", &held.item),
            ("subscription_details[items][0][price]", price),
            ("subscription_details[proration_behavior]", "create_prorations"),
        ];
        Ok(Preview::read(&self.send(Method::POST, "/v1/invoices/create_preview", &form, None).await?))
    }

    /// Another price for a subscription; what was paid too much or too little comes with the next invoice.
    pub async fn change(&self, held: &Subscription, price: &str, once: &str) -> Result<Subscription, Error> {
        let form = [
            ("items[0][id]", held.item.as_str()),
            ("items[0][price]", price),
            ("proration_behavior", "create_prorations"),
        ];
        read(&self.post(&format!("/v1/subscriptions/{}", segment(&held.id)), &form, once).await?)
    }

    /// Ends a subscription with the period that is paid, or lets it go on after all.
    pub async fn cancel_at_period_end(
        &self,
        id: &str,
        ends: bool,
        once: &str,
    ) -> Result<Subscription, Error> {
        let form = [("cancel_at_period_end", if ends { "true" } else { "false" })];
        read(&self.post(&format!("/v1/subscriptions/{}", segment(id)), &form, once).await?)
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Error> {
        self.send(Method::GET, path, query, None).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)], once: &str) -> Result<Value, Error> {
        self.send(Method::POST, path, form, Some(once)).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        pairs: &[(&str, &str)],
        once: Option<&str>,
    ) -> Result<Value, Error> {
        let mut url = self.address.join(path).map_err(|error| Error::Unusable(error.to_string()))?;
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let reads = method == Method::GET;
        if reads && !encoded.is_empty() {
            url.set_query(Some(&encoded));
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let mut request = self
                .client
                .request(method.clone(), url.clone())
                .bearer_auth(&self.key)
                .header("stripe-version", VERSION);
            if !reads {
                request =
                    request.header("content-type", "application/x-www-form-urlencoded").body(encoded.clone());
            }
            if let Some(once) = once {
                request = request.header("idempotency-key", once);
            }
            match ask(request).await {
                // Reading, and what carries a key, is safe to be asked again.
                Err(Error::Silent(_)) if tries < TRIES && (reads || once.is_some()) => {
                    tokio::time::sleep(Duration::from_millis(200 * u64::from(tries))).await;
                }
                answer => return answer,
            }
        }
    }
}

async fn ask(request: RequestBuilder) -> Result<Value, Error> {
    let silent = |error: reqwest::Error| Error::Silent(error.without_url().to_string());
    let answer = request.send().await.map_err(silent)?;
    let status = answer.status();
    let mut body = Vec::new();
    let mut pieces = answer.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(silent)?;
        if body.len() + piece.len() > LARGEST {
            return Err(Error::Silent("the answer is too large".to_owned()));
        }
        body.extend_from_slice(&piece);
    }
    let value: Option<Value> = serde_json::from_slice(&body).ok();
    match (status.is_success(), value) {
        (true, Some(value)) => Ok(value),
        (true, None) => Err(Error::Silent("the answer is no JSON".to_owned())),
        (false, _) if status.is_server_error() || status.as_u16() == 429 => {
            Err(Error::Silent(format!("status {}", status.as_u16())))
        }
        (false, value) => {
            let value = value.unwrap_or_default();
            let code = ["code", "type"].iter().find_map(|name| value["error"][*name].as_str());
            let code = code.unwrap_or("unknown").chars().take(60).collect();
            Err(Error::Refused { status: status.as_u16(), code })
        }
    }
}

fn read(value: &Value) -> Result<Subscription, Error> {
    Subscription::read(value).ok_or_else(|| Error::Silent("no subscription in the answer".to_owned()))
}

/// The address of a page of the provider's. One of another kind is not passed on to a browser.
fn page(value: &Value) -> Result<String, Error> {
    let url = value["url"].as_str().unwrap_or_default();
    match Url::parse(url) {
        Ok(parsed) if parsed.scheme() == "https" || parsed.scheme() == "http" => Ok(url.to_owned()),
        _ => Err(Error::Silent("no address in the answer".to_owned())),
    }
}

fn list(value: &Value) -> &[Value] {
    value["data"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// An id within a path: the provider's are letters, digits and underscores, and nothing else gets there.
fn segment(id: &str) -> String {
    id.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
}
