//! Its people, plants, keys and settings.

use domain::Role;
use domain::id::*;
use serde_json::json;
use store::api_keys::{self, NewApiKey};
use store::facilities::{self, FacilityForm};
use store::invitations::{self, NewInvitation};
use store::members::{self, Changed, ProfileForm};
use testkit::{Database, Org};
use uuid::Uuid;

use super::{Lived, now};

pub(super) async fn live(database: &Database, org: &Org, lived: &Lived) {
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    let before = store::orgs::get(&mut tx).await.unwrap().unwrap();
    let profile = json!({"industry": "machining", "note": "a NUL \0 in a form"});
    let after = store::orgs::update(&mut tx, before.version, "Works \0 Ltd", &profile, &[], Some(now()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((after.name.as_str(), after.version), ("Works ␀ Ltd", before.version + 1));
    assert_eq!(after.profile["note"], "a NUL ␀ in a form");
    assert!(after.updated_at > before.updated_at);
    assert!(
        store::orgs::update(&mut tx, before.version, "late", &profile, &[], None).await.unwrap().is_none()
    );

    let form =
        FacilityForm { name: "Plant 1", code: Some("P1"), time_zone: "Europe/Berlin", currency: "EUR" };
    facilities::insert(&mut tx, lived.facility, &form).await.unwrap();
    let plant = facilities::get(&mut tx, lived.facility).await.unwrap().unwrap();
    let renamed = FacilityForm { name: "Plant One", ..form.clone() };
    assert!(facilities::update(&mut tx, lived.facility, plant.version, &renamed).await.unwrap().is_some());
    assert!(facilities::update(&mut tx, lived.facility, plant.version, &form).await.unwrap().is_none());
    let spare = FacilityId(Uuid::new_v4());
    facilities::insert(&mut tx, spare, &form).await.unwrap();
    assert!(facilities::set_archived(&mut tx, spare, Some(now())).await.unwrap());
    assert_eq!(facilities::list(&mut tx, false).await.unwrap().len(), 1);
    assert_eq!(facilities::list(&mut tx, true).await.unwrap().len(), 2);
    assert!(facilities::delete(&mut tx, spare).await.unwrap());

    let viewer = org.viewer.user().unwrap();
    let member = members::get(&mut tx, viewer).await.unwrap().unwrap();
    let preferences = json!({"theme": "dark"});
    let form =
        ProfileForm { name: "Vera", title: "Buyer", phone: "1", department: "P", preferences: &preferences };
    let member = members::update(&mut tx, viewer, member.version, &form).await.unwrap().unwrap();
    assert_eq!((member.name.as_str(), member.role), ("Vera", Role::Viewer));
    assert_eq!(members::list(&mut tx).await.unwrap().len(), 5);
    assert_eq!(members::set_role(&mut tx, viewer, Role::Analyst).await.unwrap(), Changed::Done);
    let owner = org.owner.user().unwrap();
    assert_eq!(members::set_role(&mut tx, owner, Role::Viewer).await.unwrap(), Changed::LastOwner);
    assert_eq!(members::delete(&mut tx, owner).await.unwrap(), Changed::LastOwner);
    assert_eq!(members::delete(&mut tx, UserId(Uuid::new_v4())).await.unwrap(), Changed::Absent);

    let key = NewApiKey {
        id: ApiKeyId(Uuid::new_v4()),
        name: "ERP",
        prefix: "pi_abcd",
        key_hash: &[7; 32],
        role: Role::Analyst,
        scopes: &["files:write".to_owned()],
        created_by: owner,
        expires_at: Some(now()),
    };
    let made = api_keys::insert(&mut tx, &key).await.unwrap();
    assert_eq!(api_keys::get(&mut tx, key.id).await.unwrap(), Some(made));
    assert!(api_keys::revoke(&mut tx, key.id, now()).await.unwrap());
    assert!(!api_keys::revoke(&mut tx, key.id, now()).await.unwrap());
    assert_eq!(api_keys::list(&mut tx).await.unwrap().len(), 1);

    let invitation = NewInvitation {
        id: InvitationId(Uuid::new_v4()),
        email: "New@Example.com",
        email_key: "new@example.com",
        role: Role::Analyst,
        invited_by: owner,
        token_hash: &[1; 32],
        expires_at: now(),
    };
    invitations::insert(&mut tx, &invitation).await.unwrap();
    let again = NewInvitation { id: InvitationId(Uuid::new_v4()), ..invitation };
    invitations::insert(&mut tx, &again).await.unwrap();
    assert_eq!(invitations::list(&mut tx).await.unwrap().len(), 1);
    assert!(!invitations::delete(&mut tx, invitation.id).await.unwrap());
    assert!(invitations::delete(&mut tx, again.id).await.unwrap());
    let kept = NewInvitation { id: InvitationId(Uuid::new_v4()), ..invitation };
    invitations::insert(&mut tx, &kept).await.unwrap();
    tx.commit().await.unwrap();
}
