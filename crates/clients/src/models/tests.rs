//! Both protocols against a server that speaks them over HTTP.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::json;
use testkit::model::{ModelServer, Part, Reply};

use super::*;

fn model(wire: Wire, address: &str) -> Model {
    let patience = Patience {
        first: Duration::from_millis(900),
        silence: Duration::from_millis(400),
        whole: Duration::from_secs(3),
    };
    Model {
        wire,
        address: address.to_owned(),
        private: true,
        key: Some("sk-secret".to_owned()),
        name: "m-1".to_owned(),
        patience,
    }
}

fn request() -> Request {
    let call = ToolCall { id: "c1".to_owned(), name: "totals".to_owned(), arguments: "{}".to_owned() };
    Request {
        system: "be brief".to_owned(),
        turns: vec![
            Turn::User("what?".to_owned()),
            Turn::Assistant { text: String::new(), calls: vec![call] },
            Turn::Results(vec![ToolResult { id: "c1".to_owned(), text: "{\"rows\":4}".to_owned() }]),
        ],
        tools: vec![Tool {
            name: "totals".to_owned(),
            description: "sums".to_owned(),
            schema: json!({"type": "object", "properties": {}}),
        }],
        tokens_max: 500,
    }
}

async fn say(server: &ModelServer, wire: Wire) -> (Result<Said, Error>, Vec<String>) {
    let mut heard = Vec::new();
    let said =
        model(wire, &server.address).say(&request(), &mut |text: &str| heard.push(text.to_owned())).await;
    (said, heard)
}

#[tokio::test]
async fn text_and_calls_stream_in_both_protocols() {
    for wire in Wire::ALL {
        let server = ModelServer::start(|_, _| {
            Reply::Stream(vec![
                Part::Ping,
                Part::Text("Hello ".to_owned()),
                Part::Text("wörld".to_owned()),
                Part::Call("figures".to_owned(), "{\"metric\":\"scrap_ratio\"}".to_owned()),
                Part::Call("totals".to_owned(), "{}".to_owned()),
            ])
        })
        .await;
        let (said, heard) = say(&server, wire).await;
        let said = said.unwrap();
        assert_eq!(heard, ["Hello ", "wörld"], "{wire:?}");
        assert_eq!(said.text, "Hello wörld");
        let calls: Vec<_> =
            said.calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
        assert_eq!(calls, [("figures", "{\"metric\":\"scrap_ratio\"}"), ("totals", "{}")]);
        assert!(said.calls.iter().all(|call| !call.id.is_empty()));
        assert_eq!(said.tokens, Tokens { read: Some(100), written: Some(20) });
        let asked = &server.asked()[0];
        match wire {
            Wire::OpenAi => {
                assert_eq!(asked.path, "/v1/chat/completions");
                assert_eq!(asked.header("authorization"), Some("Bearer sk-secret"));
                assert_eq!(
                    asked.body["messages"][3],
                    json!({"role": "tool", "tool_call_id": "c1", "content": "{\"rows\":4}"})
                );
                assert_eq!(asked.body["stream_options"]["include_usage"], true);
            }
            Wire::Anthropic => {
                assert_eq!(asked.path, "/v1/messages");
                assert_eq!(asked.header("x-api-key"), Some("sk-secret"));
                assert_eq!(asked.header("anthropic-version"), Some("2023-06-01"));
                assert_eq!(asked.body["messages"][2]["content"][0]["tool_use_id"], "c1");
                assert_eq!(asked.body["max_tokens"], 500);
            }
        }
        assert_eq!(asked.results(), ["{\"rows\":4}"]);
    }
}

#[tokio::test]
async fn what_passes_is_tried_again_until_something_was_said() {
    for wire in Wire::ALL {
        let server = ModelServer::start(|_, number| match number {
            0 => Reply::Status(529, Vec::new(), "{}".to_owned()),
            1 => Reply::Close,
            _ => Reply::text("there"),
        })
        .await;
        assert_eq!(say(&server, wire).await.0.unwrap().text, "there");
        assert_eq!(server.asked().len(), 3);
        let server = ModelServer::start(|_, _| Reply::Cut(vec![Part::Text("half ".to_owned())])).await;
        let (said, heard) = say(&server, wire).await;
        assert_eq!((said, heard.len()), (Err(Error::Truncated), 1));
        assert_eq!(server.asked().len(), 1, "what was said is not said twice");
    }
}

