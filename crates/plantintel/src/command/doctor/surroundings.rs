//! What the installation stands in: disk, object store, issuers, mail server.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    time::Duration,
};

use clients::key_set::{Address, Source};
use jiff::Timestamp;

use crate::{
    config::{Config, Finding},
    service,
};

/// Below this a day's uploads may not fit.
const ROOM_MB: u64 = 2_048;
/// How long anybody may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

#[expect(clippy::disallowed_methods, reason = "the binary reads the clock")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

pub(super) async fn look(
    config: &Config,
    data: &Path,
    facts: &mut Vec<(&'static str, String)>,
    found: &mut Vec<Finding>,
) {
    if data.exists() {
        if let Ok(metadata) = std::fs::metadata(data)
            && metadata.permissions().mode() & 0o066 != 0
        {
            found.push(Finding::known(
                "data_folder",
                format!("{} can be read by others", data.display()),
                &format!("run: chmod 700 {}", data.display()),
            ));
        }
        if let Some(mb) = room_mb(data) {
            facts.push(("room", format!("{mb} MB")));
            if mb < ROOM_MB {
                found.push(Finding::known(
                    "data_folder",
                    format!("has only {mb} MB left"),
                    "make room, or move it",
                ));
            }
        }
    }
    blobs(config, data, facts, found).await;
    for issuer in &config.issuers {
        let Some(address) = issuer.keys_url.as_deref().and_then(|url| Address::new(url).ok()) else {
            continue;
        };
        let fault = match tokio::time::timeout(PATIENCE, address.fetch()).await {
            Ok(Ok(keys)) if keys.is_empty() => "publishes no key that can be used".to_owned(),
            Ok(Ok(_)) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "does not answer".to_owned(),
        };
        let key = format!("issuers ({})", issuer.issuer);
        found.push(Finding::known(
            &key,
            fault,
            "nobody signs in by it until it answers; see keys_url and the network",
        ));
    }
    if let Some(host) = &config.smtp_host {
        let connecting = tokio::net::TcpStream::connect((host.as_str(), config.smtp_port));
        let fault = match tokio::time::timeout(PATIENCE, connecting).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "does not answer".to_owned(),
        };
        found.push(Finding::known("smtp_host", format!("{host}: {fault}"), "letters wait until it answers"));
    }
}

/// Writes, reads and removes a few bytes where the bytes of tenants are.
async fn blobs(
    config: &Config,
    data: &Path,
    facts: &mut Vec<(&'static str, String)>,
    found: &mut Vec<Finding>,
) {
    // A look makes no folder.
    if config.blobs.is_none() && !data.join("blobs").exists() {
        return;
    }
    let attempt = async {
        let blobs = service::blobs(config, data).map_err(|failure| failure.to_string())?;
        blobs.probe().await.map_err(|probe| probe.to_string())
    };
    match tokio::time::timeout(PATIENCE, attempt).await {
        Ok(Ok(())) => facts.push(("files state", "written, read and removed a probe".to_owned())),
        Ok(Err(fault)) => {
            found.push(Finding::refusal(
                "blobs",
                fault,
                "see that the place exists and that this account may write there",
            ));
        }
        Err(_) => found.push(Finding::refusal("blobs", "does not answer", "see the address and the network")),
    }
}

/// Whether somebody answers here with 200. A listener on all addresses is asked on the loopback one.
pub(super) fn answers(address: &str, path: &str) -> bool {
    let Ok(mut address) = address.parse::<SocketAddr>() else { return false };
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes(),
        )?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(&head[9..] == b"200")
    };
    ask().unwrap_or(false)
}

/// Free space in megabytes, by what the system's own tool says.
fn room_mb(path: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(path).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let free: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(free >> 10)
}
