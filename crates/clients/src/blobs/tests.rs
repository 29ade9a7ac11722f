use std::time::{Duration, SystemTime};

use uuid::Uuid;

use super::*;

fn key(org: OrgId) -> Key {
    Key::new(org, Kind::File, Uuid::new_v4())
}

fn org() -> OrgId {
    OrgId(Uuid::new_v4())
}

fn body(pieces: &[&str]) -> Body {
    let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from((*piece).to_owned()))).collect();
    futures::stream::iter(pieces).boxed()
}

/// A body that ends in an error.
fn broken(pieces: &[&str]) -> Body {
    body(pieces).chain(futures::stream::iter([Err(std::io::Error::other("reset"))])).boxed()
}

fn stores() -> (tempfile::TempDir, Vec<Blobs>) {
    let folder = tempfile::tempdir().unwrap();
    let local = Blobs::open(&folder.path().join("blobs").display().to_string(), []).unwrap();
    let remote = Blobs::open("memory:///prefix", []).unwrap();
    (folder, vec![local, remote])
}

#[tokio::test]
async fn what_was_written_is_read_listed_laid_out_and_deleted() {
    let (folder, stores) = stores();
    for blobs in stores {
        let (org, other) = (org(), org());
        let key = key(org);
        let written = blobs.write(&key, body(&["Job,", "", "Qty\n"]), 100).await.unwrap();
        assert_eq!(written.bytes, 8);
        let hex = written.sha256.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        assert_eq!(hex, "839adfe4918d1110b3d0c8f2786018b9acca585c41ab22f1392700c3e1f0145b");
        assert_eq!(blobs.read_bytes(&key).await.unwrap(), b"Job,Qty\n");
        assert_eq!(blobs.list(org).await.unwrap(), [(key.clone(), 8)]);
        assert_eq!(blobs.list(other).await.unwrap(), []);
        let scratch = tempfile::tempdir_in(folder.path()).unwrap();
        let path = blobs.lay_out(&key, scratch.path(), "JOBS.csv").await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"Job,Qty\n");
        blobs.delete(&key).await.unwrap();
        blobs.delete(&key).await.unwrap();
        assert!(matches!(blobs.read(&key).await.err(), Some(BlobError::NotFound(_))));
        assert!(matches!(
            blobs.lay_out(&key, scratch.path(), "again.csv").await.err(),
            Some(BlobError::NotFound(_))
        ));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_breaks_off_leaves_nothing() {
    let (folder, stores) = stores();
    for blobs in stores {
        let org = org();
        let too_large = blobs.write(&key(org), body(&["12345", "67890", "1"]), 10).await;
        assert!(matches!(too_large, Err(BlobError::TooLarge { bytes_max: 10 })));
        assert_eq!(blobs.write(&key(org), body(&["12345", "67890"]), 10).await.unwrap().bytes, 10);
        assert!(matches!(blobs.write(&key(org), broken(&["12345"]), 10).await, Err(BlobError::Body(_))));
        assert_eq!(blobs.list(org).await.unwrap().len(), 1);
    }
    assert_eq!(std::fs::read_dir(folder.path().join("blobs/drafts")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_writer_that_is_taken_away_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::folder(folder.path()).unwrap();
    let org = org();
    let endless = body(&["12345"]).chain(futures::stream::pending());
    let key = key(org);
    let writing = blobs.write(&key, endless, 100);
    assert!(tokio::time::timeout(Duration::from_millis(200), writing).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path().join("drafts")).unwrap().count(), 0);
    assert_eq!(blobs.list(org).await.unwrap(), []);
}

#[tokio::test]
async fn a_connection_that_breaks_does_not_cost_what_it_brought() {
    let (_folder, stores) = stores();
    for blobs in stores {
        let org = org();
        let key = key(org);
        let received = blobs.write_what_comes(&key, broken(&["", "12345", "67"]), 10).await.unwrap();
        assert_eq!(received.written.unwrap().bytes, 7);
        assert_eq!(received.broken.as_deref(), Some("reset"));
        assert_eq!(blobs.read_bytes(&key).await.unwrap(), b"1234567");
        let nothing = blobs.write_what_comes(&self::key(org), broken(&[]), 10).await.unwrap();
        assert!(nothing.written.is_none() && nothing.broken.is_some());
        let whole = blobs.write_what_comes(&self::key(org), body(&["12"]), 10).await.unwrap();
        assert!(whole.written.is_some() && whole.broken.is_none());
        assert_eq!(blobs.list(org).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_sweep_takes_drafts_of_the_dead_and_leaves_those_of_the_living() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::folder(folder.path()).unwrap();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let drafts = folder.path().join("drafts");
    let dead = std::fs::File::create(drafts.join("dead")).unwrap();
    dead.set_modified(old).unwrap();
    drop(dead);
    let alive = std::fs::File::create(drafts.join("alive")).unwrap();
    alive.lock().unwrap();
    alive.set_modified(old).unwrap();
    std::fs::File::create(drafts.join("young")).unwrap();
    assert_eq!(blobs.sweep().await.unwrap(), 1);
    assert!(!drafts.join("dead").exists());
    assert!(drafts.join("alive").exists() && drafts.join("young").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::folder(&folder.path().join("a/b")).unwrap();
    let org = org();
    let key = key(org);
    blobs.write(&key, body(&["x"]), 10).await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("a/b").join(org.to_string())), 0o700);
    assert_eq!(mode(&folder.path().join("a/b").join(key.to_string())), 0o600);
}

#[test]
fn a_key_has_one_spelling_and_one_tenant() {
    let (a, b) = (org(), org());
    let key = key(a);
    assert_eq!(Key::of(a, &key.to_string()).unwrap(), key);
    assert!(Key::of(b, &key.to_string()).is_err());
    for text in [
        "",
        "..",
        &format!("{a}/files/../{b}"),
        &format!("{a}/files/{}/", Uuid::nil()),
        &format!("{a}/secrets/{}", Uuid::nil()),
        &key.to_string().to_uppercase(),
        &format!("{a}/files/{}", Uuid::nil().simple()),
    ] {
        assert!(text.parse::<Key>().is_err(), "{text}");
    }
}
