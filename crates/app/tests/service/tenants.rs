//! Another organisation's things are not there.

use app::{
    Error, analyses, datasets,
    datasets::NewImport,
    files,
    findings::{self, Narrow},
    mapping_profiles,
};
use store::{Page, analyses::Filter};

use super::house::{House, caller};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_organisations_see_nothing_of_each_other() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, own) = (&house.backing, &house.caller);
    let (dataset, _) = house.import_plant(400).await;
    let import = house.read(dataset).await;
    datasets::mapping::confirm(backing, own, dataset, None, &[], &datasets::mapping::Confirmation::default())
        .await
        .unwrap();
    let run = house.ended(house.start(dataset).await).await;
    let analysis = run.analysis.id;
    let profile = mapping_profiles::list(backing, own, None, Page::default()).await.unwrap().items[0].id;
    let finding =
        findings::list(backing, own, &Narrow::default(), None, 1).await.unwrap().items[0].finding.id;
    let file = import.files[0].file_id;

    let stranger = caller(&testkit::org(&house.database, "Rival", "unlimited").await.owner);
    let other = &stranger;
    macro_rules! hidden {
        ($($call:expr),* $(,)?) => {$(
            let answer = $call.await;
            assert!(matches!(answer, Err(Error::NotFound(_))), "{}: {answer:?}", stringify!($call));
        )*};
    }
    hidden![
        files::get(backing, other, file),
        files::delete(backing, other, file),
        files::complete(backing, other, file),
        datasets::get(backing, other, dataset),
        datasets::readings(backing, other, dataset),
        datasets::rows(backing, other, dataset, 0, 0, 1),
        datasets::delete(backing, other, dataset),
        datasets::mapping::get(backing, other, dataset),
        datasets::mapping::decide(backing, other, dataset, None, &[]),
        mapping_profiles::get(backing, other, profile),
        mapping_profiles::versions(backing, other, profile),
        mapping_profiles::delete(backing, other, profile),
        analyses::get(backing, other, analysis),
        analyses::result(backing, other, analysis),
        analyses::cancel(backing, other, analysis),
        analyses::delete(backing, other, analysis),
        analyses::compare_runs(backing, other, analysis, analysis),
        findings::get(backing, other, finding),
        findings::evidence(backing, other, finding, 0, 10),
        findings::history(backing, other, finding),
        findings::decide(backing, other, finding, None, &findings::Decision::default()),
    ];
    assert!(matches!(files::content(backing, other, file).await.err(), Some(Error::NotFound(_))));
    let borrowed = NewImport { files: vec![file], ..NewImport::default() };
    assert!(matches!(datasets::create(backing, other, &borrowed).await, Err(Error::Invalid(_))));
    let borrowed = analyses::NewRun { datasets: vec![dataset], ..analyses::NewRun::default() };
    assert!(matches!(analyses::start(backing, other, &borrowed).await, Err(Error::Invalid(_))));
    assert!(files::list(backing, other, Page::default()).await.unwrap().items.is_empty());
    assert!(datasets::list(backing, other, None, Page::default()).await.unwrap().items.is_empty());
    assert!(mapping_profiles::list(backing, other, None, Page::default()).await.unwrap().items.is_empty());
    assert!(
        analyses::list(backing, other, Filter::default(), Page::default()).await.unwrap().items.is_empty()
    );
    assert!(findings::list(backing, other, &Narrow::default(), None, 50).await.unwrap().items.is_empty());

    // A viewer looks and changes nothing.
    let viewer = caller(&house.org.viewer);
    assert!(files::get(backing, &viewer, file).await.is_ok());
    assert!(matches!(files::delete(backing, &viewer, file).await, Err(Error::Forbidden { .. })));
    assert!(matches!(analyses::start(backing, &viewer, &borrowed).await, Err(Error::Forbidden { .. })));
    worker.stop().await;
}
