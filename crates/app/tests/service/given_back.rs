//! The workbook of rows with problems given back with its cells corrected: what the mapped table says then, what is refused, and what
//! stays with the import.

use app::{
    datasets::{
        self,
        mapping::{self, Confirmation},
        preparation::{self, Fix, Recipe, fix},
        problems::{self, Form, given_back},
    },
    mapping_profiles,
};
use bytes::Bytes;
use domain::{Cell, ValueKind, id::DatasetId};
use report::Tongue;
use testkit::workbook::{Typed, edited};

use super::house::{House, caller};

/// Orders of which every fortieth has a quantity that is none, with a total below.
fn orders(month: u32) -> String {
    let mut text = "Order No,Product,Start Date,Qty Ordered,Planned Cost,Actual Cost\n".to_owned();
    for order in 0..200_usize {
        let quantity = if order % 40 == 7 { "see log".to_owned() } else { format!("{}", 10 + order % 3) };
        text.push_str(&format!(
            "W{month}{order:04},P{},2025-{month:02}-{:02},{quantity},{}.00,{}.50\n",
            order % 5,
            order % 28 + 1,
            100 + order % 7,
            100 + order % 11
        ));
    }
    text.push_str("Total,,,2150,20600.00,21050.00\n");
    text
}

async fn workbook(house: &House, dataset: DatasetId, tongue: Tongue) -> Vec<u8> {
    problems::file(&house.backing, &house.caller, dataset, Form::Xlsx, tongue).await.unwrap()
}

