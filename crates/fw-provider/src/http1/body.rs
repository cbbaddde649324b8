use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::Pool;
use super::connection::Connection;

/// A reply's body, which drives the connection it comes over.
///
/// At its end the connection goes back to its pool. Dropped before, it closes it.
pub(crate) struct Http1Body {
    incoming: Incoming,
    /// `None` after the end.
    lent: Option<Box<dyn Lent>>,
}

/// A pool's connection, whatever the type of request bodies.
trait Lent: Send {
    fn poll_frame(
        &mut self,
        incoming: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>>;

    fn give_back(self: Box<Self>);
}

impl<B: Send + 'static> Lent for Connection<B> {
    fn poll_frame(
        &mut self,
        incoming: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        Self::poll_frame(self, incoming, cx)
    }

    fn give_back(self: Box<Self>) {
        Pool::put(self);
    }
}

impl Http1Body {
    pub(super) fn new<B: Send + 'static>(
        incoming: Incoming,
        connection: Box<Connection<B>>,
    ) -> Self {
        Self {
            incoming,
            lent: Some(connection),
        }
    }

    fn end(&mut self) {
        if let Some(lent) = self.lent.take() {
            lent.give_back();
        }
    }
}

impl Body for Http1Body {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        let Some(lent) = &mut this.lent else {
            return Poll::Ready(None);
        };
        let polled = lent.poll_frame(&mut this.incoming, cx);
        match &polled {
            Poll::Ready(None) => this.end(),
            Poll::Ready(Some(Err(_))) => this.lent = None,
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.lent.is_none() || self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for Http1Body {
    fn drop(&mut self) {
        // Who knows the length need not ask for the end.
        if self.incoming.is_end_stream() {
            self.end();
        }
    }
}

impl fmt::Debug for Http1Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http1Body")
            .field("ended", &self.lent.is_none())
            .finish_non_exhaustive()
    }
}
