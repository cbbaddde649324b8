//! The events of a Messages stream, written.

use std::fmt::Write as _;

use bytes::{Bytes, BytesMut};
use fw_wire::{ApiError, ErrorShape, Usage, encode_str};

use crate::message;

/// Room for some dozens of events, so that most of them cost no allocation.
const CAPACITY: usize = 4 * 1024;

/// What a content block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Thinking,
    Text,
    ToolUse,
}

/// Writes events into one buffer. The numbers of the blocks count up.
pub(super) struct Writer {
    buffer: BytesMut,
    /// What comes before and after the text of a delta of the open block.
    open: Option<(Kind, String)>,
    blocks: u64,
}

// === impl Writer ===

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            buffer: BytesMut::new(),
            open: None,
            blocks: 0,
        }
    }

    /// The events written since the last call.
    pub(super) fn take(&mut self) -> Bytes {
        self.buffer.split().freeze()
    }

    pub(super) fn message_start(&mut self, id: &str, model: &str) {
        let mut data = String::from(r#"{"type":"message_start","message":{"id":"#);
        encode_str(&mut data, id);
        data.push_str(r#","type":"message","role":"assistant","model":"#);
        encode_str(&mut data, model);
        data.push_str(r#","content":[],"stop_reason":null,"stop_sequence":null,"usage":"#);
        // SDKs write the later counts into this object, so it has to be there.
        message::write_usage(&mut data, None);
        data.push_str("}}");
        self.event("message_start", &data);
    }

    pub(super) fn ping(&mut self) {
        self.event("ping", r#"{"type":"ping"}"#);
    }

    /// Keeps the connection alive, and is no event.
    pub(super) fn comment(&mut self) {
        self.buffer.extend_from_slice(b":\n\n");
    }

    pub(super) fn start_thinking(&mut self) {
        self.start(
            Kind::Thinking,
            r#"{"type":"thinking","thinking":"","signature":""}"#,
        );
    }

    pub(super) fn start_text(&mut self) {
        self.start(Kind::Text, r#"{"type":"text","text":""}"#);
    }

    pub(super) fn start_tool_use(&mut self, id: &str, name: &str) {
        let mut block = String::from(r#"{"type":"tool_use","id":"#);
        encode_str(&mut block, id);
        block.push_str(r#","name":"#);
        encode_str(&mut block, name);
        block.push_str(r#","input":{}}"#);
        self.start(Kind::ToolUse, &block);
    }

    fn start(&mut self, kind: Kind, block: &str) {
        let index = self.blocks;
        self.event(
            "content_block_start",
            &format!(r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#),
        );
        let delta = match kind {
            Kind::Thinking => r#""thinking_delta","thinking":""#,
            Kind::Text => r#""text_delta","text":""#,
            Kind::ToolUse => r#""input_json_delta","partial_json":""#,
        };
        let before = format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":{index},\"delta\":{{\"type\":{delta}"
        );
        self.open = Some((kind, before));
    }

    /// More of the open block: the contents of a JSON string, as spelt.
    #[inline]
    pub(super) fn delta(&mut self, spelt: &str) {
        const AFTER: &str = "\"}}\n\n";
        let Some((_, before)) = self.open.as_ref().filter(|_| !spelt.is_empty()) else {
            return;
        };
        let length = before.len() + spelt.len() + AFTER.len();
        if self.buffer.capacity() < length {
            self.buffer.reserve(length.max(CAPACITY));
        }
        self.buffer.extend_from_slice(before.as_bytes());
        self.buffer.extend_from_slice(spelt.as_bytes());
        self.buffer.extend_from_slice(AFTER.as_bytes());
    }

    /// Closes the open block.
    pub(super) fn stop(&mut self) {
        let Some((kind, _)) = self.open.take() else {
            return;
        };
        let index = self.blocks;
        self.blocks += 1;
        if kind == Kind::Thinking {
            // SDKs look for a signature before the block ends; no upstream of chat completions has one.
            self.event(
                "content_block_delta",
                &format!(
                    r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"signature_delta","signature":""}}}}"#
                ),
            );
        }
        self.event(
            "content_block_stop",
            &format!(r#"{{"type":"content_block_stop","index":{index}}}"#),
        );
    }

    pub(super) fn message_end(&mut self, stop_reason: &str, usage: Option<&Usage>) {
        let mut data = String::from(r#"{"type":"message_delta","delta":{"stop_reason":"#);
        encode_str(&mut data, stop_reason);
        data.push_str(r#","stop_sequence":null},"usage":"#);
        message::write_usage(&mut data, usage);
        data.push('}');
        self.event("message_delta", &data);
        self.event("message_stop", r#"{"type":"message_stop"}"#);
    }

    pub(super) fn error(&mut self, error: &ApiError) {
        let event = error.to_sse_event(ErrorShape::Anthropic);
        self.buffer.extend_from_slice(&event);
    }

    fn event(&mut self, name: &str, data: &str) {
        // Writing to a buffer in memory does not fail.
        let _ = write!(self.buffer, "event: {name}\ndata: {data}\n\n");
    }
}
