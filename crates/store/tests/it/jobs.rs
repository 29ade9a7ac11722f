//! Jobs run at least once and take effect once, whatever happens to the worker; organisations take turns.

use domain::id::JobId;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use store::jobs::{self, Claim, Done, Heard, JobState, NewJob, Pulse};
use store::usage::{self, UsageType};
use store::{Error, Store};
use testkit::{Database, Org};
use uuid::Uuid;

const SHORT: SignedDuration = SignedDuration::from_millis(150);

async fn enqueue(store: &Store, org: &Org, kind: &str) -> JobId {
    let id = JobId(Uuid::new_v4());
    let mut tx = store.begin(&org.analyst).await.unwrap();
    jobs::enqueue(&mut tx, &NewJob::new(id, kind, Value::Null)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn state(store: &Store, org: &Org, id: JobId) -> jobs::Job {
    let mut tx = store.begin(&org.analyst).await.unwrap();
    jobs::get(&mut tx, id).await.unwrap().unwrap()
}

async fn finish(store: &Store, claim: &Claim, done: &Done) -> Result<JobState, Error> {
    let mut tx = store.begin(&claim.actor()).await.unwrap();
    let state = jobs::finish(&mut tx, claim, done).await?;
    tx.commit().await?;
    Ok(state)
}

async fn claim(store: &Store, lease: SignedDuration) -> Option<Claim> {
    store.claim("w", &["import"], lease, 100).await.unwrap()
}

#[tokio::test]
async fn a_job_that_is_rolled_back_was_never_there() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "unlimited").await;
    let mut tx = database.store.begin(&org.analyst).await.unwrap();
    jobs::enqueue(&mut tx, &NewJob::new(JobId(Uuid::new_v4()), "import", Value::Null)).await.unwrap();
    drop(tx);
    assert_eq!(claim(&database.store, jobs::LEASE).await, None);
}

#[tokio::test]
async fn whoever_lost_the_claim_cannot_commit_its_result() {
    let Some(database) = Database::fresh().await else { return };
    let (store, org) = (&database.store, testkit::org(&database, "A", "unlimited").await);
    let id = enqueue(store, &org, "import").await;
    let first = claim(store, SHORT).await.unwrap();
    // The worker stalls: no heartbeat, no end.
    assert_eq!(claim(store, SHORT).await, None);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let second = claim(store, jobs::LEASE).await.unwrap();
    assert!(second.job.id == id && second.fence > first.fence && second.job.losses == 1);

    let mut tx = store.begin(&first.actor()).await.unwrap();
    assert_eq!(jobs::beat(&mut tx, &first, jobs::LEASE).await.unwrap(), Pulse::Lost);
    assert!(!jobs::set_progress(&mut tx, &first, &json!(1)).await.unwrap());
    // What it wrote goes with the failed end.
    usage::record_event(&mut tx, UsageType::AnalysisRun, &id.to_string(), 1).await.unwrap();
    assert!(matches!(jobs::finish(&mut tx, &first, &Done::Completed).await, Err(Error::FenceLost)));
    drop(tx);
    assert_eq!(finish(store, &second, &Done::Completed).await.unwrap(), JobState::Completed);
    assert!(matches!(finish(store, &second, &Done::Completed).await, Err(Error::FenceLost)));
    let mut tx = store.begin(&org.analyst).await.unwrap();
    assert!(usage::record_event(&mut tx, UsageType::AnalysisRun, &id.to_string(), 1).await.unwrap());
}

#[tokio::test]
async fn failing_waits_longer_each_time_and_ends_with_the_reason() {
    let Some(database) = Database::fresh().await else { return };
    let (store, org) = (&database.store, testkit::org(&database, "A", "unlimited").await);
    let id = enqueue(store, &org, "import").await;
    let mut admin = super::tenancy::admin(&database).await;
    for attempt in 1..=5_i64 {
        let claimed = claim(store, jobs::LEASE).await.unwrap();
        assert_eq!(claimed.job.attempt, attempt);
        let done = Done::Retry { reason: format!("attempt {attempt}") };
        let ended = finish(store, &claimed, &done).await.unwrap();
        let job = state(store, &org, id).await;
        if attempt < 5 {
            let wait = job.run_at.duration_since(state_of_clock(&mut admin).await).as_secs_f64();
            let expected = 5.0 * 2_f64.powi(attempt as i32 - 1);
            assert_eq!(ended, JobState::Queued);
            assert!((expected * 0.74 - 1.0..expected * 1.26).contains(&wait), "attempt {attempt}: {wait} s");
            assert_eq!(claim(store, jobs::LEASE).await, None);
            sqlx::query("UPDATE tenant.jobs SET run_at = clock_timestamp()")
                .execute(&mut admin)
                .await
                .unwrap();
        } else {
            assert_eq!((ended, job.reason.as_deref()), (JobState::Failed, Some("attempt 5")));
        }
    }
}

