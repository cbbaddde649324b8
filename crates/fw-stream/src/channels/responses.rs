//! Events of Responses.

use fw_wire::Value;

use super::{Close, Reading, event_type, hash, number};

/// Tokens have a kind of their own, so that this need not differ from the fields of text.
const LOGPROBS: u32 = 0;

impl Reading {
    pub(super) fn read_responses(&mut self, name: Option<&str>, event: Value<'_>) {
        let [item, part, summary, delta, response] = event.get_many([
            "output_index",
            "content_index",
            "summary_index",
            "delta",
            "response",
        ]);
        let item = number(item);
        let ty = event_type(name, event);
        // These may come between deltas and end nothing, though they have a response.
        let is_early = matches!(
            &*ty,
            "response.created" | "response.queued" | "response.in_progress"
        );
        let is_whole = response.is_some_and(Value::is_object) && !is_early;
        if is_whole || ty == "error" {
            self.closes.push(Close::All);
        } else if ty.ends_with(".done") {
            self.closes.push(item.map_or(Close::All, Close::Choice));
        }
        if !delta.is_some_and(Value::is_string) {
            return;
        }
        let choice = item.unwrap_or(0);
        let slot = number(part).or(number(summary)).unwrap_or(0);
        self.choice = Some(choice);
        // Each type has its own text: reasoning and its summary are different texts of one kind.
        let field = hash(&ty);
        self.members(event, ["delta", "logprobs"], |reading, which, value| {
            if which == 0 {
                reading.place(value, choice, slot, field);
            } else {
                reading.read_logprobs(value, choice, LOGPROBS);
            }
        });
    }
}
