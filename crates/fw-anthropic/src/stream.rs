//! A stream of chat chunks becomes a stream of Messages events.

mod blocks;
mod calls;
mod json_end;
mod refrain;
mod writer;

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use fw_stream::{Event, Flow, Output, StreamEnd, Transform, reply_error, without_lone_surrogates};
use fw_wire::{ApiError, UsageMeter, Value};

use crate::{config, error, ids, message};

use self::{
    blocks::{Blocks, Content, TooMuch},
    calls::CallDelta,
    refrain::Refrain,
    writer::Writer,
};

/// Converts the chunks of a chat completion to the events of a Messages stream.
///
/// It is a [`Transform`] for a [`StreamBody`](fw_stream::StreamBody). The events are those of
/// Anthropic's documentation ("Streaming messages"), each with its `event:` line, which SDKs insist on:
///
/// - `message_start` with the first choice, then a `ping`; comments of the upstream, which keep a
///   connection alive, become `ping` as well.
/// - One content block at a time, in order of appearance: `thinking` for `reasoning_content` (or
///   `reasoning`), `text` for `content` and `refusal`, `tool_use` for tool calls. A tool call begins when
///   its name is known. Where servers mix the arguments of several calls, the later ones wait until the
///   first is complete; so does text. What waits is bounded by [`max_held_bytes`](Self::max_held_bytes).
/// - `message_delta` with stop reason and usage, and `message_stop`, when the upstream says `[DONE]`,
///   sends its usage after the finish reason, or ends. Usage is understood in all layouts: in the choice, in the
///   last chunk, in an extra one, or nowhere.
/// - A failure becomes one `event: error`, and nothing after it: an error in the upstream's stream, a
///   stream that breaks off, an event that is no JSON. A stream without a finish reason and without
///   `[DONE]` has broken off, however clean its end looks.
///
/// Only the first choice is read: a Messages reply has one.
///
/// ```
/// use bytes::Bytes;
/// use fw_anthropic::MessageStream;
/// use fw_stream::StreamBody;
/// use http_body_util::{BodyExt, Full};
///
/// # tokio_test::block_on(async {
/// let chat = concat!(
///     "data: {\"id\":\"chatcmpl-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n",
///     "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n",
///     "data: [DONE]\n\n",
/// );
/// let body = StreamBody::new(Full::new(Bytes::from(chat)), MessageStream::new());
/// let events = body.collect().await?.to_bytes();
/// let events = String::from_utf8(events.to_vec())?;
/// let names: Vec<_> = events.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
/// assert_eq!(
///     names,
///     [
///         "message_start", "ping", "content_block_start", "content_block_delta",
///         "content_block_stop", "message_delta", "message_stop",
///     ],
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct MessageStream {
    state: State,
    writer: Writer,
    blocks: Blocks,
    usage: UsageMeter,
    finish_reason: Option<Box<str>>,
    refused: bool,
    refrain: Refrain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing was written.
    Waiting,
    Started,
    /// `message_stop` was written.
    Complete,
    /// An error was written.
    Failed,
}

// === impl MessageStream ===

