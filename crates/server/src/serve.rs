//! Listening: bounded time for heads of requests, and an orderly end. HTTP/1.1: what is in front speaks the rest.
//!
//! The system takes connections on its own, before the program hears of them, and breaks off those that wait when the
//! listener closes. At the end the listener therefore goes deaf first: whoever knocks then gets no answer, tries again, and
//! is refused like by a server that is not there, which every proxy passes over. Those who wait already are served.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long a head of a request may take, and how long a connection may idle.
const HEAD: Duration = Duration::from_secs(15);
/// How long connections are still taken once the end was asked for; each is served one request.
const LINGER: Duration = Duration::from_millis(300);
/// How long the first request of a connection is waited for once the end was asked for.
const FIRST: Duration = Duration::from_secs(1);
/// How long requests that are under way may go on once the end was asked for.
const GRACE: Duration = Duration::from_secs(25);

/// The program of a packet filter that lets nothing pass: return zero bytes of it.
#[cfg(target_os = "linux")]
const DEAF: socket2::SockFilter = socket2::SockFilter::new(0x06, 0, 0, 0);

/// Serves until `stop`, then finishes what is under way and returns.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Small answers must not wait for the next packet.
                let _ = stream.set_nodelay(true);
                connections.spawn(connection(TokioIo::new(stream), peer, router.clone(), stop.clone()));
            }
            Err(error) => {
                // Usually no file descriptors left: connections that end give some back.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Whoever was on the way here when the end was asked for is still served; then those who wait at the door.
    let lingering = tokio::time::sleep(LINGER);
    tokio::pin!(lingering);
    loop {
        let accepted = tokio::select! {
            biased;
            accepted = listener.accept() => accepted,
            () = lingering.as_mut() => break,
        };
        if let Ok((stream, peer)) = accepted {
            let _ = stream.set_nodelay(true);
            connections.spawn(connection(TokioIo::new(stream), peer, router.clone(), stop.clone()));
        }
    }
    drain(listener, |stream, peer| {
        connections.spawn(connection(TokioIo::new(stream), peer, router.clone(), stop.clone()));
    })
    .await;
    let finish = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    Ok(())
}

/// Takes whatever the system has taken for us, so that closing breaks nothing off.
async fn drain(listener: TcpListener, mut take: impl FnMut(TcpStream, SocketAddr)) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(&listener).attach_filter(&[DEAF]) {
        tracing::debug!(%error, "the listener hears on while it is emptied");
    }
    // Asked of the system itself: the runtime would say that nobody waits until it has looked.
    let Ok(listener) = listener.into_std() else { return };
    // A connection that was half made when the listener went deaf is whole within this time, or never.
    for pause in [Duration::ZERO, Duration::from_millis(20)] {
        tokio::time::sleep(pause).await;
        while let Ok((stream, peer)) = listener.accept() {
            let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                let _ = stream.set_nodelay(true);
                take(stream, peer);
            }
        }
    }
}

async fn connection(
    io: TokioIo<tokio::net::TcpStream>,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
) {
    let first = Arc::new(Notify::new());
    let asked = Arc::clone(&first);
    let service = service_fn(move |mut request: Request<Incoming>| {
        asked.notify_one();
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            let response = router.oneshot(request.map(axum::body::Body::new)).await;
            Ok::<_, Infallible>(match response {
                Ok(response) => response,
                Err(never) => match never {},
            })
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(64 * 1024)
        .serve_connection(io, service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => {}
    }
    // A connection that was just made is closed unheard by an orderly end; its first request is on its way.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = first.notified() => {}
        () = tokio::time::sleep(FIRST) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
