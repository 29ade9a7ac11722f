//! Standard input and output of this process.

use std::{
    io::{self, Read, Write},
    sync::Arc,
};

use rmcp::ServiceExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{Tools, handler::Handler};

/// Bytes between the two sides.
const ROOM: usize = 64 * 1024;

/// Serves these tools until the other side closes.
pub async fn serve(tools: Arc<dyn Tools>) -> io::Result<()> {
    // A thread of its own reads: nobody can interrupt a read of standard input.
    let (mut input, read) = tokio::io::duplex(ROOM);
    let (chunks, mut read_chunks) = tokio::sync::mpsc::channel::<Vec<u8>>(8);
    std::thread::Builder::new().name("standard input".to_owned()).spawn(move || {
        let mut buffer = vec![0; ROOM];
        let mut stdin = io::stdin().lock();
        while let Ok(length @ 1..) = stdin.read(&mut buffer) {
            if chunks.blocking_send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    })?;
    let feed = tokio::spawn(async move {
        while let Some(chunk) = read_chunks.recv().await {
            if input.write_all(&chunk).await.is_err() {
                break;
            }
        }
    });
    let (write, mut output) = tokio::io::duplex(ROOM);
    let drain = tokio::spawn(async move {
        let mut buffer = vec![0; ROOM];
        while let Ok(length @ 1..) = output.read(&mut buffer).await {
            let chunk = buffer[..length].to_vec();
            let written = tokio::task::spawn_blocking(move || {
                let mut stdout = io::stdout().lock();
                stdout.write_all(&chunk).and_then(|()| stdout.flush())
            });
            if !matches!(written.await, Ok(Ok(()))) {
                break;
            }
        }
    });
    let running = Handler(tools).serve((read, write)).await.map_err(io::Error::other)?;
    let ended = running.waiting().await;
    feed.abort();
    // What was answered last goes out.
    let _ = drain.await;
    ended.map(|_| ()).map_err(io::Error::other)
}
