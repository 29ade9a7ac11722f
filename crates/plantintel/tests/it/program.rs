//! Calling the program and looking at what it answered.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

/// What a call answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_slice(&self.stdout).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }
}

/// Longer than any call takes on a busy machine: what is still there then (a server, say) would never end.
const PATIENCE: Duration = Duration::from_mins(5);

pub(crate) fn call(arguments: &[&str]) -> Answer {
    let child = Command::new(env!("CARGO_BIN_EXE_plantintel"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id().to_string();
    let (done, outcome) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(output) = outcome.recv_timeout(PATIENCE) else {
        Command::new("kill").args(["-KILL", &id]).status().unwrap();
        panic!("`plantintel {}` did not end within {PATIENCE:?}", arguments.join(" "));
    };
    let output = output.unwrap();
    Answer {
        code: output.status.code().unwrap(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A plant of `orders` orders in a folder of its own, and its exports.
pub(crate) fn plant(folder: &Path, orders: u64, problems: &str) -> Vec<String> {
    let orders = orders.to_string();
    let path = folder.display().to_string();
    let answer = call(&["generate", &path, "--orders", &orders, "--seed", "11", "--problems", problems]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .map(|path| path.display().to_string())
        .collect();
    files.sort();
    files
}

/// The examples beside the project, or `None` with a message where they are absent.
pub(crate) fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(part);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {part} of the examples beside the project is absent");
    None
}
