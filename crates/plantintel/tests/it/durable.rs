//! Acknowledged means on disk, seen from the kernel: every call of the program and of its database that writes, syncs, renames or
//! answers is written down by strace, and at the moment of each acknowledgement nothing of a blob (its bytes, its name in its folder,
//! the folders on the way to it) and nothing of the installation's secrets waits for a sync; between a request and its answer the log
//! of the database was synced.
//!
//! Needs strace (Debian: `apt install strace`) and the right to trace; passed over with a printed line where it is missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    product::{Product, call},
    topology::generated,
};

const CALLS: &str = "trace=openat,write,pwrite64,writev,pwritev,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2,link,linkat,\
    mkdir,mkdirat,unlink,unlinkat";

/// What the disk has not been told to keep, as far as we are answerable for it.
#[derive(Debug, Default)]
struct Waiting {
    data: PathBuf,
    /// Files with bytes that were written and not synced.
    bytes: BTreeSet<PathBuf>,
    /// Names that were made in a folder, until that folder is synced.
    names: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// How often the log of the database was synced since the last acknowledgement.
    log_syncs: usize,
}

impl Waiting {
    /// Ours to keep: blobs that have their names, and the secrets. What grows in `drafts` has been promised to nobody.
    fn counts(&self, path: &Path) -> bool {
        let blobs = self.data.join("blobs");
        (path.starts_with(&blobs) && !path.starts_with(blobs.join("drafts")))
            || path == self.data.join("secret")
            || path == self.data.join("audit.key")
    }

    fn made(&mut self, path: &Path) {
        if let Some(folder) = path.parent() {
            self.names.entry(folder.to_owned()).or_default().insert(path.to_owned());
        }
    }

    fn moved(&mut self, from: &Path, to: &Path) {
        if self.bytes.contains(from) {
            self.bytes.insert(to.to_owned());
        }
        self.made(to);
    }

    fn synced(&mut self, path: &Path) {
        self.bytes.remove(path);
        self.names.remove(path);
        if path.components().any(|part| part.as_os_str() == "pg_wal") {
            self.log_syncs += 1;
        }
    }

    fn unkept(&self) -> Vec<String> {
        let bytes = self.bytes.iter().filter(|path| self.counts(path));
        let names = self.names.values().flatten().filter(|path| self.counts(path));
        bytes
            .map(|path| format!("bytes of {}", path.display()))
            .chain(names.map(|path| format!("the name of {}", path.display())))
            .collect()
    }
}

/// The path of the descriptor that a call begins with: `write(5</a/file>, …`.
fn descriptor(call: &str) -> Option<PathBuf> {
    let (_, rest) = call.split_once('<')?;
    let (path, _) = rest.split_once('>')?;
    path.starts_with('/').then(|| PathBuf::from(path))
}

/// The paths that a call names in quotes.
fn named(call: &str) -> Vec<PathBuf> {
    call.split('"').skip(1).step_by(2).filter(|text| text.starts_with('/')).map(PathBuf::from).collect()
}

