//! What the events of each endpoint mean: content, finish reasons, errors, the end.

use std::fmt;

use fw_wire::{Endpoint, Value};

use crate::event::Event;
use crate::signals::is_last_type;

/// More choices than this are not told apart. Fireworks allows `n` up to 128 per prompt.
const MAX_CHOICES: usize = 1024;

/// Why a model stopped, as the upstream said it.
///
/// A closed list, so that it can serve as a metric's label: a word that is not on it is
/// [`Other`](Self::Other).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FinishReason {
    /// `stop`: the end of the answer or a stop sequence.
    Stop,
    /// `length`: the token limit.
    Length,
    /// `tool_calls`.
    ToolCalls,
    /// `function_call`, the older form of `tool_calls`.
    FunctionCall,
    /// `content_filter`.
    ContentFilter,
    /// `error`, seen on text completions.
    Error,
    /// Messages: `end_turn`.
    EndTurn,
    /// Messages: `max_tokens`.
    MaxTokens,
    /// Messages: `stop_sequence`.
    StopSequence,
    /// Messages: `tool_use`.
    ToolUse,
    /// Messages: `pause_turn`.
    PauseTurn,
    /// Messages: `refusal`.
    Refusal,
    /// Responses: `completed`.
    Completed,
    /// Responses: `incomplete`.
    Incomplete,
    /// Responses: `failed`.
    Failed,
    /// Responses: `cancelled`.
    Cancelled,
    /// Any other word.
    Other,
}

impl FinishReason {
    const NAMED: [(&'static str, Self); 16] = [
        ("stop", Self::Stop),
        ("length", Self::Length),
        ("tool_calls", Self::ToolCalls),
        ("function_call", Self::FunctionCall),
        ("content_filter", Self::ContentFilter),
        ("error", Self::Error),
        ("end_turn", Self::EndTurn),
        ("max_tokens", Self::MaxTokens),
        ("stop_sequence", Self::StopSequence),
        ("tool_use", Self::ToolUse),
        ("pause_turn", Self::PauseTurn),
        ("refusal", Self::Refusal),
        ("completed", Self::Completed),
        ("incomplete", Self::Incomplete),
        ("failed", Self::Failed),
        ("cancelled", Self::Cancelled),
    ];

    /// The word on the wire, `other` for one that is not on the list.
    pub fn as_str(self) -> &'static str {
        Self::NAMED
            .into_iter()
            .find(|(_, reason)| *reason == self)
            .map_or("other", |(word, _)| word)
    }

    fn from_word(word: &str) -> Self {
        Self::NAMED
            .into_iter()
            .find(|(named, _)| *named == word)
            .map_or(Self::Other, |(_, reason)| reason)
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a whole reply says beside its finish reasons.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply<'a> {
    pub(crate) usage: Option<Value<'a>>,
    pub(crate) error: Option<Value<'a>>,
    pub(crate) model: Option<Value<'a>>,
}

/// How far a reply got.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    endpoint: Endpoint,
    choices: usize,
    finished: Vec<(u64, FinishReason)>,
    done: bool,
    failed: bool,
}

