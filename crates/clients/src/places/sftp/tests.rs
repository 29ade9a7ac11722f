//! Against the server of OpenSSH where it is installed, and against one on loopback that asks for a password and lies about names.

use std::{collections::HashMap, process::Command};

use bytes::Bytes;
use futures::TryStreamExt;
use russh::{
    Channel, ChannelId,
    keys::{Algorithm, PrivateKey as HostKey},
    server::{self, Auth, ChannelOpenHandle, Msg, Server as _, Session},
};
use russh_sftp::protocol::{File, FileAttributes, FileMode, Handle as Opened, Name, Status, StatusCode};

use testkit::OpenSsh;

use super::*;
use crate::places::Place;

async fn signed_in(address: &str, login: &Login) -> Place {
    let mut last = None;
    for _ in 0..100 {
        match Place::sftp(address, login, true).await {
            Ok(place) => return place,
            Err(error) if error.0 == "nobody answers there" => last = Some(error),
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{last:?}")
}

#[tokio::test]
async fn files_of_an_openssh_server_are_listed_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = OpenSsh::start(folder.path()) else {
        eprintln!("skipped: no OpenSSH server is installed");
        return;
    };
    let exports = folder.path().join("exports");
    let deep = "1/2/3/4/5/6/7/8/9/10";
    std::fs::create_dir_all(exports.join("2026/ä b")).unwrap();
    std::fs::create_dir_all(exports.join(deep)).unwrap();
    let long = vec![b'7'; 3_000_000];
    for (name, cells) in
        [("b.csv", &b"order\n1\n"[..]), ("2026/ä b/a.csv", &long), (".hidden", b"x"), ("c.csv.part", b"x")]
    {
        std::fs::write(exports.join(name), cells).unwrap();
    }
    std::fs::write(exports.join(deep).join("d.csv"), "deep").unwrap();
    std::fs::write(folder.path().join("theirs.csv"), "x").unwrap();
    std::os::unix::fs::symlink(folder.path().join("theirs.csv"), exports.join("link.csv")).unwrap();
    let address = server.address(&exports);
    let login = Login { user: server.user(), private_key: server.key("person"), ..Login::default() };
    let place = signed_in(&address, &login).await;
    let told = Command::new("ssh-keygen").arg("-lf").arg(folder.path().join("host.pub")).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert_eq!(Some(place.host_key()), told.split_whitespace().nth(1));
    let found = place.list().await.unwrap();
    let names: Vec<(&str, u64)> = found.iter().map(|one| (one.name.as_str(), one.bytes)).collect();
    assert_eq!(names, [("1/2/3/4/5/6/7/8/9/10/d.csv", 4), ("2026/ä b/a.csv", 3_000_000), ("b.csv", 8)]);
    for (name, cells) in [("b.csv", &b"order\n1\n"[..]), ("2026/ä b/a.csv", &long)] {
        let bytes: Vec<Bytes> = place.read(name).await.unwrap().try_collect().await.unwrap();
        assert!(bytes.concat() == cells, "{name}");
    }
    assert!(place.read("../theirs.csv").await.is_err());
    assert!(place.read("missing.csv").await.is_err());

    // The same key again is fine, another is not, and neither is another person.
    let known = Login { host_key: place.host_key().to_owned(), ..login.clone() };
    assert!(Place::sftp(&address, &known, true).await.is_ok());
    let other = Login { host_key: format!("SHA256:{}", "A".repeat(43)), ..login.clone() };
    let refused = Place::sftp(&address, &other, true).await.unwrap_err();
    assert!(refused.0.contains("shows another key") && refused.0.contains(place.host_key()), "{refused}");
    let stranger = Login { private_key: server.key("host"), ..login.clone() };
    assert!(Place::sftp(&address, &stranger, true).await.unwrap_err().0.contains("refuses this user"));
    // Not into our own network, unless the installation is in it.
    let refused = Place::sftp(&address, &login, false).await.unwrap_err();
    assert!(refused.0.contains("public internet"), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    let login = Login { user: "plant".to_owned(), ..Login::default() };
    for (address, login, says) in [
        ("https://example.com/x", login.clone(), "sftp://host/folder"),
        ("sftp:nowhere", login.clone(), "sftp://host/folder"),
        ("sftp://plant:word@example.com/x", login.clone(), "their own fields"),
        ("sftp://example.com/x", Login::default(), "give the user"),
        ("sftp://127.0.0.1/x", login.clone(), "public internet"),
        ("sftp://[::1]/x", login.clone(), "public internet"),
        ("sftp://localhost/x", login.clone(), "public internet"),
        ("sftp://example.com/x", Login { host_key: "MD5:aa".to_owned(), ..login.clone() }, "SHA256:"),
        (
            "sftp://example.com/x",
            Login { private_key: "geheim".to_owned(), ..login.clone() },
            "cannot be read",
        ),
    ] {
        let error = Place::sftp(address, &login, false).await.unwrap_err();
        assert!(error.0.contains(says) && !error.0.contains("geheim"), "{address}: {error}");
    }
}

#[test]
fn an_address_names_a_folder() {
    for (path, folder) in [
        ("", ""),
        ("/", ""),
        ("/exports", "/exports"),
        ("/~/exports/", "exports"),
        ("/a%20b", "/a b"),
        ("/~/", ""),
    ] {
        assert_eq!(folder_of(path), folder, "{path}");
    }
}

/// A server whose folder has names that lead elsewhere.
#[derive(Clone)]
struct Liar;

impl server::Server for Liar {
    type Handler = LiarsDoor;

    fn new_client(&mut self, _: Option<std::net::SocketAddr>) -> LiarsDoor {
        LiarsDoor::default()
    }
}

#[derive(Default)]
struct LiarsDoor(HashMap<ChannelId, Channel<Msg>>);

impl server::Handler for LiarsDoor {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        Ok(if (user, password) == ("plant", "open sesame") { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Self::Error> {
        self.0.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        let files = LiarsFiles::default();
        russh_sftp::server::run(self.0.remove(&channel).unwrap().into_stream(), files).await;
        Ok(())
    }
}

#[derive(Default)]
struct LiarsFiles {
    told: bool,
    /// Whether the open folder is one that holds itself, and so on.
    endless: bool,
}

impl russh_sftp::server::Handler for LiarsFiles {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn opendir(&mut self, id: u32, handle: String) -> Result<Opened, StatusCode> {
        self.endless = handle.contains("endless");
        self.told = false;
        Ok(Opened { id, handle })
    }

    async fn readdir(&mut self, id: u32, _: String) -> Result<Name, StatusCode> {
        if std::mem::replace(&mut self.told, true) {
            return Err(StatusCode::Eof);
        }
        if self.endless {
            let mut facts = FileAttributes::empty();
            facts.set_type(FileMode::DIR);
            return Ok(Name { id, files: vec![File::new("endless", facts)] });
        }
        let file = |name: &str| {
            let mut facts = FileAttributes { size: Some(9), mtime: Some(5), ..FileAttributes::empty() };
            facts.set_type(FileMode::REG);
            File::new(name, facts)
        };
        let names = ["..", "../x.csv", "/etc/passwd", "a\\b.csv", "good.csv", "new\nline.csv"];
        Ok(Name { id, files: names.map(file).into() })
    }

    async fn close(&mut self, id: u32, _: String) -> Result<Status, StatusCode> {
        let (error_message, language_tag) = (String::new(), String::new());
        Ok(Status { id, status_code: StatusCode::Ok, error_message, language_tag })
    }
}

#[tokio::test]
async fn a_password_opens_and_names_that_lead_elsewhere_are_passed_over() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("sftp://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let key = HostKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).unwrap();
    let settings = server::Config {
        keys: vec![key],
        auth_rejection_time: Duration::from_millis(1),
        ..server::Config::default()
    };
    tokio::spawn(async move { Liar.run_on_socket(Arc::new(settings), &listener).await });
    let login = |password: &str| Login {
        user: "plant".to_owned(),
        password: password.to_owned(),
        ..Login::default()
    };
    let place = Place::sftp(&address, &login("open sesame"), true).await.unwrap();
    let names: Vec<String> = place.list().await.unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["good.csv", "new\nline.csv"]);
    let endless = Place::sftp(&format!("{address}/endless"), &login("open sesame"), true).await.unwrap();
    let refused = endless.list().await.unwrap_err();
    assert!(refused.0.contains("deeper than 32 levels"), "{refused}");
    let refused = Place::sftp(&address, &login("open says me"), true).await.unwrap_err();
    assert!(refused.0.contains("refuses this user"), "{refused}");
}