impl MessageStream {
    /// At the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: State::Waiting,
            writer: Writer::new(),
            blocks: Blocks::new(config::DEFAULT_MAX_HELD_BYTES),
            usage: UsageMeter::new(),
            finish_reason: None,
            refused: false,
            refrain: Refrain::new(),
        }
    }

    /// Most bytes of tool calls and text that wait for an earlier tool call, by default
    /// [1 MiB](crate::DEFAULT_MAX_HELD_BYTES). More ends the stream with an error.
    #[must_use]
    pub fn max_held_bytes(mut self, bytes: usize) -> Self {
        self.blocks.set_max_held(bytes);
        self
    }

    /// The whole stream for a reply that came in one piece, although a stream was asked for.
    pub(crate) fn of_reply(reply: &Bytes) -> Result<Bytes, ApiError> {
        message::read(reply, |reply, _| {
            let mut stream = Self::new().max_held_bytes(usize::MAX);
            stream.chunk(reply)?;
            stream.complete();
            Ok(stream.writer.take())
        })
    }

    fn read(&mut self, event: &Event) -> Result<(), ApiError> {
        if event.is_done() {
            self.complete();
            return Ok(());
        }
        let data = event.data().filter(|data| !data.trim_ascii().is_empty());
        let Some(data) = data else {
            // Some servers send events with nothing in them instead.
            if event.is_comment() || event.data().is_some() {
                match self.state {
                    State::Started => self.writer.ping(),
                    // A ping has no place before the start.
                    _ => self.writer.comment(),
                }
            }
            return Ok(());
        };
        if self.state == State::Started
            && let Some((content, text)) = self.refrain.text(data)
        {
            let held = self.blocks.text(content, text, &mut self.writer);
            return held.map_err(|TooMuch| error::too_much_held());
        }
        if let Ok(value) = Value::parse(data) {
            self.chunk(value)?;
            self.refrain.learn(data, value);
            return Ok(());
        }
        // Some servers cut text between the two halves of a character.
        let repaired = without_lone_surrogates(data);
        match repaired.as_deref().map(Value::parse) {
            Some(Ok(value)) => self.chunk(value),
            // The rest of a stream that broke off; its end says so.
            _ if !event.is_terminated() => Ok(()),
            _ => Err(error::unreadable_event()),
        }
    }

    fn chunk(&mut self, chunk: Value<'_>) -> Result<(), ApiError> {
        let [model, choices, usage, error, kind] =
            chunk.get_many(["model", "choices", "usage", "error", "type"]);
        if message::has_failed(error, None) || kind.is_some_and(|kind| kind.is_str("error")) {
            return Err(message::failure(chunk));
        }
        let has_usage = self.observe(usage);
        let mut is_empty = true;
        for choice in choices.into_iter().flat_map(Value::elements) {
            is_empty = false;
            let choice = choice.value();
            let [index, delta, message, finish_reason, error, usage] = choice.get_many([
                "index",
                "delta",
                "message",
                "finish_reason",
                "error",
                "usage",
            ]);
            if index.and_then(Value::as_u64).unwrap_or(0) != 0 {
                continue;
            }
            if message::has_failed(error, finish_reason) {
                return Err(message::failure(choice));
            }
            if self.state == State::Waiting {
                self.start(ids::of_reply(chunk), model.and_then(Value::as_str));
            }
            // Where one provider says it.
            self.observe(usage);
            if let Some(delta) = delta.filter(|delta| delta.is_object()).or(message) {
                self.delta(delta)
                    .map_err(|TooMuch| error::too_much_held())?;
            }
            // Some servers have an empty one in every chunk.
            if let Some(reason) = finish_reason.and_then(Value::as_str)
                && !reason.is_empty()
            {
                self.finish_reason = Some(reason.into());
            }
        }
        // The last chunk, where usage has one of its own.
        if is_empty && has_usage && self.finish_reason.is_some() {
            self.complete();
        }
        Ok(())
    }

    /// Returns whether any usage is said.
    fn observe(&mut self, usage: Option<Value<'_>>) -> bool {
        usage.is_some_and(|usage| self.usage.observe_usage(usage))
    }

    fn start(&mut self, id: Option<String>, model: Option<Cow<'_, str>>) {
        self.state = State::Started;
        self.writer
            .message_start(&ids::message_id(id.as_deref()), &model.unwrap_or_default());
        self.writer.ping();
        self.blocks.set_reply(id);
    }

    fn delta(&mut self, delta: Value<'_>) -> Result<(), TooMuch> {
        let [thinking, reasoning, content, refusal, calls, function_call] = delta.get_many([
            "reasoning_content",
            "reasoning",
            "content",
            "refusal",
            "tool_calls",
            "function_call",
        ]);
        let thinking = thinking
            .filter(|text| message::is_text(*text))
            .or(reasoning);
        self.text(Content::Thinking, thinking)?;
        self.text(Content::Text, content)?;
        for part in content.into_iter().flat_map(Value::elements) {
            let [text, refusal] = part.value().get_many(["text", "refusal"]);
            self.text(Content::Text, text)?;
            self.text(Content::Refusal, refusal)?;
        }
        self.text(Content::Refusal, refusal)?;
        for call in calls.into_iter().flat_map(Value::elements) {
            let call = call_delta(call.value());
            self.blocks.call(&call, &mut self.writer)?;
        }
        if let Some(function) = function_call.filter(|function| function.is_object()) {
            // From before there were several calls.
            let call = CallDelta {
                index: Some(0),
                ..function_delta(Some(function))
            };
            self.blocks.call(&call, &mut self.writer)?;
        }
        Ok(())
    }

    fn text(&mut self, content: Content, text: Option<Value<'_>>) -> Result<(), TooMuch> {
        let text = spelt(text);
        self.refused |= content == Content::Refusal && !text.is_empty();
        self.blocks.text(content, text, &mut self.writer)
    }

    /// The reply is whole: writes its end.
    fn complete(&mut self) {
        if self.state == State::Waiting {
            self.start(None, None);
        }
        self.blocks.finish(&mut self.writer);
        let stop_reason = message::ending(
            self.finish_reason.as_deref(),
            self.blocks.has_tool_use(),
            self.refused,
        );
        self.writer
            .message_end(stop_reason, self.usage.usage().as_ref());
        self.state = State::Complete;
    }

    fn fail(&mut self, error: &ApiError) {
        tracing::debug!(
            status = error.status().as_u16(),
            "the provider's stream failed"
        );
        self.writer.error(error);
        self.state = State::Failed;
    }
}

