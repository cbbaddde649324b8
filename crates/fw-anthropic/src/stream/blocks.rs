//! Content blocks in order: one is open, and what belongs to later ones waits.
//!
//! A Messages stream has its blocks one after the other, and a closed block cannot be opened again. A
//! chat stream may mix the arguments of several tool calls, and text between them. So the first block
//! streams, and the next one begins when nothing more can come for the first: at once for text, and for
//! a tool call when the JSON object of its arguments is complete.

use std::{borrow::Cow, collections::VecDeque};

use fw_wire::{Value, encode_str};

use crate::{ids, message};

use super::{
    calls::{Call, CallDelta, Calls},
    writer::Writer,
};

/// Most blocks that wait for an earlier one, short as they may be: twice as many as tool calls are taken.
const MAX_WAITING: usize = 2048;

/// More waits than may be held, or there are more tool calls than make sense.
#[derive(Debug)]
pub(super) struct TooMuch;

/// The blocks that are not finished.
pub(super) struct Blocks {
    queue: VecDeque<Block>,
    calls: Calls,
    /// The id of the upstream's reply, if it has one.
    reply: Option<String>,
    /// Whether the first block was started.
    is_open: bool,
    held: usize,
    max_held: usize,
}

struct Block {
    content: Content,
    /// What was not written yet, as spelt in a JSON string.
    held: String,
}

/// What a block holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Thinking,
    Text,
    Refusal,
    /// With the number of the call.
    ToolUse(usize),
}

// === impl Blocks ===

