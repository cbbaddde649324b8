//! Bodies that are in memory, in the one form that a target's client takes.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use fw_stream::Collected;
use http::Request;
use http_body::Body;
use http_body_util::Full;
use tower_service::Service;

/// Makes requests of one type of whatever a conversion sends, so that all ways of a target share the client's
/// connections.
#[derive(Clone, Debug)]
pub(super) struct Whole<S> {
    inner: S,
}

// === impl Whole ===

impl<S> Whole<S> {
    pub(super) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B> Service<Request<B>> for Whole<S>
where
    S: Service<Request<Full<Bytes>>>,
    B: Body<Data = Bytes>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        self.inner.call(request.map(|body| Full::new(whole(body))))
    }
}

/// The bytes of a body. The router has read it, and a conversion makes one of bytes, so all of it is there at
/// once; of one that has to wait, nothing would be sent.
fn whole<B: Body<Data = Bytes>>(body: B) -> Bytes {
    let mut cx = Context::from_waker(Waker::noop());
    match Collected::default().poll(pin!(body), usize::MAX, &mut cx) {
        Poll::Ready(Ok(bytes)) => bytes,
        Poll::Ready(Err(_)) | Poll::Pending => Bytes::new(),
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;

    #[test]
    fn what_is_in_memory_arrives() {
        assert_eq!(whole(Full::new(Bytes::from_static(b"abc"))), "abc");
        assert_eq!(whole(Empty::<Bytes>::new()), "");
    }
}
