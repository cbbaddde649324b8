//! Small writes in one piece.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Up to this many bytes are put together: an event of a stream, or the head and the body of a small reply.
const MAX_JOINED: usize = 2048;

/// A connection that writes what is small in one piece.
///
/// hyper gives the length of a chunk, the chunk and its end apart. To write them so takes the system longer than it
/// takes to put them together.
#[derive(Debug)]
pub(super) struct JoinedWrites<T>(T);

impl<T> JoinedWrites<T> {
    pub(super) const fn new(connection: T) -> Self {
        Self(connection)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for JoinedWrites<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for JoinedWrites<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, piece)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut all = [0; MAX_JOINED];
        let mut length = 0;
        for piece in pieces {
            let Some(room) = all.get_mut(length..length + piece.len()) else {
                return Pin::new(&mut self.0).poll_write_vectored(cx, pieces);
            };
            room.copy_from_slice(piece);
            length += piece.len();
        }
        Pin::new(&mut self.0).poll_write(cx, all.get(..length).unwrap_or_default())
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use tokio_test::task;

    use super::*;

    /// Notes what is written to it, and takes so many bytes at once.
    #[derive(Default)]
    struct Wire {
        written: Vec<u8>,
        /// How many pieces came with each write.
        pieces: Vec<usize>,
        takes: usize,
    }

    impl AsyncWrite for Wire {
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            piece: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.poll_write_vectored(cx, &[IoSlice::new(piece)])
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            pieces: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.pieces.push(pieces.len());
            let all: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
            let taken = all.len().min(self.takes);
            self.written.extend_from_slice(&all[..taken]);
            Poll::Ready(Ok(taken))
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Writes the pieces once, and gives how many bytes were taken.
    fn write(wire: &mut JoinedWrites<Wire>, pieces: &[Vec<u8>]) -> usize {
        let slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut task = task::spawn(wire);
        let written = task.enter(|cx, wire| wire.poll_write_vectored(cx, &slices));
        match written {
            Poll::Ready(Ok(taken)) => taken,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_chunk_is_written_in_one_piece_and_what_is_large_as_it_is() {
        let mut wire = JoinedWrites::new(Wire {
            takes: usize::MAX,
            ..Wire::default()
        });
        let chunk = [b"5\r\n".to_vec(), b"hello".to_vec(), b"\r\n".to_vec()];
        assert_eq!(write(&mut wire, &chunk), 10);
        assert_eq!(wire.0.written, b"5\r\nhello\r\n");
        let large = [b"800\r\n".to_vec(), vec![b'x'; 2048], b"\r\n".to_vec()];
        assert_eq!(write(&mut wire, &large), 2055);
        assert_eq!(wire.0.pieces, [1, 3]);
    }

    proptest! {
        /// What is taken of a write is its beginning, as the caller counts on.
        #[test]
        fn nothing_is_lost_or_moved(
            pieces in vec(vec(any::<u8>(), 0..900), 0..5),
            takes in 0..4000_usize,
        ) {
            let mut wire = JoinedWrites::new(Wire { takes, ..Wire::default() });
            let taken = write(&mut wire, &pieces);
            let all = pieces.concat();
            prop_assert_eq!(taken, all.len().min(takes));
            prop_assert_eq!(&wire.0.written, &all[..taken]);
        }
    }
}