async fn state_of_clock(admin: &mut sqlx::PgConnection) -> jiff::Timestamp {
    let micros: i64 = sqlx::query_scalar("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        .fetch_one(admin)
        .await
        .unwrap();
    jiff::Timestamp::from_microsecond(micros).unwrap()
}

#[tokio::test]
async fn a_job_that_kills_its_workers_ends_as_failed() {
    let Some(database) = Database::fresh().await else { return };
    let (store, org) = (&database.store, testkit::org(&database, "A", "unlimited").await);
    let id = enqueue(store, &org, "import").await;
    let mut n = 0;
    while claim(store, SignedDuration::ZERO).await.is_some() {
        n += 1;
        assert!(n < 20, "it never ends");
    }
    let job = state(store, &org, id).await;
    assert_eq!((n, job.state), (11, JobState::Failed));
    assert!(job.reason.unwrap().contains("vanished 11 times"));
}

#[tokio::test]
async fn cancelling_reaches_a_running_job_and_a_shutdown_hands_back() {
    let Some(database) = Database::fresh().await else { return };
    let (store, org) = (&database.store, testkit::org(&database, "A", "unlimited").await);
    let id = enqueue(store, &org, "import").await;
    let held = claim(store, jobs::LEASE).await.unwrap();
    let later = Done::Later { delay: SignedDuration::ZERO };
    assert_eq!(finish(store, &held, &later).await.unwrap(), JobState::Queued);
    let held = claim(store, jobs::LEASE).await.unwrap();
    assert_eq!(held.job.attempt, 1, "a shutdown is no attempt");
    let mut tx = store.begin(&org.analyst).await.unwrap();
    assert_eq!(jobs::cancel(&mut tx, id).await.unwrap(), Some(JobState::Running));
    tx.commit().await.unwrap();
    let mut tx = store.begin(&held.actor()).await.unwrap();
    assert_eq!(jobs::beat(&mut tx, &held, jobs::LEASE).await.unwrap(), Pulse::CancelRequested);
    tx.commit().await.unwrap();
    assert_eq!(
        finish(store, &held, &Done::Retry { reason: "stopped".to_owned() }).await.unwrap(),
        JobState::Cancelled
    );
}

#[tokio::test]
async fn a_restarted_worker_takes_its_jobs_back_at_once() {
    let Some(database) = Database::fresh().await else { return };
    let (store, org) = (&database.store, testkit::org(&database, "A", "unlimited").await);
    let id = enqueue(store, &org, "import").await;
    let lost = claim(store, jobs::LEASE).await.unwrap();
    assert_eq!(store.release_jobs("another").await.unwrap(), 0);
    assert_eq!(store.release_jobs("w").await.unwrap(), 1);
    let again = claim(store, jobs::LEASE).await.unwrap();
    assert!(again.job.id == id && again.fence > lost.fence);
}

#[tokio::test]
async fn organisations_take_turns_and_none_goes_over_its_cap() {
    let Some(database) = Database::fresh().await else { return };
    let store = &database.store;
    let (big, small) =
        (testkit::org(&database, "A", "unlimited").await, testkit::org(&database, "B", "unlimited").await);
    for _ in 0..20 {
        enqueue(store, &big, "import").await;
    }
    let first = store.claim("w", &["import"], jobs::LEASE, 2).await.unwrap().unwrap();
    enqueue(store, &small, "import").await;
    enqueue(store, &small, "import").await;
    let mut order = vec![first.org];
    let mut held = vec![first];
    while let Some(claim) = store.claim("w", &["import"], jobs::LEASE, 2).await.unwrap() {
        order.push(claim.org);
        held.push(claim);
    }
    assert_eq!(order, [big.id, small.id, big.id, small.id], "the one with fewer running jobs first");
    // One of the big one's ends: its place is free again, and only its.
    finish(store, &held[0], &Done::Completed).await.unwrap();
    assert_eq!(store.claim("w", &["import"], jobs::LEASE, 2).await.unwrap().unwrap().org, big.id);
    assert_eq!(store.claim("w", &["import"], jobs::LEASE, 2).await.unwrap(), None);
}

#[tokio::test]
async fn a_higher_priority_comes_first_and_equal_ones_in_their_order() {
    let Some(database) = Database::fresh().await else { return };
    let (store, org) = (&database.store, testkit::org(&database, "A", "unlimited").await);
    let mut ids = Vec::new();
    for priority in [0_i16, 0, 9, -1] {
        let id = JobId(Uuid::new_v4());
        let mut tx = store.begin(&org.analyst).await.unwrap();
        jobs::enqueue(&mut tx, &NewJob { priority, ..NewJob::new(id, "import", Value::Null) }).await.unwrap();
        tx.commit().await.unwrap();
        ids.push(id);
    }
    for expected in [2, 0, 1, 3] {
        assert_eq!(claim(store, jobs::LEASE).await.unwrap().job.id, ids[expected]);
    }
}

#[tokio::test]
async fn listeners_hear_of_jobs_and_of_progress_once_it_is_committed() {
    let Some(database) = Database::fresh().await else { return };
    let (store, org) = (&database.store, testkit::org(&database, "A", "unlimited").await);
    let mut listener = store.listen().await.unwrap();
    let id = enqueue(store, &org, "import").await;
    assert_eq!(listener.hear().await.unwrap(), Heard::Job);
    let held = claim(store, jobs::LEASE).await.unwrap();
    let mut tx = store.begin(&held.actor()).await.unwrap();
    jobs::set_progress(&mut tx, &held, &json!({"rows": 1})).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(100), listener.hear()).await.is_err());
    tx.commit().await.unwrap();
    assert_eq!(listener.hear().await.unwrap(), Heard::Progress { org: org.id, job: id });
    assert_eq!(state(store, &org, id).await.progress, json!({"rows": 1}));
}

