//! Signing in: people, sessions, links, throttling, invitations, keys, webhooks; and the operator's door.

use domain::Role;
use domain::id::*;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::api_keys::{self as keys, NewApiKey};
use store::gate::links::Purpose;
use store::gate::memberships::MembershipSource;
use store::gate::sessions::NewSession;
use store::gate::throttle::Rule;
use store::gate::webhooks::SubscriptionState;
use store::gate::{
    api_keys, identities, invitations, links, memberships, orgs, sessions, throttle, users, webhooks,
};
use store::invitations::{self as letters, NewInvitation};
use store::operator::customers::{self, CustomerForm, CustomerPlan, CustomerStatus};
use store::operator::{Operator, orgs as all_orgs, plans};
use store::orgs::{OrgKind, OrgState};
use store::{Error, audit};
use testkit::Database;
use uuid::Uuid;

fn now() -> Timestamp {
    super::scenario::now()
}

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

#[tokio::test]
async fn a_person_comes_in_and_goes_out() {
    let Some(database) = Database::fresh().await else { return };
    let mut tx = database.store.gate().await.unwrap();
    assert_eq!(users::count(&mut tx).await.unwrap(), 0);
    let (user, org) = (UserId(Uuid::new_v4()), OrgId(Uuid::new_v4()));
    users::insert(&mut tx, user, "Ada@Example.com", "ada@example.com", "Ada").await.unwrap();
    let made =
        orgs::insert(&mut tx, org, "Ada's", OrgKind::Personal, "unlimited", Some("iss#1")).await.unwrap();
    assert_eq!(orgs::get(&mut tx, org).await.unwrap(), Some(made.clone()));
    assert_eq!(orgs::get_by_external_id(&mut tx, "iss#1").await.unwrap(), Some(made));
    memberships::put(&mut tx, user, Role::Owner, MembershipSource::Local, "Ada@Example.com", "Ada")
        .await
        .unwrap();
    identities::insert(&mut tx, "https://issuer", "sub", user).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = database.store.gate().await.unwrap();
    let taken = users::insert(&mut tx, UserId(Uuid::new_v4()), "x", "ada@example.com", "").await;
    assert!(matches!(taken, Err(Error::Conflict { .. })));
    drop(tx);
    let mut tx = database.store.gate().await.unwrap();
    assert_eq!(identities::get(&mut tx, "https://issuer", "sub").await.unwrap(), Some(user));
    assert_eq!(identities::get(&mut tx, "https://other", "sub").await.unwrap(), None);
    assert!(users::set_password(&mut tx, user, Some("$argon2id$x")).await.unwrap());
    assert!(users::set_name(&mut tx, user, "Ada L.").await.unwrap());
    assert!(users::set_email_verified(&mut tx, user, now()).await.unwrap());
    assert!(users::set_signed_in(&mut tx, user, now()).await.unwrap());
    assert!(users::set_totp(&mut tx, user, Some(&[1; 20]), &[vec![5; 32], vec![6; 32]]).await.unwrap());
    // A code of a time step works once, and an older one not after it.
    assert!(users::accept_totp_step(&mut tx, user, 100, now()).await.unwrap());
    assert!(!users::accept_totp_step(&mut tx, user, 100, now()).await.unwrap());
    assert!(!users::accept_totp_step(&mut tx, user, 99, now()).await.unwrap());
    assert!(users::accept_totp_step(&mut tx, user, 101, now()).await.unwrap());
    assert!(users::take_recovery_code(&mut tx, user, &[5; 32]).await.unwrap());
    assert!(!users::take_recovery_code(&mut tx, user, &[5; 32]).await.unwrap());
    let ada = users::get_by_email(&mut tx, "ada@example.com").await.unwrap().unwrap();
    assert_eq!((ada.totp_last_step, ada.recovery_code_hashes.len(), ada.name.as_str()), (101, 1, "Ada L."));
    assert_eq!(users::get(&mut tx, user).await.unwrap(), Some(ada));

    let new = NewSession {
        id: SessionId(Uuid::new_v4()),
        token_hash: &[1; 32],
        user,
        org,
        user_agent: &"Firefox\0".repeat(100),
        address: "192.0.2.1",
        second_factor_at: None,
        now: now(),
        idle_expires_at: now() + MINUTE,
        expires_at: now() + MINUTE * 3,
    };
    sessions::insert(&mut tx, &new).await.unwrap();
    let session = sessions::get(&mut tx, &[1; 32], now()).await.unwrap().unwrap();
    assert_eq!((session.user_id, session.org_id, session.disabled), (user, org, false));
    assert_eq!(sessions::get(&mut tx, &[1; 32], now() + MINUTE).await.unwrap(), None, "idle");
    assert!(sessions::touch(&mut tx, new.id, now(), now() + MINUTE * 9).await.unwrap());
    assert!(sessions::get(&mut tx, &[1; 32], now() + MINUTE * 2).await.unwrap().is_some());
    assert_eq!(sessions::get(&mut tx, &[1; 32], now() + MINUTE * 3).await.unwrap(), None, "absolute");
    assert!(sessions::rotate(&mut tx, new.id, &[2; 32], Some(now())).await.unwrap());
    assert_eq!(sessions::get(&mut tx, &[1; 32], now()).await.unwrap(), None, "the old token");
    let stranger = OrgId(Uuid::new_v4());
    orgs::insert(&mut tx, stranger, "B", OrgKind::Company, "trial", None).await.unwrap();
    assert!(!sessions::set_org(&mut tx, new.id, stranger).await.unwrap(), "not a member there");
    assert!(sessions::set_org(&mut tx, new.id, org).await.unwrap());
    let second = NewSession { id: SessionId(Uuid::new_v4()), token_hash: &[3; 32], ..new.clone() };
    sessions::insert(&mut tx, &second).await.unwrap();
    assert_eq!(sessions::list(&mut tx, user, now()).await.unwrap().len(), 2);
    assert_eq!(sessions::delete_all(&mut tx, user, Some(new.id)).await.unwrap(), 1);
    assert!(users::set_disabled(&mut tx, user, Some(now())).await.unwrap());
    assert!(sessions::get(&mut tx, &[2; 32], now()).await.unwrap().unwrap().disabled);
    assert!(!sessions::delete(&mut tx, UserId(Uuid::new_v4()), new.id).await.unwrap());
    assert!(sessions::delete(&mut tx, user, new.id).await.unwrap());
    sessions::insert(&mut tx, &new).await.unwrap();
    assert_eq!(sessions::prune(&mut tx, now() + MINUTE).await.unwrap(), 1);

    assert_eq!(memberships::list(&mut tx, user).await.unwrap()[0].org_name, "Ada's");
    assert_eq!(memberships::get(&mut tx, org, user).await.unwrap().unwrap().role, Role::Owner);
    assert_eq!(memberships::get(&mut tx, stranger, user).await.unwrap(), None);
    tx.enter(org).await.unwrap();
    assert_eq!(tx.org(), Some(org));
    memberships::put(&mut tx, user, Role::Viewer, MembershipSource::Issuer, "x", "y").await.unwrap();
    assert_eq!(memberships::get(&mut tx, org, user).await.unwrap().unwrap().role, Role::Viewer);
    let event = audit::Event::new("session.create", audit::Outcome::Done);
    assert_eq!(audit::record(&mut tx, &event).await.unwrap(), 1);
    assert!(orgs::set_name(&mut tx, "Ada & Co").await.unwrap());
    assert!(orgs::set_state(&mut tx, OrgState::Closed).await.unwrap());
    let closed = memberships::get(&mut tx, org, user).await.unwrap().unwrap();
    assert_eq!((closed.org_name.as_str(), closed.org_state.as_str()), ("Ada & Co", "closed"));
    assert!(memberships::delete(&mut tx, user).await.unwrap());
    assert!(!memberships::delete(&mut tx, user).await.unwrap());
    tx.enter(audit::INSTALLATION).await.unwrap();
    let event = audit::Event::new("session.refuse", audit::Outcome::Denied)
        .by_kind(audit::ActorKind::Anonymous, "")
        .from_address("192.0.2.7", "curl");
    audit::record(&mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn links_work_once_and_for_their_purpose() {
    let Some(database) = Database::fresh().await else { return };
    let user = UserId(Uuid::new_v4());
    let mut tx = database.store.gate().await.unwrap();
    users::insert(&mut tx, user, "a", "a", "").await.unwrap();
    let (reset, later) = (Purpose::ResetPassword, now() + MINUTE);
    links::insert(&mut tx, &[1; 32], reset, user, "d", later).await.unwrap();
    links::insert(&mut tx, &[2; 32], reset, user, "d", later).await.unwrap();
    assert_eq!(links::take(&mut tx, &[1; 32], reset, now()).await.unwrap(), None, "a newer one replaced it");
    assert_eq!(links::take(&mut tx, &[2; 32], Purpose::SignIn, now()).await.unwrap(), None);
    assert_eq!(links::take(&mut tx, &[2; 32], reset, later).await.unwrap(), None, "too late");
    assert_eq!(links::get(&mut tx, &[2; 32], reset, now()).await.unwrap().unwrap().detail, "d");
    assert_eq!(links::take(&mut tx, &[2; 32], reset, now()).await.unwrap().unwrap().user_id, user);
    assert_eq!(links::take(&mut tx, &[2; 32], reset, now()).await.unwrap(), None);
    links::insert(&mut tx, &[3; 32], reset, user, "", later).await.unwrap();
    assert_eq!(links::prune(&mut tx, later).await.unwrap(), 1);
}

#[tokio::test]
async fn guessing_waits_longer_each_time() {
    let Some(database) = Database::fresh().await else { return };
    let mut tx = database.store.gate().await.unwrap();
    let rule = Rule { free: 3, first_wait: MINUTE, longest_wait: MINUTE * 10, window: MINUTE * 60 };
    let mut waits = Vec::new();
    for _ in 0..9 {
        let fact = throttle::fail(&mut tx, "account:ada", rule, now()).await.unwrap();
        waits.push(fact.locked_until.duration_since(now()).as_mins());
    }
    assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 10, 10]);
    assert!(throttle::get(&mut tx, "account:ada", now()).await.unwrap().is_some());
    assert!(throttle::get(&mut tx, "account:ada", now() + MINUTE * 10).await.unwrap().is_none());
    assert!(throttle::get(&mut tx, "account:bob", now()).await.unwrap().is_none());
    let later = throttle::fail(&mut tx, "account:ada", rule, now() + MINUTE * 61).await.unwrap();
    assert_eq!(later.failures, 1, "after a quiet while counting starts again");
    throttle::fail(&mut tx, "address:1", rule, now()).await.unwrap();
    throttle::clear(&mut tx, "address:1").await.unwrap();
    throttle::record_attempt(&mut tx, "hash", "192.0.2.1", "refused", now()).await.unwrap();
    assert_eq!(throttle::prune(&mut tx, now() + MINUTE * 200).await.unwrap(), 2);
}

