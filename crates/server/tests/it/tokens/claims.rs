//! What a token says of itself: rightly, and in all the wrong ways.

use domain::Role;
use serde_json::{Value, json};

use super::{ISSUER, NOW};

/// The shapes of a right token, with what it must be read as.
pub(super) fn shapes() -> Vec<(&'static str, Value, Option<(&'static str, Option<Role>)>)> {
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
pub(super) fn wrong_claims() -> Vec<(&'static str, Value)> {
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
pub(super) fn right_claims() -> Vec<(&'static str, Value)> {
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
pub(super) fn wrong_headers() -> Vec<(&'static str, Value)> {
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
