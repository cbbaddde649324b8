//! Text filters on the events of a stream.

mod ends;
mod open;
mod split;
mod take;
mod whole;

use std::fmt;
use std::ops::Range;

use fw_wire::{ApiError, Endpoint, ErrorShape};

use self::open::Open;
use crate::channel::Channel;
use crate::channels::{Call, Close, Key, Reading};
use crate::event::Event;
use crate::filter::{Edits, TextFilter};
use crate::hold::{Piece, Queue};
use crate::template::Templates;
use crate::transform::{Flow, Output, StreamEnd, Transform};

/// More calls than this are not told apart by their ids.
const MAX_CALLS: usize = 256;

/// Makes a [`TextFilter`] for each channel of a reply.
///
/// Closures are `Filters`: `|channel: &Channel| Some(MyFilter::new())`.
pub trait Filters {
    /// What looks at one channel.
    type Filter: TextFilter;

    /// The filter of a channel that has just begun, or of one text that stands by itself. `None` lets its
    /// text pass.
    fn filter(&mut self, channel: &Channel) -> Option<Self::Filter>;
}

impl<M, F> Filters for M
where
    M: FnMut(&Channel) -> Option<F>,
    F: TextFilter,
{
    type Filter = F;

    fn filter(&mut self, channel: &Channel) -> Option<F> {
        self(channel)
    }
}

/// What happens to an event that cannot be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FailMode {
    /// The stream ends with an error event.
    #[default]
    Closed,
    /// The event passes as it is.
    Open,
}

/// Runs the text of a streamed reply through filters, one per channel.
pub struct FilterText<M: Filters> {
    endpoint: Endpoint,
    make: M,
    fail_mode: FailMode,
    max_held_events: usize,
    max_held_bytes: usize,
    split_from: usize,
    channels: Vec<Open<M::Filter>>,
    next_id: u32,
    /// The channel of the last piece. While it stays the same, no other one ends.
    last: Option<Key>,
    calls: Vec<Call>,
    queue: Queue,
    templates: Templates,
    /// Memory to read events with, while they have to be read.
    reading: Option<Box<Reading>>,
    edits: Edits,
    text: String,
    over: bool,
}

/// Why a stream cannot go on.
enum Fault {
    /// A filter says so.
    Stopped(Box<ApiError>),
    /// An event is no JSON.
    Unreadable,
    /// More waits than may.
    Stalled,
}

impl From<Box<ApiError>> for Fault {
    fn from(error: Box<ApiError>) -> Self {
        Self::Stopped(error)
    }
}

// === impl FilterText ===

impl<M: Filters> FilterText<M> {
    /// Filters a stream of `endpoint`.
    pub fn new(endpoint: Endpoint, make: M) -> Self {
        Self {
            endpoint,
            make,
            fail_mode: FailMode::Closed,
            max_held_events: 64,
            max_held_bytes: 4 << 20,
            split_from: 24,
            channels: Vec::new(),
            next_id: 0,
            last: None,
            calls: Vec::new(),
            queue: Queue::default(),
            templates: Templates::default(),
            reading: None,
            edits: Edits::new(),
            text: String::new(),
            over: false,
        }
    }

    /// What happens to an event that cannot be looked at, because it is no readable JSON, and to a stream
    /// of which more waits than may. [`FailMode::Closed`] by default.
    #[must_use]
    pub fn fail_mode(mut self, fail_mode: FailMode) -> Self {
        self.fail_mode = fail_mode;
        self
    }

    /// How many events may wait before those of other choices overtake them, 64 by default.
    #[must_use]
    pub fn max_held_events(mut self, limit: usize) -> Self {
        self.max_held_events = limit;
        self
    }

    /// How many bytes of events may wait at all, 4 MiB by default.
    ///
    /// A stream that passes this limit ends with an error if the [fail mode](Self::fail_mode) is closed.
    /// If it is open, the filters are told that their text ends here, and begin anew.
    #[must_use]
    pub fn max_held_bytes(mut self, limit: usize) -> Self {
        self.max_held_bytes = limit;
        self
    }

