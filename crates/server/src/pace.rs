//! Slow bodies: who sends less than a kilobyte a second for long is cut off, so that nobody holds a place for nothing.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    middleware::Next,
    response::Response,
};
use tokio::time::{Instant, Sleep};

/// How long is looked at: short enough that, on a busy machine too, nobody slow is there after half a minute.
const SPAN: Duration = Duration::from_secs(25);
/// The least that must come meanwhile.
const LEAST: u64 = 25 * 1024;

/// Middleware: watches the body as it arrives.
pub async fn watch(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let watched = Watched { body, span: Box::pin(tokio::time::sleep(SPAN)), came: 0 };
    next.run(Request::from_parts(parts, Body::new(watched))).await
}

struct Watched {
    body: Body,
    span: Pin<Box<Sleep>>,
    came: u64,
}

/// The sender was too slow.
#[derive(Debug, thiserror::Error)]
#[error("the body arrived too slowly")]
pub struct TooSlow;

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                self.came += frame.data_ref().map_or(0, |data| data.len() as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                if self.span.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                if self.came < LEAST {
                    return Poll::Ready(Some(Err(TooSlow.into())));
                }
                self.came = 0;
                self.span.as_mut().reset(Instant::now() + SPAN);
                // Registers for the new span.
                match self.span.as_mut().poll(context) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(()) => Poll::Ready(Some(Err(TooSlow.into()))),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
