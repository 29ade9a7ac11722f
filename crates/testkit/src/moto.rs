//! A store that speaks S3 as a process of its own: moto, in memory (`pip install 'moto[server]'`), where it is installed.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::loopback::bucket;

/// Ends with whoever started it.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    /// One with the bucket `bucket`; `None`, and a printed line, where it is not installed.
    ///
    /// # Panics
    /// When it is installed and does not answer within a minute.
    pub fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let started = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            eprintln!("skipped: moto_server is not installed (pip install 'moto[server]')");
            return None;
        };
        let moto = Self { child, port };
        let begun = Instant::now();
        while moto.make_bucket().is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "moto does not answer");
            thread::sleep(Duration::from_millis(100));
        }
        Some(moto)
    }

    /// What a program is told in its environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        bucket::environment(self.port)
    }

    fn make_bucket(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(
            b"PUT /bucket HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.contains(" 200 ") { Ok(()) } else { Err(std::io::Error::other(answer)) }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
