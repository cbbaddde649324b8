//! The frame that transforms put together.

use std::mem;
use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

use crate::event::Event;
use crate::transform::Sink;

/// The bytes of one frame, put together from what transforms let through and write.
///
/// Events that follow one another in the chunk are kept as one range of it. As long as there is
/// nothing else, the frame is that range of the chunk, and no byte is copied.
#[derive(Default)]
pub(crate) struct Pieces {
    head: Head,
    /// A range of the current chunk that comes after `head`.
    run: Range<usize>,
    /// The last thing written lacks its blank line.
    torn: bool,
    settled: bool,
}

#[derive(Default)]
enum Head {
    #[default]
    Empty,
    One(Bytes),
    Many(BytesMut),
}

impl Head {
    fn push(&mut self, piece: Bytes) {
        *self = match mem::take(self) {
            Self::Empty => Self::One(piece),
            Self::One(first) => {
                let mut all = BytesMut::with_capacity(first.len() + piece.len());
                all.extend_from_slice(&first);
                all.extend_from_slice(&piece);
                Self::Many(all)
            }
            Self::Many(mut all) => {
                all.extend_from_slice(&piece);
                Self::Many(all)
            }
        };
    }
}

impl Pieces {
    /// Writes with `chunk` as the chunk that events are cut from.
    pub(crate) const fn on<'a>(&'a mut self, chunk: &'a Bytes) -> OnChunk<'a> {
        OnChunk {
            pieces: self,
            chunk,
        }
    }

    pub(crate) const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Takes the frame, empty if nothing was written. Consumes the chunk.
    pub(crate) fn take(&mut self, mut chunk: Bytes) -> Bytes {
        let run = mem::take(&mut self.run);
        match mem::take(&mut self.head) {
            Head::Empty if run.is_empty() => Bytes::new(),
            Head::Empty => {
                // Moves the chunk's own handle: a chunk that passes whole leaves as it came.
                chunk.truncate(run.end);
                chunk.advance(run.start);
                chunk
            }
            Head::One(piece) if run.is_empty() => piece,
            mut head => {
                if !run.is_empty() {
                    head.push(chunk.slice(run));
                }
                match head {
                    Head::Empty => Bytes::new(),
                    Head::One(piece) => piece,
                    Head::Many(all) => all.freeze(),
                }
            }
        }
    }
}

/// [`Pieces`] while events of one chunk are handled.
pub(crate) struct OnChunk<'a> {
    pieces: &'a mut Pieces,
    chunk: &'a Bytes,
}

impl OnChunk<'_> {
    fn end_run(&mut self) {
        let run = mem::take(&mut self.pieces.run);
        if !run.is_empty() {
            self.pieces.head.push(self.chunk.slice(run));
        }
    }

    fn end_torn(&mut self) {
        if mem::take(&mut self.pieces.torn) {
            self.end_run();
            self.pieces.head.push(Bytes::from_static(b"\n\n"));
        }
    }
}

impl Sink for OnChunk<'_> {
    #[inline]
    fn pass(&mut self, event: &Event) {
        if self.pieces.torn {
            self.end_torn();
        }
        self.pieces.torn = !event.is_terminated();
        match event.place_in(self.chunk) {
            Some(place) => {
                if self.pieces.run.end == place.start && !self.pieces.run.is_empty() {
                    self.pieces.run.end = place.end;
                } else {
                    self.end_run();
                    self.pieces.run = place;
                }
            }
            None => {
                self.end_run();
                self.pieces.head.push(event.raw().clone());
            }
        }
    }

    fn write(&mut self, events: Bytes) {
        self.end_torn();
        self.end_run();
        self.pieces.head.push(events);
    }

    fn settle(&mut self) {
        self.pieces.settled = true;
    }
}
