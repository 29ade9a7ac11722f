//! A month with nobody present: uploads that come by themselves, the report and the summary of each week at their hour, a limit that is
//! reached and ends with the month. The clock is moved; the jobs run as ever.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{
    Bounds,
    accounts::secret::Keys,
    datasets::mapping::{Confirmation, confirm},
    facilities,
    notices::Post,
    reports::{self, Rhythm},
    sources, usage,
    worker::{Options, make_a_round},
};
use bytes::Bytes;
use clients::{
    hooks::Hooks,
    mail::{Letter, Mailer, Sent},
};
use domain::id::{DatasetId, FacilityId};
use store::{
    reports::{Every, Format, Pack},
    sources::{NewSource, Source, SourceFile, SourceFileState, SourceKind},
    usage::{Meter, UsageType},
};
use testkit::FakeClock;
use uuid::Uuid;

use super::house::{House, Worker, body, caller, plant};

#[derive(Debug, Default)]
struct Outbox(Mutex<Vec<Letter>>);

impl Mailer for Outbox {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sent<'a> {
        self.0.lock().unwrap().push(letter.clone());
        Box::pin(async { Ok(()) })
    }
}

struct Month {
    house: House,
    clock: Arc<FakeClock>,
    outbox: Arc<Outbox>,
    facility: FacilityId,
    /// Where the watched source looks.
    folder: PathBuf,
    pushed: Uuid,
    watched: Uuid,
    /// The export as it came first.
    text: String,
    _worker: Worker,
}

/// What is looked for, once it is there.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1_200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("within a minute there was no {what}");
}

impl Month {
    /// The clock of the wall, in universal time, and a round of the worker at it.
    async fn at(&self, time: &str) {
        self.clock.set(time.parse().unwrap());
        make_a_round(&self.house.backing).await;
    }

    async fn push(&self, name: &'static str, text: &str) -> Result<DatasetId, app::Error> {
        let text = Bytes::from(text.to_owned());
        sources::push(&self.house.backing, &self.house.caller, self.pushed, name, None, body(text)).await
    }

    /// The export of another month: the same columns, a row less.
    fn export(&self, rows_less: usize) -> String {
        let lines: Vec<&str> = self.text.lines().collect();
        lines[..lines.len() - rows_less].join("\n") + "\n"
    }

    /// The file of this name, once it stands otherwise than just taken.
    async fn settled(&self, name: &str) -> SourceFile {
        until(name, async || {
            let mut files = Vec::new();
            for source in [self.pushed, self.watched] {
                files
                    .extend(sources::history(&self.house.backing, &self.house.caller, source).await.unwrap());
            }
            files.into_iter().find(|one| one.name == name && one.state != SourceFileState::Taken)
        })
        .await
    }

    /// Waits until the run that followed from a file has ended.
    async fn analyzed(&self, file: &SourceFile) {
        let filter =
            store::analyses::Filter { dataset: file.dataset_id, ..store::analyses::Filter::default() };
        let runs =
            app::analyses::list(&self.house.backing, &self.house.caller, filter, store::Page::default());
        let runs = runs.await.unwrap().items;
        assert_eq!(runs.len(), 1, "{}", file.name);
        let ended = self.house.ended(runs[0].id).await;
        assert_eq!(ended.analysis.state, store::analyses::AnalysisState::Completed, "{}", file.name);
    }

    async fn told(&self, type_: &str) -> usize {
        let mut tx = self.house.backing.store.begin(&self.house.org.owner).await.unwrap();
        let all = store::notices::list(&mut tx, 100).await.unwrap();
        all.into_iter().filter(|one| one.type_ == type_).count()
    }

    /// Letters with these words in their subject, once there are as many.
    async fn letters(&self, n: usize, words: &str) -> Vec<Letter> {
        until(words, async || {
            let letters = self.outbox.0.lock().unwrap().clone();
            let found: Vec<Letter> =
                letters.into_iter().filter(|letter| letter.subject.contains(words)).collect();
            (found.len() >= n).then_some(found)
        })
        .await
    }

    async fn made(&self, n: usize) -> Vec<store::reports::Report> {
        until("report", async || {
            let made = reports::page(&self.house.backing, &self.house.caller, store::Page::default()).await;
            let made = made.unwrap().items;
            (made.len() >= n).then_some(made)
        })
        .await
    }

    async fn used(&self, meter: Meter) -> (i64, Option<i64>) {
        let found = usage::get(&self.house.backing, &self.house.caller).await.unwrap();
        let one = found.allowances.iter().find(|one| one.meter == meter).unwrap();
        (one.used, one.limit)
    }