impl Progress {
    pub(crate) const fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            choices: 1,
            finished: Vec::new(),
            done: false,
            failed: false,
        }
    }

    pub(crate) const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    pub(crate) fn set_choices(&mut self, choices: usize) {
        self.choices = choices.clamp(1, MAX_CHOICES);
    }

    /// The last marker of the stream was seen: nothing that matters can follow.
    pub(crate) const fn is_done(&self) -> bool {
        self.done
    }

    /// All choices have their finish reason, or the last marker was seen.
    pub(crate) const fn is_complete(&self) -> bool {
        self.done || self.finished.len() >= self.choices
    }

    /// The upstream reported an error within the stream.
    pub(crate) const fn is_failed(&self) -> bool {
        self.failed
    }

    pub(crate) fn take_finished(&mut self) -> Vec<(u64, FinishReason)> {
        let mut finished = std::mem::take(&mut self.finished);
        finished.sort_by_key(|(index, _)| *index);
        finished
    }

    /// Takes in what an event says even if its data is not JSON: the end marker, the name `error`.
    pub(crate) fn read_markers(&mut self, event: &Event) {
        self.done |= event.is_done();
        self.failed |= event.name() == Some("error") && event.data().is_some();
    }

    /// Takes in an event of a stream. `name` is the event's name. Returns the error it reports.
    pub(crate) fn read_event<'a>(
        &mut self,
        name: Option<&'a str>,
        value: Value<'a>,
    ) -> Option<Value<'a>> {
        if !self.has_types() {
            // Nothing but these two matters, and to step over the members takes longer than all the rest.
            let [error, choices] = value.get_many(["error", "choices"]);
            let error = self.judge_error(name, value, error);
            if let Some(choices) = choices {
                self.read_choices(choices);
            }
            return error;
        }
        let error = self.judge_error(name, value, value.get("error"));
        let is_last = is_type(name, value, |ty| is_last_type(self.endpoint, ty));
        match self.endpoint {
            Endpoint::Messages => {
                if let Some(delta) = value.get("delta") {
                    self.finish(0, delta.get("stop_reason"));
                }
                if let Some(message) = value.get("message") {
                    self.finish(0, message.get("stop_reason"));
                }
            }
            Endpoint::Responses => {
                if is_last && let Some(response) = value.get("response") {
                    self.finish(0, response.get("status"));
                }
            }
            _ => {}
        }
        self.done |= is_last;
        error
    }

    /// Whether the events have types. Those of chat and text completions have none.
    const fn has_types(&self) -> bool {
        matches!(self.endpoint, Endpoint::Messages | Endpoint::Responses)
    }

    /// Takes in a whole reply that was not streamed. Its members are stepped over once: they hold the
    /// whole text.
    pub(crate) fn read_reply<'a>(&mut self, value: Value<'a>) -> Reply<'a> {
        let outcome = match self.endpoint {
            Endpoint::Messages => "stop_reason",
            Endpoint::Responses => "status",
            _ => "choices",
        };
        let [outcome, usage, error, model] = value.get_many([outcome, "usage", "error", "model"]);
        let error = self.judge_error(None, value, error);
        match self.endpoint {
            Endpoint::Messages | Endpoint::Responses => self.finish(0, outcome),
            _ => outcome
                .into_iter()
                .for_each(|choices| self.read_choices(choices)),
        }
        Reply {
            usage,
            error,
            model,
        }
    }

    fn judge_error<'a>(
        &mut self,
        name: Option<&'a str>,
        value: Value<'a>,
        error: Option<Value<'a>>,
    ) -> Option<Value<'a>> {
        let error = error.filter(|error| is_truthy(*error));
        let error = error.or_else(|| {
            let is_error = self.has_types() && is_type(name, value, |ty| ty == "error");
            is_error.then_some(value)
        });
        self.failed |= error.is_some();
        error
    }

    fn read_choices(&mut self, choices: Value<'_>) {
        for (position, choice) in choices.elements().enumerate() {
            let [index, reason] = choice.value().get_many(["index", "finish_reason"]);
            let index = index.and_then(Value::as_u64);
            self.finish(index.unwrap_or(position as u64), reason);
        }
    }

    fn finish(&mut self, index: u64, reason: Option<Value<'_>>) {
        let Some(word) = reason.and_then(Value::as_str) else {
            return;
        };
        if word.is_empty() {
            return;
        }
        let reason = FinishReason::from_word(&word);
        if let Some((_, old)) = self.finished.iter_mut().find(|(of, _)| *of == index) {
            *old = reason;
        } else if self.finished.len() < MAX_CHOICES {
            self.finished.push((index, reason));
        }
    }
}

/// Whether an event carries something the model made: text, reasoning, a refusal, or a tool call.
///
/// The opening event with only a role, keep-alives, usage and finish reasons do not count. This is
/// what "time to first token" waits for, and the point from which a reply cannot be retried.
pub fn has_content(endpoint: Endpoint, event: &Event) -> bool {
    event
        .json()
        .is_some_and(|value| value_has_content(endpoint, event.name(), value))
}