/// Many workers that now and then vanish in the middle: in the end every job is done, and what each does was done once.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_done_twice_while_workers_vanish() {
    let Some(database) = Database::fresh().await else { return };
    let mut orgs = BTreeMap::new();
    let n = 60;
    for name in ["A", "B", "C"] {
        let org = testkit::org(&database, name, "unlimited").await;
        for _ in 0..n / 3 {
            enqueue(&database.store, &org, "import").await;
        }
        orgs.insert(org.id, org);
    }
    let mut workers = Vec::new();
    for worker in 0..6_u32 {
        let store = database.store.clone();
        workers.push(tokio::spawn(async move {
            let (mut idle, mut turn) = (0, worker);
            while idle < 12 {
                let Some(claim) = store.claim(&format!("w{worker}"), &["import"], SHORT, 4).await.unwrap()
                else {
                    idle += 1;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                idle = 0;
                turn += 1;
                if turn % 4 == 0 {
                    // Killed before it did anything.
                    continue;
                }
                let mut tx = store.begin(&claim.actor()).await.unwrap();
                let new =
                    usage::record_event(&mut tx, UsageType::AnalysisRun, &claim.job.id.to_string(), 1).await;
                if turn % 5 == 0 {
                    // Killed with its work half done.
                    drop(tx);
                    continue;
                }
                if turn % 7 == 0 {
                    // Stalled for longer than its lease.
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                match jobs::finish(&mut tx, &claim, &Done::Completed).await {
                    Ok(_) => {
                        tx.commit().await.unwrap();
                        assert!(new.unwrap(), "{} was done twice", claim.job.id);
                    }
                    Err(Error::FenceLost) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }));
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let mut done = 0;
    for org in orgs.values() {
        let mut tx = database.store.begin(&org.analyst).await.unwrap();
        let completed =
            jobs::list(&mut tx, Some(JobState::Completed), store::Page::first(200)).await.unwrap();
        let all = jobs::list(&mut tx, None, store::Page::first(200)).await.unwrap();
        assert_eq!(completed.items.len(), all.items.len(), "a job is lost or stuck");
        done += completed.items.len();
    }
    assert_eq!(done, n);
}

#[tokio::test]
async fn an_operator_moves_jobs_of_the_organisation_that_was_entered_only() {
    use store::operator::{Operator, jobs as queue};
    let Some(database) = Database::fresh().await else { return };
    let (store, org) = (&database.store, testkit::org(&database, "A", "unlimited").await);
    let other = testkit::org(&database, "B", "unlimited").await;
    let id = enqueue(store, &org, "import").await;
    let operator = Operator { user: domain::id::UserId(Uuid::new_v4()) };

    let mut tx = store.operator(operator).await.unwrap();
    let seen = queue::list(&mut tx, JobState::Queued, 10).await.unwrap();
    assert_eq!((seen.len(), seen[0].id, seen[0].org_id), (1, id, org.id));
    // Nowhere, and in another organisation, there is no such job.
    assert!(!queue::cancel(&mut tx, id).await.unwrap());
    tx.enter(other.id, "looking", "t").await.unwrap();
    assert!(queue::get(&mut tx, id).await.unwrap().is_none());
    assert!(!queue::cancel(&mut tx, id).await.unwrap() && !queue::retry(&mut tx, id).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = store.operator(operator).await.unwrap();
    tx.enter(org.id, "stuck import", "t").await.unwrap();
    assert!(!queue::retry(&mut tx, id).await.unwrap(), "it waits already");
    assert!(queue::cancel(&mut tx, id).await.unwrap());
    assert!(!queue::cancel(&mut tx, id).await.unwrap(), "it has ended");
    tx.commit().await.unwrap();
    assert_eq!(state(store, &org, id).await.state, JobState::Cancelled);
    assert_eq!(claim(store, jobs::LEASE).await, None);

    let mut tx = store.operator(operator).await.unwrap();
    tx.enter(org.id, "once more", "t").await.unwrap();
    assert!(queue::retry(&mut tx, id).await.unwrap());
    tx.commit().await.unwrap();
    let again = claim(store, jobs::LEASE).await.unwrap();
    assert_eq!((again.job.id, again.job.attempt), (id, 1));
}
