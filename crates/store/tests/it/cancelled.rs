//! A caller who is taken away leaves nothing behind on the connection.

use domain::id::JobId;
use jiff::SignedDuration;
use serde_json::json;
use store::Limits;
use store::jobs::{self, JobState, NewJob};
use testkit::Database;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_nobody_waits_for_is_not_left_open() {
    // One connection, so that whatever is left on it meets what comes next.
    let limits = Limits { worker: 1, ..Limits::default() };
    let Some(database) = Database::with_limits(limits).await else { return };
    let org = testkit::org(&database, "Acme", "unlimited").await;
    let worker = org.worker();
    let mut begun = 0;
    for number in 0..300 {
        let patience = async {
            for _ in 0..number % 5 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = database.store.begin(&worker) => begun += 1,
            () = patience => {}
        }
    }
    assert!(begun < 300, "nobody was taken away");
    let mut tx = database.store.begin(&org.analyst).await.unwrap();
    let id = JobId(Uuid::new_v4());
    jobs::enqueue(&mut tx, &NewJob::new(id, "test", json!({}))).await.unwrap();
    tx.commit().await.unwrap();
    let claimed = database.store.claim("one", &["test"], SignedDuration::from_secs(30), 1).await.unwrap();
    assert_eq!(claimed.map(|claim| claim.job.id), Some(id));
    let mut tx = database.store.begin(&org.analyst).await.unwrap();
    let job = jobs::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Running, "the claim was made inside a transaction that nobody commits");
}
