//! Streamed replies, event by event.
//!
//! Most events pass as the bytes they came in, after a search for the few marks of one that has to
//! be looked at. A mark cannot hide in a text: within a JSON string its quotes would be escaped.

use std::sync::LazyLock;

use bytes::Bytes;
use fw_stream::{Envelope, Event, Flow, Output, StreamEnd, Transform};
use fw_wire::{ApiError, Document, Endpoint, ErrorShape, Usage, Value};
use memchr::memmem::Finder;

use crate::dialect::Dialect;

use super::{
    errors, legacy, plan::ReplyPlan, tool_index::ToolIndexes, typed::TypedEvents,
    usage::UpstreamUsage,
};

static CHOICES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"choices\":[{"));
static TOOL_CALLS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"tool_calls\""));
static FUNCTION_CALL: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new("\"function_call\""));

/// Converts the events of one stream.
#[derive(Debug)]
pub(crate) struct ReplyTransform {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Chat(ChatEvents),
    Typed(TypedEvents),
}

// === impl ReplyTransform ===

impl ReplyTransform {
    /// The transform for a plan that [reads events](ReplyPlan::reads_events), and where it puts the
    /// usage that the client did not ask for.
    pub(crate) fn new(plan: &ReplyPlan) -> (Self, Option<UpstreamUsage>) {
        if matches!(plan.endpoint, Endpoint::Messages | Endpoint::Responses) {
            let kind = Kind::Typed(TypedEvents::new(plan));
            return (Self { kind }, None);
        }
        let hidden = (!plan.client_usage).then(UpstreamUsage::default);
        let events = ChatEvents {
            hidden: hidden.clone(),
            fireworks: plan.dialect == Dialect::Fireworks,
            legacy_functions: plan.legacy_functions,
            shape: plan.shape,
            indexes: ToolIndexes::default(),
            envelope: Envelope::new(),
        };
        (
            Self {
                kind: Kind::Chat(events),
            },
            hidden,
        )
    }
}

impl Transform for ReplyTransform {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        let converted = match (&mut self.kind, event.data()) {
            (_, None) => Converted::Same,
            (Kind::Chat(chat), Some(data)) => chat.convert(event, data),
            (Kind::Typed(typed), Some(data)) => typed.convert(event, data),
        };
        match converted {
            Converted::Same => out.pass(),
            Converted::Data(data) => out.replace(event.with_data(&data)),
            Converted::Event(event) => out.replace(event),
            Converted::Gone => {}
        }
        Flow::Continue
    }

    fn end(&mut self, _end: StreamEnd<'_>, _out: &mut Output<'_>) {}
}

/// What becomes of an event.
pub(crate) enum Converted {
    Same,
    /// Other data in the same event.
    Data(Bytes),
    /// Another event.
    Event(Bytes),
    Gone,
}

/// Chat and text completion chunks.
#[derive(Debug)]
struct ChatEvents {
    /// Where the usage goes that the client did not ask for; `None` if it did.
    hidden: Option<UpstreamUsage>,
    fireworks: bool,
    legacy_functions: bool,
    shape: ErrorShape,
    indexes: ToolIndexes,
    /// Of events that pass as they are.
    envelope: Envelope,
}

// === impl ChatEvents ===

impl ChatEvents {
    fn convert(&mut self, event: &Event, data: &[u8]) -> Converted {
        if self.envelope.holds(event) {
            return Converted::Same;
        }
        if CHOICES.find(data).is_some() && TOOL_CALLS.find(data).is_none() {
            // Only after a tool call can the finish reason be the wrong one.
            let has_function_call = FUNCTION_CALL.find(data).is_some();
            if !has_function_call {
                self.envelope.learn(event);
            }
            if self.indexes.is_empty() || !has_function_call {
                return Converted::Same;
            }
        }
        // What is not JSON, `[DONE]` for one, is not ours to judge.
        let document = event
            .data_bytes()
            .and_then(|data| Document::parse(data).ok());
        let Some(mut document) = document else {
            return Converted::Same;
        };
        let source = document.clone();
        let root = source.root();
        if !root.is_object() {
            return Converted::Same;
        }
        let choices = root.get("choices").filter(|choices| choices.is_array());
        let first = choices.and_then(|choices| choices.index(0));
        if first.is_some() {
            for (i, choice) in choices.into_iter().flat_map(Value::elements).enumerate() {
                self.choice(&mut document, choice.value(), i as u64);
            }
        } else if let Some(error) = root.get("error").filter(|error| !error.is_null()) {
            return self.error(root, error, data);
        } else if self.is_hidden_usage(root) {
            return Converted::Gone;
        } else if choices.is_none() && document.set(root.span(), "choices", "[]").is_err() {
            return Converted::Same;
        }
        if document.is_edited() {
            Converted::Data(document.finish())
        } else {
            Converted::Same
        }
    }

    /// Whether an event without choices is there for usage only, and the client did not ask for it.
    fn is_hidden_usage(&self, root: Value<'_>) -> bool {
        let Some(hidden) = &self.hidden else {
            return false;
        };
        let only_usage = root.members().all(|member| {
            matches!(
                &*member.key(),
                "id" | "object"
                    | "created"
                    | "model"
                    | "choices"
                    | "usage"
                    | "system_fingerprint"
                    | "service_tier"
            )
        });
        let Some(usage) = root.get("usage").and_then(Usage::from_value) else {
            // Nothing in it at all.
            return only_usage && root.get("choices").is_some();
        };
        if only_usage {
            hidden.set(usage);
        }
        only_usage
    }

    /// An error in the stream, in the shape that SDKs raise an exception for.
    fn error(&self, root: Value<'_>, error: Value<'_>, data: &[u8]) -> Converted {
        if errors::has_shape(root, self.shape) {
            return Converted::Same;
        }
        let status = errors::in_band_status(error);
        let error = ApiError::from_upstream(status, Some("application/json"), data);
        Converted::Data(error.to_json(self.shape).into())
    }

    fn choice(&mut self, document: &mut Document, choice: Value<'_>, place: u64) {
        if self.legacy_functions {
            legacy::chunk(document, choice);
            return;
        }
        if !self.fireworks {
            return;
        }
        if let Some(reason) = choice.get("finish_reason")
            && reason.is_str("function_call")
            && !self.indexes.is_empty()
        {
            document.replace_text(reason.span(), "tool_calls");
        }
        let calls = choice
            .get("delta")
            .and_then(|delta| delta.get("tool_calls"));
        let Some(calls) = calls else { return };
        let number = choice
            .get("index")
            .and_then(|index| index.as_u64())
            .unwrap_or(place);
        for call in calls.elements() {
            let call = call.value();
            let function = call.get("function");
            let name = function.and_then(|function| function.get("name"));
            let has_name = name.is_some_and(|name| name.is_string() && !name.is_str(""));
            let said = call.get("index").and_then(|index| index.as_u64());
            let id = call.get("id").and_then(|id| id.as_str());
            let index = self.indexes.index(number, said, id.as_deref(), has_name);
            if said.is_none() {
                // Cannot fail: the span is this object's.
                let _ = document.set(call.span(), "index", index.to_string());
            }
            let arguments = function.and_then(|function| function.get("arguments"));
            if let Some(arguments) = arguments
                && (arguments.is_object() || arguments.is_array())
            {
                document.replace_text(arguments.span(), arguments.raw());
            }
        }
    }
}
