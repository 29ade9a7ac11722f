//! What must come out exact, however often the process is killed: an organisation whose uploads are limited, and the events of a
//! payment provider that come several times and in any order. Runs beside the writers of [`crate::crashes`].

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use clients::payments::event::sign;
use serde_json::{Value, json};

use crate::product::{Product, call, program, sign_in};

/// What the provider signs with.
const SECRET: &str = "whsec_Zk3vQ9wLr8nTb2XcYh7MdPa5GsJf6UeE";
const UPLOADERS: usize = 3;

/// A payment provider that makes one customer and one page to pay at.
pub(crate) struct Provider {
    pub(crate) address: String,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(stream));
            }
        });
        Self { address }
    }

    pub(crate) fn settings(&self) -> [(&str, &str); 3] {
        [
            ("PLANTINTEL_STRIPE_ADDRESS", self.address.as_str()),
            ("STRIPE_SECRET_KEY", "sk_test_of_nobody"),
            ("STRIPE_WEBHOOK_SECRET", SECRET),
        ]
    }
}

/// Answers one request and hangs up.
fn answer(mut stream: TcpStream) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let n = stream.read(&mut piece).ok()?;
        bytes.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.and_then(|length| length.trim().parse().ok()).unwrap_or(0) {
                break;
            }
        }
        if n == 0 {
            return None;
        }
    }
    let path = String::from_utf8_lossy(&bytes).split(' ').nth(1)?.to_owned();
    let price = |plan: &str| {
        json!({"id": format!("price_{plan}"), "lookup_key": plan, "unit_amount": 49_000, "currency": "usd",
            "recurring": {"interval": "month"}})
    };
    let body = match path.split('?').next()? {
        "/v1/prices" => json!({"data": [price("starter"), price("professional")]}),
        "/v1/customers" => json!({"id": "cus_1"}),
        _ => json!({"url": "https://pay.example/page"}),
    }
    .to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()
}

/// The organisation that pays.
pub(crate) struct Payer {
    address: String,
    key: String,
    plan: &'static str,
    limit: usize,
    events: usize,
    pace: Duration,
}

fn event(n: usize, status: &str, plan: &str) -> String {
    json!({
        "id": format!("evt_{n}"), "object": "event", "type": "customer.subscription.updated", "created": 1_000 + n,
        "livemode": false,
        "data": {"object": {
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": status, "cancel_at_period_end": false,
            "items": {"data": [{"id": "si_1", "current_period_start": 1_000, "current_period_end": 2_600_000,
                "price": {"id": format!("price_{plan}"), "lookup_key": plan}}]}
        }}
    })
    .to_string()
}

#[expect(clippy::disallowed_methods, reason = "a signature is of the moment")]
fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

impl Payer {
    /// A new organisation with a limited plan, paid for. What it does is spread over so many kills.
    pub(crate) fn open(product: &Product, data: &Path, kills: u32) -> Self {
        let made = program(data)
            .args(["admin", "create-owner", "--email", "payer@example.com", "--organization", "Payer"])
            .output()
            .unwrap();
        let said = String::from_utf8(made.stdout).unwrap();
        assert!(made.status.success(), "{said}{}", String::from_utf8_lossy(&made.stderr));
        let key = sign_in(product, said.trim());
        let (plan, limit) = if kills <= 20 { ("starter", 100) } else { ("professional", 500) };
        let payer = Self {
            address: product.address.clone(),
            key,
            plan,
            limit,
            events: limit,
            // As long as the kills take, with a little over.
            pace: Duration::from_millis(u64::from(kills) * 2_000) / u32::try_from(limit / UPLOADERS).unwrap(),
        };
        let chosen = json!({ "plan": plan }).to_string();
        let paid = payer.insist("POST", "/api/v1/billing/checkout-sessions", chosen.as_bytes(), "checkout");
        assert!(paid.is_some());
        payer.tell(0);
        payer
    }

