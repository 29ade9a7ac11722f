//! The life of a cluster: made, used, left behind by a crash, found again, ended.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on fails")]

use cluster::{Cluster, Error, Settings};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Settings of a durable cluster in a folder of its own; none, with a printed line, where no Postgres is installed.
fn settings(folder: &Path) -> Option<Settings> {
    if let Err(error) = cluster::find_binaries() {
        eprintln!("skipped: {error}");
        return None;
    }
    Some(Settings::new(folder, &["plantintel_app"]))
}

fn psql(cluster: &Cluster, sql: &str) -> String {
    let output = Command::new(cluster.binaries().join("psql"))
        .args([
            "-XAtqw",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            cluster::ADMIN,
            "-d",
            "postgres",
            "-p",
            &cluster.port().to_string(),
        ])
        .arg("-h")
        .arg(cluster.socket())
        .args(["-c", sql])
        .output()
        .unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn pid(cluster: &Cluster) -> String {
    let note = std::fs::read_to_string(cluster.folder().join("postmaster.pid")).unwrap();
    note.lines().next().unwrap().trim().to_owned()
}

fn kill(pid: &str) {
    assert!(Command::new("kill").args(["-KILL", pid]).status().unwrap().success());
    while Path::new("/proc").join(pid).join("cwd").read_link().is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn it_is_made_left_behind_found_again_killed_recovered_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let Some(settings) = settings(folder.path()) else { return };
    let cluster = Cluster::start_blocking(&settings).unwrap();
    assert!(!cluster.was_running() && cluster.version().contains("PostgreSQL"));
    for (setting, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("unix_socket_permissions", "0700"),
    ] {
        assert_eq!(psql(&cluster, &format!("SHOW {setting}")), value, "{setting}");
    }
    assert_eq!(
        psql(&cluster, "SELECT datcollate || datctype FROM pg_database WHERE datname = 'postgres'"),
        "CC"
    );
    for path in [cluster.folder(), cluster.socket()] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700, "{}", path.display());
    }
    for file in ["plantintel.conf", "pg_hba.conf", "pg_ident.conf", "postgresql.conf"] {
        let mode = cluster.folder().join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    psql(&cluster, "CREATE TABLE kept AS SELECT 7 AS n");
    // A session of its own: a signal to the program's terminal or group does not reach it.
    let ours = std::process::id().to_string();
    let sessions =
        Command::new("ps").args(["-o", "sid=", "-p", &pid(&cluster), "-p", &ours]).output().unwrap();
    let text = String::from_utf8(sessions.stdout).unwrap();
    let sids: Vec<&str> = text.split_whitespace().collect();
    assert!(sids.len() == 2 && sids[0] != sids[1], "{text}");

    // A command that only looks finds it, and nothing where nothing runs.
    let there = cluster::Address { socket: cluster.socket().to_owned(), port: cluster.port() };
    assert_eq!(cluster::running(folder.path()), Some(there));
    assert_eq!(cluster::running(cluster.socket()), None);

    // A second program on the same folder is refused, and told by whom.
    let refused = Cluster::start_blocking(&settings).unwrap_err();
    assert!(matches!(refused, Error::InUse { .. }));
    assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");

    // The program crashes; the next one finds Postgres running.
    let before = pid(&cluster);
    drop(cluster);
    let cluster = Cluster::start_blocking(&settings).unwrap();
    assert!(cluster.was_running() && pid(&cluster) == before);
    assert_eq!(psql(&cluster, "SELECT n FROM kept"), "7");

    // Postgres and the program are killed; the note of the process is left and what was committed is there.
    psql(&cluster, "INSERT INTO kept VALUES (8)");
    kill(&before);
    drop(cluster);
    let cluster = Cluster::start_blocking(&settings).unwrap();
    assert!(!cluster.was_running() && pid(&cluster) != before);
    assert_eq!(psql(&cluster, "SELECT sum(n) FROM kept"), "15");

    let folder = cluster.folder().to_owned();
    cluster.stop_blocking().unwrap();
    assert!(!folder.join("postmaster.pid").exists());
    assert_eq!(cluster::running(folder.parent().unwrap()), None);

    // The machine lost power, and the process of the note is something else by now: us.
    std::fs::write(folder.join("postmaster.pid"), format!("{}\n{}\n", std::process::id(), folder.display()))
        .unwrap();
    let cluster = Cluster::start_blocking(&settings).unwrap();
    assert!(!cluster.was_running());
    assert_eq!(psql(&cluster, "SELECT sum(n) FROM kept"), "15");
    cluster.stop_blocking().unwrap();
}