    async fn watching(&self) -> Source {
        let all = sources::list(&self.house.backing, &self.house.caller).await.unwrap();
        all.into_iter().find(|one| one.id == self.watched).unwrap()
    }
}

async fn source(house: &House, kind: SourceKind, facility: FacilityId) -> Uuid {
    let id = Uuid::new_v4();
    let mut tx = house.backing.store.begin(&house.org.admin).await.unwrap();
    let new = NewSource {
        id,
        name: "Monthly",
        kind,
        place: "monthly",
        secret: None,
        host_key: "",
        facility: Some(facility),
        every_minutes: 15,
        next_at: house.backing.clock.now(),
    };
    store::sources::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A plant in New York, watched; a report for its owner, who reads it in Berlin.
async fn begin(mut house: House) -> Month {
    let clock = Arc::new(FakeClock::at("2026-09-08T12:00:00Z".parse().unwrap()));
    house.backing.clock = clock.clone();
    let admin = caller(&house.org.admin);
    let form = facilities::Form {
        name: Some("Toledo".to_owned()),
        time_zone: Some("America/New_York".to_owned()),
        ..facilities::Form::default()
    };
    let facility = facilities::create(&house.backing, &admin, &form).await.unwrap().id;
    let mut tx = house.backing.store.begin(&house.org.owner).await.unwrap();
    let owner = house.org.owner.user();
    let members = store::members::list(&mut tx).await.unwrap();
    let address = members.into_iter().find(|one| Some(one.user_id) == owner).unwrap().email;
    tx.rollback().await.unwrap();
    let report = reports::Form {
        name: "Losses of the week".to_owned(),
        rhythm: Rhythm { every: Every::Week, day: 1, hour: 6 },
        time_zone: "Europe/Berlin".to_owned(),
        language: "de".to_owned(),
        pack: Pack::WeeklyLosses,
        format: Format::Xlsx,
        facility: Some(facility),
        recipients: vec![address],
    };
    reports::create(&house.backing, &caller(&house.org.owner), &report).await.unwrap();
    let root = house.folder.path().join("watched");
    let folder = root.join(house.org.id.to_string()).join("monthly");
    fs::create_dir_all(&folder).unwrap();
    let (pushed, watched) = (
        source(&house, SourceKind::Push, facility).await,
        source(&house, SourceKind::Folder, facility).await,
    );
    let outbox = Arc::new(Outbox::default());
    let mut options = Options::named("w");
    options.post = Some(Post {
        mailer: Some(outbox.clone()),
        hooks: Hooks::default(),
        keys: Keys::derive(b"a secret of tests that is long enough to be one"),
        models: app::models::Offers::default(),
        watched_folder: Some(root),
        public_address: "http://127.0.0.1:8000".to_owned(),
    });
    let worker = house.worker_with(options);
    let export = plant(house.folder.path(), 60);
    let export = export.iter().find(|path| path.ends_with("jobs.csv")).unwrap();
    let text = fs::read_to_string(export).unwrap();
    Month { house, clock, outbox, facility, folder, pushed, watched, text, _worker: worker }
}

#[tokio::test]
async fn a_month_of_exports_that_come_by_themselves() {
    // Five uploads a month.
    let Some(house) = House::bounded(Bounds::default(), "trial").await else { return };
    let month = begin(house).await;

    // The first of its kind waits for somebody who says what it means.
    let first = month.push("week1.csv", &month.text).await.unwrap();
    let waits = month.settled("week1.csv").await;
    assert_eq!(waits.state, SourceFileState::Waiting);
    assert!(waits.reason.contains("no saved mapping fits"), "{}", waits.reason);
    assert_eq!(month.told("source.waiting").await, 1);
    let (backing, person) = (&month.house.backing, &month.house.caller);
    confirm(backing, person, first, None, &[], &Confirmation::default()).await.unwrap();

    // The next one comes by the folder, with other rows, and is analyzed with nobody present.
    fs::write(month.folder.join("week2.csv"), month.export(1)).unwrap();
    month.at("2026-09-11T12:00:00Z").await;
    let known = month.settled("week2.csv").await;
    assert_eq!((known.state, known.reason.as_str()), (SourceFileState::Analyzed, ""));
    month.analyzed(&known).await;

    // Monday: the report at six in Berlin, the summary at six in New York, each once however often a worker looks.
    month.at("2026-09-14T03:59:00Z").await;
    assert_eq!(month.told("summary.weekly").await, 0);
    month.at("2026-09-14T04:01:00Z").await;
    let report = month.made(1).await;
    assert_eq!((report.len(), report[0].name.as_str()), (1, "Losses of the week.xlsx"));
    assert_eq!(month.told("summary.weekly").await, 0);
    month.at("2026-09-14T10:01:00Z").await;
    month.at("2026-09-14T10:21:00Z").await;
    assert_eq!(month.told("summary.weekly").await, 1);
    // For owner and admin, who want it where nothing was said.
    assert!(month.letters(2, "Your week").await[0].text.contains("Acme"));
    assert_eq!(month.letters(1, "Losses of the week").await.len(), 1);

    // One with a column more waits, and says which. What cannot be read is refused with its reason.
    let drifted: Vec<String> = month
        .text
        .lines()
        .enumerate()
        .map(|(at, line)| if at == 0 { format!("{line},Brand new column") } else { format!("{line},x{at}") })
        .collect();
    month.push("week3.csv", &drifted.join("\n")).await.unwrap();
    let drifted = month.settled("week3.csv").await;
    assert_eq!(drifted.state, SourceFileState::Waiting);
    assert!(drifted.reason.contains("new columns: Brand new column"), "{}", drifted.reason);
    assert_eq!(month.told("source.waiting").await, 2);
    // Four fifths are used with the next.
    month.push("broken.csv", "\u{0}\u{0}").await.unwrap();
    assert_eq!(month.settled("broken.csv").await.state, SourceFileState::Refused);
    assert_eq!((month.told("limit.near").await, month.used(Meter::Uploads).await), (1, (4, Some(5))));
    month.at("2026-09-21T10:01:00Z").await;
    assert_eq!((month.made(2).await.len(), month.told("summary.weekly").await), (2, 2));

    // The last of the month goes by itself; one more waits where it lies, and the source says why.
    fs::write(month.folder.join("week4.csv"), month.export(2)).unwrap();
    month.at("2026-09-25T12:00:00Z").await;
    let known = month.settled("week4.csv").await;
    month.analyzed(&known).await;
    fs::write(month.folder.join("week5.csv"), month.export(3)).unwrap();
    month.at("2026-09-30T12:00:00Z").await;
    let trouble =
        until("trouble", async || Some(month.watching().await.trouble).filter(|trouble| !trouble.is_empty()))
            .await;
    assert!(trouble.contains("5 uploads") && trouble.contains("anew on 1 Oct 2026"), "{trouble}");
    assert!(month.push("over.csv", &month.export(4)).await.is_err());
    assert_eq!((month.told("limit.reached").await, month.used(Meter::Uploads).await), (1, (5, Some(5))));
    let recorded = usage::get(backing, person).await.unwrap().totals;
    let events = |type_| recorded.iter().find(|one| one.type_ == type_).map_or(0, |one| one.events);
    for (type_, n) in [
        (UsageType::CsvUpload, 5),
        (UsageType::CsvRowProcessed, 4),
        (UsageType::AnalysisRun, 2),
        (UsageType::AnalyzerExecution, 2),
        (UsageType::MappingProfileCreated, 1),
        (UsageType::MappingProfileUsed, 2),
    ] {
        assert_eq!(events(type_), n, "{type_:?}");
    }

    // With the month the count begins anew, and what lay there is taken.
    month.at("2026-10-01T00:10:00Z").await;
    let known = month.settled("week5.csv").await;
    assert_eq!((known.state, known.reason.as_str()), (SourceFileState::Analyzed, ""));
    month.analyzed(&known).await;
    assert_eq!(month.used(Meter::Uploads).await, (1, Some(5)));
    assert_eq!(month.watching().await.trouble, "");
    let of_the_plant = app::analyses::list(
        backing,
        person,
        store::analyses::Filter { facility: Some(month.facility), ..store::analyses::Filter::default() },
        store::Page::default(),
    );
    let of_the_plant = of_the_plant.await.unwrap().items;
    assert_eq!(of_the_plant.len(), 3);
    let plants = app::analyses::plants::side_by_side(backing, person).await.unwrap();
    let ours = plants.iter().find(|plant| plant.facility.id == month.facility).unwrap();
    assert_eq!(ours.newest.as_ref().unwrap().id, of_the_plant[0].id);
    assert!(ours.kpis.contains_key("cost_variance_ratio") || ours.kpis.len() > 2, "{:?}", ours.kpis);

    // Who may not push does not, and a watched folder takes no pushed files.
    let viewer = caller(&month.house.org.viewer);
    let pushed =
        sources::push(backing, &viewer, month.pushed, "x.csv", None, body(Bytes::from("a,b\n1,2\n")));
    assert!(pushed.await.is_err());
    let wrong = sources::push(backing, person, month.watched, "x.csv", None, body(Bytes::from("a\n")));
    assert!(wrong.await.is_err());
}
