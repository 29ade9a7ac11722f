//! What people say of findings ranks the next ones, says so, and changes no amount.

use std::collections::BTreeMap;

use app::{
    analyses,
    findings::{self, Decision, Narrow, Standing, calibration},
};
use store::findings::status::Status;

use super::house::{House, caller};

async fn found(house: &House) -> Vec<Standing> {
    findings::list(&house.backing, &house.caller, &Narrow::default(), None, 200).await.unwrap().items
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_of_finding_that_was_dismissed_ranks_lower_and_costs_the_same() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, own) = (&house.backing, &house.caller);
    let (dataset, _) = house.import_plant(1_000).await;
    house.read(dataset).await;
    let run = house.ended(house.start(dataset).await).await.analysis.id;
    let before = found(&house).await;
    let mut kinds: BTreeMap<(String, String), Vec<&Standing>> = BTreeMap::new();
    for one in &before {
        kinds.entry((one.finding.analyzer.clone(), one.finding.type_.clone())).or_default().push(one);
    }
    let ((analyzer, kind), many) = kinds.iter().max_by_key(|(_, many)| many.len()).unwrap();
    assert!(many.len() >= 3, "{} findings, none of a kind three times", before.len());
    assert!(calibration::list(backing, own).await.unwrap().is_empty());
    // Two say little; the third one counts.
    for (at, one) in many.iter().take(3).enumerate() {
        let status = if at == 0 { Status::NotConfirmed } else { Status::Dismissed };
        let decision =
            Decision { status: Some(status), reason: Some("known".to_owned()), ..Decision::default() };
        findings::decide(backing, own, one.finding.id, None, &decision).await.unwrap();
        let [known] = &calibration::list(backing, own).await.unwrap()[..] else { panic!() };
        assert_eq!(known.weight < 1.0, at == 2);
    }
    let [known] = &calibration::list(backing, own).await.unwrap()[..] else { panic!() };
    assert_eq!((&known.judged.analyzer, &known.judged.type_), (analyzer, kind));
    assert_eq!((known.judged.useful, known.judged.not_useful, known.judged.wrong), (0, 2, 1));
    assert!((known.weight - 4.0 / 7.0).abs() < 1e-12);

    let again = analyses::repeat(backing, own, run, None, &BTreeMap::default()).await.unwrap().analysis.id;
    house.ended(again).await;
    let after = found(&house).await;
    assert_eq!(before.len(), after.len());
    for one in &before {
        let now = after.iter().find(|now| now.finding.key == one.finding.key).unwrap();
        let amounts = |one: &Standing| (one.finding.impact, one.finding.annualized, one.finding.addressable);
        assert_eq!(amounts(one), amounts(now), "{}", one.finding.title);
        let of_kind = &one.finding.analyzer == analyzer && &one.finding.type_ == kind;
        let expected = if of_kind {
            (f64::from(one.finding.priority) * known.weight).round() as i16
        } else {
            one.finding.priority
        };
        assert_eq!(now.finding.priority, expected, "{}", one.finding.title);
    }
    let result = analyses::result(backing, own, again).await.unwrap();
    let said = |finding: &domain::Finding| {
        finding.assumptions.iter().any(|line| {
            line.contains("of 3 earlier findings of this kind, 2 were dismissed and 1 not confirmed. Amounts stay as computed.")
        })
    };
    for finding in &result.findings {
        assert_eq!(said(finding), finding.analyzer == analyzer && finding.type_ == kind, "{}", finding.title);
    }
    assert!(result.findings.windows(2).all(|pair| pair[0].priority >= pair[1].priority));
    let totals = analyses::result(backing, own, run).await.unwrap().totals;
    assert_eq!(totals, result.totals);
    // Nobody else's judgements count here, nor do these elsewhere.
    let stranger = caller(&testkit::org(&house.database, "Rival", "unlimited").await.analyst);
    assert!(calibration::list(backing, &stranger).await.unwrap().is_empty());
    worker.stop().await;
}
