//! Every way that we know of to make a token look right, combined with every shape of a right one.

use std::{sync::Arc, time::Instant};

use aws_lc_rs::signature::KeyPair;
use clients::key_set::{Address, keys_of_document};
use domain::{Clock, Role};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use server::who::{Expectations, Issuer, Issuers, jws::Algorithm};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

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

/// The shapes of a right token, with what it must be read as.
fn shapes() -> Vec<(&'static str, Value, Option<(&'static str, Option<Role>)>)> {
    vec![
        ("personal", json!({}), None),
        ("personal v2", json!({"v": 2}), None),
        ("null organisation", json!({"org_id": null, "org_role": null}), None),
        (
            "v1",
            json!({"org_id": "org_1", "org_role": "org:admin", "org_slug": "a"}),
            Some(("org_1", Some(Role::Admin))),
        ),
        (
            "v1 member",
            json!({"org_id": "org_1", "org_role": "org:member"}),
            Some(("org_1", Some(Role::Analyst))),
        ),
        ("v1 unknown role", json!({"org_id": "org_1", "org_role": "org:emperor"}), Some(("org_1", None))),
        ("v1 without role", json!({"org_id": "org_1"}), Some(("org_1", None))),
        (
            "v2",
            json!({"v": 2, "o": {"id": "org_1", "rol": "admin", "slg": "a"}}),
            Some(("org_1", Some(Role::Admin))),
        ),
        (
            "v2 viewer",
            json!({"v": 2, "o": {"id": "org_1", "rol": "viewer"}}),
            Some(("org_1", Some(Role::Viewer))),
        ),
        ("v2 unknown role", json!({"v": 2, "o": {"id": "org_1", "rol": "ADMIN"}}), Some(("org_1", None))),
        ("role from metadata", json!({"role": "owner", "metadata": {"role": "owner"}}), None),
    ]
}

