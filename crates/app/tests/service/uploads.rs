//! Files come in whole, in pieces, twice, or not at all.

use app::{Bounds, Error, Retry, files};
use bytes::Bytes;
use futures::{StreamExt, stream};
use store::{Page, files::FileState};

use super::house::{House, body, caller};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_over_connections_that_break_become_one_file() {
    let Some(house) = House::open().await else { return };
    let (backing, caller) = (&house.backing, &house.caller);
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let file = files::begin(backing, caller, "../a/JOBS.csv", Some(content.len() as u64)).await.unwrap();
    assert_eq!((file.name.as_str(), file.state), ("JOBS.csv", FileState::Receiving));
    let broken = body(Bytes::copy_from_slice(&content[..500_000]))
        .chain(stream::iter([Err(std::io::Error::other("reset"))]));
    let progress = files::append(backing, caller, file.id, 0, broken).await.unwrap();
    assert!(progress.broken.is_some());
    assert_eq!(progress.file.received_bytes, 500_000);
    let elsewhere = files::append(backing, caller, file.id, 400_000, body(Bytes::from_static(b"x"))).await;
    assert!(matches!(elsewhere, Err(Error::Conflict(_))), "{elsewhere:?}");
    let early = files::complete(backing, caller, file.id).await;
    assert!(matches!(early, Err(Error::Conflict(_))), "{early:?}");
    // Two senders of one piece: one is kept.
    let rest = Bytes::copy_from_slice(&content[500_000..]);
    let (one, two) = tokio::join!(
        files::append(backing, caller, file.id, 500_000, body(rest.clone())),
        files::append(backing, caller, file.id, 500_000, body(rest.clone())),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1, "{one:?} {two:?}");
    assert_eq!(house.blobs().await, [("pieces", 2)]);
    let stored = files::complete(backing, caller, file.id).await.unwrap();
    let again = files::complete(backing, caller, file.id).await.unwrap();
    assert_eq!(stored, again);
    assert_eq!(house.blobs().await, [("files", 1)]);
    let (_, mut came) = files::content(backing, caller, file.id).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = came.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    assert!(bytes == content);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_broken_or_over_the_plan_leaves_nothing() {
    let bounds = Bounds { file_bytes_max: 1_000_000, ..Bounds::default() };
    let Some(house) = House::bounded(bounds, "trial").await else { return };
    let (backing, caller) = (&house.backing, &house.caller);
    let large = Bytes::from(vec![b'x'; 1_000_001]);
    let declared = files::receive(backing, caller, "a.csv", Some(1_000_001), body(large.clone())).await;
    assert!(matches!(declared, Err(Error::TooLarge(_))), "{declared:?}");
    let undeclared = files::receive(backing, caller, "a.csv", None, body(large)).await;
    assert!(matches!(undeclared, Err(Error::TooLarge(_))), "{undeclared:?}");
    let broken = body(Bytes::from_static(b"a,b")).chain(stream::iter([Err(std::io::Error::other("reset"))]));
    assert!(files::receive(backing, caller, "a.csv", None, broken).await.is_err());
    for declared in [Some(0), None] {
        let empty = files::receive(backing, caller, "none.csv", declared, body(Bytes::new())).await;
        assert!(matches!(&empty, Err(Error::Input(says)) if says.contains("none.csv is empty")), "{empty:?}");
    }
    assert_eq!(house.blobs().await, []);
    assert!(files::list(backing, caller, Page::default()).await.unwrap().items.is_empty());
    // A trial takes five files; of eight at once, five come in.
    let sends = (0..8).map(|number| {
        files::receive(backing, caller, "a.csv", None, body(Bytes::from(format!("a,b\n{number},2\n"))))
    });
    let sent = futures::future::join_all(sends).await;
    assert_eq!(sent.iter().filter(|sent| sent.is_ok()).count(), 5);
    let refused = sent.into_iter().find_map(Result::err).unwrap();
    assert!(matches!(refused, Error::Limit { retry_after: Some(_), .. }), "{refused:?}");
    assert_eq!(house.blobs().await, [("files", 5)]);
    assert_eq!(files::list(backing, caller, Page::default()).await.unwrap().items.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_content_is_recognized_and_the_same_request_is_not_repeated() {
    let Some(house) = House::open().await else { return };
    let first = house.send("a.csv", "Job,Qty\n1,2\n").await;
    assert!(first.repeats.is_empty());
    let second = house.send("b.csv", "Job,Qty\n1,2\n").await;
    assert_eq!(second.repeats.iter().map(|repeat| repeat.file.id).collect::<Vec<_>>(), [first.file.id]);
    let mut caller = caller(&house.org.analyst);
    caller.retry = Some(Retry {
        principal: "user:1".to_owned(),
        operation: "POST /api/v1/files".to_owned(),
        key: "k".to_owned(),
        request_hash: [1; 32],
    });
    // What broke off is sent again under the same key.
    let broken = body(Bytes::from_static(b"Job")).chain(stream::iter([Err(std::io::Error::other("reset"))]));
    assert!(files::receive(&house.backing, &caller, "c.csv", None, broken).await.is_err());
    let send = || {
        files::receive(&house.backing, &caller, "c.csv", None, body(Bytes::from_static(b"Job,Qty\n3,4\n")))
    };
    let once = send().await.unwrap();
    assert_eq!(send().await.unwrap().file.id, once.file.id);
    caller.retry.as_mut().unwrap().key = "crowd".to_owned();
    let crowd = |number: u8| {
        let (backing, caller) = (house.backing.clone(), caller.clone());
        async move {
            files::receive(&backing, &caller, "d.csv", None, body(Bytes::from(vec![b'x', number]))).await
        }
    };
    let crowd = futures::future::join_all((0..8).map(crowd)).await;
    let made: std::collections::BTreeSet<_> = crowd.into_iter().map(|sent| sent.unwrap().file.id).collect();
    assert_eq!(made.len(), 1);
    files::delete(&house.backing, &caller, *made.first().unwrap()).await.unwrap();
    caller.retry.as_mut().unwrap().key = "k".to_owned();
    caller.retry.as_mut().unwrap().request_hash = [2; 32];
    let other = files::receive(&house.backing, &caller, "c.csv", None, body(Bytes::from_static(b"x"))).await;
    assert!(matches!(other, Err(Error::Reused)), "{other:?}");
    assert_eq!(files::list(&house.backing, &caller, Page::default()).await.unwrap().items.len(), 3);
    // A file that an import stands on stays.
    let dataset = house.import(vec![first.file.id]).await;
    assert!(matches!(files::delete(&house.backing, &caller, first.file.id).await, Err(Error::Conflict(_))));
    app::datasets::delete(&house.backing, &caller, dataset).await.unwrap();
    files::delete(&house.backing, &caller, first.file.id).await.unwrap();
    assert_eq!(house.blobs().await, [("files", 2)]);
}
