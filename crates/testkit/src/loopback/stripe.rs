//! The payment provider: what it was asked to make it keeps, and it tells of each change in a signed event.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use clients::payments::event::sign;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::listen;

/// What a price costs, in cents a month. Its id is `price_` and the plan.
const PRICES: [(&str, i64); 3] = [("starter", 49_000), ("professional", 149_000), ("enterprise", 499_000)];

const MONTH: i64 = 30 * 86_400;

type Fields = BTreeMap<String, String>;

#[derive(Debug, Default)]
struct Books {
    /// Where events go to, without a path.
    told_at: String,
    secret: String,
    customers: usize,
    /// What was asked of a checkout, by its place.
    checkouts: Vec<Fields>,
    /// Customer, plan, whether it ends, by its place.
    subscriptions: Vec<(String, String, bool)>,
    events: usize,
}

/// A payment provider in test mode.
#[derive(Debug)]
pub struct Stripe {
    pub address: String,
    books: Arc<Mutex<Books>>,
}

impl Stripe {
    /// One that signs its events with this secret.
    pub fn open(secret: &str) -> Self {
        let books = Arc::new(Mutex::new(Books { secret: secret.to_owned(), ..Books::default() }));
        let kept = books.clone();
        // Its own address is in the pages that it sends people to; the port is known after it listens.
        let own = Arc::new(Mutex::new(String::new()));
        let known = own.clone();
        let port = listen(move |stream| {
            let own = known.lock().expect("an address").clone();
            drop(serve(stream, &own, &kept));
        });
        let address = format!("http://127.0.0.1:{port}");
        own.lock().expect("an address").clone_from(&address);
        Self { address, books }
    }

    /// Tells a product of changes from now on: its address, without a path.
    pub fn tell(&self, product: &str) {
        product.clone_into(&mut self.books.lock().expect("the books").told_at);
    }
}

