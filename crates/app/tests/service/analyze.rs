//! The main job of the command line, through the service.

use std::collections::BTreeMap;

use app::{
    Scratch, analyses, analyze,
    datasets::{
        self,
        decision::{ColumnDecision, TableDecision},
        mapping::Confirmation,
    },
    findings::{self, Decision, Narrow},
    mapping_profiles, view,
};
use domain::Settings;
use serde_json::json;
use store::{
    Page,
    analyses::AnalysisState,
    datasets::{DatasetState, MappingState},
    findings::status::Status,
};

use super::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_findings_as_the_command_line_with_rows_that_open() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (dataset, paths) = house.import_plant(1_000).await;
    let import = house.read(dataset).await;
    assert_eq!(import.dataset.state, DatasetState::Mapping, "{:?}", import.dataset.reason);
    let run = house.ended(house.start(dataset).await).await;
    assert_eq!(run.analysis.state, AnalysisState::Completed, "{:?}", run.analysis.reason);
    let result = analyses::result(&house.backing, &house.caller, run.analysis.id).await.unwrap();

    let alone = tokio::task::spawn_blocking(move || {
        let scratch = Scratch::new().unwrap();
        let settings = Settings::default();
        let request = analyze::Request {
            files: &paths,
            part: None,
            saved: &[],
            settings: &settings,
            decisions: analyze::Decisions::Likelier,
        };
        analyze::analyze(&request, &scratch, &mut |_| {}).unwrap().analysis.unwrap()
    })
    .await
    .unwrap();
    assert!(!alone.findings.is_empty());
    assert_eq!(view::analysis::analysis(&result).to_string(), view::analysis::analysis(&alone).to_string());

    // Findings as rows, in the order of the analysis, each with cells of the customer's file.
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = findings::list(&house.backing, &house.caller, &Narrow::default(), after, 7).await.unwrap();
        listed.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let keys: Vec<_> = listed.iter().map(|standing| standing.finding.key.as_str()).collect();
    let ids: Vec<_> = alone.findings.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(keys, ids);
    let mut opened = 0;
    for standing in &listed {
        assert_eq!(standing.status.status, Status::New);
        let rows =
            findings::evidence(&house.backing, &house.caller, standing.finding.id, 0, 1_000).await.unwrap();
        assert!(!rows.is_empty(), "{}", standing.finding.title);
        for row in rows {
            assert!(row.file_id.is_some() && !row.cells.as_array().unwrap().is_empty(), "{row:?}");
            opened += 1;
        }
    }
    assert!(opened > 50, "{opened}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_confirmed_is_remembered_and_decisions_outlive_a_re_run() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, caller) = (&house.backing, &house.caller);
    let (dataset, _) = house.import_plant(600).await;
    house.read(dataset).await;
    let before = datasets::mapping::get(backing, caller, dataset).await.unwrap();
    let (table, column) = before
        .tables
        .iter()
        .enumerate()
        .find_map(|(at, table)| {
            let column = table.mapping.columns.iter().find(|column| column.field.is_some())?;
            Some((at, column.index))
        })
        .unwrap();
    let leave_out = TableDecision {
        table,
        granularity: None,
        detail: None,
        columns: vec![ColumnDecision { index: column, field: None, unit: None }],
    };
    let stale =
        datasets::mapping::decide(backing, caller, dataset, Some(-1), std::slice::from_ref(&leave_out)).await;
    assert!(matches!(stale, Err(app::Error::Stale(_))), "{stale:?}");
    let confirmed = datasets::mapping::confirm(
        backing,
        caller,
        dataset,
        Some(before.version),
        &[leave_out],
        &Confirmation { note: "without it".to_owned(), ..Confirmation::default() },
    )
    .await
    .unwrap();
    assert_eq!(confirmed.dataset.state, DatasetState::Ready);
    assert!(
        confirmed
            .tables
            .iter()
            .all(|table| table.state == MappingState::Confirmed && table.profile.is_some())
    );

    // The same headers again: the decision is remembered, and confirming it makes no new version.
    let (again, _) = house.import_plant(601).await;
    house.read(again).await;
    let recalled = datasets::mapping::get(backing, caller, again).await.unwrap();
    assert_eq!(recalled.tables[table].mapping.columns[column].field, None);
    let same = datasets::mapping::confirm(backing, caller, again, None, &[], &Confirmation::default())
        .await
        .unwrap();
    assert_eq!(same.tables[table].profile, confirmed.tables[table].profile);

    // Another decision makes version 2; version 1 can be compared and restored.
    let field = before.tables[table].mapping.columns[column].field;
    let back = TableDecision {
        table,
        granularity: None,
        detail: None,
        columns: vec![ColumnDecision { index: column, field, unit: None }],
    };
    let second = datasets::mapping::confirm(backing, caller, again, None, &[back], &Confirmation::default())
        .await
        .unwrap();
    let (profile, number) = second.tables[table].profile.unwrap();
    assert_eq!(number, 2);
    let changes = mapping_profiles::compare_versions(backing, caller, profile, 1, 2).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.columns.len()).sum::<usize>(), 1);
    let (restored, version) = mapping_profiles::restore(backing, caller, profile, 1, "").await.unwrap();
    assert_eq!((restored.current_version, version.version.parent), (3, Some(1)));
    let (copy, _) = mapping_profiles::clone(backing, caller, profile, None).await.unwrap();
    assert!(copy.name.starts_with("Copy of "));
    assert!(matches!(mapping_profiles::delete(backing, caller, profile).await, Err(app::Error::Conflict(_))));
    mapping_profiles::delete(backing, caller, copy.id).await.unwrap();

    // A finding that was dismissed stays so when the analysis runs again with other settings.
    let first = house.ended(house.start(again).await).await;
    let page = findings::list(backing, caller, &Narrow::default(), None, 50).await.unwrap();
    let finding = &page.items[0];
    let no_reason = Decision { status: Some(Status::Dismissed), ..Decision::default() };
    assert!(findings::decide(backing, caller, finding.finding.id, None, &no_reason).await.is_err());
    let dismissed = Decision { reason: Some("known".to_owned()), ..no_reason };
    findings::decide(backing, caller, finding.finding.id, None, &dismissed).await.unwrap();
    let changes = BTreeMap::from([("confidence_level".to_owned(), json!(0.8))]);
    let repeated = analyses::repeat(backing, caller, first.analysis.id, None, &changes).await.unwrap();
    assert_eq!(repeated.analysis.settings["values"]["confidence_level"], json!(0.8));
    let repeated = house.ended(repeated.analysis.id).await;
    assert_eq!(repeated.analysis.state, AnalysisState::Completed, "{:?}", repeated.analysis.reason);
    let narrow = Narrow { status: Some(Status::Dismissed), ..Narrow::default() };
    let page = findings::list(backing, caller, &narrow, None, 50).await.unwrap();
    assert_eq!(page.analysis, Some(repeated.analysis.id));
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].finding.key, finding.finding.key);
    assert_eq!(findings::history(backing, caller, page.items[0].finding.id).await.unwrap().len(), 1);
    let comparison =
        analyses::compare_runs(backing, caller, first.analysis.id, repeated.analysis.id).await.unwrap();
    assert!(comparison.same_currency && !comparison.kept.is_empty());
    let rows = datasets::rows(backing, caller, again, 0, 0, 20).await.unwrap();
    assert_eq!(rows.rows.len(), 20);
    assert!(!mapping_profiles::list(backing, caller, None, Page::default()).await.unwrap().items.is_empty());
    worker.stop().await;
}