#[test]
fn a_long_path_gets_a_short_socket_and_a_half_made_cluster_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let long: PathBuf = folder.path().join("a".repeat(60)).join("ö and space".repeat(5));
    let Some(settings) = settings(&long) else { return };
    // As a start leaves it that was killed in the middle of making the cluster.
    std::fs::create_dir_all(long.join("postgres.making/base")).unwrap();
    open_to_all(folder.path());
    let cluster = Cluster::start_blocking(&settings).unwrap();
    assert!(cluster.socket().as_os_str().len() < 90, "{}", cluster.socket().display());
    assert_eq!(psql(&cluster, "SELECT 1"), "1");
    let socket = cluster.socket().to_owned();
    cluster.stop_blocking().unwrap();
    std::fs::remove_dir_all(socket).unwrap();
}

/// The account that Postgres runs as, when we are root, must get through a test's own folders.
fn open_to_all(folder: &Path) {
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        pending
            .extend(std::fs::read_dir(&folder).unwrap().flatten().map(|e| e.path()).filter(|p| p.is_dir()));
    }
}

#[test]
fn a_home_that_nobody_else_may_enter_is_no_hindrance() {
    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let data = home.path().join(".local/share/plantintel");
    let Some(settings) = settings(&data) else { return };
    let cluster = Cluster::start_blocking(&settings).unwrap();
    assert_eq!(psql(&cluster, "SELECT 1"), "1");
    let folder = cluster.folder().to_owned();
    drop(cluster);
    // It is found again from the same data folder. What another test starts at this moment has the lock until it is itself.
    let again = || {
        let pause = std::time::Duration::from_millis(100);
        Cluster::start_blocking(&settings).inspect_err(|_| std::thread::sleep(pause)).ok()
    };
    let cluster = std::iter::repeat_with(again).take(20).flatten().next().unwrap();
    assert!(cluster.was_running() && cluster.folder() == folder);
    assert_eq!(cluster::running(&data).unwrap().socket, cluster.socket());
    cluster.stop_blocking().unwrap();
    if !folder.starts_with(home.path()) {
        let note = std::fs::read_to_string(data.join("postgres.location")).unwrap();
        assert_eq!(Path::new(note.trim()), folder.parent().unwrap());
        let mode = std::fs::metadata(data.join("postgres.location")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    }
}

#[test]
fn what_is_missing_is_named() {
    let (folder, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut settings = Settings::new(folder.path(), &[]);
    settings.binaries = Some(empty.path().to_owned());
    let error = Cluster::start_blocking(&settings).unwrap_err();
    assert!(matches!(error, Error::NotInstalled { .. }), "{error}");
    // Made by a version that is not installed.
    let Some(mut settings) = self::settings(folder.path()) else { return };
    settings.patience = std::time::Duration::from_secs(5);
    std::fs::create_dir(folder.path().join("postgres")).unwrap();
    std::fs::write(folder.path().join("postgres/PG_VERSION"), "9.1\n").unwrap();
    let error = Cluster::start_blocking(&settings).unwrap_err();
    assert!(matches!(error, Error::OtherVersion { .. }) && error.to_string().contains("9.1"), "{error}");
    // The refused start gave the lock back.
    assert!(cluster::Lock::take(folder.path()).is_ok());
}

#[test]
fn a_setting_that_postgres_refuses_is_told_in_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut settings) = settings(folder.path()) else { return };
    settings.durable = false;
    settings.options = vec![("shared_buffers".to_owned(), "not a size".to_owned())];
    let error = Cluster::start_blocking(&settings).unwrap_err().to_string();
    assert!(error.contains("shared_buffers"), "{error}");
}
