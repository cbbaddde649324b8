//! What an event says beside the text of its channels.

use fw_stream::{Channel, Event, Filters, Flow, Output, StreamEnd, Transform};
use fw_wire::{ApiError, Document, Endpoint, ErrorShape};
use memchr::memmem::Finder;

use super::ChannelFilters;
use crate::{Texts, error};

/// Looks at what an event says beside the text of its channels: the alternatives and bytes of log
/// probabilities, and what is said about an error. Each is a whole text.
///
/// It comes after the channels, and so sees what they let through.
#[derive(Debug)]
pub(crate) struct Leftovers {
    endpoint: Endpoint,
    filters: ChannelFilters,
    /// Most events have none of it, and are only searched for these.
    logprobs: Finder<'static>,
    error: Finder<'static>,
    is_open: bool,
    /// The stream was stopped from here.
    said: bool,
}

// === impl Leftovers ===

impl Leftovers {
    pub(super) fn new(endpoint: Endpoint, filters: ChannelFilters, is_open: bool) -> Self {
        Self {
            endpoint,
            filters,
            logprobs: Finder::new(b"logprobs\":"),
            error: Finder::new(b"error\""),
            is_open,
            said: false,
        }
    }

    /// The event's data after the policies, if it changed.
    fn run(&mut self, event: &Event) -> Result<Option<bytes::Bytes>, Box<ApiError>> {
        if event.data().is_none() && !self.is_open && is_strange(event) {
            return Err(Box::new(error::unreadable_stream()));
        }
        let Some(document) = event
            .data_bytes()
            .and_then(|data| Document::parse(data).ok())
        else {
            return Ok(None);
        };
        let mut texts = Texts::leftovers(self.endpoint, &document);
        let changed = texts.filter(|text| {
            let channel = Channel::new(self.endpoint, text.kind()).json(text.is_json());
            self.filters.filter(&channel)
        })?;
        Ok(changed.then(|| texts.finish()))
    }
}

impl Transform for Leftovers {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        if self.said {
            // The error was the last word.
            return Flow::End;
        }
        if self.filters.is_stopped() {
            out.pass();
            return Flow::Continue;
        }
        let has_any = event.data().is_none_or(|data| {
            self.logprobs.find(data).is_some() || self.error.find(data).is_some()
        });
        match if has_any { self.run(event) } else { Ok(None) } {
            Ok(None) => out.pass(),
            Ok(Some(data)) => out.replace(event.with_data(&data)),
            Err(error) => {
                self.said = true;
                out.replace(error.to_sse_event(ErrorShape::for_endpoint(self.endpoint)));
                return Flow::End;
            }
        }
        Flow::Continue
    }

    fn end(&mut self, _: StreamEnd<'_>, _: &mut Output<'_>) {}
}

/// Whether a block is none of a stream of events, such as JSON that only says that it is one. Clients that
/// follow the standard ignore it, but its text is there.
fn is_strange(event: &Event) -> bool {
    let is_known = |name: &[u8]| matches!(name, b"event" | b"id" | b"retry");
    event.fields().any(|field| !is_known(field.name()))
}
