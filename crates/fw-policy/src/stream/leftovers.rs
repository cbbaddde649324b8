//! What an event says beside the text of its channels.

use bytes::Bytes;
use fw_stream::{
    Channel, Event, Filters, Flow, Output, StreamEnd, Transform, without_lone_surrogates,
};
use fw_wire::{ApiError, Document, Endpoint, ErrorShape};

use super::{ChannelFilters, search::Search};
use crate::{Texts, error};

/// Looks at what an event says beside the text of its channels: the alternatives and bytes of log
/// probabilities, and what is said about an error. Each is a whole text, and so is an event that is none of
/// the endpoint's.
///
/// It comes after the channels, and so sees what they let through.
#[derive(Debug)]
pub(crate) struct Leftovers {
    endpoint: Endpoint,
    filters: ChannelFilters,
    /// Most events have none of it, and are only searched.
    search: Search,
    is_open: bool,
    /// The stream was stopped from here.
    said: bool,
    /// Events with data that were passed on: what the next one of Responses has as its number.
    sent: u64,
}

// === impl Leftovers ===

impl Leftovers {
    pub(super) fn new(endpoint: Endpoint, filters: ChannelFilters, is_open: bool) -> Self {
        Self {
            endpoint,
            filters,
            search: Search::new(endpoint),
            is_open,
            said: false,
            sent: 0,
        }
    }

    /// The event's data after the policies, if it changed.
    fn run(&mut self, event: &Event) -> Result<Option<Bytes>, Box<ApiError>> {
        let Some(data) = event.data_bytes() else {
            return self.unreadable(is_strange(event));
        };
        let trimmed = data.trim_ascii();
        if trimmed.is_empty() || trimmed == b"[DONE]" {
            return Ok(None);
        }
        let Some(document) = read(data) else {
            return self.unreadable(true);
        };
        let mut texts = Texts::leftovers(self.endpoint, event.name(), &document);
        let changed = texts.filter(|text| {
            let channel = Channel::new(self.endpoint, text.kind()).json(text.is_json());
            self.filters.filter(&channel)
        })?;
        Ok(changed.then(|| texts.finish()))
    }

    /// What cannot be read passes only if everything does.
    fn unreadable(&self, may_say_something: bool) -> Result<Option<Bytes>, Box<ApiError>> {
        if may_say_something && !self.is_open {
            return Err(Box::new(error::unreadable_stream()));
        }
        Ok(None)
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
        let result = if self.search.may_have_any(event) {
            self.run(event)
        } else {
            Ok(None)
        };
        match result {
            Ok(None) => out.pass(),
            Ok(Some(data)) => out.replace(event.with_data(&data)),
            Err(error) => {
                self.said = true;
                let shape = ErrorShape::for_endpoint(self.endpoint);
                out.replace(error.to_sse_event_numbered(shape, self.sent));
                return Flow::End;
            }
        }
        self.sent += u64::from(event.data().is_some());
        Flow::Continue
    }

    fn end(&mut self, _: StreamEnd<'_>, _: &mut Output<'_>) {}
}

/// Servers that cut a text within a character write half of it, which is no JSON by the letter.
fn read(data: Bytes) -> Option<Document> {
    Document::parse(data.clone())
        .or_else(|_| Document::parse(without_lone_surrogates(&data).unwrap_or_default()))
        .ok()
}

/// Whether a block is none of a stream of events, such as JSON that only says that it is one. Clients that
/// follow the standard ignore it, but its text is there.
fn is_strange(event: &Event) -> bool {
    let is_known = |name: &[u8]| matches!(name, b"event" | b"id" | b"retry");
    event.fields().any(|field| !is_known(field.name()))
}
