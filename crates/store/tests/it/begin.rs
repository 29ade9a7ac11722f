//! A transaction sees one organisation, and nothing of it is left in the connection.

use domain::id::FacilityId;
use store::facilities::{self, FacilityForm};
use testkit::{Database, org};
use uuid::Uuid;

const FORM: FacilityForm<'_> =
    FacilityForm { name: "Plant 1", code: None, time_zone: "UTC", currency: "USD" };

#[tokio::test]
async fn one_organisation_does_not_see_another() {
    let Some(database) = Database::fresh().await else { return };
    let (a, b) = (org(&database, "A", "unlimited").await, org(&database, "B", "unlimited").await);
    let id = FacilityId(Uuid::new_v4());
    let mut tx = database.store.begin(&a.admin).await.unwrap();
    facilities::insert(&mut tx, id, &FORM).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = database.store.begin(&b.owner).await.unwrap();
    assert_eq!(facilities::get(&mut tx, id).await.unwrap(), None);
    assert!(facilities::list(&mut tx, true).await.unwrap().is_empty());
    assert!(!facilities::delete(&mut tx, id).await.unwrap());
    // The same id is not taken by another organisation's.
    facilities::insert(&mut tx, id, &FORM).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = database.store.begin(&a.viewer).await.unwrap();
    assert_eq!(facilities::get(&mut tx, id).await.unwrap().unwrap().name, "Plant 1");
}