#[tokio::test]
async fn invitations_and_keys_are_found_by_what_is_shown() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "unlimited").await;
    let owner = org.owner.user().unwrap();
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    let letter = NewInvitation {
        id: InvitationId(Uuid::new_v4()),
        email: "n",
        email_key: "n",
        role: Role::Analyst,
        invited_by: owner,
        token_hash: &[1; 32],
        expires_at: now() + MINUTE,
    };
    letters::insert(&mut tx, &letter).await.unwrap();
    let key = NewApiKey {
        id: ApiKeyId(Uuid::new_v4()),
        name: "ERP",
        prefix: "pi_abcd",
        key_hash: &[7; 32],
        role: Role::Analyst,
        scopes: &[],
        created_by: owner,
        expires_at: Some(now() + MINUTE),
    };
    keys::insert(&mut tx, &key).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = database.store.gate().await.unwrap();
    assert_eq!(invitations::get(&mut tx, &[1; 32], now() + MINUTE).await.unwrap(), None);
    let taken = invitations::accept(&mut tx, &[1; 32], now()).await.unwrap().unwrap();
    assert_eq!((taken.org_id, taken.role, tx.org()), (org.id, Role::Analyst, Some(org.id)));
    assert_eq!(invitations::accept(&mut tx, &[1; 32], now()).await.unwrap(), None);
    let found = api_keys::get(&mut tx, &[7; 32], now()).await.unwrap().unwrap();
    assert_eq!((found.org_id, found.id), (org.id, key.id));
    assert_eq!(api_keys::get(&mut tx, &[7; 32], now() + MINUTE).await.unwrap(), None);
    assert_eq!(api_keys::get(&mut tx, &[8; 32], now()).await.unwrap(), None);
    assert!(api_keys::touch(&mut tx, org.id, key.id, now()).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    assert_eq!(keys::get(&mut tx, key.id).await.unwrap().unwrap().last_used_at, Some(now()));
    keys::revoke(&mut tx, key.id, now()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = database.store.gate().await.unwrap();
    assert_eq!(api_keys::get(&mut tx, &[7; 32], now()).await.unwrap(), None);
}

#[tokio::test]
async fn webhooks_take_effect_once_and_only_newer_ones() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "trial").await;
    let state = |status: &'static str, second: i64| SubscriptionState {
        provider: "stripe",
        live: true,
        customer_ref: "cus_1",
        subscription_ref: "sub_1",
        status,
        entitled: status == "active",
        ended: false,
        changed: status != "incomplete",
        plan: "professional",
        period_start: Some(now()),
        period_end: None,
        trial_end: None,
        cancels_at_period_end: false,
        provider_time: now() + SignedDuration::from_secs(second),
        event_id: "e",
    };
    let mut tx = database.store.gate().await.unwrap();
    assert_eq!(webhooks::org_of_customer(&mut tx, "stripe", true, "cus_1").await.unwrap(), None);
    tx.enter(org.id).await.unwrap();
    assert!(webhooks::put_subscription(&mut tx, &state("incomplete", 0)).await.unwrap());
    assert!(orgs::set_plan(&mut tx, "professional").await.unwrap());
    tx.commit().await.unwrap();
    for (event, status, second, news, kept) in [
        ("e1", "active", 5, true, "active"),
        ("e1", "active", 5, false, "active"),
        ("e0", "unpaid", 3, true, "active"),
        // Of the same second: its first state is older than any other, whatever the ids.
        ("e3", "incomplete", 5, true, "active"),
        ("e2", "paused", 9, true, "paused"),
    ] {
        let mut tx = database.store.gate().await.unwrap();
        assert_eq!(
            webhooks::org_of_customer(&mut tx, "stripe", false, "cus_1").await.unwrap(),
            None,
            "test mode"
        );
        let found = webhooks::org_of_customer(&mut tx, "stripe", true, "cus_1").await.unwrap();
        assert_eq!(found, Some(org.id));
        assert_eq!(
            webhooks::receive(&mut tx, "stripe", true, event, "t", found, "done").await.unwrap(),
            news
        );
        if news {
            tx.enter(org.id).await.unwrap();
            webhooks::put_subscription(&mut tx, &state(status, second)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut tx = database.store.begin(&org.owner).await.unwrap();
        assert_eq!(store::usage::subscription(&mut tx).await.unwrap().unwrap().status, kept, "{event}");
    }
}

#[tokio::test]
async fn the_gate_writes_nothing_of_an_organisation_that_it_did_not_enter() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "unlimited").await;
    let user = org.viewer.user().unwrap();
    let mut tx = database.store.gate().await.unwrap();
    assert!(!memberships::delete(&mut tx, user).await.unwrap());
    assert!(!orgs::set_plan(&mut tx, "trial").await.unwrap());
    assert!(!orgs::set_state(&mut tx, OrgState::Closed).await.unwrap());
    assert!(!orgs::set_name(&mut tx, "B").await.unwrap());
    let put = memberships::put(&mut tx, user, Role::Owner, MembershipSource::Local, "x", "").await;
    assert!(put.is_err());
    drop(tx);
    let mut tx = database.store.gate().await.unwrap();
    assert!(audit::record(&mut tx, &audit::Event::new("x", audit::Outcome::Done)).await.is_err());
}

