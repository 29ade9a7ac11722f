//! A second upload of a plant is seen in the light of the first.

use std::{collections::BTreeMap, sync::Arc};

use app::{
    analyses,
    analyses::tables::{Ask, Seen},
    findings::{self, Narrow, own_id},
};
use clients::blobs::Kind;
use ontology::Entity;
use store::analyses::AnalysisState;

use super::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_analysis_knows_the_first_and_a_re_run_is_not_its_own_past() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, caller) = (&house.backing, &house.caller);
    let (first, _) = house.import_plant(1_500).await;
    house.read(first).await;
    let first_run = house.ended(house.start(first).await).await.analysis;
    assert_eq!(first_run.state, AnalysisState::Completed, "{:?}", first_run.reason);
    let alone = analyses::over_time::over_time(backing, caller, first_run.id).await.unwrap();
    assert!(alone.earlier.is_empty() && alone.fates.is_none());
    assert!(!alone.against.is_empty(), "the newest weeks have a baseline in the same upload");
    let tested = alone.tested.clone().unwrap();
    assert!(alone.span.as_ref().unwrap().start < tested.start, "{tested:?}");

    let again = analyses::repeat(backing, caller, first_run.id, None, &BTreeMap::default()).await.unwrap();
    let again = house.ended(again.analysis.id).await.analysis;
    let again = analyses::over_time::over_time(backing, caller, again.id).await.unwrap();
    assert!(again.earlier.is_empty(), "{:?}", again.earlier);

    let (second, _) = house.import_plant(1_600).await;
    house.read(second).await;
    let second_run = house.ended(house.start(second).await).await.analysis;
    let over_time = analyses::over_time::over_time(backing, caller, second_run.id).await.unwrap();
    assert_eq!(over_time.earlier.len(), 1, "one for each set of datasets: {:?}", over_time.earlier);
    let fates = over_time.fates.as_ref().unwrap();
    assert!(!fates.findings.is_empty() && !fates.kpis.is_empty());
    let page = findings::list(backing, caller, &Narrow::default(), None, 200).await.unwrap();
    let mut figures = 0;
    for standing in &page.items {
        let own = own_id(&standing.finding.key);
        let (seen, _) = findings::over_time(backing, caller, standing.finding.id).await.unwrap();
        assert_eq!(seen[0].analysis_id, second_run.id);
        if standing.finding.grade != "hint" {
            assert!(over_time.fate(own).is_some(), "{}", standing.finding.title);
        }
        figures += usize::from(over_time.figure(own).is_some_and(|series| series.weeks.len() > 10));
    }
    assert!(figures > 0, "no finding has its figure week by week");
    let compared = analyses::over_time::fates(backing, caller, first_run.id, second_run.id).await.unwrap();
    assert_eq!(compared.findings.len(), fates.findings.len());

    // Rows are looked at in tables that the run kept: the customer's typed files are not opened for it.
    hide(&house, Kind::Table, true);
    let tables = Arc::new(analyses::tables::tables(backing, caller, second_run.id).await.unwrap());
    assert!(tables.entities().iter().any(|(entity, rows)| *entity == Entity::WorkOrder && *rows >= 1_500));
    let ask = Ask { entity: Entity::Operation, equals: Vec::new(), sort: None, offset: 0, limit: 1 };
    let rows = Arc::clone(&tables).rows(ask).await.unwrap();
    let at = rows.fields.iter().position(|field| field.as_str() == "work_order_id").unwrap();
    let Seen::Text(number) = &rows.lines[0].values[at] else { panic!("an operation without an order") };
    assert!(tables.order(number.clone()).await.unwrap().contains_key(&Entity::WorkOrder));
    hide(&house, Kind::Table, false);
    // What is gone is joined again.
    hide(&house, Kind::Canonical, true);
    let again = analyses::tables::tables(backing, caller, second_run.id).await.unwrap();
    assert_eq!(again.entities(), tables_of(backing, caller, second_run.id, &house).await);

    // An upload that was deleted is no past any more, and a run that goes takes what was kept of it along.
    app::datasets::delete(backing, caller, first).await.unwrap();
    let third = analyses::repeat(backing, caller, second_run.id, None, &BTreeMap::default()).await.unwrap();
    let third = house.ended(third.analysis.id).await.analysis;
    let third_over = analyses::over_time::over_time(backing, caller, third.id).await.unwrap();
    assert!(third_over.earlier.is_empty(), "{:?}", third_over.earlier);
    let kept = house.blobs().await;
    analyses::delete(backing, caller, third.id).await.unwrap();
    let left = house.blobs().await;
    for kind in ["analyses", "bases", "sums", "over-time"] {
        let count = |blobs: &[(&'static str, usize)]| {
            blobs.iter().find(|(name, _)| *name == kind).map_or(0, |(_, n)| *n)
        };
        assert_eq!(count(&left) + 1, count(&kept), "{kind}");
    }
    let canonical = |blobs: &[(&'static str, usize)]| {
        blobs.iter().find(|(name, _)| *name == "canonical").map_or(0, |(_, n)| *n)
    };
    assert!(canonical(&left) > 0 && canonical(&left) < canonical(&kept), "{left:?} {kept:?}");
    app::datasets::delete(backing, caller, second).await.unwrap();
    assert_eq!(canonical(&house.blobs().await), 0, "rows of an upload go with it");
    worker.stop().await;
}

/// Puts blobs of a kind out of the way, or back.
fn hide(house: &House, kind: Kind, away: bool) {
    let place = house.folder.path().join("blobs").join(house.org.id.to_string());
    let (here, there) = (place.join(kind.name()), place.join("hidden"));
    let (from, to) = if away { (here, there) } else { (there, here) };
    std::fs::rename(from, to).unwrap();
}

/// The tables as they were kept, which come back into their place.
async fn tables_of(
    backing: &app::Backing,
    caller: &app::Caller,
    id: domain::id::AnalysisId,
    house: &House,
) -> Vec<(Entity, u64)> {
    hide(house, Kind::Canonical, false);
    analyses::tables::tables(backing, caller, id).await.unwrap().entities()
}
