//! A language model that says what a test wrote down, over HTTP on loopback, in both wire protocols.
//!
//! [`ModelServer::start`] takes a function from the request and its number to a [`Reply`]; what was asked is kept.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A request as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub path: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Texts of the results of tools that came with it, the newest last.
    pub fn results(&self) -> Vec<String> {
        let mut results = Vec::new();
        for message in self.body["messages"].as_array().into_iter().flatten() {
            if message["role"] == "tool" {
                results.push(message["content"].as_str().unwrap_or_default().to_owned());
            }
            for block in message["content"].as_array().into_iter().flatten() {
                if block["type"] == "tool_result" {
                    results.push(block["content"].as_str().unwrap_or_default().to_owned());
                }
            }
        }
        results
    }
}

/// A part of a streamed answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text, as one event.
    Text(String),
    /// A call of a tool with its arguments, in several events.
    Call(String, String),
    /// Nothing, for so long.
    Pause(Duration),
    /// A sign of life that says nothing.
    Ping,
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// An error within the stream, by its type.
    Fault(String),
}

/// What the server does with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Streams the parts and ends as it should.
    Stream(Vec<Part>),
    /// Streams the parts and closes in the middle.
    Cut(Vec<Part>),
    /// A status with a body.
    Status(u16, Vec<(String, String)>, String),
    /// Takes the request and says nothing.
    Hang,
    /// Closes at once.
    Close,
}

impl Reply {
    /// An answer word by word.
    pub fn text(text: &str) -> Self {
        Self::Stream(text.split_inclusive(' ').map(|word| Part::Text(word.to_owned())).collect())
    }

    /// Calls of tools.
    pub fn calls(calls: &[(&str, Value)]) -> Self {
        Self::Stream(
            calls.iter().map(|(name, input)| Part::Call((*name).to_owned(), input.to_string())).collect(),
        )
    }
}

type Script = Arc<dyn Fn(&Asked, usize) -> Reply + Send + Sync>;

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct ModelServer {
    /// Up to and with `/v1`.
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    abandoned: Arc<Mutex<usize>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ModelServer {
    pub async fn start(script: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let (asked, abandoned) = (Arc::default(), Arc::default());
        let (kept, left) = (Arc::clone(&asked), Arc::clone(&abandoned));
        let script: Script = Arc::new(script);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let (script, kept, left) = (Arc::clone(&script), Arc::clone(&kept), Arc::clone(&left));
                tokio::spawn(async move {
                    if serve(stream, &script, &kept).await.is_err() {
                        *locked(&left) += 1;
                    }
                });
            }
        });
        Self { address, asked, abandoned, task }
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.asked).clone()
    }

    /// Answers that the other side did not wait for.
    pub fn abandoned(&self) -> usize {
        *locked(&self.abandoned)
    }
}

async fn serve(mut stream: TcpStream, script: &Script, kept: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    let Some(asked) = request(&mut stream).await? else { return Ok(()) };
    let number = {
        let mut kept = locked(kept);
        kept.push(asked.clone());
        kept.len() - 1
    };
    let anthropic = asked.path.ends_with("/messages");
    match script(&asked, number) {
        Reply::Close => Ok(()),
        Reply::Hang => until_left(&mut stream, Duration::from_mins(2)).await,
        Reply::Status(status, headers, body) => {
            let mut head =
                format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            stream.write_all(format!("{head}\r\n{body}").as_bytes()).await
        }
        Reply::Stream(parts) => {
            write(&mut stream, anthropic, &parts).await?;
            let calls = parts.iter().any(|part| matches!(part, Part::Call(..)));
            chunk(&mut stream, ending(anthropic, calls).as_bytes()).await?;
            stream.write_all(b"0\r\n\r\n").await
        }
        Reply::Cut(parts) => write(&mut stream, anthropic, &parts).await,
    }
}

/// Waits, and fails as soon as the other side has gone.
async fn until_left(stream: &mut TcpStream, pause: Duration) -> std::io::Result<()> {
    let mut byte = [0];
    match tokio::time::timeout(pause, stream.read(&mut byte)).await {
        Ok(Ok(0)) => Err(std::io::ErrorKind::ConnectionAborted.into()),
        Ok(Err(error)) => Err(error),
        _ => Ok(()),
    }
}

