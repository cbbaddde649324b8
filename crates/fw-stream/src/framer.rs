//! Bytes to events.

use std::fmt;
use std::mem;

use bytes::{Bytes, BytesMut};

use crate::error::FrameError;
use crate::event::{BOM, Event, Fields};

/// The largest event a [`Framer`] accepts unless told otherwise: 1 MiB.
pub const DEFAULT_MAX_EVENT_BYTES: usize = 1 << 20;

/// Cuts a stream of bytes into server-sent events, without reading or writing anything itself.
///
/// It follows the parsing rules of the [WHATWG HTML standard, section "Server-sent events"][spec]:
/// lines end in LF, CRLF or CR, also where a chunk ends between the two bytes of a CRLF; one byte
/// order mark may start the stream; a blank line ends an event.
///
/// - **Every byte comes out once.** The [raw bytes](Event::raw) of all events, and of the rest that
///   [`finish`](Self::finish) returns, are the bytes that went in.
/// - **Nothing waits that need not.** An event whose blank line ends in a CR is complete with it. If
///   a LF follows, it belongs to that line end and comes out as a [blank](Event::is_blank) block.
/// - **No copies of whole events.** An event that lies within one chunk shares the chunk's memory.
///   Only an event torn over chunks is copied, once.
/// - **No byte is searched twice**, however small the chunks are.
/// - **Bounded.** An event over [`max_event_bytes`](Self::max_event_bytes) is an error.
///
/// [spec]: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
///
/// ```
/// use bytes::Bytes;
/// use fw_stream::Framer;
///
/// let mut framer = Framer::new();
/// framer.push(Bytes::from_static(b"data: one\n\ndata: tw"));
/// assert_eq!(framer.next_event()?.unwrap().data(), Some(&b"one"[..]));
/// assert!(framer.next_event()?.is_none());
///
/// framer.push(Bytes::from_static(b"o\r\n\r\n: keep-alive\n\ndata: torn"));
/// assert_eq!(framer.next_event()?.unwrap().data(), Some(&b"two"[..]));
/// assert!(framer.next_event()?.unwrap().is_comment());
/// assert!(framer.next_event()?.is_none());
///
/// let rest = framer.finish().unwrap();
/// assert_eq!(rest.raw(), "data: torn");
/// assert!(!rest.is_terminated());
/// # Ok::<(), fw_stream::FrameError>(())
/// ```
pub struct Framer {
    /// The chunk pushed last.
    chunk: Bytes,
    /// Where the current event goes on (or starts) in the chunk.
    start: usize,
    /// How much of the chunk has been searched for line ends.
    searched: usize,
    /// What earlier chunks held of the current event.
    torn: BytesMut,
    /// Where the current line starts, counted from the start of the event.
    line: usize,
    /// What the lines of the current event said so far.
    fields: Fields,
    /// The last byte searched was a CR, so that a LF next would be part of the same line end.
    after_cr: bool,
    /// No event has been cut yet: a byte order mark may come.
    at_start: bool,
    max_event_bytes: usize,
    failed: bool,
    /// How many bytes were looked at for line ends, to show that none is twice.
    #[cfg(test)]
    looked_at: usize,
}

/// How a line of data begins, most often.
const DATA: &[u8] = b"data: ";

impl Framer {
    /// A framer at the start of a stream.
    pub fn new() -> Self {
        Self {
            chunk: Bytes::new(),
            start: 0,
            searched: 0,
            torn: BytesMut::new(),
            line: 0,
            fields: Fields::default(),
            after_cr: false,
            at_start: true,
            max_event_bytes: DEFAULT_MAX_EVENT_BYTES,
            failed: false,
            #[cfg(test)]
            looked_at: 0,
        }
    }

