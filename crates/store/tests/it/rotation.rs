//! A change of the installation's secret reaches everything that is sealed with it, also what waits in the queue.

use serde_json::json;
use store::{
    installation::{self, Rotation},
    jobs,
};
use testkit::Database;
use uuid::Uuid;

#[tokio::test]
async fn letters_that_wait_are_sealed_anew() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "unlimited").await;
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    let (letter, other) = (Uuid::now_v7(), Uuid::now_v7());
    // Longer than a line of base64, which some encoders break.
    let sealed = "b2xk".repeat(60);
    jobs::put(&mut tx, letter, "send_letter", &json!({"sealed": sealed}), "").await.unwrap();
    jobs::put(&mut tx, other, "import", &json!({"sealed": "no letter"}), "").await.unwrap();
    tx.commit().await.unwrap();

    let mut rotation = Rotation::begin(database.connection()).await.unwrap();
    let found = rotation.sealed().await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].to.as_slice(), &found[0].bytes), (&b"letter"[..], &b"old".repeat(60)));
    assert!(found[0].may_be_lost(), "a letter that nobody can open holds nothing up");
    rotation.replace(&found[0], &b"new".repeat(70)).await.unwrap();
    rotation.commit(database.connection(), &installation::mark("new")).await.unwrap();

    let mut tx = database.store.begin(&org.owner).await.unwrap();
    let payload =
        async |tx: &mut store::Tx, id| jobs::get(tx, domain::id::JobId(id)).await.unwrap().unwrap().payload;
    assert_eq!(payload(&mut tx, letter).await, json!({"sealed": "bmV3".repeat(70)}));
    assert_eq!(payload(&mut tx, other).await, json!({"sealed": "no letter"}));
    drop(tx);

    // Where the secret is lost the letter goes, and the queue stays.
    let mut rotation = Rotation::begin(database.connection()).await.unwrap();
    let found = rotation.sealed().await.unwrap();
    rotation.remove(&found[0]).await.unwrap();
    rotation.commit(database.connection(), &installation::mark("newest")).await.unwrap();
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    assert_eq!(payload(&mut tx, letter).await, json!({}));
}