impl Default for MessageStream {
    fn default() -> Self {
        Self::new()
    }
}

impl Transform for MessageStream {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        match self.state {
            // What comes after the end is of no interest.
            State::Complete | State::Failed => return Flow::Continue,
            State::Waiting | State::Started => {}
        }
        let read = self.read(event);
        if let Err(error) = &read {
            self.fail(error);
        }
        out.replace(self.writer.take());
        match read {
            Ok(()) => Flow::Continue,
            Err(_) => Flow::End,
        }
    }

    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>) {
        let is_told = matches!(self.state, State::Complete | State::Failed);
        if !is_told {
            let error = match end {
                // Another transform ended it, and has said why.
                StreamEnd::Stopped => return,
                // Nothing but usage may follow a finish reason.
                _ if self.finish_reason.is_some() => None,
                StreamEnd::Failed(error) => Some(reply_error(error)),
                StreamEnd::TooLarge(error) => Some(error::event_too_large(error.limit())),
                _ => Some(error::stream_broke_off()),
            };
            match error {
                Some(error) => self.fail(&error),
                None => self.complete(),
            }
            out.insert(self.writer.take());
        }
        out.settle();
    }
}

impl fmt::Debug for MessageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageStream")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The contents of a string as spelt; nothing for anything else.
fn spelt<'a>(value: Option<Value<'a>>) -> &'a str {
    let raw = value.filter(|value| value.is_string()).map(Value::raw);
    raw.and_then(|raw| raw.get(1..raw.len() - 1))
        .unwrap_or_default()
}

fn call_delta(call: Value<'_>) -> CallDelta<'_> {
    let [index, id, function] = call.get_many(["index", "id", "function"]);
    CallDelta {
        index: index.and_then(Value::as_u64),
        id: text(id),
        ..function_delta(function)
    }
}

fn function_delta(function: Option<Value<'_>>) -> CallDelta<'_> {
    let [name, arguments] = function.map_or([None; 2], |function| {
        function.get_many(["name", "arguments"])
    });
    // Some servers give the arguments as an object.
    let object = arguments.filter(|arguments| !arguments.is_string() && !arguments.is_null());
    CallDelta {
        name: text(name),
        arguments: object.map_or_else(|| text(arguments), |object| object.raw().into()),
        spelt: object.is_none().then(|| spelt(arguments)),
        ..CallDelta::default()
    }
}

fn text(value: Option<Value<'_>>) -> Cow<'_, str> {
    value.and_then(Value::as_str).unwrap_or_default()
}
