//! What happens to events on their way through.

use std::error::Error;
use std::fmt;

use bytes::Bytes;

use crate::error::FrameError;
use crate::event::Event;
use crate::framer::Framer;

/// A change made to a stream of events, one event at a time.
///
/// A transform is synchronous and does no input or output. A [`StreamBody`](crate::StreamBody) calls
/// it from its `poll_frame`: [`event`](Self::event) for each block of the stream in order, and then
/// [`end`](Self::end) once. A body that is dropped early calls neither again, so a transform that has
/// to settle something does that when it is dropped.
///
/// ```
/// use fw_stream::{Event, Flow, Output, StreamEnd, Transform};
///
/// /// Leaves out keep-alive comments.
/// struct NoComments;
///
/// impl Transform for NoComments {
///     fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
///         if !event.is_comment() {
///             out.pass();
///         }
///         Flow::Continue
///     }
///
///     fn end(&mut self, _end: StreamEnd<'_>, _out: &mut Output<'_>) {}
/// }
/// ```
///
/// Transforms compose as tuples: `(a, b)` gives what `a` lets through or writes to `b`. `Option<T>`
/// switches a transform on or off, `Box<dyn Transform>` chooses one at run time.
///
/// A transform may hold text back by keeping it and writing it later, from a later event or from
/// `end`. Whatever it keeps it has to bound by itself.
pub trait Transform {
    /// Takes one block of the stream. What is not passed on is left out.
    ///
    /// The last block may be [unterminated](Event::is_terminated): the stream stopped within it.
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow;

    /// The stream is over, for the reason given. Called once; the last chance to write.
    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>);
}

/// Whether a stream goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Flow {
    /// Go on with the next event.
    Continue,
    /// End the stream after what has been written: the upstream body is dropped, [`Transform::end`]
    /// is called with [`StreamEnd::Stopped`].
    End,
}

/// Why a stream is over.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StreamEnd<'a> {
    /// The upstream body ended without an error. Whether the reply was whole is another question.
    Finished,
    /// The upstream body failed.
    Failed(&'a (dyn Error + 'static)),
    /// An event was larger than the limit.
    TooLarge(&'a FrameError),
    /// A transform returned [`Flow::End`].
    Stopped,
}

/// Where a [`Transform`] writes to.
pub struct Output<'a> {
    event: Option<&'a Event>,
    sink: &'a mut dyn Sink,
}

impl<'a> Output<'a> {
    pub(crate) fn new(event: Option<&'a Event>, sink: &'a mut dyn Sink) -> Self {
        Self { event, sink }
    }

    /// Lets the event through with the bytes it came in, and without a copy.
    ///
    /// Does nothing if the event was passed or replaced already, or at the end of the stream.
    #[inline]
    pub fn pass(&mut self) {
        if let Some(event) = self.event.take() {
            self.sink.pass(event);
        }
    }

    /// Writes `events` in place of the event.
    ///
    /// `events` has to be whole events, each with its blank line, as
    /// [`Event::with_data`] and [`encode_event`](crate::encode_event) make them.
    pub fn replace(&mut self, events: impl Into<Bytes>) {
        self.event = None;
        self.insert(events);
    }

    /// Writes whole `events` here: before the event if called before [`pass`](Self::pass), else after.
    ///
    /// If the stream stopped within an event and that rest was passed on, a blank line is written
    /// first, so that the two cannot merge into one event.
    pub fn insert(&mut self, events: impl Into<Bytes>) {
        let events = events.into();
        if !events.is_empty() {
            self.sink.write(events);
        }
    }

    /// Writes an event here that was kept: as [`insert`](Self::insert) of its bytes, but without reading
    /// or copying them once more.
    #[inline]
    pub(crate) fn insert_event(&mut self, event: &Event) {
        self.sink.pass(event);
    }

    /// An output to which `event` is the one that may be passed.
    pub(crate) fn instead<'b>(&'b mut self, event: &'b Event) -> Output<'b> {
        self.event = None;
        Output::new(Some(event), self.sink)
    }

    /// Says that the client has been told of the failure in the stream itself.
    ///
    /// Called from [`Transform::end`], it makes the body end without an error. Otherwise the error of
    /// the upstream body, or of an event that was too large, is the error of the body.
    pub fn settle(&mut self) {
        self.sink.settle();
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// What stands behind an [`Output`]: the frame being put together, or the next transform.
pub(crate) trait Sink {
    fn pass(&mut self, event: &Event);
    fn write(&mut self, events: Bytes);
    fn settle(&mut self);
}

/// Lets every event through.
///
/// A [`StreamBody`](crate::StreamBody) with it gives exactly the bytes of its inner body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl Transform for Identity {
    #[inline]
    fn event(&mut self, _event: &Event, out: &mut Output<'_>) -> Flow {
        out.pass();
        Flow::Continue
    }

    fn end(&mut self, _end: StreamEnd<'_>, _out: &mut Output<'_>) {}
}

/// One after the other: the second sees what the first passes on and writes.
///
/// When the first ends the stream, the second is told with [`StreamEnd::Stopped`], and the other way
/// round.
impl<A: Transform, B: Transform> Transform for (A, B) {
    #[inline]
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        let mut next = Next::new(&mut self.1, out.sink);
        let first = self
            .0
            .event(event, &mut Output::new(Some(event), &mut next));
        // It was for the second to pass the event on.
        out.event = None;
        match (first, next.flow) {
            (Flow::Continue, Flow::Continue) => Flow::Continue,
            _ => Flow::End,
        }
    }

    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>) {
        let mut next = Next::new(&mut self.1, out.sink);
        self.0.end(end, &mut Output::new(None, &mut next));
        self.1.end(end, &mut Output::new(None, out.sink));
    }
}

/// Hands the output of one transform to the next.
struct Next<'a, T> {
    transform: &'a mut T,
    sink: &'a mut dyn Sink,
    flow: Flow,
}

impl<'a, T> Next<'a, T> {
    fn new(transform: &'a mut T, sink: &'a mut dyn Sink) -> Self {
        Self {
            transform,
            sink,
            flow: Flow::Continue,
        }
    }
}

impl<T: Transform> Sink for Next<'_, T> {
    #[inline]
    fn pass(&mut self, event: &Event) {
        if self.flow == Flow::Continue {
            self.flow = self
                .transform
                .event(event, &mut Output::new(Some(event), self.sink));
        }
    }

    fn write(&mut self, events: Bytes) {
        // These bytes are our own: they are as large as a transform made them.
        let mut framer = Framer::new().max_event_bytes(usize::MAX);
        framer.push(events);
        while let Ok(Some(event)) = framer.next_event() {
            self.pass(&event);
        }
        if let Some(rest) = framer.finish() {
            self.pass(&rest);
        }
    }

    fn settle(&mut self) {
        self.sink.settle();
    }
}

/// `None` lets every event through.
impl<T: Transform> Transform for Option<T> {
    #[inline]
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        match self {
            Some(transform) => transform.event(event, out),
            None => Identity.event(event, out),
        }
    }

    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>) {
        if let Some(transform) = self {
            transform.end(end, out);
        }
    }
}

impl<T: Transform + ?Sized> Transform for Box<T> {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        (**self).event(event, out)
    }

    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>) {
        (**self).end(end, out);
    }
}

impl<T: Transform + ?Sized> Transform for &mut T {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        (**self).event(event, out)
    }

    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>) {
        (**self).end(end, out);
    }
}

#[cfg(test)]
mod tests;
