//! Neighbours of the product on loopback, each in threads of its own, so that tests without a runtime have them too:
//! [`Stripe`](stripe::Stripe), a payment provider with customers, checkouts and subscriptions that speaks the wire format of
//! the calls we make and tells of changes in signed events; [`PostOffice`], a mail server that keeps what it is given; and
//! [`Bucket`](bucket::Bucket), an object store that fails on demand.

pub mod bucket;
pub mod stripe;

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// A mail server that refuses nobody.
#[derive(Debug)]
pub struct PostOffice {
    pub port: u16,
    letters: Arc<Mutex<Vec<String>>>,
}

impl PostOffice {
    pub fn open() -> Self {
        let letters = Arc::<Mutex<Vec<String>>>::default();
        let kept = letters.clone();
        let port = listen(move |stream| {
            drop(receive(stream, &kept));
        });
        Self { port, letters }
    }

    /// The newest letter to an address, as it was sent, once there is one.
    pub fn letter_to(&self, address: &str) -> String {
        let begun = Instant::now();
        loop {
            let letters = self.letters.lock().expect("a letter was half received").clone();
            if let Some(letter) = letters.into_iter().rev().find(|letter| letter.contains(address)) {
                return letter;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "no letter to {address}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The link to an address of ours in the newest letter to somebody.
    pub fn link_to(&self, address: &str, path: &str) -> String {
        // Long lines are folded with a `=` at their end, and so is a `=` of their own.
        let letter = self.letter_to(address).replace("=\n", "").replace("=3D", "=");
        let link = letter.split_whitespace().find(|word| word.contains(path));
        link.expect("the letter has such a link").to_owned()
    }
}

fn receive(stream: TcpStream, kept: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut write = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    write.write_all(b"220 loopback\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        if line == "DATA" {
            write.write_all(b"354 go on\r\n")?;
            let mut letter = String::new();
            while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                letter.push_str(&line);
                letter.push('\n');
            }
            kept.lock().expect("a letter was half received").push(letter);
        }
        write.write_all(b"250 loopback\r\n")?;
    }
    Ok(())
}

/// Serves each connection in a thread, for as long as the test runs. The port it listens at.
fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of this machine");
    let port = listener.local_addr().expect("an address").port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    port
}
