//! Rows with problems to be taken along, how full columns were over time, and whether an analysis would say anything new.

use app::{
    analyses::again,
    datasets::{
        filling,
        mapping::{self, Confirmation},
        preparation::{self, Recipe},
        problems::{self, Form},
    },
};
use report::Tongue;

use super::house::House;

/// Orders of which some have a quantity that is none, and one no number; `rated` of ten have a rate.
fn orders(month: u32, rated: usize) -> String {
    let mut text = "Order No,Product,Start Date,Qty Ordered,Labor Rate,Planned Cost,Actual Cost\n".to_owned();
    for order in 0..200_usize {
        let number = if order == 150 { String::new() } else { format!("W{month}{order:04}") };
        let quantity = if order % 40 == 7 { "see log".to_owned() } else { format!("{}", 10 + order % 3) };
        let rate = if order % 10 < rated { "48.50" } else { "" };
        text.push_str(&format!(
            "{number},P{},2025-{month:02}-{:02},{quantity},{rate},{}.00,{}.50\n",
            order % 5,
            order % 28 + 1,
            100 + order % 7,
            100 + order % 11
        ));
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_with_problems_say_why_and_an_analysis_is_repeated_only_after_a_change() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, caller) = (&house.backing, &house.caller);
    let file = house.send("orders.csv", orders(1, 9)).await.file.id;
    let dataset = house.import(vec![file]).await;
    house.read(dataset).await;
    assert_eq!(again::ran(backing, caller, dataset).await.unwrap(), None);

    // What could not be read, as it is written, in its row of the file.
    let found = problems::list(backing, caller, dataset).await.unwrap();
    let rows: Vec<u64> = found[0].problems.iter().map(|one| one.row).collect();
    assert_eq!(rows, [9, 49, 89, 129, 169]);
    assert_eq!((found[0].problems[0].column, found[0].problems[0].written.as_str()), (Some(3), "see log"));
    assert_eq!(found[0].cells[&9][1], domain::Cell::Text("P2".to_owned()));

    // Rows that a person sets aside.
    let fix = preparation::Fix::SetAside { value: "P4".to_owned() };
    let wanted =
        preparation::fix::with(&Recipe::default(), "Product", domain::ValueKind::Text, &fix).unwrap();
    preparation::put(backing, caller, dataset, 0, None, &wanted).await.unwrap();
    mapping::confirm(backing, caller, dataset, None, &[], &Confirmation::default()).await.unwrap();
    house.ended(house.start(dataset).await).await;
    let ran = again::ran(backing, caller, dataset).await.unwrap().unwrap();
    assert!(!ran.changed, "nothing was touched");

    let found = problems::list(backing, caller, dataset).await.unwrap();
    let because = |part: &str| found[0].problems.iter().filter(|one| one.reason.contains(part)).count();
    assert_eq!(because("set aside by you"), 40);
    assert_eq!(because("no order number"), 1);
    assert_eq!(because("not written like the others"), 5);
    let csv = problems::file(backing, caller, dataset, Form::Csv, Tongue::German).await.unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains("orders.csv,,152,,,") && csv.contains(",9,Qty Ordered,see log,"), "{csv}");
    let xlsx = problems::file(backing, caller, dataset, Form::Xlsx, Tongue::German).await.unwrap();
    assert!(xlsx.starts_with(b"PK"));

    // The next month's export is filled less; the page can say so.
    let file = house.send("orders2.csv", orders(2, 4)).await.file.id;
    let next = house.import(vec![file]).await;
    house.read(next).await;
    mapping::confirm(backing, caller, next, None, &[], &Confirmation::default()).await.unwrap();
    let over_time = filling::over_time(backing, caller, &[next]).await.unwrap();
    assert_eq!((over_time.len(), over_time[0].uploads.len()), (1, 2));
    let rate = over_time[0].columns.iter().find(|column| column.header == "Labor Rate").unwrap();
    let filled: Vec<f64> = rate.shares.iter().map(|share| share.unwrap().filled).collect();
    assert_eq!(filled, [0.9, 0.4]);
    let quantity = over_time[0].columns.iter().find(|column| column.header == "Qty Ordered").unwrap();
    assert!((quantity.shares[1].unwrap().read - 0.975).abs() < 1e-9);

    // A decision opens it again.
    preparation::put(backing, caller, dataset, 0, None, &Recipe::default()).await.unwrap();
    assert!(again::ran(backing, caller, dataset).await.unwrap().unwrap().changed);
    worker.stop().await;
}
