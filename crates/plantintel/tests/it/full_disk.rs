//! The disk of uploaded files full, again and again: what does not fit is refused with its reason, what was acknowledged is there with
//! every byte, nothing of what was refused stays behind, and work that was under way goes on once there is room.
//!
//! The files lie on a small file system in memory; where none may be mounted (not as root, or in a container), the test says so and
//! passes. `PLANTINTEL_FILLINGS` says how often the disk is filled (twice by default).

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::product::{Product, call};

/// A file system of so many bytes, taken down again at the end.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path, bytes: u64) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={bytes},mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!("skipped: no file system may be mounted here");
        None
    }

    fn used(&self) -> u64 {
        fn of(folder: &Path) -> u64 {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries
                .map(|entry| match entry.metadata() {
                    Ok(meta) if meta.is_dir() => of(&entry.path()),
                    Ok(meta) => meta.len(),
                    Err(_) => 0,
                })
                .sum()
        }
        of(&self.0)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn bytes(seed: u64, n: usize) -> Vec<u8> {
    let mut text = b"Order;Qty;Cost\n".to_vec();
    let mut at = seed;
    while text.len() < n {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.extend_from_slice(
            format!("{};{};{}\n", at >> 40, (at >> 33) % 90 + 1, (at >> 20) % 9_000).as_bytes(),
        );
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn a_full_disk_refuses_and_loses_nothing() {
    let times: u64 = std::env::var("PLANTINTEL_FILLINGS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    let folder = tempfile::Builder::new().prefix("plantintel-full-").tempdir().unwrap();
    let Some(disk) = Small::mount(&folder.path().join("files"), 3 << 20) else { return };
    let place = disk.0.display().to_string();
    let settings = [
        ("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "1000000"),
        ("PLANTINTEL_LOG", "error"),
        ("PLANTINTEL_BLOBS", place.as_str()),
    ];
    let Some(product) = Product::start_with(folder.path(), "log", &settings) else { return };
    let key = product.owner_key(folder.path());
    let bearer = format!("Bearer {key}");
    let ask = |method: &str, path: &str, kind: &str, body: &[u8]| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        call(&product.address, method, &format!("/api/v1{path}"), &headers, body)
    };
    let json = "application/json";
    let (mut refused, mut acknowledged) = (0, 0);
    for round in 0..times {
        // Filled, with files of every size, until three in a row do not fit.
        let mut kept: Vec<(String, Vec<u8>)> = Vec::new();
        let mut in_a_row = 0;
        let mut n = 0;
        while in_a_row < 3 {
            let body = bytes(round * 1_000 + n, [400_000, 150_000, 30_000][(n % 3) as usize]);
            let path = format!("/files?name=f{round}-{n}.csv");
            match ask("POST", &path, "application/octet-stream", &body) {
                Ok(reply) if reply.status == 201 => {
                    in_a_row = 0;
                    kept.push((reply.json()["id"].as_str().unwrap().to_owned(), body));
                }
                Ok(reply) => {
                    assert_eq!(reply.status, 503, "{}", reply.json());
                    assert!(reply.json()["detail"].as_str().unwrap().contains("no room"), "{}", reply.json());
                    (in_a_row, refused) = (in_a_row + 1, refused + 1);
                }
                // A refusal while the body is still being sent may break the connection off.
                Err(_) => (in_a_row, refused) = (in_a_row + 1, refused + 1),
            }
            n += 1;
            assert!(n < 200, "the disk does not fill");
        }
        acknowledged += kept.len();
        // Everything else goes on, and what was acknowledged is whole.
        assert_eq!(product.ask("GET", "/health/ready", &[], None).0, 200);
        for (id, body) in &kept {
            let reply = ask("GET", &format!("/files/{id}/content"), json, &[]).unwrap();
            assert!(reply.status == 200 && reply.body == *body, "{id} has other bytes");
        }
        let sum: usize = kept.iter().map(|(_, body)| body.len()).sum();
        assert!(disk.used() <= sum as u64 + 4096, "{} bytes of refused files stay", disk.used() - sum as u64);

        // A table that does not fit is read once there is room.
        let form = json!({"files": [kept[0].0]}).to_string();
        let dataset = ask("POST", "/datasets", json, form.as_bytes()).unwrap().json();
        let at = format!("/datasets/{}", dataset["id"].as_str().unwrap());
        thread::sleep(Duration::from_millis(500));
        for (id, _) in &kept[1..] {
            assert_eq!(ask("DELETE", &format!("/files/{id}"), json, &[]).unwrap().status, 204);
        }
        let begun = Instant::now();
        let read: Value = loop {
            let found = ask("GET", &at, json, &[]).unwrap().json();
            if !["queued", "running"].contains(&found["state"].as_str().unwrap_or_default()) {
                break found;
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "{found}");
            thread::sleep(Duration::from_millis(200));
        };
        assert_eq!(read["state"], "completed", "{read}");
        assert_eq!(ask("DELETE", &at, json, &[]).unwrap().status, 204);
        let reply = ask("DELETE", &format!("/files/{}", kept[0].0), json, &[]).unwrap();
        assert!([204, 404].contains(&reply.status), "{}", reply.json());
    }
    eprintln!("{times} times full: {acknowledged} files acknowledged and whole, {refused} refused");
    product.end("-TERM");
}