    /// Until it is answered: the body, or nothing where the limit is reached.
    fn insist(&self, method: &str, path: &str, body: &[u8], retry: &str) -> Option<Value> {
        let bearer = format!("Bearer {}", self.key);
        let kind = if path.contains("/files") { "application/octet-stream" } else { "application/json" };
        let headers =
            [("authorization", bearer.as_str()), ("content-type", kind), ("idempotency-key", retry)];
        let begun = Instant::now();
        loop {
            match call(&self.address, method, path, &headers, body) {
                Ok(reply) if (200..300).contains(&reply.status) => return Some(reply.json()),
                Ok(reply) if reply.status == 429 => return None,
                Ok(reply) => assert!(
                    matches!(reply.status, 409 | 500 | 503),
                    "{path}: {} {}",
                    reply.status,
                    reply.json()
                ),
                Err(_) => {}
            }
            assert!(begun.elapsed() < Duration::from_secs(90), "{path} is not answered any more");
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// One delivery, repeated until it is received, as providers do.
    fn tell(&self, n: usize) {
        let status = if n.is_multiple_of(2) { "active" } else { "past_due" };
        let raw = event(n, status, self.plan);
        let begun = Instant::now();
        loop {
            let signature = sign(raw.as_bytes(), SECRET, now());
            let headers = [("content-type", "application/json"), ("stripe-signature", signature.as_str())];
            match call(&self.address, "POST", "/api/v1/webhooks/stripe", &headers, raw.as_bytes()) {
                Ok(reply) if reply.status == 200 => return,
                Ok(reply) => assert!(matches!(reply.status, 500 | 503), "{} {}", reply.status, reply.json()),
                Err(_) => {}
            }
            assert!(begun.elapsed() < Duration::from_secs(90), "an event is not received any more");
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// A fifth more uploads than there are, side by side. Gives back what was acknowledged.
    fn upload(&self, uploader: usize, stop: &AtomicBool) -> BTreeSet<String> {
        let mut acknowledged = BTreeSet::new();
        for n in 0..self.limit * 6 / 5 / UPLOADERS {
            let path = format!("/api/v1/files?name=u{uploader}-{n}.csv");
            let body = format!("a,b\n{uploader},{n}\n");
            if let Some(file) = self.insist("POST", &path, body.as_bytes(), &format!("u{uploader}-{n}")) {
                acknowledged.insert(file["id"].as_str().unwrap().to_owned());
            }
            if !stop.load(Ordering::Acquire) {
                thread::sleep(self.pace);
            }
        }
        acknowledged
    }

    /// Every event three times, the newest not last.
    fn deliver(&self, stop: &AtomicBool) {
        let mut order: Vec<usize> = (1..=self.events).flat_map(|n| [n; 3]).collect();
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        for at in (1..order.len()).rev() {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            order.swap(at, usize::try_from(seed % (at as u64 + 1)).unwrap());
        }
        for n in order {
            self.tell(n);
            if !stop.load(Ordering::Acquire) {
                thread::sleep(self.pace / 9);
            }
        }
    }

    /// All of it, side by side, until it is done. After `stop` it hurries.
    pub(crate) fn run(&self, stop: &AtomicBool) -> BTreeSet<String> {
        thread::scope(|scope| {
            let uploaders: Vec<_> =
                (0..UPLOADERS).map(|uploader| scope.spawn(move || self.upload(uploader, stop))).collect();
            scope.spawn(|| self.deliver(stop));
            uploaders.into_iter().flat_map(|one| one.join().unwrap()).collect()
        })
    }

    /// Exactly the limit passed, what was acknowledged is there, and each event took effect once.
    pub(crate) fn check(&self, acknowledged: &BTreeSet<String>) {
        let list = |path: &str| crate::crashes::all(&self.address, &self.key, path);
        let stored: BTreeSet<String> = list("/files")
            .iter()
            .filter(|file| file["state"] == "stored")
            .map(|file| file["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(acknowledged, &stored, "acknowledged and stored");
        assert_eq!(stored.len(), self.limit, "as many as the plan has");
        let bearer = format!("Bearer {}", self.key);
        let get = |path: &str| {
            let reply = call(&self.address, "GET", path, &[("authorization", &bearer)], &[]).unwrap();
            assert_eq!(reply.status, 200, "{}", reply.json());
            reply.json()
        };
        let usage = get("/api/v1/usage");
        let uploads =
            usage["allowances"].as_array().and_then(|all| all.iter().find(|one| one["meter"] == "uploads"));
        let used = uploads.map(|uploads| uploads["used"].clone());
        assert_eq!(used, Some(json!(self.limit)), "{usage}");
        let billing = get("/api/v1/billing");
        let last = if self.events.is_multiple_of(2) { "active" } else { "past_due" };
        assert_eq!(
            (&billing["subscription"]["status"], &billing["plan"]),
            (&json!(last), &json!(self.plan)),
            "{billing}"
        );
        let told = list("/audit?action=billing.event").len();
        assert_eq!(told, self.events + 1, "each event once");
        eprintln!(
            "of {} limited uploads exactly {} passed and are counted; {} events, each delivered three times and more: each took \
             effect once",
            self.limit * 6 / 5 / UPLOADERS * UPLOADERS,
            stored.len(),
            self.events + 1
        );
    }
}