/// The cells of rows of the file, as an analysis reads them.
async fn cells(house: &House, dataset: DatasetId, rows: &[u64], column: usize) -> Vec<Cell> {
    let all = datasets::rows(&house.backing, &house.caller, dataset, 0, 0, 200).await.unwrap().rows;
    let of = |row: &u64| all.iter().find(|(number, _)| number == row).unwrap().1[column].clone();
    rows.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_corrected_in_the_workbook_stands_in_the_mapped_table() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, analyst) = (&house.backing, &house.caller);
    let dataset = house.import(vec![house.send("orders.csv", orders(1)).await.file.id]).await;
    house.read(dataset).await;
    let take =
        async |bytes: Vec<u8>| given_back::take(backing, analyst, dataset, None, Bytes::from(bytes)).await;

    // Given back as it is, in another language, it says nothing new.
    let german = workbook(&house, dataset, Tongue::German).await;
    let nothing = take(german.clone()).await.unwrap();
    assert_eq!((nothing.cells, nothing.rows, nothing.told), (0, 0, Vec::new()));
    assert!(preparation::get(backing, analyst, dataset, 0).await.unwrap().preparation.is_empty());

    // Rows 9, 49, 89, 129, 169 and the total stand in the lines below the heads; A is the row, B the reason.
    let corrected = edited(
        &german,
        &[
            (1, "B2", Typed::Text("erledigt")),
            (1, "F2", Typed::Number(12.5)),
            (1, "D2", Typed::Text("P9")),
            (1, "F3", Typed::Nothing),
            (1, "F4", Typed::Text(" 14 ")),
            (1, "F7", Typed::Number(2151.0)),
        ],
    );
    let given = take(corrected.clone()).await.unwrap();
    assert_eq!((given.cells, given.rows), (4, 3), "{given:?}");
    assert_eq!(given.told.len(), 1, "{given:?}");
    assert!(given.told[0].contains("left as they are: 202"), "{given:?}");
    let quantities = cells(&house, dataset, &[9, 49, 89, 129, 10], 3).await;
    let expected = [12.5, f64::NAN, 14.0, f64::NAN, 12.0];
    for (cell, number) in quantities.iter().zip(expected) {
        assert_eq!(cell.number(), Some(number).filter(|number| !number.is_nan()), "{quantities:?}");
    }
    assert_eq!(cells(&house, dataset, &[9], 1).await, [Cell::Text("P9".to_owned())]);
    // What is corrected is no problem any more, and the same workbook says nothing new.
    let rows: Vec<u64> = problems::list(backing, analyst, dataset).await.unwrap()[0]
        .problems
        .iter()
        .map(|one| one.row)
        .collect();
    assert_eq!(rows, [129, 169, 202]);
    let again = take(corrected).await.unwrap();
    assert_eq!((again.cells, again.version), (0, given.version));
    let later = workbook(&house, dataset, Tongue::English).await;
    assert_eq!(take(later).await.unwrap().cells, 0);

    // A later fix of the column sees what was corrected; each can be undone alone.
    let kept = preparation::get(backing, analyst, dataset, 0).await.unwrap().preparation;
    let fill = Fix::Fill { with: "1".to_owned() };
    let filled = fix::with(&kept, "Qty Ordered", ValueKind::Integer, &fill).unwrap();
    preparation::put(backing, analyst, dataset, 0, None, &filled).await.unwrap();
    let now: Vec<Option<f64>> =
        cells(&house, dataset, &[9, 49, 129], 3).await.iter().map(Cell::number).collect();
    assert_eq!(now, [Some(12.5), Some(1.0), Some(1.0)]);

    // Saved for the next export, it leaves the rows of this one behind.
    let saved =
        mapping::confirm(backing, analyst, dataset, None, &[], &Confirmation::default()).await.unwrap();
    let (profile, _) = saved.tables[0].profile.unwrap();
    let (_, version) = mapping_profiles::get(backing, analyst, profile).await.unwrap();
    assert_eq!(version.preparation, [filled.without_corrections()]);
    assert_eq!(preparation::get(backing, analyst, dataset, 0).await.unwrap().preparation, filled);
    let next = house.import(vec![house.send("orders2.csv", orders(2)).await.file.id]).await;
    house.read(next).await;
    assert_eq!(
        preparation::get(backing, analyst, next, 0).await.unwrap().preparation,
        filled.without_corrections()
    );
    assert_eq!(cells(&house, next, &[9], 1).await, [Cell::Text("P2".to_owned())]);

    // Starting afresh leaves what was saved aside, not what was typed.
    mapping::afresh(backing, analyst, dataset, None).await.unwrap();
    let kept = preparation::get(backing, analyst, dataset, 0).await.unwrap().preparation;
    assert_eq!(kept, filled.corrections());
    assert_eq!(cells(&house, dataset, &[9], 3).await[0].number(), Some(12.5));

    let undone = fix::undo(&kept, "Qty Ordered", "corrected").unwrap();
    preparation::put(backing, analyst, dataset, 0, None, &undone).await.unwrap();
    assert_eq!(cells(&house, dataset, &[9], 3).await, [Cell::Empty]);
    assert_eq!(cells(&house, dataset, &[9], 1).await, [Cell::Text("P9".to_owned())]);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workbook_that_cannot_be_taken_is_refused_as_a_whole() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, analyst) = (&house.backing, &house.caller);
    let dataset = house.import(vec![house.send("orders.csv", orders(1)).await.file.id]).await;
    house.read(dataset).await;
    let downloaded = workbook(&house, dataset, Tongue::English).await;
    let take = async |bytes: Vec<u8>, version: Option<i64>| {
        given_back::take(backing, analyst, dataset, version, Bytes::from(bytes)).await
    };

    let typed: Vec<(usize, String, Typed<'_>)> = (2..7)
        .map(|line| (1, format!("F{line}"), Typed::Text("many")))
        .chain([(1, "E2".to_owned(), Typed::Text("soon")), (1, "D3".to_owned(), Typed::Text("P8"))])
        .collect();
    let typed: Vec<(usize, &str, Typed<'_>)> =
        typed.iter().map(|(sheet, cell, typed)| (*sheet, cell.as_str(), *typed)).collect();
    match take(edited(&downloaded, &typed), None).await {
        Err(app::Error::Invalid(flaws)) => {
            assert_eq!(flaws.len(), 6, "five are named and the others counted: {flaws:?}");
            let said: Vec<&str> = flaws.iter().map(|flaw| flaw.message.as_str()).collect();
            assert!(said.contains(&"“orders.csv”, row 9, “Start Date”: “soon” is no date"), "{said:?}");
            assert!(said.contains(&"“orders.csv”, row 9, “Qty Ordered”: “many” is no number"), "{said:?}");
            assert_eq!(said[5], "1 more cells cannot be taken");
        }
        other => panic!("{other:?}"),
    }
    for (bytes, part) in [
        (b"Row,Reason\n9,x\n".to_vec(), "no Excel workbook"),
        (b"PK\x03\x04 torn".to_vec(), ""),
        (Vec::new(), ""),
        // The rows of another import.
        (
            {
                let file = house.send("jobs.csv", orders(3)).await.file.id;
                let other = house.import(vec![file]).await;
                house.read(other).await;
                workbook(&house, other, Tongue::English).await
            },
            "no sheet of this workbook belongs to the import",
        ),
    ] {
        let refused = take(bytes, None).await.unwrap_err();
        assert!(matches!(&refused, app::Error::Input(why) if why.contains(part)), "{refused:?}");
    }
    let good = edited(&downloaded, &[(1, "F2", Typed::Number(3.0))]);
    let stale = take(good.clone(), Some(-1)).await;
    assert!(matches!(stale, Err(app::Error::Stale("mapping"))), "{stale:?}");
    let viewer = caller(&house.org.viewer);
    let refused = given_back::take(backing, &viewer, dataset, None, Bytes::from(good)).await;
    assert!(matches!(refused, Err(app::Error::Forbidden { .. })), "{refused:?}");
    let large = take(vec![b'P'; given_back::BYTES_MAX + 1], None).await;
    assert!(matches!(large, Err(app::Error::TooLarge(_))), "{large:?}");
    let kept = preparation::get(backing, analyst, dataset, 0).await.unwrap();
    assert_eq!(kept.preparation, Recipe::default(), "nothing came of any of them");

    // More cells than a table may have corrected, however they come.
    let many = (2..preparation::CORRECTED_MAX as u64 + 3).map(|row| (row, "1".to_owned())).collect();
    let wanted = fix::corrected(&Recipe::default(), "Qty Ordered", many);
    let refused = preparation::put(backing, analyst, dataset, 0, None, &wanted).await;
    assert!(
        matches!(&refused, Err(app::Error::Invalid(flaws)) if flaws[0].message.contains("50,000 cells")),
        "{refused:?}"
    );
    worker.stop().await;
}
