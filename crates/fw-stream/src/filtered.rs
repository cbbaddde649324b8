//! Text filters on the events of a stream.

mod beside;
mod ends;
mod open;
mod split;
mod take;
mod whole;

use std::fmt;
use std::ops::Range;

use fw_wire::{ApiError, Endpoint, ErrorShape};

use self::ends::Ends;
use self::open::Open;
use crate::channel::Channel;
use crate::channels::{Close, Key, Reading};
use crate::event::Event;
use crate::filter::{Edits, TextFilter};
use crate::hold::{Piece, Queue};
use crate::template::Templates;
use crate::transform::{Flow, Output, StreamEnd, Transform};

/// More channels than this are not kept apart: each takes time with every event. Fireworks allows 128
/// choices per prompt, and each may have its text and its tokens.
const MAX_CHANNELS: usize = 1024;

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

/// Runs the text of a streamed reply through filters, one per [`Channel`].
///
/// ```
/// use bytes::Bytes;
/// use fw_stream::{Channel, Edits, FilterText, Scan, StreamBody, TextFilter, Window};
/// use fw_wire::Endpoint;
/// use http_body_util::{BodyExt, Full};
///
/// /// Writes `#` for each digit.
/// struct HideDigits;
///
/// impl TextFilter for HideDigits {
///     fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
///         let text = window.text();
///         for (at, _) in text.match_indices(|c: char| c.is_ascii_digit()) {
///             if at >= window.start() {
///                 edits.replace(at..at + 1, "#");
///             }
///         }
///         Scan::Settled(text.len())
///     }
/// }
///
/// # tokio_test::block_on(async {
/// let upstream = Full::new(Bytes::from_static(
///     b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"room 12\"}}]}\n\ndata: [DONE]\n\n",
/// ));
/// let filter = FilterText::new(Endpoint::ChatCompletions, |_: &Channel| Some(HideDigits));
/// let text = StreamBody::new(upstream, filter).collect().await?.to_bytes();
/// assert_eq!(
///     text,
///     "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"room ##\"}}]}\n\ndata: [DONE]\n\n",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// # What is filtered
///
/// Every text field that [`fw_wire::text_fields`] finds in an event. Deltas are pieces of a channel, whose
/// filter sees them as one text. All else is a text by itself and seen by a filter of its own: the `.done`
/// and `.completed` events of Responses, citations, raw output, and whatever is new. Tool arguments are
/// seen as [`JsonText`](crate::JsonText) shows them, and stay JSON; also where they come as an object, which
/// is one text.
///
/// # What waits, and for how long
///
/// An event whose text is not settled waits. It leaves with the bytes it came in, unless something in it
/// was replaced. A replacement goes into the event where the replaced text began, and the rest of that text
/// is taken out of the events after it. Of a large delta only what is not settled
/// [waits](Self::split_from).
///
/// Events stay in order. Comments and pings do not wait. If too many events wait for one choice of several,
/// those of the others [overtake](Self::max_held_events) them.
///
/// A channel ends, and what waits of it leaves, when its choice, block or item is finished, when its choice
/// goes on with another text (after reasoning comes content, after one call the next), at `[DONE]`, and
/// however the stream ends. Text that comes later still is a new channel. Only JSON that is not complete
/// goes on after the text of others: some servers send calls by turns.
///
/// Some servers finish a choice with every piece of its text. So an event that has text and a finish reason
/// waits for the next event, which is `[DONE]`, or usage, or more of the same text. Once a choice has gone
/// on after it was finished, finish reasons end nothing in this stream.
///
/// # What else an edit changes
///
/// Log probabilities and token ids spell the text once more. In the choice, item or event that an edit is
/// in, `logprobs` becomes `null` (`[]` on Responses) and token ids become `null`. Tokens are a channel of
/// their own as well. Alternative tokens are not looked at: they go with the tokens.
///
/// Beside its data an event keeps its name and its id if they are short plain words, and comments that are
/// a few words. Other comments become empty, other lines are left out. (A block without data, which clients
/// ignore, keeps its unknown fields.) Data that begins with `[DONE]` becomes `[DONE]`, which is what the SDKs
/// take it for.
///
/// If a key comes twice in an object, clients differ in which one they read. The last one is filtered, and
/// the text of the others is emptied.
///
/// # When something is wrong
///
/// | what happened | what the client gets |
/// |---|---|
/// | a filter [stops](crate::Scan::Stop) | nothing of what waited; the filter's error as an error event; the end |
/// | an event is not JSON | what the filters make of the text so far; an error event; the end. If [open](FailMode::Open): the event |
/// | the stream stopped within an event that is not JSON | not that event |
/// | more waits than [may](Self::max_held_bytes) | nothing of what waited; an error event; the end |
/// | more than 1024 texts go on at once | nothing of what waited; an error event; the end. If [open](FailMode::Open): the filters begin anew |
/// | the upstream fails | what the filters make of the text so far, and the failure |
///
/// To tell the client of failures in the stream, put [`ReportErrors`](crate::ReportErrors) after it:
/// `(filter_text, report_errors)`.
///
/// # Cost
///
/// Nanoseconds per event of 250 bytes beyond those of [`Identity`](crate::Identity), with a filter that
/// does next to nothing, measured as in the [crate documentation](crate#cost). Repeat with
/// `cargo bench -p fw-stream --bench filter`.
///
/// | | 1 per chunk | 8 per chunk |
/// |---|---|---|
/// | all text is settled at once | 64 | 78 |
/// | the last word waits for the next event | 81 | 118 |
/// | the same, with escapes in the text | 101 | 138 |
/// | the same, eight words in each event, so that each is split | 374 | 404 |
/// | events that differ in more than their text | 1310 | 1340 |
///
/// An event that differs from one before only in its text (and in the `sequence_number` of Responses) is
/// not read again; that is what the last row lacks. With one event in a chunk, a clean event takes no
/// allocation, also if it waits. A stream that waits keeps less than 1 KiB beside the event.
/// `tests/filter_allocations.rs` counts them.
///
/// # Caveats
///
/// - Text that a model spreads over reasoning and content, by turns, is not seen as one text. The same goes
///   for text that a server spreads over a `delta` and a `message`, or over content parts of changing types.
/// - Nor is text that is spread over several blocks or items, as Messages does to put citations between.
/// - A clean event that waited may leave in two, if it was split. Both have the envelope of the one.
/// - Of a filter's edits those count that begin before the place up to which it says the text is settled.
pub struct FilterText<M: Filters> {
    endpoint: Endpoint,
    make: M,
    fail_mode: FailMode,
    max_held_events: u32,
    max_held_bytes: usize,
    split_from: u32,
    channels: Vec<Open<M::Filter>>,
    next_id: u32,
    /// The channel of the last piece. While it stays the same, no other one ends.
    last: Option<Key>,
    /// What is known about the ends of texts, once something is.
    ends: Option<Box<Ends>>,
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
    /// More texts go on at once than may.
    Crowded,
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
            ends: None,
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
        self.max_held_events = u32::try_from(limit).unwrap_or(u32::MAX);
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
        self.split_from = u32::try_from(bytes).unwrap_or(u32::MAX);
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
        let id = open.id;
        let mut editor = self.queue.editor(id, current);
        let settled = open.scan(end, &mut self.edits, |range, with| {
            editor.edit(range, with);
        })?;
        self.queue.settle(id, settled);
        Ok(())
    }

    /// Sees to it that not too much waits.
    #[inline]
    fn bound(&mut self, out: &mut Output<'_>) -> Result<(), Fault> {
        // What waits for its choice to go on must not keep the others waiting.
        let is_long = self.queue.len() > self.max_held_events as usize;
        if is_long || (self.is_finishing() && !self.queue.is_empty()) {
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
            Fault::Crowded => ApiError::upstream(format!(
                "The upstream sent more than {MAX_CHANNELS} texts at once, the limit."
            ))
            .code("too_many_texts"),
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