    /// Sets the largest event to accept, in bytes, [1 MiB](DEFAULT_MAX_EVENT_BYTES) by default.
    ///
    /// The line ends count, except the LF of the last CRLF, so that the outcome does not depend on
    /// how the bytes were cut into chunks. A limit over 4 GiB counts as 4 GiB.
    #[must_use]
    pub fn max_event_bytes(mut self, limit: usize) -> Self {
        self.max_event_bytes = limit.min(u32::MAX as usize);
        self
    }

    /// Hands in the next bytes.
    ///
    /// Take all events out first. What was not taken out is kept, but has to be copied.
    pub fn push(&mut self, chunk: Bytes) {
        let left = &self.chunk[self.start..];
        if left.is_empty() {
            self.chunk = chunk;
            self.searched = 0;
        } else {
            let mut joined = BytesMut::with_capacity(left.len() + chunk.len());
            joined.extend_from_slice(left);
            joined.extend_from_slice(&chunk);
            self.chunk = joined.freeze();
            self.searched -= self.start;
        }
        self.start = 0;
    }

    /// The next complete event of the bytes pushed so far. `None` asks for more bytes.
    ///
    /// After an error, every further call returns the same error.
    pub fn next_event(&mut self) -> Result<Option<Event>, FrameError> {
        let event = self.next_in_chunk();
        if let Ok(None) = event {
            // Nothing of it is needed any more: do not keep its memory alive.
            self.chunk = Bytes::new();
            self.start = 0;
            self.searched = 0;
        }
        event
    }

    /// Ends the stream: returns what is left, an event whose blank line never came.
    ///
    /// By the standard such an event is dropped. It is returned so that a proxy can pass it on, and
    /// so that a filter can read it: some clients do.
    pub fn finish(mut self) -> Option<Event> {
        self.take_rest()
    }

    /// How many bytes of an incomplete event are held.
    pub fn held_bytes(&self) -> usize {
        self.torn.len() + self.chunk.len() - self.start
    }