/// Changes of claims after which a token must be refused. Null removes the claim.
fn wrong_claims() -> Vec<(&'static str, Value)> {
    vec![
        ("expired", json!({"iat": NOW - 60, "exp": NOW - 11})),
        ("expired long ago", json!({"iat": 1_000_000_000, "exp": 1_000_000_060})),
        ("expires when issued", json!({"iat": NOW, "exp": NOW})),
        ("expires before issued", json!({"iat": NOW + 5, "exp": NOW + 4})),
        ("not yet", json!({"nbf": NOW + 11})),
        ("issued in the future", json!({"iat": NOW + 11})),
        ("lives too long", json!({"exp": NOW + 100_000})),
        ("lives for ever", json!({"exp": 253_402_300_799_i64})),
        ("beyond the calendar", json!({"exp": 1e18})),
        ("no exp", json!({"exp": null})),
        ("no iat", json!({"iat": null})),
        ("no sub", json!({"sub": null})),
        ("no iss", json!({"iss": null})),
        ("no azp", json!({"azp": null})),
        ("no aud", json!({"aud": null})),
        ("exp as text", json!({"exp": (NOW + 60).to_string()})),
        ("exp as list", json!({"exp": [NOW + 60]})),
        ("exp as object", json!({"exp": {"$gt": 0}})),
        ("exp true", json!({"exp": true})),
        ("exp negative", json!({"exp": -1})),
        ("iat as text", json!({"iat": NOW.to_string()})),
        ("iat negative", json!({"iat": -5})),
        ("nbf as text", json!({"nbf": "0"})),
        ("nbf false", json!({"nbf": false})),
        ("sub empty", json!({"sub": ""})),
        ("sub number", json!({"sub": 1})),
        ("sub list", json!({"sub": ["user_1"]})),
        ("sub with NUL", json!({"sub": "user_1\u{0}"})),
        ("sub with line", json!({"sub": "user_1\nadmin"})),
        ("sub with space", json!({"sub": "user 1"})),
        ("sub huge", json!({"sub": "u".repeat(256)})),
        ("iss other", json!({"iss": "https://evil.example"})),
        ("iss with slash", json!({"iss": format!("{ISSUER}/")})),
        ("iss upper case", json!({"iss": ISSUER.to_uppercase()})),
        ("iss longer", json!({"iss": format!("{ISSUER}.evil.example")})),
        ("iss shorter", json!({"iss": "https://clerk.plant"})),
        ("iss list", json!({"iss": [ISSUER]})),
        ("iss with NUL", json!({"iss": format!("{ISSUER}\u{0}")})),
        ("azp other", json!({"azp": "https://evil.example"})),
        ("azp prefix", json!({"azp": "https://app.plant.example.evil"})),
        ("azp list", json!({"azp": ["https://app.plant.example"]})),
        ("azp empty", json!({"azp": ""})),
        ("aud other", json!({"aud": "other"})),
        ("aud others", json!({"aud": ["a", "b"]})),
        ("aud empty", json!({"aud": []})),
        ("aud number", json!({"aud": 7})),
        ("aud mixed", json!({"aud": ["plantintel", 7]})),
        ("aud object", json!({"aud": {"0": "plantintel"}})),
        (
            "both shapes",
            json!({"v": 2, "o": {"id": "org_2", "rol": "admin"}, "org_id": "org_1", "org_role": "org:member"}),
        ),
        ("nested without version", json!({"v": null, "o": {"id": "org_2", "rol": "admin"}})),
        ("nested in version 1", json!({"v": 1, "o": {"id": "org_2", "rol": "admin"}})),
        ("flat in version 2", json!({"v": 2, "o": null, "org_id": "org_1", "org_role": "org:admin"})),
        ("version 3", json!({"v": 3})),
        ("version as text", json!({"v": "2"})),
        ("version negative", json!({"v": -2})),
        ("version fraction", json!({"v": 2.5})),
        ("nested as list", json!({"v": 2, "o": [{"id": "org_2"}]})),
        ("nested without id", json!({"v": 2, "o": {"rol": "admin"}})),
        ("nested role as list", json!({"v": 2, "o": {"id": "org_2", "rol": ["admin"]}})),
        ("nested id as number", json!({"v": 2, "o": {"id": 2, "rol": "admin"}})),
        ("role without organisation", json!({"v": null, "o": null, "org_id": null, "org_role": "org:admin"})),
        ("organisation empty", json!({"v": null, "o": null, "org_id": "", "org_role": "org:admin"})),
        ("organisation as number", json!({"v": null, "o": null, "org_id": 1, "org_role": "org:admin"})),
        ("role as list", json!({"v": null, "o": null, "org_id": "org_1", "org_role": ["org:admin"]})),
        ("session pending", json!({"sts": "pending"})),
        ("session unknown", json!({"sts": 1})),
    ]
}

/// Changes of claims that a right token may have.
fn right_claims() -> Vec<(&'static str, Value)> {
    vec![
        ("as is", json!({})),
        ("within the leeway after", json!({"iat": NOW - 60, "exp": NOW - 9})),
        ("within the leeway before", json!({"iat": NOW + 9, "nbf": NOW + 9})),
        ("fractions of seconds", json!({"iat": NOW as f64 - 0.5, "exp": NOW as f64 + 59.5})),
        ("several audiences", json!({"aud": ["other", "plantintel"]})),
        ("session active", json!({"sts": "active"})),
        ("the other party", json!({"azp": "https://admin.plant.example"})),
        ("unknown claims", json!({"sid": "sess_1", "fva": [1, -1], "pla": "u:free", "jti": "x"})),
    ]
}

