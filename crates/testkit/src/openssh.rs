//! The server of OpenSSH on loopback, where it is installed.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// Runs as whoever runs the tests; `person` may sign in with the key of that name.
#[derive(Debug)]
pub struct OpenSsh {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl OpenSsh {
    /// Its keys and settings lie in `folder`; `None` where it is not installed.
    pub fn start(folder: &Path) -> Option<Self> {
        for key in ["host", "person"] {
            make_key(&folder.join(key))?;
        }
        // Where it runs as root it wants a folder that nobody can write to.
        drop(std::fs::create_dir_all("/run/sshd"));
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        Some(Self { child: spawn(folder, port)?, folder: folder.to_owned(), port })
    }

    /// Stops it; another stands at the same address and shows another key.
    pub fn replaced(&mut self) -> Option<()> {
        self.stop();
        for file in ["host", "host.pub"] {
            std::fs::remove_file(self.folder.join(file)).ok()?;
        }
        make_key(&self.folder.join("host"))?;
        self.child = spawn(&self.folder, self.port)?;
        Some(())
    }

    pub fn address(&self, below: &Path) -> String {
        format!("sftp://127.0.0.1:{}{}", self.port, below.display())
    }

    /// Whoever runs the tests.
    pub fn user(&self) -> String {
        let told = Command::new("id").arg("-un").output().map(|told| told.stdout).unwrap_or_default();
        String::from_utf8_lossy(&told).trim().to_owned()
    }

    /// A private key: of `person`, or of the `host`, who may not sign in.
    pub fn key(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    fn stop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for OpenSsh {
    fn drop(&mut self) {
        self.stop();
    }
}

fn make_key(at: &Path) -> Option<()> {
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(at).status();
    made.ok()?.success().then_some(())
}

fn spawn(folder: &Path, port: u16) -> Option<Child> {
    let at = |name: &str| folder.join(name).display().to_string();
    let settings = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPidFile none\n\
         PermitRootLogin yes\nPasswordAuthentication no\nSubsystem sftp internal-sftp\n",
        at("host"),
        at("person.pub")
    );
    std::fs::write(folder.join("settings"), settings).ok()?;
    let mut server = Command::new("/usr/sbin/sshd");
    server.args(["-D", "-e", "-f", &at("settings")]).stderr(Stdio::null()).spawn().ok()
}
