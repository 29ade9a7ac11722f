//! Questions of people through the service: kept, counted, and nobody else's.

use app::{
    Caller, Error,
    ask::{
        About, Listener, Shelf,
        conversations::{self, Asked, Asking},
    },
    reports::answers,
    usage,
};
use assistant::{Language, word::Citation};
use domain::id::{AnalysisId, ConversationId};
use store::{Page, conversations::Author, reports::Format, usage::Meter};

use super::house::{House, caller};

async fn say(
    house: &House,
    shelf: &Shelf,
    caller: &Caller,
    id: ConversationId,
    question: &str,
) -> Result<Asked, Error> {
    let (desk, listener) = (house.desk(), Listener::default());
    let asking =
        Asking { desk: &desk, shelf, caller, question, usual: Language::English, listener: &listener };
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
    let asking =
        Asking { desk: &desk, shelf, caller, question, usual: Language::English, listener: &listener };
    conversations::ask_once(&asking, analysis.map_or(About::All, About::One)).await
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
    assert_eq!((second.number, second.reply.answer.language), (4, Language::German));
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

    // An answer is put into the report of its analysis, once, and stands in all that is made of it.
    let added = answers::add(backing, own, (begun.id, 2), Some(analysis)).await.unwrap();
    assert_eq!((added.analysis_id, added.question.as_str()), (analysis, "What is our scarp rate?"));
    assert_eq!(answers::add(backing, own, (begun.id, 2), None).await.unwrap().id, added.id);
    for (number, other) in [(1, None), (9, None), (2, Some(AnalysisId(added.id)))] {
        let refused = answers::add(backing, own, (begun.id, number), other).await;
        assert!(matches!(refused, Err(Error::NotFound(_))), "{number}: {refused:?}");
    }
    let run = app::analyses::get(backing, own, analysis).await.unwrap().analysis;
    let caption = answers::caption(backing, own, &run).await.unwrap();
    assert_eq!((caption.answers.len(), &caption.answers[0].text[0]), (1, &first.reply.answer.text));
    assert!(!caption.answers[0].queries.is_empty() && !caption.answers[0].rests_on.is_empty());
    let result = app::analyses::result(backing, own, analysis).await.unwrap();
    let page = app::reports::write::write(Format::Html, &result, &caption, Language::English).unwrap();
    assert!(String::from_utf8(page).unwrap().contains("What is our scarp rate?"));
    for format in [Format::Pdf, Format::Xlsx] {
        let with = app::reports::write::write(format, &result, &caption, Language::English).unwrap().len();
        let bare = app::reports::write::caption(&run);
        assert!(
            with > app::reports::write::write(format, &result, &bare, Language::English).unwrap().len(),
            "{format:?}"
        );
    }
    let refused = answers::add(backing, &caller(&house.org.viewer), (begun.id, 2), None).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");

    // Neither another member nor another organisation finds it; what they ask is about their own data.
    let colleague = caller(&house.org.viewer);
    let stranger = caller(&testkit::org(&house.database, "Rival", "unlimited").await.owner);
    for other in [&colleague, &stranger] {
        for answer in [
            conversations::get(backing, other, begun.id).await.err(),
            conversations::rename(backing, other, begun.id, None, "mine").await.err(),
            conversations::messages(backing, other, begun.id, None, 5).await.err(),
            conversations::delete(backing, other, &[begun.id]).await.err(),
            say(&house, &shelf, other, begun.id, "scrap rate").await.err(),
        ] {
            assert!(matches!(answer, Some(Error::NotFound(_))), "{answer:?}");
        }
        assert_eq!(conversations::list(backing, other, None, Page::default()).await.unwrap().items.len(), 0);
    }
    assert_eq!(answers::list(backing, &colleague, analysis).await.unwrap().len(), 1);
    for answer in [
        answers::list(backing, &stranger, analysis).await.err(),
        answers::add(backing, &stranger, (begun.id, 2), None).await.err(),
        answers::remove(backing, &stranger, analysis, added.id).await.err(),
    ] {
        assert!(matches!(answer, Some(Error::NotFound(_))), "{answer:?}");
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
    conversations::rename(backing, own, begun.id, None, "Scrap").await.unwrap();
    assert_eq!(conversations::get(backing, own, begun.id).await.unwrap().title, "Scrap");
    let another = conversations::create(backing, own, None, "All").await.unwrap();
    assert_eq!(conversations::delete(backing, own, &[begun.id, another.id]).await.unwrap(), 2);
    assert_eq!(conversations::totals(backing, own).await.unwrap().conversations, 0);
    // The report keeps its copy until somebody takes it out.
    assert_eq!(answers::list(backing, own, analysis).await.unwrap().len(), 1);
    answers::remove(backing, own, analysis, added.id).await.unwrap();
    assert_eq!(answers::list(backing, own, analysis).await.unwrap().len(), 0);
    worker.stop().await;
}