/// Changes of the header after which a token must be refused although its signature is right. Null removes the entry.
fn wrong_headers() -> Vec<(&'static str, Value)> {
    let canary = "CANARY/keys";
    let mut cases = vec![
        ("no algorithm", json!({"alg": null})),
        ("algorithm as list", json!({"alg": ["RS256"]})),
        ("algorithm as number", json!({"alg": 256})),
        ("no key identity", json!({"kid": null})),
        ("key identity empty", json!({"kid": ""})),
        ("key identity as number", json!({"kid": 1})),
        ("key identity as list", json!({"kid": ["k-rsa"]})),
        ("key identity with NUL", json!({"kid": "k-rsa\u{0}"})),
        ("key identity huge", json!({"kid": "k".repeat(300)})),
        ("key from address", json!({"jku": canary})),
        ("certificate from address", json!({"x5u": canary})),
        ("key inside", json!({"jwk": {"kty": "oct", "k": "AA"}})),
        ("certificate inside", json!({"x5c": ["MIIB"]})),
        ("critical", json!({"crit": ["exp"]})),
        ("critical unknown", json!({"crit": ["http://x.example"], "http://x.example": true})),
        ("critical empty", json!({"crit": []})),
        ("not encoded", json!({"b64": false, "crit": ["b64"]})),
        ("compressed", json!({"zip": "DEF"})),
        ("encrypted", json!({"enc": "A256GCM"})),
        ("nested token", json!({"cty": "JWT"})),
        ("type other", json!({"typ": "logout+jwt"})),
        ("type number", json!({"typ": 1})),
    ];
    for kid in [
        "../../../../dev/null",
        "/etc/passwd",
        "' OR '1'='1",
        "k' UNION SELECT 'AA==",
        "CANARY/kid",
        "${jndi:ldap://CANARY}",
        "$(touch x)",
        "K-RSA",
        "k-rsa ",
        "__proto__",
        "0",
    ] {
        cases.push(("strange key identity", json!({"kid": kid})));
    }
    for algorithm in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "rs256",
        "Rs256",
        "RS256 ",
        "RS384",
        "RS512",
        "PS256",
        "HS256",
        "HS384",
        "HS512",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "RSA-OAEP",
        "dir",
        "RS256\u{0}",
        "null",
    ] {
        cases.push(("other algorithm", json!({"alg": algorithm})));
    }
    cases
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

/// The order of P-256.
const N: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// A whole number in the DER form, with as many zeros before it as asked for.
fn der_number(bytes: &[u8], zeros: usize) -> Vec<u8> {
    let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let sign = usize::from(digits.first().is_none_or(|byte| *byte >= 0x80));
    let body = [vec![0; zeros + sign], digits].concat();
    [vec![2, body.len() as u8], body].concat()
}

