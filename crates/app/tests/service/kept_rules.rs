//! What people keep, dismiss and take over: rules as templates, suggestions, recipes of other columns, saved mappings.

use app::{
    analyses::{self, NewRun},
    datasets::{
        self, known,
        mapping::{self, Confirmation},
        preparation::{self, Prepared, Recipe},
        rule_templates::{self, Form},
        suggestions,
    },
    facilities, mapping_profiles,
};
use serde_json::{Value, json};
use store::{Page, analyses::AnalysisState};

use super::house::{House, caller};

fn prepared(document: Value) -> Prepared {
    serde_json::from_value(document).unwrap()
}

/// An export of orders whose machines are written in two ways.
fn orders(n: usize) -> String {
    let mut text = "Order No,Machine,Product,Start Date,Qty Ordered,Planned Cost,Actual Cost\n".to_owned();
    for order in 0..n {
        let machine = if order % 19 == 0 { "lathe" } else { "Lathe" };
        let day = order % 28 + 1;
        let cost = 100 + order % 7;
        text.push_str(&format!(
            "W{order:05},{machine},P{},2025-{:02}-{day:02},{},{cost}.00,{}.50\n",
            order % 5,
            order % 9 + 1,
            10 + order % 3,
            cost + order % 11
        ));
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_are_kept_as_templates_and_filled_in_over_another_column() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, caller) = (&house.backing, &house.caller);
    let file = house.send("orders.csv", orders(120)).await.file.id;
    let dataset = house.import(vec![file]).await;
    house.read(dataset).await;

    let rate = prepared(json!({"column": "Rate", "rule": {"rule": "conditional",
        "branches": [{"when": {"column": "Machine", "is": "equals", "value": "Lathe"}, "value": "50"}],
        "otherwise": {"value": "40"}}}));
    let form = Form {
        name: " Lathe rate ".to_owned(),
        category: "machine".to_owned(),
        reads: None,
        prepared: rate.clone(),
    };
    let kept = rule_templates::keep(backing, caller, &form).await.unwrap();
    assert_eq!(
        (kept.name.as_str(), kept.category, kept.reads.as_str()),
        ("Lathe rate", "machine", "Machine")
    );
    let all = rule_templates::list(backing, caller).await.unwrap();
    assert_eq!(all.iter().filter(|one| !one.own).count(), 7, "the product brings seven");
    let categories: std::collections::BTreeSet<&str> = all.iter().map(|one| one.category).collect();
    assert_eq!(categories.len(), 5, "{categories:?}");
    assert!(all.contains(&kept));
    let filled = rule_templates::fill(backing, caller, dataset, 0, &kept.id, "Product").await.unwrap();
    assert_eq!((filled.column.as_str(), filled.reads()), ("Rate", vec!["Product".to_owned()]));
    let again = rule_templates::keep(backing, caller, &form).await;
    assert!(matches!(again, Err(app::Error::Conflict(_))), "{again:?}");
    let flawed = Form {
        name: String::new(),
        category: "fun".to_owned(),
        reads: None,
        prepared: prepared(json!({"column": "x"})),
    };
    let refused = rule_templates::keep(backing, caller, &flawed).await;
    assert!(matches!(&refused, Err(app::Error::Invalid(flaws)) if flaws.len() == 3), "{refused:?}");
    let missing = rule_templates::fill(backing, caller, dataset, 0, "nothing", "Product").await;
    assert!(matches!(missing, Err(app::Error::Invalid(_))));

    // Nobody else sees it, and nobody else removes it.
    let other = testkit::org(&house.database, "Other", "unlimited").await;
    let stranger = super::house::caller(&other.owner);
    let theirs = rule_templates::list(backing, &stranger).await.unwrap();
    assert_eq!(theirs.len(), 7);
    let id = kept.id.parse().unwrap();
    let gone = rule_templates::delete(backing, &stranger, id).await;
    assert!(matches!(gone, Err(app::Error::NotFound(_))), "{gone:?}");
    rule_templates::delete(backing, caller, id).await.unwrap();
    assert_eq!(rule_templates::list(backing, caller).await.unwrap().len(), 7);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dismissed_suggestion_stays_away_from_exports_of_the_same_headers() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, analyst) = (&house.backing, &house.caller);
    let first = house.import(vec![house.send("orders.csv", orders(120)).await.file.id]).await;
    house.read(first).await;
    let asked = suggestions::open(backing, analyst, first, 0).await.unwrap();
    let spelling = asked.iter().find(|one| one.id == "spellings:machine").unwrap();
    assert!(spelling.confidence > 0.9 && spelling.confidence < 1.0, "{spelling:?}");
    let before = preparation::score(backing, analyst, first).await.unwrap();
    let viewer = caller(&house.org.viewer);
    let refused = suggestions::dismiss(backing, &viewer, first, 0, &spelling.id).await;
    assert!(matches!(refused, Err(app::Error::Forbidden { .. })), "{refused:?}");
    let unknown = suggestions::dismiss(backing, analyst, first, 0, "spellings:nothing").await;
    assert!(matches!(unknown, Err(app::Error::NotFound(_))), "{unknown:?}");
    suggestions::dismiss(backing, analyst, first, 0, &spelling.id).await.unwrap();
    suggestions::dismiss(backing, analyst, first, 0, &spelling.id).await.unwrap();

    let second = house.import(vec![house.send("orders.csv", orders(121)).await.file.id]).await;
    house.read(second).await;
    for dataset in [first, second] {
        let open = suggestions::open(backing, analyst, dataset, 0).await.unwrap();
        assert!(open.iter().all(|one| one.id != spelling.id), "{open:?}");
        let all = suggestions::list(backing, analyst, dataset, 0).await.unwrap();
        assert!(all.iter().any(|one| one.dismissed && one.suggestion.id == spelling.id));
    }
    let after = preparation::score(backing, analyst, first).await.unwrap();
    assert!(after.parts.rules >= before.parts.rules, "what was dismissed counts against nobody");
    suggestions::set_dismissed(backing, analyst, second, 0, &[]).await.unwrap();
    let open = suggestions::open(backing, analyst, first, 0).await.unwrap();
    assert!(open.iter().any(|one| one.id == spelling.id), "shown again");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_export_is_used_saved_apart_or_started_afresh_and_its_mapping_keeps_a_record() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, analyst) = (&house.backing, &house.caller);
    let first = house.import(vec![house.send("orders.csv", orders(120)).await.file.id]).await;
    house.read(first).await;
    let twice = Recipe {
        columns: vec![prepared(json!({"column": "Twice",
            "rule": {"rule": "formula", "expression": "{Qty Ordered} * 2"}}))],
    };
    preparation::put(backing, analyst, first, 0, None, &twice).await.unwrap();
    let saved = mapping::confirm(backing, analyst, first, None, &[], &Confirmation::default()).await.unwrap();
    let (profile, version) = saved.tables[0].profile.unwrap();
    let record = async || mapping_profiles::records(backing, analyst, &[profile]).await.unwrap()[&profile];
    let fresh = record().await;
    assert_eq!((fresh.analyzed, fresh.success_rate()), (0, None));
    let columns = &saved.tables[0].mapping.columns;
    let mapped = columns.iter().filter(|column| column.field.is_some()).count();
    let coverage = fresh.coverage.unwrap();
    assert!((coverage - mapped as f64 / columns.len() as f64).abs() < 1e-9, "{coverage}");
    let run = house.ended(house.start(first).await).await.analysis;
    assert_eq!(run.state, AnalysisState::Completed, "{:?}", run.reason);
    let worked = record().await;
    assert_eq!((worked.analyzed, worked.success_rate()), (1, Some(1.0)));

    // Use: the same mapping, its version unchanged.
    let second = house.import(vec![house.send("orders.csv", orders(121)).await.file.id]).await;
    house.read(second).await;
    assert_eq!(known::known(backing, analyst, second).await.unwrap()[0].likeness, 1.0);
    let used = mapping::confirm(backing, analyst, second, None, &[], &Confirmation::default()).await.unwrap();
    assert_eq!(used.tables[0].profile, Some((profile, version)));
    let (kept, _) = mapping_profiles::get(backing, analyst, profile).await.unwrap();
    assert_eq!((kept.used, kept.active, kept.last_used_at.is_some()), (2, true, true));

    // Start fresh: neither the clean-up nor what was confirmed is taken over.
    let third = house.import(vec![house.send("orders.csv", orders(122)).await.file.id]).await;
    house.read(third).await;
    assert_eq!(preparation::get(backing, analyst, third, 0).await.unwrap().preparation, twice);
    let before = mapping::get(backing, analyst, third).await.unwrap();
    let stale = mapping::afresh(backing, analyst, third, Some(before.version - 1)).await;
    assert!(matches!(stale, Err(app::Error::Stale(_))), "{stale:?}");
    let afresh = mapping::afresh(backing, analyst, third, Some(before.version)).await.unwrap();
    assert_eq!(afresh.tables[0].mapping.columns.len(), before.tables[0].mapping.columns.len() - 1);
    assert!(preparation::get(backing, analyst, third, 0).await.unwrap().preparation.is_empty());
    let told = |column: &domain::ColumnMapping| column.evidence.join(" ").contains("onfirmed");
    assert!(before.tables[0].mapping.columns.iter().any(told), "{:?}", before.tables[0].mapping.columns);
    assert!(!afresh.tables[0].mapping.columns.iter().any(told));

    // Edit as new: saved under another name, and the known one stays as it was.
    let apart = Confirmation {
        profile_name: Some("Orders, plain".to_owned()),
        as_new: true,
        ..Confirmation::default()
    };
    let apart = mapping::confirm(backing, analyst, third, None, &[], &apart).await.unwrap();
    let (other, number) = apart.tables[0].profile.unwrap();
    assert_ne!(other, profile);
    assert_eq!(number, 1);
    let (kept, _) = mapping_profiles::get(backing, analyst, profile).await.unwrap();
    assert_eq!((kept.current_version, kept.used), (version, 2));
    let all = mapping_profiles::list(backing, analyst, None, Page::default()).await.unwrap().items;
    assert_eq!(all.len(), 2);

    // Several exports in one upload: each file follows its own mapping.
    let mut stock = "Downtime Date,Machine,Downtime Hours,Reason\n".to_owned();
    for n in 0..60 {
        stock.push_str(&format!("2025-03-{:02},Lathe,{}.5,Jam\n", n % 28 + 1, n % 4));
    }
    let stops = house.import(vec![house.send("stops.csv", stock.clone()).await.file.id]).await;
    house.read(stops).await;
    let saved = mapping::confirm(backing, analyst, stops, None, &[], &Confirmation::default()).await.unwrap();
    let (third_profile, _) = saved.tables[0].profile.unwrap();
    let both = house
        .import(vec![
            house.send("stops.csv", stock + "2025-04-01,Lathe,2.5,Jam\n").await.file.id,
            house.send("orders.csv", orders(123)).await.file.id,
        ])
        .await;
    house.read(both).await;
    let files = known::known(backing, analyst, both).await.unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.profile.as_str()).collect();
    assert_eq!(names, ["stops", "Orders, plain"]);
    let confirmed =
        mapping::confirm(backing, analyst, both, None, &[], &Confirmation::default()).await.unwrap();
    let profiles: Vec<_> = confirmed.tables.iter().map(|table| table.profile.unwrap().0).collect();
    assert_eq!(profiles, [third_profile, other]);
    let result = analyses::get(backing, analyst, house.start(both).await).await.unwrap();
    assert_eq!(house.ended(result.analysis.id).await.analysis.state, AnalysisState::Completed);
    assert!(datasets::get(backing, analyst, both).await.unwrap().files.len() == 2);

    // What is usual is asked of earlier analyses of the same plant only.
    let form = facilities::Form { name: Some("Toledo".to_owned()), ..facilities::Form::default() };
    let plant = facilities::create(backing, &caller(&house.org.admin), &form).await.unwrap().id;
    let new = NewRun { datasets: vec![first], facility: Some(plant), ..NewRun::default() };
    let there = analyses::start(backing, analyst, &new).await.unwrap().analysis.id;
    assert_eq!(house.ended(there).await.analysis.facility_id, Some(plant));
    let elsewhere = house.ended(house.start(second).await).await.analysis.id;
    let mut tx = backing.store.begin(&house.org.analyst).await.unwrap();
    let of_the_plant = store::analyses::earlier(&mut tx, there, 10).await.unwrap();
    let of_none = store::analyses::earlier(&mut tx, elsewhere, 10).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(of_the_plant.is_empty(), "{of_the_plant:?}");
    assert!(of_none.len() >= 2 && of_none.iter().all(|one| one.facility_id.is_none()));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_rows_of_fifty_columns_are_read_and_mapped() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let extra: Vec<String> = (7..50).map(|n| format!("Extra {n}")).collect();
    let mut lines = orders(5_000).lines().map(str::to_owned).collect::<Vec<_>>();
    lines[0] = format!("{},{}", lines[0], extra.join(","));
    for (row, line) in lines.iter_mut().enumerate().skip(1) {
        let values: Vec<String> = (7..50).map(|column| ((row * column) % 977).to_string()).collect();
        *line = format!("{line},{}", values.join(","));
    }
    let dataset = house.import(vec![house.send("wide.csv", lines.join("\n")).await.file.id]).await;
    let read = house.read(dataset).await.dataset;
    assert_eq!((read.rows, read.columns), (5_000, 50));
    let mapped = mapping::get(&house.backing, &house.caller, dataset).await.unwrap();
    assert_eq!(mapped.tables[0].mapping.columns.len(), 50);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_of_a_known_export_runs_by_itself_where_that_is_asked_for() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, analyst) = (&house.backing, &house.caller);
    let import = async |name: &'static str, text: String| {
        let files = vec![house.send(name, text).await.file.id];
        let new = datasets::NewImport { files, analyze_known: true, ..datasets::NewImport::default() };
        let dataset = datasets::create(backing, analyst, &new).await.unwrap().dataset.id;
        house.read(dataset).await;
        for _ in 0..600 {
            if !datasets::is_settling(backing, analyst, dataset).await.unwrap() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let filter = store::analyses::Filter { dataset: Some(dataset), ..store::analyses::Filter::default() };
        (dataset, analyses::list(backing, analyst, filter, Page::default()).await.unwrap().items)
    };
    let (first, runs) = import("orders.csv", orders(120)).await;
    assert!(runs.is_empty(), "nothing is known yet: a person says what it means");
    mapping::confirm(backing, analyst, first, None, &[], &Confirmation::default()).await.unwrap();
    let (_, runs) = import("orders.csv", orders(121)).await;
    assert_eq!(runs.len(), 1);
    let run = house.ended(runs[0].id).await.analysis;
    assert_eq!(run.state, AnalysisState::Completed, "{:?}", run.reason);
    let other = orders(122).replace("Machine", "Line").replacen("Order No", "Order No,Extra", 1);
    let other = other.replace("\nW", "\nx,W").replacen("Order No,Extra", "Extra,Order No", 1);
    let (_, runs) = import("orders.csv", other).await;
    assert!(runs.is_empty(), "it differs, and waits for a person");
    worker.stop().await;
}

#[test]
fn fields_that_analytics_ask_for_are_known() {
    for (asked, field) in [
        ("shift", "shift"),
        ("operator", "employee_id"),
        ("lot", "material_lot_id"),
        ("contract expiry", "contract_expiration"),
        ("purchase order", "purchase_order_id"),
        ("downtime", "downtime_hours"),
        ("maintenance date", "maintenance_date"),
        ("defect code", "defect_code"),
        ("inspection", "inspection_result"),
        ("cycle time", "actual_cycle_time"),
        ("rework", "quantity_reworked"),
        ("operation start", "operation_actual_start"),
        ("operation end", "operation_actual_end"),
    ] {
        assert!(ontology::FieldId::named(field).is_some(), "{asked}");
    }
}
