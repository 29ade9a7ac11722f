//! An object store that speaks as much of S3 as we do, keeps everything in memory, and fails in the ways that real ones fail. It
//! knows the access key and the name of its bucket; it checks no signature: a wrong secret is what [`Mood::Locked`] is.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// What the only account that it knows is called.
pub const ACCESS_KEY: &str = "loopback";

/// How it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Well,
    /// 503 `SlowDown`.
    Busy,
    /// 404 `NoSuchBucket`.
    Bucketless,
    /// 403 `SignatureDoesNotMatch`.
    Locked,
    /// Takes the connection and closes it.
    Gone,
    /// Takes the request and says nothing.
    Deaf,
    /// Half of what is asked for, and then the end of the connection.
    Torn,
}

#[derive(Debug)]
struct Shelf {
    mood: Mood,
    /// After so many requests more it is in another mood.
    turns: Option<(usize, Mood)>,
    asked: usize,
    objects: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
}

/// The store.
#[derive(Debug, Clone)]
pub struct Bucket {
    port: u16,
    shelf: Arc<Mutex<Shelf>>,
}

struct Request {
    method: String,
    /// Of the object; empty for the bucket itself.
    key: String,
    query: BTreeMap<String, String>,
    bucket: String,
    account: String,
    body: Vec<u8>,
}

struct Answer {
    status: &'static str,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn of(status: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, head: String::new(), body: body.into() }
    }

    fn error(status: &'static str, code: &str) -> Self {
        Self::of(status, format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>"))
    }
}

impl Bucket {
    /// One with a bucket of the name `bucket`.
    pub fn open() -> Self {
        Self::at(&TcpListener::bind("127.0.0.1:0").expect("a port of this machine"))
    }

    /// One that comes to a place where nobody was.
    ///
    /// # Panics
    /// When somebody took it.
    pub fn open_at(port: u16) -> Self {
        Self::at(&TcpListener::bind(("127.0.0.1", port)).expect("the port is free"))
    }