    /// As [`next_event`](Self::next_event), but keeps the chunk when it returns `None`.
    #[inline]
    pub(crate) fn next_in_chunk(&mut self) -> Result<Option<Event>, FrameError> {
        if self.failed {
            return Err(FrameError::too_large(self.max_event_bytes));
        }
        loop {
            let unsearched = &self.chunk[self.searched..];
            let Some(first) = unsearched.first() else {
                return self.keep_torn();
            };
            if mem::take(&mut self.after_cr) && *first == b'\n' {
                self.searched += 1;
                if self.held() == 1 {
                    // The CR ended the event before; this LF is all there is to the block.
                    return self.cut(0);
                }
                self.line += 1;
                continue;
            }
            let found = match first {
                b'\n' | b'\r' => Some(0),
                _ => memchr::memchr2(b'\n', b'\r', unsearched),
            };
            #[cfg(test)]
            {
                self.looked_at += found.map_or(unsearched.len(), |at| at + 1);
            }
            let Some(at) = found else {
                self.searched = self.chunk.len();
                continue;
            };
            if self.is_one_line(unsearched, at) {
                return Ok(Some(self.cut_one_line(at)));
            }
            let end = self.searched + at;
            let mut crlf = false;
            if unsearched[at] == b'\r' {
                match unsearched.get(at + 1) {
                    Some(b'\n') => crlf = true,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            self.searched = end + 1 + usize::from(crlf);
            let line_end = self.torn.len() + end - self.start;
            if line_end == self.line || self.is_only_bom(line_end) {
                return self.cut(usize::from(crlf));
            }
            if self.torn.is_empty() {
                let skip = if self.line == 0 { self.bom() } else { 0 };
                let line = self.line + skip;
                self.fields.line(&self.chunk[self.start + line..end], line);
            }
            self.line = self.held();
        }
    }

    /// As [`finish`](Self::finish), for an owner that cannot give the framer away.
    pub(crate) fn take_rest(&mut self) -> Option<Event> {
        let bom = self.bom();
        let start = mem::replace(&mut self.start, self.chunk.len());
        let raw = if self.torn.is_empty() {
            self.chunk.slice(start..)
        } else {
            let mut torn = mem::take(&mut self.torn);
            torn.extend_from_slice(&self.chunk[start..]);
            torn.freeze()
        };
        (!raw.is_empty()).then(|| Event::assembled(raw, bom, false))
    }

    /// The chunk pushed last, while events are cut from it.
    pub(crate) const fn chunk(&self) -> &Bytes {
        &self.chunk
    }

    /// Gives the chunk away after `next_in_chunk` has returned `None` or an error.
    pub(crate) fn take_chunk(&mut self) -> Bytes {
        self.start = 0;
        self.searched = 0;
        mem::take(&mut self.chunk)
    }

    /// How long the current event is, as far as it was searched.
    fn held(&self) -> usize {
        self.torn.len() + self.searched - self.start
    }

    /// Takes out the event that ends at `self.searched`.
    #[inline]
    fn cut(&mut self, uncounted: usize) -> Result<Option<Event>, FrameError> {
        if self.held() - uncounted > self.max_event_bytes {
            return self.fail();
        }
        let bom = self.bom();
        let start = mem::replace(&mut self.start, self.searched);
        let fields = mem::take(&mut self.fields);
        self.line = 0;
        self.at_start = false;
        Ok(Some(if self.torn.is_empty() {
            let raw = self.chunk.slice(start..self.searched);
            Event::framed(raw, fields, bom, true)
        } else {
            let mut raw = mem::take(&mut self.torn);
            raw.extend_from_slice(&self.chunk[start..self.searched]);
            Event::assembled(raw.freeze(), bom, true)
        }))
    }

    /// Whether the event starts here, and is one line of data, that ends at `at`, and its blank line: nearly
    /// all events are.
    #[inline]
    fn is_one_line(&self, unsearched: &[u8], at: usize) -> bool {
        unsearched.starts_with(DATA)
            && matches!(unsearched.get(at..), Some([b'\n', b'\n', ..]))
            && self.searched == self.start
            && self.torn.is_empty()
            && at + 2 <= self.max_event_bytes
    }

    /// Takes out an event that [is one line](Self::is_one_line).
    #[inline]
    fn cut_one_line(&mut self, at: usize) -> Event {
        let start = self.start;
        self.searched = start + at + 2;
        self.start = self.searched;
        self.at_start = false;
        Event::line(self.chunk.slice(start..self.searched), DATA.len()..at)
    }

    /// Saves the start of an event that goes on in the next chunk.
    fn keep_torn(&mut self) -> Result<Option<Event>, FrameError> {
        let rest = &self.chunk[self.start..];
        if self.torn.len() + rest.len() > self.max_event_bytes {
            return self.fail();
        }
        if !rest.is_empty() {
            if self.torn.is_empty() {
                // Most often the rest of the event is in the next chunk: make room for it.
                self.torn.reserve(2 * rest.len() + 64);
            }
            self.torn.extend_from_slice(rest);
            self.start = self.chunk.len();
        }
        Ok(None)
    }

    fn fail(&mut self) -> Result<Option<Event>, FrameError> {
        self.failed = true;
        Err(FrameError::too_large(self.max_event_bytes))
    }

    /// How many bytes of byte order mark the current event starts with.
    fn bom(&self) -> usize {
        if !self.at_start {
            return 0;
        }
        let mut head = self.torn.iter().chain(&self.chunk[self.start..]);
        if BOM.iter().all(|byte| head.next() == Some(byte)) {
            BOM.len()
        } else {
            0
        }
    }

    fn is_only_bom(&self, line_end: usize) -> bool {
        self.at_start && self.line == 0 && line_end == BOM.len() && self.bom() == BOM.len()
    }
}

impl Default for Framer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Framer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framer")
            .field("held_bytes", &self.held_bytes())
            .field("max_event_bytes", &self.max_event_bytes)
            .field("failed", &self.failed)
            .finish()
    }
}

#[cfg(test)]
mod tests;