#[tokio::test]
async fn the_operator_is_seen_where_it_looked() {
    let Some(database) = Database::fresh().await else { return };
    let org = testkit::org(&database, "A", "trial").await;
    let operator = Operator { user: UserId(Uuid::new_v4()) };
    let mut tx = database.store.operator(operator).await.unwrap();
    assert_eq!((tx.operator(), tx.org()), (operator, None));
    assert_eq!(all_orgs::list(&mut tx).await.unwrap().len(), 1);
    tx.enter(org.id, "support case 7", "trace-7").await.unwrap();
    assert_eq!(all_orgs::statistics(&mut tx, org.id).await.unwrap().members, 5);
    let form = CustomerForm {
        name: "Works Ltd",
        contact_name: "Ada",
        contact_email: "ada@example.com",
        contact_phone: "1",
        address: "Street\0",
        notes: "n",
        plan: CustomerPlan::Pilot,
        status: CustomerStatus::Trial,
        csv_upload_limit: 10,
        savings_target: 50_000.into(),
        pilot_ends_on: Some(jiff::civil::date(2026, 6, 30)),
    };
    let made = customers::put(&mut tx, org.id, 0, &form).await.unwrap().unwrap();
    assert_eq!(customers::put(&mut tx, org.id, 0, &form).await.unwrap(), None, "somebody noted it before");
    let form = CustomerForm { status: CustomerStatus::Active, ..form };
    assert!(customers::put(&mut tx, org.id, made.version, &form).await.unwrap().is_some());
    assert_eq!(customers::get(&mut tx, org.id).await.unwrap().unwrap().status, CustomerStatus::Active);
    let found = customers::list(&mut tx, Some("WORKS"), Some(CustomerStatus::Active)).await.unwrap();
    assert_eq!((found.len(), found[0].pilot_ends_on), (1, form.pilot_ends_on));
    let all = plans::list(&mut tx).await.unwrap();
    let mut plan = all.into_iter().find(|plan| plan.plan == "enterprise").unwrap();
    plan.uploads = Some(7);
    plans::put(&mut tx, &plan).await.unwrap();
    assert!(all_orgs::set_plan(&mut tx, "enterprise").await.unwrap());
    assert!(all_orgs::set_state(&mut tx, OrgState::Suspended).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = database.store.begin(&org.owner).await.unwrap();
    let rows = audit::list(&mut tx, &audit::Filter::default(), 10).await.unwrap();
    assert_eq!(
        (rows[0].action.as_str(), &rows[0].details),
        ("operator.enter", &json!({"reason": "support case 7"}))
    );
    assert_eq!(store::orgs::get(&mut tx).await.unwrap().unwrap().plan, "enterprise");
    // Of all that the operator noted, the organisation sees what its pilot should save, and of its own alone.
    let pilot = store::opportunities::pilot(&mut tx).await.unwrap().unwrap();
    assert_eq!((pilot.savings_target, pilot.pilot_ends_on), (50_000.into(), form.pilot_ends_on));
    drop(tx);
    let other = testkit::org(&database, "B", "trial").await;
    let mut tx = database.store.begin(&other.owner).await.unwrap();
    assert_eq!(store::opportunities::pilot(&mut tx).await.unwrap(), None);
}
