//! Making, configuring, starting and stopping the cluster with Postgres's own programs.

use crate::account::Account;
use crate::binaries::Binaries;
use crate::error::Error;
use crate::{ADMIN, Address, Settings, folder};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Only a part of the socket's name.
pub(crate) const PORT: u16 = 5432;

/// Makes the cluster: text in UTF-8, compared by bytes, so that no update of the system's locales can spoil an index.
pub(crate) fn init(
    binaries: &Binaries,
    account: &Account,
    cluster: &Path,
    durable: bool,
) -> Result<(), Error> {
    // A first start that was killed leaves half a cluster, which initdb refuses. Without PG_VERSION there is nothing of value
    // in it: that file is written early, so its absence means that initdb had hardly begun.
    let making = cluster.with_extension("making");
    for leftover in [cluster, &making] {
        if leftover.exists() {
            std::fs::remove_dir_all(leftover).map_err(Error::file(leftover))?;
        }
    }
    folder::make_private(&making)?;
    account.own(&making)?;
    let mut command = account.command(&binaries.folder.join("initdb"));
    command
        .args(["--username", ADMIN, "--encoding", "UTF8", "--locale", "C", "--auth", "peer", "--pgdata"])
        .arg(&making);
    if !durable {
        command.arg("--no-sync");
    }
    run("initdb", &mut command)?;
    // Whole or not at all: the cluster gets its name only when it is finished.
    std::fs::rename(&making, cluster).map_err(Error::file(cluster))?;
    if durable && let Some(parent) = cluster.parent() {
        std::fs::File::open(parent).and_then(|folder| folder.sync_all()).map_err(Error::file(parent))?;
    }
    Ok(())
}

/// Writes the settings, at every start, so that a newer program brings newer ones.
pub(crate) fn configure(
    settings: &Settings,
    account: &Account,
    cluster: &Path,
    socket: &Path,
) -> Result<(), Error> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut lines = vec![
        "# Written by PlantIntel at every start.".to_owned(),
        "listen_addresses = ''".to_owned(),
        format!("port = {PORT}"),
        format!("unix_socket_directories = {}", quoted(&socket.to_string_lossy())),
        "unix_socket_permissions = 0700".to_owned(),
        format!("fsync = {}", if settings.durable { "on" } else { "off" }),
        format!("synchronous_commit = {}", if settings.durable { "on" } else { "off" }),
        format!("full_page_writes = {}", if settings.durable { "on" } else { "off" }),
        "max_connections = 120".to_owned(),
        "shared_buffers = '128MB'".to_owned(),
        "password_encryption = 'scram-sha-256'".to_owned(),
        "timezone = 'UTC'".to_owned(),
        "log_timezone = 'UTC'".to_owned(),
        // A week of logs, one file a day, overwritten.
        "logging_collector = on".to_owned(),
        "log_directory = 'log'".to_owned(),
        "log_filename = 'postgres-%a.log'".to_owned(),
        "log_file_mode = 0600".to_owned(),
        "log_truncate_on_rotation = on".to_owned(),
        "log_rotation_age = '1d'".to_owned(),
        "log_rotation_size = 0".to_owned(),
        // Statements may carry what customers wrote.
        "log_min_error_statement = 'panic'".to_owned(),
        "log_parameter_max_length_on_error = 0".to_owned(),
    ];
    if cfg!(target_os = "linux") {
        // After a crash everything is brought to disk before recovery begins: in one call instead of one for each of some
        // 1,500 files, which takes seconds on a busy disk.
        lines.push("recovery_init_sync_method = 'syncfs'".to_owned());
    }
    lines.extend(settings.options.iter().map(|(name, value)| format!("{name} = {}", quoted(value))));
    write(account, &cluster.join("plantintel.conf"), &lines)?;

    let main = cluster.join("postgresql.conf");
    let text = std::fs::read_to_string(&main).map_err(Error::file(&main))?;
    if !text.contains("include = 'plantintel.conf'") {
        write(account, &main, &[text, "include = 'plantintel.conf'".to_owned()])?;
    }
    // Over the socket, and only accounts of this machine that the map names.
    write(account, &cluster.join("pg_hba.conf"), &["local all all peer map=plantintel".to_owned()])?;
    let roles = || std::iter::once(ADMIN).chain(settings.roles.iter().map(String::as_str));
    let map: Vec<String> = account
        .names()
        .flat_map(|name| roles().map(move |role| format!("plantintel \"{name}\" {role}")))
        .collect();
    write(account, &cluster.join("pg_ident.conf"), &map)
}

/// Writes a file whole or not at all.
fn write(account: &Account, path: &Path, lines: &[String]) -> Result<(), Error> {
    use std::io::Write;
    let new = path.with_extension("new");
    let written =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new).and_then(
            |mut file| {
                file.write_all((lines.join("\n") + "\n").as_bytes())?;
                file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
                file.sync_all()
            },
        );
    written.map_err(Error::file(&new))?;
    account.own(&new)?;
    std::fs::rename(&new, path).map_err(Error::file(path))
}

