//! Questions over all data of an organisation: every order once, whichever analyses hold it, and the answer says which those are.

use std::fmt::Write as _;

use app::{
    analyses::{self, NewRun},
    ask::{
        About, Listener, Shelf,
        conversations::{self, Asked, Asking},
    },
    facilities,
};
use assistant::{Language, tool::Outcome, word::Citation};
use domain::id::{AnalysisId, FacilityId};

use super::house::{House, caller};

/// Orders from one number to another, each with its number as its cost, and twice that where `doubled`.
fn orders(from: u32, to: u32, doubled: bool) -> String {
    let mut text = "Work Order,Item,Customer No,Order Qty,Completed Qty,Planned Total Cost,Actual Total Cost,Completed On,Currency\n".to_owned();
    for order in from..=to {
        let cost = if doubled { 2 * order } else { order };
        let (day, month) = (1 + order % 28, 1 + order % 6);
        let _ = writeln!(
            text,
            "WO-{order:05},P{:03},C{:02},10,10,{order}.00,{cost}.00,2025-{month:02}-{day:02},USD",
            order % 7,
            order % 5
        );
    }
    text
}

async fn analyzed(house: &House, name: &str, text: String, facility: Option<FacilityId>) -> AnalysisId {
    let file = house.send(name, text.into_bytes()).await.file.id;
    let dataset = house.import(vec![file]).await;
    house.read(dataset).await;
    let new = NewRun { name: Some(name.to_owned()), datasets: vec![dataset], facility, ..NewRun::default() };
    let run = analyses::start(&house.backing, &house.caller, &new).await.unwrap().analysis.id;
    let run = house.ended(run).await.analysis;
    assert_eq!(run.state.name(), "completed", "{:?}", run.reason);
    run.id
}

async fn ask(house: &House, shelf: &Shelf, who: &app::Caller, question: &str) -> Result<Asked, app::Error> {
    let (desk, listener) = (house.desk(), Listener::default());
    let asking =
        Asking { desk: &desk, shelf, caller: who, question, usual: Language::English, listener: &listener };
    conversations::ask_once(&asking, About::All).await
}

fn figure(asked: &Asked) -> f64 {
    let figure = asked.reply.outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Figures(figures) => figures.whole.value,
        _ => None,
    });
    figure.unwrap_or_else(|| panic!("{:?}", asked.reply))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_data_are_every_order_once_with_the_analyses_named() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, shelf) = (&house.backing, Shelf::default());
    let admin = caller(&house.org.admin);
    let form = |name: &str| facilities::Form { name: Some(name.to_owned()), ..facilities::Form::default() };
    let east = facilities::create(backing, &admin, &form("East")).await.unwrap().id;
    let west = facilities::create(backing, &admin, &form("West")).await.unwrap().id;
    // May and June of one plant overlap; June knows better what the orders of both cost.
    let may = analyzed(&house, "may.csv", orders(1, 300, false), Some(east)).await;
    let question = "What is the actual cost?";
    let one = ask(&house, &shelf, &house.caller, question).await.unwrap();
    assert_eq!((one.analysis, figure(&one)), (may, f64::from(300 * 301 / 2)));
    assert!(
        one.reply.answer.notes.iter().any(|note| note.contains("one analysis: may.csv (East)")),
        "{:?}",
        one.reply.answer.notes
    );

    let june = analyzed(&house, "june.csv", orders(201, 500, true), Some(east)).await;
    let two = ask(&house, &shelf, &house.caller, question).await.unwrap();
    let sum = |from: u32, to: u32| f64::from((from..=to).sum::<u32>());
    let of_east = sum(1, 200) + 2.0 * sum(201, 500);
    assert_eq!((two.analysis, figure(&two)), (june, of_east));
    let notes = two.reply.answer.notes.join(" ");
    assert!(notes.contains("2 analyses: june.csv (East); may.csv (East)"), "{notes}");
    assert!(notes.contains("100 orders stand in more than one of them"), "{notes}");

    // Another plant has other orders of the same numbers.
    let of_west = analyzed(&house, "west.csv", orders(1, 300, false), Some(west)).await;
    let three = ask(&house, &shelf, &house.caller, question).await.unwrap();
    assert_eq!(figure(&three), of_east + sum(1, 300));
    // The same upload once more counts once.
    let again =
        analyses::repeat(backing, &house.caller, of_west, None, &std::collections::BTreeMap::default()).await;
    house.ended(again.unwrap().analysis.id).await;
    let four = ask(&house, &shelf, &house.caller, question).await.unwrap();
    assert_eq!(figure(&four), of_east + sum(1, 300));
    // What an answer rests on opens in its own analysis.
    let top = ask(&house, &shelf, &house.caller, "top 3 orders by actual cost").await.unwrap();
    let rows: Vec<_> = top
        .reply
        .answer
        .citations
        .iter()
        .filter_map(|citation| match citation {
            Citation::Row { file, analysis, .. } => Some((file.as_str(), analysis.clone())),
            Citation::Finding { .. } => None,
        })
        .collect();
    assert!(
        !rows.is_empty() && rows.iter().all(|row| *row == ("june.csv", Some(june.to_string()))),
        "{rows:?}"
    );
    // Questions by plant, in German; and what is found is found of the newest of each plant.
    let by = ask(&house, &shelf, &house.caller, "Welche Befunde gibt es?").await.unwrap();
    assert_eq!(by.reply.answer.language, Language::German);
    assert!(
        by.reply.answer.notes.iter().any(|note| note.contains("Das umfasst 3 Analysen")),
        "{:?}",
        by.reply.answer.notes
    );

    // Amounts of another currency are not added up, and that is said.
    let euros = orders(1, 300, false).replace("USD", "EUR");
    analyzed(&house, "euro.csv", euros, None).await;
    let five = ask(&house, &shelf, &house.caller, question).await.unwrap();
    assert_eq!(figure(&five), sum(1, 300));
    let notes = five.reply.answer.notes.join(" ");
    assert!(
        notes.contains("one analysis: euro.csv") && notes.contains("june.csv (amounts in USD)"),
        "{notes}"
    );

    // Another organisation asks its own data only.
    let stranger = caller(&testkit::org(&house.database, "Rival", "unlimited").await.owner);
    let none = ask(&house, &shelf, &stranger, question).await;
    assert!(matches!(none, Err(app::Error::Conflict(_))), "{none:?}");
    // A conversation about all data is kept as one.
    let begun = conversations::create(backing, &house.caller, None, "").await.unwrap();
    assert_eq!(begun.analysis_id, None);
    worker.stop().await;
}