/// The menu of the Wycheproof vectors for the two algorithms, made for our own key: values at and beyond the borders, other forms of
/// the same numbers, other paddings and hashes. (`s` and `n - s` both sign the same; that is no forgery.)
fn edge_signatures(signer: &Signer, message: &[u8]) -> Vec<(String, Vec<u8>)> {
    let good = signer.signature(message);
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    if let Signer::Rsa(pair) = signer {
        let n = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
        let mut below = n.clone();
        *below.last_mut().unwrap() -= 1;
        let one = [vec![0; n.len() - 1], vec![1]].concat();
        // The signature and the modulus added, which is the same number modulo it.
        let mut sum = vec![0_u8; n.len() + 1];
        let mut carry = 0_u16;
        for at in (0..n.len()).rev() {
            let digit = u16::from(good[at]) + u16::from(n[at]) + carry;
            sum[at + 1] = digit as u8;
            carry = digit >> 8;
        }
        sum[0] = carry as u8;
        cases.extend([
            ("zero".to_owned(), vec![0; n.len()]),
            ("one".to_owned(), one),
            ("n - 1".to_owned(), below),
            ("n".to_owned(), n.clone()),
            ("s + n".to_owned(), sum.clone()),
            ("s + n, cut".to_owned(), sum[1..].to_vec()),
            ("leading zero".to_owned(), [&[0][..], &good].concat()),
            ("trailing zero".to_owned(), [&good[..], &[0]].concat()),
            ("first byte gone".to_owned(), good[1..].to_vec()),
            ("last byte gone".to_owned(), good[..good.len() - 1].to_vec()),
            ("reversed".to_owned(), good.iter().rev().copied().collect()),
        ]);
        cases
            .extend(signer.other_paddings(message).into_iter().map(|(name, bytes)| (name.to_owned(), bytes)));
    } else {
        let (r, s) = good.split_at(32);
        let mut above = N;
        above[31] += 1;
        let mut below = N;
        below[31] -= 1;
        let mut one = [0; 32];
        one[31] = 1;
        let borders = [
            ("0", [0; 32]),
            ("1", one),
            ("n - 1", below),
            ("n", N),
            ("n + 1", above),
            ("2^256 - 1", [0xff; 32]),
        ];
        for (name, border) in &borders {
            cases.push((format!("r = {name}"), [&border[..], s].concat()));
            cases.push((format!("s = {name}"), [r, border].concat()));
            for (other_name, other) in &borders {
                cases.push((format!("r = {name}, s = {other_name}"), [&border[..], other].concat()));
            }
        }
        for (name, zeros) in [("DER", 0), ("DER with zeros before", 2)] {
            let numbers = [der_number(r, zeros), der_number(s, zeros)].concat();
            let der = [vec![0x30, numbers.len() as u8], numbers.clone()].concat();
            let long = [vec![0x30, 0x81, numbers.len() as u8], numbers].concat();
            cases.push((name.to_owned(), der.clone()));
            cases.push((format!("{name}, long length"), long));
            cases.push((format!("{name}, with something after"), [der, vec![0]].concat()));
        }
        cases.extend([
            ("s before r".to_owned(), [s, r].concat()),
            ("r twice".to_owned(), [r, r].concat()),
            ("leading zero".to_owned(), [&[0][..], &good].concat()),
            ("zero before each".to_owned(), [&[0][..], r, &[0], s].concat()),
            ("trailing zero".to_owned(), [&good[..], &[0]].concat()),
            ("first byte gone".to_owned(), good[1..].to_vec()),
            ("last byte gone".to_owned(), good[..63].to_vec()),
            ("r alone".to_owned(), r.to_vec()),
            ("as for P-384".to_owned(), [&[0; 16][..], r, &[0; 16], s].concat()),
            ("as for P-521".to_owned(), [&[0; 34][..], r, &[0; 34], s].concat()),
        ]);
    }
    cases
}

