use super::{
    Stripe,
    event::{Refusal, sign, verify},
};

const SECRET: &str = "whsec_of_tests";
const NOW: i64 = 1_790_000_000;

fn body() -> Vec<u8> {
    br#"{"id":"evt_1","object":"event","type":"customer.subscription.updated","created":1789999990,"livemode":false,
        "data":{"object":{"id":"sub_1","object":"subscription","customer":"cus_1","status":"active","cancel_at_period_end":true,
        "items":{"data":[{"id":"si_1","current_period_start":1,"current_period_end":2,"price":{"id":"price_1","lookup_key":"starter"}}]}}}}"#
        .to_vec()
}

#[test]
fn only_a_genuine_and_fresh_event_is_read() {
    let raw = body();
    let good = sign(&raw, SECRET, NOW);
    let (stamp, signature) = good.split_once(',').unwrap();
    let old = sign(&raw, SECRET, NOW - 301);
    let forged = sign(&raw, "another", NOW);
    let other = forged.split_once(',').unwrap().1;
    let secrets = [SECRET.to_owned()];
    let cases: Vec<(Option<String>, Result<(), Refusal>)> = vec![
        (Some(good.clone()), Ok(())),
        (Some(format!("{stamp}, {signature}")), Ok(())),
        // Any of several, whatever stands beside it.
        (Some(format!("{stamp},{other},{signature},v0=abc")), Ok(())),
        (Some(sign(&raw, SECRET, NOW - 300)), Ok(())),
        (Some(sign(&raw, SECRET, NOW + 300)), Ok(())),
        (Some(old), Err(Refusal::Stale)),
        (Some(sign(&raw, SECRET, NOW + 301)), Err(Refusal::Stale)),
        (Some(sign(&raw, SECRET, i64::MIN)), Err(Refusal::Stale)),
        (Some(forged.clone()), Err(Refusal::Forged)),
        // The time is signed too.
        (Some(format!("t={},{signature}", NOW + 1)), Err(Refusal::Forged)),
        (Some(format!("t={NOW},t={NOW},{signature}")), Err(Refusal::Unsigned)),
        (Some(signature.to_owned()), Err(Refusal::Unsigned)),
        (Some(stamp.to_owned()), Err(Refusal::Unsigned)),
        (Some(format!("{stamp},v0={}", &signature[3..])), Err(Refusal::Unsigned)),
        (Some(format!("{stamp},v1={}", &signature[3..40])), Err(Refusal::Unsigned)),
        (Some(format!("{stamp},v1={}", "é".repeat(32))), Err(Refusal::Unsigned)),
        (Some(String::new()), Err(Refusal::Unsigned)),
        (None, Err(Refusal::Unsigned)),
    ];
    for (header, expected) in cases {
        let found = verify(&raw, header.as_deref(), &secrets, NOW).map(|_| ());
        assert_eq!(found, expected, "{header:?}");
    }
    for at in 0..raw.len() {
        let mut changed = raw.clone();
        changed[at] ^= 1;
        assert_eq!(verify(&changed, Some(&good), &secrets, NOW), Err(Refusal::Forged), "{at}");
    }
    // A secret that is rolled: the old and the new hold.
    let both = ["new".to_owned(), SECRET.to_owned()];
    assert!(verify(&raw, Some(&good), &both, NOW).is_ok());
    assert_eq!(verify(&raw, Some(&good), &[], NOW), Err(Refusal::Forged));
    for unreadable in [&b"no json"[..], b"{}", br#"{"id":"evt_1"}"#, b"\xff"] {
        let header = sign(unreadable, SECRET, NOW);
        assert_eq!(verify(unreadable, Some(&header), &secrets, NOW), Err(Refusal::Unreadable));
    }
}

#[test]
fn an_event_says_what_it_is_about() {
    let raw = body();
    let event = verify(&raw, Some(&sign(&raw, SECRET, NOW)), &[SECRET.to_owned()], NOW).unwrap();
    let held = event.subscription.unwrap();
    assert_eq!((event.id.as_str(), event.created, event.live), ("evt_1", 1_789_999_990, false));
    assert_eq!(event.customer.as_deref(), Some("cus_1"));
    assert_eq!((held.price.as_str(), held.lookup_key.as_str()), ("price_1", "starter"));
    // Where the period moved to, and where it stood before.
    assert_eq!((held.period_start, held.period_end), (Some(1), Some(2)));
    assert!(held.cancels_at_period_end);
    let older = String::from_utf8(raw)
        .unwrap()
        .replace("\"status\"", "\"current_period_end\":9,\"customer\":{\"id\":\"cus_2\"},\"status\"");
    let older = older.into_bytes();
    let event = verify(&older, Some(&sign(&older, SECRET, NOW)), &[SECRET.to_owned()], NOW).unwrap();
    assert_eq!(event.subscription.unwrap().period_end, Some(9));
    assert_eq!(event.customer.as_deref(), Some("cus_2"));
}

#[test]
fn only_tls_or_this_machine_is_asked() {
    for (address, taken) in [
        ("https://api.stripe.com", true),
        ("http://127.0.0.1:4242", true),
        ("http://localhost:4242", true),
        ("http://api.stripe.com", false),
        ("ftp://127.0.0.1", false),
        ("nothing", false),
    ] {
        assert_eq!(Stripe::new(Some(address), "sk_test_1").is_ok(), taken, "{address}");
    }
    assert!(Stripe::new(None, "").is_err());
    assert!(Stripe::new(None, "sk_live_1").unwrap().is_live());
    let printed = format!("{:?}", Stripe::new(None, "sk_test_secret").unwrap());
    assert!(!printed.contains("secret"), "{printed}");
}
