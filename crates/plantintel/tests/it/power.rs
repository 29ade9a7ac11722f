//! Power losses under writers: what the file system had not been told to keep is gone, with all of the database and of the files.
//! What was acknowledged is there with every byte, the trail is whole, and the program starts by itself.
//!
//! The installation lies on an ext4 of its own in a file; that file lies on an XFS, where a clone of it is one moment of the disk:
//! every block that was written to it, and nothing that only the memory of the machine had. Data that nobody synced stays in memory
//! for longer than a round takes (`commit=300`, and no help for programs that rename without syncing). The clone is what the next
//! round starts from. The disk keeps what it was given; a disk that forgets its own cache is not what is tried here.
//!
//! Needs root, loop devices and the programs that make these file systems (Debian: `apt install xfsprogs e2fsprogs`); passed over
//! with a printed line where something is missing. `PLANTINTEL_POWER_LOSSES` says how often (twice by default).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testkit::Disk;

use crate::{
    crashes::all,
    product::{Product, call, program},
    topology::generated,
};

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|ran| ran.status.success())
}

/// A file system in a file, taken down at the end.
struct Mounted(PathBuf);

impl Mounted {
    fn mount(image: &Path, at: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let there = run("mount", &["-o", options, &image.display().to_string(), &at.display().to_string()]);
        there.then(|| Self(at.to_owned()))
    }

    /// A new one of this many megabytes.
    fn make(maker: &[&str], image: &Path, mb: u64, at: &Path, options: &str) -> Option<Self> {
        fs::File::create(image).unwrap().set_len(mb << 20).unwrap();
        let (program, arguments) = maker.split_first().unwrap();
        let image_name = image.display().to_string();
        let arguments: Vec<&str> = arguments.iter().copied().chain([image_name.as_str()]).collect();
        if run(program, &arguments) { Self::mount(image, at, options) } else { None }
    }

