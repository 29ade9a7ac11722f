//! Every way that we know of to make a token look right, combined with every shape of a right one.

mod claims;
mod signatures;

use std::{sync::Arc, time::Instant};

use clients::key_set::{Address, keys_of_document};
use domain::{Clock, Role};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use server::who::{Expectations, Issuer, Issuers, jws::Algorithm};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use claims::{right_claims, shapes, wrong_claims, wrong_headers};
use signatures::raw_mutations;

use crate::signer::{Signer, b64, hmac_token};

const ISSUER: &str = "https://clerk.plant.example";
const NOW: i64 = 1_800_000_000;

#[derive(Debug)]
struct Frozen;

impl Clock for Frozen {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }
}

fn with(base: &Value, change: &Value) -> Value {
    let mut map: Map<String, Value> = base.as_object().unwrap().clone();
    for (name, value) in change.as_object().unwrap() {
        if value.is_null() && !name.starts_with("org_") {
            map.remove(name);
        } else {
            map.insert(name.clone(), value.clone());
        }
    }
    Value::Object(map)
}

struct Bench {
    rsa: Signer,
    p256: Signer,
    stranger: Signer,
    issuers: Issuers,
    canary: MockServer,
    key_server: MockServer,
    judged: usize,
    slowest_us: u128,
    misjudged: Vec<String>,
}

impl Bench {
    async fn new() -> Self {
        let (rsa, p256, stranger) = (Signer::rsa(), Signer::p256(), Signer::rsa());
        let (canary, key_server) = (MockServer::start().await, MockServer::start().await);
        let weak = json!({"kty": "RSA", "kid": "weak", "n": b64([0x81; 128]), "e": "AQAB"});
        let shared = json!({"kty": "oct", "kid": "shared", "alg": "HS256", "k": b64("secret")});
        let mut for_encryption = stranger.jwk("encrypts");
        for_encryption["use"] = json!("enc");
        let document = json!({"keys": [rsa.jwk("k-rsa"), p256.jwk("k-p256"), weak, shared, for_encryption,
            stranger.jwk("twice"), rsa.jwk("twice"), 7, {"kty": "RSA"}]});
        Mock::given(matchers::path("/keys"))
            .respond_with(ResponseTemplate::new(200).set_body_json(document))
            .mount(&key_server)
            .await;
        let mut expected = Expectations::of(ISSUER);
        expected.algorithms = vec![Algorithm::Rs256, Algorithm::Es256];
        expected.audiences = vec!["plantintel".to_owned()];
        expected.authorised_parties =
            vec!["https://app.plant.example".to_owned(), "https://admin.plant.example".to_owned()];
        let source = Address::new(&format!("{}/keys", key_server.uri())).unwrap();
        let issuers = Issuers(vec![Issuer::new(expected, Arc::new(source))]);
        Self {
            rsa,
            p256,
            stranger,
            issuers,
            canary,
            key_server,
            judged: 0,
            slowest_us: 0,
            misjudged: Vec::new(),
        }
    }

    fn claims(shape: &Value) -> Value {
        let base = json!({"iss": ISSUER, "sub": "user_1", "iat": NOW - 5, "exp": NOW + 55, "nbf": NOW - 15,
            "azp": "https://app.plant.example", "aud": "plantintel"});
        with(&base, shape)
    }

    fn header(signer: &Signer) -> Value {
        let kid = if matches!(signer, Signer::Rsa(_)) { "k-rsa" } else { "k-p256" };
        json!({"alg": signer.algorithm(), "typ": "JWT", "kid": kid, "cat": "cl_B7d4PD111AAA"})
    }