    /// How many bytes of an event's text have to be settled for them to leave at once, in an event of their
    /// own, while the rest waits. 24 by default, which is some words; `usize::MAX` never splits an event.
    #[must_use]
    pub fn split_from(mut self, bytes: usize) -> Self {
        self.split_from = bytes;
        self
    }

    #[inline]
    fn open(&mut self, key: Key) -> usize {
        if let Some(index) = self.channels.iter().position(|open| open.key == key) {
            return index;
        }
        let filter = self.make.filter(&key.channel);
        self.next_id = self.next_id.wrapping_add(1);
        self.channels.reserve_exact(1);
        self.channels.push(Open::new(self.next_id, key, filter));
        self.channels.len() - 1
    }

    /// Adds a piece to a channel and to the event that is being looked at.
    #[inline]
    fn append(&mut self, index: usize, text: &str, place: Range<usize>) {
        let Some(open) = self.channels.get_mut(index) else {
            return;
        };
        let range = open.append(text);
        self.queue.push_piece(Piece {
            channel: open.id,
            start: range.start,
            end: range.end,
            // An event is smaller than 4 GiB.
            raw: (place.start as u32, place.end as u32),
            settled: false,
        });
    }

    #[inline]
    fn scan(&mut self, index: usize, end: bool, current: &[u8]) -> Result<(), Fault> {
        let Some(open) = self.channels.get_mut(index) else {
            return Ok(());
        };
        let (id, queue) = (open.id, &mut self.queue);
        let settled = open.scan(end, &mut self.edits, |range, with| {
            queue.edit(id, range, with, current);
        })?;
        self.queue.settle(id, settled);
        Ok(())
    }

    /// Sees to it that not too much waits.
    #[inline]
    fn bound(&mut self, out: &mut Output<'_>) -> Result<(), Fault> {
        if self.queue.len() > self.max_held_events {
            self.queue.overtake(out);
        }
        if self.queue.bytes() > self.max_held_bytes {
            if self.fail_mode == FailMode::Closed {
                return Err(Fault::Stalled);
            }
            self.flush(out)?;
        }
        Ok(())
    }

    /// Ends all channels and lets everything leave.
    fn flush(&mut self, out: &mut Output<'_>) -> Result<(), Fault> {
        self.close(Close::All)?;
        self.queue.release(None, out);
        Ok(())
    }

    /// Tells the client that the stream cannot go on.
    fn stop(&mut self, fault: Fault, out: &mut Output<'_>) {
        self.over = true;
        let fault = match fault {
            // What was said before the event that cannot be read is as good as any.
            Fault::Unreadable => self.flush(out).err().unwrap_or(Fault::Unreadable),
            fault => fault,
        };
        let error = match fault {
            Fault::Stopped(error) => *error,
            Fault::Unreadable => {
                ApiError::upstream("The upstream sent an event that is not valid JSON.")
                    .code("unreadable_event")
            }
            Fault::Stalled => ApiError::upstream(format!(
                "The reply was held back for a decision until {} bytes were waiting, the limit.",
                self.max_held_bytes
            ))
            .code("held_too_long"),
        };
        self.queue.clear();
        self.channels.clear();
        let shape = ErrorShape::for_endpoint(self.endpoint);
        out.replace(error.to_sse_event_numbered(shape, self.queue.sent()));
    }
}

impl<M: Filters> Transform for FilterText<M> {
    #[inline]
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        if self.over {
            return Flow::End;
        }
        match self.take(event, out) {
            Ok(()) => Flow::Continue,
            Err(fault) => {
                self.stop(fault, out);
                Flow::End
            }
        }
    }

    fn end(&mut self, _end: StreamEnd<'_>, out: &mut Output<'_>) {
        if self.over {
            return;
        }
        if let Err(fault) = self.flush(out) {
            self.stop(fault, out);
            out.settle();
        }
    }
}

impl<M: Filters> fmt::Debug for FilterText<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterText")
            .field("endpoint", &self.endpoint)
            .field("channels", &self.channels.len())
            .field("held_events", &self.queue.len())
            .field("held_bytes", &self.queue.bytes())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