    /// Whoever still works in it ends, as everything does without power.
    fn end_everybody(&self) {
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let works_here =
                fs::read_link(entry.path().join("cwd")).is_ok_and(|place| place.starts_with(&self.0));
            if works_here {
                run("kill", &["-KILL", &entry.file_name().to_string_lossy()]);
            }
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let begun = Instant::now();
        while !run("umount", &[&self.0.display().to_string()]) && begun.elapsed() < Duration::from_secs(10) {
            self.end_everybody();
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// What the writers were told is there.
#[derive(Debug, Default, Clone)]
struct Told {
    facilities: BTreeMap<String, String>,
    files: BTreeMap<String, Arc<Vec<u8>>>,
    datasets: Vec<String>,
}

fn write(address: &str, key: &str, name: &str, export: &[u8], stop: &AtomicBool, told: &Mutex<Told>) {
    let bearer = format!("Bearer {key}");
    // What is not answered is not acknowledged.
    let post = |path: &str, kind: &str, body: &[u8]| -> Option<Value> {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let reply = call(address, "POST", &format!("/api/v1{path}"), &headers, body).ok()?;
        (200..300).contains(&reply.status).then(|| reply.json())
    };
    let id = |thing: &Value| thing["id"].as_str().unwrap().to_owned();
    let mut n = 0;
    while !stop.load(Ordering::Acquire) {
        let form = json!({"name": format!("{name}-{n}")}).to_string();
        if let Some(made) = post("/facilities", "application/json", form.as_bytes()) {
            told.lock().unwrap().facilities.insert(id(&made), format!("{name}-{n}"));
        }
        let import = n % 8 == 0;
        let bytes = if import {
            export.to_vec()
        } else {
            format!("a,b\n{name},{n}\n").repeat(1 + n % 7 * 9_000).into()
        };
        let path = format!("/files?name={name}-{n}.csv");
        if let Some(file) = post(&path, "application/octet-stream", &bytes) {
            told.lock().unwrap().files.insert(id(&file), Arc::new(bytes));
            if import {
                let form = json!({"files": [id(&file)]}).to_string();
                if let Some(made) = post("/datasets", "application/json", form.as_bytes()) {
                    told.lock().unwrap().datasets.push(id(&made));
                }
            }
        }
        n += 1;
    }
}

/// How often power was lost and what was there afterwards; `None` where this machine cannot try it. An error is what was missing.
fn losses(times: u32, lies: bool) -> Option<Result<String, String>> {
    if let Err(error) = cluster::find_binaries() {
        eprintln!("skipped: {error}");
        return None;
    }
    let folder = tempfile::Builder::new().prefix("plantintel-power-").tempdir().unwrap();
    // The database's account has to get through.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let outer = folder.path().join("outer");
    let of = Mounted::make(
        &["mkfs.xfs", "-q", "-m", "reflink=1"],
        &folder.path().join("outer.img"),
        6_144,
        &outer,
        "loop",
    );
    let disk_options = "loop,commit=300,noauto_da_alloc";
    let (image, next, at) = (outer.join("disk"), outer.join("next"), folder.path().join("disk"));
    let mut mounted =
        of.as_ref().and_then(|_| Mounted::make(&["mkfs.ext4", "-q", "-F"], &image, 1_536, &at, disk_options));
    if mounted.is_none() {
        eprintln!(
            "skipped: no file systems can be made and mounted here (root, loop devices, mkfs.xfs, mkfs.ext4)"
        );
        return None;
    }
    let home = at.join("home");
    fs::create_dir(&home).unwrap();
    fs::create_dir(home.join("blobs")).unwrap();
    let liar = Disk::below(&home.join("blobs"), folder.path())?;
    liar.set(if lies { "lie" } else { "well" }).unwrap();
    let place = home.join("blobs").display().to_string();
    let shim = liar.environment();
    let mut settings = vec![
        ("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "1000000"),
        ("PLANTINTEL_LOG", "error"),
        ("PLANTINTEL_BLOBS", place.as_str()),
    ];
    if lies {
        settings.extend(shim.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }
    let mut product = Product::start_with(&home, "log", &settings)?;
    assert!(home.join("data/postgres/PG_VERSION").exists(), "the database lies on the same disk");
    let key = product.owner_key(&home);
    let export = generated(folder.path());
    // What the test itself put there.
    run("sync", &["-f", &at.display().to_string()]);
    let told = Arc::new(Mutex::new(Told::default()));
    let (mut slowest, mut seen) = (Duration::ZERO, BTreeSet::new());
    for round in 0..times {
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..3)
            .map(|number| {
                let (address, key, export) = (product.address.clone(), key.clone(), export.clone());
                let (stop, told, name) = (Arc::clone(&stop), Arc::clone(&told), format!("r{round}w{number}"));
                thread::spawn(move || write(&address, &key, &name, &export, &stop, &told))
            })
            .collect();
        thread::sleep(Duration::from_millis(900 + u64::from(round * 7_919 % 23) * 90));
        // What was acknowledged by now must be in what the disk has from now on.
        let sure = told.lock().unwrap().clone();
        if !run("cp", &["--reflink=always", &image.display().to_string(), &next.display().to_string()]) {
            return Some(Err("the disk could not be cloned".to_owned()));
        }
        product.end("-KILL");
        mounted.as_ref().unwrap().end_everybody();
        stop.store(true, Ordering::Release);
        for writer in writers {
            writer.join().unwrap();
        }
        drop(mounted.take());
        fs::rename(&next, &image).unwrap();
        mounted = Mounted::mount(&image, &at, disk_options);
        assert!(mounted.is_some(), "the disk cannot be mounted again");
        let begun = Instant::now();
        product = Product::start_with(&home, "log", &settings).unwrap();
        slowest = slowest.max(begun.elapsed());
        // What was acknowledged after the moment of the loss may be there or not; nobody can tell any more.
        let facilities: BTreeMap<String, Value> = all(&product.address, &key, "/facilities")
            .into_iter()
            .map(|one| (one["id"].as_str().unwrap().to_owned(), one))
            .collect();
        let datasets: Vec<Value> = all(&product.address, &key, "/datasets");
        let mut lost = Vec::new();
        for (id, name) in &sure.facilities {
            if facilities.get(id).is_none_or(|one| one["name"] != name.as_str()) {
                lost.push(format!("facility {name}"));
            }
        }
        for id in &sure.datasets {
            if !datasets.iter().any(|one| one["id"] == id.as_str()) {
                lost.push(format!("dataset {id}"));
            }
        }
        let bearer = format!("Bearer {key}");
        // Those of the rounds before are looked at again in the end.
        for (id, bytes) in &sure.files {
            if round + 1 < times && seen.contains(id) {
                continue;
            }
            let path = format!("/api/v1/files/{id}/content");
            let reply = call(&product.address, "GET", &path, &[("authorization", &bearer)], &[]);
            if !reply.is_ok_and(|reply| reply.status == 200 && reply.body == **bytes) {
                lost.push(format!("file {id} of {} bytes", bytes.len()));
            }
        }
        if !lost.is_empty() {
            product.end("-KILL");
            return Some(Err(format!("lost in round {round}: {lost:?}")));
        }
        seen.extend(sure.files.keys().cloned());
        *told.lock().unwrap() = sure;
    }
    // Every import goes on and ends, also those that the loss broke off.
    let begun = Instant::now();
    let datasets = loop {
        let datasets = all(&product.address, &key, "/datasets");
        let under_way = datasets.iter().filter(|one| one["state"] == "queued" || one["state"] == "running");
        if under_way.count() == 0 {
            break datasets;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "imports stay under way");
        thread::sleep(Duration::from_millis(250));
    };
    for dataset in &datasets {
        assert_eq!(dataset["state"], "completed", "{dataset}");
    }
    product.end("-TERM");
    let verified = program(&home).args(["audit", "verify", "--json"]).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
    let told = told.lock().unwrap();
    Some(Ok(format!(
        "{times} power losses: {} facilities, {} files, {} imports acknowledged and there; started again within {slowest:?}",
        told.facilities.len(),
        told.files.len(),
        told.datasets.len()
    )))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn power_losses_take_nothing_that_was_acknowledged() {
    let times = std::env::var("PLANTINTEL_POWER_LOSSES").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    match losses(times, false) {
        Some(Ok(words)) => eprintln!("{words}"),
        Some(Err(words)) => panic!("{words}"),
        None => {}
    }
}

/// That the test above can see what it is about: with a disk that syncs no files and says that it did, it finds losses.
#[test]
fn files_that_were_never_synced_are_missed() {
    match losses(1, true) {
        Some(Ok(words)) => panic!("nothing was missed: {words}"),
        Some(Err(words)) => assert!(words.contains("file ") && !words.contains("facility"), "{words}"),
        None => {}
    }
}