/// What waits at each acknowledgement (an answer 201), and how often the log was synced before it.
fn acknowledgements(trace: &str, data: &Path) -> Vec<(Vec<String>, usize)> {
    let mut waiting = Waiting { data: data.to_owned(), ..Waiting::default() };
    let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        let ends = rest.starts_with("<... ");
        // A call that another thread's call interrupted in the record: it counts where it began, and again where it ended.
        let call = if ends { begun.remove(thread).unwrap_or_default() } else { rest };
        let pending = rest.ends_with("<unfinished ...>");
        if pending {
            begun.insert(thread, rest);
        }
        let name = call.split('(').next().unwrap_or_default();
        let worked = !pending && !rest.rsplit(" = ").next().unwrap_or("-").starts_with('-');
        match name {
            "write" | "writev" | "pwrite64" | "pwritev" | "sendto" | "sendmsg" if !ends => {
                if call.contains("<socket:") {
                    // From its beginning on it may be read.
                    if call.contains("\"HTTP/1.1 201 ") {
                        found.push((waiting.unkept(), std::mem::take(&mut waiting.log_syncs)));
                    }
                } else if let Some(path) = descriptor(call) {
                    waiting.bytes.insert(path);
                }
            }
            // A sync counts when it has come back, and not for what was written while it ran: nobody writes to a file that is being
            // finished.
            "fsync" | "fdatasync" if worked => {
                if let Some(path) = descriptor(call) {
                    waiting.synced(&path);
                }
            }
            "openat" if worked && call.contains("O_CREAT") => {
                if let [path] = named(call).as_slice() {
                    waiting.made(path);
                }
            }
            "mkdir" | "mkdirat" if worked => {
                if let [path] = named(call).as_slice() {
                    waiting.made(path);
                }
            }
            "rename" | "renameat" | "renameat2" | "link" | "linkat" if worked => {
                if let [from, to] = named(call).as_slice() {
                    waiting.moved(from, to);
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn at_each_acknowledgement_everything_is_synced() {
    let traces = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    if !traces.is_ok_and(|status| status.success()) {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    }
    let folder = tempfile::Builder::new().prefix("plantintel-durable-").tempdir().unwrap();
    let trace = folder.path().join("trace");
    let wrapper = ["strace", "-D", "-f", "--seccomp-bpf", "-y", "-s", "64", "-e", CALLS, "-o"];
    let wrapper: Vec<String> =
        wrapper.iter().map(|word| (*word).to_owned()).chain([trace.display().to_string()]).collect();
    let settings = [("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "1000000"), ("PLANTINTEL_LOG", "warn")];
    let Some(product) = Product::start_under(&wrapper, folder.path(), "log", &settings) else { return };
    let bearer = format!("Bearer {}", product.owner_key(folder.path()));
    // The session by the link, and the key.
    let mut expected = 2;
    let mut ask = |method: &str, path: &str, kind: &str, body: &[u8]| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let reply = call(&product.address, method, &format!("/api/v1{path}"), &headers, body).unwrap();
        assert!((200..300).contains(&reply.status), "{method} {path}: {} {}", reply.status, reply.json());
        expected += usize::from(reply.status == 201);
        reply.json()
    };
    let (json, bytes) = ("application/json", "application/octet-stream");
    let export = generated(folder.path());
    let mut files = Vec::new();
    for n in 0..12 {
        let body = match n % 3 {
            0 => export.clone(),
            1 => format!("a,b\n{n},2\n").into_bytes(),
            _ => format!("a,b\n{n},2\n").repeat(400_000).into_bytes(),
        };
        files.push(ask("POST", &format!("/files?name=f{n}.csv"), bytes, &body)["id"].clone());
        ask("POST", "/facilities", json, json!({"name": format!("p{n}")}).to_string().as_bytes());
    }
    for n in [0, 3] {
        let form = json!({"files": [files[n]]}).to_string();
        let dataset = ask("POST", "/datasets", json, form.as_bytes());
        let at = format!("/datasets/{}", dataset["id"].as_str().unwrap());
        let begun = Instant::now();
        while ask("GET", &at, json, &[])["state"] != "completed" {
            assert!(begun.elapsed() < Duration::from_mins(2), "the import is not read");
            thread::sleep(Duration::from_millis(100));
        }
        // Its tables and readings are there: the next acknowledgement finds them on disk.
        ask("POST", "/facilities", json, json!({"name": format!("q{n}")}).to_string().as_bytes());
    }
    let data = folder.path().join("data").canonicalize().unwrap();
    let elsewhere = std::fs::read_to_string(data.join("postgres.location")).unwrap_or_default();
    let home = if elsewhere.is_empty() { data.clone() } else { PathBuf::from(elsewhere.trim()) };
    let configured = std::fs::read_to_string(home.join("postgres/plantintel.conf")).unwrap();
    for wanted in ["fsync = on", "synchronous_commit = on"] {
        assert!(configured.lines().any(|line| line == wanted), "{configured}");
    }
    product.end("-TERM");
    // Its writer ends a moment after what it traced.
    let begun = Instant::now();
    let found = loop {
        let found = acknowledgements(&std::fs::read_to_string(&trace).unwrap(), &data);
        if found.len() >= expected || begun.elapsed() > Duration::from_secs(10) {
            break found;
        }
        thread::sleep(Duration::from_millis(100));
    };
    assert_eq!(found.len(), expected, "acknowledgements in the trace");
    for (n, (unkept, log_syncs)) in found.iter().enumerate() {
        assert!(unkept.is_empty(), "acknowledgement {n}: {unkept:?}");
        assert!(*log_syncs > 0, "acknowledgement {n} came before a sync of the database's log");
    }
    eprintln!("{expected} acknowledgements: all that they stand for was synced");
}

/// That the reader of traces sees what it is about.
#[test]
fn a_sync_that_is_missing_is_seen() {
    let whole = "1 openat(AT_FDCWD</>, \"/d/blobs/drafts/x\", O_WRONLY|O_CREAT, 0600) = 5</d/blobs/drafts/x>\n\
        1 write(5</d/blobs/drafts/x>, \"a\", 1) = 1\n\
        1 fsync(5</d/blobs/drafts/x> <unfinished ...>\n\
        2 fdatasync(7</p/pg_wal/1>) = 0\n\
        1 <... fsync resumed>) = 0\n\
        1 mkdir(\"/d/blobs/o\", 0700) = 0\n\
        1 fsync(6</d/blobs>) = 0\n\
        1 rename(\"/d/blobs/drafts/x\", \"/d/blobs/o/x\") = 0\n\
        1 fsync(6</d/blobs/o>) = 0\n\
        1 sendto(9<socket:[1]>, \"HTTP/1.1 201 Created\", 20, 0, NULL, 0) = 20\n";
    let missed = |without: &str| {
        let less: Vec<&str> = whole.lines().filter(|line| !line.contains(without)).collect();
        acknowledgements(&less.join("\n"), Path::new("/d")).remove(0)
    };
    assert_eq!(missed("nothing"), (Vec::new(), 1));
    assert_eq!(missed("fsync resumed").0, ["bytes of /d/blobs/o/x"]);
    assert_eq!(missed("fsync(6</d/blobs>").0, ["the name of /d/blobs/o"]);
    assert_eq!(missed("fsync(6</d/blobs/o>").0, ["the name of /d/blobs/o/x"]);
    assert_eq!(missed("pg_wal").1, 0);
}
