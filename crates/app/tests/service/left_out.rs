//! What the settings leave out is no part of an analysis, and is counted.

use std::collections::BTreeMap;

use app::{
    analyses,
    ask::{
        Listener, Shelf,
        conversations::{self, Asking},
    },
};
use assistant::Language;
use serde_json::json;
use store::analyses::AnalysisState;

use super::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suppliers_machines_and_analyzers_that_are_left_out_say_nothing() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, caller) = (&house.backing, &house.caller);
    let (dataset, _) = house.import_plant(1_000).await;
    house.read(dataset).await;
    let whole = house.ended(house.start(dataset).await).await.analysis;
    let whole_id = whole.id;
    let whole = analyses::result(backing, caller, whole.id).await.unwrap();
    let names = |analysis: &domain::Analysis, field: &str, value: &str| {
        let named = |finding: &&domain::Finding| {
            finding.entities.iter().any(|entity| entity.field.as_str() == field && entity.value == value)
        };
        analysis.findings.iter().filter(named).count()
    };
    let first = |field: &str| {
        let entities = whole.findings.iter().flat_map(|finding| &finding.entities);
        entities.filter(|entity| entity.field.as_str() == field).map(|entity| entity.value.clone()).next()
    };
    let supplier = first("supplier_id").unwrap();
    let machine = first("machine_id").unwrap();
    assert!(whole.analyzers_run.contains(&"setup_overrun"));

    let changes = BTreeMap::from([(
        "leave_out".to_owned(),
        json!({"supplier_id": [supplier.to_lowercase()], "machine_id": [machine], "analyzers": ["setup_overrun"]}),
    )]);
    let run = analyses::repeat(backing, caller, whole_id, None, &changes).await.unwrap();
    let run = house.ended(run.analysis.id).await.analysis;
    assert_eq!(run.state, AnalysisState::Completed, "{:?}", run.reason);
    let less = analyses::result(backing, caller, run.id).await.unwrap();
    assert_eq!((names(&less, "supplier_id", &supplier), names(&less, "machine_id", &machine)), (0, 0));
    assert!(!less.analyzers_run.contains(&"setup_overrun"));
    let skipped = less.analyzers_skipped.iter().find(|skipped| skipped.analyzer == "setup_overrun").unwrap();
    assert_eq!(skipped.reason.as_deref(), Some("switched off in your settings"));
    let aside: u64 = less.rows.set_aside.iter().map(|aside| aside.rows).sum();
    assert_eq!(less.rows.read, less.rows.used + aside);
    assert!(
        less.rows.set_aside.iter().any(|aside| aside.reason == "left out by your settings" && aside.rows > 0)
    );

    // An answer says that rows are left out, in the language of the question.
    let (desk, listener, shelf) = (house.desk(), Listener::default(), Shelf::default());
    for (question, words) in [
        ("What is our scrap rate?", "left out by your settings"),
        ("Wie hoch ist die Ausschussquote?", "Zeilen stehen in keiner Zahl"),
    ] {
        let asking = Asking {
            desk: &desk,
            shelf: &shelf,
            caller,
            question,
            usual: Language::English,
            listener: &listener,
        };
        let asked = conversations::ask_once(&asking, app::ask::About::One(run.id)).await.unwrap();
        let notes = &asked.reply.answer.notes;
        assert!(notes.iter().any(|note| note.contains(words)), "{notes:?}");
    }

    // A type of order that no row has leaves everything as it was.
    let changes =
        BTreeMap::from([("leave_out".to_owned(), json!({"work_order_type": ["nothing of the kind"]}))]);
    let run = analyses::repeat(backing, caller, whole_id, None, &changes).await.unwrap();
    let run = house.ended(run.analysis.id).await.analysis;
    let same = analyses::result(backing, caller, run.id).await.unwrap();
    assert_eq!(same.findings, whole.findings);
    assert_eq!(same.rows, whole.rows);
    worker.stop().await;
}
