//! Limits of plans: exact however many come at once, told before they are met, given back where nothing came of it.

use app::{
    Bounds, Error,
    analyses::{self, NewRun},
    files, usage,
};
use futures::future::join_all;
use store::usage::{Meter, UsageType};

use super::house::{House, body};

/// n at once with k left: exactly k pass, in every round.
#[tokio::test]
async fn of_many_uploads_at_once_exactly_those_that_are_left_pass() {
    let Some(house) = House::bounded(Bounds::default(), "trial").await else { return };
    let mut let_in = 0;
    for round in 0..3 {
        let sent = (0..8).map(|at| {
            let bytes = format!("a,b\n{round},{at}\n");
            files::receive(&house.backing, &house.caller, "x.csv", None, body(bytes.into()))
        });
        let ended = join_all(sent).await;
        let passed = ended.iter().filter(|one| one.is_ok()).count();
        assert_eq!(passed, if round == 0 { 5 } else { 0 }, "round {round}");
        for refused in ended.into_iter().filter_map(Result::err) {
            match refused {
                Error::Limit { what, retry_after: Some(wait) } => {
                    assert!(
                        what.contains("5 uploads") && what.contains("count anew on 1 Oct 2026"),
                        "{what}"
                    );
                    assert!(wait.as_secs() > 0 && wait.as_secs() <= 31 * 86_400);
                }
                other => panic!("{other:?}"),
            }
        }
        let_in += passed;
    }
    assert_eq!(let_in, 5);
    let found = usage::get(&house.backing, &house.caller).await.unwrap();
    let uploads = found.allowances.iter().find(|one| one.meter == Meter::Uploads).unwrap();
    assert_eq!((uploads.used, uploads.limit, uploads.standing()), (5, Some(5), usage::Standing::Reached));
    let recorded = found.totals.iter().find(|one| one.type_ == UsageType::CsvUpload).unwrap();
    assert_eq!((recorded.events, recorded.quantity), (5, 5));
    // Told once when four fifths were used and once when all were, whatever came after.
    let mut tx = house.backing.store.begin(&house.org.owner).await.unwrap();
    let told: Vec<String> =
        store::notices::list(&mut tx, 50).await.unwrap().into_iter().map(|one| one.type_).collect();
    assert_eq!(told, ["limit.reached", "limit.near"]);
}

#[tokio::test]
async fn a_run_without_a_result_is_given_back() {
    let Some(house) = House::bounded(Bounds::default(), "pilot").await else { return };
    let worker = house.worker("w");
    let (dataset, _) = house.import_plant(60).await;
    house.read(dataset).await;
    worker.stop().await;
    let used = || async {
        let found = usage::get(&house.backing, &house.caller).await.unwrap();
        found.allowances.iter().find(|one| one.meter == Meter::Analyses).unwrap().used
    };
    let new = NewRun { datasets: vec![dataset], ..NewRun::default() };
    let run = analyses::start(&house.backing, &house.caller, &new).await.unwrap();
    assert_eq!(used().await, 1);
    analyses::cancel(&house.backing, &house.caller, run.analysis.id).await.unwrap();
    assert_eq!(used().await, 0);
    // Cancelled once, it is not given back twice.
    assert!(analyses::cancel(&house.backing, &house.caller, run.analysis.id).await.is_err());
    assert_eq!(used().await, 0);
}
