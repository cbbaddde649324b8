//! Chat chunks as the events of a response.

mod calls;
mod events;
mod items;

use std::fmt;

use fw_stream::{Event, Flow, Output, StreamEnd, Transform};
use fw_wire::{ApiError, UsageMeter, Value};

use crate::request::ChatRequest;
use crate::response::Response;
use crate::response::chat::{Called, Said, incomplete_reason, too_many_calls};
use crate::response::head::{Ending, Head};
use crate::response::output::FunctionCall;

use self::calls::Calls;
use self::events::Events;
use self::items::{Items, Kind};

/// The largest reply that a [`ResponseStream`] takes unless told otherwise: 16 MiB.
pub const DEFAULT_MAX_STREAM_BYTES: usize = 16 * 1024 * 1024;

const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// What an item or a call costs beside its text, for the limit.
const OVERHEAD: usize = 256;

/// Turns a stream of chat chunks into the stream of a response.
///
/// The events are those of OpenAI's API, each with its `event:` line and a `sequence_number`: `response.created`,
/// `response.in_progress`, the items with their parts and deltas, and at the end one of `response.completed`,
/// `response.incomplete` and `response.failed`. That last event holds the whole response: the same that
/// [`response`](crate::response()) makes of the whole reply.
///
/// - **The end** is told at `[DONE]` or when the stream ends, because token counts may come after the finish reason.
///   A stream that ends without `[DONE]` and without a finish reason has broken off.
/// - **Failures** (the upstream's own error, a broken connection, a reply over the limit) end in `response.failed`,
///   never in `response.completed`.
/// - **Tool calls** may come in fragments that take turns, without an index, with the id or the name in a later
///   fragment, or with repeated ones. One without an id gets one.
/// - **`finished`** is given the response right before its last event is written, so that a client can name it in
///   its next request. It is not called if the client goes away first.
///
/// The reply's text is kept until the end, up to [`max_bytes`](Self::max_bytes).
pub struct ResponseStream<F = Box<dyn FnOnce(Response) + Send>> {
    head: Head,
    items: Items,
    calls: Calls,
    events: Events,
    usage: UsageMeter,
    finish_reason: Option<String>,
    used: usize,
    max_bytes: usize,
    has_begun: bool,
    finished: Option<F>,
}

// === impl ResponseStream ===

impl<F: FnOnce(Response)> ResponseStream<F> {
    /// A stream that answers `request`. `created_at` is in seconds since 1970.
    pub fn new(request: &ChatRequest, id: &str, created_at: u64, finished: F) -> Self {
        Self {
            head: Head::new(request, id, created_at),
            items: Items::default(),
            calls: Calls::default(),
            events: Events::default(),
            usage: UsageMeter::new(),
            finish_reason: None,
            used: 0,
            max_bytes: DEFAULT_MAX_STREAM_BYTES,
            has_begun: false,
            finished: Some(finished),
        }
    }

    /// The most text and arguments that a reply may have, in bytes. A longer one fails.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// The last event was written.
    const fn is_over(&self) -> bool {
        self.finished.is_none()
    }