/// Whether Postgres runs on this folder. A note of its process that is left from before (a power cut, a container that was made
/// anew) may name a process that is something else by now; Postgres would believe it and refuse, so such a note is removed.
pub(crate) fn running(cluster: &Path, socket: &Path) -> Result<bool, Error> {
    let note = cluster.join("postmaster.pid");
    let text = std::fs::read_to_string(&note).unwrap_or_default();
    let pid: Option<u32> = text.lines().next().and_then(|line| line.trim().parse().ok());
    if pid.is_some_and(|pid| is_postmaster(pid, cluster)) {
        return Ok(true);
    }
    let name = format!(".s.PGSQL.{PORT}");
    for leftover in [note, socket.join(format!("{name}.lock")), socket.join(name)] {
        match std::fs::remove_file(&leftover) {
            Ok(()) => {
                tracing::warn!(file = %leftover.display(), "removed what a database process left that is gone");
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(Error::File { path: leftover, source }),
        }
    }
    Ok(false)
}

/// Where the Postgres of this folder is reached, if one runs: the fourth and fifth line of its note say it.
pub(crate) fn address(cluster: &Path) -> Option<Address> {
    let note = std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let lines: Vec<&str> = note.lines().map(str::trim).collect();
    let pid = lines.first()?.parse().ok()?;
    let address = Address { port: lines.get(3)?.parse().ok()?, socket: lines.get(4)?.into() };
    is_postmaster(pid, cluster).then_some(address)
}

fn is_postmaster(pid: u32, cluster: &Path) -> bool {
    // A postmaster works in its cluster's folder.
    if let Ok(folder) = std::fs::read_link(format!("/proc/{pid}/cwd")) {
        return cluster.canonicalize().is_ok_and(|cluster| cluster == folder);
    }
    // Elsewhere, or where that is hidden, by its command line.
    let output =
        Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).stderr(Stdio::null()).output();
    output.is_ok_and(|output| {
        let command = String::from_utf8_lossy(&output.stdout).into_owned();
        command.contains("postgres") && command.contains(&*cluster.to_string_lossy())
    })
}

/// Waits until the Postgres that was found running is ready, and has it read its settings again. False if it ended meanwhile, as one
/// does that was being stopped.
pub(crate) fn attach(
    binaries: &Binaries,
    account: &Account,
    cluster: &Path,
    socket: &Path,
    patience: Duration,
) -> Result<bool, Error> {
    let begun = Instant::now();
    while running(cluster, socket)? {
        // The eighth line of the note says how far it is.
        let note = std::fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
        if note.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
            let mut command = account.command(&binaries.folder.join("pg_ctl"));
            run("pg_ctl", command.args(["reload", "--silent", "--pgdata"]).arg(cluster))?;
            return Ok(true);
        }
        if begun.elapsed() > patience {
            let message = format!(
                "Postgres runs but is not ready; {}",
                last_words(cluster, &cluster.join("start.log"))
            );
            return Err(Error::Program { program: "postgres", message });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(false)
}

/// Starts Postgres and waits until it answers. `pg_ctl` gives it a session of its own.
pub(crate) fn start(
    binaries: &Binaries,
    account: &Account,
    cluster: &Path,
    patience: Duration,
) -> Result<(), Error> {
    let begun = Instant::now();
    loop {
        match try_start(binaries, account, cluster, patience) {
            // The main process was killed, and those that it started need a moment to notice.
            Err(Error::Program { message, .. })
                if message.contains("still in use") && begun.elapsed() < patience =>
            {
                std::thread::sleep(Duration::from_millis(100));
            }
            result => return result,
        }
    }
}

fn try_start(
    binaries: &Binaries,
    account: &Account,
    cluster: &Path,
    patience: Duration,
) -> Result<(), Error> {
    let log = cluster.join("start.log");
    // What an earlier start said is of no use to this one.
    let _ = std::fs::remove_file(&log);
    let mut command = account.command(&binaries.folder.join("pg_ctl"));
    command
        .args(["start", "--wait", "--silent", "--timeout", &patience.as_secs().max(1).to_string(), "--log"])
        .arg(&log)
        .arg("--pgdata")
        .arg(cluster);
    run("pg_ctl", &mut command).map_err(|error| match error {
        Error::Program { program, message } => {
            let last = last_words(cluster, &log);
            Error::Program {
                program,
                message: format!("{message}; {last}").trim_end_matches("; ").to_owned(),
            }
        }
        other => other,
    })
}

/// Ends Postgres: open transactions are rolled back, everything committed is written.
pub(crate) fn stop(
    binaries: &Binaries,
    account: &Account,
    cluster: &Path,
    socket: &Path,
) -> Result<(), Error> {
    if !running(cluster, socket)? {
        return Ok(());
    }
    let mut command = account.command(&binaries.folder.join("pg_ctl"));
    command
        .args(["stop", "--mode", "fast", "--wait", "--silent", "--timeout", "60", "--pgdata"])
        .arg(cluster);
    run("pg_ctl", &mut command)
}

/// The server may keep its end of a pipe, so nothing of the child's output is waited for beyond the child's own end.
fn run(program: &'static str, command: &mut Command) -> Result<(), Error> {
    let output_file = tempfile::tempfile().map_err(Error::file("/tmp"))?;
    let to = || output_file.try_clone().map(Stdio::from).map_err(Error::file("/tmp"));
    let status = command.stdin(Stdio::null()).stdout(to()?).stderr(to()?).status();
    let status = status.map_err(|error| Error::Program { program, message: error.to_string() })?;
    if status.success() {
        return Ok(());
    }
    let mut text = String::new();
    let mut output_file = output_file;
    let _ = std::io::Seek::rewind(&mut output_file);
    let _ = std::io::Read::read_to_string(&mut output_file, &mut text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let message = lines[lines.len().saturating_sub(4)..].join(" / ");
    Err(Error::Program { program, message: if message.is_empty() { status.to_string() } else { message } })
}

/// The last lines of the logs, where Postgres says why it did not start.
fn last_words(cluster: &Path, log: &Path) -> String {
    let mut files = vec![log.to_owned()];
    files.extend(
        std::fs::read_dir(cluster.join("log")).into_iter().flatten().flatten().map(|entry| entry.path()),
    );
    files.sort_by_key(|file| file.metadata().and_then(|meta| meta.modified()).ok());
    let text: String =
        files.iter().rev().take(2).rev().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" / ")
}
