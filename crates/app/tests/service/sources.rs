//! Uploads that come by themselves: a known export goes on with nobody present, a drifted one waits and says why.

use std::{path::Path, time::Duration};

use app::{
    accounts::secret::Keys,
    datasets::mapping::{Confirmation, confirm},
    notices::Post,
    sources,
    worker::Options,
};
use bytes::Bytes;
use clients::hooks::Hooks;
use store::sources::{NewSource, SourceFile, SourceFileState, SourceKind};
use uuid::Uuid;

use super::house::{House, body, caller, plant};

async fn source(house: &House, kind: SourceKind) -> Uuid {
    let id = Uuid::new_v4();
    let mut tx = house.backing.store.begin(&house.org.admin).await.unwrap();
    let new = NewSource {
        id,
        name: "Monthly",
        kind,
        place: "monthly",
        secret: None,
        facility: None,
        every_minutes: 15,
        next_at: house.backing.clock.now(),
    };
    store::sources::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// The file of this name, once it stands otherwise than just taken.
async fn settled(house: &House, source: Uuid, name: &str) -> SourceFile {
    for _ in 0..1_200 {
        let files = sources::history(&house.backing, &house.caller, source).await.unwrap();
        let found = files.into_iter().find(|one| one.name == name && one.state != SourceFileState::Taken);
        if let Some(found) = found {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{name} was not settled within two minutes");
}

fn post(folder: &Path) -> Post {
    Post {
        mailer: None,
        hooks: Hooks::default(),
        keys: Keys::derive(b"a secret of tests that is long enough to be one"),
        models: app::models::Offers::default(),
        watched_folder: Some(folder.to_owned()),
        public_address: "http://127.0.0.1:8000".to_owned(),
    }
}

#[tokio::test]
async fn a_known_export_goes_on_by_itself_and_a_drifted_one_waits() {
    let Some(house) = House::open().await else { return };
    let watched = house.folder.path().join("watched");
    let own = watched.join(house.org.id.to_string()).join("monthly");
    std::fs::create_dir_all(&own).unwrap();
    let mut options = Options::named("w");
    options.post = Some(post(&watched));
    let _worker = house.worker_with(options);
    let export = plant(house.folder.path(), 60)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "csv"))
        .max_by_key(|path| std::fs::metadata(path).unwrap().len())
        .unwrap();
    let text = std::fs::read_to_string(&export).unwrap();
    let pushed = source(&house, SourceKind::Push).await;
    let push = |name: &'static str, text: String| {
        let (backing, caller) = (house.backing.clone(), house.caller.clone());
        async move { sources::push(&backing, &caller, pushed, name, None, body(Bytes::from(text))).await.unwrap() }
    };
    // The first of its kind waits for somebody who says what it means.
    let first = push("JAN.csv", text.clone()).await;
    let waits = settled(&house, pushed, "JAN.csv").await;
    assert_eq!(waits.state, SourceFileState::Waiting);
    assert!(waits.reason.contains("no saved mapping fits"), "{}", waits.reason);
    let told = || async {
        let mut tx = house.backing.store.begin(&house.org.owner).await.unwrap();
        let all = store::notices::list(&mut tx, 50).await.unwrap();
        all.into_iter().filter(|one| one.type_ == "source.waiting").count()
    };
    assert_eq!(told().await, 1);
    confirm(&house.backing, &house.caller, first, None, &[], &Confirmation::default()).await.unwrap();

    // The next month's comes by the folder, with other rows, and is analyzed with nobody present.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.truncate(lines.len() - 1);
    let folder = source(&house, SourceKind::Folder).await;
    std::fs::write(own.join("FEB.csv"), lines.join("\n") + "\n").unwrap();
    let known = settled(&house, folder, "FEB.csv").await;
    assert_eq!((known.state, known.reason.as_str()), (SourceFileState::Analyzed, ""));
    let runs = app::analyses::list(
        &house.backing,
        &house.caller,
        store::analyses::Filter { dataset: known.dataset_id, ..store::analyses::Filter::default() },
        store::Page::default(),
    );
    let runs = runs.await.unwrap().items;
    assert_eq!(runs.len(), 1);
    house.ended(runs[0].id).await;

    // One with a column more waits, and says which.
    let drifted: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| if at == 0 { format!("{line},Brand new column") } else { format!("{line},x{at}") })
        .collect();
    push("MAR.csv", drifted.join("\n")).await;
    let drifted = settled(&house, pushed, "MAR.csv").await;
    assert_eq!(drifted.state, SourceFileState::Waiting);
    assert!(drifted.reason.contains("new columns: Brand new column"), "{}", drifted.reason);
    assert_eq!(told().await, 2);

    // What cannot be read is refused with its reason; what nobody may push is not taken.
    push("APR.csv", "\u{0}\u{0}".to_owned()).await;
    assert_eq!(settled(&house, pushed, "APR.csv").await.state, SourceFileState::Refused);
    let viewer = caller(&house.org.viewer);
    let refused =
        sources::push(&house.backing, &viewer, pushed, "x.csv", None, body(Bytes::from("a,b\n1,2\n"))).await;
    assert!(refused.is_err());
    let wrong =
        sources::push(&house.backing, &house.caller, folder, "x.csv", None, body(Bytes::from("a\n"))).await;
    assert!(wrong.is_err(), "a watched folder takes no pushed files");
}