/// Changes of the text of a right token.
fn raw_mutations(good: &str, signer: &Signer, header: &Value, claims: &Value) -> Vec<(String, String)> {
    let parts: Vec<&str> = good.split('.').collect();
    let (h, p, s) = (parts[0], parts[1], parts[2]);
    let mut cases: Vec<(String, String)> = [
        ("empty", String::new()),
        ("dots", "..".to_owned()),
        ("one part", h.to_owned()),
        ("two parts", format!("{h}.{p}")),
        ("no signature", format!("{h}.{p}.")),
        ("four parts", format!("{good}.{s}")),
        ("five parts", format!("{h}.{p}.{s}.{s}.{s}")),
        ("space before", format!(" {good}")),
        ("space after", format!("{good} ")),
        ("line after", format!("{good}\n")),
        ("NUL after", format!("{good}\u{0}")),
        ("NUL inside", format!("{h}.{p}\u{0}.{s}")),
        ("padding", format!("{h}=.{p}=.{s}=")),
        ("padding of signature", format!("{h}.{p}.{s}==")),
        ("line inside", format!("{h}.{p}.{}\n{}", &s[..10], &s[10..])),
        ("space inside", format!("{h}.{} {}.{s}", &p[..10], &p[10..])),
        ("standard alphabet", format!("{h}.{p}.{}", format!("{s}+/").replace('-', "+").replace('_', "/"))),
        ("swapped", format!("{p}.{h}.{s}")),
        ("signature of header", format!("{h}.{p}.{}", b64(signer.signature(h.as_bytes())))),
        ("signature of payload", format!("{h}.{p}.{}", b64(signer.signature(p.as_bytes())))),
        (
            "signature with another hash",
            format!("{h}.{p}.{}", b64(signer.other_signature(format!("{h}.{p}").as_bytes()))),
        ),
        ("signature twice", format!("{h}.{p}.{s}{s}")),
        ("signature halved", format!("{h}.{p}.{}", &s[..s.len() / 2])),
        ("signature of zeros", format!("{h}.{p}.{}", b64([0_u8; 256]))),
        ("short signature of zeros", format!("{h}.{p}.{}", b64([0_u8; 64]))),
        ("signature of ones", format!("{h}.{p}.{}", b64([0xff_u8; 256]))),
        ("huge signature", format!("{h}.{p}.{}", "A".repeat(1_000_000))),
        ("huge payload", format!("{h}.{}.{s}", "A".repeat(1_000_000))),
        ("huge header", format!("{}.{p}.{s}", "A".repeat(1_000_000))),
        ("JSON serialization", json!({"protected": h, "payload": p, "signature": s}).to_string()),
        ("unicode dots", good.replace('.', "\u{ff0e}")),
    ]
    .into_iter()
    .map(|(name, token)| (name.to_owned(), token))
    .collect();

    for (name, signature) in edge_signatures(signer, format!("{h}.{p}").as_bytes()) {
        cases.push((format!("edge signature: {name}"), format!("{h}.{p}.{}", b64(signature))));
    }

    // Another payload under the old signature, and one that is signed but can be read in two ways.
    let richer = with(claims, &json!({"org_role": "org:owner"}));
    cases.push(("payload changed".to_owned(), format!("{h}.{}.{s}", b64(richer.to_string()))));
    let text = claims.to_string();
    let header_text = header.to_string();
    let doubled =
        |name: &str, value: &str| format!("{},\"{name}\":{value}}}", text.strip_suffix('}').unwrap());
    for (name, value) in [
        ("sub", "\"user_2\""),
        ("exp", "9999999999"),
        ("iss", "\"x\""),
        ("org_role", "\"org:owner\""),
        ("s\\u0075b", "\"user_2\""),
    ] {
        cases.push((format!("{name} twice"), signer.token_of(&header_text, &doubled(name, value))));
    }
    let two_algorithms = format!("{},\"alg\":\"none\"}}", header_text.strip_suffix('}').unwrap());
    cases.push(("alg twice".to_owned(), signer.token_of(&two_algorithms, &text)));
    for claims in ["", "null", "[]", "7", "\"x\"", "{", "{}", "{}{}", "{\"a\":1e999}", "\u{feff}{}"] {
        cases.push((format!("claims {claims}"), signer.token_of(&header_text, claims)));
    }
    cases.push((
        "claims after a byte-order mark".to_owned(),
        signer.token_of(&header_text, &format!("\u{feff}{text}")),
    ));
    cases
        .push(("claims with something after".to_owned(), signer.token_of(&header_text, &format!("{text}x"))));
    cases.push((
        "claims deep".to_owned(),
        signer.token_of(&header_text, &format!("{}1{}", "{\"a\":".repeat(3000), "}".repeat(3000))),
    ));
    for header in ["", "null", "[]", "{", "\"RS256\"", "{}"] {
        cases.push((format!("header {header}"), signer.token_of(header, &text)));
    }

    // Every position of the token once with another letter; the last letters of a part also test canonical base64.
    for position in (0..good.len()).step_by(7).chain([h.len() - 1, h.len() + p.len(), good.len() - 1]) {
        let mut bytes = good.as_bytes().to_vec();
        bytes[position] = match bytes[position] {
            b'A' => b'B',
            _ => b'A',
        };
        cases.push((format!("letter {position} changed"), String::from_utf8(bytes).unwrap()));
    }
    // The last letter of an RSA signature carries unused bits; another letter with the same bytes is another token.
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        if !s.ends_with(letter) {
            cases.push((format!("last letter {letter}"), format!("{}{letter}", &good[..good.len() - 1])));
        }
    }
    cases
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