async fn request(stream: &mut TcpStream) -> std::io::Result<Option<Asked>> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 16 * 1024];
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    while bytes.len() < head_end + length {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece[..read]);
    }
    let body = serde_json::from_slice(&bytes[head_end..]).unwrap_or(Value::Null);
    Ok(Some(Asked { path, headers, body }))
}

async fn chunk(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
    framed.extend_from_slice(bytes);
    framed.extend_from_slice(b"\r\n");
    stream.write_all(&framed).await
}

fn named(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

async fn write(stream: &mut TcpStream, anthropic: bool, parts: &[Part]) -> std::io::Result<()> {
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")
        .await?;
    if anthropic {
        let usage = json!({"input_tokens": 100, "output_tokens": 1});
        let start =
            json!({"type": "message_start", "message": {"id": "m", "role": "assistant", "usage": usage}});
        chunk(stream, named("message_start", &start).as_bytes()).await?;
    }
    let mut calls = 0;
    for (index, part) in parts.iter().enumerate() {
        let written = match part {
            Part::Pause(pause) => {
                until_left(stream, *pause).await?;
                continue;
            }
            Part::Raw(bytes) => {
                chunk(stream, bytes).await?;
                continue;
            }
            Part::Ping if anthropic => named("ping", &json!({"type": "ping"})),
            Part::Ping => ": keep-alive\n\n".to_owned(),
            Part::Fault(kind) if anthropic => {
                named("error", &json!({"type": "error", "error": {"type": kind, "message": "trouble"}}))
            }
            Part::Fault(kind) => {
                format!("data: {}\n\n", json!({"error": {"type": kind, "message": "trouble"}}))
            }
            Part::Text(text) if anthropic => {
                let block = json!({"type": "text", "text": ""});
                let delta = json!({"type": "text_delta", "text": text});
                [
                    named(
                        "content_block_start",
                        &json!({"type": "content_block_start", "index": index, "content_block": block}),
                    ),
                    named(
                        "content_block_delta",
                        &json!({"type": "content_block_delta", "index": index, "delta": delta}),
                    ),
                    named("content_block_stop", &json!({"type": "content_block_stop", "index": index})),
                ]
                .concat()
            }
            Part::Text(text) => {
                format!(
                    "data: {}\n\n",
                    json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
                )
            }
            Part::Call(name, arguments) => {
                calls += 1;
                let middle =
                    (0..=arguments.len() / 2).rev().find(|at| arguments.is_char_boundary(*at)).unwrap_or(0);
                let halves = [&arguments[..middle], &arguments[middle..]];
                if anthropic {
                    let block = json!({"type": "tool_use", "id": format!("toolu_{calls}"), "name": name, "input": {}});
                    let mut events = named(
                        "content_block_start",
                        &json!({"type": "content_block_start", "index": index, "content_block": block}),
                    );
                    for half in halves {
                        let delta = json!({"type": "input_json_delta", "partial_json": half});
                        events.push_str(&named(
                            "content_block_delta",
                            &json!({"type": "content_block_delta", "index": index, "delta": delta}),
                        ));
                    }
                    events.push_str(&named(
                        "content_block_stop",
                        &json!({"type": "content_block_stop", "index": index}),
                    ));
                    events
                } else {
                    let first = json!({"index": calls - 1, "id": format!("call_{calls}"), "type": "function", "function": {"name": name, "arguments": halves[0]}});
                    let second = json!({"index": calls - 1, "function": {"arguments": halves[1]}});
                    [first, second]
                        .map(|call| {
                            format!(
                                "data: {}\n\n",
                                json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
                            )
                        })
                        .concat()
                }
            }
        };
        chunk(stream, written.as_bytes()).await?;
    }
    Ok(())
}

fn ending(anthropic: bool, calls: bool) -> String {
    if anthropic {
        let reason = if calls { "tool_use" } else { "end_turn" };
        let delta = json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 20}});
        return named("message_delta", &delta) + &named("message_stop", &json!({"type": "message_stop"}));
    }
    let reason = if calls { "tool_calls" } else { "stop" };
    let finish = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
    let usage =
        json!({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}});
    format!("data: {finish}\n\ndata: {usage}\n\ndata: [DONE]\n\n")
}
