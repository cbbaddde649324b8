use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::Pool;
use super::connection::Connection;

/// Pieces up to this many bytes are copied out of the connection's buffer: the events of a stream.
const MAX_COPIED: usize = 1024;

/// A reply's body, which drives the connection it comes over.
///
/// At its end the connection goes back to its pool. Dropped before, it closes it.
pub(crate) struct Http1Body {
    incoming: Incoming,
    /// `None` after the end.
    lent: Option<Box<dyn Lent>>,
    /// Room for small pieces.
    copies: BytesMut,
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
            copies: BytesMut::new(),
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
        match polled {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(
                frame.map_data(|piece| copied(piece, &mut this.copies))
            ))),
            Poll::Ready(None) => {
                this.end();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => {
                this.lent = None;
                Poll::Ready(Some(Err(error)))
            }
            Poll::Pending => Poll::Pending,
        }
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

/// A small piece in memory of its own, a larger one as it is.
///
/// The connection goes on reading before the piece has been sent. While a part of its buffer is in use, that takes a
/// new one, of many times the size of an event, which a slow reader then keeps.
fn copied(piece: Bytes, copies: &mut BytesMut) -> Bytes {
    if piece.len() > MAX_COPIED {
        return piece;
    }
    if copies.capacity() == 0 {
        copies.reserve(MAX_COPIED);
    }
    // Takes the same memory again once the pieces before are gone.
    copies.extend_from_slice(&piece);
    copies.split().freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pieces_take_turns_in_the_same_memory() {
        let mut copies = BytesMut::new();
        let event = Bytes::from(vec![b'x'; 200]);
        let mut places = Vec::new();
        for _ in 0..100 {
            let copy = copied(event.clone(), &mut copies);
            assert_eq!(copy, event);
            assert_ne!(copy.as_ptr(), event.as_ptr());
            places.push(copy.as_ptr());
        }
        places.sort_unstable();
        places.dedup();
        assert!(places.len() <= MAX_COPIED / event.len(), "{places:?}");
    }

    #[test]
    fn a_piece_that_is_still_in_use_stays_as_it_is() {
        let mut copies = BytesMut::new();
        let kept: Vec<Bytes> = (0..20)
            .map(|at| copied(Bytes::from(vec![at; 300]), &mut copies))
            .collect();
        for (at, piece) in (0..20).zip(kept) {
            assert_eq!(piece, vec![at; 300]);
        }
    }

    #[test]
    fn a_large_piece_is_not_copied() {
        let piece = Bytes::from(vec![b'x'; MAX_COPIED + 1]);
        let place = piece.as_ptr();
        assert_eq!(copied(piece, &mut BytesMut::new()).as_ptr(), place);
    }
}
