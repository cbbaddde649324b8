//! One line of text within a reply: what a client puts together from many events.

use fw_wire::{Endpoint, Role, TextKind};

/// One line of text within a reply: what a client puts together from many events.
///
/// A reply holds several at once: the content of each choice, its reasoning, its refusal, the arguments of
/// each tool call. Text is looked at per channel, because a word may be spread over events between which
/// events of other channels come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Channel {
    endpoint: Endpoint,
    kind: TextKind,
    role: Option<Role>,
    choice: u32,
    slot: u32,
    json: bool,
}

impl Channel {
    /// The text of this kind of the first choice.
    pub const fn new(endpoint: Endpoint, kind: TextKind) -> Self {
        Self {
            endpoint,
            kind,
            role: None,
            choice: 0,
            slot: 0,
            json: false,
        }
    }

    /// Sets who speaks.
    #[must_use]
    pub const fn role(mut self, role: Option<Role>) -> Self {
        self.role = role;
        self
    }

    /// Sets the choice: the `index` of chat and text completions, the output item of Responses.
    #[must_use]
    pub const fn choice(mut self, choice: u32) -> Self {
        self.choice = choice;
        self
    }

    /// Sets what else tells channels of one kind apart: a tool call's index, a content part, a block.
    #[must_use]
    pub const fn slot(mut self, slot: u32) -> Self {
        self.slot = slot;
        self
    }

    /// Says that the text is JSON, as a tool call's arguments are. A filter then sees the text with its
    /// escapes decoded, and what it writes is encoded again.
    #[must_use]
    pub const fn json(mut self, json: bool) -> Self {
        self.json = json;
        self
    }

    /// The endpoint whose reply this is.
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// What the text is for.
    pub const fn kind(&self) -> TextKind {
        self.kind
    }

    /// Who speaks, of a text that one event holds as a whole: a reply may repeat the request's own
    /// instructions. `None` for text that comes in pieces, which is the model's.
    pub const fn speaker(&self) -> Option<Role> {
        self.role
    }

    /// The choice or output item.
    pub const fn choice_index(&self) -> u32 {
        self.choice
    }

    /// The tool call, content part or block.
    pub const fn slot_index(&self) -> u32 {
        self.slot
    }

    /// Whether the text is JSON.
    pub const fn is_json(&self) -> bool {
        self.json
    }
}
