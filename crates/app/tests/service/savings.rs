//! An accepted finding is worked on, and a later upload says whether its money came.

use std::collections::BTreeMap;

use app::{
    analyses,
    findings::{self, Decision, Narrow},
    savings::{self, Verdict},
};
use generator::{DirectorySink, Improvement, PlantSpec, Problem, generate};
use store::{analyses::AnalysisState, findings::status::Status};

use super::house::House;

const WEEK_OF_THE_CURE: u32 = 45;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cured_problem_is_verified_with_its_amount_and_stands_on_top() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, caller) = (&house.backing, &house.caller);
    let folder = house.folder.path().join("cured");
    std::fs::create_dir_all(&folder).unwrap();
    let problem = Problem::FamilySetup;
    let spec = PlantSpec {
        problems: [problem].into_iter().collect(),
        improvement: Some(Improvement { problem, week: WEEK_OF_THE_CURE }),
        ..PlantSpec::new(5_000, 501)
    };
    generate(&spec, &mut DirectorySink::create(&folder).unwrap()).unwrap();
    let mut files = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "csv")) {
        files.push(house.send_file(path).await);
    }
    let dataset = house.import(files).await;
    house.read(dataset).await;
    let run = house.ended(house.start(dataset).await).await.analysis;
    assert_eq!(run.state, AnalysisState::Completed, "{:?}", run.reason);
    let page = findings::list(backing, caller, &Narrow::default(), None, 200).await.unwrap();
    let setups = page.items.iter().find(|standing| standing.finding.type_ == "setup_overrun").unwrap();
    let id = setups.finding.id;

    assert!(findings::opportunity(backing, caller, id).await.unwrap().is_none());
    let accepted = Decision { status: Some(Status::Accepted), ..Decision::default() };
    findings::decide(backing, caller, id, None, &accepted).await.unwrap();
    let promised = findings::opportunity(backing, caller, id).await.unwrap().unwrap().promised;
    assert!(promised.is_some_and(|amount| amount > 0.into()), "{promised:?}");

    // The plant opens on a Monday; the day of the cure in the time of the data.
    let result = analyses::result(backing, caller, run.id).await.unwrap();
    let first: jiff::civil::Date = result.period.unwrap().start.parse().unwrap();
    let monday = first
        .checked_sub(jiff::Span::new().days(i64::from(first.weekday().to_monday_zero_offset())))
        .unwrap();
    let cured = monday.checked_add(jiff::Span::new().days(7 * i64::from(WEEK_OF_THE_CURE))).unwrap();
    let done = Decision {
        status: Some(Status::Done),
        acted_on: Some(Some(cured)),
        notes: Some("Pre-set tools".to_owned()),
        ..Decision::default()
    };
    findings::decide(backing, caller, id, None, &done).await.unwrap();
    assert_eq!(savings::get(backing, caller, None).await.unwrap().summary.verified_a_year[0], 0.into());

    let again = analyses::repeat(backing, caller, run.id, None, &BTreeMap::default()).await.unwrap();
    let again = house.ended(again.analysis.id).await.analysis;
    assert_eq!(again.state, AnalysisState::Completed, "{:?}", again.reason);
    let savings = savings::get(backing, caller, None).await.unwrap();
    let [one] = &savings.opportunities[..] else { panic!("{savings:?}") };
    assert_eq!(one.verdict, Some(Verdict::Verified), "{}", one.verification);
    assert_eq!((one.status, one.unit.as_deref()), (Status::Verified, Some("money")));
    assert_eq!(one.notes, "Pre-set tools");
    assert!(one.saved_a_year_low.unwrap() > 0.into() && one.verified_by == Some(again.id));
    assert!(!one.verification["formula"].as_str().unwrap().is_empty());
    assert_eq!(savings.summary.verified_a_year[0], one.saved_a_year.unwrap());
    assert_eq!(savings.summary.conversion, Some(1.0));
    assert!(savings.summary.verified_to_date > 0.into());

    // A problem that was never touched: the same plant, an action on a day on which nothing happened.
    let undone = Decision {
        status: Some(Status::Done),
        acted_on: Some(Some(monday.checked_add(jiff::Span::new().days(7 * 20)).unwrap())),
        ..Decision::default()
    };
    let page = findings::list(backing, caller, &Narrow::default(), None, 200).await.unwrap();
    let setups = page.items.iter().find(|standing| standing.finding.type_ == "setup_overrun");
    if let Some(setups) = setups {
        findings::decide(backing, caller, setups.finding.id, None, &undone).await.unwrap();
        let changed = findings::opportunity(backing, caller, setups.finding.id).await.unwrap().unwrap();
        assert_eq!(changed.promised, promised, "what was promised stays what it was");
    }
    worker.stop().await;
}
