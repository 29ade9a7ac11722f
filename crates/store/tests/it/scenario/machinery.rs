//! Jobs, use, retries, letters, webhooks, sources and reports.

use domain::id::*;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::Page;
use store::audit::{self, Event, Outcome};
use store::idempotency::{self, Key, Known};
use store::jobs::{self, Done, JobState, NewJob, Pulse};
use store::models::{self, NewModelSetting, Provider, Spent};
use store::notices;
use store::reports;
use store::shares;
use store::sources;
use store::usage::{self, Meter, Taken, UsageType};
use store::webhooks;
use testkit::{Database, Org};
use uuid::Uuid;

use super::{Lived, now};

pub(super) async fn live(database: &Database, org: &Org, lived: &Lived) {
    let store = &database.store;
    let mut tx = store.begin(&org.analyst).await.unwrap();
    let key = Key { principal: "user:1", operation: "POST /x", key: "k", request_hash: &[3; 32] };
    assert_eq!(idempotency::take(&mut tx, key).await.unwrap(), Known::New);
    idempotency::keep(&mut tx, key, 201, &json!({"id": 1})).await.unwrap();
    let again = idempotency::take(&mut tx, key).await.unwrap();
    assert_eq!(again, Known::Answered { status: 201, response: json!({"id": 1}) });
    let other = Key { request_hash: &[4; 32], ..key };
    assert_eq!(idempotency::take(&mut tx, other).await.unwrap(), Known::Different);
    assert_eq!(idempotency::prune(&mut tx).await.unwrap(), 0);

    assert!(matches!(
        usage::take(&mut tx, Meter::Uploads, 1, now()).await.unwrap(),
        Taken::Done { used: 1, .. }
    ));
    usage::refund(&mut tx, Meter::Uploads, 1, now()).await.unwrap();
    assert_eq!(usage::used(&mut tx, Meter::Uploads, now()).await.unwrap(), 0);
    assert!(usage::record_event(&mut tx, UsageType::CsvUpload, "file:1", 1).await.unwrap());
    assert!(!usage::record_event(&mut tx, UsageType::CsvUpload, "file:1", 1).await.unwrap());
    let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    assert_eq!(usage::totals(&mut tx, from, until).await.unwrap()[0].quantity, 1);
    assert_eq!(usage::subscription(&mut tx).await.unwrap(), None);
    let (notice, facts) = (Uuid::new_v4(), json!({"meter": "uploads"}));
    assert!(notices::raise(&mut tx, notice, "limit.near", "uploads/1", &facts, "t1").await.unwrap());
    let again = Uuid::new_v4();
    assert!(!notices::raise(&mut tx, again, "limit.near", "uploads/1", &facts, "t1").await.unwrap());
    assert_eq!(notices::get(&mut tx, notice).await.unwrap().unwrap().facts, facts);
    assert_eq!(notices::list(&mut tx, 10).await.unwrap().len(), 1);
    let (endpoint, source) = (Uuid::new_v4(), Uuid::new_v4());
    let new = sources::NewSource {
        id: source,
        name: "Monthly",
        kind: sources::SourceKind::Push,
        place: "",
        secret: None,
        host_key: "",
        facility: Some(lived.facility),
        every_minutes: 15,
        next_at: now(),
    };
    sources::insert(&mut tx, &new).await.unwrap();
    assert_eq!(sources::get(&mut tx, source).await.unwrap().unwrap().facility_id, Some(lived.facility));
    let new = NewModelSetting {
        answers: true,
        mapping: false,
        provider: Provider::OpenAi,
        address: "",
        model: "m-1",
        secret: Some(b"sealed"),
        tokens_max: Some(1_000),
        money_max: None,
        price_read: None,
        price_written: None,
        patience_seconds: 8,
    };
    let set = models::set(&mut tx, None, &new).await.unwrap().unwrap();
    assert_eq!(models::set(&mut tx, Some(set.version + 1), &new).await.unwrap(), None);
    assert_eq!(models::get(&mut tx).await.unwrap().unwrap().secret.as_deref(), Some(&b"sealed"[..]));
    let most = Spent { tokens: 600, ..Spent::default() };
    assert!(models::reserve(&mut tx, most, Some(1_000), None, now()).await.unwrap());
    assert!(!models::reserve(&mut tx, most, Some(1_000), None, now()).await.unwrap());
    let real = Spent { tokens: 100, ..Spent::default() };
    models::settle(&mut tx, most, real, now()).await.unwrap();
    assert!(models::reserve(&mut tx, most, Some(1_000), None, now()).await.unwrap());
    assert_eq!(models::spending(&mut tx, now()).await.unwrap().tokens, 700);
    webhooks::insert(&mut tx, endpoint, "https://example.com", &[], b"sealed").await.unwrap();
    assert_eq!(webhooks::list(&mut tx).await.unwrap().len(), 1);
    assert!(webhooks::set_active(&mut tx, endpoint, true).await.unwrap());
    let (share, schedule) = (ShareId(Uuid::new_v4()), Uuid::new_v4());
    let new = shares::NewShare {
        id: share,
        analysis: lived.analysis,
        finding: Some(lived.finding),
        token_hash: &[9; 32],
        password_hash: None,
        expires_at: now(),
    };
    shares::insert(&mut tx, &new).await.unwrap();
    assert!(shares::revoke(&mut tx, share, now()).await.unwrap());
    assert!(!shares::revoke(&mut tx, share, now()).await.unwrap());
    assert_eq!(shares::get(&mut tx, share).await.unwrap().unwrap().revoked_at, Some(now()));
    assert_eq!(shares::page(&mut tx, Page::default()).await.unwrap().items.len(), 1);
    let new = reports::NewSchedule {
        id: schedule,
        name: "Monday review",
        every: reports::Every::Week,
        day: 1,
        hour: 6,
        time_zone: "Europe/Berlin",
        language: "de",
        pack: reports::Pack::WeeklyLosses,
        format: reports::Format::Pdf,
        facility: Some(lived.facility),
        recipients: &["a@example.com".to_owned()],
        next_at: now(),
    };
    assert_eq!(reports::insert_schedule(&mut tx, &new).await.unwrap().recipients, ["a@example.com"]);
    assert_eq!(reports::schedules(&mut tx).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let mut tx = store.begin(&org.worker()).await.unwrap();
    let due = reports::due(&mut tx, now()).await.unwrap();
    assert_eq!(due.iter().map(|one| one.id).collect::<Vec<_>>(), [schedule]);
    reports::set_next(&mut tx, schedule, now() + SignedDuration::from_hours(24)).await.unwrap();
    reports::set_trouble(&mut tx, schedule, "").await.unwrap();
    let made = reports::Report {
        id: Uuid::new_v4(),
        schedule_id: schedule,
        due_at: now(),
        analysis_id: lived.analysis,
        name: "Monday review.pdf".to_owned(),
        format: reports::Format::Pdf,
        document_key: "k".to_owned(),
        bytes: 1,
        created_at: now(),
    };
    assert!(reports::insert(&mut tx, &made).await.unwrap());
    let again = reports::Report { id: Uuid::new_v4(), ..made.clone() };
    assert!(!reports::insert(&mut tx, &again).await.unwrap(), "once for a moment");
    assert_eq!(reports::of_schedule(&mut tx, schedule).await.unwrap().len(), 1);
    assert_eq!(reports::page(&mut tx, Page::default()).await.unwrap().items.len(), 1);
    assert!(reports::get(&mut tx, made.id).await.unwrap().is_some());
    assert!(reports::schedule(&mut tx, schedule).await.unwrap().is_some());
    tx.commit().await.unwrap();
    let mut tx = store.begin(&org.worker()).await.unwrap();
    let delivery = Uuid::new_v4();
    assert!(webhooks::insert_delivery(&mut tx, delivery, endpoint, notice).await.unwrap());
    assert!(!webhooks::insert_delivery(&mut tx, Uuid::new_v4(), endpoint, notice).await.unwrap());
    assert!(sources::due(&mut tx, now()).await.unwrap().is_empty(), "a pushed source is never due");
    let state = sources::SourceFileState::Taken;
    assert!(sources::take(&mut tx, source, "a.csv", "m1", Some(lived.dataset), state, "").await.unwrap());
    assert!(!sources::take(&mut tx, source, "a.csv", "m1", None, state, "").await.unwrap());
    let known = sources::known(&mut tx, source).await.unwrap();
    assert_eq!(known, [(sources::kept_name("a.csv"), "m1".to_owned())]);
    let state = sources::SourceFileState::Analyzed;
    assert!(sources::set_state(&mut tx, lived.dataset, state, "").await.unwrap());
    assert_eq!(sources::files(&mut tx, source, 9).await.unwrap()[0].state, state);
    let state = webhooks::DeliveryState::Delivered;
    assert!(webhooks::record_attempt(&mut tx, delivery, state, 200, "taken").await.unwrap());
    assert_eq!(webhooks::get_delivery(&mut tx, delivery).await.unwrap().unwrap().attempts, 1);
    tx.commit().await.unwrap();
    let mut tx = store.begin(&org.analyst).await.unwrap();

    let event = Event::new("file.create", Outcome::Done)
        .on("file", lived.file)
        .traced("t1")
        .detail("bytes", 10)
        .about(org.viewer.user(), "Vera")
        .from_address("192.0.2.1", "Firefox\0");
    let seq = audit::record(&mut tx, &event).await.unwrap();
    audit::record_all(&mut tx, &[event.clone(), Event::new("file.read", Outcome::Denied)]).await.unwrap();
    let filter = audit::Filter {
        actor_id: org.analyst.user().map(|user| user.to_string()),
        action: Some("file.".to_owned()),
        resource_type: Some("file".to_owned()),
        resource_id: Some(lived.file.to_string()),
        outcome: Some(Outcome::Done),
        from: Some(from),
        until: Some(until),
        before_seq: Some(seq + 1),
    };
    let rows = audit::list(&mut tx, &filter, 10).await.unwrap();
    assert_eq!((rows.len(), rows[0].seq, rows[0].address.as_deref()), (1, seq, Some("192.0.2.1")));
    let filter = audit::Filter { action: Some("file.read".to_owned()), ..audit::Filter::default() };
    assert_eq!(audit::list(&mut tx, &filter, 10).await.unwrap().len(), 1);

    let mut new = NewJob::new(lived.job, "import", json!({"dataset": "1\0"}));
    new.unique_key = Some("dataset:1");
    new.priority = 5;
    assert_eq!(jobs::enqueue(&mut tx, &new).await.unwrap(), lived.job);
    let twin = NewJob { id: JobId(Uuid::new_v4()), ..new.clone() };
    assert_eq!(jobs::enqueue(&mut tx, &twin).await.unwrap(), lived.job);
    let (dead, waiting) = (JobId(Uuid::new_v4()), JobId(Uuid::new_v4()));
    jobs::enqueue(&mut tx, &NewJob::new(dead, "import", Value::Null)).await.unwrap();
    let late = NewJob { delay: SignedDuration::from_hours(1), ..NewJob::new(waiting, "import", Value::Null) };
    jobs::enqueue(&mut tx, &late).await.unwrap();
    tx.commit().await.unwrap();

    let claim = store.claim("w1", &["import"], jobs::LEASE, 10).await.unwrap().unwrap();
    assert_eq!((claim.org, claim.job.id, &claim.job.payload["dataset"]), (org.id, lived.job, &json!("1␀")));
    assert!(store.claim("w1", &["other"], jobs::LEASE, 10).await.unwrap().is_none());
    assert!(store.claim("w1", &["import"], jobs::LEASE, 1).await.unwrap().is_none(), "the cap holds");
    assert!(
        store.queue_depth().await.unwrap().iter().any(|queue| queue.state == "running" && queue.jobs == 1)
    );
    assert_eq!(store.rescue_jobs().await.unwrap(), 0);
    let mut tx = store.begin(&claim.actor()).await.unwrap();
    assert_eq!(jobs::beat(&mut tx, &claim, jobs::LEASE).await.unwrap(), Pulse::Held);
    assert!(jobs::set_progress(&mut tx, &claim, &json!({"rows": 3})).await.unwrap());
    assert_eq!(jobs::finish(&mut tx, &claim, &Done::Completed).await.unwrap(), JobState::Completed);
    tx.commit().await.unwrap();
    let claim = store.claim("w1", &["import"], jobs::LEASE, 10).await.unwrap().unwrap();
    let mut tx = store.begin(&claim.actor()).await.unwrap();
    let done = Done::GiveUp { reason: "not a table".to_owned() };
    assert_eq!(jobs::finish(&mut tx, &claim, &done).await.unwrap(), JobState::Failed);
    tx.commit().await.unwrap();
    let mut tx = store.begin(&org.admin).await.unwrap();
    let failed = jobs::list(&mut tx, Some(JobState::Failed), Page::default()).await.unwrap();
    assert_eq!((failed.items.len(), failed.items[0].reason.as_deref()), (1, Some("not a table")));
    assert_eq!(jobs::cancel(&mut tx, waiting).await.unwrap(), Some(JobState::Cancelled));
    assert_eq!(jobs::cancel(&mut tx, JobId(Uuid::new_v4())).await.unwrap(), None);
    assert!(jobs::retry(&mut tx, dead).await.unwrap());
    assert_eq!(jobs::get(&mut tx, dead).await.unwrap().unwrap().state, JobState::Queued);
    jobs::cancel(&mut tx, dead).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.release_jobs("w1").await.unwrap(), 0);
    assert!(store.active_orgs().await.unwrap().contains(&org.id));
    assert_eq!(store.prune_idempotency_keys().await.unwrap(), 0);
    assert_eq!(store.prune_jobs(std::time::Duration::ZERO).await.unwrap(), 0);
    assert!(
        store.take_rate(&format!("org:{}", org.id), 2, SignedDuration::from_secs(60)).await.unwrap().allowed
    );
    assert_eq!(store.prune_rates(std::time::Duration::from_hours(1)).await.unwrap(), 0);
}