    fn chunk(&mut self, chunk: Value<'_>) -> Result<(), ApiError> {
        if let Some(error) = ApiError::from_event(chunk) {
            return Err(error);
        }
        let [model, choices] = chunk.get_many(["model", "choices"]);
        if !self.has_begun {
            if let Some(model) = model
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty())
            {
                self.head.model = Some(model.into_owned());
            }
            self.begin();
        }
        self.usage.observe(chunk);
        for choice in choices.into_iter().flat_map(Value::elements) {
            let [index, delta, finish] =
                choice.value().get_many(["index", "delta", "finish_reason"]);
            // Only one was asked for.
            if index.and_then(Value::as_u64).unwrap_or(0) != 0 {
                continue;
            }
            if let Some(delta) = delta.filter(|delta| delta.is_object()) {
                self.delta(Said::read(delta))?;
            }
            if let Some(finish) = finish.and_then(Value::as_str) {
                self.finish_reason = Some(finish.into_owned());
            }
        }
        Ok(())
    }

    fn delta(&mut self, said: Said<'_>) -> Result<(), ApiError> {
        for (kind, text) in [
            (Kind::Reasoning, &said.reasoning),
            (Kind::Content, &said.content),
            (Kind::Refusal, &said.refusal),
        ] {
            if !text.is_empty() {
                self.take_room(text.len())?;
                self.items.text(kind, text, &self.head, &mut self.events);
            }
        }
        for call in &said.calls {
            self.call(call)?;
        }
        Ok(())
    }

    fn call(&mut self, fragment: &Called<'_>) -> Result<(), ApiError> {
        let (id, name, arguments) = (&fragment.id, &fragment.name, &fragment.arguments);
        self.take_room(id.len() + name.len() + arguments.len())?;
        let at = self.calls.fragment(fragment);
        let at = at.map_err(|_| too_many_calls())?;
        match self.calls.get_mut(at) {
            Some(call) => match call.output {
                Some(output) => {
                    self.items
                        .arguments(output, arguments, &self.head, &mut self.events);
                }
                None => call.arguments.push_str(arguments),
            },
            None => return Ok(()),
        }
        self.tell_calls(false);
        Ok(())
    }

    /// Tells of the calls that can be told by now.
    fn tell_calls(&mut self, at_end: bool) {
        while let Some((i, call)) = self.calls.next_to_tell(at_end) {
            let call_id = FunctionCall::new_id(&call.id, &self.items.outputs, &self.head.id, i);
            let name = call.name.clone();
            let arguments = std::mem::take(&mut call.arguments);
            let output = self.items.call(call_id, name, &self.head, &mut self.events);
            call.output = Some(output);
            self.items
                .arguments(output, &arguments, &self.head, &mut self.events);
        }
    }

    fn take_room(&mut self, bytes: usize) -> Result<(), ApiError> {
        let items = self.items.outputs.len().saturating_mul(OVERHEAD);
        self.used = self.used.saturating_add(bytes);
        if self.used.saturating_add(items) <= self.max_bytes {
            return Ok(());
        }
        let limit = self.max_bytes;
        let message = format!("The upstream's reply is larger than {limit} bytes.");
        Err(ApiError::upstream(message).code("response_too_large"))
    }

    fn begin(&mut self) {
        self.has_begun = true;
        for kind in ["response.created", "response.in_progress"] {
            let response = self.head.object(&Ending::NotYet, "[]", None);
            self.events
                .write(kind, |event| event.raw("response", response));
        }
    }

    /// The reply is over and whole, as far as the model wrote it.
    fn complete(&mut self) {
        if !self.has_begun {
            self.begin();
        }
        self.tell_calls(true);
        let reason = incomplete_reason(self.finish_reason.as_deref().unwrap_or_default());
        self.items
            .close_all(reason.is_some(), &self.head, &mut self.events);
        match reason {
            Some(reason) => self.last("response.incomplete", &Ending::Incomplete(reason)),
            None => self.last("response.completed", &Ending::Completed),
        }
    }

    fn fail(&mut self, error: &ApiError) {
        if !self.has_begun {
            self.begin();
        }
        self.last("response.failed", &Ending::Failed(error));
    }

    fn last(&mut self, kind: &str, ending: &Ending<'_>) {
        let Some(finished) = self.finished.take() else {
            return;
        };
        let response = Response::new(&self.head, &self.items.outputs, ending, self.usage.usage());
        let json = response.json().clone();
        finished(response);
        let json = std::str::from_utf8(&json).unwrap_or_default();
        self.events.write(kind, |event| event.raw("response", json));
    }
}

impl<F: FnOnce(Response)> Transform for ResponseStream<F> {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        if event.is_comment() {
            // A keep-alive; in our own words, whose line ends are those of the other events.
            out.replace(KEEP_ALIVE);
            return Flow::Continue;
        }
        if self.is_over() {
            return Flow::Continue;
        }
        let Some(data) = event.data() else {
            return Flow::Continue;
        };
        let read = match Value::parse(data) {
            _ if event.is_done() => {
                self.complete();
                Ok(())
            }
            Ok(chunk) => self.chunk(chunk),
            // What the stream broke off in says nothing; its end will.
            Err(_) if !event.is_terminated() => Ok(()),
            Err(_) => Err(ApiError::upstream(
                "The upstream's stream holds an event that is no JSON.",
            )
            .code("unreadable_event")),
        };
        if let Err(error) = &read {
            self.fail(error);
        }
        out.insert(self.events.take());
        match read {
            Ok(()) => Flow::Continue,
            Err(_) => Flow::End,
        }
    }

    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>) {
        if matches!(end, StreamEnd::Stopped) {
            return;
        }
        // Nobody needs to hear of a failure after the end, or in the last event twice.
        out.settle();
        if self.is_over() {
            return;
        }
        if self.finish_reason.is_some() {
            self.complete();
        } else {
            self.fail(&broken_off(end));
        }
        out.insert(self.events.take());
    }
}

fn broken_off(end: StreamEnd<'_>) -> ApiError {
    let message = match end {
        StreamEnd::Failed(_) => {
            "The upstream connection failed before the reply was complete.".to_owned()
        }
        StreamEnd::TooLarge(error) => format!(
            "The upstream sent an event of more than {} bytes.",
            error.limit()
        ),
        _ => "The upstream ended the stream before the reply was complete.".to_owned(),
    };
    // What OpenAI's clients try again on.
    ApiError::upstream(message).code("server_error")
}

/// Shows how far it is, never what was said.
impl<F> fmt::Debug for ResponseStream<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream")
            .field("id", &self.head.id)
            .field("items", &self.items.outputs.len())
            .field("used", &self.used)
            .field("over", &self.finished.is_none())
            .finish_non_exhaustive()
    }
}
