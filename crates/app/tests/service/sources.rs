//! Places that are looked into: a folder of a server from its first look to an analysis with nobody present, and more files than one
//! look takes.

use std::{fs, path::Path, sync::Arc, time::Duration};

use app::{
    Bounds,
    accounts::{Desk, DeskSettings},
    datasets::mapping::{Confirmation, confirm},
    sources::{self, Form},
    worker::{Options, make_a_round},
};
use clients::{hooks::Hooks, places::Login};
use jiff::SignedDuration;
use store::sources::{Source, SourceFile, SourceFileState};
use testkit::{FakeClock, OpenSsh};
use uuid::Uuid;

use super::house::{House, Worker, caller, plant};

const MINUTE: SignedDuration = SignedDuration::from_secs(61);

/// A worker that looks into sources, the desk where they are made, and the clock that both see.
fn watching(house: &mut House, watched: &Path) -> (Worker, Desk, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::at("2026-09-21T12:00:00Z".parse().unwrap()));
    house.backing.clock = clock.clone();
    let mut desk = house.desk();
    desk.hooks = Hooks { private: true };
    desk.settings =
        Arc::new(DeskSettings { watched_folder: Some(watched.to_owned()), ..DeskSettings::default() });
    let mut options = Options::named("w");
    options.post = Some(desk.post());
    (house.worker_with(options), desk, clock)
}

/// Looks as often as is due, until the source is as wanted.
async fn until(
    house: &House,
    source: Uuid,
    wanted: impl Fn(&Source, &[SourceFile]) -> bool,
) -> Vec<SourceFile> {
    let mut last = None;
    for _ in 0..600 {
        make_a_round(&house.backing).await;
        let all = sources::list(&house.backing, &house.caller).await.unwrap();
        let own = all.into_iter().find(|one| one.id == source).unwrap();
        let files = sources::history(&house.backing, &house.caller, source).await.unwrap();
        if wanted(&own, &files) {
            return files;
        }
        last = Some((own, files));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("within a minute it did not come so far: {last:?}")
}

fn stands(files: &[SourceFile], name: &str, state: SourceFileState) -> bool {
    files.iter().any(|one| one.name == name && one.state == state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_a_server_is_looked_into_until_its_export_is_analyzed() {
    let Some(mut house) = House::open().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let Some(mut server) = OpenSsh::start(folder.path()) else {
        println!("skipped: no OpenSSH server is installed");
        return;
    };
    let (worker, desk, clock) = watching(&mut house, folder.path());
    let exports = folder.path().join("exports");
    fs::create_dir_all(&exports).unwrap();
    let export = plant(house.folder.path(), 60);
    let export = fs::read_to_string(export.iter().find(|path| path.ends_with("jobs.csv")).unwrap()).unwrap();
    fs::write(exports.join("week1.csv"), &export).unwrap();

    let form = |login: Login| Form {
        name: "Nightly export".to_owned(),
        kind: "sftp".to_owned(),
        place: server.address(&exports),
        login,
        every_minutes: 1,
        ..Form::default()
    };
    let login = Login { user: server.user(), private_key: server.key("person"), ..Login::default() };
    let admin = caller(&house.org.admin);
    // Whoever may not sign in learns it now and not at night.
    let stranger = Login { private_key: server.key("host"), ..login.clone() };
    let refused = sources::create(&desk, &admin, &form(stranger)).await;
    assert!(matches!(&refused, Err(app::Error::Invalid(flaws)) if flaws[0].field == "place"), "{refused:?}");
    let refused = sources::create(&desk, &house.caller, &form(login.clone())).await;
    assert!(matches!(refused, Err(app::Error::Forbidden { .. })), "{refused:?}");
    let source = sources::create(&desk, &admin, &form(login)).await.unwrap();
    assert!(source.host_key.starts_with("SHA256:"), "{source:?}");

    // The first of its kind waits for somebody who says what it means; the next one goes by itself.
    let files =
        until(&house, source.id, |_, files| stands(files, "week1.csv", SourceFileState::Waiting)).await;
    let first = files.iter().find(|one| one.name == "week1.csv").and_then(|one| one.dataset_id).unwrap();
    confirm(&house.backing, &house.caller, first, None, &[], &Confirmation::default()).await.unwrap();
    let lines: Vec<&str> = export.lines().collect();
    fs::create_dir_all(exports.join("2026/w38")).unwrap();
    fs::write(exports.join("2026/w38/week2.csv"), lines[..lines.len() - 1].join("\n")).unwrap();
    clock.advance(MINUTE);
    let analyzed = SourceFileState::Analyzed;
    until(&house, source.id, |_, files| stands(files, "2026/w38/week2.csv", analyzed)).await;

    // Another server at the same address gets no password and no file is taken from it.
    server.replaced().unwrap();
    fs::write(exports.join("week3.csv"), lines[..lines.len() - 2].join("\n")).unwrap();
    clock.advance(MINUTE);
    let files = until(&house, source.id, |source, _| source.trouble.contains("shows another key")).await;
    assert_eq!(files.len(), 2, "{files:?}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_files_than_one_look_takes_come_with_the_next_ones_at_once() {
    let bounds = Bounds { source_files_max: 2, ..Bounds::default() };
    let Some(mut house) = House::bounded(bounds, "unlimited").await else { return };
    let root = tempfile::tempdir().unwrap();
    let (worker, desk, _) = watching(&mut house, root.path());
    let own = root.path().join(house.org.id.to_string());
    fs::create_dir_all(&own).unwrap();
    for at in 1..=5 {
        fs::write(own.join(format!("{at}.csv")), format!("Order,Quantity\n{at},1\n")).unwrap();
    }
    let form = Form {
        name: "Everything".to_owned(),
        kind: "folder".to_owned(),
        every_minutes: 60 * 24,
        ..Form::default()
    };
    let source = sources::create(&desk, &caller(&house.org.admin), &form).await.unwrap();
    let files = until(&house, source.id, |_, files| files.len() == 5).await;
    let mut names: Vec<&str> = files.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["1.csv", "2.csv", "3.csv", "4.csv", "5.csv"]);
    // What is taken is not taken again, and the next look is a day away.
    let all = sources::list(&house.backing, &house.caller).await.unwrap();
    assert_eq!(all[0].trouble, "");
    worker.stop().await;
}