#[tokio::test]
async fn every_failure_has_its_own_error_in_time() {
    let status = |status: u16| {
        Reply::Status(status, Vec::new(), "{\"error\":{\"message\":\"no such model\"}}".to_owned())
    };
    let raw = |text: &str| Reply::Cut(vec![Part::Raw(text.as_bytes().to_vec())]);
    let refused = |status| Error::Refused { status, reason: "no such model".to_owned() };
    let soon = vec![("retry-after".to_owned(), "3600".to_owned())];
    let cases = [
        (status(401), Error::Key(401)),
        (status(404), refused(404)),
        (status(400), refused(400)),
        (status(500), Error::Trouble(500)),
        (status(529), Error::Trouble(529)),
        (
            Reply::Status(429, soon, String::new()),
            Error::Limited { retry_after: Some(Duration::from_hours(1)) },
        ),
        (Reply::Close, Error::Silent),
        (Reply::Hang, Error::Slow),
        (raw("data: no json\n\n"), Error::Garbage("an event is no JSON")),
        (Reply::Status(200, Vec::new(), "<html>hello</html>".to_owned()), Error::Garbage("it has no events")),
        (raw(&"x".repeat(300_000)), Error::Garbage("a line is too long")),
        (Reply::Stream(vec![Part::Fault("overloaded_error".to_owned())]), Error::Trouble(529)),
        (Reply::Stream(vec![Part::Text("x".repeat(40_000))]), Error::Garbage("it does not end")),
        (
            Reply::Stream(vec![Part::Call("t".to_owned(), "x".repeat(40_000))]),
            Error::Garbage("the arguments of a call do not end"),
        ),
        (
            Reply::Stream(vec![Part::Call("t".to_owned(), "{}".to_owned()); 40]),
            Error::Garbage("it calls too much"),
        ),
        (
            Reply::Stream(vec![vec![Part::Ping, Part::Pause(Duration::from_millis(200))]; 20].concat()),
            Error::Slow,
        ),
        (Reply::Stream(vec![Part::Text("so ".to_owned()), Part::Pause(Duration::from_secs(9))]), Error::Slow),
    ];
    // Most of it is waiting: several at a time.
    let tried = Wire::ALL.into_iter().flat_map(|wire| cases.clone().map(|case| (wire, case)));
    let tried = tried.map(|(wire, (reply, expected))| async move {
        let server = ModelServer::start(move |_, _| reply.clone()).await;
        let began = Instant::now();
        let (said, _) = say(&server, wire).await;
        assert_eq!(said, Err(expected), "{wire:?}");
        assert!(began.elapsed() < Duration::from_millis(1_700), "{wire:?}: {:?}", began.elapsed());
    });
    futures::stream::iter(tried).buffer_unordered(6).for_each(|()| async {}).await;
}

#[tokio::test]
async fn a_question_that_is_dropped_ends_at_the_provider() {
    let server = ModelServer::start(|_, _| {
        Reply::Stream(vec![Part::Text("so ".to_owned()), Part::Pause(Duration::from_mins(1))])
    })
    .await;
    let mut model = model(Wire::OpenAi, &server.address);
    model.patience = Patience::default();
    let dropped =
        tokio::time::timeout(Duration::from_millis(300), model.say(&request(), &mut |_: &str| {})).await;
    assert!(dropped.is_err());
    for _ in 0..50 {
        if server.abandoned() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the provider was not told");
}

#[test]
fn keys_go_to_no_private_address_unless_that_is_allowed() {
    for (address, private, fine) in [
        ("https://api.example.com/v1", false, true),
        ("http://127.0.0.1:11434/v1", true, true),
        ("http://127.0.0.1:11434/v1", false, false),
        ("https://169.254.169.254/v1", false, false),
        ("http://api.example.com/v1", false, false),
        ("https://user:word@api.example.com/v1", true, false),
        ("https://api.example.com/v1?x=1", true, false),
        ("file:///etc/passwd", true, false),
    ] {
        assert_eq!(check_address(address, private).is_ok(), fine, "{address}");
    }
    let shown = format!("{:?}", model(Wire::OpenAi, "http://127.0.0.1/v1"));
    assert!(!shown.contains("secret"), "{shown}");
}
