//! Hundreds of clients that send a byte now and then: others are served meanwhile, and all of them are cut off.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::product::{Product, call};

/// Half of them trickle the head of a request, half the body of an upload.
const CLIENTS: usize = 500;

struct Trickle {
    stream: TcpStream,
    begun: Instant,
    ended: Option<Duration>,
}

impl Trickle {
    fn begin(address: &str, head: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, begun: Instant::now(), ended: None }
    }

    /// A little more; notices when the server has had enough.
    fn go_on(&mut self) {
        if self.ended.is_some() {
            return;
        }
        let sent = self.stream.write(b"abcdefgh");
        let mut answer = [0; 4096];
        let mut gone = matches!(sent, Err(ref error) if error.kind() != ErrorKind::WouldBlock);
        loop {
            match self.stream.read(&mut answer) {
                Ok(0) => gone = true,
                Ok(_) => continue,
                Err(error) => gone |= error.kind() != ErrorKind::WouldBlock,
            }
            break;
        }
        if gone {
            self.ended = Some(self.begun.elapsed());
        }
    }
}

#[test]
fn five_hundred_slow_clients_are_cut_off_and_nobody_waits_for_them() {
    let folder = tempfile::Builder::new().prefix("plantintel-slow-").tempdir().unwrap();
    let settings = [("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "1000000"), ("PLANTINTEL_LOG", "error")];
    let Some(product) = Product::start_with(folder.path(), "log", &settings) else { return };
    let key = product.owner_key(folder.path());
    let bearer = format!("Bearer {key}");
    let read = || {
        let begun = Instant::now();
        let headers = [("authorization", bearer.as_str())];
        let reply = call(&product.address, "GET", "/api/v1/facilities", &headers, &[]).unwrap();
        assert_eq!(reply.status, 200);
        begun.elapsed()
    };
    let p99 = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() * 99 / 100]
    };
    let mut quiet: Vec<_> = (0..100).map(|_| read()).collect();
    let quiet = p99(&mut quiet);

    let head = format!("GET /health/live HTTP/1.1\r\nhost: {}\r\nx: ", product.address);
    let upload = format!(
        "POST /api/v1/files?name=slow.csv HTTP/1.1\r\nhost: {}\r\nauthorization: {bearer}\r\n\
         content-type: application/octet-stream\r\ncontent-length: 1000000\r\n\r\n",
        product.address
    );
    let over = &AtomicBool::new(false);
    let (times, clients) = thread::scope(|scope| {
        let others = scope.spawn(move || {
            let mut times = Vec::new();
            while !over.load(Ordering::Acquire) {
                times.push(read());
                thread::sleep(Duration::from_millis(20));
            }
            times
        });
        let mut clients: Vec<_> = (0..CLIENTS)
            .map(|n| Trickle::begin(&product.address, if n % 2 == 0 { &head } else { &upload }))
            .collect();
        let begun = Instant::now();
        while clients.iter().any(|client| client.ended.is_none()) && begun.elapsed() < Duration::from_secs(45)
        {
            clients.iter_mut().for_each(Trickle::go_on);
            thread::sleep(Duration::from_millis(500));
        }
        over.store(true, Ordering::Release);
        (others.join().unwrap(), clients)
    });
    let mut times = times;
    let p99 = p99(&mut times);
    let ends: Vec<_> = clients.iter().filter_map(|client| client.ended).collect();
    let last = ends.iter().max().copied().unwrap_or_default();
    eprintln!(
        "{CLIENTS} slow clients: all cut off after {last:?}; {} reads of others meanwhile, p99 {p99:?} (quiet {quiet:?})",
        times.len()
    );
    assert_eq!(ends.len(), CLIENTS, "some hold their place");
    assert!(last < Duration::from_secs(30), "{last:?}");
    assert!(p99 < Duration::from_millis(200).max(quiet * 3), "{p99:?}");
    product.end("-TERM");
}