fn serve(stream: TcpStream, own: &str, books: &Mutex<Books>) -> std::io::Result<()> {
    let mut write = stream.try_clone()?;
    let mut read = BufReader::new(stream);
    let mut line = String::new();
    read.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut length = 0;
    loop {
        let mut header = String::new();
        if read.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    read.read_exact(&mut body)?;
    let path = target.split('?').next().unwrap_or_default();
    let fields: Fields = form_urlencoded::parse(&body).into_owned().collect();
    let (status, header, kind, text) = match (method.as_str(), path.strip_prefix("/pay/")) {
        ("GET", Some(at)) => ("200 OK", String::new(), "text/html", paying(at)),
        ("POST", Some(at)) => {
            let back = books.lock().expect("the books").pay(at.parse().unwrap_or(0))?;
            ("303 See Other", format!("location: {back}\r\n"), "text/plain", String::new())
        }
        _ => {
            let answer = books.lock().expect("the books").answer(&method, path, &fields, own)?;
            let status = if answer.get("error").is_some() { "404 Not Found" } else { "200 OK" };
            (status, String::new(), "application/json", answer.to_string())
        }
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n{header}\r\n",
        text.len()
    );
    write.write_all(head.as_bytes())?;
    write.write_all(text.as_bytes())
}

/// The page where people pay.
fn paying(at: &str) -> String {
    format!(
        "<!doctype html><title>Pay</title><link rel=\"icon\" href=\"data:,\"><h1>Checkout {at}</h1><form method=\"post\"><button>Pay</button></form>"
    )
}

impl Books {
    fn answer(&mut self, method: &str, path: &str, fields: &Fields, own: &str) -> std::io::Result<Value> {
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').skip(2).collect();
        Ok(match (method, parts.as_slice()) {
            ("GET", ["prices"]) => {
                let all: Vec<Value> = PRICES.map(|(plan, _)| price(plan)).to_vec();
                json!({"object": "list", "data": all})
            }
            ("POST", ["customers"]) => {
                self.customers += 1;
                json!({"id": format!("cus_{}", self.customers), "object": "customer"})
            }
            ("POST", ["checkout", "sessions"]) => {
                self.checkouts.push(fields.clone());
                let at = self.checkouts.len() - 1;
                json!({"id": format!("cs_{at}"), "object": "checkout.session", "url": format!("{own}/pay/{at}")})
            }
            ("GET", ["invoices"]) => json!({"object": "list", "data": []}),
            ("POST", ["invoices", "create_preview"]) => {
                let price = text("subscription_details[items][0][price]");
                let plan = plan_of(&price);
                let due = PRICES.iter().find(|(name, _)| *name == plan).map_or(0, |(_, amount)| *amount);
                json!({"object": "invoice", "amount_due": due / 2, "currency": "usd", "next_payment_attempt": now() + MONTH,
                    "lines": {"data": [{"description": format!("Remaining time on {plan}"), "amount": due / 2,
                        "parent": {"subscription_item_details": {"proration": true}}}]}})
            }
            ("GET", ["subscriptions", id]) => self.subscription(place(id)),
            ("POST", ["subscriptions", id]) => {
                let at = place(id);
                if let Some(held) = self.subscriptions.get_mut(at) {
                    if let Some(price) = fields.get("items[0][price]") {
                        plan_of(price).clone_into(&mut held.1);
                    }
                    if let Some(ends) = fields.get("cancel_at_period_end") {
                        held.2 = ends == "true";
                    }
                    self.say("customer.subscription.updated", at)?;
                }
                self.subscription(at)
            }
            ("POST", ["billing_portal", "sessions"]) => json!({"url": text("return_url")}),
            _ => json!({"error": {"type": "invalid_request_error", "code": "resource_missing"}}),
        })
    }

    /// Where the browser goes back to after paying.
    fn pay(&mut self, at: usize) -> std::io::Result<String> {
        let asked = self.checkouts.get(at).cloned().unwrap_or_default();
        let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
        let plan = plan_of(&text("line_items[0][price]")).to_owned();
        self.subscriptions.push((text("customer"), plan, false));
        self.say("customer.subscription.created", self.subscriptions.len() - 1)?;
        Ok(text("success_url"))
    }

    fn subscription(&self, at: usize) -> Value {
        let Some((customer, plan, ends)) = self.subscriptions.get(at) else {
            return json!({"error": {"type": "invalid_request_error", "code": "resource_missing"}});
        };
        json!({
            "id": format!("sub_{at}"), "object": "subscription", "customer": customer, "status": "active",
            "cancel_at_period_end": ends,
            "items": {"data": [{"id": format!("si_{at}"), "current_period_start": now(), "current_period_end": now() + MONTH,
                "price": price(plan)}]}
        })
    }

    fn say(&mut self, kind: &str, at: usize) -> std::io::Result<()> {
        self.events += 1;
        let event = json!({
            "id": format!("evt_{}", self.events), "object": "event", "type": kind, "created": now(), "livemode": false,
            "data": {"object": self.subscription(at)}
        });
        let raw = event.to_string();
        let signature = sign(raw.as_bytes(), &self.secret, now());
        let host = self.told_at.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host)?;
        let head = format!(
            "POST /api/v1/webhooks/stripe HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nstripe-signature: {signature}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{raw}",
            raw.len()
        );
        stream.write_all(head.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        assert!(answer.starts_with("HTTP/1.1 200"), "an event was not taken: {answer}");
        Ok(())
    }
}

fn price(plan: &str) -> Value {
    let amount = PRICES.iter().find(|(name, _)| *name == plan).map(|(_, amount)| *amount);
    json!({"id": format!("price_{plan}"), "object": "price", "lookup_key": plan, "unit_amount": amount, "currency": "usd",
        "recurring": {"interval": "month"}})
}

fn plan_of(price: &str) -> &str {
    price.trim_start_matches("price_")
}

fn place(id: &str) -> usize {
    id.trim_start_matches("sub_").parse().unwrap_or(usize::MAX)
}

#[expect(clippy::disallowed_methods, reason = "events are signed at the time they are sent")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}