/// What an event is for the reply it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// It [has content](has_content).
    Content,
    /// It reports an error.
    Error,
    /// It has no content, and says why the model stopped.
    Finish(FinishReason),
    /// It ends the stream, and says nothing else.
    Done,
    /// None of these: the role, a keep-alive, usage.
    Nothing,
}

/// What an event is for the reply it belongs to, the weightiest first.
pub fn meaning(endpoint: Endpoint, event: &Event) -> Meaning {
    let mut progress = Progress::new(endpoint);
    progress.read_markers(event);
    if let Some(value) = event.json() {
        if value_has_content(endpoint, event.name(), value) {
            return Meaning::Content;
        }
        progress.read_event(event.name(), value);
    }
    match progress.finished.first() {
        _ if progress.failed => Meaning::Error,
        Some(&(_, reason)) => Meaning::Finish(reason),
        None if progress.done => Meaning::Done,
        None => Meaning::Nothing,
    }
}

pub(crate) fn value_has_content(endpoint: Endpoint, name: Option<&str>, value: Value<'_>) -> bool {
    match endpoint {
        Endpoint::Messages => is_type(name, value, |ty| match ty {
            "content_block_delta" => value.get("delta").is_some_and(|delta| {
                ["text", "thinking", "partial_json"]
                    .into_iter()
                    .any(|key| is_text(delta.get(key)))
            }),
            "content_block_start" => value.get("content_block").is_some_and(|block| {
                matches!(
                    block.get("type").and_then(Value::as_str).as_deref(),
                    Some("tool_use" | "redacted_thinking")
                ) || is_text(block.get("text"))
                    || is_text(block.get("thinking"))
            }),
            _ => false,
        }),
        Endpoint::Responses => is_type(name, value, |ty| match ty {
            // Tool calls and reasoning items; a message opens empty and is no content yet.
            "response.output_item.added" | "response.output_item.done" => value
                .get("item")
                .and_then(|item| item.get("type"))
                .and_then(Value::as_str)
                .is_some_and(|kind| !matches!(&*kind, "message" | "reasoning")),
            _ => {
                (ty.ends_with(".delta") && is_text(value.get("delta")))
                    || (ty.ends_with(".done") && is_text(value.get("text")))
            }
        }),
        _ => value.get("choices").is_some_and(|choices| {
            choices.elements().any(|choice| {
                let [text, delta] = choice.value().get_many(["text", "delta"]);
                is_text(text) || delta.is_some_and(delta_has_content)
            })
        }),
    }
}

fn delta_has_content(delta: Value<'_>) -> bool {
    let [calls, call, texts @ ..] = delta.get_many([
        "tool_calls",
        "function_call",
        "content",
        "reasoning_content",
        "reasoning",
        "refusal",
    ]);
    texts.into_iter().any(is_text)
        || calls.is_some_and(|calls| calls.elements().next().is_some())
        || call.is_some_and(|call| !call.is_null())
}

/// A string with something in it, or an array with something in it (content parts).
fn is_text(value: Option<Value<'_>>) -> bool {
    value.is_some_and(|value| {
        value.as_str().is_some_and(|text| !text.is_empty()) || value.elements().next().is_some()
    })
}

/// Applies `test` to the event's type: the `type` of its data, or the event's name without one.
fn is_type(name: Option<&str>, value: Value<'_>, test: impl Fn(&str) -> bool) -> bool {
    match value.get("type").and_then(Value::as_str) {
        Some(ty) => test(&ty),
        None => name.is_some_and(test),
    }
}

/// As the OpenAI SDKs judge the `error` member of an event: `null`, `false`, `0`, `""`, `{}` and `[]`
/// are no error.
fn is_truthy(value: Value<'_>) -> bool {
    match value.kind() {
        fw_wire::Kind::Null => false,
        fw_wire::Kind::Bool => value.as_bool() == Some(true),
        fw_wire::Kind::String => value.as_str().is_some_and(|text| !text.is_empty()),
        fw_wire::Kind::Number => value.as_f64() != Some(0.0),
        fw_wire::Kind::Array => value.elements().next().is_some(),
        fw_wire::Kind::Object => value.members().next().is_some(),
    }
}

#[cfg(test)]
mod tests;
