//! Sixteen connections that ask a running server the same thing again and again, and how long the answers took.
//!
//! ```text
//! cargo run --release -p server --example load -- 127.0.0.1:8000 KEY [reads|writes] [SECONDS]
//! ```
//!
//! Reads list files, writes make facilities. Plain sockets: a client that costs next to nothing leaves the machine to
//! the server. Start the server with a rate limit that does not stand in the way.

#![expect(clippy::print_stdout, reason = "it is a command")]

use std::{
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

const CONNECTIONS: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, key, rest @ ..] = arguments.as_slice() else {
        return Err("give ADDRESS and KEY".into());
    };
    let writes = rest.first().is_some_and(|what| what == "writes");
    let seconds = rest.get(1).map_or(Ok(10), |seconds| seconds.parse())?;
    let begin = Instant::now();
    let end = begin + Duration::from_secs(seconds);
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|worker| {
            let (address, key) = (address.clone(), key.clone());
            std::thread::spawn(move || {
                ask(&address, &key, writes, worker, end).map_err(|error| error.to_string())
            })
        })
        .collect();
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.join().map_err(|_| "a connection's thread died")??);
    }
    let took = begin.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| {
        let place = (times.len() as f64 * share) as usize;
        times.get(place.min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    println!(
        "{} {} in {took:.1} s: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
        times.len(),
        if writes { "writes" } else { "reads" },
        times.len() as f64 / took,
        at(0.5),
        at(0.99)
    );
    Ok(())
}

fn ask(
    address: &str,
    key: &str,
    writes: bool,
    worker: usize,
    end: Instant,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    let mut times = Vec::new();
    let head = format!("host: {address}\r\nauthorization: Bearer {key}\r\n");
    while Instant::now() < end {
        let request = if writes {
            let body = format!(r#"{{"name":"Load {} {worker} {}"}}"#, std::process::id(), times.len());
            format!(
                "POST /api/v1/facilities HTTP/1.1\r\n{head}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        } else {
            format!("GET /api/v1/files?limit=20 HTTP/1.1\r\n{head}\r\n")
        };
        let asked = Instant::now();
        writer.write_all(request.as_bytes())?;
        answer(&mut reader)?;
        times.push(asked.elapsed());
    }
    Ok(times)
}

/// Reads one answer; anything but a success ends the measurement.
fn answer(reader: &mut impl BufRead) -> Result<(), Box<dyn Error>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    if !line.contains(" 20") {
        return Err(format!("answered {}", line.trim()).into());
    }
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let head = line.trim().to_ascii_lowercase();
        if head.is_empty() {
            break;
        }
        if let Some(value) = head.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    Ok(())
}
