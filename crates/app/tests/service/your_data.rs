//! Everything of an organisation: taken along whole, let go in time, deleted with proof.

use std::{io::Read, sync::Arc, time::Duration};

use app::{
    Backing, Caller,
    accounts::{Desk, DeskSettings, secret::Keys},
    datasets,
    worker::{self, Options},
    your_data,
};
use domain::{Actor, TraceId, actor::Means, id::SessionId};
use futures::StreamExt;
use store::jobs::JobState;
use testkit::FakeClock;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::house::{House, caller};

#[tokio::test]
async fn an_archive_holds_every_table_and_every_file() {
    let Some(house) = House::open().await else { return };
    let _worker = house.worker("w");
    let file = house.send("Jobs ü.csv", "Job,Qty\nJ1,5\n").await.file.id;
    let import = house.import(vec![file]).await;
    house.read(import).await;
    let owner = caller(&house.org.owner);
    assert!(your_data::export(&house.backing, &caller(&house.org.admin)).await.is_err(), "only owners");
    let id = your_data::export(&house.backing, &owner).await.unwrap();
    for _ in 0..600 {
        let all = your_data::exports(&house.backing, &owner).await.unwrap();
        match all[0].state {
            JobState::Completed => break,
            JobState::Failed => panic!("{:?}", all[0].reason),
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    let mut body = your_data::archive(&house.backing, &owner, id).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut read = |name: &str| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let sent = names.iter().find(|name| name.starts_with(&format!("files/{file}"))).unwrap();
    assert_eq!(read(sent), "Job,Qty\nJ1,5\n");
    assert!(read("tables/files.jsonl").contains("Jobs ü.csv"));
    assert!(read("tables/datasets.jsonl").contains(&import.to_string()));
    assert!(read("tables/memberships.jsonl").lines().count() == 5);
    for name in &names {
        let text = if name.starts_with("tables/") { read(name) } else { String::new() };
        assert!(!text.contains("token_hash") && !text.contains("object_key"), "{name}");
        assert!(!["api_keys", "jobs", "invitations"].iter().any(|left| name.contains(left)), "{name}");
    }
    // Of another organisation it holds nothing.
    let other = testkit::org(&house.database, "Other", "unlimited").await;
    assert!(your_data::archive(&house.backing, &caller(&other.owner), id).await.is_err());
}

#[tokio::test]
async fn an_organisation_goes_with_all_that_is_its_own_and_the_proof_stays() {
    let Some(house) = House::open().await else { return };
    let other = testkit::org(&house.database, "Other", "unlimited").await;
    let kept = house.database.store.rows_of(other.id).await.unwrap();
    {
        let worker = house.worker("w");
        let (import, _) = house.import_plant(60).await;
        house.read(import).await;
        let run = house.start(import).await;
        house.ended(run).await;
        worker.stop().await;
    }
    assert!(house.database.store.rows_of(house.org.id).await.unwrap() > 100);
    let keys = Keys::derive(b"a secret of tests that is long enough to be one");
    let desk = Desk::new(house.backing.clone(), keys, None, DeskSettings::default());
    let user = house.org.owner.user().unwrap();
    let means = Means::Session { user, session: SessionId(Uuid::new_v4()) };
    let actor = Actor { means, ..house.org.owner.clone() };
    let owner = Caller::new(actor, TraceId::new([7; 16]), None);
    assert!(your_data::delete(&desk, &owner, "Acne").await.is_err(), "the name must be typed");
    your_data::delete(&desk, &owner, " Acme ").await.unwrap();
    let mut options = Options::named("w2");
    options.post = Some(desk.post());
    let _worker = house.worker_with(options);
    for _ in 0..600 {
        if house.database.store.rows_of(house.org.id).await.unwrap() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(house.database.store.rows_of(house.org.id).await.unwrap(), 0);
    assert_eq!(house.blobs().await, []);
    assert_eq!(house.database.store.rows_of(other.id).await.unwrap(), kept, "others keep theirs");
    let installation = Actor {
        org: store::audit::INSTALLATION,
        role: domain::Role::Owner,
        means: Means::Job { job: domain::id::JobId(Uuid::nil()) },
    };
    let mut tx = house.database.store.begin(&installation).await.unwrap();
    let filter =
        store::audit::Filter { action: Some("org.delete".to_owned()), ..store::audit::Filter::default() };
    let proof = store::audit::list(&mut tx, &filter, 10).await.unwrap();
    assert_eq!((proof.len(), proof[0].resource_id.as_str()), (1, house.org.id.to_string().as_str()));
    assert!(proof[0].details["by_table"]["findings"].as_i64().unwrap() > 0, "{}", proof[0].details);
}

#[tokio::test]
async fn uploads_go_when_they_are_older_than_they_are_kept() {
    let Some(house) = House::open().await else { return };
    {
        let worker = house.worker("w");
        let file = house.send("jobs.csv", "Job,Qty\nJ1,5\n").await.file.id;
        let import = house.import(vec![file]).await;
        house.read(import).await;
        worker.stop().await;
    }
    let owner = caller(&house.org.owner);
    assert!(your_data::keep(&house.backing, &owner, Some(0)).await.is_err());
    your_data::keep(&house.backing, &owner, Some(24)).await.unwrap();
    let imports = || async {
        datasets::list(&house.backing, &house.caller, None, store::Page::default()).await.unwrap().items.len()
    };
    // Under a clock that is moved on, chores of the worker let it go; under one that is not, they do not.
    for (second, left) in [(1_790_000_000, 1), (1_990_000_000, 0)] {
        let clock = Arc::new(FakeClock::at(jiff::Timestamp::from_second(second).unwrap()));
        let backing = Backing { clock, ..house.backing.clone() };
        let stop = CancellationToken::new();
        let work = tokio::spawn(worker::run(backing, Options::named("chores"), stop.clone()));
        for _ in 0..40 {
            if imports().await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        stop.cancel();
        work.await.unwrap();
        assert_eq!(imports().await, left, "{second}");
    }
}
