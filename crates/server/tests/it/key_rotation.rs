//! Keys that come, go and cannot be had, on a clock a hundred times as fast as the real one.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use clients::key_set::{Error, Fetched, Source, keys_of_document};
use domain::Clock;
use jiff::Timestamp;
use serde_json::{Value, json};
use server::who::{Expectations, Issuer, Refusal, Rhythm};

use crate::signer::Signer;

#[derive(Debug)]
struct Frozen;

impl Clock for Frozen {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }
}

/// A key server that can be told what to publish, or not to answer.
#[derive(Debug, Default)]
struct Publisher {
    keys: Mutex<Option<Vec<Value>>>,
    asked: AtomicUsize,
}

impl Publisher {
    fn publish(&self, keys: Option<Vec<Value>>) {
        *self.keys.lock().unwrap() = keys;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Source for Publisher {
    fn fetch(&self) -> Fetched<'_> {
        Box::pin(async {
            self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            match self.keys.lock().unwrap().clone() {
                Some(keys) => keys_of_document(json!({ "keys": keys }).to_string().as_bytes()),
                None => Err(Error::Silent("away".to_owned())),
            }
        })
    }
}

const RHYTHM: Rhythm = Rhythm {
    pause: Duration::from_millis(100),
    aging: Duration::from_millis(600),
    stale: Duration::from_millis(2400),
    outage: Duration::from_secs(864),
};

struct Scene {
    publisher: Arc<Publisher>,
    issuer: Arc<Issuer>,
    old: Signer,
    new: Signer,
}

impl Scene {
    fn new() -> Self {
        let publisher = Arc::new(Publisher::default());
        let (old, new) = (Signer::rsa(), Signer::rsa());
        publisher.publish(Some(vec![old.jwk("old")]));
        let issuer =
            Arc::new(Issuer::with_rhythm(Expectations::of("https://i.example"), publisher.clone(), RHYTHM));
        Self { publisher, issuer, old, new }
    }

    async fn holds(&self, signer: &Signer, kid: &str) -> Result<(), Refusal> {
        let claims =
            json!({"iss": "https://i.example", "sub": "u", "iat": 1_800_000_000, "exp": 1_800_000_060});
        let token = signer.token(&json!({"alg": "RS256", "kid": kid}), &claims);
        self.issuer.verify(&token, &Frozen).await.map(drop)
    }
}

#[tokio::test]
async fn a_new_key_is_taken_after_one_pause() {
    let scene = Scene::new();
    assert_eq!(scene.holds(&scene.old, "old").await, Ok(()));
    scene.publisher.publish(Some(vec![scene.old.jwk("old"), scene.new.jwk("new")]));
    // The set was just fetched, so that nobody is asked yet.
    assert_eq!(scene.holds(&scene.new, "new").await, Err(Refusal::UnknownKey));
    tokio::time::sleep(RHYTHM.pause).await;
    assert_eq!(scene.holds(&scene.new, "new").await, Ok(()));
    assert_eq!(scene.publisher.asked(), 2);
}

#[tokio::test]
async fn a_removed_key_stops_working() {
    let scene = Scene::new();
    assert_eq!(scene.holds(&scene.old, "old").await, Ok(()));
    scene.publisher.publish(Some(vec![scene.new.jwk("new")]));
    tokio::time::sleep(RHYTHM.stale).await;
    assert_eq!(scene.holds(&scene.old, "old").await, Err(Refusal::UnknownKey));
}

#[tokio::test]
async fn a_busy_issuer_notices_a_removed_key_as_the_set_ages() {
    let scene = Scene::new();
    assert_eq!(scene.holds(&scene.old, "old").await, Ok(()));
    scene.publisher.publish(Some(vec![scene.new.jwk("new")]));
    tokio::time::sleep(RHYTHM.aging).await;
    // This one still passes, and has the set asked for behind its back.
    assert_eq!(scene.holds(&scene.old, "old").await, Ok(()));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(scene.holds(&scene.old, "old").await, Err(Refusal::UnknownKey));
}

#[tokio::test]
async fn known_keys_serve_while_the_issuer_is_away() {
    let scene = Scene::new();
    assert_eq!(scene.holds(&scene.old, "old").await, Ok(()));
    scene.publisher.publish(None);
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(scene.holds(&scene.old, "old").await, Ok(()));
        assert_eq!(scene.holds(&scene.new, "new").await, Err(Refusal::UnknownKey));
    }
    scene.publisher.publish(Some(vec![scene.new.jwk("new")]));
    tokio::time::sleep(RHYTHM.pause).await;
    assert_eq!(scene.holds(&scene.new, "new").await, Ok(()));
}

#[tokio::test]
async fn an_issuer_that_never_answered_lets_nobody_in() {
    let scene = Scene::new();
    scene.publisher.publish(None);
    assert_eq!(scene.holds(&scene.old, "old").await, Err(Refusal::UnknownKey));
}

#[tokio::test]
async fn strangers_cannot_make_us_ask_all_the_time() {
    let scene = Arc::new(Scene::new());
    assert_eq!(scene.holds(&scene.old, "old").await, Ok(()));
    tokio::time::sleep(RHYTHM.pause).await;
    let before = scene.publisher.asked();
    let crowd: Vec<_> = (0..200)
        .map(|n| {
            let scene = scene.clone();
            tokio::spawn(async move { scene.holds(&scene.new, &format!("unknown {n}")).await })
        })
        .collect();
    for one in crowd {
        assert_eq!(one.await.unwrap(), Err(Refusal::UnknownKey));
    }
    // 200 signatures take a while here; on a clock a hundred times as fast several pauses may pass meanwhile.
    assert!(scene.publisher.asked() - before <= 5, "{}", scene.publisher.asked() - before);
}
