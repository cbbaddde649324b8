//! Output items: what a model put out, and how a response spells it.

use crate::item::Item;
use crate::object::{Object, array};

/// What a model put out, piece by piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Output {
    Reasoning(String),
    Message(Vec<Part>),
    Call(FunctionCall),
}

/// A part of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Refusal(String),
}

/// A call of a function that the client runs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FunctionCall {
    pub(crate) call_id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// Whether an item is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Begun,
    Completed,
    /// The reply ended within it.
    CutShort,
}

/// How reasoning is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thoughts {
    /// As `content`: what the model thought, word by word.
    Content,
    /// As `summary`, because the client asked for one and may show nothing else.
    Summary,
}

impl Output {
    /// The item's id. Those of one response differ by their index.
    pub(crate) fn id(&self, response_id: &str, index: usize) -> String {
        let kind = match self {
            Output::Reasoning(_) => "rs",
            Output::Message(_) => "msg",
            Output::Call(_) => "fc",
        };
        Item::id_of(kind, response_id, index)
    }

    /// The item as JSON. One that has just begun has no contents yet.
    pub(crate) fn json(&self, id: &str, stage: Stage, thoughts: Thoughts) -> String {
        let has_contents = stage != Stage::Begun;
        match self {
            Output::Reasoning(text) => {
                let part = [reasoning_part(text, thoughts)];
                let parts = array(part.iter().filter(|_| has_contents));
                let item = Object::of_type("reasoning").text("id", id);
                match thoughts {
                    Thoughts::Content => item.raw("summary", "[]").raw("content", parts).end(),
                    Thoughts::Summary => item.raw("summary", parts).end(),
                }
            }
            Output::Message(parts) => {
                let parts = array(parts.iter().filter(|_| has_contents).map(Part::json));
                Object::of_type("message")
                    .text("id", id)
                    .text("status", stage.status())
                    .text("role", "assistant")
                    .raw("content", parts)
                    .end()
            }
            Output::Call(call) => {
                let arguments = if has_contents { &*call.arguments } else { "" };
                Object::of_type("function_call")
                    .text("id", id)
                    .text("status", stage.status())
                    .text("call_id", &call.call_id)
                    .text("name", &call.name)
                    .text("arguments", arguments)
                    .end()
            }
        }
    }
}

impl Part {
    pub(crate) fn json(&self) -> String {
        match self {
            Part::Text(text) => Object::of_type("output_text")
                .text("text", text)
                .raw("annotations", "[]")
                .raw("logprobs", "[]")
                .end(),
            Part::Refusal(text) => Object::of_type("refusal").text("refusal", text).end(),
        }
    }
}

impl FunctionCall {
    /// What the call with this number is known by: the service's id, or one of our own if there is none, or if
    /// another call has it. Clients refuse two calls with one id.
    pub(crate) fn new_id(
        said: &str,
        others: &[Output],
        response_id: &str,
        number: usize,
    ) -> String {
        let is_taken = |other: &Output| matches!(other, Output::Call(call) if call.call_id == said);
        if said.is_empty() || others.iter().any(is_taken) {
            Item::id_of("call", response_id, number)
        } else {
            said.to_owned()
        }
    }
}

impl Stage {
    const fn status(self) -> &'static str {
        match self {
            Stage::Begun => "in_progress",
            Stage::Completed => "completed",
            Stage::CutShort => "incomplete",
        }
    }
}

/// The one part of a reasoning item.
pub(crate) fn reasoning_part(text: &str, thoughts: Thoughts) -> String {
    let kind = match thoughts {
        Thoughts::Content => "reasoning_text",
        Thoughts::Summary => "summary_text",
    };
    Object::of_type(kind).text("text", text).end()
}
