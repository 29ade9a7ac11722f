//! The running product, and how a test talks with it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub(crate) struct Product {
    child: Child,
    // Kept open, so that the program never writes into a closed pipe.
    _lines: BufReader<ChildStdout>,
    pub(crate) address: String,
    pub(crate) link: Option<String>,
}

pub(crate) fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plantintel"));
    command
        .current_dir(data)
        .env("PLANTINTEL_DATA_FOLDER", data.join("data"))
        .env("PLANTINTEL_ADDRESS", "127.0.0.1:0")
        .env_remove("DATABASE_URL")
        // Meant for the test, and no setting of the program.
        .env_remove("PLANTINTEL_KILLS")
        .env_remove("PLANTINTEL_ABUSE_SECONDS")
        .env_remove("PLANTINTEL_ROUNDS")
        .env_remove("PLANTINTEL_TEST_BLOBS")
        .env_remove("PLANTINTEL_SOAK_MINUTES")
        .env_remove("PLANTINTEL_FILLINGS")
        .env_remove("PLANTINTEL_DEAF")
        .env_remove("PLANTINTEL_EPISODES")
        .env_remove("PLANTINTEL_POWER_LOSSES")
        .env_remove("PLANTINTEL_CLOCK_SECONDS")
        .env_remove("PLANTINTEL_STORE")
        .env_remove("PLANTINTEL_SEED");
    command
}

impl Product {
    /// `None` where no Postgres is installed.
    pub(crate) fn start(data: &Path, log: &str) -> Option<Self> {
        Self::start_with(data, log, &[])
    }

    /// The same with these settings.
    pub(crate) fn start_with(data: &Path, log: &str, settings: &[(&str, &str)]) -> Option<Self> {
        Self::start_under(&[], data, log, settings)
    }

    /// The same below another program, which takes the command that it watches at its end and leaves the process number to it.
    pub(crate) fn start_under(
        wrapper: &[String],
        data: &Path,
        log: &str,
        settings: &[(&str, &str)],
    ) -> Option<Self> {
        if let Err(error) = cluster::find_binaries() {
            eprintln!("skipped: {error}");
            return None;
        }
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(data.join(log)).unwrap();
        let mut command = program(data);
        if let Some((first, arguments)) = wrapper.split_first() {
            let mut watching = Command::new(first);
            watching.args(arguments).arg(command.get_program()).current_dir(data);
            for (name, value) in command.get_envs() {
                match value {
                    Some(value) => watching.env(name, value),
                    None => watching.env_remove(name),
                };
            }
            command = watching;
        }
        let mut child =
            command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let address = line(&mut lines).strip_prefix("PlantIntel is at http://").unwrap().to_owned();
        // Nobody has signed in yet: the next two lines say how to.
        let link = (!data.join("signed-in").exists()).then(|| {
            assert!(line(&mut lines).starts_with("Sign in for the first time"));
            line(&mut lines)
        });
        let product = Self { child, _lines: lines, address, link };
        assert_eq!(product.ask("GET", "/health/ready", &[], None).0, 200);
        Some(product)
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> (u16, String, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut headers = headers.to_vec();
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        let answer = call(&self.address, method, path, &headers, body.as_bytes()).unwrap();
        (answer.status, answer.head.clone(), answer.json())
    }

    /// Signs in by the link of the first start, and makes a key of the owner.
    pub(crate) fn owner_key(&self, data: &Path) -> String {
        let key = sign_in(self, self.link.as_ref().unwrap());
        std::fs::write(data.join("signed-in"), "").unwrap();
        key
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill").args([signal, &id]).status().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "it did not stop");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The first process of the product's own Postgres. It lies in the data folder, or, when root runs it and the database's account
/// cannot get there, where a note in it says.
pub(crate) fn database_pid(folder: &Path) -> String {
    let data = folder.join("data");
    let elsewhere = std::fs::read_to_string(data.join("postgres.location")).unwrap_or_default();
    let home = if elsewhere.is_empty() { data } else { Path::new(elsewhere.trim()).to_owned() };
    let pid = std::fs::read_to_string(home.join("postgres/postmaster.pid")).unwrap();
    pid.lines().next().unwrap().to_owned()
}

/// Signs in by a link, and makes a key of whoever it signs in, with all of an owner's rights.
pub(crate) fn sign_in(product: &Product, link: &str) -> String {
    let token = link.split_once("token=").unwrap().1;
    let (status, head, body) =
        product.ask("POST", "/api/v1/session/link", &[], Some(&json!({ "token": token })));
    assert_eq!(status, 201, "{body}");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let with = [
        ("cookie", cookie.split(';').next().unwrap()),
        ("x-csrf-token", body["csrf_token"].as_str().unwrap()),
    ];
    let form = json!({"name": "a program", "role": "owner"});
    let (status, _, key) = product.ask("POST", "/api/v1/api-keys", &with, Some(&form));
    assert_eq!(status, 201, "{key}");
    key["secret"].as_str().unwrap().to_owned()
}

fn line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// One request on a connection of its own. An error is a server that is away, or went while it answered.
pub(crate) fn call(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    call_within(Duration::from_secs(30), address, method, path, headers, body)
}

/// The same with a silence of this length at most.
pub(crate) fn call_within(
    silence: Duration,
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(silence))?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(broken)?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    let body = answer.split_off(end + 4);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    if length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length != body.len()) {
        return Err(broken());
    }
    Ok(Reply { status, head, body })
}