impl Blocks {
    pub(super) fn new(max_held: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            calls: Calls::default(),
            reply: None,
            is_open: false,
            held: 0,
            max_held,
        }
    }

    pub(super) const fn set_max_held(&mut self, bytes: usize) {
        self.max_held = bytes;
    }

    pub(super) fn set_reply(&mut self, id: Option<String>) {
        self.reply = id;
    }

    /// Whether the reply calls a tool.
    pub(super) fn has_tool_use(&self) -> bool {
        !self.calls.is_empty()
    }

    /// More thinking, text or refusal, as spelt in a JSON string.
    pub(super) fn text(
        &mut self,
        content: Content,
        spelt: &str,
        writer: &mut Writer,
    ) -> Result<(), TooMuch> {
        if spelt.is_empty() {
            return Ok(());
        }
        if self.queue.back().is_none_or(|last| last.content != content) {
            self.push(content)?;
        }
        self.write(self.queue.len() - 1, spelt, writer)
    }

    /// More of a tool call.
    pub(super) fn call(
        &mut self,
        delta: &CallDelta<'_>,
        writer: &mut Writer,
    ) -> Result<(), TooMuch> {
        let before = self.calls.len();
        let (number, call) = self.calls.find(delta).ok_or(TooMuch)?;
        // What comes after the object is none of it, and would spoil it for every client.
        let taken = call.end.push(&delta.arguments);
        let spelt = if call.end.is_blank() {
            Cow::Borrowed("")
        } else {
            spelt_arguments(delta, taken)
        };
        if self.calls.len() > before {
            self.push(Content::ToolUse(number))?;
        }
        let is_its = |block: &Block| block.content == Content::ToolUse(number);
        match self.queue.iter().position(is_its) {
            Some(at) => self.write(at, &spelt, writer),
            // Closed, because its arguments were complete.
            None => Ok(()),
        }
    }

    /// Nothing more comes: writes and closes what is left.
    pub(super) fn finish(&mut self, writer: &mut Writer) {
        while let Some(first) = self.queue.front_mut() {
            let call = match first.content {
                Content::ToolUse(number) => self.calls.at(number),
                _ => None,
            };
            if call.is_some_and(|call| call.end.is_no_object()) {
                first.held = as_object(&first.held);
            }
            self.open(writer);
            self.close(writer);
        }
    }

    fn push(&mut self, content: Content) -> Result<(), TooMuch> {
        if self.queue.len() > MAX_WAITING {
            return Err(TooMuch);
        }
        self.queue.push_back(Block {
            content,
            held: String::new(),
        });
        Ok(())
    }

    fn write(&mut self, at: usize, spelt: &str, writer: &mut Writer) -> Result<(), TooMuch> {
        if at == 0 && self.is_open && !self.waits_for_its_end() {
            writer.delta(spelt);
        } else if let Some(block) = self.queue.get_mut(at) {
            block.held.push_str(spelt);
            self.held += spelt.len();
        }
        self.advance(writer);
        if self.held > self.max_held {
            return Err(TooMuch);
        }
        Ok(())
    }

    /// Opens and closes blocks as far as it is known that this is right.
    fn advance(&mut self, writer: &mut Writer) {
        while let Some(first) = self.queue.front() {
            if !self.is_open {
                if !self.can_open(first) {
                    return;
                }
                self.open(writer);
            } else if self.queue.len() > 1 && self.is_whole(first) {
                self.close(writer);
            } else {
                return;
            }
        }
    }

    /// Whether the first block's arguments are no object. They have to be made one, and for that be seen
    /// whole.
    fn waits_for_its_end(&self) -> bool {
        let call = self.queue.front().and_then(|first| self.call_of(first));
        call.is_some_and(|call| call.end.is_no_object())
    }

    /// A tool call can begin when its name is known, and its id, unless that does not come any more.
    fn can_open(&self, block: &Block) -> bool {
        self.call_of(block).is_none_or(|call| {
            let has_id = !call.id.is_empty() || !block.held.is_empty();
            !call.name.is_empty() && has_id && !call.end.is_no_object()
        })
    }

    /// Whether nothing more can come for a block that is followed by another.
    fn is_whole(&self, block: &Block) -> bool {
        self.call_of(block)
            .is_none_or(|call| call.end.is_complete())
    }

    fn call_of(&self, block: &Block) -> Option<&Call> {
        match block.content {
            Content::ToolUse(number) => self.calls.at(number),
            _ => None,
        }
    }

    /// Starts the first block, unless it was started, and writes what waits for it.
    fn open(&mut self, writer: &mut Writer) {
        let Some(first) = self.queue.front_mut() else {
            return;
        };
        let held = std::mem::take(&mut first.held);
        let content = first.content;
        if !std::mem::replace(&mut self.is_open, true) {
            match content {
                Content::Thinking => writer.start_thinking(),
                Content::Text | Content::Refusal => writer.start_text(),
                Content::ToolUse(number) => {
                    let (id, name) = self.calls.at(number).map_or(("", ""), Call::id_and_name);
                    let id = ids::tool_use_id(Some(id), self.reply.as_deref(), number);
                    writer.start_tool_use(&id, name);
                }
            }
        }
        writer.delta(&held);
        self.held = self.held.saturating_sub(held.len());
    }

    fn close(&mut self, writer: &mut Writer) {
        writer.stop();
        self.queue.pop_front();
        self.is_open = false;
    }
}

/// The part of the arguments that was taken, as spelt in a JSON string.
fn spelt_arguments<'a>(delta: &CallDelta<'a>, taken: usize) -> Cow<'a, str> {
    if let Some(spelt) = delta.spelt
        && taken == delta.arguments.len()
    {
        return Cow::Borrowed(spelt);
    }
    let mut json = String::new();
    encode_str(&mut json, delta.arguments.get(..taken).unwrap_or_default());
    inside(&json).to_owned().into()
}

/// Arguments that are no object, made into one as in a whole reply; both as spelt in a JSON string.
fn as_object(spelt: &str) -> String {
    let json = format!("\"{spelt}\"");
    let text = Value::parse(json.as_bytes()).ok().and_then(Value::as_str);
    let mut object = String::new();
    encode_str(&mut object, &message::tool_input(&text.unwrap_or_default()));
    inside(&object).to_owned()
}

/// What stands between the quotes.
fn inside(json: &str) -> &str {
    json.get(1..json.len().saturating_sub(1))
        .unwrap_or_default()
}
