//! Events of Messages.

use fw_wire::Value;

use super::{Close, Reading, event_type, number};

impl Reading {
    pub(super) fn read_messages(&mut self, name: Option<&str>, event: Value<'_>) {
        let slot = number(event.get("index")).unwrap_or(0);
        let block = Close::Slot { choice: 0, slot };
        match &*event_type(name, event) {
            "ping" => self.is_ping = true,
            "content_block_start" | "content_block_stop" => self.closes.push(block),
            // A stop reason ends nothing: the end has an event of its own, which comes next.
            "message_start" | "message_stop" | "error" => self.closes.push(Close::All),
            _ => {}
        }
        // A block may begin with text, which its deltas go on with.
        self.members(event, ["delta", "content_block"], |reading, _, value| {
            let names = ["text", "thinking", "partial_json"];
            reading.members(value, names, |reading, which, text| {
                reading.place(text, 0, slot, which as u32);
            });
        });
    }
}
