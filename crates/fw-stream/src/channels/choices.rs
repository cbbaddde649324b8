//! Chunks of chat and text completions.

use fw_wire::Value;

use super::{Call, Close, Reading, hash, is_word, number};

/// What tells apart the fields of one kind of text.
mod field {
    pub(super) const CONTENT: u32 = 0;
    pub(super) const TEXT: u32 = 1;
    pub(super) const REASONING_CONTENT: u32 = 2;
    pub(super) const REASONING: u32 = 3;
    pub(super) const DETAILS: u32 = 4;
    pub(super) const SUMMARIES: u32 = 5;
    pub(super) const REFUSAL: u32 = 6;
    pub(super) const ARGUMENTS: u32 = 7;
    pub(super) const FUNCTION_CALL: u32 = 8;
    pub(super) const CUSTOM_INPUT: u32 = 9;
    pub(super) const TRANSCRIPT: u32 = 10;
    pub(super) const LOGPROBS: u32 = 11;
    /// Added for what comes in a `message` instead of a `delta`: a whole message, or a delta of another
    /// name, but never the continuation of a `delta`.
    pub(super) const IN_MESSAGE: u32 = 32;
}

impl Reading {
    pub(super) fn read_choices(&mut self, event: Value<'_>) {
        if event.get("usage").is_some_and(|usage| !usage.is_null()) {
            self.is_delta = false;
        }
        let mut choices = 0;
        self.members(event, ["choices"], |reading, _, list| {
            for (position, choice) in list.elements().enumerate() {
                choices += 1;
                reading.read_choice(choice.value(), position as u32);
            }
        });
        if choices != 1 {
            self.choice = None;
        }
    }

    fn read_choice(&mut self, value: Value<'_>, position: u32) {
        let [index, finish, token_ids] = value.get_many(["index", "finish_reason", "token_ids"]);
        let choice = number(index).unwrap_or(position);
        self.choice = Some(choice);
        if is_word(finish) {
            self.closes.push(Close::Choice(choice));
        }
        if token_ids.is_some_and(|ids| !ids.is_null()) {
            self.is_delta = false;
        }
        let names = ["delta", "message", "text", "reasoning_content", "logprobs"];
        self.members(value, names, |reading, which, value| match which {
            0 => reading.read_delta(value, choice, 0),
            1 => reading.read_delta(value, choice, field::IN_MESSAGE),
            2 => reading.read_parts(value, choice, field::TEXT),
            3 => reading.place(value, choice, 0, field::REASONING_CONTENT),
            _ => reading.read_logprobs(value, choice, field::LOGPROBS),
        });
    }

    fn read_delta(&mut self, delta: Value<'_>, choice: u32, base: u32) {
        if is_word(delta.get("role")) {
            self.is_delta = false;
        }
        let names = [
            "content",
            "reasoning_content",
            "reasoning",
            "reasoning_details",
            "refusal",
            "tool_calls",
            "function_call",
            "audio",
        ];
        self.members(delta, names, |reading, which, value| match which {
            0 => reading.read_parts(value, choice, base + field::CONTENT),
            1 => reading.place(value, choice, 0, base + field::REASONING_CONTENT),
            2 => reading.place(value, choice, 0, base + field::REASONING),
            3 => reading.read_details(value, choice, base),
            4 => reading.place(value, choice, 0, base + field::REFUSAL),
            5 => reading.read_tool_calls(value, choice, base),
            6 => {
                if is_word(value.get("name")) {
                    reading.is_delta = false;
                }
                reading.members(value, ["arguments"], |reading, _, arguments| {
                    if arguments.is_string() {
                        reading.place(arguments, choice, 0, base + field::FUNCTION_CALL);
                    }
                });
            }
            _ => reading.members(value, ["transcript"], |reading, _, transcript| {
                reading.place(transcript, choice, 0, base + field::TRANSCRIPT);
            }),
        });
    }

    /// A string, or parts that hold one each.
    fn read_parts(&mut self, value: Value<'_>, choice: u32, field: u32) {
        if value.is_string() {
            self.place(value, choice, 0, field);
        }
        for part in value.elements() {
            let part = part.value();
            if part.is_string() {
                self.place(part, choice, 0, field);
            }
            self.members(part, ["text", "refusal", "thinking"], |reading, _, text| {
                reading.place(text, choice, 0, field);
            });
        }
    }

    fn read_details(&mut self, value: Value<'_>, choice: u32, base: u32) {
        if value.is_string() {
            self.place(value, choice, 0, base + field::DETAILS);
        }
        for (position, detail) in value.elements().enumerate() {
            let detail = detail.value();
            let slot = number(detail.get("index")).unwrap_or(position as u32);
            if detail.is_string() {
                self.place(detail, choice, slot, base + field::DETAILS);
            }
            self.members(detail, ["text", "summary"], |reading, which, text| {
                let field = [field::DETAILS, field::SUMMARIES][which];
                reading.place(text, choice, slot, base + field);
            });
        }
    }

    fn read_tool_calls(&mut self, calls: Value<'_>, choice: u32, base: u32) {
        for (position, call) in calls.elements().enumerate() {
            let call = call.value();
            let [index, id] = call.get_many(["index", "id"]);
            let slot = number(index).unwrap_or(position as u32);
            if let Some(id) = id.and_then(Value::as_str).filter(|id| !id.is_empty()) {
                let id = hash(&id);
                self.calls.push(Call { choice, slot, id });
            }
            self.members(call, ["function", "custom"], |reading, which, value| {
                if is_word(value.get("name")) {
                    reading.is_delta = false;
                }
                let (name, field) = if which == 0 {
                    ("arguments", field::ARGUMENTS)
                } else {
                    ("input", field::CUSTOM_INPUT)
                };
                reading.members(value, [name], |reading, _, text| {
                    // Fireworks also takes an object, which is a whole.
                    if text.is_string() {
                        reading.place(text, choice, slot, base + field);
                    }
                });
            });
        }
    }
}