    fn at(listener: &TcpListener) -> Self {
        let shelf = Shelf {
            mood: Mood::Well,
            turns: None,
            asked: 0,
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
        };
        let port = listener.local_addr().expect("an address").port();
        let bucket = Self { port, shelf: Arc::new(Mutex::new(shelf)) };
        let (listener, serves) = (listener.try_clone().expect("a listener"), bucket.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serves = serves.clone();
                thread::spawn(move || drop(serves.serve(stream)));
            }
        });
        bucket
    }

    /// What a program is told in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(self.port)
    }

    /// How it answers from now on.
    pub fn set(&self, mood: Mood) {
        let mut shelf = self.shelf();
        (shelf.mood, shelf.turns) = (mood, None);
    }

    /// How it answers after so many requests more.
    pub fn set_after(&self, requests: usize, mood: Mood) {
        self.shelf().turns = Some((requests, mood));
    }

    /// How many requests came.
    pub fn asked(&self) -> usize {
        self.shelf().asked
    }

    /// How many objects there are.
    pub fn objects(&self) -> usize {
        self.shelf().objects.len()
    }

    /// Uploads in parts that nobody completed or gave up.
    pub fn unfinished(&self) -> usize {
        self.shelf().uploads.len()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut write = stream.try_clone()?;
        let mut read = BufReader::new(stream);
        while let Some(request) = read_request(&mut read)? {
            let mood = {
                let mut shelf = self.shelf();
                shelf.asked += 1;
                match shelf.turns {
                    Some((0, mood)) => (shelf.mood, shelf.turns) = (mood, None),
                    Some((left, mood)) => shelf.turns = Some((left - 1, mood)),
                    None => {}
                }
                shelf.mood
            };
            let answer = match mood {
                Mood::Gone => return Ok(()),
                Mood::Deaf => {
                    while self.shelf().mood == Mood::Deaf {
                        thread::sleep(Duration::from_millis(100));
                    }
                    return Ok(());
                }
                Mood::Busy => Answer::error("503 Service Unavailable", "SlowDown"),
                Mood::Bucketless => Answer::error("404 Not Found", "NoSuchBucket"),
                Mood::Locked => Answer::error("403 Forbidden", "SignatureDoesNotMatch"),
                Mood::Well | Mood::Torn if request.account != ACCESS_KEY => {
                    Answer::error("403 Forbidden", "InvalidAccessKeyId")
                }
                Mood::Well | Mood::Torn if request.bucket != "bucket" => {
                    Answer::error("404 Not Found", "NoSuchBucket")
                }
                Mood::Well | Mood::Torn => self.answer(&request),
            };
            let Answer { status, head, body } = answer;
            let length = body.len();
            write!(write, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{head}\r\n")?;
            if mood == Mood::Torn && request.method == "GET" && length > 1 {
                return write.write_all(&body[..length / 2]);
            }
            write.write_all(&body)?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut shelf = self.shelf();
        let upload = request.query.get("uploadId").cloned();
        let part = request.query.get("partNumber").and_then(|part| part.parse().ok());
        match (request.method.as_str(), upload, part) {
            ("POST", None, _) if request.query.contains_key("uploads") => {
                let id = format!("u{}", shelf.asked);
                shelf.uploads.insert(id.clone(), BTreeMap::new());
                Answer::of(
                    "200 OK",
                    format!(
                        "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
                    ),
                )
            }
            ("POST", None, _) if request.query.contains_key("delete") => {
                for piece in String::from_utf8_lossy(&request.body).split("<Key>").skip(1) {
                    shelf.objects.remove(piece.split("</Key>").next().unwrap_or_default());
                }
                Answer::of("200 OK", "<DeleteResult></DeleteResult>")
            }
            ("PUT", Some(id), Some(part)) => match shelf.uploads.get_mut(&id) {
                Some(parts) => {
                    parts.insert(part, request.body.clone());
                    Answer { head: format!("etag: \"{part}\"\r\n"), ..Answer::of("200 OK", "") }
                }
                None => Answer::error("404 Not Found", "NoSuchUpload"),
            },
            ("POST", Some(id), _) => match shelf.uploads.remove(&id) {
                Some(parts) => {
                    shelf.objects.insert(request.key.clone(), parts.into_values().flatten().collect());
                    Answer::of(
                        "200 OK",
                        "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>",
                    )
                }
                None => Answer::error("404 Not Found", "NoSuchUpload"),
            },
            ("DELETE", Some(id), _) => match shelf.uploads.remove(&id) {
                Some(_) => Answer::of("204 No Content", ""),
                None => Answer::error("404 Not Found", "NoSuchUpload"),
            },
            ("GET", ..) if request.key.is_empty() => {
                let prefix = request.query.get("prefix").map_or("", String::as_str);
                let mut listed = String::new();
                for (key, body) in shelf.objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
                    listed.push_str(&format!(
                        "<Contents><Key>{key}</Key><Size>{}</Size><ETag>\"e\"</ETag>\
                         <LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>",
                        body.len()
                    ));
                }
                Answer::of(
                    "200 OK",
                    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"),
                )
            }
            ("GET", ..) => match shelf.objects.get(&request.key) {
                Some(body) => Answer {
                    head: "etag: \"e\"\r\nlast-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n".to_owned(),
                    ..Answer::of("200 OK", body.clone())
                },
                None => Answer::error("404 Not Found", "NoSuchKey"),
            },
            ("DELETE", ..) => {
                shelf.objects.remove(&request.key);
                Answer::of("204 No Content", "")
            }
            ("PUT", ..) => {
                shelf.objects.insert(request.key.clone(), request.body.clone());
                Answer { head: "etag: \"e\"\r\n".to_owned(), ..Answer::of("200 OK", "") }
            }
            _ => Answer::error("501 Not Implemented", "NotImplemented"),
        }
    }
}

/// What a program is told whose store is at this port of this machine.
pub fn environment(port: u16) -> Vec<(String, String)> {
    [
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "loopback-secret".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn read_request(read: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if read.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default().to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_matches('/'), ""));
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    let query = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let (mut length, mut account) = (0, String::new());
    loop {
        let mut line = String::new();
        if read.read_line(&mut line)? <= 2 {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" => {
                let named = value.split("Credential=").nth(1).and_then(|named| named.split('/').next());
                named.unwrap_or_default().clone_into(&mut account);
            }
            _ => {}
        }
    }
    let mut body = vec![0; length];
    read.read_exact(&mut body)?;
    Ok(Some(Request { method, key, query, bucket, account, body }))
}
