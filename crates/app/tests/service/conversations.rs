//! Questions of people through the service: kept, counted, and nobody else's.

use app::{
    Caller, Error,
    ask::{
        Listener, Shelf,
        conversations::{self, Asked, Asking},
    },
    usage,
};
use assistant::{Language, word::Citation};
use domain::id::{AnalysisId, ConversationId};
use store::{Page, conversations::Author, usage::Meter};

use super::house::{House, caller};

async fn say(
    house: &House,
    shelf: &Shelf,
    caller: &Caller,
    id: ConversationId,
    question: &str,
) -> Result<Asked, Error> {
    let (desk, listener) = (house.desk(), Listener::default());
    let asking = Asking { desk: &desk, shelf, caller, question, usual: Language::En, listener: &listener };
    conversations::say(&asking, id).await
}

async fn ask_once(
    house: &House,
    shelf: &Shelf,
    caller: &Caller,
    analysis: Option<AnalysisId>,
    question: &str,
) -> Result<Asked, Error> {
    let (desk, listener) = (house.desk(), Listener::default());
    let asking = Asking { desk: &desk, shelf, caller, question, usual: Language::En, listener: &listener };
    conversations::ask_once(&asking, analysis).await
}

async fn asked(house: &House) -> i64 {
    let usage = usage::get(&house.backing, &house.caller).await.unwrap();
    usage.allowances.iter().find(|allowance| allowance.meter == Meter::ChatMessages).unwrap().used
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_is_kept_counted_and_its_owners_alone() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    let (backing, own, shelf) = (&house.backing, &house.caller, Shelf::default());
    let none = ask_once(&house, &shelf, own, None, "scrap rate").await;
    assert!(matches!(none, Err(Error::Conflict(_))), "{none:?}");
    let (dataset, _) = house.import_plant(200).await;
    house.read(dataset).await;
    let analysis = house.ended(house.start(dataset).await).await.analysis.id;

    let begun = conversations::create(backing, own, Some(analysis), "").await.unwrap();
    let first = say(&house, &shelf, own, begun.id, "What is our scarp rate?").await.unwrap();
    assert_eq!((first.analysis, first.number, first.reply.answer.kind), (analysis, 2, "metric"));
    assert_eq!(first.reply.answer.corrections, [("scarp".to_owned(), "scrap".to_owned())]);
    assert!(first.reply.answer.citations.iter().any(|citation| matches!(citation, Citation::Row { .. })));
    let second = say(&house, &shelf, own, begun.id, "Welche Daten fehlen?").await.unwrap();
    assert_eq!((second.number, second.reply.answer.language), (4, Language::De));
    assert_eq!(asked(&house).await, 2);

    let said = conversations::messages(backing, own, begun.id, None, 50).await.unwrap();
    let authors: Vec<Author> = said.iter().map(|message| message.author).collect();
    assert_eq!(authors, [Author::User, Author::Assistant, Author::User, Author::Assistant]);
    assert_eq!(said[1].body, first.reply.answer.text);
    assert_eq!(said[1].document["answer"]["kind"], "metric");
    let listed = conversations::list(backing, own, Some(analysis), Page::default()).await.unwrap().items;
    assert_eq!(
        (listed.len(), listed[0].title.as_str(), listed[0].messages),
        (1, "What is our scarp rate?", 4)
    );
    let totals = conversations::totals(backing, own).await.unwrap();
    assert_eq!((totals.conversations, totals.messages), (1, 4));

    // Neither another member nor another organisation finds it; what they ask is about their own data.
    let colleague = caller(&house.org.viewer);
    let stranger = caller(&testkit::org(&house.database, "Rival", "unlimited").await.owner);
    for other in [&colleague, &stranger] {
        for answer in [
            conversations::get(backing, other, begun.id).await.err(),
            conversations::rename(backing, other, begun.id, "mine").await.err(),
            conversations::messages(backing, other, begun.id, None, 5).await.err(),
            conversations::delete(backing, other, &[begun.id]).await.err(),
            say(&house, &shelf, other, begun.id, "scrap rate").await.err(),
        ] {
            assert!(matches!(answer, Some(Error::NotFound(_))), "{answer:?}");
        }
        assert_eq!(conversations::list(backing, other, None, Page::default()).await.unwrap().items.len(), 0);
    }
    let foreign = conversations::create(backing, &stranger, Some(analysis), "").await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");
    let foreign = ask_once(&house, &shelf, &stranger, Some(analysis), "scrap rate").await;
    assert!(matches!(foreign, Err(Error::NotFound(_))), "{foreign:?}");

    for (question, field) in [("", "question"), (&"x".repeat(2_001)[..], "question")] {
        let refused = say(&house, &shelf, own, begun.id, question).await;
        assert!(matches!(&refused, Err(Error::Invalid(flaws)) if flaws[0].field == field), "{refused:?}");
    }
    assert_eq!(asked(&house).await, 2);
    conversations::rename(backing, own, begun.id, "Scrap").await.unwrap();
    assert_eq!(conversations::get(backing, own, begun.id).await.unwrap().title, "Scrap");
    let another = conversations::create(backing, own, None, "All").await.unwrap();
    assert_eq!(conversations::delete(backing, own, &[begun.id, another.id]).await.unwrap(), 2);
    assert_eq!(conversations::totals(backing, own).await.unwrap().conversations, 0);
    worker.stop().await;
}
