//! The events of Messages and Responses, which say their type.

use std::sync::LazyLock;

use fw_stream::Event;
use fw_wire::{ApiError, Document, Endpoint, ErrorShape, Value};
use http::StatusCode;
use memchr::memmem::Finder;

use crate::{changes::ParamsChanges, dialect::Dialect};

use super::{errors, plan::ReplyPlan, responses, stream::Converted};

/// The key of an error, or the type of its event.
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"error\""));
static USAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"usage\""));
static ARGUMENTS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"arguments\":{"));

/// Converts the events of one stream of Messages or Responses.
#[derive(Debug)]
pub(crate) struct TypedEvents {
    shape: ErrorShape,
    /// Whether responses lack what OpenAI's clients read.
    fireworks_responses: bool,
    /// How many events came before: those of Responses are numbered from 0.
    events: u64,
}

// === impl TypedEvents ===

impl TypedEvents {
    pub(crate) fn new(plan: &ReplyPlan) -> Self {
        Self {
            shape: plan.shape,
            fireworks_responses: plan.endpoint == Endpoint::Responses
                && plan.dialect == Dialect::Fireworks,
            events: 0,
        }
    }

    pub(crate) fn convert(&mut self, event: &Event, data: &[u8]) -> Converted {
        let number = self.events;
        self.events += 1;
        if let Some(error) = self.error(event, data) {
            return Converted::Event(error.to_sse_event_numbered(self.shape, number));
        }
        if self.fireworks_responses {
            response(event, data)
        } else {
            Converted::Same
        }
    }

    /// The error of an event that is not as this surface writes errors. Some SDKs take a stream with such
    /// an event for a whole reply, others lose what it says.
    fn error(&self, event: &Event, data: &[u8]) -> Option<ApiError> {
        let is_named = event.name() == Some("error");
        if !is_named && ERROR.find(data).is_none() {
            return None;
        }
        let unknown = || ApiError::from_upstream(StatusCode::BAD_GATEWAY, None, data);
        let Ok(root) = Value::parse(data) else {
            return is_named.then(unknown);
        };
        if self.is_as_clients_expect(root, is_named) {
            return None;
        }
        let is_error = is_named
            || root.get("type").is_some_and(|kind| kind.is_str("error"))
            || root.get("error").is_some_and(says_something);
        is_error.then(|| ApiError::from_event(root).unwrap_or_else(unknown))
    }

    fn is_as_clients_expect(&self, root: Value<'_>, is_named: bool) -> bool {
        if self.shape == ErrorShape::Anthropic {
            // By its name alone do the SDKs know it.
            return is_named && errors::has_shape(root, self.shape);
        }
        let is_text = |of: Value<'_>| of.get("message").is_some_and(Value::is_string);
        root.get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| match &*kind {
                // OpenAI's documentation has the message at the top, its servers have it below.
                "error" => root
                    .get("error")
                    .filter(|of| !of.is_null())
                    .map_or_else(|| is_text(root), is_text),
                // The failure of a tool's call, for one, is not the stream's.
                kind => kind.starts_with("response."),
            })
    }
}

/// A member that is there for form's sake says nothing.
fn says_something(error: Value<'_>) -> bool {
    if error.is_object() {
        error.members().next().is_some()
    } else {
        error.is_string() && !error.is_str("")
    }
}

/// The events of Responses that hold the whole response say its usage.
fn response(event: &Event, data: &[u8]) -> Converted {
    if USAGE.find(data).is_none() && ARGUMENTS.find(data).is_none() {
        return Converted::Same;
    }
    let document = event
        .data_bytes()
        .and_then(|data| Document::parse(data).ok());
    let Some(mut document) = document else {
        return Converted::Same;
    };
    let source = document.clone();
    if let Some(response) = source.root().get("response") {
        responses::response(&mut document, response, &mut ParamsChanges::default());
    }
    if document.is_edited() {
        Converted::Data(document.finish())
    } else {
        Converted::Same
    }
}