    async fn judge(
        &mut self,
        name: &str,
        token: &str,
        right: Option<(&'static str, Option<Role>)>,
        accept: bool,
    ) {
        let begun = Instant::now();
        let found = self.issuers.verify(token, &Frozen).await;
        self.slowest_us = self.slowest_us.max(begun.elapsed().as_micros());
        self.judged += 1;
        let fine = match (&found, accept) {
            (Ok(principal), true) => {
                let organisation = principal.organisation.as_ref().map(|org| (org.id.as_str(), org.role));
                principal.issuer == ISSUER && principal.subject == "user_1" && organisation == right
            }
            (Err(_), false) => true,
            _ => false,
        };
        if !fine {
            self.misjudged.push(format!("{name}: {found:?}"));
        }
    }
}

#[tokio::test]
async fn no_token_is_misjudged() {
    let mut bench = Bench::new().await;
    let canary = bench.canary.uri();
    let fill = |value: &Value| -> Value {
        serde_json::from_str(&value.to_string().replace("CANARY", &canary)).unwrap()
    };

    for signs_with_rsa in [true, false] {
        let other = |bench: &Bench| bench.stranger.public_bytes();
        for (shape_name, shape, right) in shapes() {
            let claims = Bench::claims(&shape);
            for (name, change) in right_claims() {
                let signer = if signs_with_rsa { &bench.rsa } else { &bench.p256 };
                let token = signer.token(&Bench::header(signer), &with(&claims, &change));
                bench.judge(&format!("{shape_name}/{name}"), &token, right, true).await;
            }
            for (name, change) in wrong_claims() {
                let signer = if signs_with_rsa { &bench.rsa } else { &bench.p256 };
                let token = signer.token(&Bench::header(signer), &with(&claims, &change));
                bench.judge(&format!("{shape_name}/{name}"), &token, right, false).await;
            }
        }
        let claims = Bench::claims(&json!({"org_id": "org_1", "org_role": "org:admin"}));
        for (name, change) in wrong_headers() {
            let signer = if signs_with_rsa { &bench.rsa } else { &bench.p256 };
            let header = with(&Bench::header(signer), &fill(&change));
            let token = signer.token(&header, &claims);
            bench.judge(&format!("header/{name}/{change}"), &token, None, false).await;
            // The same with the attacker's own signature, and with none.
            let forged = bench.stranger.token(&header, &claims);
            bench.judge(&format!("forged/{name}/{change}"), &forged, None, false).await;
            let unsigned = format!("{}.{}.", b64(header.to_string()), b64(claims.to_string()));
            bench.judge(&format!("unsigned/{name}/{change}"), &unsigned, None, false).await;
        }
        let signer = if signs_with_rsa { &bench.rsa } else { &bench.p256 };
        let header = Bench::header(signer);
        let good = signer.token(&header, &claims);
        let mut tokens = raw_mutations(&good, signer, &header, &claims);
        // The public key taken for a shared secret, in the forms that an attacker can get it in.
        let secrets = [
            signer.public_bytes(),
            b64(signer.public_bytes()).into_bytes(),
            signer.jwk("k-rsa")["n"].as_str().unwrap_or_default().as_bytes().to_vec(),
            b"secret".to_vec(),
            Vec::new(),
            other(&bench),
        ];
        for secret in secrets {
            for kid in ["k-rsa", "k-p256", "shared"] {
                for algorithm in ["HS256", "RS256", "ES256"] {
                    let header = json!({"alg": algorithm, "kid": kid, "typ": "JWT"});
                    tokens.push((
                        format!("shared secret {algorithm} {kid}"),
                        hmac_token(&header, &claims, &secret),
                    ));
                }
            }
        }
        for kid in ["weak", "encrypts", "twice", "shared"] {
            let header = with(&header, &json!({"kid": kid}));
            tokens.push((format!("unusable key {kid}"), signer.token(&header, &claims)));
            tokens.push((
                format!("unusable key {kid} of the stranger"),
                bench.stranger.token(&header, &claims),
            ));
        }
        for (name, token) in tokens {
            bench.judge(&name, &token, None, false).await;
        }
    }

    println!("{} tokens judged, slowest {} us", bench.judged, bench.slowest_us);
    assert!(bench.judged > 850, "{}", bench.judged);
    assert!(
        bench.misjudged.is_empty(),
        "{} misjudged:\n{}",
        bench.misjudged.len(),
        bench.misjudged.join("\n")
    );
    assert_eq!(bench.canary.received_requests().await.unwrap().len(), 0, "somebody called the canary");
    // Dozens of unknown key identities within ten seconds: asked once for the set, and at most once more.
    let asked = bench.key_server.received_requests().await.unwrap().len();
    assert!(asked <= 5, "{asked} requests for keys");
    assert!(bench.slowest_us < 1_000_000, "slowest {} us", bench.slowest_us);
}

#[tokio::test]
async fn a_token_of_one_issuer_does_not_hold_at_another() {
    let (ours, theirs) = (Signer::rsa(), Signer::rsa());
    let issuer = |name: &str, signer: &Signer| {
        let keys = keys_of_document(json!({"keys": [signer.jwk("same")]}).to_string().as_bytes()).unwrap();
        Issuer::new(Expectations::of(name), Arc::new(clients::key_set::Fixed(keys)))
    };
    let issuers = Issuers(vec![issuer("https://a.example", &ours), issuer("https://b.example", &theirs)]);
    for (name, signer, accept) in [
        ("https://a.example", &ours, true),
        ("https://b.example", &theirs, true),
        ("https://a.example", &theirs, false),
        ("https://b.example", &ours, false),
        ("https://c.example", &ours, false),
    ] {
        let claims = json!({"iss": name, "sub": "user_1", "iat": NOW, "exp": NOW + 60});
        let token = signer.token(&json!({"alg": "RS256", "kid": "same"}), &claims);
        assert_eq!(issuers.verify(&token, &Frozen).await.is_ok(), accept, "{name}");
        // ES256 was not configured, so that no key may be used for it.
        let token = Signer::p256().token(&json!({"alg": "ES256", "kid": "same"}), &claims);
        assert!(issuers.verify(&token, &Frozen).await.is_err());
    }
    assert!(Issuers::default().verify("a.b.c", &Frozen).await.is_err());
}
