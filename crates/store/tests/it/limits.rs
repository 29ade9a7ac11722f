//! Limits are met exactly, however many come at once: quotas, idempotency keys, rates.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::time::Duration;
use store::idempotency::{self, Key, Known};
use store::usage::{self, Meter, Taken, UsageType};
use testkit::Database;

fn now() -> Timestamp {
    super::scenario::now()
}

/// Trial: five uploads. Twenty come at once with k left, some of them fail afterwards and give theirs back.
#[tokio::test(flavor = "multi_thread")]
async fn exactly_as_many_pass_as_are_left() {
    let Some(database) = Database::fresh().await else { return };
    for round in 0..12_u32 {
        let org = testkit::org(&database, "A", "trial").await;
        let before = i64::from(round % 5);
        let mut tx = database.store.begin(&org.analyst).await.unwrap();
        usage::take(&mut tx, Meter::Uploads, before, now()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tasks = Vec::new();
        for i in 0..20 {
            let (store, actor) = (database.store.clone(), org.analyst.clone());
            tasks.push(tokio::spawn(async move {
                let mut tx = store.begin(&actor).await.unwrap();
                let taken = usage::take(&mut tx, Meter::Uploads, 1, now()).await.unwrap();
                if i % 4 == 3 {
                    // It fails after it was counted: with the transaction goes the count.
                    drop(tx);
                    return false;
                }
                match taken {
                    Taken::Done { used, limit } => {
                        assert!(used <= 5 && limit == Some(5));
                        tx.commit().await.unwrap();
                        true
                    }
                    Taken::Over { used, limit } => {
                        assert!(used <= limit && limit == 5);
                        false
                    }
                }
            }));
        }
        let mut passed = 0;
        for task in tasks {
            passed += i64::from(task.await.unwrap());
        }
        let mut tx = database.store.begin(&org.viewer).await.unwrap();
        let used = usage::used(&mut tx, Meter::Uploads, now()).await.unwrap();
        // Whoever waited for one that failed may have got its place, so all five are taken in the end.
        assert_eq!((passed, used), (5 - before, 5), "round {round}");
    }
}

#[tokio::test]
async fn a_month_begins_anew_and_no_limit_is_none() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "trial").await;
    let mut tx = database.store.begin(&org.analyst).await.unwrap();
    let (march, april) = ("2026-03-31T23:59:59Z".parse().unwrap(), "2026-04-01T00:00:00Z".parse().unwrap());
    assert!(matches!(
        usage::take(&mut tx, Meter::Rows, 1001, march).await.unwrap(),
        Taken::Over { used: 0, limit: 1000 }
    ));
    assert!(matches!(
        usage::take(&mut tx, Meter::Rows, 1000, march).await.unwrap(),
        Taken::Done { used: 1000, .. }
    ));
    assert!(matches!(
        usage::take(&mut tx, Meter::Rows, 1, march).await.unwrap(),
        Taken::Over { used: 1000, .. }
    ));
    assert!(matches!(
        usage::take(&mut tx, Meter::Rows, 1, april).await.unwrap(),
        Taken::Done { used: 1, .. }
    ));
    // All of what is taken at once counts, also where something was taken before, and all of it can be given back.
    assert!(matches!(
        usage::take(&mut tx, Meter::Rows, 900, april).await.unwrap(),
        Taken::Done { used: 901, .. }
    ));
    let last = "2026-04-30T23:59:59Z".parse().unwrap();
    assert_eq!(
        usage::used(&mut tx, Meter::Rows, last).await.unwrap(),
        901,
        "a month is one, to its last second"
    );
    usage::refund(&mut tx, Meter::Rows, 500, last).await.unwrap();
    assert_eq!(usage::used(&mut tx, Meter::Rows, april).await.unwrap(), 401);
    usage::refund(&mut tx, Meter::Rows, 500, april).await.unwrap();
    assert_eq!(usage::used(&mut tx, Meter::Rows, april).await.unwrap(), 0, "never less than nothing");
    assert_eq!(usage::used(&mut tx, Meter::Rows, march).await.unwrap(), 1000, "another month is left alone");
    for meter in Meter::ALL {
        assert!(usage::limit(&mut tx, *meter).await.unwrap().is_some(), "{meter:?}");
    }
    drop(tx);
    let org = testkit::org(&database, "B", "unlimited").await;
    let mut tx = database.store.begin(&org.analyst).await.unwrap();
    let taken = usage::take(&mut tx, Meter::Rows, 5_000_000_000, march).await.unwrap();
    assert_eq!(taken, Taken::Done { used: 5_000_000_000, limit: None });
    assert!(usage::take(&mut tx, Meter::Rows, -1, april).await.is_err(), "less than nothing");
    drop(tx);
    // An organisation that is not there has nothing to take, rather than everything.
    let nobody = domain::Actor { org: domain::id::OrgId(uuid::Uuid::new_v4()), ..org.analyst.clone() };
    let mut tx = database.store.begin(&nobody).await.unwrap();
    assert_eq!(usage::limit(&mut tx, Meter::Rows).await.unwrap(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_requests_with_one_key_one_does_the_deed() {
    let Some(database) = Database::fresh().await else { return };
    for round in 0..5_u8 {
        let org = testkit::org(&database, "A", "unlimited").await;
        let mut tasks = Vec::new();
        for i in 0..16_u32 {
            let (store, actor) = (database.store.clone(), org.analyst.clone());
            tasks.push(tokio::spawn(async move {
                let key = Key {
                    principal: "user:1",
                    operation: "POST /files",
                    key: "k",
                    request_hash: &[round; 32],
                };
                let mut tx = store.begin(&actor).await.unwrap();
                match idempotency::take(&mut tx, key).await.unwrap() {
                    Known::New => {
                        usage::record_event(&mut tx, UsageType::CsvUpload, &format!("file:{i}"), 1)
                            .await
                            .unwrap();
                        idempotency::keep(&mut tx, key, 201, &json!({"file": i})).await.unwrap();
                        if i % 3 == 0 {
                            // The deed failed: the next one does it.
                            tx.rollback().await.unwrap();
                            return None;
                        }
                        tx.commit().await.unwrap();
                        Some((true, json!({"file": i})))
                    }
                    Known::Answered { status, response } => {
                        assert_eq!(status, 201);
                        Some((false, response))
                    }
                    Known::Different => panic!("it is the same request"),
                }
            }));
        }
        let mut answers = Vec::new();
        for task in tasks {
            answers.extend(task.await.unwrap());
        }
        assert_eq!(answers.iter().filter(|(did, _)| *did).count(), 1);
        assert!(answers.iter().all(|(_, answer)| *answer == answers[0].1), "{answers:?}");
        let mut tx = database.store.begin(&org.viewer).await.unwrap();
        assert_eq!(usage::totals(&mut tx, Timestamp::UNIX_EPOCH, Timestamp::MAX).await.unwrap()[0].events, 1);
    }
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "unlimited").await;
    let key = Key { principal: "user:1", operation: "POST /files", key: "k", request_hash: &[1; 32] };
    let mut tx = database.store.begin(&org.analyst).await.unwrap();
    idempotency::take(&mut tx, key).await.unwrap();
    idempotency::keep(&mut tx, key, 201, &json!(1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut admin = super::tenancy::admin(&database).await;
    for (age, known) in [("23 hours", false), ("25 hours", true)] {
        let sql =
            format!("UPDATE tenant.idempotency_keys SET created_at = clock_timestamp() - interval '{age}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
        let mut tx = database.store.begin(&org.analyst).await.unwrap();
        assert_eq!(idempotency::take(&mut tx, key).await.unwrap() == Known::New, known, "{age}");
    }
}

/// No window, wherever it begins, holds more than the limit; and the whole limit can be had.
#[tokio::test(flavor = "multi_thread")]
async fn no_window_holds_more_than_the_limit() {
    let Some(database) = Database::fresh().await else { return };
    let window = SignedDuration::from_millis(600);
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let store = database.store.clone();
        tasks.push(tokio::spawn(async move {
            let mut passed = Vec::new();
            let begun = std::time::Instant::now();
            while begun.elapsed() < Duration::from_millis(2500) {
                let before = std::time::Instant::now();
                let rate = store.take_rate("user:1", 20, window).await.unwrap();
                if rate.allowed {
                    passed.push((before, std::time::Instant::now()));
                } else {
                    assert!(
                        rate.retry_after <= Duration::from_millis(600) && rate.remaining == 0,
                        "{rate:?}"
                    );
                }
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            passed
        }));
    }
    let mut passed = Vec::new();
    for task in tasks {
        passed.extend(task.await.unwrap());
    }
    passed.sort();
    // What was asked after one answer and answered within a window's length of it lies in one window for certain.
    for (_, begin) in &passed {
        let end = *begin + Duration::from_millis(600);
        let inside = passed.iter().filter(|(asked, answered)| asked >= begin && *answered < end).count();
        assert!(inside <= 20, "{inside} in one window");
    }
    assert!((80..=100).contains(&passed.len()), "{} in four windows and a bit", passed.len());
    let other = database.store.take_rate("user:2", 20, window).await.unwrap();
    assert_eq!((other.allowed, other.remaining), (true, 19));
}
